"""Deliveries: opening, listing, replaying, pruning."""

from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement
from kanava.webhooks.model import Delivery

PRUNED_MAX = 10_000


class Span(msgspec.Struct, frozen=True):
    """How many deliveries a statement touched, and the last event of them."""

    deliveries: int
    tx_id: int | None
    event_id: UUID | None


_COLUMNS = """event_id, type, aggregate, aggregate_id, state, attempts, created_at, first_attempt_at, last_attempt_at,
           next_attempt_at, settled_at, response_status, response_body, error, duration_ms"""

# Lanes before deliveries, in one order: whoever settles a delivery holds its lane, and then looks for what follows.
_LANES = """
    INSERT INTO webhook_lane (endpoint_id, aggregate, aggregate_id, due_at)
    SELECT DISTINCT endpoint_id, aggregate, aggregate_id, :now::timestamptz FROM {rows} ORDER BY 1, 2, 3
    ON CONFLICT (endpoint_id, aggregate, aggregate_id)"""

# An upsert that changes nothing, so that the lane is held until the deliveries are committed.
OPEN = Statement(
    f"""
    WITH wanted AS (
        SELECT p.endpoint_id, e.*
        FROM unnest(:event_ids::uuid[], :tx_ids::text[], :types::text[], :aggregates::text[], :aggregate_ids::text[])
             AS e (event_id, tx_id, type, aggregate, aggregate_id)
        JOIN webhook_endpoint p ON p.active AND (p.event_types = '{{}}' OR e.type = ANY (p.event_types))
    ), lanes AS ({_LANES.format(rows="wanted")} DO UPDATE SET due_at = webhook_lane.due_at RETURNING 1)
    INSERT INTO webhook_delivery (endpoint_id, event_id, tx_id, type, aggregate, aggregate_id, created_at)
    SELECT endpoint_id, event_id, tx_id::xid8, type, aggregate, aggregate_id, :now::timestamptz
    FROM wanted WHERE (SELECT count(*) FROM lanes) > 0
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - constants of this file
)

# The test event is in the feed for its endpoint alone.
OPEN_TEST = Query(
    f"""
    WITH wanted AS (
        SELECT :endpoint_id::uuid AS endpoint_id, event_id, tx_id, type, aggregate, aggregate_id
        FROM outbox_event WHERE tx_id = pg_current_xact_id() AND event_id = :event_id::uuid
    ), lanes AS ({_LANES.format(rows="wanted")} DO UPDATE SET due_at = webhook_lane.due_at RETURNING 1)
    INSERT INTO webhook_delivery (endpoint_id, event_id, tx_id, type, aggregate, aggregate_id, created_at)
    SELECT endpoint_id, event_id, tx_id, type, aggregate, aggregate_id, :now::timestamptz
    FROM wanted WHERE (SELECT count(*) FROM lanes) > 0
    RETURNING {_COLUMNS}
    """,  # noqa: S608 - constants of this file
    Delivery,
)

FIND = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_delivery
    WHERE endpoint_id = :endpoint_id::uuid AND event_id = :event_id::uuid
    """,  # noqa: S608 - constants of this file
    Delivery,
)

LIST = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_delivery
    WHERE endpoint_id = :endpoint_id::uuid AND event_id < :before::uuid
      AND (:type::text IS NULL OR type = :type)
    ORDER BY event_id DESC LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    Delivery,
)

# `state <> 'delivered'` in words, so that the index of what is not delivered may be used.
LIST_UNDELIVERED = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_delivery
    WHERE endpoint_id = :endpoint_id::uuid AND state = :state::text AND state <> 'delivered'
      AND event_id < :before::uuid AND (:type::text IS NULL OR type = :type)
    ORDER BY event_id DESC LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    Delivery,
)

LIST_DELIVERED = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_delivery
    WHERE endpoint_id = :endpoint_id::uuid AND state = 'delivered' AND event_id < :before::uuid
      AND (:type::text IS NULL OR type = :type)
    ORDER BY event_id DESC LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    Delivery,
)

_AGAIN = """state = 'pending', attempts = 0, settled_at = NULL, next_attempt_at = NULL, first_attempt_at = NULL"""
_LANE_NOW = "due_at = CASE WHEN webhook_lane.claim_id IS NULL THEN excluded.due_at ELSE webhook_lane.due_at END"

