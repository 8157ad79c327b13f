"""Buyers race over real HTTP against two API processes: what there is, is sold exactly."""

import asyncio
import random

import httpx
import pytest

from factories.orders import SHIP_TO, line, make_shop, new_id, pickup
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


async def test_two_hundred_buyers_fifty_units_fifty_are_sold(db: Database, start_server, make_api_key) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 50)
    server = start_server(processes=2)
    headers = {"Authorization": f"Bearer {await make_api_key()}"}
    chance = random.Random(7)

    def order(number: int) -> dict:
        channel = ("web", "till", "market")[number % 3]
        how = {"web": {"kind": "ship"}, "till": {"kind": "carry_out", "location": "LJ"}, "market": pickup("LJ")}[
            channel
        ]
        return {"order_id": new_id(), "channel": channel, "ship_to": SHIP_TO, "lines": [line("CUP", 1, how)]}

    # Ten clients: the system balances connections over the two processes.
    clients = [httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) for _ in range(10)]

    async def buy(number: int) -> tuple[int, dict]:
        await asyncio.sleep(chance.random() * 0.05)
        answer = await clients[number % 10].post("/api/orders", json=order(number))
        return answer.status_code, answer.json()

    answers = await asyncio.gather(*[buy(number) for number in range(200)])
    for each in clients:
        await each.aclose()
    sold = [answer for status, answer in answers if status == 201]
    told = [answer for status, answer in answers if status == 409]
    assert (len(sold), len(told)) == (50, 150)
    assert {answer["channel"] for answer in sold} == {"web", "till", "market"}
    assert {answer["type"] for answer in told} == {"urn:kanava:problem:insufficient-stock"}
    on_hand, reserved = await shop.level("CUP", "LJ")
    assert on_hand - reserved == 0
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT sum(quantity) FROM order_line") == 50
    await shop.all_sound()


async def test_buyers_of_many_variants_in_opposite_order_do_not_block_each_other(
    db: Database, start_server, make_api_key
) -> None:
    shop = await make_shop(db, stock=40)
    server = start_server(processes=2)
    headers = {"Authorization": f"Bearer {await make_api_key()}"}
    skus = ["CUP", "MUG", "COAT"]
    clients = [httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) for _ in range(8)]

    async def buy(number: int) -> int:
        order = skus if number % 2 else skus[::-1]
        lines = [line(sku, 1, pickup(("LJ", "MB")[(number + i) % 2])) for i, sku in enumerate(order)]
        body = {"order_id": new_id(), "channel": "web", "lines": lines}
        return (await clients[number % 8].post("/api/orders", json=body)).status_code

    statuses = await asyncio.gather(*[buy(number) for number in range(120)])
    for each in clients:
        await each.aclose()
    assert set(statuses) <= {201, 409}
    async with db.connection() as connection:
        sold = await connection.fetch("SELECT sku, sum(quantity) FROM order_line GROUP BY sku")
    # Every order takes one of each variant, so all three sell alike; at most what lies at the two stores.
    assert len({row[1] for row in sold}) == 1
    assert sold[0][1] == statuses.count(201) <= 80
    await shop.all_sound()
