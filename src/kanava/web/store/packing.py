"""Parcels: packed, weighed, labelled, handed to a carrier, taken back."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.fulfilment.requests import (
    PackParcel,
    ReturnedUnits,
    ShipParcels,
    ShippedParcel,
    TakeParcelBack,
    UnitsOfLine,
)
from kanava.fulfilment.service import documents, packing, parcels, shipping
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.errors import N
from kanava.web.common.sessions import requires_staff
from kanava.web.store.forms import Incomplete, fields_of, number_or_none, units_of
from kanava.web.store.printing import pdf
from kanava.web.store.shell import Shift
from kanava.web.store.tasks import attempt, task_page

CAN = [requires_staff("fulfilment:write")]
WEIGHT_GRAMS_MAX = 10_000_000
UNCOMPRESSED = {"not_compressed": True}
DISPOSITION = {"restock", "quarantine", "scrap"}


class PackForm(msgspec.Struct, frozen=True):
    """A parcel; which units stand in fields of their own."""

    parcel_id: UUID
    weight_grams: Annotated[str, msgspec.Meta(max_length=20)] = ""


class ShipForm(msgspec.Struct, frozen=True):
    """Who takes the parcels; tracking numbers stand in fields of their own."""

    shipment_id: UUID
    carrier_service: Annotated[str, msgspec.Meta(max_length=100)] = ""
    carrier: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ReturnForm(msgspec.Struct, frozen=True):
    """A parcel that came back."""

    return_id: UUID
    disposition: Annotated[str, msgspec.Meta(max_length=20)] = "restock"


@post("/tasks/{fulfilment_id:uuid}/parcels", guards=CAN)
async def pack(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[PackForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Put units into a parcel."""
    fields = await fields_of(request)
    try:
        units = units_of(fields, "units_")
        weight = number_or_none(data.weight_grams, "weight_grams", WEIGHT_GRAMS_MAX)
    except InvalidInput as error:
        return await task_page(request, shift, fulfilment_id, error, typed=fields)
    lines = [UnitsOfLine(number, quantity) for number, quantity in units.items()]
    wanted = PackParcel(data.parcel_id, lines, weight)
    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: packing.pack(tx, actor, fulfilment_id, wanted, now),
        "packed",
        typed=fields,
    )


@post("/tasks/{fulfilment_id:uuid}/parcels/{parcel_id:uuid}/unpack", guards=CAN)
async def unpack(request: AnyRequest, shift: Shift, fulfilment_id: UUID, parcel_id: UUID) -> Response[Any]:
    """Take a parcel apart."""
    return await attempt(
        request, shift, fulfilment_id, lambda tx, actor, now: packing.unpack(tx, actor, parcel_id, now), "unpacked"
    )


@post("/tasks/{fulfilment_id:uuid}/ship", guards=CAN)
async def ship(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[ShipForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Hand all packed parcels to a carrier."""
    fields = await fields_of(request)
    try:
        numbers = {
            UUID(name.removeprefix("tracking_")): number.strip() or None
            for name, number in fields.items()
            if name.startswith("tracking_")
        }
        leaving = [ShippedParcel(parcel_id, number) for parcel_id, number in numbers.items()]
        service, carrier = data.carrier_service or None, data.carrier.strip() or None
        told = ShipParcels(data.shipment_id, leaving, service, carrier)
        # By way of what a caller would send, so that what a tracking number may be is asked of one place.
        wanted = msgspec.convert(msgspec.to_builtins(told), ShipParcels)
    except (ValueError, msgspec.ValidationError):
        bad = Incomplete(N("A tracking number has up to 35 letters and digits."), field="tracking_number")
        return await task_page(request, shift, fulfilment_id, bad, typed=fields)
    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: shipping.ship(tx, actor, fulfilment_id, wanted, now),
        "shipped",
        typed=fields,
    )


@post("/tasks/{fulfilment_id:uuid}/parcels/{parcel_id:uuid}/returned", guards=CAN)
async def take_back(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    parcel_id: UUID,
    data: Annotated[ReturnForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Take back what came back to the sender."""
    if data.disposition not in DISPOSITION:
        raise InvalidInput("Say what becomes of it.", field="disposition")
    async with database_of(request).connection() as connection:
        parcel = await parcels.get_parcel(connection, shift.actor, parcel_id)
    lines = [
        ReturnedUnits(each.line_no, each.quantity, data.disposition)  # type: ignore[arg-type]
        for each in parcel.lines
    ]
    wanted = TakeParcelBack(data.return_id, lines, shift.code)
    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: packing.take_parcel_back(tx, actor, parcel_id, wanted, now),
        "returned",
    )


@get("/parcels/{parcel_id:uuid}/label.pdf", opt=UNCOMPRESSED)
async def label(request: AnyRequest, shift: Shift, parcel_id: UUID) -> Response[bytes]:
    """Give the label."""
    async with database_of(request).connection() as connection:
        drawing = await documents.label(connection, shift.actor, parcel_id, None)
    return await pdf("label", drawing)


@get("/parcels/{parcel_id:uuid}/packing-slip.pdf", opt=UNCOMPRESSED)
async def packing_slip(request: AnyRequest, shift: Shift, parcel_id: UUID) -> Response[bytes]:
    """Give the slip, in the customer's language."""
    async with database_of(request).connection() as connection:
        drawing = await documents.packing_slip(connection, shift.actor, parcel_id, None)
    return await pdf("packing-slip", drawing)


routes: list[Any] = [pack, unpack, ship, take_back, label, packing_slip]