REPLAY_ONE = Query(
    f"""
    WITH wanted AS (
        SELECT endpoint_id, event_id, aggregate, aggregate_id FROM webhook_delivery
        WHERE endpoint_id = :endpoint_id::uuid AND event_id = :event_id::uuid
    ), lanes AS ({_LANES.format(rows="wanted")} DO UPDATE SET {_LANE_NOW} RETURNING 1)
    UPDATE webhook_delivery d SET {_AGAIN}
    FROM wanted w
    WHERE d.endpoint_id = w.endpoint_id AND d.event_id = w.event_id AND (SELECT count(*) FROM lanes) > 0
    RETURNING {", ".join("d." + name.strip() for name in _COLUMNS.split(","))}
    """,  # noqa: S608 - constants of this file
    Delivery,
)

# The first transaction of the feed whose events are not older than an instant, by halving: there is no index on
# occurred_at, which every order would pay for. Instants rise with transactions but for those in flight together.
FIRST_SINCE = Query(
    """
    WITH RECURSIVE bound AS (
        SELECT (SELECT tx_id::text::bigint FROM outbox_event ORDER BY outbox_event.tx_id LIMIT 1) AS low,
               (SELECT tx_id::text::bigint FROM outbox_event ORDER BY outbox_event.tx_id DESC LIMIT 1) + 1 AS high
    ), halved (low, high) AS (
        SELECT low, high FROM bound WHERE low IS NOT NULL
        UNION ALL
        SELECT CASE WHEN older THEN middle + 1 ELSE low END, CASE WHEN older THEN high ELSE middle END
        FROM halved, LATERAL (SELECT low + (high - low) / 2 AS middle) m, LATERAL (
            SELECT coalesce((SELECT occurred_at < :since::timestamptz FROM outbox_event
                             WHERE tx_id >= middle::text::xid8 ORDER BY tx_id, event_id LIMIT 1), false) AS older) o
        WHERE low < high
    )
    SELECT coalesce(max(low), 0)::bigint AS tx_id FROM halved WHERE low >= high
    """,
    int,
)

REPLAY_SINCE = Query(
    f"""
    WITH wanted AS (
        SELECT :endpoint_id::uuid AS endpoint_id, o.event_id, o.tx_id, o.type, o.aggregate, o.aggregate_id
        FROM outbox_event o
        WHERE (o.tx_id, o.event_id) > (:tx_id::text::xid8, :event_id::uuid)
          AND o.tx_id < pg_snapshot_xmin(pg_current_snapshot())
          AND o.type <> :test_type::text AND (:types::text[] = '{{}}' OR o.type = ANY (:types))
          AND (:since::timestamptz IS NULL OR o.occurred_at >= :since)
        ORDER BY o.tx_id, o.event_id LIMIT :limit::int
    ), lanes AS ({_LANES.format(rows="wanted")} DO UPDATE SET {_LANE_NOW} RETURNING 1),
    opened AS (
        INSERT INTO webhook_delivery AS d (endpoint_id, event_id, tx_id, type, aggregate, aggregate_id, created_at)
        SELECT endpoint_id, event_id, tx_id, type, aggregate, aggregate_id, :now::timestamptz
        FROM wanted WHERE (SELECT count(*) FROM lanes) > 0
        ON CONFLICT (endpoint_id, event_id) DO UPDATE SET {_AGAIN}
        RETURNING tx_id, event_id
    )
    SELECT count(*)::int AS deliveries,
           (array_agg(tx_id::text::bigint ORDER BY tx_id DESC, event_id DESC))[1] AS tx_id,
           (array_agg(event_id ORDER BY tx_id DESC, event_id DESC))[1] AS event_id
    FROM opened
    """,  # noqa: S608 - constants of this file
    Span,
)

PRUNE = Statement(
    f"""
    DELETE FROM webhook_delivery d USING (
        SELECT endpoint_id, event_id FROM webhook_delivery
        WHERE settled_at < :before::timestamptz ORDER BY settled_at LIMIT {PRUNED_MAX}) old
    WHERE d.endpoint_id = old.endpoint_id AND d.event_id = old.event_id AND d.settled_at < :before
    """  # noqa: S608 - constants of this file
)
