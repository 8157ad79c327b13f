"""Readers of the feed take each event once, in order, with what they write."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from kanava.platform.consumers import Consumer, drain, register, replay, run_consumers
from kanava.platform.db import Connection, Database
from kanava.platform.outbox import Event, StoredEvent, publish
from tests_support import settled

pytestmark = pytest.mark.anyio


async def tell(db: Database, *kinds: str) -> None:
    async with db.transaction() as tx:
        await publish(tx, [Event(kind, "thing", "1", {}) for kind in kinds])


async def taken(db: Database) -> list[str]:
    async with db.connection() as connection:
        rows = await connection.fetch("SELECT name FROM noted ORDER BY no")
    return [row[0] for row in rows]


async def until_taken(db: Database, count: int) -> None:
    async with asyncio.timeout(30):
        while len(await taken(db)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture
async def written(db: Database) -> Database:
    async with db.transaction() as tx:
        await tx.execute("CREATE TABLE noted (no bigint GENERATED ALWAYS AS IDENTITY, name text)")
    return db


async def note(tx: Connection, events: Sequence[StoredEvent], now: datetime) -> None:
    for event in events:
        if event.type == "poison":
            raise ValueError("bad event")
        await tx.execute("INSERT INTO noted (name) VALUES ($1)", event.type)


async def test_each_event_is_taken_once_and_in_order(written: Database) -> None:
    consumer = Consumer("noting", note, batch_max=2)
    await tell(written, "a", "b", "c")
    await settled(written)
    await drain(written, [consumer])
    await tell(written, "d")
    await settled(written)
    await drain(written, [consumer])
    await drain(written, [consumer])
    assert await taken(written) == ["a", "b", "c", "d"]


async def test_a_consumer_of_some_types_passes_the_others_by(written: Database) -> None:
    consumer = Consumer("noting", note, types=("b",))
    await tell(written, "a", "b", "c")
    await settled(written)
    await drain(written, [consumer])
    assert await taken(written) == ["b"]


async def test_what_failed_is_not_written_and_not_passed_by(written: Database) -> None:
    await tell(written, "a", "poison")
    await settled(written)
    with pytest.raises(ValueError, match="bad event"):
        await drain(written, [Consumer("noting", note)])
    assert await taken(written) == []


async def test_an_event_that_nobody_can_take_is_put_aside_and_the_others_go_on(
    written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kanava.platform.consumers.RETRY_SECONDS_MAX", 0.01)
    stop = asyncio.Event()
    running = asyncio.create_task(run_consumers(written, [Consumer("noting", note)], stop))
    await tell(written, "a", "poison", "b")
    await until_taken(written, 2)
    stop.set()
    await running
    assert await taken(written) == ["a", "b"]
    async with written.connection() as connection:
        assert await connection.fetchval("SELECT error FROM event_consumer_failure") == "ValueError('bad event')"


async def test_two_workers_take_nothing_twice(written: Database) -> None:
    stop = asyncio.Event()
    workers = [asyncio.create_task(run_consumers(written, [Consumer("noting", note)], stop)) for _ in range(2)]
    for number in range(20):
        await tell(written, f"{number:02}")
    await until_taken(written, 20)
    stop.set()
    await asyncio.gather(*workers)
    assert await taken(written) == [f"{number:02}" for number in range(20)]


async def test_a_consumer_that_is_registered_misses_nothing_of_what_follows(written: Database) -> None:
    consumer = Consumer("noting", note, from_start=False)
    await tell(written, "before")
    await settled(written)
    await register(written, [consumer])
    await tell(written, "after")
    await register(written, [consumer])
    await settled(written)
    await drain(written, [consumer])
    assert await taken(written) == ["after"]


async def put_aside(db: Database, *kinds: str) -> None:
    """Publish events that a consumer stumbles over, and let them be put aside."""
    async with db.transaction() as tx:
        await publish(tx, [Event(kind, "thing", "1", {}) for kind in kinds])
        await tx.execute(
            """INSERT INTO event_consumer_failure (consumer, event_id, tx_id, error)
               SELECT 'noting', event_id, tx_id, 'bad event' FROM outbox_event WHERE tx_id = pg_current_xact_id()"""
        )


async def still_aside(db: Database) -> list[tuple[str, str]]:
    async with db.connection() as connection:
        rows = await connection.fetch(
            "SELECT o.type, f.error FROM event_consumer_failure f JOIN outbox_event o USING (tx_id, event_id) ORDER BY 1"
        )
    return [tuple(row) for row in rows]


async def test_what_was_put_aside_is_taken_when_the_reason_is_gone(written: Database) -> None:
    consumer = Consumer("noting", note)
    await register(written, [consumer])
    await put_aside(written, "a", "poison", "b")
    done = await replay(written, [consumer], "noting")
    assert (done.taken, [error for _, error in done.failed]) == (2, ["ValueError('bad event')"])
    assert await taken(written) == ["a", "b"]
    assert await still_aside(written) == [("poison", "ValueError('bad event')")]
    assert (await replay(written, [consumer])).taken == 0
    assert await taken(written) == ["a", "b"]


async def test_one_event_or_one_consumer_can_be_named(written: Database) -> None:
    consumer = Consumer("noting", note)
    await register(written, [consumer])
    await put_aside(written, "a")
    await put_aside(written, "b")
    async with written.connection() as connection:
        event_id = await connection.fetchval("SELECT event_id FROM outbox_event WHERE type = 'b'")
    assert (await replay(written, [consumer], "another")).taken == 0
    assert (await replay(written, [consumer], event_id=event_id)).taken == 1
    assert await taken(written) == ["b"]
