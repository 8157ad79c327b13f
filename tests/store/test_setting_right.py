"""`kanava db migrate`, `kanava events` and `kanava jobs`: the database made ready, and work that failed taken up again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kanava.consumers import CONSUMERS
from kanava.platform.db import Database
from kanava.platform.jobs import enqueue, retry_failed
from kanava.platform.outbox import Event, publish

pytestmark = pytest.mark.anyio


def kanava(url: str, folder: Path, *arguments: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
    environment |= {"KANAVA_DATABASE_URL": url, "KANAVA_DATA_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "kanava.cli", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


async def failed_job(db: Database, name: str, once_key: str | None = None) -> int:
    async with db.transaction() as tx:
        await enqueue(tx, name, {}, once_key=once_key)
        number: int = await tx.fetchval(
            "UPDATE pgqueuer SET status = 'failed', attempts = 8 WHERE id = (SELECT max(id) FROM pgqueuer) RETURNING id"
        )
    return number


async def jobs(db: Database) -> list[tuple[str, str, int]]:
    async with db.connection() as connection:
        rows = await connection.fetch("SELECT entrypoint, status::text, attempts FROM pgqueuer ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_failed_job_tries_again_alone_or_with_all(db: Database) -> None:
    first, _ = await failed_job(db, "one"), await failed_job(db, "two")
    async with db.transaction() as tx:
        assert await retry_failed(tx, first) == 1
    assert await jobs(db) == [("one", "queued", 0), ("two", "failed", 8)]
    async with db.transaction() as tx:
        assert await retry_failed(tx) == 1
    assert await jobs(db) == [("one", "queued", 0), ("two", "queued", 0)]


async def test_of_jobs_that_do_the_same_one_tries_again(db: Database) -> None:
    await failed_job(db, "one", "key")
    await failed_job(db, "one", "key")
    await failed_job(db, "two", "other")
    async with db.transaction() as tx:
        await enqueue(tx, "two", {}, once_key="other")
    async with db.transaction() as tx:
        await retry_failed(tx)
    assert await jobs(db) == [("one", "queued", 0), ("two", "queued", 0)]


async def test_the_commands_say_what_they_did(db: Database, database_url: str, tmp_path: Path) -> None:
    assert kanava(database_url, tmp_path, "db", "migrate")[0] == 0
    async with db.connection() as connection:
        known = {row[0] for row in await connection.fetch("SELECT name FROM event_consumer")}
    assert known == {consumer.name for consumer in CONSUMERS}
    number = await failed_job(db, "one")
    async with db.transaction() as tx:
        await publish(tx, [Event("order.placed", "order", "1", {})])
        await tx.execute(
            """INSERT INTO event_consumer_failure (consumer, event_id, tx_id, error)
               SELECT 'routing', event_id, tx_id, 'bad' FROM outbox_event WHERE tx_id = pg_current_xact_id()"""
        )
    assert kanava(database_url, tmp_path, "events", "replay", "routing") == (0, "Taken: 1; still put aside: 0.\n")
    code, text = kanava(database_url, tmp_path, "events", "replay", "nobody")
    assert code == 1
    assert "There is no consumer nobody" in text
    assert kanava(database_url, tmp_path, "jobs", "retry", "--id", str(number)) == (0, "Jobs that try again: 1.\n")
    code, text = kanava(database_url, tmp_path, "jobs", "retry", "--id", str(number))
    assert (code, text) == (1, f"kanava: No failed job has the number {number}.\n")
