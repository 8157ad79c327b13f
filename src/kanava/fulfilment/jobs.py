"""What the worker does for fulfilments: follows orders, and moves work that a place can no longer do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import structlog

from kanava.fulfilment import service
from kanava.fulfilment.model import RejectReason
from kanava.fulfilment.service import closing
from kanava.fulfilment.service.rejecting import MOVE_SHORT
from kanava.inventory.attempts import until_settled
from kanava.platform.consumers import Consumer
from kanava.platform.db import Connection, Database
from kanava.platform.errors import KanavaError
from kanava.platform.jobs import Handler, enqueue
from kanava.platform.outbox import StoredEvent

CLOSE_PLACE = "fulfilment_close_place"
RETRY_STUCK = "fulfilment_retry_stuck"
RETRIED_MAX = 200
ATTEMPTS_MAX = 3
# A place that has opened, or can do more, may do what others could not.
MAY_DO_MORE = frozenset(
    {"*", "active", "fulfils_online", "services", "pick_capacity_per_hour", "hours_exceptions", "opening_hours"}
)
MAY_DO_LESS = frozenset({"*", "active", "fulfils_online", "services", "hours_exceptions", "opening_hours"})

log = structlog.get_logger()
T = TypeVar("T")


class _Short(msgspec.Struct):
    variant_id: int
    location_id: int
    reason: RejectReason


async def follow_places(tx: Connection, events: Sequence[StoredEvent], _now: datetime) -> None:
    """Ask for work to be moved when a place or its stock has changed (the consumer `fulfilment_places`)."""
    skus: set[str] = set()
    lessened: set[str] = set()
    widened: set[str] = set()
    for event in events:
        if event.type == "stock.changed":
            levels = event.data["columns"]
            skus.update(sku for sku, on_hand in zip(levels["sku"], levels["on_hand"], strict=True) if on_hand)
        elif event.type == "location.changed":
            fields = set(event.data["fields"])
            lessened |= {event.data["code"]} if fields & MAY_DO_LESS else set()
            widened |= {event.data["code"]} if fields & MAY_DO_MORE else set()
    retried: set[UUID] = set()
    if skus:
        retried.update(await closing.stuck_fulfilments(tx, skus=sorted(skus)))
    if widened:
        retried.update(await closing.stuck_fulfilments(tx, location_codes=sorted(widened)))
        retried.update(await closing.stuck_fulfilments(tx, oldest=RETRIED_MAX))
    if retried:
        await enqueue(tx, RETRY_STUCK, {"fulfilment_ids": sorted(retried)})
    busy = await closing.places_with_unpicked(tx, sorted(lessened)) if lessened else []
    if busy:
        await enqueue(tx, CLOSE_PLACE, {"location_ids": busy})


async def move_short(db: Database, payload: dict[str, Any], now: datetime) -> int:
    """Move the tasks that a suppression has made short, each order in a transaction of its own."""
    wanted = msgspec.convert(payload, _Short)
    async with db.connection() as connection:
        tasks = await closing.short_tasks(connection, wanted.variant_id, wanted.location_id)
    return await _each(db, tasks, lambda tx, task: closing.move_short(tx, task, wanted.reason, now))


async def close_places(db: Database, payload: dict[str, Any], now: datetime) -> int:
    """Move the unpicked work of places that can no longer do it, each order in a transaction of its own."""
    moved = 0
    for location_id in msgspec.convert(payload["location_ids"], list[int]):
        async with db.connection() as connection:
            found = await closing.unpicked_at(connection, location_id, now)
        moved += await _each(db, found, lambda tx, fulfilment_id: closing.move_if_closed(tx, fulfilment_id, now))
    return moved


async def retry_stuck(db: Database, payload: dict[str, Any], now: datetime) -> int:
    """Try again to do what nobody could, each order in a transaction of its own."""
    ids = msgspec.convert(payload["fulfilment_ids"], list[UUID])
    return await _each(db, ids, lambda tx, fulfilment_id: closing.retry_stuck(tx, fulfilment_id, now))


async def retry_oldest(db: Database, now: datetime) -> int:
    """Try again what has been stuck longest; a duty of the clock, should an event have said too little."""
    async with db.connection() as connection:
        ids = await closing.stuck_fulfilments(connection, oldest=RETRIED_MAX)
    return await _each(db, ids, lambda tx, fulfilment_id: closing.retry_stuck(tx, fulfilment_id, now))


async def resume_reopened(db: Database, now: datetime) -> int:
    """Let places go on that were closed and are open again, be it because time has passed; a duty of every minute.

    However many others are stuck: those that nobody can do must not keep these from being looked at.
    """
    async with db.connection() as connection:
        ids = await closing.reopened(connection, now)
    return await _each(db, ids, lambda tx, fulfilment_id: closing.retry_stuck(tx, fulfilment_id, now))


async def check_places(db: Database, now: datetime) -> int:
    """Look at every place that has unpicked work, should it have closed without a word."""
    async with db.connection() as connection:
        busy = await closing.places_with_unpicked(connection, None)
    return await close_places(db, {"location_ids": busy}, now)


async def _each(db: Database, items: Sequence[T], verb: Callable[[Connection, T], Awaitable[bool]]) -> int:
    """Run a verb on each item in a transaction of its own; the last failure is raised when all were tried."""
    done, failure = 0, None
    for item in items:
        try:
            done += await _settled(db, item, verb)
        except (KanavaError, asyncpg.PostgresError) as error:
            log.warning("fulfilment_job_failed", item=str(item), error=repr(error))
            failure = error
    if failure is not None:
        raise failure
    return done


async def _settled(db: Database, item: T, verb: Callable[[Connection, T], Awaitable[bool]]) -> bool:
    async def attempt() -> bool:
        async with db.transaction() as tx:
            return await verb(tx, item)

    for number in range(1, ATTEMPTS_MAX + 1):
        try:
            return await until_settled(attempt)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if number == ATTEMPTS_MAX:
                raise
    raise AssertionError("unreachable")


HANDLERS: Mapping[str, Handler] = {MOVE_SHORT: move_short, CLOSE_PLACE: close_places, RETRY_STUCK: retry_stuck}
CONSUMERS = (
    Consumer("fulfilment", service.follow_orders, types=service.ORDER_EVENTS),
    Consumer("fulfilment_places", follow_places, types=("stock.changed", "location.changed"), from_start=False),
)
