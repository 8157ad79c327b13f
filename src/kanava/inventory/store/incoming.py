"""What is on its way, by date, and the units of it that are sold already."""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from kanava.inventory.model import ChangedLevel, Incoming, Reservation
from kanava.platform.db import Query, Statement

# What comes with a date: open units of transfers in transit and of purchase orders that were ordered. What should have
# come before `today` has no date any more.
_SUPPLY = """
        SELECT s.variant_id, s.location_id, s.expected_on, sum(s.units)::int AS units FROM (
            SELECT l.variant_id, t.to_location_id AS location_id, t.expected_on,
                   l.quantity - l.quantity_received - l.quantity_missing AS units
            FROM transfer_line l JOIN transfer t USING (transfer_id)
            WHERE l.variant_id = ANY (:variant_ids::bigint[]) AND l.quantity > l.quantity_received + l.quantity_missing
              AND t.state = 'in_transit' AND t.expected_on >= :today::date
            UNION ALL
            SELECT l.variant_id, p.location_id, p.expected_on, l.quantity - l.quantity_received - l.quantity_missing
            FROM purchase_order_line l JOIN purchase_order p USING (purchase_order_id)
            WHERE l.variant_id = ANY (:variant_ids::bigint[]) AND l.quantity > l.quantity_received + l.quantity_missing
              AND p.state = 'ordered' AND p.expected_on >= :today::date
        ) s
        GROUP BY s.variant_id, s.location_id, s.expected_on
"""

# Awaited units and a shortfall use up what comes first.
INCOMING_OF = Query(
    f"""
    SELECT d.variant_id, d.location_id, d.expected_on AS available_on, least(d.units, d.upto - d.used)::int AS units
    FROM (
        SELECT s.variant_id, s.location_id, s.expected_on, s.units, l.awaited + l.shortfall AS used,
               sum(s.units) OVER (PARTITION BY s.variant_id, s.location_id ORDER BY s.expected_on) AS upto
        FROM ({_SUPPLY}) s JOIN stock_level l USING (variant_id, location_id)
    ) d
    WHERE d.upto > d.used
      AND (:location_ids::bigint[] IS NULL OR d.location_id = ANY (:location_ids))
    ORDER BY d.variant_id, d.expected_on, d.location_id LIMIT 20000
    """,  # noqa: S608 -- a constant of this file
    Incoming,
)

SUPPLY_OF = Query(
    f"""
    SELECT s.variant_id, s.location_id, s.expected_on AS available_on, s.units
    FROM ({_SUPPLY}) s ORDER BY s.variant_id, s.location_id, s.expected_on LIMIT 20000
    """,  # noqa: S608 -- a constant of this file
    Incoming,
)


class FreeUnits(msgspec.Struct, frozen=True):
    """Units of a level that anybody might have."""

    variant_id: int
    location_id: int
    units: int


# Whoever changes what is awaited or on its way of a level has its row first.
LOCK_LEVELS = Query(
    """
    SELECT l.variant_id, l.location_id,
           greatest(0, l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed) AS units
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
    JOIN stock_level l ON l.variant_id = k.variant_id AND l.location_id = k.location_id
    ORDER BY l.variant_id, l.location_id FOR NO KEY UPDATE OF l
    """,
    FreeUnits,
)

# Raises (guarded by what is on its way) and lowers; a level that is not among the rows refused.
CHANGE_AWAITED = Query(
    """
    UPDATE stock_level l SET awaited = l.awaited + c.units
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :units::int[]) AS c (variant_id, location_id, units)
    WHERE l.variant_id = c.variant_id AND l.location_id = c.location_id AND l.awaited + c.units >= 0
      AND (c.units < 0 OR l.incoming - l.shortfall - l.awaited >= c.units)
    RETURNING l.variant_id
    """,
    int,
)

# The quantity must be the one that was read: an arrival may have taken a part of it meanwhile.
END_AWAITED = Statement("""
    UPDATE reservation r SET state = 'released', expected_on = NULL, changed_at = :now::timestamptz
    FROM unnest(:variant_ids::bigint[], :reservation_ids::uuid[], :quantities::int[])
         AS k (variant_id, reservation_id, quantity)
    WHERE r.variant_id = k.variant_id AND r.reservation_id = k.reservation_id AND r.state = 'awaited'
      AND r.quantity = k.quantity
""")

