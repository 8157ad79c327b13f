"""The fast path of bulk updates: absolutes of a source that follows its own levels, and new levels.

Known levels are changed in one UPDATE, new ones and the ledger are written by COPY: INSERT … SELECT writes row by row,
COPY page by page, which halves the price.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import repeat
from struct import Struct, pack
from uuid import UUID

import msgspec

from kanava.platform.db import Connection, Query

_COPY_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LEVEL = Struct(">hiqiqii")
_MOVEMENT_TAIL = "iqiqii" + "i8sQ"


class Changed(msgspec.Struct, frozen=True):
    """The levels that were changed: parallel arrays, `positions` from 1."""

    positions: list[int]
    before: list[int]
    reserved: list[int]
    incoming: list[int]


# Only levels that follow this source: any other one needs a look at what other sources and deltas have done.
# Sorted, so that two messages lock in the same order.
UPDATE_KNOWN = Query(
    """
    WITH changed AS (
        UPDATE stock_level l SET
            on_hand_before = l.on_hand,
            on_hand = g.absolute,
            shortfall = greatest(0, l.reserved - g.absolute),
            sequence = :sequence::bigint
        FROM (SELECT variant_id, location_id, absolute, position
              FROM unnest(:variant_ids::text::bigint[], :location_ids::text::bigint[], :absolutes::text::int[])
                   WITH ORDINALITY AS u (variant_id, location_id, absolute, position)
              ORDER BY variant_id, location_id) g
        WHERE l.variant_id = g.variant_id AND l.location_id = g.location_id
          AND l.stock_source_id = :source::smallint AND l.sequence < :sequence::bigint
        RETURNING g.position::int AS position, l.on_hand_before, l.reserved, l.incoming
    )
    SELECT coalesce(array_agg(position), '{}') AS positions, coalesce(array_agg(on_hand_before), '{}') AS before,
           coalesce(array_agg(reserved), '{}') AS reserved, coalesce(array_agg(incoming), '{}') AS incoming
    FROM changed
    """,
    Changed,
)


ANY_KNOWN = Query(
    """
    SELECT EXISTS (
        SELECT FROM unnest(:variant_ids::text::bigint[], :location_ids::text::bigint[]) AS k (variant_id, location_id)
        JOIN stock_level l ON l.variant_id = k.variant_id AND l.location_id = k.location_id
    ) AS any_known
    """,
    bool,
)


async def copy_levels(
    tx: Connection, columns: tuple[Sequence[int], Sequence[int], Sequence[int]], source: int, sequence: int
) -> None:
    """Write new levels (variant ids, location ids, on hand); UniqueViolationError when one exists."""
    count = len(columns[0])
    tail = pack(">ihiq", 2, source, 8, sequence)
    rows = map(_LEVEL.pack, repeat(5, count), repeat(8), columns[0], repeat(8), columns[1], repeat(4), columns[2])
    await tx.copy_to_table(
        "stock_level",
        source=BytesIO(_COPY_START + tail.join(rows) + tail + _COPY_END),
        columns=["variant_id", "location_id", "on_hand", "stock_source_id", "sequence"],
        format="binary",
    )


class Origin(msgspec.Struct, frozen=True):
    """What the movements of one message share."""

    source: int
    sequence: int
    actor: str
    now: datetime
    first_id: UUID


async def copy_movements(
    tx: Connection, columns: tuple[Sequence[int], Sequence[int], Sequence[int]], origin: Origin
) -> None:
    """Write the ledger rows of absolutes (variant ids, location ids, moved); ids count up from `first_id`."""
    count = len(columns[0])
    actor = origin.actor.encode()
    microseconds = int((origin.now - _EPOCH).total_seconds() * 1_000_000)
    head = pack(f">hi4sihiqi{len(actor)}siq", 9, 4, b"sync", 2, origin.source, 8, origin.sequence, len(actor), actor,
                8, microseconds)
    first = int.from_bytes(origin.first_id.bytes[8:])
    row = Struct(f">{len(head)}s{_MOVEMENT_TAIL}")
    rows = map(row.pack, repeat(head, count), repeat(8), columns[0], repeat(8), columns[1], repeat(4), columns[2],
               repeat(16), repeat(origin.first_id.bytes[:8]), range(first, first + count))
    await tx.copy_to_table(
        "stock_movement",
        source=BytesIO(_COPY_START + b"".join(rows) + _COPY_END),
        columns=["kind", "stock_source_id", "sequence", "actor", "recorded_at", "variant_id", "location_id",
                 "on_hand_delta", "movement_id"],
        format="binary",
    )
