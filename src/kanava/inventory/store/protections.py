"""Safety stock, thresholds and ring-fences."""

import msgspec

from kanava.inventory.messages import RingFenceView, ThresholdView
from kanava.platform.db import Query, Statement

SET_SAFETY_STOCKS = Statement("""
    INSERT INTO stock_level AS l (variant_id, location_id, safety_stock)
    SELECT g.variant_id, g.location_id, g.safety_stock
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :safety_stocks::int[])
         AS g (variant_id, location_id, safety_stock)
    ORDER BY g.variant_id, g.location_id
    ON CONFLICT (variant_id, location_id) DO UPDATE SET safety_stock = excluded.safety_stock
    WHERE l.safety_stock <> excluded.safety_stock
""")

SET_THRESHOLDS = Statement("""
    INSERT INTO stock_threshold AS t (variant_id, channel_id, location_id, threshold)
    SELECT g.variant_id, g.channel_id, g.location_id, g.threshold
    FROM unnest(:variant_ids::bigint[], :channel_ids::bigint[], :location_ids::bigint[], :thresholds::int[])
         AS g (variant_id, channel_id, location_id, threshold)
    ORDER BY g.variant_id, g.channel_id, g.location_id
    ON CONFLICT (variant_id, channel_id, location_id) DO UPDATE SET threshold = excluded.threshold
""")

REMOVE_THRESHOLDS = Statement("""
    DELETE FROM stock_threshold t
    USING unnest(:variant_ids::bigint[], :channel_ids::bigint[], :location_ids::bigint[])
          AS g (variant_id, channel_id, location_id)
    WHERE t.variant_id = g.variant_id AND t.channel_id = g.channel_id AND t.location_id = g.location_id
""")


class FenceBefore(msgspec.Struct, frozen=True):
    """What is left of a ring-fence."""

    variant_id: int
    location_id: int
    channel_id: int
    remaining: int


# Read after the levels are locked: whoever sells out of a ring-fence changes its level first.
FENCES_BEFORE = Query(
    """
    SELECT f.variant_id, f.location_id, f.channel_id, f.remaining
    FROM stock_ring_fence f
    JOIN unnest(:variant_ids::bigint[], :location_ids::bigint[], :channel_ids::bigint[])
         AS g (variant_id, location_id, channel_id) USING (variant_id, location_id, channel_id)
    """,
    FenceBefore,
)

SET_FENCES = Statement("""
    INSERT INTO stock_ring_fence (variant_id, location_id, channel_id, remaining)
    SELECT g.variant_id, g.location_id, g.channel_id, g.remaining
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :channel_ids::bigint[], :remainings::int[])
         AS g (variant_id, location_id, channel_id, remaining)
    ORDER BY g.variant_id, g.location_id, g.channel_id
    ON CONFLICT (variant_id, location_id, channel_id) DO UPDATE SET remaining = excluded.remaining
""")

THRESHOLDS_OF = Query(
    """
    SELECT c.code AS channel, p.code AS location, t.threshold
    FROM stock_threshold t JOIN channel c USING (channel_id) LEFT JOIN location p ON p.location_id = t.location_id
    WHERE t.variant_id = :variant_id::bigint
    ORDER BY c.code, p.code NULLS FIRST LIMIT 5000
    """,
    ThresholdView,
)

RING_FENCES_OF = Query(
    """
    SELECT c.code AS channel, p.code AS location, f.remaining
    FROM stock_ring_fence f JOIN channel c USING (channel_id) JOIN location p USING (location_id)
    WHERE f.variant_id = :variant_id::bigint
    ORDER BY c.code, p.code LIMIT 5000
    """,
    RingFenceView,
)
