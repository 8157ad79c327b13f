"""Units go into parcels, and out again."""

from collections import Counter
from datetime import datetime
from uuid import UUID

import msgspec

from kanava.fulfilment.errors import FulfilmentLineUnknown, NothingToDo, TooManyPacked, WrongParcelState
from kanava.fulfilment.requests import Disposition, PackParcel, Parcel, TakeParcelBack
from kanava.fulfilment.service import carrier_names, parcels
from kanava.fulfilment.service.change import FulfilmentChange, lines_told
from kanava.fulfilment.store import parcels as sql
from kanava.fulfilment.store.parcels import ParcelRow
from kanava.inventory.messages import ReturnLine, ReturnToStock
from kanava.inventory.service import movements
from kanava.platform.auth import Actor
from kanava.platform.db import Connection, write_all


async def pack(tx: Connection, actor: Actor, fulfilment_id: UUID, request: PackParcel, now: datetime) -> Parcel:
    """Put picked units into a parcel; the fulfilment is packed when all that is picked is in parcels.

    FulfilmentNotFound, OutOfReach, WrongKind, WrongState, FulfilmentOnHold, FulfilmentLineUnknown, TooManyPacked,
    NothingToDo, CarrierServiceUnknown, FulfilmentChangeExists.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.parcel_id, "parcel", request):
        return await parcels.get_parcel(tx, actor, request.parcel_id)
    parcels.must_be_of(change, "ship")
    change.must_be("picking", "picked")
    there = parcels.packable(change.lines.values())
    units = parcels.chosen_units(change, request.lines, there)
    if not request.lines:
        units = {line_no: quantity for line_no, quantity in there.items() if quantity}
    if not units:
        raise NothingToDo("Nothing is picked that is not packed.", field="lines")
    by = await carrier_names.named(tx, request.carrier_service, request.carrier, change.row.carrier_service_id)
    weight = request.weight_grams or await sql.WEIGHT.one_or_none(
        tx,
        variant_ids=[change.lines[line_no].variant_id for line_no in units],
        quantities=list(units.values()),
    )
    order_id = change.row.order_id
    parcel = (
        order_id,
        request.parcel_id,
        fulfilment_id,
        by.carrier_service_id,
        by.carrier,
        by.service,
        request.tracking_number,
        by.tracking_url_of(request.tracking_number),
        weight,
        now,
        now,
    )
    contents = [(order_id, request.parcel_id, line_no, quantity) for line_no, quantity in units.items()]
    await write_all(tx, [(sql.INSERT_PARCELS, [parcel]), (sql.INSERT_PARCEL_LINES, contents)])
    for line_no, quantity in units.items():
        change.lines[line_no].quantity_packed += quantity
    parcels.set_state(change, [])
    told = lines_told([(change.lines[line_no], quantity) for line_no, quantity in units.items()])
    change.happened("fulfilment.packed", {"parcel_id": request.parcel_id, "lines": told, "weight_grams": weight})
    await change.write("pack", {"parcel_id": str(request.parcel_id), "lines": told})
    return await parcels.get_parcel(tx, actor, request.parcel_id)


async def unpack(tx: Connection, actor: Actor, parcel_id: UUID, now: datetime) -> Parcel:
    """Take a parcel apart that has not left; doing it again changes nothing. ParcelNotFound, WrongParcelState."""
    change, parcel, others = await open_parcel(tx, actor, parcel_id, now)
    if parcel.state == "cancelled":
        return await parcels.get_parcel(tx, actor, parcel_id)
    if parcel.state != "packed":
        raise WrongParcelState(f"The parcel is {parcel.state}.", state=parcel.state)
    parcel.state, parcel.state_at = "cancelled", now
    await sql.UPDATE_PARCELS.run(tx, **sql.columns_of([parcel]))
    # Units that were cancelled while they were in the parcel are no longer counted as packed: what is packed is what
    # the other parcels hold, and what has left.
    packed = {line_no: line.quantity_done for line_no, line in change.lines.items()}
    still = [other for other in others if other.state == "packed" and other.parcel_id != parcel_id]
    for content in await parcels.lines_of(tx, still):
        packed[content.line_no] += content.quantity
    for line_no, line in change.lines.items():
        line.quantity_packed = min(line.quantity_picked, packed[line_no])
    if change.row.state in ("picking", "picked", "packed"):
        parcels.set_state(change, others)
    await change.write("unpack", {"parcel_id": str(parcel_id)})
    return await parcels.get_parcel(tx, actor, parcel_id)


async def open_parcel(
    tx: Connection, actor: Actor, parcel_id: UUID, now: datetime
) -> tuple[FulfilmentChange, ParcelRow, list[ParcelRow]]:
    """Lock order and fulfilment of a parcel; give it and all parcels of the fulfilment, itself among them."""
    found = await parcels.found_parcel(tx, actor, parcel_id)
    change = await FulfilmentChange.open(tx, actor, found.fulfilment_id, now)
    rows = await sql.PARCELS_OF_FULFILMENTS.all(tx, order_ids=[found.order_id], fulfilment_ids=[found.fulfilment_id])
    return change, next(row for row in rows if row.parcel_id == parcel_id), rows


async def take_parcel_back(
    tx: Connection, actor: Actor, parcel_id: UUID, request: TakeParcelBack, now: datetime
) -> Parcel:
    """Take what came back to the sender into stock, or write down what became of it; once for a parcel.

    ParcelNotFound, OutOfReach, WrongParcelState, FulfilmentLineUnknown, TooManyPacked, FulfilmentChangeExists.
    """
    change, parcel, _ = await open_parcel(tx, actor, parcel_id, now)
    if await change.begin(request.return_id, "return", [parcel_id, request]):
        return await parcels.get_parcel(tx, actor, parcel_id)
    if parcel.state != "returned" or parcel.return_id is not None:
        state = "back in stock" if parcel.return_id is not None else parcel.state
        raise WrongParcelState(f"The parcel is {state}.", state=state)
    inside = {content.line_no: content for content in await parcels.lines_of(tx, [parcel])}
    units = Counter[int]()
    sums = Counter[tuple[str, Disposition]]()
    for index, line in enumerate(request.lines):
        content = inside.get(line.line_no)
        if content is None:
            raise FulfilmentLineUnknown(
                f"The parcel has nothing of line {line.line_no}.", field=f"lines[{index}].line_no"
            )
        units[line.line_no] += line.quantity
        if units[line.line_no] > content.quantity:
            raise TooManyPacked(
                f"The parcel had {content.quantity} of line {line.line_no}.",
                field=f"lines[{index}].quantity",
                open=content.quantity,
            )
        sums[content.sku, line.disposition] += line.quantity
    document = ReturnToStock(
        request.return_id,
        request.location or parcel.location,
        [ReturnLine(sku, quantity, disposition) for (sku, disposition), quantity in sums.items()],
        f"parcel:{parcel_id}",
    )
    await movements.return_to_stock(tx, actor, document, now)
    parcel.return_id = request.return_id
    await sql.UPDATE_PARCELS.run(tx, **sql.columns_of([parcel]))
    await change.write("take_back", {"parcel_id": str(parcel_id), "lines": msgspec.to_builtins(request.lines)})
    return await parcels.get_parcel(tx, actor, parcel_id)
