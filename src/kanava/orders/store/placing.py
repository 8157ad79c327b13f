"""Statements that write whole groups of orders."""

from uuid import UUID

import msgspec

from kanava.platform.db import CopyInto, Query


class Earlier(msgspec.Struct, frozen=True):
    """What is already known of a request: its stored answer, or that its order id is taken.

    There is always one row at least, for the version of the settings; `position` is null in it when nothing is known.
    """

    config_version: int
    position: int | None
    request_hash: bytes | None
    response_status: int | None
    response_body: bytes | None
    order_exists: bool | None


# One look for the whole group: `position` is the place of the request in the arrays. LATERAL … OFFSET 0 keeps the
# lookups by key under a plan that was made without knowing how many there are.
EARLIER = Query(
    """
    SELECT c.version AS config_version, e.position::int, e.request_hash, e.response_status, e.response_body,
           e.order_exists
    FROM config_version c
    LEFT JOIN (
        SELECT k.position, i.request_hash, i.response_status, i.response_body, o.number IS NOT NULL AS order_exists
        FROM unnest(:actors::text[], :idempotency_keys::text[], :order_ids::uuid[]) WITH ORDINALITY
             AS k (actor, idempotency_key, order_id, position)
        LEFT JOIN LATERAL (
            SELECT r.request_hash, r.response_status, r.response_body FROM idempotency_record r
            WHERE r.actor = k.actor AND r.idempotency_key = k.idempotency_key OFFSET 0
        ) i ON true
        LEFT JOIN LATERAL (
            SELECT s.order_id, s.number FROM sales_order s WHERE s.order_id = k.order_id OFFSET 0
        ) o ON true
        WHERE i.request_hash IS NOT NULL OR o.number IS NOT NULL
    ) e ON true
    """,
    Earlier,
)

NEXT_NUMBERS = Query("SELECT nextval('order_number') AS first", int)

INSERT_ORDERS = CopyInto(
    "sales_order",
    "order_id",
    "number",
    "channel_id",
    "cart_id",
    "external_reference",
    "status",
    "currency",
    "tax_inclusive",
    "net_minor",
    "tax_minor",
    "total_minor",
    "customer_email",
    "customer_name",
    "customer_phone",
    "customer_group",
    "ship_to",
    "placed_at",
)

INSERT_LINES = CopyInto(
    "order_line",
    "order_id",
    "line_no",
    "variant_id",
    "sku",
    "quantity",
    "quantity_fulfilled",
    "fulfilment_kind",
    "location_id",
    "unit_price_minor",
    "net_minor",
    "tax_minor",
    "total_minor",
    "tax_rate_basis_points",
)

INSERT_PAYMENTS = CopyInto(
    "payment",
    "order_id",
    "payment_id",
    "method",
    "currency",
    "authorised_minor",
    "captured_minor",
    "external_reference",
)

INSERT_ANSWERS = CopyInto(
    "idempotency_record",
    "actor",
    "idempotency_key",
    "request_hash",
    "response_status",
    "response_body",
)


class CartState(msgspec.Struct, frozen=True):
    """What has become of a cart."""

    cart_id: UUID
    order_id: UUID | None
    version: int


CARTS = Query(
    """
    SELECT cart_id, order_id, version FROM cart WHERE cart_id = ANY (:cart_ids::uuid[])
    """,
    CartState,
)

MARK_CARTS_PLACED = Query(
    """
    UPDATE cart c SET order_id = k.order_id, version = c.version + 1, updated_at = :now::timestamptz
    FROM unnest(:cart_ids::uuid[], :order_ids::uuid[], :versions::bigint[]) AS k (cart_id, order_id, version)
    WHERE c.cart_id = k.cart_id AND c.order_id IS NULL AND c.version = k.version
    RETURNING c.cart_id
    """,
    UUID,
)
