"""Composition root of the worker process: which jobs and periodic duties there are.

A module that has work for later adds its handler to `HANDLERS`, its duty to `periodic_duties` or its reader of the
event feed to `CONSUMERS`, here.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import uvloop

from kanava.inventory import service as inventory
from kanava.platform import auth, idempotency
from kanava.platform.consumers import Consumer, run_consumers
from kanava.platform.db import Database
from kanava.platform.jobs import Handler, Periodic, run_jobs
from kanava.platform.refusal import CannotRun
from kanava.platform.telemetry import configure_logs
from kanava.settings import Settings, load_settings
from kanava.supervisor.lifeline import wait_for_go, watch_lifeline

BATCHES_MAX = 100
WORKER_CONNECTIONS = 12


def periodic_duties(settings: Settings) -> list[Periodic]:
    """Give the duties that come back by the clock."""

    async def expire_holds(db: Database, now: datetime) -> int:
        # In bites: each transaction holds the locks of a few levels only.
        total = 0
        for _ in range(BATCHES_MAX):
            async with db.transaction() as tx:
                expired = await inventory.expire_due_holds(tx, now)
            total += expired
            if not expired:
                break
        return total

    async def prune_idempotency_records(db: Database, now: datetime) -> int:
        async with db.transaction() as tx:
            return await idempotency.PRUNE.run(tx, before=now - timedelta(hours=settings.idempotency_hours))

    async def prune_staff_sessions(db: Database, now: datetime) -> int:
        async with db.transaction() as tx:
            return await auth.PRUNE_SESSIONS.run(tx, now=now)

    return [
        Periodic("expire_holds", "* * * * *", expire_holds),
        Periodic("prune_idempotency_records", "17 * * * *", prune_idempotency_records),
        Periodic("prune_staff_sessions", "47 * * * *", prune_staff_sessions),
    ]


HANDLERS: Mapping[str, Handler] = {}

CONSUMERS: Sequence[Consumer] = []


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Run the worker until `stop` is set."""
    db = await Database.open(settings.database_url, pool_size=WORKER_CONNECTIONS, application_name="kanava-worker")
    try:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(run_jobs(db, settings.database_url, HANDLERS, periodic_duties(settings), stop))
            parts.create_task(run_consumers(db, CONSUMERS, stop))
    finally:
        await db.close()


async def _main() -> None:
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format == "json")
    wait_for_go()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch_lifeline(stop.set)
    await run_worker(settings, stop)


def main() -> None:
    """Run as a process of its own; ends 1 when it cannot go on."""
    try:
        uvloop.run(_main())
    except CannotRun as error:
        sys.exit(f"kanava worker: {error}")


if __name__ == "__main__":
    main()
