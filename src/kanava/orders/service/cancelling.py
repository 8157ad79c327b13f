"""Cancelling what is still open, whole or by line and quantity."""

from collections.abc import Mapping
from datetime import datetime

from kanava.orders.model import Order
from kanava.orders.requests import CancelOrder, LineCancellation
from kanava.orders.service import reading
from kanava.orders.service.change import OrderChange, Target
from kanava.platform.auth import Actor
from kanava.platform.db import Connection


async def cancel(tx: Connection, actor: Actor, target: Target, request: CancelOrder, now: datetime) -> Order:
    """Cancel open units: all of them, or those of the lines named.

    Their units are free again, the totals shrink, money captured beyond them shows as refund due, and authorised
    money is voided when nothing is open any more. OrderNotOpen, LineUnknown, TooManyUnits.
    """
    change = await OrderChange.open(tx, actor, target, now)
    if await change.begin(request.cancellation_id, "cancellation", request):
        return await reading.get_order(tx, target.order_id)
    await change.load_units()
    wanted = [(f"lines[{index}]", item) for index, item in enumerate(request.lines)]
    if not wanted:
        wanted = [("lines", LineCancellation(line.line_no)) for line in change.lines.values() if line.open]
    cancelled = []
    for field, item in wanted:
        line_no = item.line_no
        line = change.line(line_no, f"{field}.line_no")
        there = None if item.location is None else change.location_id(item.location, f"{field}.location")
        open_units = line.open if there is None else change.open_at(line_no, there)
        units = open_units if item.quantity is None else item.quantity
        if units:
            change.end_units(line, units, f"{field}.quantity", there)
            line.quantity_cancelled += units
            cancelled.append({"line_no": line_no, "sku": line.sku, "quantity": units})
    await change.end("released")
    change.reprice()
    facts = {"lines": cancelled, "reason": request.reason, "total": change.money(change.totals[2])}
    if any(line.standing for line in change.lines.values()):
        change.happened("order.line_cancelled", facts)
    await change.close_if_done()
    _name_lines_of_cancelled(change, facts)
    return await change.finish("cancel", {"lines": cancelled, "reason": request.reason})


def _name_lines_of_cancelled(change: OrderChange, facts: Mapping[str, object]) -> None:
    """The event of a cancelled order says which units the last cancellation took."""
    for event in change.events:
        if event.type == "order.cancelled":
            event.data.update(facts)
