"""The fast path of bulk updates: absolutes of a source that follows its own levels, and new levels.

Known levels and their ledger are changed in one statement; new ones are written by COPY: INSERT … SELECT writes row by
row, COPY page by page, which halves the price.
"""

import sys
from array import array
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from struct import Struct, pack
from uuid import UUID

import msgspec

from kanava.platform.db import BULK_SECONDS_MAX, Connection, Query

_COPY_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT8_OID, _INT4_OID = 20, 23
Columns = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""Variant ids, location ids, units: one entry a level."""


class Changed(msgspec.Struct, frozen=True):
    """The levels that were changed; positions count from 1, and every list is in their order.

    `positions` None: all that were given. `moved` None: the units of every one of these differ from what there was.
    `reserved` and `incoming` are parallel to `moved`; None: 0 throughout.
    """

    positions: list[int] | None
    moved: list[int] | None
    reserved: list[int] | None
    incoming: list[int] | None


# Only levels that follow this source: any other one needs a look at what other sources and deltas have done.
# Sorted, so that two messages lock in the same order. Lists go back only where they say something.
_CHANGE_KNOWN = """
    WITH changed AS (
        UPDATE stock_level l SET
            on_hand_before = l.on_hand,
            on_hand = g.absolute,
            shortfall = greatest(0, l.reserved - g.absolute),
            sequence = :sequence::bigint
        FROM (SELECT unnest(:variant_ids::text::bigint[]) AS variant_id,
                     unnest(:location_ids::text::bigint[]) AS location_id, unnest(:absolutes::text::int[]) AS absolute,
                     generate_series(1, :count::int) AS position
              ORDER BY 1, 2) g
        WHERE l.variant_id = g.variant_id AND l.location_id = g.location_id {which}
          AND l.stock_source_id = :source::smallint AND l.sequence < :sequence::bigint
        RETURNING g.position, l.variant_id, l.location_id, l.on_hand - l.on_hand_before AS delta, l.reserved, l.incoming
    ), ledger AS (
        INSERT INTO stock_sync (variant_id, stock_sync_id, location_ids, on_hand_deltas, stock_source_id, sequence,
                                actor, recorded_at)
        SELECT variant_id, :stock_sync_id::uuid, array_agg(location_id), array_agg(delta), :source::smallint,
               :sequence::bigint, :actor::text, :now::timestamptz
        FROM changed WHERE delta <> 0
        GROUP BY variant_id
    )
    SELECT CASE WHEN c.count < :count::int
                THEN (SELECT coalesce(array_agg(position ORDER BY position), '{{}}') FROM changed) END AS positions,
           CASE WHEN c.moved < :count::int
                THEN (SELECT coalesce(array_agg(position ORDER BY position), '{{}}')
                      FROM changed WHERE delta <> 0) END AS moved,
           CASE WHEN c.reserved
                THEN (SELECT array_agg(reserved ORDER BY position) FROM changed WHERE delta <> 0) END AS reserved,
           CASE WHEN c.incoming
                THEN (SELECT array_agg(incoming ORDER BY position) FROM changed WHERE delta <> 0) END AS incoming
    FROM (SELECT count(*) AS count, count(*) FILTER (WHERE delta <> 0) AS moved,
                 bool_or(reserved <> 0) AS reserved, bool_or(incoming <> 0) AS incoming
          FROM changed) c
