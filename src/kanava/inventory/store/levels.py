"""Levels and the ledger."""

from kanava.inventory.model import ChangedLevel, Level, RingFence, Threshold
from kanava.platform.db import CopyInto, Query, Statement, WithInserts

# A level as it is decided with. Suppressed units are kept back as the safety stock is: only who carries a piece out of
# the shop may have it.
LEVEL_COLUMNS = """l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock + l.suppressed AS safety_stock,
           l.ring_fenced"""

# Pairs are looked up by the primary key; a pair without a row has no stock.
LEVELS_AT = Query(
    f"""
    SELECT {LEVEL_COLUMNS}
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
    JOIN stock_level l ON l.variant_id = k.variant_id AND l.location_id = k.location_id
    """,  # noqa: S608 -- constants of this file
    Level,
)

# Every level of a variant that has something free; for routing beyond the usual places.
LEVELS_OF = Query(
    f"""
    SELECT {LEVEL_COLUMNS}
    FROM stock_level l
    WHERE l.variant_id = ANY (:variant_ids::bigint[]) AND l.on_hand > l.reserved
    """,  # noqa: S608 -- constants of this file
    Level,
)

# The rows come sorted by key, and a nested loop over them locks in that order: two groups that want the same levels
# wait for each other and do not deadlock. The guard is evaluated on the newest version of the row.
# `shortfall` can only shrink here, so the CHECK behind it still catches an oversale.
_CHANGE = """
    UPDATE stock_level l SET
        on_hand = l.on_hand + c.on_hand_delta,
        reserved = l.reserved + c.reserved_delta,
        incoming = l.incoming + c.incoming_delta,
        ring_fenced = l.ring_fenced + c.ring_fenced_delta,
        shortfall = least(l.shortfall,
                          greatest(0, l.reserved + c.reserved_delta - l.on_hand - c.on_hand_delta))
"""
_CHANGED_COLUMNS = """variant_id, location_id, on_hand_delta, reserved_delta, incoming_delta, ring_fenced_delta, need,
               need_above_safety"""
_GUARDS = """
    WHERE l.variant_id = c.variant_id AND l.location_id = c.location_id
      AND (c.need IS NULL OR l.on_hand - l.reserved - l.ring_fenced >= c.need)
      AND (c.need_above_safety IS NULL
           OR l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed >= c.need_above_safety)
"""
APPLY_CHANGES = Query(
    f"""
    {_CHANGE}
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :on_hand_deltas::int[], :reserved_deltas::int[],
                :incoming_deltas::int[], :ring_fenced_deltas::int[], :needs::int[], :needs_above_safety::int[])
         AS c ({_CHANGED_COLUMNS})
    {_GUARDS}
    RETURNING l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.incoming
    """,
    ChangedLevel,
)

# The same change with all that hangs on it, and with the event `stock.changed` as `levels_changed` makes it: only here
# are the counters after the change known. When a guard refuses, fewer rows are changed than there should be, and the
# division by zero undoes the whole statement (a function that raises costs more than all the inserts into one table).
APPLY_CHANGES_AND_WRITE = WithInserts(
    f"""
    WITH changed AS (
        {_CHANGE}
        FROM (VALUES /* rows */) AS c ({_CHANGED_COLUMNS}, sku, location)
        {_GUARDS}
        RETURNING c.sku, c.location, l.on_hand, l.reserved, l.incoming
    ), /* inserts */
    event AS (
        INSERT INTO outbox_event (event_id, type, aggregate, aggregate_id, data)
        SELECT :event_id::uuid, 'stock.changed', 'stock', 'levels',
               jsonb_build_object('columns', jsonb_build_object(
                   'sku', jsonb_agg(sku), 'location', jsonb_agg(location), 'on_hand', jsonb_agg(on_hand))
                   || CASE WHEN bool_or(reserved > 0 OR incoming > 0) THEN jsonb_build_object(
                       'reserved', jsonb_agg(reserved), 'incoming', jsonb_agg(incoming)) ELSE '{{}}' END)
        FROM changed
    )
    SELECT 1 / (count(*) = :levels::int)::int FROM changed
    """,  # noqa: S608 -- constants of this file
    row=("bigint", "bigint", "int", "int", "int", "int", "int", "int", "text", "text"),
)

# Levels that are changed in more than one statement, all locked in the order in which a single statement locks them.
LOCK = Statement("""
    SELECT FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
    JOIN stock_level l ON l.variant_id = k.variant_id AND l.location_id = k.location_id
    ORDER BY l.variant_id, l.location_id FOR NO KEY UPDATE OF l
""")

ENSURE_LEVELS = Statement("""
    INSERT INTO stock_level (variant_id, location_id)
    SELECT DISTINCT k.variant_id, k.location_id
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
    ORDER BY k.variant_id, k.location_id
    ON CONFLICT DO NOTHING
""")

INSERT_MOVEMENTS = CopyInto(
    "stock_movement",
    "variant_id",
    "location_id",
    "movement_id",
    "kind",
    "on_hand_delta",
    "reserved_delta",
    "incoming_delta",
    "reference",
    "reason",
    "actor",
)

THRESHOLDS = Query(
    """
    SELECT variant_id, channel_id, location_id, threshold FROM stock_threshold
    WHERE variant_id = ANY (:variant_ids::bigint[])
    """,
    Threshold,
)

ANY_THRESHOLD = Query("SELECT EXISTS (SELECT 1 FROM stock_threshold) AS there", bool)

RING_FENCES = Query(
    """
    SELECT f.variant_id, f.location_id, f.channel_id, f.remaining
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
    JOIN stock_ring_fence f ON f.variant_id = k.variant_id AND f.location_id = k.location_id
    WHERE f.remaining > 0
    """,
    RingFence,
)

USE_RING_FENCES = Query(
    """
    UPDATE stock_ring_fence f SET remaining = f.remaining - c.units
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :channel_ids::bigint[], :units::int[])
         AS c (variant_id, location_id, channel_id, units)
    WHERE f.variant_id = c.variant_id AND f.location_id = c.location_id AND f.channel_id = c.channel_id
      AND f.remaining >= c.units
    RETURNING f.variant_id, f.location_id, f.channel_id, f.remaining
    """,
    RingFence,
)
