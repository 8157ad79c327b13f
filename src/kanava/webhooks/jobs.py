"""What the worker does for webhooks beside sending: turns events into deliveries, and prunes old ones."""

from datetime import datetime, timedelta

from kanava.platform.consumers import Consumer
from kanava.platform.db import Database
from kanava.webhooks import service
from kanava.webhooks.store.deliveries import PRUNED_MAX

PRUNE_BATCHES_MAX = 100

CONSUMER = Consumer("webhooks", service.open_deliveries, from_start=False)


async def prune(db: Database, keep_days: int, now: datetime) -> int:
    """Remove deliveries that were settled more than `keep_days` ago, in bites; gives how many."""
    total = 0
    for _ in range(PRUNE_BATCHES_MAX):
        async with db.transaction() as tx:
            pruned = await service.prune(tx, now - timedelta(days=keep_days))
        total += pruned
        if pruned < PRUNED_MAX:
            break
    return total
