"""People at places race over real HTTP against two API processes: a unit is picked once, given up once."""

import asyncio
from typing import Any

import httpx
import pytest

from factories.boards import all_done, pick, reject, work_of
from factories.fulfilments import followed
from factories.orders import line, make_shop, new_id, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


async def two_people(start_server: Any, make_api_key: Any) -> list[httpx.AsyncClient]:
    server = start_server(processes=2)
    return [
        httpx.AsyncClient(
            base_url=server.url, headers={"Authorization": f"Bearer {await make_api_key(name=name)}"}, timeout=60
        )
        for name in ("Ana", "Bor")
    ]


async def test_two_pickers_of_one_task_one_has_it_and_the_other_is_told_who(
    db: Database, start_server: Any, make_api_key: Any
) -> None:
    shop = await make_shop(db, stock=50)
    ana, bor = await two_people(start_server, make_api_key)
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
    await ana.aclose()
    await bor.aclose()
    await shop.all_sound()


async def test_rejecting_picking_cancelling_and_closing_at_once_lose_no_unit(
    db: Database, start_server: Any, make_api_key: Any
) -> None:
    shop = await make_shop(db, stock=12)
    await all_done(db)
    ana, bor = await two_people(start_server, make_api_key)
    orders = [await place(ana, line("CUP", 1), line("MUG", 1)) for _ in range(10)]
    works = [(await work_of(ana, db, order))[0] for order in orders]

    async def trouble(number: int) -> int:
        order, work = orders[number], works[number]
        who = (ana, bor)[number % 2]
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
    await ana.aclose()
    await bor.aclose()
