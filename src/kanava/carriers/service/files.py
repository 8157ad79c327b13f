"""Carriers with all that is theirs, in one JSON document and out of it."""

from datetime import datetime

import msgspec

from kanava.carriers import store
from kanava.carriers.errors import CarrierTermsInvalid, UnreadableCarriersFile
from kanava.carriers.model import (
    CarrierDocument,
    CarrierInput,
    CarriersDocument,
    CarrierServiceInput,
    CarriersImported,
    PickupPoint,
    PickupPoints,
    ServiceDocument,
    ServiceTerms,
)
from kanava.carriers.service.points import put_points
from kanava.carriers.service.registry import put_carrier, put_service
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput

FILE_MAX = 1_000
"""Carriers in a file, and services of one of them."""
POINTS_MAX = 200_000
POINTS_CHUNK = 10_000


def read_carriers(content: bytes) -> CarriersDocument:
    """Read a file; UnreadableCarriersFile says where it makes no sense."""
    try:
        document = msgspec.json.decode(content, type=CarriersDocument)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableCarriersFile(f"The file is no document of carriers: {error}.") from error
    if len(document.carriers) > FILE_MAX or any(len(one.services) > FILE_MAX for one in document.carriers):
        raise UnreadableCarriersFile(f"A file has at most {FILE_MAX:,} carriers, each with as many services.")
    if any(len(one.pickup_points) > POINTS_MAX for one in document.carriers):
        raise UnreadableCarriersFile(f"A carrier has at most {POINTS_MAX:,} pickup points.")
    return document


async def import_carriers(tx: Connection, actor: Actor, document: CarriersDocument, now: datetime) -> CarriersImported:
    """Write what a file names, all or nothing; carriers and points that it does not name stay as they are."""
    carriers = services = points = 0
    for index, one in enumerate(document.carriers):
        path = f"carriers[{index}]"
        try:
            carriers += await _carrier(tx, actor, one, now)
            for number, each in enumerate(one.services):
                path = f"carriers[{index}].services[{number}]"
                services += await _service(tx, actor, one.code, each, now)
            for start in range(0, len(one.pickup_points), POINTS_CHUNK):
                path = f"carriers[{index}].pickup_points[{start}+]"
                chunk = PickupPoints(one.pickup_points[start : start + POINTS_CHUNK])
                points += (await put_points(tx, actor, one.code, chunk, now)).changed
        except InvalidInput as error:
            errors = [FieldError(f"{path}.{each.field}", each.reason) for each in error.errors]
            raise CarrierTermsInvalid(f"{path} ({one.code}): {error.detail}", errors=errors) from error
    return CarriersImported(carriers, services, points)


async def _carrier(tx: Connection, actor: Actor, one: CarrierDocument, now: datetime) -> bool:
    row = await store.LOCK_CARRIER.one_or_none(tx, code=one.code)
    if row is not None and CarrierInput(row.name, row.tracking_url, row.active) == one.carrier:
        return False
    await put_carrier(tx, actor, one.code, one.carrier, None if row is None else row.version, now)
    return True


async def _service(tx: Connection, actor: Actor, carrier: str, each: ServiceDocument, now: datetime) -> bool:
    row = await store.LOCK_SERVICE.one_or_none(tx, code=each.code)
    if row is not None and row.carrier == carrier and _input(row) == each.service:
        return False
    await put_service(tx, actor, carrier, each.code, each.service, None if row is None else row.version, now)
    return True


def _input(row: store.ServiceRow) -> CarrierServiceInput:
    terms = msgspec.convert(row.terms, ServiceTerms)
    return CarrierServiceInput(row.name, row.kind, row.weight_grams_max, terms, row.active)  # type: ignore[arg-type]


async def export_carriers(tx: Connection) -> CarriersDocument:
    """Give every carrier with its services and pickup points."""
    found = []
    # A handful of carriers, each with three reads: a file is written now and then.
    for carrier in await store.CARRIERS_AFTER.all(tx, after="", limit=FILE_MAX):
        services = await store.SERVICES_AFTER.all(tx, carrier_id=carrier.carrier_id, after="", limit=FILE_MAX)
        points = await store.POINTS_AFTER.all(
            tx, carrier_id=carrier.carrier_id, country=None, after="", limit=POINTS_MAX
        )
        found.append(
            CarrierDocument(
                carrier.code,
                CarrierInput(carrier.name, carrier.tracking_url, carrier.active),
                [ServiceDocument(row.code, _input(row)) for row in services],
                [PickupPoint(*msgspec.structs.astuple(row)) for row in points],
            )
        )
    return CarriersDocument(found)
