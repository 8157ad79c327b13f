"""What promises read: by primary keys, never a whole table."""

import msgspec

from kanava.platform.db import Query
from kanava.sourcing.store import PlaceLevel


class AskedRow(msgspec.Struct, frozen=True):
    """A sku that exists, with its levels at the places asked about that have something.

    `free` is on hand − reserved − all ring-fences, `kept` the safety stock with what is suppressed: what is shipped or
    picked leaves it, what is carried out does not. `special`: a threshold, a ring-fence or an expired hold counts
    besides. `load_*`: units that wait to be picked at those places.
    """

    version: int
    access_version: int
    sku: str
    variant_id: int
    weight_grams: int | None
    for_sale: bool
    special: bool
    location_ids: list[int] | None
    free: list[int] | None
    kept: list[int] | None
    load_location_ids: list[int] | None
    load_units: list[int] | None


# All that an ordinary cart needs, in one round trip, with the version of the settings it was asked with. LATERAL and
# scalar subqueries start from one variant, as in availability's statement.
ASKED = Query(
    """
    SELECT c.version, c.access_version, a.sku, a.variant_id, a.weight_grams, a.for_sale,
           coalesce((SELECT true FROM stock_threshold t WHERE t.variant_id = a.variant_id
                     AND t.channel_id = :channel_id::bigint LIMIT 1),
                    (SELECT true FROM stock_ring_fence r WHERE r.variant_id = a.variant_id
                     AND r.channel_id = :channel_id::bigint AND r.remaining > 0 LIMIT 1),
                    (SELECT true FROM reservation h WHERE h.variant_id = a.variant_id AND h.state = 'held'
                     AND h.expires_at <= :now::timestamptz LIMIT 1), false) AS special,
           n.location_ids, n.free, n.kept,
           (SELECT array_agg(d.location_id ORDER BY d.location_id) FROM location_load d
            WHERE d.location_id = ANY (:place_ids::bigint[]) AND d.units_to_pick > 0) AS load_location_ids,
           (SELECT array_agg(d.units_to_pick ORDER BY d.location_id) FROM location_load d
            WHERE d.location_id = ANY (:place_ids::bigint[]) AND d.units_to_pick > 0) AS load_units
    FROM config_version c
    CROSS JOIN (
        SELECT v.sku, v.variant_id, v.weight_grams,
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
        SELECT array_agg(l.location_id) AS location_ids, array_agg(l.on_hand - l.reserved - l.ring_fenced) AS free,
               array_agg(l.safety_stock + l.suppressed) AS kept
        FROM stock_level l
        WHERE a.for_sale AND l.variant_id = a.variant_id AND l.location_id = ANY (:place_ids::bigint[])
          AND l.on_hand > l.reserved
    ) n
    """,
    AskedRow,
)


class WideRow(msgspec.Struct, frozen=True):
    """Levels of a variant at places that ship, of those that have more than is left everywhere."""

    variant_id: int
    location_ids: list[int] | None
    units: list[int] | None


# Places that ship are named by those that do not when these are fewer; the other array is then NULL or empty.
WIDE = Query(
    """
    SELECT w.variant_id, f.location_ids, f.units
    FROM unnest(:variant_ids::bigint[]) AS w (variant_id)
    CROSS JOIN LATERAL (
        SELECT array_agg(g.location_id) AS location_ids, array_agg(g.units) AS units
        FROM (SELECT l.location_id, l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed AS units
              FROM stock_level l
              WHERE l.variant_id = w.variant_id AND l.on_hand > :least::int
                AND l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed > :least::int
                AND (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
                AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[])
              ORDER BY l.variant_id, l.location_id LIMIT :levels_max::int) g
    ) f
    """,
    WideRow,
)


class ScarceRow(msgspec.Struct, frozen=True):
    """Levels of a variant, of those that have more than is left everywhere; `loads`: what waits at the places."""

    variant_id: int
    location_ids: list[int]
    units: list[int]
    loads: list[int]


