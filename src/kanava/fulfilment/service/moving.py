"""Units that a place gives up find another place, or the customer is asked: in the transaction of the change."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from kanava.fulfilment import rules
from kanava.fulfilment.model import RejectReason
from kanava.fulfilment.service.change import FulfilmentChange, event_of, lines_told
from kanava.fulfilment.service.opening import agree
from kanava.fulfilment.service.promising import carried_to
from kanava.fulfilment.store import changing as changing_sql
from kanava.fulfilment.store import rejecting as sql
from kanava.fulfilment.store.reading import FulfilmentRow, LineRow
from kanava.orders.service.moving import Elsewhere, Move, MovedPart, PlannedMove, plan_move
from kanava.platform.db import write_all
from kanava.platform.ids import uuid7
from kanava.sourcing.routing import decisions

ASKED_AGAIN_AFTER = timedelta(days=7)
"""How long a place that could not give units of an order is not asked for them again."""


class GivenUp(msgspec.Struct, frozen=True):
    """Units of the lines of one fulfilment that its place cannot give."""

    units: Mapping[int, int]
    reason: RejectReason
    rejection_id: UUID
    note: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What became of units by line: those at another place now, and those that nobody can give."""

    moved: Mapping[int, int]
    stuck: Mapping[int, int]


async def give_up(change: FulfilmentChange, given_up: GivenUp, planned: PlannedMove | None = None) -> Outcome:
    """Move units to other places; those that nobody can give stay reserved here, stuck. The caller finishes the change.

    Units that the customer wants to fetch here are not moved by us: she chose the place, she is asked. `planned`: what
    `plan_elsewhere` gave for these units, when the caller had to know it.
    """
    if not given_up.units:
        change.happened("fulfilment.changed", {"state": change.row.state, "reason": given_up.reason, "lines": []})
        return Outcome({}, {})
    moved: tuple[MovedPart, ...] = ()
    if change.row.kind == "ship":
        moved = await move_elsewhere(change, given_up, planned or await plan_elsewhere(change, given_up))
    units_moved: dict[int, int] = {}
    for part in moved:
        units_moved[part.from_line_no] = units_moved.get(part.from_line_no, 0) + part.quantity
    for line_no, units in units_moved.items():
        end_here(change.lines[line_no], units)
    stuck = {n: units - units_moved.get(n, 0) for n, units in given_up.units.items() if units > units_moved.get(n, 0)}
    change.row.state = rules.state_after(change.row.state, change.row.kind, change.lines.values())
    _tell_rejected(change, given_up)
    if moved:
        await open_elsewhere(change, moved, given_up.reason)
    if stuck:
        await _set_stuck(change, stuck, given_up.reason)
    await _write_rejections(change, given_up, units_moved, stuck)
    return Outcome(units_moved, stuck)


async def plan_elsewhere(change: FulfilmentChange, given_up: GivenUp) -> PlannedMove:
    """Find the places that can give units at the least cost: the one way to another place. Nothing is locked yet.

    All lines together first, so that they stay one parcel; else line by line; else as many as there are.
    """
    row = change.row
    since = change.now - ASKED_AGAIN_AFTER
    before = await sql.REJECTED_AT.all(change.tx, order_id=row.order_id, since=since)
    excluded = {row.location_id, *(each.location_id for each in before if each.line_no in given_up.units)}
    where = Elsewhere(frozenset(excluded), reason=given_up.reason)
    moves = [Move(line_no, row.location_id, quantity) for line_no, quantity in given_up.units.items()]
    return await plan_move(change.tx, change.actor, change.target, moves, where, change.now, partly=True)


async def move_elsewhere(change: FulfilmentChange, given_up: GivenUp, planned: PlannedMove) -> tuple[MovedPart, ...]:
    """Carry a plan out and write down why it is so; gives the units that are elsewhere now."""
    moved = await planned.carry_out()
    cause = "closed" if given_up.reason == "closed" else "rejected"
    for decision in moved.decisions:
        await decisions.record(change.tx, change.row.order_id, cause, decision, change.now)
    return moved.parts


def end_here(line: LineRow, units: int) -> None:
    """Take units off a line: the least worked on first."""
    cut = rules.cut_of(
        units, line.to_pick, line.quantity_picked - line.quantity_packed, line.quantity_packed - line.quantity_done
    )
    line.quantity_picked -= cut.picked + cut.packed
    line.quantity_packed -= cut.packed
    line.quantity_ended += cut.units


