"""What the worker does for webhooks beside sending: turns events into deliveries, and prunes old ones."""

from datetime import datetime, timedelta

from kanava.platform.consumers import Consumer
from kanava.platform.db import Database
from kanava.platform.jobs import in_bites
from kanava.webhooks import service

CONSUMER = Consumer("webhooks", service.open_deliveries, from_start=False)


async def prune(db: Database, keep_days: int, now: datetime) -> int:
    """Remove deliveries that were settled more than `keep_days` ago, in bites; gives how many."""
    return await in_bites(db, lambda tx: service.prune(tx, now - timedelta(days=keep_days)))
