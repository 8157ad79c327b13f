"""What the worker does for fulfilments, for a replay in whose time weeks pass."""

from datetime import datetime
from typing import Any

from kanava.fulfilment import jobs
from kanava.fulfilment.service import uncollected
from kanava.platform.consumers import drain
from kanava.platform.db import Database


async def follow(db: Database) -> None:
    """Take what the event feed holds now."""
    await drain(db, jobs.CONSUMERS)


async def run_job(db: Database, name: str, payload: dict[str, Any], now: datetime) -> None:
    """Carry out a job that was enqueued."""
    await jobs.HANDLERS[name](db, payload, now)


async def look_after(db: Database, now: datetime) -> None:
    """Do what comes back by the clock: end what nobody collects, try again what nobody could do."""
    await uncollected.expire_uncollected(db, now)
    await jobs.retry_oldest(db, now)
