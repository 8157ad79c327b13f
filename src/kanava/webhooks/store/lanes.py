"""Lanes: claiming what is due, recording what came of it."""

from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement
from kanava.webhooks.model import Due


class LaneKey(msgspec.Struct, frozen=True):
    """What names a lane."""

    endpoint_id: UUID
    aggregate: str
    aggregate_id: str


# An endpoint where nothing gets through is tried with one delivery at a time: it takes no places from others.
CLAIM = Query(
    """
    WITH room AS (
        SELECT e.endpoint_id, greatest(0, least(:room::int,
               CASE WHEN e.failures_in_row >= :struggling::int THEN 1 ELSE :per_endpoint::int END
               - coalesce(b.busy, 0))) AS room
        FROM webhook_endpoint e
        LEFT JOIN unnest(:busy_ids::uuid[], :busy::int[]) AS b (endpoint_id, busy) ON b.endpoint_id = e.endpoint_id
        WHERE e.active
    ), due AS (
        SELECT l.endpoint_id, l.aggregate, l.aggregate_id
        FROM room r CROSS JOIN LATERAL (
            SELECT w.endpoint_id, w.aggregate, w.aggregate_id, w.due_at FROM webhook_lane w
            WHERE w.endpoint_id = r.endpoint_id AND w.due_at <= :now::timestamptz
            ORDER BY w.due_at LIMIT r.room FOR UPDATE SKIP LOCKED) l
        ORDER BY l.due_at LIMIT :room
    )
    UPDATE webhook_lane w SET claim_id = :claim_id::uuid, due_at = :until::timestamptz
    FROM due d
    WHERE w.endpoint_id = d.endpoint_id AND w.aggregate = d.aggregate AND w.aggregate_id = d.aggregate_id
    RETURNING w.endpoint_id, w.aggregate, w.aggregate_id
    """,
    LaneKey,
)

# A statement of its own behind the claim: it sees everything that was settled before the lane was ours.
HEADS = Query(
    """
    SELECT l.endpoint_id, l.aggregate, l.aggregate_id, d.event_id, o.type, o.occurred_at, o.data::text AS data,
           d.attempts, e.url, s.secrets
    FROM unnest(:endpoint_ids::uuid[], :aggregates::text[], :aggregate_ids::text[])
         AS l (endpoint_id, aggregate, aggregate_id)
    CROSS JOIN LATERAL (
        SELECT event_id, tx_id, attempts FROM webhook_delivery w
        WHERE w.endpoint_id = l.endpoint_id AND w.aggregate = l.aggregate AND w.aggregate_id = l.aggregate_id
          AND w.settled_at IS NULL
        ORDER BY w.tx_id, w.event_id LIMIT 1) d
    JOIN outbox_event o ON o.tx_id = d.tx_id AND o.event_id = d.event_id
    JOIN webhook_endpoint e ON e.endpoint_id = l.endpoint_id
    CROSS JOIN LATERAL (
        SELECT array_agg(secret ORDER BY secret_no DESC) AS secrets FROM webhook_secret k
        WHERE k.endpoint_id = l.endpoint_id AND (k.expires_at IS NULL OR k.expires_at > :now::timestamptz)) s
    """,
    Due,
)

# Gives the lanes that are still ours, and holds them.
HOLD = Query(
    """
    SELECT w.endpoint_id, w.aggregate, w.aggregate_id
    FROM webhook_lane w
    JOIN unnest(:endpoint_ids::uuid[], :aggregates::text[], :aggregate_ids::text[], :claim_ids::uuid[])
         AS l (endpoint_id, aggregate, aggregate_id, claim_id)
      ON w.endpoint_id = l.endpoint_id AND w.aggregate = l.aggregate AND w.aggregate_id = l.aggregate_id
     AND w.claim_id = l.claim_id
    ORDER BY 1, 2, 3 FOR UPDATE OF w
    """,
    LaneKey,
)

RECORD = Statement(
    """
    UPDATE webhook_delivery d
    SET state = r.state, attempts = least(d.attempts + 1, 32000), next_attempt_at = r.next_attempt_at,
        settled_at = CASE WHEN r.state IN ('delivered', 'dead') THEN r.ended_at END,
        first_attempt_at = coalesce(d.first_attempt_at, r.ended_at - make_interval(secs => r.duration_ms / 1000.0)),
        last_attempt_at = r.ended_at - make_interval(secs => r.duration_ms / 1000.0),
        response_status = r.status, response_body = r.body, error = r.error, duration_ms = r.duration_ms
    FROM unnest(:endpoint_ids::uuid[], :event_ids::uuid[], :states::text[], :next_attempts_at::timestamptz[],
                :ended_at::timestamptz[], :statuses::int[], :bodies::text[], :errors::text[], :durations_ms::int[])
         AS r (endpoint_id, event_id, state, next_attempt_at, ended_at, status, body, error, duration_ms)
    WHERE d.endpoint_id = r.endpoint_id AND d.event_id = r.event_id
    """
)

# A lane comes back at `next_due_at`; without one at once when more waits in it, and goes away when nothing does.
RELEASE = Statement(
    """
    WITH lane AS (
        SELECT l.*, l.next_due_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM webhook_delivery d
            WHERE d.endpoint_id = l.endpoint_id AND d.aggregate = l.aggregate AND d.aggregate_id = l.aggregate_id
              AND d.settled_at IS NULL) AS over
        FROM unnest(:endpoint_ids::uuid[], :aggregates::text[], :aggregate_ids::text[], :next_due_at::timestamptz[])
             AS l (endpoint_id, aggregate, aggregate_id, next_due_at)
    ), gone AS (
        DELETE FROM webhook_lane w USING lane l
        WHERE l.over AND w.endpoint_id = l.endpoint_id AND w.aggregate = l.aggregate
          AND w.aggregate_id = l.aggregate_id
    )
    UPDATE webhook_lane w SET claim_id = NULL, due_at = coalesce(l.next_due_at, :now::timestamptz)
    FROM lane l
    WHERE NOT l.over AND w.endpoint_id = l.endpoint_id AND w.aggregate = l.aggregate
      AND w.aggregate_id = l.aggregate_id
    """
)

# What waits comes at once when its endpoint is on again.
WAKE = Statement(
    """
    UPDATE webhook_lane SET due_at = :now::timestamptz
    WHERE endpoint_id = :endpoint_id::uuid AND claim_id IS NULL AND due_at > :now
    """
)
