"""Work that nobody has begun goes to where it costs less: what routing asks for, carried out under the order's lock."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kanava.fulfilment import rules
from kanava.fulfilment.service import moving
from kanava.fulfilment.service.change import FulfilmentChange
from kanava.inventory import service as inventory
from kanava.orders.service.moving import Elsewhere, Move, move_units
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection
from kanava.sourcing.routing.errors import NotMoved
from kanava.sourcing.routing.rerouting import UnitsMoved


async def move(tx: Connection, moves: Sequence[UnitsMoved], reason: str, now: datetime) -> None:
    """Move units of one order, all of them.

    NotMoved when somebody has begun to pick them, the new place lacks them, or could not keep the promise: roll back.
    """
    by_way: dict[tuple[UUID, int], list[UnitsMoved]] = defaultdict(list)
    for each in moves:
        by_way[(each.fulfilment_id, each.to_location_id)].append(each)
    await _lock(tx, moves, now)
    for (fulfilment_id, to_location_id), together in by_way.items():
        change = await FulfilmentChange.open(tx, SYSTEM, fulfilment_id, now)
        row = change.row
        if row.state != "open" or row.on_hold or row.wave_id is not None or row.stuck_since is not None:
            raise NotMoved(f"{row.fulfilment_number} is {row.state}; somebody has it in hand.")
        if any(change.lines[each.line_no].to_pick < each.quantity for each in together):
            raise NotMoved(f"{row.fulfilment_number} has fewer units by now.")
        moved = await move_units(
            tx,
            SYSTEM,
            change.target,
            [Move(each.line_no, each.from_location_id, each.quantity) for each in together],
            Elsewhere(to_location_id=to_location_id, reason=reason),
            now,
        )
        if moved.short:
            raise NotMoved("The new place has not enough of it any more.")
        for part in moved.parts:
            moving.end_here(change.lines[part.from_line_no], part.quantity)
        row.state = rules.state_after(row.state, row.kind, change.lines.values())
        if not await moving.open_elsewhere(change, moved.parts, reason):
            raise NotMoved("From the new place it would come later than the customer was told.")
        await change.write("move", {"reason": reason})


async def _lock(tx: Connection, moves: Sequence[UnitsMoved], now: datetime) -> None:
    """Lock every level that the moves change before the first of them, under the order's lock."""
    keys = set()
    for fulfilment_id in {each.fulfilment_id for each in moves}:
        change = await FulfilmentChange.open(tx, SYSTEM, fulfilment_id, now)
        for each in moves:
            line = change.lines.get(each.line_no)
            if each.fulfilment_id == fulfilment_id and line is not None:
                keys |= {(line.variant_id, each.from_location_id), (line.variant_id, each.to_location_id)}
    await inventory.lock_levels(tx, keys)
