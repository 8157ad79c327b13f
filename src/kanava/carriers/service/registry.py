"""Make, change and read carriers and their services; load them all for placing and promising."""

from datetime import datetime

import msgspec

from kanava.carriers import store
from kanava.carriers.errors import CarrierNotFound, CarrierServiceNotFound, ServiceCodeTaken
from kanava.carriers.events import carrier_changed
from kanava.carriers.model import Carrier, CarrierInput, CarrierService, CarrierServiceInput, ServiceTerms
from kanava.carriers.rules.checks import check_carrier, check_service
from kanava.carriers.snapshot import Carriers, LoadedService
from kanava.carriers.store import CarrierRow, ServiceRow
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import PreconditionFailed, PreconditionRequired
from kanava.platform.http import Page, decode_cursor, encode_cursor


async def load_carriers(tx: Connection) -> Carriers:
    """Read every active service of every active carrier; a `Snapshot` keeps them until settings change."""
    services = [
        LoadedService(
            row.carrier_service_id,
            row.carrier_id,
            row.carrier,
            row.carrier_name,
            row.code,
            row.name,
            row.kind,
            row.weight_grams_max,
            msgspec.convert(row.terms, ServiceTerms),
        )
        for row in await store.ACTIVE_SERVICES.all(tx)
    ]
    places = await store.LOCATION_COUNTRIES.all(tx) if services else []
    countries = {place.location_id: place.country for place in places}
    return Carriers(services, countries, {place.code: place.location_id for place in places})


async def put_carrier(
    tx: Connection, actor: Actor, code: str, request: CarrierInput, version: int | None, now: datetime
) -> Carrier:
    """Make a carrier, or replace one that is still at `version`."""
    check_carrier(request)
    values = msgspec.structs.asdict(request)
    if version is None and await store.INSERT_CARRIER.one_or_none(tx, code=code, **values, now=now) is not None:
        what = "create"
    else:
        row = await store.LOCK_CARRIER.one_or_none(tx, code=code)
        if row is None:
            raise CarrierNotFound(f"There is no carrier {code!r}; leave If-Match out to make it.", field="code")
        check_version(row.version, version)
        await store.UPDATE_CARRIER.one(tx, carrier_id=row.carrier_id, **values, now=now)
        what = "change"
    await audit.record(tx, actor, what, "carrier", code, values)
    await outbox.publish(tx, [carrier_changed(code, "carrier")])
    return await get_carrier(tx, code)


async def get_carrier(tx: Connection, code: str) -> Carrier:
    """Give a carrier; CarrierNotFound."""
    return (await carrier_row(tx, code)).public()


async def list_carriers(tx: Connection, cursor: str | None, limit: int) -> Page[Carrier]:
    """Give carriers by code."""
    after = decode_cursor(cursor, str)[0] if cursor else ""
    rows = await store.CARRIERS_AFTER.all(tx, after=after, limit=limit)
    return Page([row.public() for row in rows], encode_cursor(rows[-1].code) if len(rows) == limit else None)


async def put_service(
    tx: Connection,
    actor: Actor,
    carrier: str,
    code: str,
    request: CarrierServiceInput,
    version: int | None,
    now: datetime,
) -> CarrierService:
    """Make a service, or replace one that is still at `version`, with all its zones and rates."""
    owner = await carrier_row(tx, carrier)
    named = list(request.terms.location_cut_offs)
    check_service(request, frozenset(await store.LOCATION_CODES.all(tx, codes=named)) if named else frozenset())
    values = {
        "name": request.name,
        "kind": request.kind,
        "weight_grams_max": request.weight_grams_max,
        "terms": request.terms,
        "active": request.active,
    }
    insert = store.INSERT_SERVICE.one_or_none
    if version is None and await insert(tx, carrier_id=owner.carrier_id, code=code, **values, now=now) is not None:
        what = "create"
    else:
        row = await store.LOCK_SERVICE.one_or_none(tx, code=code)
        if row is None:
            raise CarrierServiceNotFound(
                f"{carrier} has no service {code!r}; leave If-Match out to make it.", field="service"
            )
        if row.carrier_id != owner.carrier_id:
            raise ServiceCodeTaken(f"The service {code!r} is that of {row.carrier}.", field="service")
        check_version(row.version, version)
        await store.UPDATE_SERVICE.one(tx, carrier_service_id=row.carrier_service_id, **values, now=now)
        what = "change"
    await audit.record(tx, actor, what, "carrier_service", code, msgspec.to_builtins(request))
    await outbox.publish(tx, [carrier_changed(carrier, "service", code)])
    return await get_service(tx, carrier, code)


async def get_service(tx: Connection, carrier: str, code: str) -> CarrierService:
    """Give a service of a carrier; CarrierServiceNotFound."""
    row = await store.SERVICE.one_or_none(tx, code=code)
    if row is None or row.carrier != carrier:
        raise CarrierServiceNotFound(f"{carrier} has no service {code!r}.", field="service")
    return service_of(row)


async def list_services(tx: Connection, carrier: str, cursor: str | None, limit: int) -> Page[CarrierService]:
    """Give the services of a carrier by code."""
    owner = await carrier_row(tx, carrier)
    after = decode_cursor(cursor, str)[0] if cursor else ""
    rows = await store.SERVICES_AFTER.all(tx, carrier_id=owner.carrier_id, after=after, limit=limit)
    return Page([service_of(row) for row in rows], encode_cursor(rows[-1].code) if len(rows) == limit else None)


async def carrier_row(tx: Connection, code: str) -> CarrierRow:
    """Give a carrier with its id; CarrierNotFound."""
    row = await store.CARRIER.one_or_none(tx, code=code)
    if row is None:
        raise CarrierNotFound(f"There is no carrier {code!r}.", field="code")
    return row


def service_of(row: ServiceRow) -> CarrierService:
    """Give a service as people see it."""
    return CarrierService(
        row.carrier,
        row.code,
        row.name,
        row.kind,
        row.weight_grams_max,
        msgspec.convert(row.terms, ServiceTerms),
        row.active,
        row.version,
        row.created_at,
        row.updated_at,
    )


def check_version(there: int, expected: int | None) -> None:
    """Refuse to replace what the caller has not read, or what changed since."""
    if expected is None:
        raise PreconditionRequired("It exists already: send If-Match with the ETag that you read.", field="If-Match")
    if there != expected:
        raise PreconditionFailed(f"It is at version {there}, not {expected}.", field="If-Match", version=there)
