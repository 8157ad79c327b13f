"""Buyers of what is on its way race with each other, with arrivals, delays and cancellations."""

import asyncio
import random
from typing import Any

import httpx
import pytest

from factories.incoming import add_supplier, arrive, change_date, level, ordered, sells_incoming, wait_for
from factories.orders import Shop, make_shop, new_id
from kanava.inventory.attempts import until_settled
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    shop = await make_shop(db, stock=0)
    await add_supplier(db, shop)
    await sells_incoming(db, "web")
    return shop


async def test_thirty_buyers_ten_units_on_their_way_ten_are_sold(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await ordered(client, ("CUP", 4), days=2)
    await ordered(client, ("CUP", 6), days=5)
    found = await asyncio.gather(*[until_settled(lambda: wait_for(db, shop, "CUP", 1)) for _ in range(30)])
    assert len([each for each in found if "order_id" in each]) == 10
    assert await level(client, "CUP") == (0, 0, 10, 10)
    async with db.connection() as connection:
        days = await connection.fetch("SELECT count(*) FROM reservation GROUP BY expected_on ORDER BY expected_on")
    assert [row[0] for row in days] == [4, 6]
    await shop.all_sound()


async def test_arrivals_delays_and_cancellations_meet_buyers_and_nothing_is_lost(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    chance = random.Random(3)
    orders = [await ordered(client, ("CUP", 20), ("MUG", 20), days=days) for days in (2, 4)]
    bought: list[str] = []

    async def soon(verb: Any) -> None:
        await asyncio.sleep(chance.random() * 0.3)
        await verb()

    async def buy(number: int) -> None:
        sku = ("CUP", "MUG")[number % 2]
        found = await until_settled(lambda: wait_for(db, shop, sku, 1 + number % 3))
        if "order_id" in found:
            bought.append(found["order_id"])

    async def cancel() -> None:
        if bought:
            body = {"lines": [{"line_no": 1, "quantity": 1}]}
            answer = await client.post(f"/api/orders/{chance.choice(bought)}/cancel", json=body)
            assert answer.status_code in {200, 409}, answer.text

    verbs: list[Any] = [lambda n=n: buy(n) for n in range(30)] + [cancel] * 15
    for order in orders:
        verbs += [lambda o=order, s=sku: arrive(client, o, s, 5) for sku in ("CUP", "MUG") for _ in range(2)]
    verbs.append(lambda: change_date(client, orders[0], 6))
    await asyncio.gather(*[soon(verb) for verb in verbs])
    await shop.all_sound()
    for order in orders:
        body = {"arrival_id": new_id(), "lines": [{"sku": sku, "quantity": 10} for sku in ("CUP", "MUG")]}
        answer = await client.post(f"/api/purchase-orders/{order['purchase_order_id']}/receive", json=body)
        assert answer.json()["state"] == "received", answer.text
    for sku in ("CUP", "MUG"):
        on_hand, reserved, incoming, awaited = await level(client, sku)
        assert (on_hand, incoming, awaited) == (40, 0, 0)
        assert reserved > 0
    await shop.all_sound()
