"""Counting a shelf: people tally on a sheet, look at the differences, and book it as one count."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kanava.inventory.count_sheets import CountSheet, NewCountSheet, Tally, ToCount
from kanava.inventory.errors import CountSheetBooked, CountSheetNotFound
from kanava.inventory.messages import LINES_MAX, Count, CountLine, StockDocument
from kanava.inventory.service.counts import count_stock
from kanava.inventory.service.names import location_id, variant_id
from kanava.inventory.store import documents
from kanava.inventory.store import sheets as sql
from kanava.inventory.store.sheets import SheetRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput

OPEN_FOR = timedelta(days=3)
"""How long a sheet that nobody has booked is offered to go on with."""
OPEN_MAX = 20


async def open_sheet(tx: Connection, actor: Actor, new: NewCountSheet, now: datetime) -> CountSheet:
    """Begin a sheet; the same id again gives it as it stands."""
    at = await location_id(tx, new.location)
    actor.must_reach(at)
    await sql.INSERT_SHEET.run(
        tx,
        count_sheet_id=new.count_sheet_id,
        location_id=at,
        name=new.name,
        blind=new.blind,
        actor=actor.label,
        now=now,
    )
    return await get_sheet(tx, new.count_sheet_id)


async def open_sheets(connection: Connection, location: str, now: datetime) -> list[CountSheet]:
    """Give the sheets of a place that are not booked, the newest first, without their lines."""
    at = await location_id(connection, location)
    rows = await sql.OPEN_SHEETS.all(connection, location_id=at, since=now - OPEN_FOR, limit=OPEN_MAX)
    return [CountSheet(row.count_sheet_id, row.location, row.name, row.blind, row.started_at, None, []) for row in rows]


async def get_sheet(connection: Connection, count_sheet_id: UUID) -> CountSheet:
    """Give a sheet with its lines; CountSheetNotFound."""
    row = _found(await sql.SHEET.one_or_none(connection, count_sheet_id=count_sheet_id), count_sheet_id)
    lines = await sql.LINES.all(connection, count_sheet_id=count_sheet_id, location_id=row.location_id, limit=LINES_MAX)
    document = None
    if row.booked_at is not None:
        stored = await documents.STORED_DOCUMENT.one(connection, document_id=count_sheet_id)
        document = msgspec.convert(stored.answer, StockDocument)
    return CountSheet(
        row.count_sheet_id, row.location, row.name, row.blind, row.started_at, row.booked_at, lines, document
    )


async def tally(tx: Connection, actor: Actor, count_sheet_id: UUID, found: Tally, now: datetime) -> None:
    """Write units down on a sheet; CountSheetBooked."""
    row = await _for_change(tx, actor, count_sheet_id)
    await sql.ADD_ENTRY.one_or_none(
        tx,
        count_sheet_id=count_sheet_id,
        entry_id=found.entry_id,
        variant_id=await variant_id(tx, found.sku),
        location_id=row.location_id,
        units=found.units,
        absolute=found.absolute,
        actor=actor.label,
        person=actor.name,
        now=now,
    )


async def strike(tx: Connection, actor: Actor, count_sheet_id: UUID, sku: str) -> None:
    """Take a variant off a sheet: it counts as not counted; CountSheetBooked."""
    await _for_change(tx, actor, count_sheet_id)
    await sql.STRIKE.run(tx, count_sheet_id=count_sheet_id, variant_id=await variant_id(tx, sku))


async def book_sheet(tx: Connection, actor: Actor, count_sheet_id: UUID, now: datetime) -> StockDocument:
    """Make a sheet a count, once; a line whose stock moved while it was counted is left out."""
    row = _found(await sql.SHEET_FOR_CHANGE.one_or_none(tx, count_sheet_id=count_sheet_id), count_sheet_id)
    lines = await sql.LINES.all(tx, count_sheet_id=count_sheet_id, location_id=row.location_id, limit=LINES_MAX)
    if not lines:
        raise InvalidInput("Nothing was counted yet.", field="lines")
    counted = [CountLine(line.sku, line.counted, line.expected_on_hand) for line in lines]
    counted.sort(key=lambda line: line.sku)
    document = await count_stock(tx, actor, Count(count_sheet_id, row.location, counted), now)
    await sql.BOOK.run(tx, count_sheet_id=count_sheet_id, now=now)
    return document


async def to_count(connection: Connection, location: str, limit: int) -> list[ToCount]:
    """Give what is suppressed at a place until it is counted, the most units first."""
    at = await location_id(connection, location)
    return await sql.SUPPRESSED_AT.all(connection, location_id=at, limit=limit)


async def _for_change(tx: Connection, actor: Actor, count_sheet_id: UUID) -> SheetRow:
    row = _found(await sql.SHEET_FOR_CHANGE.one_or_none(tx, count_sheet_id=count_sheet_id), count_sheet_id)
    actor.must_reach(row.location_id)
    if row.booked_at is not None:
        raise CountSheetBooked("The count sheet was booked.", field="count_sheet_id")
    return row


def _found(row: SheetRow | None, count_sheet_id: UUID) -> SheetRow:
    if row is None:
        raise CountSheetNotFound(f"No count sheet has the id {count_sheet_id}.", field="count_sheet_id")
    return row
