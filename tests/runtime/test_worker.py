"""Jobs and periodic duties on the real queue."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kanava.platform.db import Database
from kanava.platform.jobs import Periodic, enqueue, run_jobs
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
