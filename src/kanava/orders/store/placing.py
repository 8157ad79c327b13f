"""Statements that write whole groups of orders."""

from uuid import UUID

import msgspec

from kanava.inventory.model import Level
from kanava.inventory.service import LEVEL_COLUMNS
from kanava.platform.db import CopyInto, Query
from kanava.pricing.records import PriceInForce
from kanava.pricing.service import PRICES_IN_FORCE_SQL


class Earlier(msgspec.Struct, frozen=True):
    """What is already known of a request: its stored answer, or that its order id is taken."""

    position: int
    request_hash: bytes | None
    response_body: bytes | None


# `position` is the place of the request in the arrays, from 1. LATERAL … OFFSET 0 keeps the lookups by key under a plan
# that was made without knowing how many there are.
EARLIER = Query(
    """
    SELECT k.position::int, i.request_hash, i.response_body
    FROM unnest(:actors::text[], :idempotency_keys::text[], :order_ids::uuid[]) WITH ORDINALITY
         AS k (actor, idempotency_key, order_id, position)
    LEFT JOIN LATERAL (
        SELECT r.request_hash, r.response_body FROM idempotency_record r
        WHERE r.actor = k.actor AND r.idempotency_key = k.idempotency_key OFFSET 0
    ) i ON true
    LEFT JOIN LATERAL (
        SELECT s.number FROM sales_order s WHERE s.order_id = k.order_id OFFSET 0
    ) o ON true
    WHERE i.request_hash IS NOT NULL OR o.number IS NOT NULL
    """,
    Earlier,
)


class PriceOrLevel(msgspec.Struct, frozen=True, gc=False):
    """What a list says about a sku; or, with a `location_id` other than 0, the level of the sku's variant there.

    Every row has the versions of settings and access, and whether any of the requests is known from before. There is
    one row at least: when nothing is found, its `sku` is null and so is what follows.
    """

    config_version: int
    access_version: int
    any_earlier: bool
    sku: str
    variant_id: int
    price_list_id: int
    tax_category: str
    status: str
    quantities_from: list[int]
    amounts_minor: list[int]
    weight_grams: int | None
    location_id: int
    on_hand: int
    reserved: int
    safety_stock: int
    ring_fenced: int

    def price(self) -> PriceInForce:
        """Give it as what the list says."""
        return PriceInForce(
            self.sku,
            self.variant_id,
            self.price_list_id,
            self.tax_category,
            self.status,
            self.quantities_from,
            self.amounts_minor,
            self.weight_grams,
        )

    def level(self) -> Level:
        """Give it as a level."""
        return Level(
            self.variant_id, self.location_id, self.on_hand, self.reserved, self.safety_stock, self.ring_fenced
        )


# Prices and levels for the whole group, each looked up by its keys, with what tells whether the settings are those that
# the question was put with, in one round trip. Scalar subqueries start from one request (EXISTS would be hashed: it
# would read every record there is).
PRICES_AND_LEVELS = Query(
    f"""
    SELECT c.version AS config_version, c.access_version, e.any_earlier, x.*
    FROM config_version c
    CROSS JOIN (
        SELECT count(coalesce(
                   (SELECT 1 FROM idempotency_record r
                    WHERE r.actor = k.actor AND r.idempotency_key = k.idempotency_key),
                   (SELECT 1 FROM sales_order o WHERE o.order_id = k.order_id)
               )) > 0 AS any_earlier
        FROM unnest(:actors::text[], :idempotency_keys::text[], :order_ids::uuid[])
             AS k (actor, idempotency_key, order_id)
    ) e
    LEFT JOIN (
        SELECT p.*, 0::bigint AS location_id, 0 AS on_hand, 0 AS reserved, 0 AS safety_stock, 0 AS ring_fenced
        FROM ({PRICES_IN_FORCE_SQL}) AS p (sku, variant_id, price_list_id, tax_category, status, quantities_from,
                                           amounts_minor, weight_grams)
        UNION ALL
        SELECT s.sku, s.variant_id, 0, '', '', '{{}}', '{{}}', NULL, s.location_id, s.on_hand, s.reserved,
               s.safety_stock, s.ring_fenced
        FROM (
            SELECT k.sku, {LEVEL_COLUMNS}
            FROM unnest(:level_skus::text[], :location_ids::bigint[]) AS k (sku, location_id)
            JOIN variant v ON v.sku = k.sku
            JOIN stock_level l ON l.variant_id = v.variant_id AND l.location_id = k.location_id
        ) s
    ) x ON true
    """,  # noqa: S608 -- constants of pricing and inventory
    PriceOrLevel,
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
    "promises",
    "carrier_service",
    "pickup_point",
    "delivery_net_minor",
    "delivery_tax_minor",
    "delivery_total_minor",
    "delivery_tax_rate_basis_points",
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
