"""Jobs and periodic duties on the real queue."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kanava.consumers import register_consumers
from kanava.platform.db import Database
from kanava.platform.jobs import enqueue
from kanava.platform.outbox import Event, publish
from kanava.platform.running_jobs import Periodic, run_jobs
from kanava.settings import Settings
from kanava.worker import periodic_duties

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


async def test_a_job_runs_when_its_transaction_committed_and_only_then(db: Database, database_url: str) -> None:
    seen: list[dict[str, Any]] = []
    stop = asyncio.Event()

    async def greet(_db: Database, payload: dict[str, Any], _now: datetime) -> None:
        seen.append(payload)
        if payload["name"] == "last":
            stop.set()

    async def change_one_s_mind() -> None:
        async with db.transaction() as tx:
            await enqueue(tx, "greet", {"name": "rolled back"})
            raise LookupError

    with pytest.raises(LookupError):
        await change_one_s_mind()
    async with db.transaction() as tx:
        await enqueue(tx, "greet", {"name": "first"}, once_key="one")
        await enqueue(tx, "greet", {"name": "twice"}, once_key="one")
        await enqueue(tx, "greet", {"name": "last"}, due_at=datetime.now(UTC) + timedelta(seconds=0.5))
    async with asyncio.timeout(30):
        await run_jobs(db, database_url, {"greet": greet}, [], stop)
    assert seen == [{"name": "first"}, {"name": "last"}]


async def test_a_job_that_fails_is_tried_again(db: Database, database_url: str) -> None:
    attempts = 0
    stop = asyncio.Event()

    async def stumble(_db: Database, _payload: dict[str, Any], _now: datetime) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 2:
            raise ConnectionError("not yet")
        stop.set()

    async with db.transaction() as tx:
        await enqueue(tx, "stumble", {})
    async with asyncio.timeout(30):
        await run_jobs(db, database_url, {"stumble": stumble}, [], stop)
    assert attempts == 2


async def test_a_periodic_duty_comes_by_the_clock(db: Database, database_url: str) -> None:
    stop = asyncio.Event()

    async def tick(_db: Database, now: datetime) -> None:
        assert now.tzinfo is not None
        stop.set()

    # A sixth field is seconds: the clock of the test is not worth a minute.
    async with asyncio.timeout(30):
        await run_jobs(db, database_url, {}, [Periodic("tick", "* * * * * *", tick)], stop)


async def test_the_duties_prune_what_is_old_and_keep_what_is_not(db: Database, settings: Settings) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO idempotency_record (actor, idempotency_key, request_hash, response_status, created_at)"
            " VALUES ('a', 'old', '', 200, $1), ('a', 'new', '', 200, $2)",
            NOW - timedelta(hours=settings.idempotency_hours, minutes=1),
            NOW - timedelta(hours=settings.idempotency_hours, minutes=-1),
        )
    done = {duty.name: await duty.run(db, NOW) for duty in periodic_duties(settings)}
    assert done["prune_idempotency_records"] == 1
    assert done["expire_holds"] == 0
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT idempotency_key FROM idempotency_record") == "new"


async def event(db: Database, kind: str, days_old: int) -> None:
    async with db.transaction() as tx:
        await publish(tx, [Event(kind, "thing", "1", {})])
        await tx.execute(
            "UPDATE outbox_event SET occurred_at = $1 WHERE tx_id = pg_current_xact_id()",
            NOW - timedelta(days=days_old),
        )


async def test_old_events_go_but_not_what_somebody_still_needs(db: Database, settings: Settings) -> None:
    old = settings.event_days + 1
    await register_consumers(db)
    async with db.transaction() as tx:
        endpoint_id = await tx.fetchval(
            "INSERT INTO webhook_endpoint (endpoint_id, url) VALUES (gen_random_uuid(), 'https://example.com')"
            " RETURNING endpoint_id"
        )
    for kind in ("old", "put_aside", "not_delivered", "older"):
        await event(db, kind, old)
    await event(db, "young", 1)
    async with db.transaction() as tx:
        await tx.execute(
            """INSERT INTO event_consumer_failure (consumer, event_id, tx_id, error)
               SELECT 'messages', event_id, tx_id, 'bad' FROM outbox_event WHERE type = 'put_aside'"""
        )
        await tx.execute(
            """INSERT INTO webhook_delivery (endpoint_id, event_id, tx_id, type, aggregate, aggregate_id)
               SELECT $1, event_id, tx_id, type, aggregate, aggregate_id FROM outbox_event
               WHERE type = 'not_delivered'""",
            endpoint_id,
        )
    (prune,) = [duty for duty in periodic_duties(settings) if duty.name == "prune_events"]

    async def left() -> list[str]:
        async with db.connection() as connection:
            return [row[0] for row in await connection.fetch("SELECT type FROM outbox_event ORDER BY tx_id, event_id")]

    assert await prune.run(db, NOW) == 0, "no consumer has read them"
    async with db.transaction() as tx:
        await tx.execute("UPDATE event_consumer SET tx_id = pg_current_xact_id()")
        await tx.execute(
            """UPDATE event_consumer c SET tx_id = o.tx_id, event_id = o.event_id FROM outbox_event o
               WHERE o.type = 'old' AND c.name = 'routing'"""
        )
    assert await prune.run(db, NOW) == 1, "one consumer has read one of them"
    async with db.transaction() as tx:
        await tx.execute("UPDATE event_consumer SET tx_id = pg_current_xact_id()")
    assert await prune.run(db, NOW) == 1
    assert await left() == ["put_aside", "not_delivered", "young"]


async def test_old_news_of_carriers_go(db: Database, settings: Settings) -> None:
    async with db.transaction() as tx:
        for name, days in (("old", 1), ("young", -1)):
            await tx.execute(
                """INSERT INTO carrier_event (carrier, carrier_event_id, tracking_number, kind, occurred_at, received_at,
                                              applied)
                   VALUES ('post', $1, 'T1', 'delivered', $2, $2, true)""",
                name,
                NOW - timedelta(days=settings.carrier_event_days + days),
            )
    (prune,) = [duty for duty in periodic_duties(settings) if duty.name == "prune_carrier_events"]
    assert await prune.run(db, NOW) == 1
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT carrier_event_id FROM carrier_event") == "young"
