"""Deliveries: opened for events, looked at, sent again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection, Database
from kanava.platform.errors import InvalidInput
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.jobs import in_bites
from kanava.platform.outbox import StoredEvent
from kanava.webhooks.errors import WebhookDeliveryNotFound, WebhookEndpointDisabled
from kanava.webhooks.events import TEST_TYPE, endpoint_test
from kanava.webhooks.model import Delivery, Endpoint, Replayed, ReplaySince, State
from kanava.webhooks.service.endpoints import SUBJECT, get_endpoint
from kanava.webhooks.store import deliveries as store
from kanava.webhooks.store import pruning

REPLAYED_MAX = 5_000
TRANSACTION_SECONDS_MAX = 120
"""Events of transactions in flight together may be that much out of order in time."""
_NEWEST = UUID(int=2**128 - 1)
_NOTHING = UUID(int=0)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


async def open_deliveries(tx: Connection, events: Sequence[StoredEvent], now: datetime) -> int:
    """Open a delivery of each event for each active endpoint that wants its type; gives how many."""
    wanted = [event for event in events if event.type != TEST_TYPE]
    if not wanted:
        return 0
    return await store.OPEN.run(
        tx,
        event_ids=[event.event_id for event in wanted],
        tx_ids=[str(event.tx_id) for event in wanted],
        types=[event.type for event in wanted],
        aggregates=[event.aggregate for event in wanted],
        aggregate_ids=[event.aggregate_id for event in wanted],
        now=now,
    )


async def list_deliveries(
    tx: Connection, endpoint_id: UUID, state: str | None, type_: str | None, limit: int, cursor: str | None
) -> Page[Delivery]:
    """Give the deliveries of an endpoint, newest event first."""
    await get_endpoint(tx, endpoint_id)
    if state is not None and state not in get_args(State):
        raise InvalidInput(f"A delivery is one of: {', '.join(get_args(State))}.", field="state")
    values = {
        "endpoint_id": endpoint_id,
        "before": decode_cursor(cursor, UUID)[0] if cursor else _NEWEST,
        "type": type_,
        "limit": limit,
    }
    if state is None:
        items = await store.LIST.all(tx, **values)
    elif state == "delivered":
        items = await store.LIST_DELIVERED.all(tx, **values)
    else:
        items = await store.LIST_UNDELIVERED.all(tx, state=state, **values)
    return Page(items, encode_cursor(items[-1].event_id) if len(items) == limit else None)


async def get_delivery(tx: Connection, endpoint_id: UUID, event_id: UUID) -> Delivery:
    """Give the delivery of one event; WebhookDeliveryNotFound."""
    await get_endpoint(tx, endpoint_id)
    found = await store.FIND.one_or_none(tx, endpoint_id=endpoint_id, event_id=event_id)
    return _found(found, event_id)


async def send_test(tx: Connection, actor: Actor, endpoint_id: UUID, now: datetime) -> Delivery:
    """Send an event that means nothing to one endpoint; its delivery tells what came back."""
    _must_be_on(await get_endpoint(tx, endpoint_id))
    rows = outbox.rows_of([endpoint_test(endpoint_id)])
    await outbox.INSERT_EVENTS.write(tx, rows)
    await audit.record(tx, actor, "test", SUBJECT, str(endpoint_id))
    return await store.OPEN_TEST.one(tx, endpoint_id=endpoint_id, event_id=rows[0][0], now=now)


async def replay(tx: Connection, actor: Actor, endpoint_id: UUID, event_id: UUID, now: datetime) -> Delivery:
    """Send one event again, or at once when it waits for its next attempt."""
    _must_be_on(await get_endpoint(tx, endpoint_id))
    found = await store.REPLAY_ONE.one_or_none(tx, endpoint_id=endpoint_id, event_id=event_id, now=now)
    delivery = _found(found, event_id)
    await audit.record(tx, actor, "replay", SUBJECT, str(endpoint_id), {"event_id": str(event_id)})
    return delivery


async def replay_since(
    tx: Connection, actor: Actor, endpoint_id: UUID, request: ReplaySince, now: datetime
) -> Replayed:
    """Send all events that the endpoint wants since an instant or behind a cursor, delivered before or not.

    Up to 5,000 at a time: the cursor of the answer is for the next time.
    """
    endpoint = await get_endpoint(tx, endpoint_id)
    _must_be_on(endpoint)
    tx_id, behind = await _beginning(tx, request)
    done = await store.REPLAY_SINCE.one(
        tx,
        endpoint_id=endpoint_id,
        tx_id=str(tx_id),
        event_id=behind,
        test_type=TEST_TYPE,
        types=endpoint.event_types,
        since=request.since,
        limit=REPLAYED_MAX,
        now=now,
    )
    detail = {"since": request.since, "cursor": request.cursor, "deliveries": done.deliveries}
    await audit.record(tx, actor, "replay_since", SUBJECT, str(endpoint_id), detail)
    more = done.deliveries == REPLAYED_MAX and done.tx_id is not None and done.event_id is not None
    return Replayed(done.deliveries, encode_cursor(done.tx_id, done.event_id) if more else None)


async def _beginning(tx: Connection, request: ReplaySince) -> tuple[int, UUID]:
    """Give the position in the feed behind which events are sent again."""
    if request.cursor is not None and request.since is None:
        tx_id, behind = decode_cursor(request.cursor, int, UUID)
        if tx_id < 0:
            raise InvalidInput("This is no cursor that we gave out.", field="cursor")
        return tx_id, behind
    if request.since is not None and request.cursor is None:
        margin = timedelta(seconds=TRANSACTION_SECONDS_MAX)
        since = max(request.since, _EARLIEST) - margin
        return await store.FIRST_SINCE.one(tx, since=since), _NOTHING
    raise InvalidInput("Name an instant (`since`) or a `cursor`, one of the two.", field="since")


async def prune(tx: Connection, before: datetime) -> int:
    """Remove up to 10,000 deliveries that were settled before an instant; gives how many."""
    return await store.PRUNE.run(tx, before=before)


async def prune_events(db: Database, before: datetime, consumers: Sequence[str]) -> int:
    """Remove events older than an instant from the feed, in bites; gives how many.

    Those stay that one of the consumers has not read, that were put aside, or of which a delivery is kept.
    """
    async with db.connection() as connection:
        until = await store.FIRST_SINCE.one(connection, since=before)
    position = (0, _NOTHING)

    async def bite(tx: Connection) -> int:
        nonlocal position
        done = await pruning.PRUNE_EVENTS.one(
            tx,
            behind_tx=str(position[0]),
            behind=position[1],
            until_tx=str(until),
            consumers=list(consumers),
            limit=store.PRUNED_MAX,
        )
        if done.tx_id is not None and done.event_id is not None:
            position = (done.tx_id, done.event_id)
        return done.events

    return await in_bites(db, bite)


def _must_be_on(endpoint: Endpoint) -> None:
    if not endpoint.active:
        raise WebhookEndpointDisabled("Switch the endpoint on first.", field="endpoint_id")


def _found(delivery: Delivery | None, event_id: UUID) -> Delivery:
    if delivery is None:
        raise WebhookDeliveryNotFound(f"This endpoint has no delivery of the event {event_id}.", field="event_id")
    return delivery
