"""What tests of webhooks do again and again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.platform.outbox import Event, publish
from kanava.webhooks import service
from kanava.webhooks.dispatcher import Dispatcher
from kanava.webhooks.gateway import Gateway
from kanava.webhooks.jobs import CONSUMER
from kanava.webhooks.model import Delivery, Endpoint, EndpointWithSecret, NewEndpoint
from tests_support import settled

QUICK = (timedelta(seconds=0.05),) * 3


@asynccontextmanager
async def dispatching(db: Database, **options: Any) -> AsyncIterator[Dispatcher]:
    """Run a dispatcher for the time of the block."""
    options = {"private_allowed": True, "seconds_max": 2.0} | options
    dispatcher, stop = Dispatcher(db, Gateway(**options)), asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stop))
    try:
        yield dispatcher
    finally:
        stop.set()
        await running


async def register(db: Database, url: str, *types: str) -> EndpointWithSecret:
    async with db.transaction() as tx:
        made = await service.create_endpoint(tx, SYSTEM, NewEndpoint(url, list(types)), clock.now())
    await drain(db, [CONSUMER])
    return made


async def tell(db: Database, numbers: Sequence[int], *, aggregate_id: str = "1", type_: str = "order.placed") -> None:
    """Publish events, each in a transaction of its own, and open their deliveries."""
    for number in numbers:
        async with db.transaction() as tx:
            await publish(tx, [Event(type_, "order", aggregate_id, {"number": number})])
    await settled(db)
    await drain(db, [CONSUMER])


async def deliveries(db: Database, endpoint: EndpointWithSecret, state: str | None = None) -> list[Delivery]:
    """The deliveries of an endpoint, oldest first."""
    async with db.connection() as connection:
        page = await service.list_deliveries(connection, endpoint.endpoint.endpoint_id, state, None, 500, None)
    return page.items[::-1]


async def standing(db: Database, endpoint: EndpointWithSecret) -> Endpoint:
    async with db.connection() as connection:
        return await service.get_endpoint(connection, endpoint.endpoint.endpoint_id)


async def until_state(db: Database, endpoint: EndpointWithSecret, state: str, count: int = 1) -> list[Delivery]:
    async with asyncio.timeout(20):
        while len(found := await deliveries(db, endpoint, state)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def until_off(db: Database, endpoint: EndpointWithSecret) -> Endpoint:
    async with asyncio.timeout(20):
        while (found := await standing(db, endpoint)).active:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def nothing_waits(db: Database) -> bool:
    async with db.connection() as connection:
        lanes = await connection.fetchval("SELECT count(*) FROM webhook_lane")
        return lanes == 0 and not await connection.fetch("SELECT * FROM invariant_open_delivery_has_lane")
