"""Goods leave: reservations become sales."""

from datetime import datetime
from typing import Any

from kanava.orders.errors import LocationNeeded, OrderOnHold
from kanava.orders.model import Order
from kanava.orders.requests import FulfilledLine, FulfilOrder
from kanava.orders.service import reading
from kanava.orders.service.change import OrderChange, Target
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Forbidden


async def fulfil(tx: Connection, actor: Actor, target: Target, request: FulfilOrder, now: datetime) -> Order:
    """Hand over or ship units; the order is completed when nothing is open.

    OrderOnHold, OrderNotOpen, LineUnknown, LocationNeeded, TooManyUnits, UnitsMissing, UnitsAwaited; Forbidden for
    staff whose role is bound to other locations.
    """
    change = await OrderChange.open(tx, actor, target, now)
    if await change.begin(request.fulfilment_id, "fulfilment", request):
        return await reading.get_order(tx, target.order_id)
    await change.load_units()
    if change.status == "on_hold":
        raise OrderOnHold(f"The order is on hold: {change.hold_reason}.", hold_reason=change.hold_reason)
    left: list[dict[str, Any]] = []
    for index, wanted in enumerate(request.lines):
        line = change.line(wanted.line_no, f"lines[{index}].line_no")
        location_id = _location(change, wanted, index)
        by_location = change.take_away(line, wanted.quantity, f"lines[{index}].quantity", location_id)
        line.quantity_fulfilled += wanted.quantity
        for there, units in by_location.items():
            if actor.location_ids is not None and there not in actor.location_ids:
                raise Forbidden("Your role is bound to other locations.", field=f"lines[{index}].location")
            code = change.config.location_codes[there]
            left.append(
                {
                    "line_no": line.line_no,
                    "sku": line.sku,
                    "quantity": units,
                    "location": code,
                    "kind": line.fulfilment_kind,
                }
            )
    await change.end("fulfilled")
    facts = {"fulfilment_id": request.fulfilment_id, "lines": left}
    change.happened("order.fulfilled", facts)
    await change.close_if_done()
    return await change.finish("fulfil", {"fulfilment_id": str(request.fulfilment_id), "lines": left})


def _location(change: OrderChange, wanted: FulfilledLine, index: int) -> int | None:
    """Give the location that units leave from; None when all that is open leaves, wherever it is."""
    if wanted.location is not None:
        return change.location_id(wanted.location, f"lines[{index}].location")
    rows = change.reserved_for(wanted.line_no, arrived=True)
    places = {row.location_id for row in rows}
    if len(places) > 1 and wanted.quantity < sum(change.left[row.reservation_id] for row in rows):
        codes = sorted(change.config.location_codes[place] for place in places)
        raise LocationNeeded(
            f"Line {wanted.line_no} comes from {', '.join(codes)}.", field=f"lines[{index}].location", locations=codes
        )
    return None
