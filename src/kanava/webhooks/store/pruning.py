"""What leaves the event feed: read by every consumer, and of no use to an endpoint any more."""

from uuid import UUID

import msgspec

from kanava.platform.db import Query


class Bite(msgspec.Struct, frozen=True):
    """How many events a bite removed, and the last of them; the next bite begins behind it."""

    events: int
    tx_id: int | None
    event_id: UUID | None


# A delivery can be looked at and replayed as long as it is kept, and an event that was put aside until it was taken:
# their events stay. Old and new lie apart in the feed, so `behind` spares walking over those that stay again.
PRUNE_EVENTS = Query(
    """
    WITH read AS (
        SELECT tx_id, event_id FROM event_consumer WHERE name = ANY (:consumers::text[])
        ORDER BY tx_id, event_id LIMIT 1
    ), old AS (
        SELECT o.tx_id, o.event_id FROM outbox_event o JOIN read r ON (o.tx_id, o.event_id) <= (r.tx_id, r.event_id)
        WHERE (o.tx_id, o.event_id) > (:behind_tx::text::xid8, :behind::uuid)
          AND o.tx_id < :until_tx::text::xid8
          AND (SELECT count(*) FROM event_consumer WHERE name = ANY (:consumers)) = cardinality(:consumers)
          AND NOT EXISTS (SELECT FROM webhook_endpoint p JOIN webhook_delivery d USING (endpoint_id)
                          WHERE d.event_id = o.event_id)
          AND NOT EXISTS (SELECT FROM event_consumer_failure f WHERE f.event_id = o.event_id)
        ORDER BY o.tx_id, o.event_id LIMIT :limit::int
    ), gone AS (
        DELETE FROM outbox_event o USING old WHERE o.tx_id = old.tx_id AND o.event_id = old.event_id
        RETURNING o.tx_id, o.event_id
    )
    SELECT count(*)::int AS events,
           (array_agg(tx_id::text::bigint ORDER BY tx_id DESC, event_id DESC))[1] AS tx_id,
           (array_agg(event_id ORDER BY tx_id DESC, event_id DESC))[1] AS event_id
    FROM gone
    """,
    Bite,
)
