"""What availability reads: set-based, by primary keys, never a whole table."""

import msgspec

from kanava.platform.db import Query


class AskedVariant(msgspec.Struct, frozen=True):
    """A sku that exists, with its levels; units are on hand − reserved − safety stock − all ring-fences.

    `for_sale`: active, and listed where the channel sells only what is listed; without it no level is read. `special`:
    a threshold, a ring-fence or an expired hold counts besides. `ship_units` is what places that ship have beyond
    the `least` that each leaves; `ship_stopped`: that was enough, there may be more. The two last lists are the levels
    it was found at, when asked for.
    """

    version: int
    access_version: int
    sku: str
    variant_id: int
    for_sale: bool
    special: bool
    near_ids: list[int] | None
    near_units: list[int] | None
    ship_units: int
    ship_stopped: bool
    ship_location_ids: list[int] | None
    ship_level_units: list[int] | None


# All that an ordinary variant needs, in one round trip and one row, with the versions of settings and access.
# At the near stores: one search of the primary key for each variant. For shipping: each variant's levels are read until
# `levels_first` of them have a unit to give, and `units_enough` more when these have too few, so that stock in 1,500
# stores costs no more than stock in 20.
# Places that ship are named by those that do not when these are fewer; the other array is then NULL or empty.
# A variant's levels lie side by side in the index, so they are filtered and not probed place by place (`+ 0`).
# Whatever the tables hold when it is planned, LATERAL and scalar subqueries start from one variant (EXISTS would be
# hashed: it would read all holds, or the channel's whole list).
ASKED = Query(
    """
    SELECT c.version, c.access_version, a.sku, a.variant_id, a.for_sale,
           coalesce((SELECT true FROM stock_threshold t WHERE t.variant_id = a.variant_id
                     AND t.channel_id = :channel_id::bigint LIMIT 1),
                    (SELECT true FROM stock_ring_fence r WHERE r.variant_id = a.variant_id
                     AND r.channel_id = :channel_id::bigint AND r.remaining > 0 LIMIT 1),
                    (SELECT true FROM reservation h WHERE h.variant_id = a.variant_id AND h.state = 'held'
                     AND h.expires_at <= :now::timestamptz LIMIT 1), false) AS special,
           n.near_ids, n.near_units, (s.units + m.units)::int AS ship_units,
           s.units >= :units_enough::int OR m.levels = :units_enough::int AS ship_stopped,
           s.location_ids || m.location_ids AS ship_location_ids, s.level_units || m.level_units AS ship_level_units
    FROM config_version c
    CROSS JOIN (
        SELECT v.sku, v.variant_id,
               v.status = 'active' AND p.status = 'active'
               AND (NOT :listed_only::bool OR coalesce((
                   SELECT true FROM listing l
                   WHERE l.variant_id = v.variant_id AND l.channel_id = :channel_id::bigint LIMIT 1
               ), false)) AS for_sale
        FROM variant v JOIN product p USING (product_id)
        WHERE v.sku = ANY (:skus::text[])
        OFFSET 0
    ) a
    CROSS JOIN LATERAL (
        SELECT array_agg(l.location_id) AS near_ids,
               array_agg(l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed) AS near_units
        FROM stock_level l
        WHERE a.for_sale AND l.variant_id = a.variant_id AND l.location_id = ANY (:near_ids::bigint[])
    ) n
    CROSS JOIN LATERAL (
        SELECT count(*) AS levels, coalesce(sum(f.units - :least::int), 0) AS units, max(f.location_id) AS last,
               array_agg(f.location_id) FILTER (WHERE :by_level::bool) AS location_ids,
               array_agg(f.units) FILTER (WHERE :by_level::bool) AS level_units
        FROM (SELECT l.location_id, l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed AS units
              FROM stock_level l
              WHERE a.for_sale AND l.variant_id = a.variant_id AND l.on_hand > :least::int
                AND l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed > :least::int
                AND (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
                AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[])
              ORDER BY l.variant_id, l.location_id LIMIT :levels_first::int) f
    ) s
    CROSS JOIN LATERAL (
        SELECT count(*) AS levels, coalesce(sum(f.units - :least::int), 0) AS units,
               array_agg(f.location_id) FILTER (WHERE :by_level::bool) AS location_ids,
               array_agg(f.units) FILTER (WHERE :by_level::bool) AS level_units
        FROM (SELECT l.location_id, l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed AS units
              FROM stock_level l
              WHERE s.levels = :levels_first::int AND s.units < :units_enough::int
                AND l.variant_id = a.variant_id AND l.location_id > s.last AND l.on_hand > :least::int
                AND l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed > :least::int
                AND (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
                AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[])
              LIMIT :units_enough::int) f
    ) m
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
    """A level as the rule counts it; `safety_stock` with what is suppressed."""

    variant_id: int
    location_id: int
    on_hand: int
    reserved: int
    safety_stock: int
    ring_fenced: int


# Every level with goods on hand at a near store or at a place that ships; for the few variants whose circumstances
# only the rule knows how to count (`inventory.rules.available`).
ALL_LEVELS = Query(
    """
    SELECT l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock + l.suppressed AS safety_stock,
           l.ring_fenced
    FROM stock_level l
    WHERE l.variant_id = ANY (:variant_ids::bigint[]) AND l.on_hand > 0
      AND (l.location_id + 0 = ANY (:near_ids::bigint[])
           OR (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
              AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[]))
    """,
    PlaceLevel,
)
