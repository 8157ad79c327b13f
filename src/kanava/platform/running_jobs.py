"""The worker's side of jobs: PgQueuer's queue and schedules on our own database.

Apart from `jobs.py`, because loading PgQueuer takes an API process, which runs no job, a fifth of its start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job, Schedule

from kanava.platform.clock import now
from kanava.platform.db import Database
from kanava.platform.jobs import Handler

JOBS_AT_ONCE_MAX = 20
BATCH = 10
ATTEMPTS_MAX = 8
RETRY_DELAY_MAX = timedelta(minutes=10)

log = structlog.get_logger()


class Periodic(msgspec.Struct, frozen=True):
    """A duty that comes back by the clock: `cron` has five fields, in UTC."""

    name: str
    cron: str
    run: Callable[[Database, datetime], Awaitable[object]]


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
                # Its probe waits ten seconds for a NOTIFY of its own; a busy disk can hold that up for longer. The loop
                # is free meanwhile. Without it jobs are looked for every five, and a database that is gone ends us.
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
