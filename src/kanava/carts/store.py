"""Every SQL statement of carts."""

from uuid import UUID

import msgspec

from kanava.carts.model import CartHandOver, StoredCart, StoredLine
from kanava.platform.db import Query, Statement

_CART = """t.cart_id, c.code AS channel, t.customer_email, t.customer_group, t.ship_country, t.order_id,
           t.hold_expires_at, t.request_digest, t.version"""

CART = Query(
    f"SELECT {_CART} FROM cart t JOIN channel c USING (channel_id) WHERE t.cart_id = :cart_id::uuid",  # noqa: S608
    StoredCart,
)

# Whoever has the row is the only one who changes the cart; placing takes it too.
LOCK_CART = Query(
    f"""
    SELECT {_CART} FROM cart t JOIN channel c USING (channel_id) WHERE t.cart_id = :cart_id::uuid
    FOR NO KEY UPDATE OF t
    """,  # noqa: S608
    StoredCart,
)

INSERT_CART = Statement("""
    INSERT INTO cart (cart_id, channel_id, customer_email, customer_group, ship_country, request_digest, created_at,
                      updated_at)
    VALUES (:cart_id::uuid, :channel_id::bigint, :customer_email::text, :customer_group::text, :ship_country::text,
            :request_digest::bytea, :now::timestamptz, :now::timestamptz)
    ON CONFLICT (cart_id) DO NOTHING
""")

UPDATE_CART = Statement("""
    UPDATE cart SET channel_id = (SELECT channel_id FROM channel WHERE code = :channel::text),
        customer_email = :customer_email::text, customer_group = :customer_group::text,
        ship_country = :ship_country::text, hold_expires_at = :hold_expires_at::timestamptz,
        updated_at = :now::timestamptz, version = version + 1
    WHERE cart_id = :cart_id::uuid
""")

LINES = Query(
    """
    SELECT l.line_no, l.variant_id, v.sku, l.quantity, l.fulfilment_kind, l.location_id, p.code AS location,
           l.seen_price_minor
    FROM cart_line l JOIN variant v USING (variant_id) LEFT JOIN location p USING (location_id)
    WHERE l.cart_id = :cart_id::uuid ORDER BY l.line_no
    """,
    StoredLine,
)

DELETE_LINES = Statement("""
    DELETE FROM cart_line WHERE cart_id = :cart_id::uuid AND line_no = ANY (:line_nos::smallint[])
""")

INSERT_LINES = Statement("""
    INSERT INTO cart_line (cart_id, line_no, variant_id, quantity, fulfilment_kind, location_id)
    SELECT :cart_id::uuid, l.line_no, l.variant_id, l.quantity, l.fulfilment_kind, l.location_id
    FROM unnest(:line_nos::smallint[], :variant_ids::bigint[], :quantities::int[], :fulfilment_kinds::text[],
                :location_ids::bigint[]) AS l (line_no, variant_id, quantity, fulfilment_kind, location_id)
""")


# Of lines that have been seen before, only `again`: she is told of another price until she goes on with it.
MARK_SEEN = Statement("""
    UPDATE cart_line l SET seen_price_minor = s.price_minor
    FROM unnest(:line_nos::smallint[], :prices_minor::bigint[]) AS s (line_no, price_minor)
    WHERE l.cart_id = :cart_id::uuid AND l.line_no = s.line_no
      AND (l.seen_price_minor IS NULL OR :again::boolean) AND l.seen_price_minor IS DISTINCT FROM s.price_minor
""")


class KnownVariant(msgspec.Struct, frozen=True):
    """A sku with its id."""

    sku: str
    variant_id: int


VARIANTS_BY_SKU = Query(
    "SELECT sku, variant_id FROM variant WHERE sku = ANY (:skus::text[]) LIMIT 1000",
    KnownVariant,
)

SKUS = Query(
    "SELECT sku, variant_id FROM variant WHERE variant_id = ANY (:variant_ids::bigint[]) LIMIT 1000",
    KnownVariant,
)

# What has ended is forgotten when the next one begins.
FORGET_HAND_OVERS = Statement("""
    DELETE FROM cart_hand_over WHERE hand_over_id IN (
        SELECT hand_over_id FROM cart_hand_over WHERE expires_at < :before::timestamptz ORDER BY expires_at LIMIT 100
        FOR UPDATE SKIP LOCKED)
""")
# A cart has one link that is good; making another ends the first.
END_HAND_OVERS = Statement("""
    DELETE FROM cart_hand_over WHERE cart_id = :cart_id::uuid AND taken_at IS NULL
""")
INSERT_HAND_OVER = Statement("""
    INSERT INTO cart_hand_over (hand_over_id, cart_id, expires_at)
    VALUES (:hand_over_id::uuid, :cart_id::uuid, :expires_at::timestamptz)
""")
HAND_OVER = Query(
    """
    SELECT hand_over_id, cart_id, expires_at, taken_at FROM cart_hand_over WHERE hand_over_id = :hand_over_id::uuid
    """,
    CartHandOver,
)
# Of two phones that scan the same code one is first.
TAKE_HAND_OVER = Query(
    """
    UPDATE cart_hand_over SET taken_at = :now::timestamptz
    WHERE hand_over_id = :hand_over_id::uuid AND taken_at IS NULL AND expires_at > :now::timestamptz
    RETURNING cart_id
    """,
    UUID,
)
