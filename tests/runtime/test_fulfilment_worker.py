"""The worker opens work and moves it, as it runs in production."""

import asyncio

import httpx
import pytest

from factories.boards import reject
from factories.fulfilments import ok
from factories.orders import line, make_shop, place
from kanava.platform.db import Database
from kanava.settings import Settings
from kanava.worker import run_worker

pytestmark = pytest.mark.anyio


async def places_of(client: httpx.AsyncClient, order: dict) -> list[tuple[str, str]]:
    items = (await ok(await client.get(f"/api/orders/{order['order_id']}/fulfilments")))["items"]
    return [(each["location"], each["state"]) for each in items]


async def test_the_worker_opens_what_is_placed_and_moves_what_is_short(
    client: httpx.AsyncClient, db: Database, settings: Settings
) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "WH", 2)
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(settings, stop))
    first, second = [await place(client, line("CUP", 1)) for _ in range(2)]

    async def until(order: dict, wanted: list[tuple[str, str]]) -> None:
        async with asyncio.timeout(60):
            while await places_of(client, order) != wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    await until(first, [("WH", "open")])
    await until(second, [("WH", "open")])
    await shop.stock("CUP", "LJ", 2)
    (work, *_) = (await ok(await client.get("/api/locations/WH/board")))["items"]
    await ok(await reject(client, work["fulfilment"], "not_found"), 201)
    for order in (first, second):
        await until(order, [("WH", "cancelled"), ("LJ", "open")])
    stop.set()
    await working
    await shop.all_sound()
