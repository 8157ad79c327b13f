"""Lines that cannot be filled from what is on hand wait for what is on its way, where the channel sells it."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from kanava.inventory.model import Key
from kanava.orders.placing.decide import shortage
from kanava.orders.placing.prepare import Prepared
from kanava.platform.db import Connection
from kanava.sourcing.awaiting import Awaited, choose_incoming
from kanava.sourcing.model import Plan
from kanava.sourcing.planning import Wanted, short_lines
from kanava.sourcing.routing.costing import Setting

Replan = Callable[[Sequence[Wanted], Setting], tuple[Plan, dict[Key, int]]]


class Short(msgspec.Struct, frozen=True):
    """An order with what it wants, its lines that are short (with the units on hand for each) and how it is routed."""

    order: Prepared
    wanted: Sequence[Wanted]
    lines: dict[int, int]
    setting: Setting


async def wait_for_incoming(tx: Connection, short: Short, replan: Replan, now: datetime) -> tuple[Plan, Awaited]:
    """Give a plan for the lines that are on hand, and where the others wait, whole; nothing is taken yet.

    InsufficientStock when the channel does not sell what is on its way, or too little is.
    """
    order, lines = short.order, short.lines
    if not order.channel.sells_incoming:
        raise shortage(order, lines)
    while True:
        on_hand = [want for want in short.wanted if want.line_no not in lines]
        plan, units = replan(on_hand, short.setting)
        if not plan.short:
            break
        lines = lines | short_lines(on_hand, units, plan.short)
    waiting = [want for want in short.wanted if want.line_no in lines]
    places = [place.location_id for place in short.setting.places.ordered]
    awaited = await choose_incoming(tx, waiting, places, now)
    if awaited.short:
        raise shortage(order, {line_no: lines[line_no] for line_no in awaited.short})
    return plan, awaited