# First come, first served: the units of a level that are free, up to `cap`, go to those who wait longest. Of a level at
# most one reservation gets only a part: that part becomes a row of its own (`new_id`), the rest waits on.
COMMIT_AWAITED = Query(
    """
    WITH free AS (
        SELECT l.variant_id, l.location_id, k.new_id,
               least(k.cap, greatest(0, l.on_hand - l.reserved - l.ring_fenced)) AS units
        FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :caps::int[], :new_ids::uuid[])
             AS k (variant_id, location_id, cap, new_id)
        JOIN stock_level l ON l.variant_id = k.variant_id AND l.location_id = k.location_id
        WHERE l.awaited > 0
    ), waiting AS (
        SELECT r.variant_id, r.reservation_id, r.quantity, f.units, f.new_id,
               sum(r.quantity) OVER (PARTITION BY r.variant_id, r.location_id
                                     ORDER BY r.created_at, r.reservation_id) - r.quantity AS before
        FROM free f JOIN reservation r ON r.variant_id = f.variant_id AND r.location_id = f.location_id
        WHERE r.state = 'awaited'
    ), served AS (
        UPDATE reservation r SET
            state = CASE WHEN w.units - w.before >= w.quantity THEN 'committed' ELSE r.state END,
            expected_on = CASE WHEN w.units - w.before >= w.quantity THEN NULL ELSE r.expected_on END,
            quantity = CASE WHEN w.units - w.before >= w.quantity THEN r.quantity
                            ELSE r.quantity - (w.units - w.before)::int END,
            changed_at = :now::timestamptz
        FROM waiting w
        WHERE r.variant_id = w.variant_id AND r.reservation_id = w.reservation_id AND w.units > w.before
        RETURNING r.variant_id, r.reservation_id, r.location_id, least(w.quantity, w.units - w.before)::int AS taken,
                  r.state, r.channel_id, r.order_id, r.line_no, r.fulfilment_kind, r.created_at, w.new_id
    ), parts AS (
        INSERT INTO reservation (variant_id, reservation_id, location_id, quantity, state, channel_id, order_id,
                                 line_no, fulfilment_kind, created_at, changed_at)
        SELECT s.variant_id, s.new_id, s.location_id, s.taken, 'committed', s.channel_id, s.order_id, s.line_no,
               s.fulfilment_kind, s.created_at, :now::timestamptz
        FROM served s WHERE s.state = 'awaited'
    )
    SELECT s.variant_id, CASE WHEN s.state = 'awaited' THEN s.new_id ELSE s.reservation_id END AS reservation_id,
           s.location_id, s.taken AS quantity, 'committed' AS state, s.channel_id, 0 AS from_ring_fence,
           NULL::uuid AS cart_id, s.order_id, s.line_no, s.fulfilment_kind, NULL::timestamptz AS expires_at,
           NULL::date AS expected_on
    FROM served s ORDER BY s.created_at, reservation_id
    """,
    Reservation,
)

SETTLE_LEVELS = Query(
    """
    UPDATE stock_level l SET reserved = l.reserved + c.units, awaited = l.awaited - c.units
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :units::int[]) AS c (variant_id, location_id, units)
    WHERE l.variant_id = c.variant_id AND l.location_id = c.location_id
    RETURNING l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.incoming
    """,
    ChangedLevel,
)


class DatedUnits(msgspec.Struct, frozen=True):
    """Awaited units that have another date than before."""

    order_id: UUID
    line_no: int
    sku: str
    location: str
    quantity: int
    expected_on_before: date | None
    expected_on: date | None


