"""Orders as they are routed: decisions, past ones, and open ones that are looked at again."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.db import CopyInto, Query, Statement


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
           o.ship_to ->> 'region' AS region, o.ship_to ->> 'postal_code' AS postal_code,
           o.total_minor - o.delivery_total_minor AS value_minor,
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

# Which of these transactions have placed orders.
PLACED_IN = Query(
    """
    SELECT DISTINCT e.tx_id::text::bigint AS tx_id FROM outbox_event e
    WHERE e.tx_id = ANY (:tx_ids::text[]::xid8[]) AND e.type = 'order.placed'
    """,
    int,
)

NOTE_CHANGES = Statement("""
    INSERT INTO routing_note (note_id, skus, locations, noted_at)
    VALUES (:note_id::uuid, :skus::text[], :locations::text[], :now::timestamptz)
""")


class Note(msgspec.Struct, frozen=True):
    """What has changed: goods that are free somewhere, and places."""

    skus: list[str]
    locations: list[str]


TAKE_NOTES = Query(
    """
    DELETE FROM routing_note
    WHERE note_id IN (SELECT note_id FROM routing_note ORDER BY note_id LIMIT :limit::int FOR UPDATE SKIP LOCKED)
    RETURNING skus, locations
    """,
    Note,
)

# Orders that want such goods, lie at such a place, or want what such a place has.
ORDERS_CONCERNED = Query(
    """
    SELECT f.order_id
    FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id)
    WHERE f.state = 'open' AND f.kind = 'ship' AND NOT f.on_hold AND f.wave_id IS NULL AND f.stuck_since IS NULL
      AND l.quantity > l.quantity_ended + l.quantity_picked
      AND (l.sku = ANY (:skus::text[])
           OR f.location_id IN (SELECT location_id FROM location WHERE code = ANY (:locations::text[]))
           OR EXISTS (SELECT FROM location p JOIN stock_level s USING (location_id)
                      WHERE p.code = ANY (:locations::text[]) AND s.variant_id = l.variant_id
                        AND s.on_hand > s.reserved))
      AND NOT EXISTS (SELECT FROM routing_decision d
                      WHERE d.order_id = f.order_id AND d.cause = 'rerouted'
                        AND d.decided_at > :moved_before::timestamptz)
    GROUP BY f.order_id
    ORDER BY min(f.work_by), f.order_id LIMIT :limit::int
    """,
    UUID,
    seconds_max=30,
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
           o.ship_to ->> 'region' AS region, o.ship_to ->> 'postal_code' AS postal_code,
           o.total_minor - o.delivery_total_minor AS value_minor,
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
