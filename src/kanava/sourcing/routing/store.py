"""Every SQL statement of routing."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.db import CopyInto, Query, Statement
from kanava.sourcing.routing.ruleset import State


class RulesetRow(msgspec.Struct, frozen=True):
    """A ruleset as stored."""

    number: int
    state: State
    name: str
    costs: Any
    rules: Any
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


RULESET = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset WHERE number = :number::bigint
    """,
    RulesetRow,
)

RULESET_FOR_WRITING = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset WHERE number = :number::bigint FOR UPDATE
    """,
    RulesetRow,
)

LIVE_RULESET = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset WHERE state = 'live'
    """,
    RulesetRow,
)

RULESETS_BEFORE = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset
    WHERE (:before::bigint IS NULL OR number < :before) AND (:state::text IS NULL OR state = :state)
    ORDER BY number DESC LIMIT :limit::int
    """,
    RulesetRow,
)

INSERT_RULESET = Query(
    """
    INSERT INTO routing_ruleset (name, costs, rules, created_at, updated_at)
    VALUES (:name::text, :costs::jsonb, :rules::jsonb, :now::timestamptz, :now)
    RETURNING number
    """,
    int,
)

UPDATE_RULESET = Statement("""
    UPDATE routing_ruleset
    SET name = :name::text, costs = :costs::jsonb, rules = :rules::jsonb, version = version + 1,
        updated_at = :now::timestamptz
    WHERE number = :number::bigint
""")

RETIRE_LIVE = Statement("""
    UPDATE routing_ruleset
    SET state = 'retired', retired_at = :now::timestamptz, updated_at = :now, version = version + 1
    WHERE state = 'live'
""")

PUBLISH = Statement("""
    UPDATE routing_ruleset
    SET state = 'live', published_at = :now::timestamptz, updated_at = :now, version = version + 1
    WHERE number = :number::bigint
""")

KNOWN_CATEGORIES = Query("SELECT code FROM category WHERE code = ANY (:codes::text[])", str)
KNOWN_CHANNELS = Query("SELECT code FROM channel WHERE code = ANY (:codes::text[])", str)
KNOWN_LOCATIONS = Query("SELECT code FROM location WHERE code = ANY (:codes::text[])", str)


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


class DecisionRow(msgspec.Struct, frozen=True):
    """A decision as stored."""

    decision_id: UUID
    cause: str
    ruleset_number: int
    cost_minor: int
    chosen: Any
    runner_up: Any
    decided_at: datetime


INSERT_DECISIONS = CopyInto(
    "routing_decision",
    "order_id",
    "decision_id",
    "cause",
    "ruleset_number",
    "cost_minor",
    "chosen",
    "runner_up",
    "decided_at",
)

DECISIONS_OF = Query(
    """
    SELECT decision_id, cause, ruleset_number, cost_minor, chosen, runner_up, decided_at
    FROM routing_decision WHERE order_id = :order_id::uuid ORDER BY decided_at, decision_id LIMIT 500
    """,
    DecisionRow,
)

ORDER_EXISTS = Query("SELECT true FROM sales_order WHERE order_id = :order_id::uuid", bool)


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


class PastOrder(msgspec.Struct, frozen=True):
    """The shipped lines of an order, side by side."""

    order_id: UUID
    channel: str
    placed_at: datetime
    country: str | None
    region: str | None
    postal_code: str | None
    value_minor: int
    line_nos: list[int]
    variant_ids: list[int]
    quantities: list[int]
    weights: list[int]


# By the index on placed_at; an order stands on one page only, since the cursor is (placed_at, order_id).
PAST_ORDERS = Query(
    """
    SELECT o.order_id, c.code AS channel, o.placed_at, o.ship_to ->> 'country' AS country,
           o.ship_to ->> 'region' AS region, o.ship_to ->> 'postal_code' AS postal_code, o.total_minor AS value_minor,
           l.line_nos, l.variant_ids, l.quantities, l.weights
    FROM (SELECT * FROM sales_order
          WHERE placed_at >= :since::timestamptz
            AND (placed_at, order_id) > (:after_at::timestamptz, :after_id::uuid)
          ORDER BY placed_at, order_id LIMIT :limit::int) o
    JOIN channel c USING (channel_id)
    CROSS JOIN LATERAL (
        SELECT array_agg(line_no::int) AS line_nos, array_agg(variant_id) AS variant_ids,
               array_agg(quantity) AS quantities,
               array_agg(coalesce(v.weight_grams, :unknown_grams::int)) AS weights
        FROM order_line JOIN variant v USING (variant_id)
        WHERE order_id = o.order_id AND fulfilment_kind = 'ship'
    ) l
    ORDER BY o.placed_at, o.order_id
    """,
    PastOrder,
    seconds_max=120,
)

COUNT_ORDERS = Query("SELECT count(*)::int FROM sales_order WHERE placed_at >= :since::timestamptz", int)

OPEN_ORDER_IDS = Query(
    """
    SELECT DISTINCT order_id FROM fulfilment
    WHERE state = 'open' AND kind = 'ship' AND NOT on_hold AND wave_id IS NULL AND stuck_since IS NULL
    ORDER BY order_id LIMIT :limit::int
    """,
    UUID,
)


class OpenOrder(msgspec.Struct, frozen=True):
    """What nobody has begun to pick of an order, with where it lies; lists side by side."""

    order_id: UUID
    number: int
    channel: str
    country: str | None
    region: str | None
    postal_code: str | None
    value_minor: int
    line_nos: list[int]
    variant_ids: list[int]
    quantities: list[int]
    weights: list[int]
    location_ids: list[int]
    fulfilment_ids: list[UUID]
    work_by: list[datetime]


# Reservations are what counts: units that a fulfilment has and its order has meanwhile given up are none.
OPEN_ORDERS = Query(
    """
    SELECT o.order_id, o.number, c.code AS channel, o.ship_to ->> 'country' AS country,
           o.ship_to ->> 'region' AS region, o.ship_to ->> 'postal_code' AS postal_code, o.total_minor AS value_minor,
           u.line_nos, u.variant_ids, u.quantities, u.weights, u.location_ids, u.fulfilment_ids, u.work_by
    FROM sales_order o JOIN channel c USING (channel_id)
    CROSS JOIN LATERAL (
        SELECT array_agg(l.line_no::int) AS line_nos, array_agg(l.variant_id) AS variant_ids,
               array_agg(l.quantity - l.quantity_ended - l.quantity_picked) AS quantities,
               array_agg(coalesce(v.weight_grams, :unknown_grams::int)) AS weights,
               array_agg(f.location_id) AS location_ids,
               array_agg(f.fulfilment_id) AS fulfilment_ids,
               array_agg(f.work_by) AS work_by
        FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id) JOIN variant v USING (variant_id)
        WHERE f.order_id = o.order_id AND f.state = 'open' AND f.kind = 'ship' AND NOT f.on_hold
          AND f.wave_id IS NULL AND f.stuck_since IS NULL AND l.quantity > l.quantity_ended + l.quantity_picked
    ) u
    WHERE o.order_id = ANY (:order_ids::uuid[]) AND o.status = 'placed' AND u.line_nos IS NOT NULL
    """,
    OpenOrder,
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

SETTINGS_CHANGED = Statement("UPDATE config_version SET version = version + 1")

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
