"""Readers of the event feed that act on it: each takes every event once, in order, in the transaction of its cursor.

What a consumer writes and how far it has come commit together, so a crash repeats nothing and loses nothing. It does
nothing outside PostgreSQL: for that it writes down what is to be done (a job, a message, a delivery).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog

from kanava.platform import clock, outbox
from kanava.platform.db import Connection, Database, Query, Statement
from kanava.platform.outbox import StoredEvent

log = structlog.get_logger()

IDLE_SECONDS = 0.05
"""How often the feed's end is looked at while nothing happens: one small statement for all consumers together."""
ELSEWHERE_SECONDS = 1.0
"""How soon a consumer that another worker serves is tried again."""
BATCH_MAX = 200
ATTEMPTS_MAX = 5
"""How often an event may fail alone before it is put aside."""
RETRY_SECONDS_MAX = 5.0
ERROR_CHARACTERS_MAX = 2000
REPLAYED_MAX = 10_000

ZERO = UUID(int=0)

Take = Callable[[Connection, Sequence[StoredEvent], datetime], Awaitable[object]]


class Consumer(msgspec.Struct, frozen=True):
    """A reader of the feed. `types` empty: every event. `from_start`: a new one begins with the oldest event."""

    name: str
    take: Take
    types: tuple[str, ...] = ()
    from_start: bool = True
    batch_max: int = BATCH_MAX


class PutAside(msgspec.Struct, frozen=True):
    """An event that a consumer could not take."""

    consumer: str
    event_id: UUID
    tx_id: int


class PutAsideView(msgspec.Struct, frozen=True):
    """An event that a consumer could not take, as people see it."""

    consumer: str
    event_id: UUID
    type: str
    aggregate: str
    aggregate_id: str
    occurred_at: datetime
    error: str


class Standing(msgspec.Struct, frozen=True):
    """When a consumer last came further, and how many events it has put aside."""

    name: str
    updated_at: datetime
    put_aside: int


class Retaken(msgspec.Struct, frozen=True):
    """How many events that were put aside were taken after all, and what failed again, with its error."""

    taken: int
    failed: list[tuple[PutAside, str]]


class _Position(msgspec.Struct, frozen=True):
    tx_id: int
    event_id: UUID


NEWEST = Query(
    """
    SELECT tx_id::text::bigint AS tx_id, event_id FROM outbox_event
    WHERE tx_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY outbox_event.tx_id DESC, event_id DESC LIMIT 1
    """,
    _Position,
)

# A consumer that starts at the end takes what is committed from now on.
REGISTER = Statement(
    """
    INSERT INTO event_consumer (name, tx_id, event_id)
    SELECT c.name, CASE WHEN c.from_start THEN '0'::xid8 ELSE pg_snapshot_xmin(pg_current_snapshot()) END,
           '00000000-0000-0000-0000-000000000000'
    FROM unnest(:names::text[], :from_starts::bool[]) AS c (name, from_start) ORDER BY c.name
    ON CONFLICT DO NOTHING
    """
)

CLAIM = Query(
    """
    SELECT tx_id::text::bigint AS tx_id, event_id FROM event_consumer WHERE name = :name::text FOR UPDATE SKIP LOCKED
    """,
    _Position,
)

ADVANCE = Statement(
    """
    UPDATE event_consumer SET tx_id = :tx_id::text::xid8, event_id = :event_id::uuid, updated_at = now()
    WHERE name = :name::text
    """
)

PUT_ASIDE = Statement(
    """
    INSERT INTO event_consumer_failure (consumer, event_id, tx_id, error)
    VALUES (:consumer::text, :event_id::uuid, :tx_id::text::xid8, :error::text)
    ON CONFLICT DO NOTHING
    """
)


# The consumer's own row first: whoever takes events of it is alone with it.
LOCK = Query("SELECT name FROM event_consumer WHERE name = :name::text FOR UPDATE", str)

PUT_ASIDE_ONES = Query(
    """
    SELECT f.consumer, f.event_id, f.tx_id::text::bigint AS tx_id FROM event_consumer_failure f
    WHERE (:consumer::text IS NULL OR f.consumer = :consumer::text)
      AND (:event_id::uuid IS NULL OR f.event_id = :event_id::uuid)
    ORDER BY f.consumer, f.tx_id, f.event_id LIMIT :limit::int
    """,
    PutAside,
)

