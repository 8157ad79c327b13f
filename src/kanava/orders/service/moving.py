"""Committed units of an order that come from another place from now on; never without a reservation in between."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.inventory import service as inventory
from kanava.inventory.model import Movement, Reservation
from kanava.orders.service.change import OrderChange, Target
from kanava.orders.store.reading import LineRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.planning import Wanted
from kanava.sourcing.routing.decisions import Decision
from kanava.sourcing.taking import Taken, TakenPart, take


class Move(msgspec.Struct, frozen=True):
    """Units of a line that leave a place."""

    line_no: int
    from_location_id: int
    quantity: int


class MovedPart(msgspec.Struct, frozen=True):
    """Units at their new place; `line_no` is another one when a part of a line that is fetched got its own."""

    line_no: int
    from_line_no: int
    location_id: int
    quantity: int


class Moved(msgspec.Struct, frozen=True):
    """Where units are now, and why routing chose these places (None: they were named).

    When nobody can, there are no parts and `short` has the units that there are by line.
    """

    parts: tuple[MovedPart, ...]
    short: Mapping[int, int] = {}
    decision: Decision | None = None


class Elsewhere(msgspec.Struct, frozen=True):
    """Where units may go: to one place that somebody chose, or anywhere but the places excluded."""

    excluding: frozenset[int] = frozenset()
    to_location_id: int | None = None
    reason: str = ""


async def move_units(
    tx: Connection, actor: Actor, target: Target, moves: Sequence[Move], where: Elsewhere, now: datetime
) -> Moved:
    """Take units at other places and release the old ones, all of them or none.

    Units that are fetched (pickup, curbside) go to another place only when it is named. OrderNotOpen, LineUnknown,
    TooManyUnits; LevelsMoved when somebody else was quicker: roll back and decide anew.
    """
    change = await OrderChange.open(tx, actor, target, now)
    await change.load_units()
    channel = change.config.channels[change.row.channel]
    wanted: dict[int, Wanted] = {}
    for index, move in enumerate(moves):
        line = change.line(move.line_no, f"lines[{index}].line_no")
        change.take_away(line, move.quantity, f"lines[{index}].quantity", move.from_location_id)
        known = wanted.get(line.line_no)
        units = move.quantity + (known.quantity if known else 0)
        wanted[line.line_no] = Wanted(line.line_no, line.variant_id, units, line.fulfilment_kind, where.to_location_id)
    taken = await take(
        tx,
        channel,
        _country(change, channel),
        list(wanted.values()),
        change.config,
        now,
        excluding=where.excluding,
        ship_to=change.ship_to,
    )
    if taken.short:
        return Moved((), taken.short)
    lines = {line_no: _line_at(change, change.lines[line_no], want, where) for line_no, want in wanted.items()}
    await _reserve(change, channel, taken, lines)
    await change.end("released")
    change.reprice()
    codes = change.config.location_codes
    detail = [{"line_no": m.line_no, "quantity": m.quantity, "from": codes[m.from_location_id]} for m in moves]
    to = [
        {"line_no": lines[p.line_no].line_no, "quantity": p.quantity, "to": codes[p.location_id]} for p in taken.parts
    ]
    await change.finish("move", {"lines": detail, "to": to, "reason": where.reason})
    parts = tuple(MovedPart(lines[p.line_no].line_no, p.line_no, p.location_id, p.quantity) for p in taken.parts)
    return Moved(parts, decision=taken.decision)


def _country(change: OrderChange, channel: ChannelRules) -> str:
    return str(change.ship_to["country"]) if change.ship_to else channel.country


def _line_at(change: OrderChange, line: LineRow, want: Wanted, where: Elsewhere) -> LineRow:
    """Give the line that units at a chosen place stand on: a line is fetched at one place only."""
    if where.to_location_id is None or line.location_id is None:
        return line
    if want.quantity < line.standing:
        line.quantity -= want.quantity
        line = msgspec.structs.replace(
            line,
            line_no=max(change.lines) + 1,
            quantity=want.quantity,
            quantity_cancelled=0,
            quantity_fulfilled=0,
        )
        change.lines[line.line_no] = line
    line.location_id = where.to_location_id
    line.location = change.config.location_codes[where.to_location_id]
    return line


async def _reserve(change: OrderChange, channel: ChannelRules, taken: Taken, lines: Mapping[int, LineRow]) -> None:
    """Write the reservations and the ledger of units that were taken."""

    def reservation(part: TakenPart) -> Reservation:
        line = lines[part.line_no]
        return Reservation(
            part.variant_id,
            uuid7(),
            part.location_id,
            part.quantity,
            "committed",
            channel.channel_id,
            part.from_ring_fence,
            None,
            change.row.order_id,
            line.line_no,
            line.fulfilment_kind,
        )

    reference = f"order:{change.row.order_id}"
    movements = [
        Movement(part.variant_id, part.location_id, uuid7(), "reserve", 0, part.quantity, 0, reference)
        for part in taken.parts
    ]
    await inventory.write_reservations(change.tx, [reservation(part) for part in taken.parts])
    await inventory.write_movements(change.tx, movements, [change.actor.label] * len(movements))
    change.note_levels(taken.changed)
