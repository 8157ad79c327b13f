"""Statements that write whole groups of orders."""

from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement


class Earlier(msgspec.Struct, frozen=True):
    """What is already known of a request: its stored answer, or that its order id is taken."""

    position: int
    request_hash: bytes | None
    response_status: int | None
    response_body: bytes | None
    order_exists: bool


# One look for the whole group: `position` is the place of the request in the arrays.
EARLIER = Query(
    """
    SELECT k.position::int, i.request_hash, i.response_status, i.response_body, o.order_id IS NOT NULL AS order_exists
    FROM unnest(:actors::text[], :idempotency_keys::text[], :order_ids::uuid[]) WITH ORDINALITY
         AS k (actor, idempotency_key, order_id, position)
    LEFT JOIN idempotency_record i ON i.actor = k.actor AND i.idempotency_key = k.idempotency_key
    LEFT JOIN sales_order o ON o.order_id = k.order_id
    WHERE i.actor IS NOT NULL OR o.order_id IS NOT NULL
    """,
    Earlier,
)

NEXT_NUMBERS = Query("SELECT nextval('order_number') AS first", int)

INSERT_ORDERS = Statement("""
    INSERT INTO sales_order (order_id, number, channel_id, cart_id, external_reference, status, currency,
                             tax_inclusive, net_minor, tax_minor, total_minor, customer_email, customer_name,
                             customer_phone, customer_group, ship_to, placed_at)
    SELECT o.order_id, o.number, o.channel_id, o.cart_id, o.external_reference, o.status, o.currency,
           o.tax_inclusive, o.net_minor, o.tax_minor, o.total_minor, o.customer_email, o.customer_name,
           o.customer_phone, o.customer_group, o.ship_to::jsonb, :placed_at::timestamptz
    FROM unnest(:order_ids::uuid[], :numbers::bigint[], :channel_ids::bigint[], :cart_ids::uuid[],
                :external_references::text[], :statuses::text[], :currencies::text[], :tax_inclusives::bool[],
                :nets::bigint[], :taxes::bigint[], :totals::bigint[], :emails::text[], :names::text[],
                :phones::text[], :groups::text[], :ship_tos::text[])
         AS o (order_id, number, channel_id, cart_id, external_reference, status, currency, tax_inclusive,
               net_minor, tax_minor, total_minor, customer_email, customer_name, customer_phone, customer_group,
               ship_to)
""")

INSERT_LINES = Statement("""
    INSERT INTO order_line (order_id, line_no, variant_id, sku, quantity, quantity_fulfilled, fulfilment_kind,
                            location_id, unit_price_minor, net_minor, tax_minor, total_minor, tax_rate_basis_points)
    SELECT l.order_id, l.line_no, l.variant_id, l.sku, l.quantity, l.quantity_fulfilled, l.fulfilment_kind,
           l.location_id, l.unit_price_minor, l.net_minor, l.tax_minor, l.total_minor, l.tax_rate_basis_points
    FROM unnest(:order_ids::uuid[], :line_nos::smallint[], :variant_ids::bigint[], :skus::text[],
                :quantities::int[], :quantities_fulfilled::int[], :fulfilment_kinds::text[], :location_ids::bigint[],
                :unit_prices::bigint[], :nets::bigint[], :taxes::bigint[], :totals::bigint[], :tax_rates::int[])
         AS l (order_id, line_no, variant_id, sku, quantity, quantity_fulfilled, fulfilment_kind, location_id,
               unit_price_minor, net_minor, tax_minor, total_minor, tax_rate_basis_points)
""")

INSERT_PAYMENTS = Statement("""
    INSERT INTO payment (order_id, payment_id, method, currency, authorised_minor, captured_minor, external_reference)
    SELECT p.order_id, p.payment_id, p.method, p.currency, p.authorised_minor, p.captured_minor, p.external_reference
    FROM unnest(:order_ids::uuid[], :payment_ids::uuid[], :methods::text[], :currencies::text[],
                :authorised::bigint[], :captured::bigint[], :external_references::text[])
         AS p (order_id, payment_id, method, currency, authorised_minor, captured_minor, external_reference)
""")

INSERT_ANSWERS = Statement("""
    INSERT INTO idempotency_record (actor, idempotency_key, request_hash, response_status, response_body)
    SELECT a.actor, a.idempotency_key, a.request_hash, 201, a.body
    FROM unnest(:actors::text[], :idempotency_keys::text[], :request_hashes::bytea[], :bodies::bytea[])
         AS a (actor, idempotency_key, request_hash, body)
""")


class PlacedCart(msgspec.Struct, frozen=True):
    """A cart that has become an order."""

    cart_id: UUID
    order_id: UUID


CARTS_PLACED = Query(
    """
    SELECT cart_id, order_id FROM cart WHERE cart_id = ANY (:cart_ids::uuid[]) AND order_id IS NOT NULL
    """,
    PlacedCart,
)

MARK_CARTS_PLACED = Query(
    """
    UPDATE cart c SET order_id = k.order_id, version = c.version + 1, updated_at = :now::timestamptz
    FROM unnest(:cart_ids::uuid[], :order_ids::uuid[]) AS k (cart_id, order_id)
    WHERE c.cart_id = k.cart_id AND c.order_id IS NULL
    RETURNING c.cart_id
    """,
    UUID,
)