# Those who wait longest have what comes first; a reservation is there when all of it is.
DATE_AWAITED = Query(
    f"""
    WITH keys AS (
        SELECT k.variant_id, k.location_id, l.shortfall
        FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
        JOIN stock_level l ON l.variant_id = k.variant_id AND l.location_id = k.location_id
        WHERE l.awaited > 0
    ), supply AS (
        SELECT s.variant_id, s.location_id, s.expected_on,
               sum(s.units) OVER (PARTITION BY s.variant_id, s.location_id ORDER BY s.expected_on) AS upto
        FROM ({_SUPPLY}) s
    ), waiting AS (
        SELECT r.variant_id, r.reservation_id, r.location_id, r.expected_on,
               k.shortfall + sum(r.quantity) OVER (PARTITION BY r.variant_id, r.location_id
                                                   ORDER BY r.created_at, r.reservation_id) AS upto
        FROM keys k JOIN reservation r ON r.variant_id = k.variant_id AND r.location_id = k.location_id
        WHERE r.state = 'awaited'
    ), dated AS (
        SELECT w.variant_id, w.reservation_id, w.expected_on AS before,
               (SELECT min(s.expected_on) FROM supply s
                WHERE s.variant_id = w.variant_id AND s.location_id = w.location_id AND s.upto >= w.upto) AS day
        FROM waiting w
    ), changed AS (
        UPDATE reservation r SET expected_on = d.day, changed_at = :now::timestamptz
        FROM dated d
        WHERE r.variant_id = d.variant_id AND r.reservation_id = d.reservation_id
          AND d.before IS DISTINCT FROM d.day
        RETURNING r.variant_id, r.order_id, r.line_no, r.location_id, r.quantity, d.before, d.day
    )
    SELECT c.order_id, c.line_no, v.sku, p.code AS location, c.quantity, c.before AS expected_on_before,
           c.day AS expected_on
    FROM changed c JOIN variant v USING (variant_id) JOIN location p USING (location_id)
    ORDER BY c.order_id, c.line_no
    """,  # noqa: S608 -- a constant of this file
    DatedUnits,
)


class OrderName(msgspec.Struct, frozen=True):
    """How people call an order."""

    order_id: UUID
    number: int
    channel: str


# Orders stand above this module: their names are read so that the events are theirs.
ORDER_NAMES = Query(
    """
    SELECT o.order_id, o.number, c.code AS channel FROM sales_order o JOIN channel c USING (channel_id)
    WHERE o.order_id = ANY (:order_ids::uuid[]) ORDER BY o.number
    """,
    OrderName,
)


Attention = Literal["awaited_without_date", "awaited_overdue", "purchase_order_overdue"]
ATTENTION: tuple[Attention, ...] = get_args(Attention)
"""Why something on its way has to be looked at."""


class WaitingRow(msgspec.Struct, frozen=True):
    """Something on its way that somebody has to look at."""

    reason: Attention
    number: str
    location: str
    since: datetime
    detail: str
    order_id: UUID | None
    total: int


# Each part is bounded on its own, so that one flood does not hide the others.
NEEDS_ATTENTION = Query(
    """
    (SELECT 'awaited_without_date' AS reason, coalesce(o.number::text, r.order_id::text) AS number,
            p.code AS location, r.created_at AS since, r.quantity || ' of ' || v.sku AS detail, r.order_id,
            count(*) OVER ()::int AS total
     FROM reservation r JOIN location p USING (location_id) JOIN variant v USING (variant_id)
     LEFT JOIN sales_order o USING (order_id)
     WHERE r.state = 'awaited' AND r.expected_on IS NULL
     ORDER BY r.created_at LIMIT :limit::int)
    UNION ALL
    (SELECT 'awaited_overdue', coalesce(o.number::text, r.order_id::text), p.code, r.created_at,
            r.quantity || ' of ' || v.sku || ', expected on ' || r.expected_on::text, r.order_id,
            count(*) OVER ()::int
     FROM reservation r JOIN location p USING (location_id) JOIN variant v USING (variant_id)
     LEFT JOIN sales_order o USING (order_id)
     WHERE r.state = 'awaited' AND r.expected_on < :today::date
     ORDER BY r.created_at LIMIT :limit::int)
    UNION ALL
    (SELECT 'purchase_order_overdue', coalesce(nullif(t.reference, ''), t.purchase_order_id::text), p.code,
            t.ordered_at, f.code || ' was expected on ' || t.expected_on::text, NULL::uuid, count(*) OVER ()::int
     FROM purchase_order t JOIN location p USING (location_id)
     JOIN location f ON f.location_id = t.supplier_location_id
     WHERE t.state = 'ordered' AND t.expected_on < :today::date
     ORDER BY t.expected_on LIMIT :limit::int)
    """,
    WaitingRow,
)


class AwaitedKey(msgspec.Struct, frozen=True):
    """A level with awaited units."""

    variant_id: int
    location_id: int


# Where somebody waits past the date that she was told; or without one although units are free: a count has found them,
# or they were received without papers.
OVERDUE = Query(
    """
    SELECT DISTINCT r.variant_id, r.location_id FROM reservation r JOIN stock_level l USING (variant_id, location_id)
    WHERE r.state = 'awaited'
      AND (r.expected_on < :today::date
           OR r.expected_on IS NULL
              AND l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed > 0)
    ORDER BY r.variant_id, r.location_id LIMIT :limit::int
    """,
    AwaitedKey,
)
