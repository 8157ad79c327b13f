"""Work that is done later, by the worker process: asking for it, looking at it, letting it try again.

A job is enqueued in the transaction that wants it, so it exists exactly when the change does. It is delivered at least
once: handlers are written so that a second run changes nothing. `running_jobs.py` runs them.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from kanava.platform.db import Connection, Database, Query, Statement

BITES_MAX = 100

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
