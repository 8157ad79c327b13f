"""What transfers and purchase orders have in common: levels that move with the ledger, and goods that arrive."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from kanava.inventory.messages import Arrival
from kanava.inventory.model import ChangedLevel, LevelChange, Movement, MovementKind
from kanava.inventory.service.reserve import apply_changes, write_movements
from kanava.inventory.store import levels
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput


class ExpectedLine(Protocol):
    """Units of a variant that are to arrive."""

    @property
    def variant_id(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def quantity_received(self) -> int: ...
    @property
    def quantity_missing(self) -> int: ...


Line = TypeVar("Line", bound=ExpectedLine)


class Arriving(msgspec.Struct, Generic[Line], frozen=True):
    """What arrives of a line, and what will not."""

    line: Line
    quantity: int
    missing: int
    reason: str | None


class Way(msgspec.Struct, frozen=True):
    """Where goods arrive, and how the ledger calls it."""

    location_id: int
    kind: MovementKind
    reference: str


def left_of(line: ExpectedLine) -> int:
    """Give the units that are still to come."""
    return line.quantity - line.quantity_received - line.quantity_missing


def check_arrival(arrival: Arrival, expected: Sequence[Line], noun: str) -> list[Arriving[Line]]:
    """Give what arrives of which line; InvalidInput names every line that does not fit. `noun`: "transfer"."""
    known_lines = {line.sku: line for line in expected}
    errors: list[FieldError] = []
    arriving: list[Arriving[Line]] = []
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


def arrival_columns(arriving: Sequence[Arriving[Line]]) -> dict[str, list[int] | list[str | None]]:
    """Give what `ARRIVE` writes to the lines."""
    return {
        "variant_ids": [each.line.variant_id for each in arriving],
        "quantities": [each.quantity for each in arriving],
        "missing": [each.missing for each in arriving],
        "reasons": [each.reason for each in arriving],
    }


def differences(arriving: Sequence[Arriving[Line]]) -> dict[str, dict[str, object]]:
    """Give what the audit log says of units that will not come."""
    return {each.line.sku: {"missing": each.missing, "reason": each.reason} for each in arriving if each.missing}


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


async def take_in(
    tx: Connection, actor: Actor, way: Way, arrival_id: UUID, arriving: Sequence[Arriving[Line]]
) -> list[ChangedLevel]:
    """Put what arrives on hand; the caller writes it to the lines and then calls `stock_came`."""
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


def step_id(document_id: UUID, step: str) -> UUID:
    """Name the movement of a step of a document, the same at every try."""
    return UUID(bytes=blake2b(f"{document_id}:{step}".encode(), digest_size=16).digest())
