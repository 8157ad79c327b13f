"""Sheets that people count on."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.inventory.count_sheets import CountedLine, ToCount
from kanava.platform.db import Query, Statement


class SheetRow(msgspec.Struct, frozen=True):
    """A stored sheet."""

    count_sheet_id: UUID
    location_id: int
    location: str
    name: str
    blind: bool
    started_at: datetime
    booked_at: datetime | None


_SHEET = """s.count_sheet_id, s.location_id, p.code AS location, s.name, s.blind, s.started_at, s.booked_at
    FROM count_sheet s JOIN location p USING (location_id)"""

INSERT_SHEET = Statement("""
    INSERT INTO count_sheet (count_sheet_id, location_id, name, blind, actor, started_at)
    VALUES (:count_sheet_id::uuid, :location_id::bigint, :name::text, :blind::boolean, :actor::text, :now::timestamptz)
    ON CONFLICT DO NOTHING
""")

SHEET = Query(f"SELECT {_SHEET} WHERE s.count_sheet_id = :count_sheet_id::uuid", SheetRow)

# Who adds to a sheet or books it has its row first: an entry is in the count, or is refused.
SHEET_FOR_CHANGE = Query(
    f"SELECT {_SHEET} WHERE s.count_sheet_id = :count_sheet_id::uuid FOR UPDATE OF s",
    SheetRow,
)

OPEN_SHEETS = Query(
    f"""
    SELECT {_SHEET}
    WHERE s.location_id = :location_id::bigint AND s.booked_at IS NULL AND s.started_at > :since::timestamptz
    ORDER BY s.started_at DESC LIMIT :limit::int
    """,
    SheetRow,
)

LINES = Query(
    """
    SELECT v.sku, sum(e.units)::int AS counted,
           (array_agg(e.on_hand ORDER BY e.recorded_at, e.entry_id))[1] AS expected_on_hand,
           coalesce(max(l.on_hand), 0) AS on_hand, coalesce(max(l.reserved), 0) AS reserved,
           array_agg(DISTINCT e.person ORDER BY e.person) AS people
    FROM count_sheet_entry e JOIN variant v USING (variant_id)
    LEFT JOIN stock_level l ON l.variant_id = e.variant_id AND l.location_id = :location_id::bigint
    WHERE e.count_sheet_id = :count_sheet_id::uuid
    GROUP BY v.sku ORDER BY max(e.recorded_at) DESC, v.sku LIMIT :limit::int
    """,
    CountedLine,
)

# Units are never fewer than none; `absolute`: so many are there in all.
ADD_ENTRY = Query(
    """
    INSERT INTO count_sheet_entry (count_sheet_id, entry_id, variant_id, units, on_hand, actor, person, recorded_at)
    SELECT :count_sheet_id::uuid, :entry_id::uuid, :variant_id::bigint,
           greatest(-t.units, CASE WHEN :absolute::boolean THEN :units::int - t.units ELSE :units END),
           coalesce((SELECT l.on_hand FROM stock_level l
                     WHERE l.variant_id = :variant_id AND l.location_id = :location_id::bigint), 0),
           :actor::text, :person::text, :now::timestamptz
    FROM (SELECT coalesce(sum(e.units), 0)::int AS units FROM count_sheet_entry e
          WHERE e.count_sheet_id = :count_sheet_id AND e.variant_id = :variant_id) t
    ON CONFLICT DO NOTHING
    RETURNING entry_id
    """,
    UUID,
)

STRIKE = Statement("""
    DELETE FROM count_sheet_entry
    WHERE count_sheet_id = :count_sheet_id::uuid AND variant_id = :variant_id::bigint
""")

BOOK = Statement("""
    UPDATE count_sheet SET booked_at = coalesce(booked_at, :now::timestamptz)
    WHERE count_sheet_id = :count_sheet_id::uuid
""")

SUPPRESSED_AT = Query(
    """
    SELECT v.sku, l.on_hand, l.reserved, l.suppressed
    FROM stock_level l JOIN variant v USING (variant_id)
    WHERE l.location_id = :location_id::bigint AND l.suppressed > 0
    ORDER BY l.suppressed DESC, v.sku LIMIT :limit::int
    """,
    ToCount,
)
