"""A place's board: what it has to do, most urgent first; and waves of it."""

from collections import defaultdict
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from kanava.fulfilment.errors import WaveNotFound
from kanava.fulfilment.model import BoardEntry, Fulfilment, Kind, PickListLine, State, TakeWave, Wave
from kanava.fulfilment.service import reading
from kanava.fulfilment.service.change import event_of, write_back
from kanava.fulfilment.store import board as sql
from kanava.fulfilment.store import reading as reading_sql
from kanava.fulfilment.store.board import WaveRow
from kanava.fulfilment.store.reading import FulfilmentRow
from kanava.inventory.service import names
from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import AlreadyExists
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.outbox import publish
from kanava.stores.errors import LocationNotFound


class BoardFilter(msgspec.Struct, frozen=True):
    """What of a board to show; None leaves a fact open. `waiting`: customers who wait in their car."""

    states: list[State] | None = None
    kind: Kind | None = None
    stuck: bool = False
    waiting: bool = False


async def place_of(connection: Connection, actor: Actor, code: str) -> int:
    """Give the id of a location that the actor may act at; LocationNotFound, OutOfReach."""
    location_id = (await names.location_ids(connection, [code]))[code]
    if location_id is None:
        raise LocationNotFound(f"No location has the code {code[:60]!r}.", field="code")
    reading.must_reach(actor, location_id)
    return location_id


async def board(
    connection: Connection, actor: Actor, code: str, wanted: BoardFilter, limit: int, cursor: str | None, now: datetime
) -> Page[BoardEntry]:
    """Give a place's work by the time by which it has to be done."""
    location_id = await place_of(connection, actor, code)
    after_work_by, after_id = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await sql.BOARD.all(
        connection,
        location_id=location_id,
        states=wanted.states or None,
        kind=wanted.kind,
        stuck=wanted.stuck,
        waiting=wanted.waiting,
        after_work_by=after_work_by,
        after_id=after_id,
        limit=limit,
    )
    last = rows[-1] if len(rows) == limit else None
    items = [_entry(each, now) for each in await reading.views(connection, rows)]
    return Page(items, encode_cursor(last.work_by, last.fulfilment_id) if last else None)


def _entry(shown: Fulfilment, now: datetime) -> BoardEntry:
    waits = shown.state == "ready" and shown.arrived_at is not None
    done = shown.state in ("packed", "ready")
    return BoardEntry(
        shown,
        late=not done and not shown.on_hold and shown.work_by < now,
        stuck=shown.stuck_since is not None,
        waiting_seconds=int((now - cast("datetime", shown.arrived_at)).total_seconds()) if waits else None,
    )


async def take_wave(tx: Connection, actor: Actor, code: str, request: TakeWave, now: datetime) -> Wave:
    """Give the most urgent open work of a place that nobody has to the actor; sent again it is the same wave."""
    location_id = await place_of(tx, actor, code)
    written = await sql.INSERT_WAVE.one_or_none(
        tx, wave_id=request.wave_id, location_id=location_id, actor=actor.label, now=now
    )
    if written is None:
        known = await _found(tx, actor, request.wave_id)
        if (known.location_id, known.actor) != (location_id, actor.label):
            raise AlreadyExists("This wave is somebody else's.", field="wave_id")
        return await _wave(tx, known)
    rows = await sql.FREE_WORK.all(tx, location_id=location_id, kind=request.kind, limit=request.fulfilments_max)
    for row in rows:
        row.state, row.wave_id, row.assigned_to, row.assigned_name = "picking", request.wave_id, actor.label, actor.name
    if rows:
        await write_back(tx, rows, [], now)
        await publish(tx, [event_of("fulfilment.changed", row, _told(row)) for row in rows])
    await audit.record(
        tx,
        actor,
        "wave.take",
        "wave",
        str(request.wave_id),
        {"location": code, "fulfilments": [row.fulfilment_number for row in rows]},
    )
    return await _wave(tx, await _found(tx, actor, request.wave_id))


async def get_wave(connection: Connection, actor: Actor, wave_id: UUID) -> Wave:
    """Give a wave; WaveNotFound, OutOfReach."""
    return await _wave(connection, await _found(connection, actor, wave_id))


async def release_wave(tx: Connection, actor: Actor, wave_id: UUID, now: datetime) -> Wave:
    """Put back on the board what of a wave is not picked whole; a wave that has ended stays as it is."""
    known = await _found(tx, actor, wave_id)
    if known.state == "done":
        return await _wave(tx, known)
    await sql.LOCK_WAVE_ORDERS.all(tx, wave_id=wave_id)
    rows = [row for row in await sql.OF_WAVE.all(tx, wave_id=wave_id) if row.state == "picking"]
    if rows:
        lines = await reading_sql.LINES_OF.all(
            tx,
            order_ids=[row.order_id for row in rows],
            fulfilment_ids=[row.fulfilment_id for row in rows],
        )
        begun = {line.fulfilment_id for line in lines if line.quantity_picked}
        for row in rows:
            row.state = "picking" if row.fulfilment_id in begun else "open"
            row.wave_id = row.assigned_to = row.assigned_name = None
        await write_back(tx, rows, [], now)
        await publish(tx, [event_of("fulfilment.changed", row, _told(row)) for row in rows])
    await sql.END_WAVE.run(tx, wave_id=wave_id)
    detail = {"location": known.location, "released": [row.fulfilment_number for row in rows]}
    await audit.record(tx, actor, "wave.release", "wave", str(wave_id), detail)
    return await _wave(tx, await _found(tx, actor, wave_id))


def _told(row: FulfilmentRow) -> dict[str, object]:
    return {"state": row.state, "assigned_name": row.assigned_name, "lines": []}


async def _found(connection: Connection, actor: Actor, wave_id: UUID) -> WaveRow:
    row = await sql.WAVE.one_or_none(connection, wave_id=wave_id)
    if row is None:
        raise WaveNotFound(f"No wave has the id {wave_id}.", field="wave_id")
    reading.must_reach(actor, row.location_id)
    return row


async def _wave(connection: Connection, row: WaveRow) -> Wave:
    fulfilments = await reading.views(connection, await sql.OF_WAVE.all(connection, wave_id=row.wave_id))
    units: dict[str, int] = defaultdict(int)
    wanted_by: dict[str, list[str]] = defaultdict(list)
    for each in fulfilments:
        for line in each.lines:
            if line.quantity_to_pick and each.state in ("open", "picking"):
                units[line.sku] += line.quantity_to_pick
                wanted_by[line.sku].append(each.fulfilment_number)
    pick_list = [PickListLine(sku, units[sku], wanted_by[sku]) for sku in sorted(units)]
    state = "done" if row.state == "done" or not pick_list else "open"
    return Wave(row.wave_id, row.location, state, row.actor, row.created_at, pick_list, fulfilments)  # type: ignore[arg-type]
