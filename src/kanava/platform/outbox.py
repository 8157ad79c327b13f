"""Events, written in the transaction that made them happen, and read by cursor.

The feed is ordered by (transaction, event). A reader is given only events of transactions older than the oldest one
still in flight, so an event can never appear behind a cursor that has passed it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.db import BULK_SECONDS_MAX, Connection, CopyInto, Query
from kanava.platform.ids import uuid7


class Event(msgspec.Struct, frozen=True, gc=False):
    """What happened: `type` such as `order.placed`, the thing it happened to, and its facts (any JSON object)."""

    type: str
    aggregate: str
    aggregate_id: str
    data: Any


class StoredEvent(msgspec.Struct, frozen=True):
    """An event as the feed gives it."""

    tx_id: int
    event_id: UUID
    type: str
    aggregate: str
    aggregate_id: str
    data: dict[str, Any]
    occurred_at: datetime


INSERT_EVENTS = CopyInto("outbox_event", "event_id", "type", "aggregate", "aggregate_id", "data")

EVENTS_AFTER = Query(
    """
    SELECT tx_id::text::bigint AS tx_id, event_id, type, aggregate, aggregate_id, data, occurred_at
    FROM outbox_event
    WHERE (tx_id, event_id) > (:tx_id::text::xid8, :event_id::uuid)
      AND tx_id < pg_snapshot_xmin(pg_current_snapshot())
      AND (:types::text[] IS NULL OR type = ANY (:types::text[]))
    ORDER BY outbox_event.tx_id, event_id
    LIMIT :limit::int
    """,
    StoredEvent,
)

EVENT = Query(
    """
    SELECT tx_id::text::bigint AS tx_id, event_id, type, aggregate, aggregate_id, data, occurred_at
    FROM outbox_event WHERE tx_id = :tx_id::text::xid8 AND event_id = :event_id::uuid
    """,
    StoredEvent,
)

FEED_HEAD = Query(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS tx_id",
    int,
)


async def publish(tx: Connection, events: Sequence[Event]) -> None:
    """Write the events of a change into its own transaction."""
    await INSERT_EVENTS.write(tx, rows_of(events))


async def publish_large(tx: Connection, events: Sequence[Event]) -> None:
    """Write events with long lists: by COPY however few they are, which reads their JSON once and not twice."""
    if events:
        await INSERT_EVENTS.copy(tx, rows_of(events), BULK_SECONDS_MAX)


def rows_of(events: Sequence[Event]) -> list[tuple[Any, ...]]:
    """Make the rows of `INSERT_EVENTS`, for callers that write them together with other rows."""
    return [(uuid7(), event.type, event.aggregate, event.aggregate_id, event.data) for event in events]


async def events_after(
    tx: Connection, tx_id: int, event_id: UUID, types: Sequence[str] | None, limit: int
) -> list[StoredEvent]:
    """Give up to `limit` settled events behind a position, oldest first."""
    return await EVENTS_AFTER.all(
        tx, tx_id=str(tx_id), event_id=event_id, types=list(types) if types else None, limit=limit
    )


async def head(tx: Connection) -> int:
    """Give the position behind which everything is still to come."""
    return await FEED_HEAD.one(tx)
