"""Safety stock, thresholds and ring-fences."""

import msgspec

from kanava.inventory.messages import ProtectionRow, RingFenceView, ThresholdView
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

# Kind by kind, safety stock last, for there may be much of it. Each part begins where the page before ended and stops
# at the limit, in the order of its own index, so that a page costs as much as it shows.
LIST = Query(
    """
    SELECT k.kind, v.sku, c.code AS channel, p.code AS location, k.units, k.variant_id, k.kind_no, k.channel_id,
           k.location_id
    FROM (
        (SELECT 'threshold' AS kind, 1 AS kind_no, t.variant_id, t.channel_id, t.location_id, t.threshold AS units
         FROM stock_threshold t
         WHERE coalesce(:kind::text, 'threshold') = 'threshold' AND :kind_no::int <= 1
           AND t.variant_id >= CASE :kind_no::int WHEN 1 THEN :variant_id::bigint ELSE 0 END
           AND (:kind_no::int < 1 OR (t.variant_id, t.channel_id, t.location_id)
             > (:variant_id::bigint, :channel_id::bigint, :location_id::bigint))
           AND (:only_variants::bigint[] IS NULL OR t.variant_id = ANY (:only_variants::bigint[]))
           AND (:only_channel::bigint IS NULL OR t.channel_id = :only_channel::bigint)
           AND (:only_location::bigint IS NULL OR t.location_id = :only_location::bigint)
         ORDER BY t.variant_id, t.channel_id, t.location_id LIMIT :limit::int)
        UNION ALL
        (SELECT 'ring_fence', 2, f.variant_id, f.channel_id, f.location_id, f.remaining
         FROM stock_ring_fence f
         WHERE coalesce(:kind::text, 'ring_fence') = 'ring_fence' AND f.remaining > 0 AND :kind_no::int <= 2
           AND f.variant_id >= CASE :kind_no::int WHEN 2 THEN :variant_id::bigint ELSE 0 END
           AND (:kind_no::int < 2 OR (f.variant_id, f.location_id, f.channel_id)
             > (:variant_id::bigint, :location_id::bigint, :channel_id::bigint))
           AND (:only_variants::bigint[] IS NULL OR f.variant_id = ANY (:only_variants::bigint[]))
           AND (:only_channel::bigint IS NULL OR f.channel_id = :only_channel::bigint)
           AND (:only_location::bigint IS NULL OR f.location_id = :only_location::bigint)
         ORDER BY f.variant_id, f.location_id, f.channel_id LIMIT :limit::int)
        UNION ALL
        (SELECT 'safety_stock', 3, l.variant_id, 0::bigint, l.location_id, l.safety_stock
         FROM stock_level l
         WHERE coalesce(:kind::text, 'safety_stock') = 'safety_stock' AND l.safety_stock > 0
           AND :only_channel::bigint IS NULL
           AND l.variant_id >= CASE :kind_no::int WHEN 3 THEN :variant_id::bigint ELSE 0 END
           AND (:kind_no::int < 3 OR (l.variant_id, l.location_id) > (:variant_id::bigint, :location_id::bigint))
           AND (:only_variants::bigint[] IS NULL OR l.variant_id = ANY (:only_variants::bigint[]))
           AND (:only_location::bigint IS NULL OR l.location_id = :only_location::bigint)
         ORDER BY l.variant_id, l.location_id LIMIT :limit::int)
    ) k
    JOIN variant v USING (variant_id) LEFT JOIN channel c USING (channel_id) LEFT JOIN location p USING (location_id)
    ORDER BY k.kind_no, k.variant_id, CASE k.kind_no WHEN 2 THEN k.location_id ELSE k.channel_id END,
             k.channel_id, k.location_id
    LIMIT :limit::int
    """,
    ProtectionRow,
    seconds_max=20,
)
