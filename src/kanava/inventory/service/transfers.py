"""Transfers: draft → in transit → received, or cancelled; what is on its way stands as incoming at its target."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from kanava.inventory.errors import DocumentIdTaken, LevelsMoved, TransferStateConflict
from kanava.inventory.messages import Arrival, NewTransfer, Transfer, TransferLineView
from kanava.inventory.model import LevelChange, Movement
from kanava.inventory.service.documents import refuse_short
from kanava.inventory.service.names import announce, line_variants, location_id
from kanava.inventory.service.reserve import apply_changes, write_movements
from kanava.inventory.store import levels, transfers
from kanava.inventory.store.transfers import TransferLineRow, TransferRow
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput, NotFound
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.outbox import Event, publish


async def create_transfer(tx: Connection, actor: Actor, new: NewTransfer, now: datetime) -> Transfer:
    """Write a transfer in draft; the same one again gets it as it stands."""
    source = await location_id(tx, new.from_location, "from_location")
    target = await location_id(tx, new.to_location, "to_location")
    if source == target:
        raise InvalidInput("A transfer goes to another location.", field="to_location")
    actor.must_reach(source)
    variants = await line_variants(tx, [line.sku for line in new.lines])
    made = await transfers.INSERT_TRANSFER.one_or_none(
        tx,
        transfer_id=new.transfer_id,
        from_location_id=source,
        to_location_id=target,
        expected_on=new.expected_on,
        reference=new.reference,
        now=now,
    )
    if made:
        await transfers.INSERT_LINES.run(
            tx, transfer_id=new.transfer_id, variant_ids=variants, quantities=[line.quantity for line in new.lines]
        )
        return await get_transfer(tx, new.transfer_id)
    stored = await get_transfer(tx, new.transfer_id)
    same = (stored.from_location, stored.to_location) == (new.from_location, new.to_location) and {
        (line.sku, line.quantity) for line in stored.lines
    } == {(line.sku, line.quantity) for line in new.lines}
    if not same:
        raise DocumentIdTaken(f"The id {new.transfer_id} belongs to another transfer.", field="transfer_id")
    return stored


async def get_transfer(tx: Connection, transfer_id: UUID) -> Transfer:
    """Give a transfer with its lines."""
    row = await transfers.TRANSFER.one_or_none(tx, transfer_id=transfer_id)
    if row is None:
        raise NotFound(f"No transfer has the id {transfer_id}.", field="transfer_id")
    return _view(row, await transfers.LINES.all(tx, transfer_ids=[transfer_id]))


async def list_transfers(
    tx: Connection, state: str | None, location: str | None, cursor: str | None, limit: int
) -> Page[Transfer]:
    """Give transfers by id, which is by time for ids of version 7; `location` is where they start or end."""
    at = await location_id(tx, location) if location else None
    after = decode_cursor(cursor, UUID)[0] if cursor else UUID(int=0)
    rows = await transfers.TRANSFERS_AFTER.all(tx, after=after, state=state, location_id=at, limit=limit)
    lines = await transfers.LINES.all(tx, transfer_ids=[row.transfer_id for row in rows])
    views = [_view(row, [line for line in lines if line.transfer_id == row.transfer_id]) for row in rows]
    return Page(views, encode_cursor(rows[-1].transfer_id) if len(rows) == limit else None)


async def ship_transfer(tx: Connection, actor: Actor, transfer_id: UUID, now: datetime) -> Transfer:
    """Let the goods leave: on hand falls here, incoming rises there; reserved units are not shipped."""
    row, lines = await _for_change(tx, transfer_id)
    actor.must_reach(row.from_location_id)
    if row.state == "in_transit":
        return _view(row, lines)
    _must_be(row, "draft")
    changes, movements = [], []
    for line in lines:
        here, there = (line.variant_id, row.from_location_id), (line.variant_id, row.to_location_id)
        changes += [
            LevelChange(*here, on_hand_delta=-line.quantity, need=line.quantity),
            LevelChange(*there, incoming_delta=line.quantity),
        ]
        movements += [
            Movement(*here, _id(row, "out"), "transfer_out", on_hand_delta=-line.quantity, reference=_ref(row)),
            Movement(*there, _id(row, "incoming"), "transfer_in", incoming_delta=line.quantity, reference=_ref(row)),
        ]
    try:
        await _move(tx, actor, changes, movements)
    except LevelsMoved:
        await refuse_short(tx, row.from_location_id, [(line.variant_id, -line.quantity) for line in lines])
    return await _enter(tx, actor, row, "in_transit", shipped_at=now)


async def receive_transfer(
    tx: Connection, actor: Actor, transfer_id: UUID, arrival: Arrival, now: datetime
) -> Transfer:
    """Let goods arrive, all or part; shipped units that will not come are `missing`, with a reason."""
    row, lines = await _for_change(tx, transfer_id)
    actor.must_reach(row.to_location_id)
    made = await transfers.INSERT_ARRIVAL.one_or_none(
        tx, transfer_id=transfer_id, arrival_id=arrival.arrival_id, now=now
    )
    if not made:
        return _view(row, lines)
    _must_be(row, "in_transit")
    arriving = _check_arrival(arrival, {line.sku: line for line in lines})
    changes, movements = [], []
    for line, quantity, missing, reason in arriving:
        there = (line.variant_id, row.to_location_id)
        changes.append(LevelChange(*there, on_hand_delta=quantity, incoming_delta=-quantity - missing))
        movements.append(
            Movement(
                *there,
                arrival.arrival_id,
                "transfer_in",
                on_hand_delta=quantity,
                incoming_delta=-quantity - missing,
                reference=_ref(row),
                reason=reason,
            )
        )
    await _move(tx, actor, changes, movements)
    await transfers.ARRIVE.run(
        tx,
        transfer_id=transfer_id,
        variant_ids=[line.variant_id for line, *_ in arriving],
        quantities=[quantity for _, quantity, _, _ in arriving],
        missing=[missing for _, _, missing, _ in arriving],
        reasons=[reason for *_, reason in arriving],
    )
    if any(missing for _, _, missing, _ in arriving):
        detail = {line.sku: {"missing": missing, "reason": reason} for line, _, missing, reason in arriving if missing}
        await record(tx, actor, "transfer_difference", "transfer", str(transfer_id), detail)
    after = await transfers.LINES.all(tx, transfer_ids=[transfer_id])
    if all(line.quantity == line.quantity_received + line.quantity_missing for line in after):
        return await _enter(tx, actor, row, "received", received_at=now)
    return _view(row, after)


async def cancel_transfer(tx: Connection, actor: Actor, transfer_id: UUID, now: datetime) -> Transfer:
    """End a draft, or turn goods on their way back: what has not arrived is on hand again where it came from."""
    row, lines = await _for_change(tx, transfer_id)
    actor.must_reach(row.from_location_id)
    if row.state == "cancelled":
        return _view(row, lines)
    _must_be(row, "draft", "in_transit")
    if row.state == "in_transit":
        changes, movements = [], []
        for line in lines:
            left = line.quantity - line.quantity_received - line.quantity_missing
            if not left:
                continue
            here, there = (line.variant_id, row.from_location_id), (line.variant_id, row.to_location_id)
            changes += [LevelChange(*here, on_hand_delta=left), LevelChange(*there, incoming_delta=-left)]
            movements += [
                Movement(
                    *here, _id(row, "back"), "transfer_in", on_hand_delta=left, reference=_ref(row), reason="cancelled"
                ),
                Movement(
                    *there,
                    _id(row, "not coming"),
                    "transfer_out",
                    incoming_delta=-left,
                    reference=_ref(row),
                    reason="cancelled",
                ),
            ]
        await _move(tx, actor, changes, movements)
    await record(tx, actor, "cancel", "transfer", str(transfer_id), {"was": row.state, "at": now.isoformat()})
    return await _enter(tx, actor, row, "cancelled")


def _check_arrival(
    arrival: Arrival, shipped: dict[str, TransferLineRow]
) -> list[tuple[TransferLineRow, int, int, str | None]]:
    errors: list[FieldError] = []
    arriving: list[tuple[TransferLineRow, int, int, str | None]] = []
    seen: set[str] = set()
    for index, line in enumerate(arrival.lines):
        at = f"lines[{index}]"
        known = shipped.get(line.sku)
        if known is None:
            errors.append(FieldError(f"{at}.sku", f"{line.sku!r} is not in this transfer"))
            continue
        open_units = known.quantity - known.quantity_received - known.quantity_missing
        if line.sku in seen:
            errors.append(FieldError(f"{at}.sku", f"{line.sku!r} stands there twice"))
        elif line.quantity + line.missing == 0:
            errors.append(FieldError(f"{at}.quantity", "give a quantity, or what is missing"))
        elif line.missing and line.reason is None:
            errors.append(FieldError(f"{at}.reason", "say why units are missing"))
        elif line.quantity + line.missing > open_units:
            errors.append(FieldError(f"{at}.quantity", f"only {open_units} are still on their way"))
        seen.add(line.sku)
        arriving.append((known, line.quantity, line.missing, line.reason if line.missing else None))
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].reason}.", errors=errors[:100])
    return arriving


async def _for_change(tx: Connection, transfer_id: UUID) -> tuple[TransferRow, list[TransferLineRow]]:
    row = await transfers.TRANSFER_FOR_CHANGE.one_or_none(tx, transfer_id=transfer_id)
    if row is None:
        raise NotFound(f"No transfer has the id {transfer_id}.", field="transfer_id")
    return row, await transfers.LINES.all(tx, transfer_ids=[transfer_id])


def _must_be(row: TransferRow, *states: str) -> None:
    if row.state not in states:
        raise TransferStateConflict(f"The transfer is {row.state}; this needs {' or '.join(states)}.", field="state")


async def _move(tx: Connection, actor: Actor, changes: Sequence[LevelChange], movements: Sequence[Movement]) -> None:
    await levels.ENSURE_LEVELS.run(
        tx,
        variant_ids=[change.variant_id for change in changes],
        location_ids=[change.location_id for change in changes],
    )
    async with tx.transaction():
        changed = await apply_changes(tx, changes)
    await write_movements(tx, movements, [actor.label] * len(movements))
    await announce(tx, changed)


async def _enter(
    tx: Connection,
    actor: Actor,
    row: TransferRow,
    state: str,
    *,
    shipped_at: datetime | None = None,
    received_at: datetime | None = None,
) -> Transfer:
    await transfers.CHANGE_STATE.run(
        tx, transfer_id=row.transfer_id, state=state, shipped_at=shipped_at, received_at=received_at
    )
    facts = {"from": row.from_location, "to": row.to_location, "state": state, "actor": actor.label}
    await publish(tx, [Event(f"transfer.{state}", "transfer", str(row.transfer_id), facts)])
    return await get_transfer(tx, row.transfer_id)


def _id(row: TransferRow, step: str) -> UUID:
    """Name the movement of a step, the same at every try."""
    return UUID(bytes=blake2b(f"{row.transfer_id}:{step}".encode(), digest_size=16).digest())


def _ref(row: TransferRow) -> str:
    return f"transfer:{row.transfer_id}"


def _view(row: TransferRow, lines: Sequence[TransferLineRow]) -> Transfer:
    views = [
        TransferLineView(line.sku, line.quantity, line.quantity_received, line.quantity_missing, line.difference_reason)
        for line in lines
    ]
    return Transfer(
        row.transfer_id,
        row.from_location,
        row.to_location,
        row.state,  # type: ignore[arg-type]
        row.expected_on,
        row.reference,
        row.created_at,
        row.shipped_at,
        row.received_at,
        views,
    )
