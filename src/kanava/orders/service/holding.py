"""Keeping an order from being fulfilled, and letting it go on."""

from datetime import datetime

from kanava.orders.errors import OrderNotOpen
from kanava.orders.model import Order
from kanava.orders.requests import HoldOrder
from kanava.orders.service import reading
from kanava.orders.service.change import OrderChange, Target
from kanava.platform.auth import Actor
from kanava.platform.db import Connection


async def hold(tx: Connection, actor: Actor, target: Target, request: HoldOrder, now: datetime) -> Order:
    """Put an open order on hold, or give its hold another reason; the same again changes nothing."""
    change = await OrderChange.open(tx, actor, target, now)
    if change.status == "on_hold" and change.hold_reason == request.reason:
        return await reading.get_order(tx, target.order_id)
    await change.begin(None, "hold", request)
    if change.status not in ("placed", "on_hold"):
        raise OrderNotOpen(f"The order is {change.status}.", order_status=change.status)
    change.status, change.hold_reason = "on_hold", request.reason
    change.happened("order.held", {"reason": request.reason})
    return await change.finish("hold", {"reason": request.reason})


async def release_hold(tx: Connection, actor: Actor, target: Target, now: datetime) -> Order:
    """Let an order on hold go on; one that is not on hold stays as it is."""
    change = await OrderChange.open(tx, actor, target, now)
    if change.status == "placed":
        return await reading.get_order(tx, target.order_id)
    await change.begin(None, "release_hold", None)
    if change.status != "on_hold":
        raise OrderNotOpen(f"The order is {change.status}.", order_status=change.status)
    reason = change.hold_reason
    change.status, change.hold_reason = "placed", None
    change.happened("order.hold_released", {"reason": reason})
    return await change.finish("release_hold", {"reason": reason})
