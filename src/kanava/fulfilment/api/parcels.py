"""Parcels over HTTP: pack, unpack, ship, take back."""

from uuid import UUID

from litestar import Response, get, post

from kanava.fulfilment.model import Fulfilment
from kanava.fulfilment.requests import FulfilmentStatus, PackParcel, Parcel, ShipParcels, TakeParcelBack
from kanava.fulfilment.service import packing, parcels, shipping, status
from kanava.inventory.attempts import until_settled
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Page, read, write

CAN = [requires("fulfilment:write")]
CAN_SEE = [requires("fulfilment:read")]
TAGS = ["Fulfilment"]


@post("/api/fulfilments/{fulfilment_id:uuid}/parcels", guards=CAN, tags=TAGS, summary="Pack picked units into a parcel")
async def pack_parcel(request: AnyRequest, fulfilment_id: UUID, data: PackParcel) -> Response[Parcel]:
    """Make a parcel; the same parcel_id again gets it back."""
    return await write(request, lambda tx, actor, now: packing.pack(tx, actor, fulfilment_id, data, now))


@get("/api/fulfilments/{fulfilment_id:uuid}/parcels", guards=CAN_SEE, tags=TAGS, summary="List a fulfilment's parcels")
async def list_parcels(request: AnyRequest, fulfilment_id: UUID) -> Response[Page[Parcel]]:
    """Give parcels, the first packed first; unpacked ones are `cancelled`."""
    return await read(request, lambda c, actor, _now: parcels.parcels_of_fulfilment(c, actor, fulfilment_id))


@get("/api/parcels/{parcel_id:uuid}", guards=CAN_SEE, tags=TAGS, summary="Read a parcel")
async def get_parcel(request: AnyRequest, parcel_id: UUID) -> Response[Parcel]:
    """Give one parcel."""
    return await read(request, lambda c, actor, _now: parcels.get_parcel(c, actor, parcel_id))


@post(
    "/api/parcels/{parcel_id:uuid}/unpack",
    guards=CAN,
    tags=TAGS,
    status_code=200,
    summary="Take a parcel apart that has not left",
)
async def unpack_parcel(request: AnyRequest, parcel_id: UUID) -> Response[Parcel]:
    """Make its units picked again."""
    return await write(request, lambda tx, actor, now: packing.unpack(tx, actor, parcel_id, now), 200)


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/shipments",
    guards=CAN,
    tags=TAGS,
    summary="Hand parcels to a carrier: all that are packed, or some",
)
async def ship_parcels(request: AnyRequest, fulfilment_id: UUID, data: ShipParcels) -> Response[Fulfilment]:
    """Let parcels leave: reservations become sales; the same shipment_id again changes nothing."""
    return await until_settled(
        lambda: write(request, lambda tx, actor, now: shipping.ship(tx, actor, fulfilment_id, data, now))
    )


@post(
    "/api/parcels/{parcel_id:uuid}/returns",
    guards=[requires("fulfilment:write")],
    tags=TAGS,
    summary="Take back what came back to the sender",
)
async def take_parcel_back(request: AnyRequest, parcel_id: UUID, data: TakeParcelBack) -> Response[Parcel]:
    """Put what came back into stock, or write down what became of it."""
    return await until_settled(
        lambda: write(request, lambda tx, actor, now: packing.take_parcel_back(tx, actor, parcel_id, data, now))
    )


@get(
    "/api/orders/{order_id:uuid}/fulfilments",
    guards=[requires("orders:read")],
    tags=["Orders"],
    summary="How an order is coming along, with its parcels",
)
async def order_fulfilments(request: AnyRequest, order_id: UUID) -> Response[Page[FulfilmentStatus]]:
    """Give what a customer may see; no collection code."""
    return await read(request, lambda c, _actor, _now: status.status_of_order(c, order_id))


routes = [pack_parcel, list_parcels, get_parcel, unpack_parcel, ship_parcels, take_parcel_back, order_fulfilments]
