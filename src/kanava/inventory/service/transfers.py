"""Transfers: draft → in transit → received, or cancelled; what is on its way stands as incoming at its target."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kanava.inventory.errors import DocumentIdTaken, LevelsMoved, TransferStateConflict
from kanava.inventory.messages import Arrival, NewTransfer, Transfer, TransferLineView
from kanava.inventory.model import LevelChange, Movement
from kanava.inventory.service.arrivals import (
    Way,
    arrival_columns,
    check_arrival,
    differences,
    left_of,
    move_levels,
    step_id,
    take_in,
)
from kanava.inventory.service.documents import refuse_short
from kanava.inventory.service.incoming import stock_came
from kanava.inventory.service.names import line_variants, location_id
from kanava.inventory.store import transfers
from kanava.inventory.store.transfers import TransferLineRow, TransferRow
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, NotFound
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
            Movement(
                *here,
                step_id(row.transfer_id, "out"),
                "transfer_out",
                on_hand_delta=-line.quantity,
                reference=_ref(row),
            ),
            Movement(
                *there,
                step_id(row.transfer_id, "incoming"),
                "transfer_in",
                incoming_delta=line.quantity,
                reference=_ref(row),
            ),
        ]
    try:
        changed = await move_levels(tx, actor, changes, movements)
    except LevelsMoved:
        await refuse_short(tx, row.from_location_id, [(line.variant_id, -line.quantity) for line in lines])
        raise
    entered = await _enter(tx, actor, row, "in_transit", shipped_at=now)
    await stock_came(tx, actor, changed, {(line.variant_id, row.to_location_id): 0 for line in lines}, now)
    return entered


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
    arriving = check_arrival(arrival, lines, "transfer")
    changed = await take_in(tx, actor, Way(row.to_location_id, "transfer_in", _ref(row)), arrival.arrival_id, arriving)
    await transfers.ARRIVE.run(tx, transfer_id=transfer_id, **arrival_columns(arriving))
    if missing := differences(arriving):
        await record(tx, actor, "transfer_difference", "transfer", str(transfer_id), missing)
    arrived = {(each.line.variant_id, row.to_location_id): each.quantity for each in arriving}
    await stock_came(tx, actor, changed, arrived, now)
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
    await record(tx, actor, "cancel", "transfer", str(transfer_id), {"was": row.state, "at": now.isoformat()})
    entered = await _enter(tx, actor, row, "cancelled")
    if row.state == "in_transit":
        changes, movements = [], []
        for line in lines:
            left = left_of(line)
            if not left:
                continue
            here, there = (line.variant_id, row.from_location_id), (line.variant_id, row.to_location_id)
            changes += [LevelChange(*here, on_hand_delta=left), LevelChange(*there, incoming_delta=-left)]
            movements += [
                Movement(
                    *here,
                    step_id(row.transfer_id, "back"),
                    "transfer_in",
                    on_hand_delta=left,
                    reference=_ref(row),
                    reason="cancelled",
                ),
                Movement(
                    *there,
                    step_id(row.transfer_id, "not coming"),
                    "transfer_out",
                    incoming_delta=-left,
                    reference=_ref(row),
                    reason="cancelled",
                ),
            ]
        changed = await move_levels(tx, actor, changes, movements)
        await stock_came(tx, actor, changed, {(line.variant_id, row.to_location_id): 0 for line in lines}, now)
    return entered


async def _for_change(tx: Connection, transfer_id: UUID) -> tuple[TransferRow, list[TransferLineRow]]:
    row = await transfers.TRANSFER_FOR_CHANGE.one_or_none(tx, transfer_id=transfer_id)
    if row is None:
        raise NotFound(f"No transfer has the id {transfer_id}.", field="transfer_id")
    return row, await transfers.LINES.all(tx, transfer_ids=[transfer_id])


def _must_be(row: TransferRow, *states: str) -> None:
    if row.state not in states:
        raise TransferStateConflict(f"The transfer is {row.state}; this needs {' or '.join(states)}.", field="state")


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