"""
CHANGE_KNOWN = Query(_CHANGE_KNOWN.format(which=""), Changed, seconds_max=BULK_SECONDS_MAX)

# All levels of these variants are read in the order of the key and the rows of the message found by their hash: a
# third of looking up each level by itself, if most of the variants' levels are in the message.
CHANGE_KNOWN_SIDE_BY_SIDE = Query(
    _CHANGE_KNOWN.format(which="AND l.variant_id = ANY (:distinct_variant_ids::text::bigint[])"),
    Changed,
    seconds_max=BULK_SECONDS_MAX,
)

# For the rest of the (sub)transaction: the planner has no statistics that it could choose by (`LOOK_UP_BY_KEY`).
READ_SIDE_BY_SIDE = Query(
    """
    SELECT set_config('enable_hashjoin', 'on', true) || set_config('enable_nestloop', 'off', true)
        || set_config('enable_bitmapscan', 'off', true) AS settings
    """,
    str,
)


class Sample(msgspec.Struct, frozen=True):
    """What a look at a few rows says: whether any level exists, and how many levels the few variants have."""

    any_known: bool
    levels: int


# LATERAL with OFFSET 0 cannot be planned the other way round: with a plan from when the table was empty each probe read
# all levels.
SAMPLE = Query(
    """
    SELECT EXISTS (
        SELECT FROM unnest(:variant_ids::text::bigint[], :location_ids::text::bigint[]) AS k (variant_id, location_id)
        CROSS JOIN LATERAL (
            SELECT FROM stock_level l WHERE l.variant_id = k.variant_id AND l.location_id = k.location_id OFFSET 0
        ) AS known
    ) AS any_known, (
        SELECT count(*) FROM unnest(:few_variant_ids::bigint[]) AS k (variant_id)
        CROSS JOIN LATERAL (
            SELECT FROM stock_level l WHERE l.variant_id = k.variant_id LIMIT 5000
        ) AS one
    )::int AS levels
    """,
    Sample,
)


def _filled(template: bytes, count: int, columns: Sequence[tuple[int, str, Sequence[int]]]) -> bytearray:
    """Repeat a template and fill in what differs; `columns` says where in it (offset, array type code) which values go.

    The copies are laid out side by side and filled byte by byte with strided slices: ten times quicker than packing one
    after the other. Bytes that are 0 in every value are left as they are.
    """
    size = len(template)
    rows = bytearray(template * count)
    for offset, code, values in columns:
        column = array(code, values)
        if sys.byteorder == "little":
            column.byteswap()
        raw, width = column.tobytes(), column.itemsize
        for place in range(width):
            plane = raw[place::width]
            if plane.count(0) != count:
                rows[offset + place :: size] = plane
    return rows


async def _in_one_piece(*parts: bytes | bytearray) -> AsyncIterator[bytes]:
    # Not as a file: the driver would read that in another thread.
    yield b"".join((_COPY_START, *parts, _COPY_END))


async def copy_levels(tx: Connection, columns: Columns, source: int, sequence: int) -> None:
    """Write new levels; UniqueViolationError when one exists."""
    template = pack(">hiqiqiiihiq", 5, 8, 0, 8, 0, 4, 0, 2, source, 8, sequence)
    filled = [(6, "q", columns[0]), (18, "q", columns[1]), (30, "i", columns[2])]
    await tx.copy_to_table(
        "stock_level",
        source=_in_one_piece(_filled(template, len(columns[0]), filled)),
        columns=["variant_id", "location_id", "on_hand", "stock_source_id", "sequence"],
        format="binary",
        timeout=BULK_SECONDS_MAX,
    )


class Origin(msgspec.Struct, frozen=True):
    """What the movements of one message share."""

    source: int
    sequence: int
    actor: str
    now: datetime


_SYNC_HEAD = Struct(">hiqi16siiiiii")
_SYNC_MIDDLE = Struct(">iiiiii")


async def copy_movements(tx: Connection, columns: Columns, origin: Origin, stock_sync_id: UUID) -> None:
    """Write the ledger rows of absolutes, those of one variant together."""
    variant_ids = list(columns[0])
    if variant_ids != sorted(variant_ids):
        order = sorted(range(len(variant_ids)), key=variant_ids.__getitem__)
        columns = tuple([column[at] for at in order] for column in columns)  # type: ignore[assignment]
    actor = origin.actor.encode()
    microseconds = (origin.now - _EPOCH) // timedelta(microseconds=1)
    tail = pack(f">ihiqi{len(actor)}siq", 2, origin.source, 8, origin.sequence, len(actor), actor, 8, microseconds)
    # The elements of all arrays, each behind its length; then each variant's are cut out.
    location_ids = bytes(_filled(pack(">iq", 8, 0), len(variant_ids), [(4, "q", columns[1])]))
    deltas = bytes(_filled(pack(">ii", 4, 0), len(variant_ids), [(4, "i", columns[2])]))
    parts: list[bytes] = []
    start = 0
    for variant_id, same in groupby(columns[0]):
        count = len(list(same))
        end = start + count
        parts += (
            _SYNC_HEAD.pack(8, 8, variant_id, 16, stock_sync_id.bytes, 20 + 12 * count, 1, 0, _INT8_OID, count, 1),
            location_ids[12 * start : 12 * end],
            _SYNC_MIDDLE.pack(20 + 8 * count, 1, 0, _INT4_OID, count, 1),
            deltas[8 * start : 8 * end],
            tail,
        )
        start = end
    await tx.copy_to_table(
        "stock_sync",
        source=_in_one_piece(*parts),
        columns=[
            "variant_id",
            "stock_sync_id",
            "location_ids",
            "on_hand_deltas",
            "stock_source_id",
            "sequence",
            "actor",
            "recorded_at",
        ],
        format="binary",
        timeout=BULK_SECONDS_MAX,
    )
