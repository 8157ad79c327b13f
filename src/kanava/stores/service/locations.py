"""Locations: read, find, create, change, switch, import."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Forbidden, InvalidInput, PreconditionFailed
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.stores import hours, places, store
from kanava.stores.errors import LocationCodeTaken, LocationNotFound
from kanava.stores.events import location_changed
from kanava.stores.model import (
    Address,
    HoursException,
    ImportReport,
    ImportRow,
    Location,
    LocationChange,
    LocationDraft,
    LocationFilter,
    NamedPlace,
    NewLocation,
    OpeningTimes,
    Position,
    RoutingLocation,
    RowError,
    Schedule,
    Switches,
)
from kanava.stores.rules.checks import check_country, check_draft, check_kind, check_service, raise_errors
from kanava.stores.rules.layouts import ImportFile

EARTH_RADIUS_METRES = 6_371_009
HOURS_WINDOW_DAYS_MAX = 92
REPORT_ERRORS_MAX = 1_000
AUDIT_CODES_MAX = 100


async def all_for_routing(tx: Connection) -> list[RoutingLocation]:
    """Give every location with what routing and promise need, in one statement."""
    return await store.ALL_FOR_ROUTING.all(tx)


async def usual_time_zone(tx: Connection) -> str:
    """Give the time zone that most places are in: the one that head office reads times in."""
    return await store.USUAL_TIME_ZONE.one_or_none(tx) or "UTC"


async def name_places(tx: Connection, codes: Iterable[str]) -> dict[str, NamedPlace]:
    """Give names and addresses of locations, by code; codes that do not exist are missing."""
    wanted = sorted(set(codes))
    return {row.code: row for row in await store.NAMED.all(tx, codes=wanted)} if wanted else {}


async def get_location(tx: Connection, code: str, now: datetime) -> Location:
    """Give one location; LocationNotFound."""
    return _location(_found(await store.FIND.one_or_none(tx, code=code, now=now), code), now)


async def list_locations(
    tx: Connection, wanted: LocationFilter, limit: int, cursor: str | None, now: datetime
) -> Page[Location]:
    """Give a page of locations, by code, or nearest first when `wanted.near` is set."""
    filters: dict[str, Any] = {
        "kind": None if wanted.kind is None else check_kind(wanted.kind, "kind"),
        "country": None if wanted.country is None else check_country(wanted.country, "country"),
        "service": None if wanted.service is None else check_service(wanted.service, "service"),
        "active": wanted.active,
        "fulfils_online": wanted.fulfils_online,
        "now": now,
        "limit": limit + 1 if wanted.open_now is None else store.OPEN_NOW_SCAN_MAX,
    }
    if wanted.near is None:
        (after_code,) = decode_cursor(cursor, str) if cursor else ("",)
        rows = await store.LIST.all(tx, after_code=after_code, **filters)
    else:
        after_chord, after_code = decode_cursor(cursor, float, str) if cursor else (-1.0, "")
        rows = await store.LIST_NEAR.all(
            tx,
            latitude=wanted.near.latitude,
            longitude=wanted.near.longitude,
            after_chord=after_chord,
            after_code=after_code,
            **filters,
        )
    if wanted.open_now is not None:
        rows = [row for row in rows if hours.is_open(_schedule(row), now) == wanted.open_now]
    page, more = rows[:limit], len(rows) > limit
    next_cursor = None
    if more:
        last = page[-1]
        next_cursor = encode_cursor(last.code) if wanted.near is None else encode_cursor(last.chord, last.code)
    return Page([_location(row, now) for row in page], next_cursor)


async def get_hours(tx: Connection, code: str, since: datetime, until: datetime, now: datetime) -> OpeningTimes:
    """Give when a location is open between two instants, at most 92 days apart."""
    if not 2000 <= since.year < 2200:
        raise InvalidInput("Hours are known from the year 2000 to 2199.", field="from")
    if not since < until <= since + timedelta(days=HOURS_WINDOW_DAYS_MAX):
        raise InvalidInput(f"`until` is after `from`, by at most {HOURS_WINDOW_DAYS_MAX} days.", field="until")
    row = _found(await store.FIND.one_or_none(tx, code=code, now=min(now, since)), code)
    schedule = _schedule(row)
    return OpeningTimes(
        code=row.code,
        time_zone=row.time_zone,
        opening_hours=row.opening_hours,
        open_now=hours.is_open(schedule, now),
        next_opening=hours.next_opening(schedule, now),
        next_closing=hours.next_closing(schedule, now),
        intervals=hours.open_intervals(schedule, since, until),
    )


async def create_location(tx: Connection, actor: Actor, request: NewLocation, now: datetime) -> Location:
    """Create a location; LocationCodeTaken when the code is in use."""
    _must_be_unbound(actor)
    fields = msgspec.structs.asdict(request)
    address, position = fields.pop("address"), fields.pop("position")
    draft, errors = check_draft(LocationDraft(**fields, **_flat(address, position)))
    raise_errors(draft, errors)
    draft = _with_time_zone(draft)
    written = await store.UPSERT.all(tx, now=now, **_arrays([draft]))
    if not written or not written[0].created:
        raise LocationCodeTaken(f"The code {draft.code!r} is another location's.", field="code")
    await audit.record(tx, actor, "location.create", "location", draft.code, msgspec.to_builtins(request))
    await outbox.publish(tx, [location_changed(draft.code, ["*"])])
    return await get_location(tx, draft.code, now)


async def update_location(
    tx: Connection, actor: Actor, code: str, change: LocationChange, expected_version: int, now: datetime
) -> Location:
    """Change what `change` names; PreconditionFailed when somebody else changed the location in between."""
    row = await lock(tx, actor, code, now)
    if row.version != expected_version:
        raise PreconditionFailed(
            f"The location is at version {row.version}, not {expected_version}.", field="If-Match", version=row.version
        )
    stored = _draft(row)
    wanted = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    if "address" in wanted:
        wanted |= _flat(wanted.pop("address"), None)
        if "position" not in wanted:
            wanted |= {"latitude": row.latitude, "longitude": row.longitude}
    if "position" in wanted:
        position = wanted.pop("position")
        wanted |= {"latitude": position and position.latitude, "longitude": position and position.longitude}
    draft, errors = check_draft(msgspec.structs.replace(stored, **wanted))
    raise_errors(draft, errors)
    before, after = msgspec.structs.asdict(stored), msgspec.structs.asdict(draft)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return _location(row, now)
    await store.REPLACE.run(
        tx,
        location_id=row.location_id,
        now=now,
        **{name: value for name, value in after.items() if name not in ("code", "kind")},
    )
    await audit.record(
        tx,
        actor,
        "location.update",
        "location",
        code,
        {"before": {name: before[name] for name in changed}, "after": {n: after[n] for n in changed}},
    )
    await outbox.publish(tx, [location_changed(code, changed)])
    return await get_location(tx, code, now)


async def switch_location(tx: Connection, actor: Actor, code: str, switches: Switches, now: datetime) -> Location:
    """Turn `active` or `fulfils_online` on or off, whatever else is being edited; effective at once."""
    row = await lock(tx, actor, code, now)
    active = row.active if switches.active is None else switches.active
    online = row.fulfils_online if switches.fulfils_online is None else switches.fulfils_online
    changed = {
        name: value
        for name, value, stored in (("active", active, row.active), ("fulfils_online", online, row.fulfils_online))
        if value != stored
    }
    if not changed:
        return _location(row, now)
    await store.SWITCH.run(tx, location_id=row.location_id, active=active, fulfils_online=online, now=now)
    await audit.record(tx, actor, "location.switch", "location", code, changed)
    await outbox.publish(tx, [location_changed(code, list(changed))])
    return await get_location(tx, code, now)


async def import_locations(
    tx: Connection, actor: Actor, file: ImportFile, now: datetime, *, dry_run: bool = False
) -> ImportReport:
    """Create and update every good row in one statement; what a row does not say keeps its stored value.

    A dry run does the same in a savepoint that it takes back, so that its report is what an import would say.
    """
    _must_be_unbound(actor)
    savepoint = tx.transaction()
    await savepoint.start()
    try:
        report = await _import_rows(tx, actor, file, now, dry_run=dry_run)
    except BaseException:
        await savepoint.rollback()
        raise
    await (savepoint.rollback() if dry_run else savepoint.commit())
    return report


async def _import_rows(tx: Connection, actor: Actor, file: ImportFile, now: datetime, *, dry_run: bool) -> ImportReport:
    rows, errors = await _with_time_zones(tx, file)
    if not rows:
        written = []
    else:
        written = await store.UPSERT.all(tx, now=now, **_arrays([row.draft for row in rows]))
    created = sum(1 for row in written if row.created)
    report = ImportReport(
        rows=file.count,
        created=created,
        updated=len(written) - created,
        unchanged=len(rows) - len(written),
        rejected=file.count - len(rows),
        dry_run=dry_run,
        errors=errors[:REPORT_ERRORS_MAX],
    )
    if written:
        codes = sorted(row.code for row in written)
        await audit.record(
            tx,
            actor,
            "location.import",
            "location",
            "*",
            {"layout": file.layout, "created": created, "updated": report.updated, "codes": codes[:AUDIT_CODES_MAX]},
        )
        await outbox.publish(tx, [location_changed(row.code, ["*"]) for row in written])
    return report


async def _with_time_zones(tx: Connection, file: ImportFile) -> tuple[list[ImportRow], list[RowError]]:
    """Take out new locations whose time zone nobody knows: neither the file, nor their position, nor we."""
    nowhere = {row.draft.code for row in file.rows if row.draft.time_zone is None}
    if not nowhere:
        return file.rows, file.errors
    nowhere -= set(await store.KNOWN_CODES.all(tx, codes=sorted(nowhere)))
    errors = [
        RowError(row.row, "time_zone", "A new location needs a time zone, or a position that lies in one.")
        for row in file.rows
        if row.draft.code in nowhere
    ]
    return (
        [row for row in file.rows if row.draft.code not in nowhere],
        sorted([*file.errors, *errors], key=lambda error: error.row),
    )


async def lock(tx: Connection, actor: Actor, code: str, now: datetime) -> store.LocationRow:
    """Give a location as stored, under its row lock; LocationNotFound, or Forbidden where the actor may not act."""
    row = _found(await store.LOCK.one_or_none(tx, code=code, now=now), code)
    actor.must_reach(row.location_id)
    return row


def _found(row: store.LocationRow | None, code: str) -> store.LocationRow:
    if row is None:
        raise LocationNotFound(f"No location has the code {code[:60]!r}.", field="code")
    return row


def _must_be_unbound(actor: Actor) -> None:
    if actor.location_ids is not None:
        raise Forbidden("Your role is bound to locations; new ones are made by somebody whose role is not.")


def _with_time_zone(draft: LocationDraft) -> LocationDraft:
    zone = draft.time_zone
    if zone is None and draft.latitude is not None and draft.longitude is not None:
        zone = places.time_zone_at(draft.latitude, draft.longitude)
    if zone is None:
        raise InvalidInput("A new location needs a time zone, or a position that lies in one.", field="time_zone")
    return msgspec.structs.replace(draft, time_zone=zone)


def _flat(address: Address, position: Position | None) -> dict[str, Any]:
    values = msgspec.structs.asdict(address)
    if position is not None:
        values |= msgspec.structs.asdict(position)
    return values


def _arrays(drafts: list[LocationDraft]) -> dict[str, list[Any]]:
    arrays = {name: [getattr(draft, name) for draft in drafts] for name in LocationDraft.__struct_fields__}
    arrays["services"] = [None if services is None else ",".join(services) for services in arrays["services"]]
    return arrays


def _draft(row: store.LocationRow) -> LocationDraft:
    return LocationDraft(**{name: getattr(row, name) for name in LocationDraft.__struct_fields__})


def _exceptions(row: store.LocationRow) -> list[HoursException]:
    return [
        HoursException(*day)
        for day in zip(row.exception_dates, row.exception_hours, row.exception_reasons, strict=True)
    ]


def _schedule(row: store.LocationRow) -> Schedule:
    return Schedule(row.opening_hours, row.time_zone, row.country, row.keeps_public_holidays, tuple(_exceptions(row)))


def _location(row: store.LocationRow, now: datetime) -> Location:
    schedule = _schedule(row)
    values = msgspec.structs.asdict(row)
    position = None
    if row.latitude is not None and row.longitude is not None:
        position = Position(row.latitude, row.longitude)
    distance = None if row.chord is None else round(2 * EARTH_RADIUS_METRES * math.asin(min(1.0, row.chord / 2)))
    return Location(
        **{name: values[name] for name in Location.__struct_fields__ if name in values},
        address=Address(**{name: values[name] for name in Address.__struct_fields__}),
        position=position,
        hours_exceptions=list(schedule.exceptions),
        open_now=hours.is_open(schedule, now),
        next_opening=hours.next_opening(schedule, now),
        next_closing=hours.next_closing(schedule, now),
        distance_metres=distance,
    )
