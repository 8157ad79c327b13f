"""People at places race over real HTTP against two API processes: a unit is picked once, given up once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from factories.boards import all_done, pick, reject, work_of
from factories.fulfilments import followed
from factories.orders import line, make_shop, new_id, pickup, place
from kanava.platform.db import Database
from kanava.platform.embedded import Cluster

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def two_people(start_server: Any, make_api_key: Any) -> AsyncIterator[list[httpx.AsyncClient]]:
    server = start_server(processes=2)
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=server.url,
                    headers={"Authorization": f"Bearer {await make_api_key(name=name)}"},
                    timeout=60,
                )
            )
            for name in ("Ana", "Bor")
        ]


def deadlocks(cluster: Cluster) -> int:
    """How many deadlocks the server has seen: a retry hides each, after a second in which nobody got on."""
    return cluster.log.read_bytes().count(b"deadlock detected")


async def test_two_pickers_of_one_task_one_has_it_and_the_other_is_told_who(
    db: Database, start_server: Any, make_api_key: Any
) -> None:
    shop = await make_shop(db, stock=50)
    async with two_people(start_server, make_api_key) as (ana, bor):
        for _ in range(10):
            order = await place(ana, line("CUP", 1))
            (work,) = await work_of(ana, db, order)
            answers = await asyncio.gather(pick(ana, work, "CUP"), pick(bor, work, "CUP"))
            assert sorted(answer.status_code for answer in answers) == [201, 409]
            told = next(answer.json() for answer in answers if answer.status_code == 409)
            assert told["type"].endswith(("taken-by-somebody", "wrong-state"))
        # Two who take waves at once never get the same work.
        for _ in range(12):
            await place(ana, line("MUG", 1))
        await followed(db)
        body = [{"wave_id": new_id(), "fulfilments_max": 8} for _ in range(2)]
        waves = await asyncio.gather(
            ana.post("/api/locations/WH/waves", json=body[0]), bor.post("/api/locations/WH/waves", json=body[1])
        )
    taken = [each["fulfilment_id"] for wave in waves for each in wave.json()["fulfilments"]]
    assert len(taken) == len(set(taken)) >= 8
    await shop.all_sound()


async def test_rejecting_picking_cancelling_and_closing_at_once_lose_no_unit(
    db: Database, cluster: Cluster, start_server: Any, make_api_key: Any
) -> None:
    shop = await make_shop(db, stock=12)
    await all_done(db)
    before = deadlocks(cluster)
    async with two_people(start_server, make_api_key) as people:
        ana = people[0]
        orders = [await place(ana, line("CUP", 1), line("MUG", 1)) for _ in range(10)]
        works = [(await work_of(ana, db, order))[0] for order in orders]

        async def trouble(number: int) -> int:
            order, work = orders[number], works[number]
            who = people[number % 2]
            if number % 5 == 0:
                return (await who.post(f"/api/orders/{order['order_id']}/cancel", json={})).status_code
            if number % 5 == 1:
                return (await pick(who, work, "CUP")).status_code
            reason = ("not_found", "damaged", "no_capacity")[number % 3]
            return (await reject(who, work, reason)).status_code

        # The same by both, and the worker beside them.
        statuses = await asyncio.gather(
            *[trouble(number) for number in range(10)], *[trouble(number) for number in range(10)], followed(db)
        )
        assert set(statuses) - {None} <= {200, 201, 409}, statuses
        switch = ana.put("/api/locations/LJ/switches", json={"fulfils_online": False})
        await asyncio.gather(switch, *[trouble(number) for number in range(10)])
    await all_done(db)
    await shop.all_sound()
    async with db.connection() as connection:
        wrong = await connection.fetch(
            """SELECT order_id, line_no FROM (
                 SELECT l.order_id, l.line_no, f.location_id, sum(l.quantity - l.quantity_ended - l.quantity_done) AS n
                 FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id) GROUP BY 1, 2, 3) h
               FULL JOIN (SELECT order_id, line_no, location_id, sum(quantity) AS n FROM reservation
                 WHERE state = 'committed' GROUP BY 1, 2, 3) r USING (order_id, line_no, location_id)
               WHERE coalesce(h.n, 0) <> coalesce(r.n, 0)"""
        )
    assert wrong == []
    assert deadlocks(cluster) == before


async def test_work_that_crosses_between_two_places_is_never_in_a_deadlock(
    db: Database, cluster: Cluster, start_server: Any, make_api_key: Any
) -> None:
    """Half of the orders leave the warehouse for the shop, half the other way, with amendments and new orders between.

    Whoever locked the place that units leave before the one that they go to would wait for those who go the other way.
    """
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 40)
    await shop.stock("MUG", "LJ", 40)
    await all_done(db)
    async with two_people(start_server, make_api_key) as people:
        ana, bor = people
        orders = [await place(ana, line("CUP", 1), line("MUG", 1)) for _ in range(8)]
        for code in ("WH", "MB"):
            await shop.stock("CUP", code, 40)
            await shop.stock("MUG", code, 40)
        orders += [await place(ana, line("CUP", 1), line("MUG", 1)) for _ in range(8)]
        works = [(await work_of(ana, db, order))[0] for order in orders]
        assert [work["location"] for work in works] == ["LJ"] * 8 + ["WH"] * 8
        before = deadlocks(cluster)

        async def cross(number: int) -> int:
            who, work, order = people[number % 2], works[number], orders[number]
            if number % 4 == 3:
                change = {
                    "amendment_id": new_id(),
                    "lines": [{"line_no": 1, "fulfilment": pickup("MB")}, {"line_no": 2, "quantity": 2}],
                }
                return (await who.post(f"/api/orders/{order['order_id']}/amendments", json=change)).status_code
            return (await reject(who, work, ("damaged", "no_capacity")[number // 2 % 2])).status_code

        async def buy() -> int:
            await place(bor, line("CUP", 1), line("MUG", 1, pickup("MB")))
            return 201

        statuses = await asyncio.gather(*[cross(number) for number in range(16)], *[buy() for _ in range(8)])
    assert set(statuses) <= {200, 201}, statuses
    assert deadlocks(cluster) == before
    await all_done(db)
    await shop.all_sound()
