"""Statements of the table of orders and of the figures of the overview."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from kanava.orders.model import Status
from kanava.platform.db import Query


class SummaryRow(msgspec.Struct, frozen=True):
    """An order as a table shows it, with the sums that its computed facts come from."""

    order_id: UUID
    number: int
    channel: str
    channel_name: str
    status: Status
    currency: str
    total_minor: int
    customer_email: str | None
    customer_name: str | None
    customer_phone: str | None
    placed_at: datetime
    authorised_minor: int
    captured_minor: int
    voided_minor: int
    refunded_minor: int
    units: int
    units_cancelled: int
    units_fulfilled: int


class ChannelDayRow(msgspec.Struct, frozen=True):
    """Orders of a channel on a day; cancelled ones do not count."""

    channel: str
    channel_name: str
    placed_on: date
    currency: str
    orders: int
    total_minor: int


_NARROWED = """
          AND (:status::text IS NULL OR o.status = :status)
          AND (:channel::text IS NULL OR o.channel_id = (SELECT channel_id FROM channel WHERE code = :channel))
          AND (:location::text IS NULL OR EXISTS (
                SELECT FROM reservation r JOIN location p USING (location_id)
                WHERE r.order_id = o.order_id AND p.code = :location
                  AND r.state IN ('committed', 'awaited', 'fulfilled')))
          AND (:placed_from::timestamptz IS NULL OR o.placed_at >= :placed_from)
          AND (:placed_until::timestamptz IS NULL OR o.placed_at < :placed_until)
"""

# By how the text was read: each condition is one that an index answers.
_CHOSEN_BY = {
    "everything": "(:text::text IS NULL OR true)",
    "number": "o.number = :text::text::bigint",
    "email": "lower(o.customer_email) = lower(:text::text)",
    "phone": r"""o.customer_phone IS NOT NULL AND right(regexp_replace(o.customer_phone, '\D', '', 'g'), 8)
                 = right(regexp_replace(:text::text, '\D', '', 'g'), 8)""",
    "name": "o.customer_name ILIKE '%' || :text::text || '%'",
}
_ORDERED_BY = {
    "placed": "o.placed_at {way}, o.order_id {way}",
    "number": "o.number {way}",
    "total": "o.total_minor {way}, o.order_id {way}",
    "customer": "coalesce(o.customer_name, o.customer_email, '') {way}, o.order_id {way}",
}

# Only the orders of the page are joined with their payments and lines.
PAGES: dict[tuple[str, str, bool], Query[SummaryRow]] = {
    (text, order, descending): Query(
        f"""
        SELECT o.order_id, o.number, c.code AS channel, c.name AS channel_name, o.status, o.currency, o.total_minor,
               o.customer_email, o.customer_name, o.customer_phone, o.placed_at,
               p.authorised_minor, p.captured_minor, p.voided_minor, p.refunded_minor,
               l.units, l.units_cancelled, l.units_fulfilled
        FROM (SELECT * FROM sales_order o WHERE {chosen_by} {_NARROWED}
              ORDER BY {ordered_by.format(way="DESC" if descending else "ASC")}
              LIMIT :limit::int OFFSET :offset::int) o
        JOIN channel c USING (channel_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(authorised_minor), 0)::bigint AS authorised_minor,
                   coalesce(sum(captured_minor), 0)::bigint AS captured_minor,
                   coalesce(sum(voided_minor), 0)::bigint AS voided_minor,
                   coalesce(sum(refunded_minor), 0)::bigint AS refunded_minor
            FROM payment WHERE order_id = o.order_id) p
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(quantity), 0)::bigint AS units,
                   coalesce(sum(quantity_cancelled), 0)::bigint AS units_cancelled,
                   coalesce(sum(quantity_fulfilled), 0)::bigint AS units_fulfilled
            FROM order_line WHERE order_id = o.order_id) l
        ORDER BY {ordered_by.format(way="DESC" if descending else "ASC")}
        """,  # noqa: S608
        SummaryRow,
    )
    for text, chosen_by in _CHOSEN_BY.items()
    for order, ordered_by in _ORDERED_BY.items()
    for descending in (True, False)
}

COUNTS: dict[str, Query[int]] = {
    text: Query(
        f"""
        SELECT count(*)::int FROM (SELECT FROM sales_order o WHERE {chosen_by} {_NARROWED} LIMIT :count_max::int) found
        """,  # noqa: S608
        int,
    )
    for text, chosen_by in _CHOSEN_BY.items()
}

# Days in the time zone of whoever looks.
BY_CHANNEL_AND_DAY = Query(
    """
    SELECT c.code AS channel, c.name AS channel_name,
           (o.placed_at AT TIME ZONE :time_zone::text)::date AS placed_on, o.currency, count(*)::int AS orders,
           sum(o.total_minor)::bigint AS total_minor
    FROM sales_order o JOIN channel c USING (channel_id)
    WHERE o.placed_at >= :since::timestamptz AND o.placed_at < :until::timestamptz AND o.status <> 'cancelled'
    GROUP BY c.code, c.name, placed_on, o.currency ORDER BY c.code, placed_on, o.currency LIMIT 5000
    """,
    ChannelDayRow,
)
