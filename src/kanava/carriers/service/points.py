"""Pickup points of carriers."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from kanava.carriers import store
from kanava.carriers.errors import PickupPointNotFound
from kanava.carriers.events import carrier_changed
from kanava.carriers.model import PickupPoint, PickupPoints, PickupPointsStored
from kanava.carriers.rules.checks import check_points
from kanava.carriers.service.registry import carrier_row
from kanava.carriers.store import NearPoint
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import Page, decode_cursor, encode_cursor


async def put_points(
    tx: Connection, actor: Actor, carrier: str, request: PickupPoints, _now: datetime
) -> PickupPointsStored:
    """Write points of a carrier; with `replace` those that are not named are removed."""
    check_points(request.points)
    owner = await carrier_row(tx, carrier)
    changed = await write_points(tx, owner.carrier_id, request.points)
    removed: list[str] = []
    if request.replace:
        codes = [point.code for point in request.points]
        removed = await store.REMOVE_OTHER_POINTS.all(tx, carrier_id=owner.carrier_id, codes=codes)
    if changed or removed:
        detail = {"changed": changed, "removed": len(removed)}
        await audit.record(tx, actor, "change", "pickup_points", carrier, detail)
        await outbox.publish(tx, [carrier_changed(carrier, "pickup_points")])
    return PickupPointsStored(len(request.points), changed, len(removed))


async def write_points(tx: Connection, carrier_id: int, points: Sequence[PickupPoint]) -> int:
    """Write checked points; gives how many were not there already like that."""
    rows = await store.UPSERT_POINTS.all(
        tx,
        carrier_id=carrier_id,
        codes=[point.code for point in points],
        names=[point.name for point in points],
        countries=[point.country for point in points],
        latitudes=[point.latitude for point in points],
        longitudes=[point.longitude for point in points],
        streets=[point.street for point in points],
        cities=[point.city for point in points],
        postal_codes=[point.postal_code for point in points],
        opening_hours=[point.opening_hours for point in points],
        actives=[point.active for point in points],
    )
    return len(rows)


async def list_points(
    tx: Connection, carrier: str, country: str | None, cursor: str | None, limit: int
) -> Page[PickupPoint]:
    """Give a carrier's points by code."""
    owner = await carrier_row(tx, carrier)
    after = decode_cursor(cursor, str)[0] if cursor else ""
    rows = await store.POINTS_AFTER.all(tx, carrier_id=owner.carrier_id, country=country, after=after, limit=limit)
    points = [PickupPoint(*msgspec.structs.astuple(row)) for row in rows]
    return Page(points, encode_cursor(rows[-1].code) if len(rows) == limit else None)


async def remove_point(tx: Connection, actor: Actor, carrier: str, code: str, _now: datetime) -> None:
    """Remove a point; PickupPointNotFound."""
    owner = await carrier_row(tx, carrier)
    if await store.REMOVE_POINT.one_or_none(tx, carrier_id=owner.carrier_id, code=code) is None:
        raise PickupPointNotFound(f"{carrier} has no pickup point {code!r}.", field="point")
    await audit.record(tx, actor, "delete", "pickup_point", code, {"carrier": carrier})
    await outbox.publish(tx, [carrier_changed(carrier, "pickup_points")])


async def countries_of_points(tx: Connection, named: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Give the country of each active point of those named by carrier and code; who is missing is none."""
    rows = await store.POINTS_NAMED.all(
        tx, carrier_ids=[carrier_id for carrier_id, _ in named], codes=[code for _, code in named]
    )
    return {(row.carrier_id, row.code): row.country for row in rows}


async def near_points(
    tx: Connection, carrier_ids: Sequence[int], country: str, latitude: float, longitude: float, limit: int
) -> list[NearPoint]:
    """Give the nearest active points of each carrier in a country, nearest first, carrier by carrier."""
    return await store.NEAR_POINTS.all(
        tx, carrier_ids=list(carrier_ids), country=country, latitude=latitude, longitude=longitude, limit=limit
    )
