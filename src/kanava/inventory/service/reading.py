"""Reading levels and the ledger."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.inventory.messages import VariantStock
from kanava.inventory.model import LevelView, MovementKind, MovementView
from kanava.inventory.service.names import location_id, variant_id
from kanava.inventory.store import documents
from kanava.platform.db import Connection
from kanava.platform.http import Page, decode_cursor, encode_cursor


class MovementFilter(msgspec.Struct, frozen=True):
    """Whose ledger; `location` and `kind` None do not filter."""

    sku: str
    location: str | None = None
    kind: MovementKind | None = None


async def stock_of(tx: Connection, sku: str) -> VariantStock:
    """Give the levels of a variant at every location that has ever had it."""
    rows = await documents.LEVELS_OF_VARIANT.all(tx, variant_id=await variant_id(tx, sku))
    return VariantStock(
        sku,
        sum(row.on_hand for row in rows),
        sum(row.reserved for row in rows),
        sum(row.incoming for row in rows),
        rows,
    )


async def list_levels(
    tx: Connection, location: str | None, short: bool, cursor: str | None, limit: int
) -> Page[LevelView]:
    """Give levels, of one location or all; `short`: only those that lack reserved units."""
    at = await location_id(tx, location) if location else None
    variant, place = decode_cursor(cursor, int, int) if cursor else (0, 0)
    rows = await documents.LEVELS_AFTER.all(
        tx, variant_id=variant, location_id=place, at_location_id=at, short=short, limit=limit
    )
    views = [
        LevelView(
            row.sku,
            row.location,
            row.on_hand,
            row.reserved,
            row.safety_stock,
            row.incoming,
            row.ring_fenced,
            row.shortfall,
            row.awaited,
            row.suppressed,
        )
        for row in rows
    ]
    return Page(views, encode_cursor(rows[-1].variant_id, rows[-1].location_id) if len(rows) == limit else None)


async def list_movements(tx: Connection, wanted: MovementFilter, cursor: str | None, limit: int) -> Page[MovementView]:
    """Give the ledger of a variant, newest first."""
    variant = await variant_id(tx, wanted.sku)
    at = await location_id(tx, wanted.location) if wanted.location else None
    before, before_id = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await documents.MOVEMENTS_BEFORE.all(
        tx, variant_id=variant, location_id=at, kind=wanted.kind, before=before, before_id=before_id, limit=limit
    )
    last = rows[-1] if len(rows) == limit else None
    return Page(rows, encode_cursor(last.recorded_at, last.movement_id) if last else None)
