"""What availability reads: set-based, by primary keys, never a whole table."""

import msgspec

from kanava.platform.db import Query


class AskedVariant(msgspec.Struct, frozen=True):
    """A sku that exists; `for_sale`: active, and listed where the channel sells only what is listed."""

    sku: str
    variant_id: int
    for_sale: bool


VARIANTS = Query(
    """
    SELECT v.sku, v.variant_id,
           v.status = 'active' AND p.status = 'active'
           AND (NOT :listed_only::bool OR EXISTS (
               SELECT FROM listing l
               WHERE l.variant_id = v.variant_id AND l.channel_id = :channel_id::bigint)) AS for_sale
    FROM variant v JOIN product p USING (product_id)
    WHERE v.sku = ANY (:skus::text[])
    """,
    AskedVariant,
)


class Circumstance(msgspec.Struct, frozen=True):
    """What else counts at a level; `kind` is threshold (location_id 0: everywhere), fence or expired; `units` of it."""

    kind: str
    variant_id: int
    location_id: int
    units: int


# Three small tables in one round trip; most variants have no row in any of them. Of an expired hold those units do not
# count that fall back into another channel's ring-fence.
CIRCUMSTANCES = Query(
    """
    SELECT 'threshold' AS kind, variant_id, location_id, threshold AS units FROM stock_threshold
    WHERE variant_id = ANY (:variant_ids::bigint[]) AND channel_id = :channel_id::bigint
    UNION ALL
    SELECT 'fence', variant_id, location_id, remaining FROM stock_ring_fence
    WHERE variant_id = ANY (:variant_ids::bigint[]) AND channel_id = :channel_id::bigint AND remaining > 0
    UNION ALL
    SELECT 'expired', variant_id, location_id,
           sum(quantity - CASE WHEN channel_id = :channel_id::bigint THEN 0 ELSE from_ring_fence END)::int
    FROM reservation
    WHERE variant_id = ANY (:variant_ids::bigint[]) AND state = 'held' AND expires_at <= :now::timestamptz
    GROUP BY variant_id, location_id
    """,
    Circumstance,
)


class PlaceLevel(msgspec.Struct, frozen=True):
    """A level; `near` when it was asked for by its store, else it came up in the search for what can be shipped."""

    near: bool
    variant_id: int
    location_id: int
    on_hand: int
    reserved: int
    safety_stock: int
    ring_fenced: int


# Two questions in one round trip. At the near stores: a probe of the primary key for each variant and store. For
# shipping: each variant's levels are read until `units_enough` of them have a unit to give, so that stock in 1,500
# stores costs no more than stock in 20; of those, the first are given that hold `units_enough` together.
# Places that ship are named by those that do not when these are fewer; the other array is then NULL or empty.
# A variant's levels lie side by side in the index, so they are filtered and not probed place by place (`+ 0`).
LEVELS = Query(
    """
    SELECT true AS near, l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.ring_fenced
    FROM unnest(:variant_ids::bigint[]) AS v (variant_id)
    CROSS JOIN unnest(:near_ids::bigint[]) AS n (location_id)
    JOIN stock_level l ON l.variant_id = v.variant_id AND l.location_id = n.location_id
    UNION ALL
    SELECT false, s.variant_id, s.location_id, s.on_hand, s.reserved, s.safety_stock, s.ring_fenced
    FROM unnest(:variant_ids::bigint[]) AS v (variant_id)
    CROSS JOIN LATERAL (
        SELECT f.*, sum(f.on_hand - f.reserved - f.ring_fenced - f.safety_stock - :threshold::int)
                    OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM (SELECT l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.ring_fenced
              FROM stock_level l
              WHERE l.variant_id = v.variant_id
                AND l.on_hand - l.reserved - l.ring_fenced - l.safety_stock > :threshold::int
                AND (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
                AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[])
              LIMIT :units_enough::int) f
    ) s
    WHERE s.before IS NULL OR s.before < :units_enough::int
    """,
    PlaceLevel,
)

# Every level with goods on hand at a place that ships; for the few variants whose circumstances only the rule knows
# how to count (`inventory.rules.available`).
ALL_LEVELS = Query(
    """
    SELECT false AS near, l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.ring_fenced
    FROM stock_level l
    WHERE l.variant_id = ANY (:variant_ids::bigint[]) AND l.on_hand > 0
      AND (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
      AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[])
    """,
    PlaceLevel,
)
