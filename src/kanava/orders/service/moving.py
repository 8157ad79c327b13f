"""Committed units of an order that come from another place from now on; never without a reservation in between."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.inventory import service as inventory
from kanava.inventory.model import Key, Movement, Reservation
from kanava.orders.service.change import OrderChange, Target
from kanava.orders.store.reading import LineRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.planning import Wanted
from kanava.sourcing.routing.decisions import Decision
from kanava.sourcing.taking import TakenPart, Taking


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
    """Where units are now, and why routing chose these places (none: they were named).

    When nobody can, there are no parts and `short` has the units that there are by line.
    """

    parts: tuple[MovedPart, ...]
    short: Mapping[int, int] = {}
    decisions: tuple[Decision, ...] = ()


class Elsewhere(msgspec.Struct, frozen=True):
    """Where units may go: to one place that somebody chose, or anywhere but the places excluded."""

    excluding: frozenset[int] = frozenset()
    to_location_id: int | None = None
    reason: str = ""


class PlannedMove:
    """Units of an order that are to come from elsewhere: planned without a lock on stock; `carry_out` moves them."""

    def __init__(self, change: OrderChange, moves: Sequence[Move], where: Elsewhere, taking: Taking) -> None:
        self.change, self.moves, self.where, self.taking = change, moves, where, taking
        self.wanted = _wanted(change, moves, where)
        self.parts: list[TakenPart] = []
        self.short: Mapping[int, int] = {}
        self.decisions: list[Decision] = []

    async def plan(self, *, partly: bool) -> None:
        """Plan all lines together, so that they stay one parcel; `partly`: else line by line, else what there is."""
        self.short = await self._plan(list(self.wanted.values()))
        if not (self.short and partly):
            return
        for want in self.wanted.values():
            short = self.short if len(self.wanted) == 1 else await self._plan([want])
            there = min(want.quantity, short.get(want.line_no, 0))
            if there:
                await self._plan([msgspec.structs.replace(want, quantity=there)])

    async def _plan(self, wanted: Sequence[Wanted]) -> Mapping[int, int]:
        planned = await self.taking.plan(wanted)
        self.parts += planned.parts
        self.decisions += [] if planned.decision is None else [planned.decision]
        return planned.short

    async def lock(self, also: Iterable[Key] = ()) -> None:
        """Lock the levels that units leave and those that they go to, and others that the caller changes."""
        lines = self.change.lines
        await self.taking.lock([*also, *[(lines[m.line_no].variant_id, m.from_location_id) for m in self.moves]])

    async def carry_out(self) -> Moved:
        """Take the units planned and release the old ones; TooManyUnits, UnitsAwaited, LevelsMoved."""
        if not self.parts:
            return Moved((), self.short)
        change = self.change
        left = _moved(self.moves, self.parts)
        for index, move in enumerate(left):
            line = change.line(move.line_no, f"lines[{index}].line_no")
            change.take_away(line, move.quantity, f"lines[{index}].quantity", move.from_location_id)
        lines = {
            line_no: _line_at(change, change.lines[line_no], self.wanted[line_no], self.where)
            for line_no in sorted({part.line_no for part in self.parts})
        }
        if not self.taking.locked:
            await self.lock()
        change.note_levels(await self.taking.write())
        await _reserve(change, self.taking.channel, self.parts, lines)
        await change.end("released")
        change.reprice()
        codes = change.config.location_codes
        detail = [{"line_no": m.line_no, "quantity": m.quantity, "from": codes[m.from_location_id]} for m in left]
        to = [
            {"line_no": lines[p.line_no].line_no, "quantity": p.quantity, "to": codes[p.location_id]}
            for p in self.parts
        ]
        await change.finish("move", {"lines": detail, "to": to, "reason": self.where.reason})
        parts = [MovedPart(lines[p.line_no].line_no, p.line_no, p.location_id, p.quantity) for p in self.parts]
        return Moved(tuple(parts), decisions=tuple(self.decisions))


async def plan_move(
    tx: Connection,
    actor: Actor,
    target: Target,
    moves: Sequence[Move],
    where: Elsewhere,
    now: datetime,
    *,
    partly: bool = False,
) -> PlannedMove:
    """Plan where units go, all of them or none; `partly`: as many as can go. OrderNotOpen, LineUnknown.

    Units that are fetched (pickup, curbside) go to another place only when it is named.
    """
    change = await OrderChange.open(tx, actor, target, now)
    await change.load_units()
    channel = change.config.channels[change.row.channel]
    facts = await change.facts(channel)
    taking = Taking(tx, channel, facts, change.config, now, excluding=where.excluding)
    planned = PlannedMove(change, moves, where, taking)
    await planned.plan(partly=partly)
    return planned


async def move_units(
    tx: Connection, actor: Actor, target: Target, moves: Sequence[Move], where: Elsewhere, now: datetime
) -> Moved:
    """Take units at other places and release the old ones, all of them or none; as `plan_move` and `carry_out`.

    LevelsMoved when somebody else was quicker: roll back and decide anew.
    """
    planned = await plan_move(tx, actor, target, moves, where, now)
    return await planned.carry_out()


def _wanted(change: OrderChange, moves: Sequence[Move], where: Elsewhere) -> dict[int, Wanted]:
    wanted: dict[int, Wanted] = {}
    for index, move in enumerate(moves):
        line = change.line(move.line_no, f"lines[{index}].line_no")
        known = wanted.get(line.line_no)
        units = move.quantity + (known.quantity if known else 0)
        wanted[line.line_no] = Wanted(line.line_no, line.variant_id, units, line.fulfilment_kind, where.to_location_id)
    return wanted


def _moved(moves: Sequence[Move], parts: Sequence[TakenPart]) -> list[Move]:
    """Give of the moves those units that found a place."""
    found: dict[int, int] = {}
    for part in parts:
        found[part.line_no] = found.get(part.line_no, 0) + part.quantity
    moved = []
    for move in moves:
        units = min(move.quantity, found.get(move.line_no, 0))
        if units:
            moved.append(msgspec.structs.replace(move, quantity=units))
            found[move.line_no] -= units
    return moved


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


async def _reserve(
    change: OrderChange, channel: ChannelRules, taken: Sequence[TakenPart], lines: Mapping[int, LineRow]
) -> None:
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
        for part in taken
    ]
    await inventory.write_reservations(change.tx, [reservation(part) for part in taken])
    await inventory.write_movements(change.tx, movements, [change.actor.label] * len(movements))