# Levels of the variants that few places have, as WIDE reads them, and at the same places those of the others: one
# search of the primary key each, whatever the tables hold when it is planned (LATERAL with LIMIT).
SCARCE = Query(
    """
    WITH scarce AS MATERIALIZED (
        SELECT w.variant_id, f.location_id, f.units
        FROM unnest(:variant_ids::bigint[]) AS w (variant_id)
        CROSS JOIN LATERAL (
            SELECT l.location_id, l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed AS units
            FROM stock_level l
            WHERE l.variant_id = w.variant_id AND l.on_hand > :least::int
              AND l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed > :least::int
              AND (:ship_ids::bigint[] IS NULL OR l.location_id + 0 = ANY (:ship_ids::bigint[]))
              AND l.location_id + 0 <> ALL (:no_ship_ids::bigint[])
            ORDER BY l.variant_id, l.location_id LIMIT :levels_max::int
        ) f
    )
    SELECT x.variant_id, array_agg(x.location_id) AS location_ids, array_agg(x.units) AS units,
           array_agg(coalesce((SELECT d.units_to_pick::int FROM location_load d
                               WHERE d.location_id = x.location_id), 0)) AS loads
    FROM (
        SELECT s.variant_id, s.location_id, s.units FROM scarce s
        UNION ALL
        SELECT o.variant_id, d.location_id, g.units
        FROM unnest(:other_ids::bigint[]) AS o (variant_id)
        CROSS JOIN (SELECT DISTINCT s.location_id FROM scarce s) d
        CROSS JOIN LATERAL (
            SELECT l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed AS units
            FROM stock_level l WHERE l.variant_id = o.variant_id AND l.location_id = d.location_id LIMIT 1
        ) g
        WHERE g.units > :least::int
    ) x
    GROUP BY x.variant_id
    """,
    ScarceRow,
)


# For the few variants whose circumstances only the rule knows how to count (`inventory.rules.available`).
RULE_LEVELS = Query(
    """
    SELECT l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock + l.suppressed AS safety_stock,
           l.ring_fenced
    FROM stock_level l
    WHERE l.variant_id = ANY (:variant_ids::bigint[]) AND l.on_hand > 0
    """,
    PlaceLevel,
)


class LoadRow(msgspec.Struct, frozen=True):
    """Units that wait to be picked at a place."""

    location_id: int
    units_to_pick: int


LOADS = Query(
    """
    SELECT location_id, units_to_pick FROM location_load
    WHERE location_id = ANY (:location_ids::bigint[]) AND units_to_pick > 0
    """,
    LoadRow,
)


class CartLineRow(msgspec.Struct, frozen=True):
    """A line of a cart, with the cart's channel and whose cart it is."""

    channel: str
    customer_group: str | None
    sku: str | None
    quantity: int | None


# Carts stand above this module: their lines are read, nothing of theirs is decided here. One row without a sku: empty.
CART_LINES = Query(
    """
    SELECT c.code AS channel, t.customer_group, v.sku, l.quantity
    FROM cart t JOIN channel c USING (channel_id)
    LEFT JOIN cart_line l USING (cart_id) LEFT JOIN variant v USING (variant_id)
    WHERE t.cart_id = :cart_id::uuid
    ORDER BY l.line_no LIMIT 500
    """,
    CartLineRow,
)


class HeldRow(msgspec.Struct, frozen=True):
    """Units that a cart holds at a place."""

    variant_id: int
    location_id: int
    quantity: int


CART_HOLDS = Query(
    """
    SELECT variant_id, location_id, sum(quantity)::int AS quantity FROM reservation
    WHERE cart_id = :cart_id::uuid AND state = 'held' AND expires_at > :now::timestamptz
    GROUP BY variant_id, location_id
    """,
    HeldRow,
)


class PostalPlace(msgspec.Struct, frozen=True):
    """Where a postal code is, more or less."""

    postal_code: str
    latitude: float
    longitude: float


LOCATION_POSTAL_CODES = Query(
    """
    SELECT country || ' ' || postal_code AS postal_code, latitude, longitude FROM location
    WHERE latitude IS NOT NULL AND postal_code <> '' LIMIT 100000
    """,
    PostalPlace,
)

# The neighbours in byte order have the longest beginning in common.
POINTS_BESIDE = Query(
    """
    (SELECT postal_code, latitude, longitude FROM pickup_point
     WHERE active AND country = :country::text AND postal_code COLLATE "C" >= :postal_code::text COLLATE "C"
     ORDER BY postal_code COLLATE "C" LIMIT 1)
    UNION ALL
    (SELECT postal_code, latitude, longitude FROM pickup_point
     WHERE active AND country = :country::text AND postal_code COLLATE "C" < :postal_code::text COLLATE "C"
     ORDER BY postal_code COLLATE "C" DESC LIMIT 1)
    """,
    PostalPlace,
)
