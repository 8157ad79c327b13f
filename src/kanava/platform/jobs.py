"""Work that is done later, by the worker process: PgQueuer's queue and schedules on our own database.

A job is enqueued in the transaction that wants it, so it exists exactly when the change does. It is delivered at least
once: handlers are written so that a second run changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job, Schedule

from kanava.platform.clock import now
from kanava.platform.db import Connection, Database, Query, Statement

JOBS_AT_ONCE_MAX = 20
BATCH = 10
ATTEMPTS_MAX = 8
RETRY_DELAY_MAX = timedelta(minutes=10)
BITES_MAX = 100

log = structlog.get_logger()

Handler = Callable[[Database, dict[str, Any], datetime], Awaitable[object]]

ENQUEUE = Statement(
    """
    INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, dedupe_key, status)
    VALUES (0, :name::text, :payload::bytea, coalesce(:due_at::timestamptz, now()), :once_key::text, 'queued')
    ON CONFLICT DO NOTHING
    """
)


# A job that waits under the same key does the work of those that failed; of several that failed, one.
FORGET_TWINS = Statement(
    """
    DELETE FROM pgqueuer q USING pgqueuer twin
    WHERE q.status IN ('failed', 'exception') AND (:id::bigint IS NULL OR q.id = :id::bigint)
      AND twin.dedupe_key = q.dedupe_key AND twin.id <> q.id
      AND (twin.status IN ('queued', 'picked') OR (twin.status IN ('failed', 'exception') AND twin.id < q.id))
    """
)

RETRY_FAILED = Statement(
    """
    UPDATE pgqueuer SET status = 'queued', attempts = 0, execute_after = now(), updated = now(), queue_manager_id = NULL
    WHERE status IN ('failed', 'exception') AND (:id::bigint IS NULL OR id = :id::bigint)
    """
)


class JobView(msgspec.Struct, frozen=True):
    """A job that waits, runs or has failed; `error` is of its last attempt."""

    job_id: int
    name: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    updated_at: datetime
    payload: str
    error: str | None


class JobCount(msgspec.Struct, frozen=True):
    """How many jobs of a kind are in a state, and since when the oldest waits."""

    name: str
    state: str
    jobs: int
    oldest_at: datetime


LIST_JOBS = Query(
    """
    SELECT q.id AS job_id, q.entrypoint AS name, q.status::text AS state, q.attempts, q.created AS created_at,
           q.execute_after AS due_at, q.updated AS updated_at,
           left(convert_from(coalesce(q.payload, ''), 'UTF8'), 2000) AS payload,
           (SELECT left(coalesce(l.traceback ->> 'exception_message', l.traceback ->> 'traceback', ''), 2000)
            FROM pgqueuer_log l WHERE l.job_id = q.id AND l.traceback IS NOT NULL ORDER BY l.created DESC LIMIT 1)
               AS error
    FROM pgqueuer q
    WHERE (:state::text IS NULL OR q.status::text = :state) AND (:name::text IS NULL OR q.entrypoint = :name)
      AND (:before::bigint IS NULL OR q.id < :before)
    ORDER BY q.id DESC LIMIT :limit::int
    """,
    JobView,
)

COUNT_JOBS = Query(
    """
    SELECT entrypoint AS name, status::text AS state, count(*)::int AS jobs, min(created) AS oldest_at
    FROM pgqueuer GROUP BY entrypoint, status ORDER BY entrypoint, status LIMIT 500
    """,
    JobCount,
)


class Periodic(msgspec.Struct, frozen=True):
    """A duty that comes back by the clock: `cron` has five fields, in UTC."""

    name: str
    cron: str
    run: Callable[[Database, datetime], Awaitable[object]]


async def in_bites(db: Database, bite: Callable[[Connection], Awaitable[int]]) -> int:
    """Run a bite in transactions of its own until it finds nothing more; gives how much it did in all.

    Each holds few locks, and not for long. What is left after `BITES_MAX` is for the next time.
    """
    total = 0
    for _ in range(BITES_MAX):
        async with db.transaction() as tx:
            done = await bite(tx)
        total += done
        if not done:
            break
    return total


async def enqueue(
    tx: Connection,
    name: str,
    payload: Mapping[str, Any],
    *,
    due_at: datetime | None = None,
    once_key: str | None = None,
) -> None:
    """Ask for a job when the transaction commits; a `once_key` that is still waiting or running is not added again."""
    await ENQUEUE.run(tx, name=name, payload=msgspec.json.encode(payload), due_at=due_at, once_key=once_key)


async def list_jobs(
    connection: Connection, state: str | None, name: str | None, before: int | None, limit: int
) -> list[JobView]:
    """Give jobs that are not done, the newest first."""
    return await LIST_JOBS.all(connection, state=state, name=name, before=before, limit=limit)


async def count_jobs(connection: Connection) -> list[JobCount]:
    """Count the jobs that are not done, by kind and state."""
    return await COUNT_JOBS.all(connection)


async def retry_failed(tx: Connection, job_id: int | None = None) -> int:
    """Let jobs that were tried as often as they may be try again, all or one; gives how many."""
    forgotten = await FORGET_TWINS.run(tx, id=job_id)
    return forgotten + await RETRY_FAILED.run(tx, id=job_id)


async def run_jobs(
    db: Database,
    url: str,
    handlers: Mapping[str, Handler],
    periodic: Sequence[Periodic],
    stop: asyncio.Event,
) -> None:
    """Run jobs and periodic duties until `stop` is set; those in work are finished first.

    Raises when the database goes away: the supervisor starts the process anew.
    """
    # PgQueuer listens on its connections and brings its own encoding of jsonb: they are not of the pool of the verbs.
    names = {"application_name": "kanava-jobs"}
    async with asyncpg.create_pool(url, min_size=1, max_size=4, server_settings=names) as own:
        queue = PgQueuer.from_asyncpg_pool(own)
        for name, handler in handlers.items():
            queue.entrypoint(name, on_failure="hold", executor_factory=_retrying)(_job(db, handler))
        for duty in periodic:
            queue.schedule(duty.name, duty.cron, clean_old=True)(_duty(db, duty))
        running = asyncio.create_task(
            queue.run(
                dequeue_timeout=timedelta(seconds=5),
                batch_size=BATCH,
                max_concurrent_tasks=JOBS_AT_ONCE_MAX,
                # Its probe fails where the machine is busy for ten seconds. Without it jobs are looked for every five,
                # and a database that is gone ends the worker by itself.
                shutdown_on_listener_failure=False,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        stopping.cancel()
        await running


def _retrying(parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
    return DatabaseRetryEntrypointExecutor(parameters, max_attempts=ATTEMPTS_MAX, max_delay=RETRY_DELAY_MAX)


def _job(db: Database, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def job(queued: Job) -> None:
        await handler(db, msgspec.json.decode(queued.payload or b"{}"), now())

    return job


def _duty(db: Database, duty: Periodic) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_: Schedule) -> None:
        done = await duty.run(db, now())
        log.debug("periodic_duty", name=duty.name, done=done)

    return run
