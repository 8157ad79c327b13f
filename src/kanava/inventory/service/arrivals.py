"""What transfers and purchase orders have in common: levels that move with the ledger, and goods that arrive."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import UNSET

from kanava.inventory.messages import Arrival, ExpectationChange, ExpectedLine, ExpectedLineView
from kanava.inventory.model import ChangedLevel, Key, LevelChange, Movement, MovementKind
from kanava.inventory.service.awaited import date_awaited
from kanava.inventory.service.incoming import stock_came
from kanava.inventory.service.reserve import apply_changes, write_movements
from kanava.inventory.store import incoming, levels
from kanava.inventory.store.arrivals import ArrivalSql, ExpectedLineRow
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput


class Arriving(msgspec.Struct, frozen=True):
    """What arrives of a line, and what will not."""

    line: ExpectedLineRow
    quantity: int
    missing: int
    reason: str | None


class Way(msgspec.Struct, frozen=True):
    """Where goods arrive, and how the ledger and the audit log (of what is missing) call it."""

    location_id: int
    kind: MovementKind
    reference: str
    difference: str


class Expected(msgspec.Struct, frozen=True):
    """When goods are expected (None: nobody knows), and what their sender calls them."""

    expected_on: date | None
    reference: str

    def changed(self, change: ExpectationChange) -> "Expected":
        """Give what stands after a change."""
        return Expected(
            self.expected_on if change.expected_on is UNSET else change.expected_on,
            self.reference if change.reference is UNSET else change.reference,
        )

    def is_delayed_by(self, after: "Expected") -> bool:
        """Tell whether the goods come later than was said, or at a time that nobody knows any more."""
        if self.expected_on is None:
            return False
        return after.expected_on is None or after.expected_on > self.expected_on

    def dates(self, after: "Expected") -> dict[str, object]:
        """Give what an event says of a new day."""
        return {"expected_on_before": self.expected_on, "expected_on": after.expected_on}

    def differences(self, after: "Expected") -> dict[str, object]:
        """Give what the audit log says of a change."""
        return {
            "expected_on": [str(self.expected_on), str(after.expected_on)],
            "reference": [self.reference, after.reference],
        }


def line_views(lines: Sequence[ExpectedLineRow]) -> list[ExpectedLineView]:
    """Give lines as callers see them."""
    return [
        ExpectedLineView(line.sku, line.quantity, line.quantity_received, line.quantity_missing, line.difference_reason)
        for line in lines
    ]


def by_document(lines: Sequence[ExpectedLineRow]) -> dict[UUID, list[ExpectedLineRow]]:
    """Give lines under the transfer or purchase order that they belong to."""
    found: dict[UUID, list[ExpectedLineRow]] = defaultdict(list)
    for line in lines:
        found[line.document_id].append(line)
    return found


def same_lines(stored: Sequence[ExpectedLineView], asked: Sequence[ExpectedLine]) -> bool:
    """Tell whether a document that is sent again has the lines that it had."""
    return {(line.sku, line.quantity) for line in stored} == {(line.sku, line.quantity) for line in asked}


def has_all_arrived(lines: Sequence[ExpectedLineRow]) -> bool:
    """Tell whether nothing is still to come."""
    return not any(left_of(line) for line in lines)


def left_of(line: ExpectedLineRow) -> int:
    """Give the units that are still to come."""
    return line.quantity - line.quantity_received - line.quantity_missing


async def move_levels(
    tx: Connection, actor: Actor, changes: Sequence[LevelChange], movements: Sequence[Movement]
) -> list[ChangedLevel]:
    """Change levels and write the ledger; LevelsMoved when a guard refuses. Nobody has been told yet."""
    await levels.ENSURE_LEVELS.run(
        tx,
        variant_ids=[change.variant_id for change in changes],
        location_ids=[change.location_id for change in changes],
    )
    async with tx.transaction():
        changed = await apply_changes(tx, changes)
    await write_movements(tx, movements, [actor.label] * len(movements))
    return changed


async def is_new(tx: Connection, papers: ArrivalSql, document_id: UUID, arrival: Arrival, now: datetime) -> bool:
    """Write an arrival down; False when it was told before."""
    made = await papers.insert_arrival.one_or_none(tx, document_id=document_id, arrival_id=arrival.arrival_id, now=now)
    return bool(made)


async def receive(
    tx: Connection,
    actor: Actor,
    papers: ArrivalSql,
    way: Way,
    arrival: Arrival,
    lines: Sequence[ExpectedLineRow],
    now: datetime,
) -> list[ExpectedLineRow]:
    """Put what arrives on hand, first for those who wait for it; gives the lines as they stand then."""
    document_id = lines[0].document_id
    arriving = _check_arrival(arrival, lines, papers.document.replace("_", " "))
    changed = await _take_in(tx, actor, way, arrival.arrival_id, arriving)
    await papers.arrive.run(
        tx,
        document_id=document_id,
        variant_ids=[each.line.variant_id for each in arriving],
        quantities=[each.quantity for each in arriving],
        missing=[each.missing for each in arriving],
        reasons=[each.reason for each in arriving],
    )
    missing = {each.line.sku: {"missing": each.missing, "reason": each.reason} for each in arriving if each.missing}
    if missing:
        await record(tx, actor, way.difference, papers.document, str(document_id), missing)
    arrived = {(each.line.variant_id, way.location_id): each.quantity for each in arriving}
    await stock_came(tx, actor, changed, arrived, now)
    return await papers.lines.all(tx, document_ids=[document_id])


async def date_anew(tx: Connection, keys: Sequence[Key], now: datetime) -> None:
    """Tell those who await units at levels the days that hold now; what is on its way has another day than before."""
    await incoming.LOCK_LEVELS.all(tx, variant_ids=[key[0] for key in keys], location_ids=[key[1] for key in keys])
    await date_awaited(tx, keys, now)


def step_id(document_id: UUID, step: str) -> UUID:
    """Name the movement of a step of a document, the same at every try."""
    return UUID(bytes=blake2b(f"{document_id}:{step}".encode(), digest_size=16).digest())


async def _take_in(
    tx: Connection, actor: Actor, way: Way, arrival_id: UUID, arriving: Sequence[Arriving]
) -> list[ChangedLevel]:
    """Put what arrives on hand."""
    changes, movements = [], []
    for each in arriving:
        there = (each.line.variant_id, way.location_id)
        gone = -each.quantity - each.missing
        changes.append(LevelChange(*there, on_hand_delta=each.quantity, incoming_delta=gone))
        movements.append(
            Movement(
                *there,
                arrival_id,
                way.kind,
                on_hand_delta=each.quantity,
                incoming_delta=gone,
                reference=way.reference,
                reason=each.reason,
            )
        )
    return await move_levels(tx, actor, changes, movements)


def _check_arrival(arrival: Arrival, expected: Sequence[ExpectedLineRow], noun: str) -> list[Arriving]:
    """Give what arrives of which line; InvalidInput names every line that does not fit. `noun`: "transfer"."""
    known_lines = {line.sku: line for line in expected}
    errors: list[FieldError] = []
    arriving: list[Arriving] = []
    seen: set[str] = set()
    for index, line in enumerate(arrival.lines):
        at = f"lines[{index}]"
        known = known_lines.get(line.sku)
        if known is None:
            errors.append(FieldError(f"{at}.sku", f"{line.sku!r} is not in this {noun}"))
            continue
        if line.sku in seen:
            errors.append(FieldError(f"{at}.sku", f"{line.sku!r} stands there twice"))
        elif line.quantity + line.missing == 0:
            errors.append(FieldError(f"{at}.quantity", "give a quantity, or what is missing"))
        elif line.missing and line.reason is None:
            errors.append(FieldError(f"{at}.reason", "say why units are missing"))
        elif line.quantity + line.missing > left_of(known):
            errors.append(FieldError(f"{at}.quantity", f"only {left_of(known)} are still on their way"))
        seen.add(line.sku)
        arriving.append(Arriving(known, line.quantity, line.missing, line.reason if line.missing else None))
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].reason}.", errors=errors[:100])
    return arriving
