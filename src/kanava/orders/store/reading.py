"""Statements that show orders: one for the orders of a page, one each for their lines, allocations and payments."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.orders.model import FulfilmentKind, Method, Status
from kanava.orders.requests import TimelineEntry
from kanava.platform.db import Query


class OrderRow(msgspec.Struct, frozen=True):
    """A stored order."""

    order_id: UUID
    number: int
    channel_id: int
    channel: str
    status: Status
    hold_reason: str | None
    currency: str
    tax_inclusive: bool
    net_minor: int
    tax_minor: int
    total_minor: int
    customer_email: str | None
    customer_name: str | None
    customer_phone: str | None
    customer_group: str | None
    ship_to: dict[str, Any] | None
    external_reference: str | None
    cart_id: UUID | None
    placed_at: datetime
    version: int
    promises: list[Any]
    carrier_service: str | None
    pickup_point: str | None
    delivery_net_minor: int
    delivery_tax_minor: int
    delivery_total_minor: int
    delivery_tax_rate_basis_points: int


class LineRow(msgspec.Struct):
    """A stored line; a change works on it and writes it back under the lock of its order."""

    order_id: UUID
    line_no: int
    variant_id: int
    sku: str
    quantity: int
    quantity_cancelled: int
    quantity_fulfilled: int
    fulfilment_kind: FulfilmentKind
    location_id: int | None
    location: str | None
    unit_price_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    tax_rate_basis_points: int

    @property
    def open(self) -> int:
        """Units neither cancelled nor fulfilled."""
        return self.quantity - self.quantity_cancelled - self.quantity_fulfilled

    @property
    def standing(self) -> int:
        """Units that are not cancelled."""
        return self.quantity - self.quantity_cancelled


class AllocationRow(msgspec.Struct, frozen=True):
    """Units of a line and where they come from or came from."""

    order_id: UUID
    line_no: int
    location: str
    quantity: int
    state: str
    reservation_id: UUID
    expected_on: date | None


class PaymentRow(msgspec.Struct, frozen=True):
    """A stored tender."""

    order_id: UUID
    payment_id: UUID
    method: Method
    currency: str
    authorised_minor: int
    captured_minor: int
    voided_minor: int
    refunded_minor: int
    external_reference: str | None


_ORDER_COLUMNS = """o.order_id, o.number, o.channel_id, c.code AS channel, o.status, o.hold_reason, o.currency,
           o.tax_inclusive, o.net_minor, o.tax_minor, o.total_minor, o.customer_email, o.customer_name,
           o.customer_phone, o.customer_group, o.ship_to, o.external_reference, o.cart_id, o.placed_at, o.version,
           o.promises, o.carrier_service, o.pickup_point, o.delivery_net_minor, o.delivery_tax_minor,
           o.delivery_total_minor, o.delivery_tax_rate_basis_points"""

ORDER = Query(
    f"""
    SELECT {_ORDER_COLUMNS} FROM sales_order o JOIN channel c USING (channel_id) WHERE o.order_id = :order_id::uuid
    """,  # noqa: S608
    OrderRow,
)

# Every change of an order begins here: whoever has the row is the only one who changes lines and payments.
LOCK_ORDER = Query(
    f"""
    SELECT {_ORDER_COLUMNS} FROM sales_order o JOIN channel c USING (channel_id) WHERE o.order_id = :order_id::uuid
    FOR NO KEY UPDATE OF o
    """,  # noqa: S608
    OrderRow,
)

# The order's channel is served from one of the places; or goods of it are, or were, there or are collected there.
CONCERNS = Query(
    """
    SELECT EXISTS (SELECT FROM sales_order o JOIN channel_location s USING (channel_id)
                   WHERE o.order_id = :order_id::uuid AND s.location_id = ANY (:location_ids::bigint[]))
        OR EXISTS (SELECT FROM reservation
                   WHERE order_id = :order_id::uuid AND location_id = ANY (:location_ids::bigint[]))
        OR EXISTS (SELECT FROM order_line
                   WHERE order_id = :order_id::uuid AND location_id = ANY (:location_ids::bigint[]))
    """,
    bool,
)


def _orders_where(chosen_by: str) -> Query[OrderRow]:
    """Make the list statement; `chosen_by` is the condition that an index answers, the others narrow it down."""
    return Query(
        f"""
        SELECT {_ORDER_COLUMNS} FROM sales_order o JOIN channel c USING (channel_id)
        WHERE {chosen_by}
          AND (:channel::text IS NULL OR c.code = :channel)
          AND (:status::text IS NULL OR o.status = :status)
          AND (:number::bigint IS NULL OR o.number = :number)
          AND (:email::text IS NULL OR lower(o.customer_email) = lower(:email))
          AND (:external_reference::text IS NULL OR o.external_reference = :external_reference)
          AND (:location::text IS NULL OR EXISTS (
                SELECT FROM reservation r JOIN location p USING (location_id)
                WHERE r.order_id = o.order_id AND p.code = :location
                  AND r.state IN ('committed', 'awaited', 'fulfilled')))
          AND (:placed_from::timestamptz IS NULL OR o.placed_at >= :placed_from)
          AND (:placed_until::timestamptz IS NULL OR o.placed_at < :placed_until)
          AND (:before_placed_at::timestamptz IS NULL
               OR (o.placed_at, o.order_id) < (:before_placed_at, :before_order_id::uuid))
        ORDER BY o.placed_at DESC, o.order_id DESC
        LIMIT :limit::int
        """,  # noqa: S608
        OrderRow,
    )


ORDERS = _orders_where("true")
ORDERS_BY_NUMBER = _orders_where("o.number = :number::bigint")
ORDERS_BY_EMAIL = _orders_where("lower(o.customer_email) = lower(:email::text)")
ORDERS_BY_REFERENCE = _orders_where(
    "o.external_reference = :external_reference::text AND o.channel_id IN (SELECT channel_id FROM channel)"
)

LINES_OF = Query(
    """
    SELECT l.order_id, l.line_no, l.variant_id, l.sku, l.quantity, l.quantity_cancelled, l.quantity_fulfilled,
           l.fulfilment_kind, l.location_id, p.code AS location, l.unit_price_minor, l.net_minor, l.tax_minor,
           l.total_minor, l.tax_rate_basis_points
    FROM order_line l LEFT JOIN location p USING (location_id)
    WHERE l.order_id = ANY (:order_ids::uuid[]) ORDER BY l.order_id, l.line_no
    """,
    LineRow,
)

ALLOCATIONS_OF = Query(
    """
    SELECT r.order_id, r.line_no, p.code AS location, r.quantity, r.state, r.reservation_id, r.expected_on
    FROM reservation r JOIN location p USING (location_id)
    WHERE r.order_id = ANY (:order_ids::uuid[]) AND r.state IN ('committed', 'awaited', 'fulfilled')
    ORDER BY r.order_id, r.line_no, r.reservation_id
    """,
    AllocationRow,
)

PAYMENTS_OF = Query(
    """
    SELECT order_id, payment_id, method, currency, authorised_minor, captured_minor, voided_minor, refunded_minor,
           external_reference
    FROM payment WHERE order_id = ANY (:order_ids::uuid[]) ORDER BY order_id, recorded_at, payment_id
    """,
    PaymentRow,
)

TIMELINE = Query(
    """
    SELECT t.occurred_at, t.source, t.type, t.actor, t.detail FROM (
        SELECT occurred_at, 'event' AS source, type, NULL AS actor, data AS detail, event_id AS entry_id
        FROM outbox_event WHERE aggregate = 'order' AND aggregate_id = :order_id::text
        UNION ALL
        SELECT occurred_at, 'audit', action, actor, detail, audit_entry_id
        FROM audit_entry WHERE subject = 'order' AND subject_id = :order_id::text
    ) t
    ORDER BY t.occurred_at, t.entry_id LIMIT 1000
    """,
    TimelineEntry,
)
