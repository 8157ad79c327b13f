"""What messages need to know of orders, goods, places and people; read set-based for a batch of events.

Only reads, and only this: the modules that own these tables show more than a message may say.
"""

from typing import Any
from uuid import UUID

import msgspec

from kanava.orders.model import Status
from kanava.platform.db import Query


class ToldOrder(msgspec.Struct, frozen=True):
    """Whom to tell of an order, in which language; how it is paid, and to which account."""

    order_id: UUID
    number: int
    email: str | None
    name: str | None
    language: str
    currency: str
    total_minor: int
    tax_minor: int
    delivery_minor: int
    status: Status
    tenders: list[Any]
    bank_holder: str
    bank_iban: str
    bank_bic: str


class ToldLine(msgspec.Struct, frozen=True):
    """A line as a message names it; `quantity` without what was cancelled."""

    order_id: UUID
    line_no: int
    sku: str
    title: str
    quantity: int
    total_minor: int


class ParcelUnits(msgspec.Struct, frozen=True):
    """Units in a parcel."""

    parcel_id: UUID
    line_no: int
    sku: str
    quantity: int


class ToldPlace(msgspec.Struct, frozen=True):
    """A place as a message names it."""

    location_id: int
    code: str
    name: str
    street: str
    postal_code: str
    city: str
    phone: str
    time_zone: str


class Colleague(msgspec.Struct, frozen=True):
    """Somebody who works at a place."""

    location_id: int
    email: str
    language: str


ORDERS = Query(
    """
    SELECT o.order_id, o.number, o.customer_email AS email, o.customer_name AS name, c.language, o.currency,
           o.total_minor, o.tax_minor, o.delivery_total_minor AS delivery_minor,
           o.status,
           coalesce((SELECT jsonb_agg(jsonb_build_object(
                                'method', p.method, 'authorised_minor', p.authorised_minor,
                                'captured_minor', p.captured_minor, 'voided_minor', p.voided_minor,
                                'refunded_minor', p.refunded_minor))
                     FROM payment p WHERE p.order_id = o.order_id), '[]') AS tenders,
           c.bank_holder, c.bank_iban, c.bank_bic
    FROM sales_order o JOIN channel c USING (channel_id)
    WHERE o.order_id = ANY (:order_ids::uuid[])
    """,
    ToldOrder,
)

# In the language of the order's channel, else in English, else the sku says enough.
LINES = Query(
    """
    SELECT l.order_id, l.line_no, l.sku,
           concat_ws(', ', coalesce(p.texts -> c.language ->> 'title', p.texts -> 'en' ->> 'title', l.sku),
                     (SELECT string_agg(coalesce(n.names ->> c.language, n.names ->> 'en', o.value), ', '
                                         ORDER BY o.nth)
                      FROM unnest(p.option_axes, v.option_values) WITH ORDINALITY AS o (axis, value, nth)
                      LEFT JOIN option_name n ON n.axis = o.axis AND n.value = o.value)) AS title,
           l.quantity - l.quantity_cancelled AS quantity, l.total_minor
    FROM order_line l
    JOIN sales_order o USING (order_id)
    JOIN channel c USING (channel_id)
    LEFT JOIN variant v ON v.variant_id = l.variant_id
    LEFT JOIN product p ON p.product_id = v.product_id
    WHERE l.order_id = ANY (:order_ids::uuid[])
    ORDER BY l.order_id, l.line_no
    """,
    ToldLine,
)

PARCEL_LINES = Query(
    """
    SELECT p.parcel_id, p.line_no, l.sku, p.quantity
    FROM parcel_line p JOIN order_line l USING (order_id, line_no)
    WHERE p.order_id = ANY (:order_ids::uuid[]) AND p.parcel_id = ANY (:parcel_ids::uuid[])
    ORDER BY p.parcel_id, p.line_no
    """,
    ParcelUnits,
)

PLACES = Query(
    """
    SELECT location_id, code, name, street, postal_code, city, phone, time_zone FROM location
    WHERE code = ANY (:codes::text[])
    """,
    ToldPlace,
)

# Those whose role is bound to the place; people of the head office look at the board.
COLLEAGUES = Query(
    """
    SELECT DISTINCT r.location_id, s.email, s.language
    FROM staff_role r JOIN staff s USING (staff_id)
    WHERE r.location_id = ANY (:location_ids::bigint[]) AND s.active AND r.role IN ('associate', 'store_manager')
    ORDER BY 1, 2 LIMIT 5000
    """,
    Colleague,
)
