"""Transfers: draft → in transit → received, or cancelled; what is on its way stands as incoming at its target."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kanava.inventory.errors import DocumentIdTaken, LevelsMoved, TransferStateConflict
from kanava.inventory.messages import Arrival, ExpectationChange, NewTransfer, Transfer
from kanava.inventory.model import LevelChange, Movement
from kanava.inventory.service.arrivals import (
    Expected,
    Way,
    by_document,
    date_anew,
    has_all_arrived,
    is_new,
    left_of,
    line_views,
    move_levels,
    receive,
    same_lines,
    step_id,
)
from kanava.inventory.service.documents import refuse_short
from kanava.inventory.service.incoming import stock_came
from kanava.inventory.service.names import line_variants, location_id
from kanava.inventory.store import transfers
from kanava.inventory.store.arrivals import TRANSFER, ExpectedLineRow
from kanava.inventory.store.transfers import TransferRow
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, NotFound, PreconditionFailed
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
        await TRANSFER.insert_lines.run(
            tx, document_id=new.transfer_id, variant_ids=variants, quantities=[line.quantity for line in new.lines]
        )
        return await get_transfer(tx, new.transfer_id)
    stored = await get_transfer(tx, new.transfer_id)
    same = (stored.from_location, stored.to_location) == (new.from_location, new.to_location)
    if not (same and same_lines(stored.lines, new.lines)):
        raise DocumentIdTaken(f"The id {new.transfer_id} belongs to another transfer.", field="transfer_id")
    return stored


async def get_transfer(tx: Connection, transfer_id: UUID) -> Transfer:
    """Give a transfer with its lines."""
    row = await transfers.TRANSFER.one_or_none(tx, transfer_id=transfer_id)
    if row is None:
        raise NotFound(f"No transfer has the id {transfer_id}.", field="transfer_id")
    return _view(row, await TRANSFER.lines.all(tx, document_ids=[transfer_id]))


async def list_transfers(
    tx: Connection, state: str | None, location: str | None, cursor: str | None, limit: int
) -> Page[Transfer]:
    """Give transfers by id, which is by time for ids of version 7; `location` is where they start or end."""
    at = await location_id(tx, location) if location else None
    after = decode_cursor(cursor, UUID)[0] if cursor else UUID(int=0)
    rows = await transfers.TRANSFERS_AFTER.all(tx, after=after, state=state, location_id=at, limit=limit)
    lines = await TRANSFER.lines.all(tx, document_ids=[row.transfer_id for row in rows])
    lines_by_id = by_document(lines)
    views = [_view(row, lines_by_id[row.transfer_id]) for row in rows]
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


async def change_transfer(
    tx: Connection, actor: Actor, transfer_id: UUID, change: ExpectationChange, version: int, now: datetime
) -> Transfer:
    """Change the date or the reference of a transfer that is still at `version`.

    Those who await its units get the new date; a later one, or none, is `transfer.delayed`.
    """
    row, lines = await _for_change(tx, transfer_id)
    actor.must_reach(row.from_location_id)
    if row.version != version:
        raise PreconditionFailed(f"The transfer is at version {row.version}, not {version}.", field="If-Match")
    _must_be(row, "draft", "in_transit")
    before = Expected(row.expected_on, row.reference)
    after = before.changed(change)
    await _write(tx, row, row.state, expected_on=after.expected_on, reference=after.reference)
    if after.expected_on != before.expected_on:
        facts = {**before.dates(after), **_facts(actor, row, row.state)}
        kind = "transfer.delayed" if before.is_delayed_by(after) else "transfer.changed"
        await publish(tx, [Event(kind, "transfer", str(transfer_id), facts)])
        if row.state == "in_transit":
            await date_anew(tx, [(line.variant_id, row.to_location_id) for line in lines], now)
    await record(tx, actor, "change", "transfer", str(transfer_id), before.differences(after))
    return await get_transfer(tx, transfer_id)


async def receive_transfer(
    tx: Connection, actor: Actor, transfer_id: UUID, arrival: Arrival, now: datetime
) -> Transfer:
    """Let goods arrive, all or part; shipped units that will not come are `missing`, with a reason."""
    row, lines = await _for_change(tx, transfer_id)
    actor.must_reach(row.to_location_id)
    if not await is_new(tx, TRANSFER, transfer_id, arrival, now):
        return _view(row, lines)
    _must_be(row, "in_transit")
    after = await receive(
        tx,
        actor,
        TRANSFER,
        Way(row.to_location_id, "transfer_in", _ref(row), "transfer_difference"),
        arrival,
        lines,
        now,
    )
    if has_all_arrived(after):
        return await _enter(tx, actor, row, "received", received_at=now)
    await _write(tx, row, row.state)
    return await get_transfer(tx, transfer_id)


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


async def _for_change(tx: Connection, transfer_id: UUID) -> tuple[TransferRow, list[ExpectedLineRow]]:
    row = await transfers.TRANSFER_FOR_CHANGE.one_or_none(tx, transfer_id=transfer_id)
    if row is None:
        raise NotFound(f"No transfer has the id {transfer_id}.", field="transfer_id")
    return row, await TRANSFER.lines.all(tx, document_ids=[transfer_id])


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
    await _write(tx, row, state, shipped_at=shipped_at, received_at=received_at)
    event = Event(f"transfer.{state}", "transfer", str(row.transfer_id), _facts(actor, row, state))
    await publish(tx, [event])
    return await get_transfer(tx, row.transfer_id)


async def _write(tx: Connection, row: TransferRow, state: str, **changed: object) -> None:
    kept = {"expected_on": row.expected_on, "reference": row.reference, "shipped_at": None, "received_at": None}
    await transfers.CHANGE.run(tx, transfer_id=row.transfer_id, state=state, **{**kept, **changed})


def _facts(actor: Actor, row: TransferRow, state: str) -> dict[str, object]:
    return {"from": row.from_location, "to": row.to_location, "state": state, "actor": actor.label}


def _ref(row: TransferRow) -> str:
    return f"transfer:{row.transfer_id}"


def _view(row: TransferRow, lines: Sequence[ExpectedLineRow]) -> Transfer:
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
        row.version,
        line_views(lines),
    )
