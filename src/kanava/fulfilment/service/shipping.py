"""Parcels leave: reservations become sales, and the customer is told how to follow them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kanava.fulfilment.errors import NothingToDo, ParcelOutdated, WrongParcelState
from kanava.fulfilment.model import Fulfilment
from kanava.fulfilment.requests import ShipParcels
from kanava.fulfilment.service import carrier_events, carrier_names, parcels, reading
from kanava.fulfilment.service.change import FulfilmentChange, lines_told
from kanava.fulfilment.store import parcels as sql
from kanava.fulfilment.store.parcels import ParcelLineRow, ParcelRow
from kanava.orders import service as orders
from kanava.orders.requests import FulfilledLine, FulfilOrder
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput


async def ship(tx: Connection, actor: Actor, fulfilment_id: UUID, request: ShipParcels, now: datetime) -> Fulfilment:
    """Hand parcels to a carrier: all that are packed, or those named; the rest may follow.

    FulfilmentNotFound, OutOfReach, WrongKind, WrongState, FulfilmentOnHold, ParcelNotFound, WrongParcelState,
    ParcelOutdated, NothingToDo, CarrierServiceUnknown, FulfilmentChangeExists; the orders module's UnitsMissing.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.shipment_id, "shipment", request):
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    parcels.must_be_of(change, "ship")
    change.must_be("picking", "picked", "packed")
    everything = await sql.PARCELS_OF_FULFILMENTS.all(
        tx, order_ids=[change.row.order_id], fulfilment_ids=[fulfilment_id]
    )
    leaving = _leaving(request, everything)
    contents = await parcels.lines_of(tx, leaving)
    units = _units(change, contents)
    await _name_carrier(tx, change, request, leaving)
    for parcel in leaving:
        parcel.state, parcel.state_at, parcel.shipped_at = "shipped", now, now
    await orders.fulfil(tx, actor, change.target, _as_fulfilled(request.shipment_id, units, change.row.location), now)
    for line_no, quantity in units.items():
        change.lines[line_no].quantity_done += quantity
    await sql.UPDATE_PARCELS.run(tx, **sql.columns_of(leaving))
    parcels.set_state(change, everything)
    _tell(change, leaving, contents)
    detail = {"parcels": [str(parcel.parcel_id) for parcel in leaving]}
    await change.write("ship", detail)
    await carrier_events.match_parcels(tx, leaving, now)
    return await reading.get_fulfilment(tx, actor, fulfilment_id)


def _leaving(request: ShipParcels, everything: Sequence[ParcelRow]) -> list[ParcelRow]:
    """Give the parcels that leave, with what the request says of them."""
    known = {row.parcel_id: row for row in everything}
    if not request.parcels:
        leaving = [row for row in everything if row.state == "packed"]
        if not leaving:
            raise NothingToDo("No parcel is packed and waiting.", field="parcels")
        return leaving
    leaving = []
    for index, wanted in enumerate(request.parcels):
        field = f"parcels[{index}].parcel_id"
        row = known.get(wanted.parcel_id)
        if row is None:
            raise parcels.parcel_not_found(wanted.parcel_id, field)
        if row.state != "packed" or row in leaving:
            state = "named twice" if row in leaving else row.state
            raise WrongParcelState(f"Parcel {wanted.parcel_id} is {state}.", field=field, state=row.state)
        row.tracking_number = wanted.tracking_number or row.tracking_number
        row.weight_grams = wanted.weight_grams or row.weight_grams
        leaving.append(row)
    return leaving


def _units(change: FulfilmentChange, contents: Sequence[ParcelLineRow]) -> dict[int, int]:
    """Give the units that leave by line; ParcelOutdated when some of them were given up after packing."""
    units = Counter[int]()
    for content in contents:
        units[content.line_no] += content.quantity
    there = parcels.waiting(change.lines.values())
    for line_no, quantity in units.items():
        if quantity > there.get(line_no, 0):
            raise ParcelOutdated(
                f"Of line {line_no} only {there.get(line_no, 0)} of {quantity} units are still wanted: "
                "unpack the parcel and pack what is left.",
                field="parcels",
                line_no=line_no,
                open=there.get(line_no, 0),
            )
    return dict(units)


async def _name_carrier(
    tx: Connection, change: FulfilmentChange, request: ShipParcels, leaving: Sequence[ParcelRow]
) -> None:
    """Write who carries onto the parcels: whom the request names, else whom the parcel was packed for."""
    named = request.carrier_service is not None or request.carrier is not None
    planned = change.row.carrier_service_id
    by = await carrier_names.named(tx, request.carrier_service, request.carrier, planned)
    packed_for = {} if named else await carrier_names.by_ids(tx, [parcel.carrier_service_id for parcel in leaving])
    for parcel in leaving:
        who = by
        if not named and (parcel.carrier_service_id or parcel.carrier):
            who = packed_for.get(parcel.carrier_service_id) or carrier_names.NamedCarrier(carrier=parcel.carrier)
        parcel.carrier_service_id, parcel.carrier, parcel.service = who.carrier_service_id, who.carrier, who.service
        parcel.tracking_url = who.tracking_url_of(parcel.tracking_number)
        if parcel.tracking_number and not parcel.carrier:
            raise InvalidInput("Say whose tracking number this is: carrier or carrier_service.", field="carrier")


def _as_fulfilled(shipment_id: UUID, units: dict[int, int], location: str) -> FulfilOrder:
    return FulfilOrder(shipment_id, [FulfilledLine(line_no, quantity, location) for line_no, quantity in units.items()])


def _tell(change: FulfilmentChange, leaving: Sequence[ParcelRow], contents: Sequence[ParcelLineRow]) -> None:
    for parcel in leaving:
        inside = [
            (change.lines[content.line_no], content.quantity)
            for content in contents
            if content.parcel_id == parcel.parcel_id
        ]
        change.happened(
            "parcel.shipped",
            {
                "parcel_id": parcel.parcel_id,
                "carrier": parcel.carrier,
                "service": parcel.service,
                "tracking_number": parcel.tracking_number,
                "tracking_url": parcel.tracking_url,
                "lines": lines_told(inside),
            },
        )
