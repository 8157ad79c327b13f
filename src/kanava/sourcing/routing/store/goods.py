"""What routing reads of goods: stock, weights, categories, what waits at places, scarcity."""

from datetime import date

import msgspec

from kanava.platform.db import Query, Statement


class VariantCategories(msgspec.Struct, frozen=True):
    """The categories of a variant: its product's, and all above."""

    variant_id: int
    codes: list[str]


CATEGORIES_OF = Query(
    """
    WITH RECURSIVE up AS (
        SELECT v.variant_id, p.category_id FROM variant v JOIN product p USING (product_id)
        WHERE v.variant_id = ANY (:variant_ids::bigint[]) AND p.category_id IS NOT NULL
        UNION
        SELECT up.variant_id, c.parent_id FROM up JOIN category c USING (category_id) WHERE c.parent_id IS NOT NULL
    )
    SELECT variant_id, array_agg(code) AS codes FROM up JOIN category USING (category_id) GROUP BY variant_id
    """,
    VariantCategories,
)


class VariantWeight(msgspec.Struct, frozen=True):
    """What a unit weighs, where that is known."""

    variant_id: int
    weight_grams: int


WEIGHTS_OF = Query(
    """
    SELECT variant_id, weight_grams FROM variant
    WHERE variant_id = ANY (:variant_ids::bigint[]) AND weight_grams IS NOT NULL
    """,
    VariantWeight,
)


class ScarcityRow(msgspec.Struct, frozen=True):
    """What a unit at a place is worth there, beyond 0."""

    variant_id: int
    location_id: int
    price_minor: int


SCARCITY_OF = Query(
    """
    SELECT variant_id, location_id, price_minor FROM scarcity_price WHERE variant_id = ANY (:variant_ids::bigint[])
    """,
    ScarcityRow,
)

ANY_SCARCITY = Query("SELECT EXISTS (SELECT FROM scarcity_price)", bool)


class WaitingRow(msgspec.Struct, frozen=True):
    """Units that wait to be picked at a place."""

    location_id: int
    units: int


WAITING = Query(
    "SELECT location_id, units_to_pick AS units FROM location_load WHERE units_to_pick > 0",
    WaitingRow,
)


class StockRow(msgspec.Struct, frozen=True):
    """What there is of a variant beside what is reserved and kept back, by location (thresholds still to be left)."""

    variant_id: int
    location_ids: list[int]
    units: list[int]


STOCK_OF = Query(
    """
    SELECT variant_id, array_agg(location_id) AS location_ids,
           array_agg(on_hand - reserved - ring_fenced - safety_stock - suppressed) AS units
    FROM stock_level
    WHERE variant_id = ANY (:variant_ids::bigint[])
      AND on_hand - reserved - ring_fenced - safety_stock - suppressed > 0
    GROUP BY variant_id
    """,
    StockRow,
)


class Sold(msgspec.Struct, frozen=True):
    """What a place has of a variant, what left it in the days looked at (`shipped`: to orders), and the price."""

    variant_id: int
    location_id: int
    free: int
    sold: int
    shipped: int
    price_minor: int | None


SOLD_VARIANTS = Query(
    """
    SELECT v.variant_id FROM variant v
    WHERE v.variant_id > :after::bigint AND v.status = 'active'
      AND EXISTS (SELECT FROM stock_movement m WHERE m.variant_id = v.variant_id AND m.kind = 'sale'
                  AND m.recorded_at >= :since::timestamptz)
    ORDER BY v.variant_id LIMIT :limit::int
    """,
    int,
)

SOLD = Query(
    """
    SELECT l.variant_id, l.location_id, greatest(0, l.on_hand - l.reserved - l.suppressed) AS free,
           coalesce(s.sold, 0)::int AS sold, coalesce(r.shipped, 0)::int AS shipped, p.price_minor
    FROM stock_level l
    LEFT JOIN (SELECT variant_id, location_id, -sum(on_hand_delta) AS sold FROM stock_movement
               WHERE variant_id = ANY (:variant_ids::bigint[]) AND kind = 'sale'
                 AND recorded_at >= :since::timestamptz
               GROUP BY variant_id, location_id) s USING (variant_id, location_id)
    LEFT JOIN (SELECT variant_id, location_id, sum(quantity) AS shipped FROM reservation
               WHERE variant_id = ANY (:variant_ids::bigint[]) AND state = 'fulfilled' AND fulfilment_kind = 'ship'
                 AND changed_at >= :since::timestamptz
               GROUP BY variant_id, location_id) r USING (variant_id, location_id)
    LEFT JOIN (SELECT p.variant_id, max(p.amount_minor) AS price_minor
               FROM price_list pl JOIN price p USING (price_list_id)
               WHERE p.variant_id = ANY (:variant_ids::bigint[]) AND pl.currency = :currency::text
                 AND p.quantity_from = 1 AND p.valid_from <= :now::timestamptz AND p.valid_until > :now
               GROUP BY p.variant_id) p USING (variant_id)
    WHERE l.variant_id = ANY (:variant_ids::bigint[])
    """,
    Sold,
)

REPLACE_SCARCITY = Statement("""
    INSERT INTO scarcity_price (variant_id, location_id, price_minor, priced_at)
    SELECT variant_id, location_id, price_minor, :now::timestamptz
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :prices_minor::bigint[])
         AS s (variant_id, location_id, price_minor)
    ON CONFLICT (variant_id, location_id)
    DO UPDATE SET price_minor = excluded.price_minor, priced_at = excluded.priced_at
""")

FORGET_SCARCITY = Statement("DELETE FROM scarcity_price WHERE priced_at < :before::timestamptz")


class Arriving(msgspec.Struct, frozen=True):
    """The first day on which more of a variant is expected at a place."""

    variant_id: int
    location_id: int
    expected_on: date


ARRIVING = Query(
    """
    SELECT l.variant_id, t.to_location_id AS location_id, min(t.expected_on) AS expected_on
    FROM transfer t JOIN transfer_line l USING (transfer_id)
    WHERE t.state = 'in_transit' AND t.expected_on IS NOT NULL AND l.variant_id = ANY (:variant_ids::bigint[])
      AND l.quantity > l.quantity_received + l.quantity_missing
    GROUP BY l.variant_id, t.to_location_id
    """,
    Arriving,
)