async def open_elsewhere(change: FulfilmentChange, moved: Sequence[MovedPart], reason: str) -> bool:
    """Open fulfilments for units that were moved, at once, and tell of each; the old one is written first.

    Gives whether what the customer was told still holds.
    """
    row = change.row
    await change.write_units()
    carried = await carried_to(change, moved)
    agreed = await agree(change.tx, [row.order_id], change.now, carried=carried)
    there: dict[int, FulfilmentRow] = {new.location_id: new for new in agreed.grown}
    there |= {new.location_id: new for new, _ in agreed.opened}
    for location_id in sorted({part.location_id for part in moved}):
        new = there[location_id]
        told = [(change.lines[part.from_line_no], part.quantity) for part in moved if part.location_id == location_id]
        facts = {
            "fulfilment_id": new.fulfilment_id,
            "fulfilment_number": new.fulfilment_number,
            "from_fulfilment_id": row.fulfilment_id,
            "from_location": row.location,
            "to_location": new.location,
            "location": new.location,
            "promised_by_before": row.promised_by,
            "promised_by": carried[location_id].promised_by,
            "reason": reason,
            "lines": lines_told(told),
        }
        change.events.append(event_of("fulfilment.moved", row, facts))
    return all(each.promised_by == row.promised_by for each in carried.values())


async def _set_stuck(change: FulfilmentChange, stuck: Mapping[int, int], reason: str) -> None:
    """Mark units that nobody can give: the whole fulfilment, or a new one at the same place with just those units."""
    row = change.row
    if all(line.here == stuck.get(line.line_no, 0) for line in change.lines.values()):
        target, told = row, [(change.lines[line_no], units) for line_no, units in stuck.items()]
        _mark(change, row, reason)
    else:
        target, told = await _split_off(change, stuck, reason)
    if target is row:
        change.assign(None)
        row.state = "picking" if any(line.quantity_picked for line in change.lines.values()) else "open"
    change.events.append(event_of("fulfilment.stuck", target, {"lines": lines_told(told), "reason": reason}))


def _mark(change: FulfilmentChange, row: FulfilmentRow, reason: str) -> None:
    row.stuck_since, row.stuck_reason, row.stuck_answer = row.stuck_since or change.now, reason, None


async def _split_off(
    change: FulfilmentChange, stuck: Mapping[int, int], reason: str
) -> tuple[FulfilmentRow, list[tuple[LineRow, int]]]:
    """Make a fulfilment of its own of stuck units, so that the others can go on."""
    row = change.row
    sequence_no = await changing_sql.NEXT_SEQUENCE.one(change.tx, order_id=row.order_id)
    fulfilment_id = uuid7()
    apart = msgspec.structs.replace(
        row,
        fulfilment_id=fulfilment_id,
        sequence_no=sequence_no,
        state="open",
        units_to_pick=sum(stuck.values()),
        wave_id=None,
        assigned_to=None,
        assigned_name=None,
        created_at=change.now,
        updated_at=change.now,
        version=1,
    )
    _mark(change, apart, reason)
    told = []
    for line_no, units in stuck.items():
        line = change.lines[line_no]
        end_here(line, units)
        told.append(
            (LineRow(row.order_id, fulfilment_id, line_no, line.variant_id, line.sku, units, 0, 0, 0, 0), units)
        )
    change.row.state = rules.state_after(row.state, row.kind, change.lines.values())
    await write_all(
        change.tx,
        [
            (changing_sql.INSERT_FULFILMENTS, [changing_sql.values_of(changing_sql.INSERT_FULFILMENTS, apart)]),
            (changing_sql.INSERT_LINES, [changing_sql.values_of(changing_sql.INSERT_LINES, line) for line, _ in told]),
        ],
    )
    return apart, told


def _tell_rejected(change: FulfilmentChange, given_up: GivenUp) -> None:
    told = [(change.lines[line_no], units) for line_no, units in given_up.units.items()]
    facts = {"reason": given_up.reason, "lines": lines_told(told), "state": change.row.state}
    change.happened("fulfilment.rejected", facts)


async def _write_rejections(
    change: FulfilmentChange, given_up: GivenUp, moved: Mapping[int, int], stuck: Mapping[int, int]
) -> None:
    rows = []
    for outcome, units_of in (("moved", moved), ("stuck", stuck)):
        for line_no, units in units_of.items():
            line = change.lines[line_no]
            # A line of which some were moved and some are stuck has two rows.
            rejection_id = given_up.rejection_id if outcome == "moved" or line_no not in moved else uuid7()
            row = change.row
            rows.append(
                (
                    row.order_id,
                    rejection_id,
                    row.fulfilment_id,
                    line_no,
                    line.variant_id,
                    row.location_id,
                    units,
                    given_up.reason,
                    given_up.note,
                    outcome,
                    change.actor.label,
                    change.now,
                )
            )
    await write_all(change.tx, [(changing_sql.INSERT_REJECTIONS, rows)])


def units_given(change: FulfilmentChange) -> dict[int, int]:
    """Give all units of a fulfilment that are not picked, by line."""
    return {line_no: line.to_pick for line_no, line in change.lines.items() if line.to_pick}