SHOW_PUT_ASIDE = Query(
    """
    SELECT f.consumer, f.event_id, e.type, e.aggregate, e.aggregate_id, e.occurred_at, f.error
    FROM event_consumer_failure f JOIN outbox_event e ON e.tx_id = f.tx_id AND e.event_id = f.event_id
    ORDER BY f.tx_id DESC, f.event_id DESC LIMIT :limit::int
    """,
    PutAsideView,
)

STANDINGS = Query(
    """
    SELECT c.name, c.updated_at,
           (SELECT count(*)::int FROM event_consumer_failure f WHERE f.consumer = c.name) AS put_aside
    FROM event_consumer c ORDER BY c.name LIMIT 100
    """,
    Standing,
)

TAKEN_AFTER_ALL = Statement(
    "DELETE FROM event_consumer_failure WHERE consumer = :consumer::text AND event_id = :event_id::uuid"
)

FAILED_AGAIN = Statement(
    """
    UPDATE event_consumer_failure SET error = :error::text
    WHERE consumer = :consumer::text AND event_id = :event_id::uuid
    """
)


class _Feed:
    """Where the feed ends, as last seen; consumers wait here for more."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.newest = (0, ZERO)
        self._grown = asyncio.Event()

    async def watch(self) -> None:
        while True:
            try:
                async with self.db.connection() as connection:
                    row = await NEWEST.one_or_none(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("feed_unreadable", error=str(error))
                await asyncio.sleep(ELSEWHERE_SECONDS)
                continue
            if row is not None and (row.tx_id, row.event_id) > self.newest:
                self.newest = (row.tx_id, row.event_id)
                grown, self._grown = self._grown, asyncio.Event()
                grown.set()
            await asyncio.sleep(IDLE_SECONDS)

    async def beyond(self, position: tuple[int, UUID]) -> None:
        """Wait until there is something behind a position."""
        while self.newest <= position:
            await self._grown.wait()


async def register(db: Database, consumers: Sequence[Consumer]) -> None:
    """Let consumers begin that have no position yet; those that have one keep it."""
    async with db.transaction() as tx:
        await REGISTER.run(
            tx,
            names=[consumer.name for consumer in consumers],
            from_starts=[consumer.from_start for consumer in consumers],
        )


async def run_consumers(
    db: Database,
    consumers: Sequence[Consumer],
    stop: asyncio.Event,
    after: Mapping[str, Callable[[], object]] | None = None,
) -> None:
    """Serve consumers until `stop` is set; a batch that was begun is finished or rolled back whole.

    `after`: what is called, by a consumer's name, when a batch of its is committed.
    """
    await register(db, consumers)
    feed = _Feed(db)
    tasks = [asyncio.create_task(feed.watch())]
    tasks += [
        asyncio.create_task(_serve(db, feed, consumer, (after or {}).get(consumer.name))) for consumer in consumers
    ]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        for task in [stopping, *tasks]:
            task.cancel()
        await asyncio.gather(stopping, *tasks, return_exceptions=True)


async def _serve(db: Database, feed: _Feed, consumer: Consumer, after: Callable[[], object] | None) -> None:
    failures = 0
    while True:
        try:
            position = await step(db, consumer, batch_max=1 if failures else consumer.batch_max)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a handler raises, the others go on
            failures += 1
            log.warning("consumer_failed", consumer=consumer.name, failures=failures, error=repr(error))
            # The first failure may have been another event of the batch: from then on one at a time.
            if failures > ATTEMPTS_MAX and await _put_aside(db, consumer, error):
                failures = 0
            await asyncio.sleep(min(RETRY_SECONDS_MAX, 0.1 * 2**failures))
            continue
        if position is None:
            await asyncio.sleep(ELSEWHERE_SECONDS)
            continue
        failures = 0
        if after is not None:
            after()
        await feed.beyond(position)


async def step(db: Database, consumer: Consumer, *, batch_max: int | None = None) -> tuple[int, UUID] | None:
    """Take the next batch; gives how far the consumer has come, None when another worker serves it."""
    async with db.transaction() as tx:
        at = await CLAIM.one_or_none(tx, name=consumer.name)
        if at is None:
            return None
        position = (at.tx_id, at.event_id)
        limit = batch_max or consumer.batch_max
        # Before the events are read: what is committed meanwhile comes with the next batch, never unseen.
        newest = await NEWEST.one_or_none(tx)
        events = await outbox.events_after(tx, *position, consumer.types, limit)
        if events:
            await consumer.take(tx, events, clock.now())
            position = (events[-1].tx_id, events[-1].event_id)
        if len(events) < limit and newest is not None:
            # Behind the last event of ours are only others': the cursor need not read them again.
            position = max(position, (newest.tx_id, newest.event_id))
        if position != (at.tx_id, at.event_id):
            await ADVANCE.run(tx, name=consumer.name, tx_id=str(position[0]), event_id=position[1])
        return position


async def drain(db: Database, consumers: Sequence[Consumer]) -> None:
    """Take everything that is in the feed now, consumer after consumer, until none moves; for tests and commands."""
    await register(db, consumers)
    seen: list[Any] = []
    while True:
        positions = [await step(db, consumer) for consumer in consumers]
        if positions == seen:
            return
        seen = positions


async def list_put_aside(connection: Connection, limit: int) -> list[PutAsideView]:
    """Give the events that were put aside, the newest first."""
    return await SHOW_PUT_ASIDE.all(connection, limit=limit)


async def standings(connection: Connection) -> list[Standing]:
    """Say how every consumer stands."""
    return await STANDINGS.all(connection)


async def _put_aside(db: Database, consumer: Consumer, error: Exception) -> bool:
    """Leave out the event that the consumer stumbles over; gives whether there was one."""
    async with db.transaction() as tx:
        at = await CLAIM.one_or_none(tx, name=consumer.name)
        if at is None:
            return False
        events = await outbox.events_after(tx, at.tx_id, at.event_id, consumer.types, 1)
        if not events:
            return False
        event = events[0]
        await PUT_ASIDE.run(
            tx,
            consumer=consumer.name,
            event_id=event.event_id,
            tx_id=str(event.tx_id),
            error=repr(error)[:ERROR_CHARACTERS_MAX],
        )
        await ADVANCE.run(tx, name=consumer.name, tx_id=str(event.tx_id), event_id=event.event_id)
    log.error("event_put_aside", consumer=consumer.name, event_id=str(event.event_id), error=repr(error))
    return True


async def replay(
    db: Database, consumers: Sequence[Consumer], name: str | None = None, event_id: UUID | None = None
) -> Retaken:
    """Let consumers take the events that were put aside, the oldest first, each in a transaction of its own.

    All of them, those of one consumer, or one event. What fails again stays put aside, with the new error.
    """
    async with db.connection() as connection:
        aside = await PUT_ASIDE_ONES.all(connection, consumer=name, event_id=event_id, limit=REPLAYED_MAX)
    by_name = {consumer.name: consumer for consumer in consumers}
    taken, failed = 0, []
    for each in aside:
        try:
            async with db.transaction() as tx:
                taken += await _take_again(tx, by_name[each.consumer], each)
        except Exception as error:  # noqa: BLE001 -- whatever a handler raises, the others go on
            failed.append((each, repr(error)))
            async with db.transaction() as tx:
                await FAILED_AGAIN.run(
                    tx, consumer=each.consumer, event_id=each.event_id, error=repr(error)[:ERROR_CHARACTERS_MAX]
                )
    return Retaken(taken, failed)


async def _take_again(tx: Connection, consumer: Consumer, aside: PutAside) -> bool:
    await LOCK.one(tx, name=consumer.name)
    if not await TAKEN_AFTER_ALL.run(tx, consumer=consumer.name, event_id=aside.event_id):
        return False  # Somebody else was quicker.
    event = await outbox.EVENT.one(tx, tx_id=str(aside.tx_id), event_id=aside.event_id)
    await consumer.take(tx, [event], clock.now())
    return True
