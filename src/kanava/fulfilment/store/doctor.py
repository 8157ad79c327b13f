"""What waits, and since when: each statement gives the oldest first, and how many there are of its kind."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query


class WaitingRow(msgspec.Struct, frozen=True):
    """Something that waits."""

    order_id: UUID | None
    fulfilment_id: UUID | None
    number: str
    location: str
    since: datetime
    why: str
    answered: bool
    total: int


_FULFILMENT = "f.order_id, f.fulfilment_id, f.order_number || '-' || f.sequence_no AS number, p.code AS location"
_FROM = "FROM fulfilment f JOIN location p USING (location_id)"
_END = "count(*) OVER ()::int AS total"

STUCK = Query(
    f"""
    SELECT {_FULFILMENT}, f.stuck_since AS since, f.stuck_reason AS why, f.stuck_answer IS NOT NULL AS answered, {_END}
    {_FROM} WHERE f.stuck_since IS NOT NULL AND f.state IN ('open', 'picking')
    ORDER BY f.stuck_since LIMIT :limit::int
    """,
    WaitingRow,
)

ON_HOLD = Query(
    f"""
    SELECT {_FULFILMENT}, o.updated_at AS since, coalesce(o.hold_reason, '') AS why, false AS answered, {_END}
    {_FROM} JOIN sales_order o USING (order_id)
    WHERE f.on_hold AND f.state IN ('open', 'picking', 'picked', 'packed', 'ready')
    ORDER BY o.updated_at LIMIT :limit::int
    """,
    WaitingRow,
)

LATE = Query(
    f"""
    SELECT {_FULFILMENT}, f.work_by AS since, f.state AS why, false AS answered, {_END}
    {_FROM} WHERE f.work_by < :now::timestamptz AND f.state IN ('open', 'picking', 'picked')
      AND NOT f.on_hold AND f.stuck_since IS NULL
    ORDER BY f.work_by LIMIT :limit::int
    """,
    WaitingRow,
)

PROMISE_PAST = Query(
    f"""
    SELECT {_FULFILMENT}, f.promised_by AS since, f.state AS why, false AS answered, {_END}
    {_FROM} WHERE f.promised_by < :now::timestamptz AND f.settled_at IS NULL
      AND f.state IN ('open', 'picking', 'picked', 'packed')
    ORDER BY f.promised_by LIMIT :limit::int
    """,
    WaitingRow,
)

UNCOLLECTED = Query(
    f"""
    SELECT {_FULFILMENT}, f.collect_by AS since, 'not collected, not given back' AS why, false AS answered, {_END}
    {_FROM} WHERE f.state = 'ready' AND f.collect_by < :now::timestamptz
    ORDER BY f.collect_by LIMIT :limit::int
    """,
    WaitingRow,
)

# Orders of the last week: whoever follows the feed opens fulfilments within a second, or does not run.
UNOPENED = Query(
    """
    SELECT o.order_id, NULL::uuid AS fulfilment_id, o.number::text AS number, '' AS location, o.placed_at AS since,
           'no place has it yet: does the worker run?' AS why, false AS answered, count(*) OVER ()::int AS total
    FROM sales_order o
    WHERE o.placed_at BETWEEN :now::timestamptz - interval '7 days' AND :now - interval '1 minute'
      AND o.status IN ('placed', 'on_hold')
      AND NOT EXISTS (SELECT FROM fulfilment f WHERE f.order_id = o.order_id)
      AND EXISTS (SELECT FROM reservation r WHERE r.order_id = o.order_id AND r.state = 'committed')
    ORDER BY o.placed_at LIMIT :limit::int
    """,
    WaitingRow,
)

_OF_PARCEL = """FROM parcel k JOIN fulfilment f USING (order_id, fulfilment_id)
    JOIN location p ON p.location_id = f.location_id"""

# Until somebody says what was in it.
PARCELS_RETURNED = Query(
    f"""
    SELECT {_FULFILMENT}, k.state_at AS since,
           'came back: ' || coalesce(k.tracking_number, 'no tracking number') AS why, false AS answered, {_END}
    {_OF_PARCEL} WHERE k.state = 'returned' AND k.return_id IS NULL
    ORDER BY k.state_at LIMIT :limit::int
    """,
    WaitingRow,
)

DELIVERIES_FAILED = Query(
    f"""
    SELECT {_FULFILMENT}, k.state_at AS since,
           'could not be delivered: ' || coalesce(k.tracking_number, 'no tracking number') AS why,
           false AS answered, {_END}
    {_OF_PARCEL} WHERE k.state = 'failed'
    ORDER BY k.state_at LIMIT :limit::int
    """,
    WaitingRow,
)

# The last piece was staged before another was given up: only who stages tells the customer.
STAGED = Query(
    f"""
    SELECT {_FULFILMENT}, f.updated_at AS since,
           'everything is staged: stage it again, so that the customer is told' AS why, false AS answered, {_END}
    {_FROM} WHERE f.state = 'picked' AND f.kind <> 'ship' AND NOT f.on_hold
      AND NOT EXISTS (SELECT FROM fulfilment_line n WHERE n.order_id = f.order_id AND n.fulfilment_id = f.fulfilment_id
                      AND n.quantity_picked > n.quantity_packed)
    ORDER BY f.updated_at LIMIT :limit::int
    """,  # noqa: S608 -- constants of this file
    WaitingRow,
)

UNKNOWN_PARCELS = Query(
    """
    SELECT NULL::uuid AS order_id, NULL::uuid AS fulfilment_id, tracking_number AS number, '' AS location,
           received_at AS since, carrier || ': ' || kind AS why, false AS answered, count(*) OVER ()::int AS total
    FROM carrier_event WHERE order_id IS NULL ORDER BY received_at LIMIT :limit::int
    """,
    WaitingRow,
)

PUT_ASIDE = Query(
    """
    SELECT NULL::uuid AS order_id, NULL::uuid AS fulfilment_id, event_id::text AS number, consumer AS location,
           failed_at AS since, error AS why, false AS answered, count(*) OVER ()::int AS total
    FROM event_consumer_failure ORDER BY failed_at LIMIT :limit::int
    """,
    WaitingRow,
)

# Those that were tried as often as they may be are held back until somebody looks.
FAILED_JOBS = Query(
    """
    SELECT NULL::uuid AS order_id, NULL::uuid AS fulfilment_id, id::text AS number, '' AS location,
           updated AS since, entrypoint AS why, false AS answered, count(*) OVER ()::int AS total
    FROM pgqueuer WHERE status IN ('failed', 'exception') ORDER BY updated LIMIT :limit::int
    """,
    WaitingRow,
)
