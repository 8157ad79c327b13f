"""What was promised and what happened, counted."""

import msgspec

from kanava.platform.db import Query


class AuditRow(msgspec.Struct, frozen=True):
    """Units with one outcome for one cause; `lines` are parts of order lines at one place."""

    kind: str
    outcome: str
    cause: str
    lines: int
    units: int


# Units that a place gave, or still has to: by what the customer was told first. Late without having been moved is the
# place's doing, or the carrier's when the parcel had left in time.
GIVEN = Query(
    """
    SELECT kind, outcome, cause, count(*)::int AS lines, sum(units)::int AS units
    FROM (
        SELECT f.kind, l.quantity - l.quantity_ended AS units,
               CASE WHEN f.stuck_answer = 'wait' THEN 'customer waits'
                    WHEN f.stuck_since IS NOT NULL THEN 'customer asked'
                    WHEN f.first_promised_by IS NULL THEN 'no date promised'
                    WHEN f.state IN ('failed', 'returned') THEN 'not delivered'
                    WHEN f.settled_at IS NULL AND f.first_promised_by >= :now::timestamptz THEN 'under way'
                    WHEN f.settled_at IS NULL THEN 'overdue'
                    WHEN f.settled_at <= f.first_promised_by THEN
                         CASE WHEN m.reason IS NULL THEN 'kept' ELSE 'moved and kept' END
                    ELSE CASE WHEN m.reason IS NULL THEN 'late' ELSE 'moved and late' END END AS outcome,
               CASE WHEN f.stuck_since IS NOT NULL THEN f.stuck_reason
                    WHEN m.reason IS NOT NULL THEN m.reason
                    WHEN f.first_promised_by IS NULL THEN ''
                    WHEN coalesce(f.settled_at, :now) <= f.first_promised_by THEN ''
                    WHEN f.kind = 'ship' AND p.shipped_at <= f.work_by THEN 'carrier'
                    ELSE 'place' END AS cause
        FROM sales_order o
        JOIN fulfilment f USING (order_id)
        JOIN fulfilment_line l USING (order_id, fulfilment_id)
        LEFT JOIN LATERAL (
            SELECT j.reason FROM fulfilment_rejection j
            WHERE j.order_id = l.order_id AND j.line_no = l.line_no AND j.outcome = 'moved'
              AND j.fulfilment_id <> f.fulfilment_id
            ORDER BY j.recorded_at DESC LIMIT 1
        ) m ON true
        LEFT JOIN LATERAL (
            SELECT max(x.shipped_at) AS shipped_at FROM parcel x
            WHERE x.order_id = f.order_id AND x.fulfilment_id = f.fulfilment_id AND x.state <> 'cancelled'
        ) p ON true
        WHERE o.placed_at >= :since::timestamptz AND o.placed_at < :until::timestamptz
          AND l.quantity > l.quantity_ended
    ) part
    GROUP BY kind, outcome, cause ORDER BY kind, outcome, cause LIMIT 500
    """,
    AuditRow,
)

# Units that nobody gave: cancelled because no place could, not fetched in time, refused, or given up otherwise.
CANCELLED = Query(
    """
    SELECT kind, outcome, cause, count(*)::int AS lines, sum(units)::int AS units
    FROM (
        SELECT l.fulfilment_kind AS kind, l.quantity_cancelled AS units,
               CASE WHEN s.reason IS NOT NULL THEN 'cancelled: nobody could'
                    WHEN e.state = 'expired' THEN 'cancelled: not collected'
                    WHEN e.state = 'collected' THEN 'cancelled: refused'
                    ELSE 'cancelled' END AS outcome,
               coalesce(s.reason, '') AS cause
        FROM sales_order o
        JOIN order_line l USING (order_id)
        LEFT JOIN LATERAL (
            SELECT j.reason FROM fulfilment_rejection j
            WHERE j.order_id = l.order_id AND j.line_no = l.line_no AND j.outcome IN ('stuck', 'cancelled')
            ORDER BY j.recorded_at DESC LIMIT 1
        ) s ON true
        LEFT JOIN LATERAL (
            SELECT f.state FROM fulfilment f
            JOIN fulfilment_line g USING (order_id, fulfilment_id)
            WHERE f.order_id = l.order_id AND g.line_no = l.line_no AND g.quantity_ended > 0
              AND f.state IN ('expired', 'collected')
            ORDER BY f.state DESC LIMIT 1
        ) e ON true
        WHERE o.placed_at >= :since::timestamptz AND o.placed_at < :until::timestamptz
          AND l.quantity_cancelled > 0 AND l.fulfilment_kind <> 'carry_out'
    ) part
    GROUP BY kind, outcome, cause ORDER BY kind, outcome, cause LIMIT 500
    """,
    AuditRow,
)
