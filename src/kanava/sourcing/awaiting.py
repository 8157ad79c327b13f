"""Selling units that are on their way: a line that cannot be filled from what is on hand waits for them, whole."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import Key, Reservation
from kanava.inventory.service.awaited import take_incoming
from kanava.inventory.service.incoming import incoming_of
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.sourcing.planning import Wanted

Coming = dict[Key, dict[date, int]]
"""What comes to each level on which day, that nobody awaits; the days in order."""


class AwaitedPart(msgspec.Struct, frozen=True):
    """Units of a line that are awaited at a location, all of them expected by a day."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int
    kind: str
    expected_on: date

    def reservation(self, order_id: UUID, channel_id: int) -> Reservation:
        """Make the reservation that the caller writes in the same transaction."""
        return Reservation(
            self.variant_id,
            uuid7(),
            self.location_id,
            self.quantity,
            "awaited",
            channel_id,
            order_id=order_id,
            line_no=self.line_no,
            fulfilment_kind=self.kind,
            expected_on=self.expected_on,
        )


class Awaited(msgspec.Struct, frozen=True):
    """What is to be awaited. When `short` is not empty nothing is: lines by number, with what one place could have.

    `left` is what then is still to be had at the levels concerned.
    """

    parts: tuple[AwaitedPart, ...]
    short: Mapping[int, int] = {}
    left: Mapping[Key, Mapping[date, int]] = {}


async def await_units(tx: Connection, wanted: Sequence[Wanted], places: Sequence[int], now: datetime) -> Awaited:
    """Let whole lines wait for what is on its way, all of them or none; the caller writes the reservations.

    `places`: the locations that may ship the order, cheapest first. LevelsMoved when somebody else was quicker.
    """
    found = await choose_incoming(tx, wanted, places, now)
    if not found.short:
        await take_awaited(tx, found, now)
    return found


async def choose_incoming(tx: Connection, wanted: Sequence[Wanted], places: Sequence[int], now: datetime) -> Awaited:
    """Choose where whole lines could wait for what is on its way; nothing is taken yet.

    Each line waits at one place: the one that has all its units first, of those the cheapest to ship from; a line that
    names its place waits there. Goods that are carried out cannot wait.
    """
    coming = await _coming(tx, {want.variant_id for want in wanted}, now)
    parts, short = plan_awaited(wanted, places, coming)
    if short:
        return Awaited((), short)
    return Awaited(tuple(parts), left={key: coming[key] for key in _units_of(parts)})


async def take_awaited(tx: Connection, chosen: Awaited, now: datetime) -> None:
    """Take what was chosen; the caller writes `AwaitedPart.reservation` of each part in the same transaction.

    LevelsMoved when somebody else was quicker, or what is on its way has changed: roll back and decide anew.
    """
    await take_incoming(tx, _units_of(chosen.parts))
    # The levels are ours now: what is left must be what was counted on, or a day has changed in between.
    left = await _coming(tx, {part.variant_id for part in chosen.parts}, now)
    if any(left.get(key, {}) != days for key, days in chosen.left.items()):
        raise LevelsMoved


def plan_awaited(
    wanted: Sequence[Wanted], places: Sequence[int], coming: Coming
) -> tuple[list[AwaitedPart], dict[int, int]]:
    """Choose where each line waits and take its units out of `coming`; `places` ship, cheapest first.

    Gives also the lines for which no place gets enough, with the most that one gets.
    """
    parts: list[AwaitedPart] = []
    short: dict[int, int] = {}
    for want in wanted:
        candidates = places if want.location_id is None else [want.location_id]
        found: list[tuple[date, int, int]] = []
        most = 0
        for rank, location_id in enumerate(candidates if want.kind != "carry_out" else ()):
            days = coming.get((want.variant_id, location_id), {})
            most = max(most, sum(days.values()))
            day = _filled_on(days, want.quantity)
            if day is not None:
                found.append((day, rank, location_id))
        if not found:
            short[want.line_no] = most
            continue
        day, _, location_id = min(found)
        _use_up(coming[want.variant_id, location_id], want.quantity)
        parts.append(AwaitedPart(want.line_no, want.variant_id, location_id, want.quantity, want.kind, day))
    return parts, short


async def _coming(tx: Connection, variant_ids: Collection[int], now: datetime) -> Coming:
    coming: Coming = {}
    for each in await incoming_of(tx, sorted(variant_ids), None, now.date()):
        coming.setdefault((each.variant_id, each.location_id), {})[each.available_on] = each.units
    return coming


def _units_of(parts: Sequence[AwaitedPart]) -> dict[Key, int]:
    units: dict[Key, int] = {}
    for part in parts:
        key = (part.variant_id, part.location_id)
        units[key] = units.get(key, 0) + part.quantity
    return units


def _filled_on(days: Mapping[date, int], units: int) -> date | None:
    for day, there in days.items():
        units -= there
        if units <= 0:
            return day
    return None


def _use_up(days: dict[date, int], units: int) -> None:
    """Take units of the first days, as those who were first get them."""
    for day, there in list(days.items()):
        taken = min(there, units)
        units -= taken
        if taken == there:
            del days[day]
        else:
            days[day] = there - taken
