"""Composition root of the readers of the event feed: which there are.

Whoever migrates the database or starts an API process registers them, so that what happens before the worker first
runs is theirs too. A module that reads the feed adds its consumer here.
"""

from collections.abc import Sequence

from kanava.engagement import telling
from kanava.fulfilment import jobs as fulfilment
from kanava.platform.consumers import Consumer, register
from kanava.platform.db import Database
from kanava.search import jobs as search
from kanava.sourcing.routing import decisions, rechecking
from kanava.webhooks import jobs as webhooks

CONSUMERS: Sequence[Consumer] = [
    *fulfilment.CONSUMERS,
    telling.CONSUMER,
    webhooks.CONSUMER,
    decisions.CONSUMER,
    rechecking.CONSUMER,
    search.CONSUMER,
]


async def register_consumers(db: Database) -> None:
    """Let every consumer that is new begin here: with the oldest event, or with what is committed from now on."""
    await register(db, CONSUMERS)
