"""Simulation, rerouting and scarcity prices on a real database."""

from datetime import timedelta

import httpx
import pytest

from factories.orders import SHIP_TO, Shop, make_shop
from kanava.consumers import CONSUMERS
from kanava.fulfilment.service.rerouting import move
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.sourcing.routing import scarcity, service
from kanava.sourcing.routing.rerouting import reroute
from kanava.sourcing.routing.ruleset import Rule, RulesetContent, When
from kanava.sourcing.routing.scarcity import Market, Shelf, prices_of
from kanava.sourcing.routing.simulating import simulate
from tests_support import settled

pytestmark = pytest.mark.anyio


async def order(client: httpx.AsyncClient, sku: str, quantity: int = 1) -> dict:
    body = {
        "order_id": str(uuid7()),
        "channel": "web",
        "lines": [{"sku": sku, "quantity": quantity}],
        "ship_to": SHIP_TO,
    }
    answer = await client.post("/api/orders", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def prefer_shops(db: Database, *, publish: bool) -> int:
    rules = [Rule("Shops first", "prefer", When(locations=["LJ"]), amount_minor=400)]
    async with db.transaction() as tx:
        made = await service.create_ruleset(tx, SYSTEM, RulesetContent("Shops", rules=rules), clock.now())
        if publish:
            await service.publish_ruleset(tx, SYSTEM, made.number, made.version, clock.now())
    return made.number


def places_of(placed: dict) -> set[str]:
    return {each["location"] for line in placed["lines"] for each in line["allocations"]}


async def test_a_draft_is_tried_on_past_orders_and_nothing_is_written(client: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db, stock=10)
    for _ in range(3):
        assert places_of(await order(client, "CUP")) == {"WH"}
    number = await prefer_shops(db, publish=False)
    async with db.connection() as connection:
        report = await simulate(connection, number, 28, clock.now())
    assert (report.orders, report.unfilled) == (3, 0)
    assert (report.live.cost_minor, report.draft.cost_minor) == (900, 300)
    assert (report.live.load, report.draft.load) == ({"WH": 3}, {"LJ": 3})
    assert places_of(await order(client, "CUP")) == {"WH"}


async def test_a_published_ruleset_decides_the_next_order(client: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db, stock=10)
    assert places_of(await order(client, "CUP")) == {"WH"}
    await prefer_shops(db, publish=True)
    assert places_of(await order(client, "CUP")) == {"LJ"}


async def test_open_orders_move_where_that_saves_money(client: httpx.AsyncClient, db: Database) -> None:
    shop: Shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 3)
    placed = await order(client, "CUP", 2)
    await settled(db)
    await drain(db, CONSUMERS)
    await shop.stock("CUP", "WH", 5)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET opening_hours = '24/7', handling_minutes = 0")
        await tx.execute("UPDATE fulfilment SET work_by = now() + interval '2 days'")
    trial = await reroute(db, clock.now(), None)
    assert (trial.dry_run, trial.orders, trial.moved) == (True, 1, 1)
    assert await shop.level("CUP", "WH") == (5, 0)
    done = await reroute(db, clock.now(), move)
    assert (done.moved, done.failed, done.saved_minor) == (1, 0, trial.saved_minor)
    assert await shop.level("CUP", "WH") == (5, 2)
    assert await shop.level("CUP", "LJ") == (3, 0)
    routing = (await client.get(f"/api/orders/{placed['order_id']}/routing")).json()["decisions"]
    assert (routing[-1]["cause"], routing[-1]["chosen"][0]["location"]) == ("rerouted", "WH")
    assert (await reroute(db, clock.now(), move)).moved == 0
    await shop.all_sound()


async def test_scarcity_prices_come_from_what_places_sell(client: httpx.AsyncClient, db: Database) -> None:
    shop: Shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 60)
    await shop.stock("CUP", "WH", 60)
    till = {"kind": "carry_out", "location": "LJ"}
    for quantity in (29, 29):
        body = {
            "order_id": str(uuid7()),
            "channel": "till",
            "lines": [{"sku": "CUP", "quantity": quantity, "fulfilment": till}],
        }
        assert (await client.post("/api/orders", json=body)).status_code == 201
    now = clock.now() + timedelta(minutes=1)
    assert await scarcity.price_scarcity(db, "EUR", now) == 1
    async with db.connection() as connection:
        prices = await service.scarcity_of(connection, [shop.variants["CUP"]])
    assert list(prices) == [(shop.variants["CUP"], shop.locations["LJ"])]
    # Two are left where fourteen a week are asked for: the margin of one, all but certainly.
    assert 480 <= prices[(shop.variants["CUP"], shop.locations["LJ"])] <= 488
    assert await scarcity.price_scarcity(db, "EUR", now + timedelta(days=40)) == 0


def test_the_price_of_a_unit_is_what_one_less_would_lose() -> None:
    shelves = (Shelf(10, 2, 8.0, 1_000, True), Shelf(11, 50, 1.0, 1_000, True), Shelf(12, 2, 0.001, 1_000, True))
    prices = prices_of([Market(1, shelves, 3.0)])
    assert set(prices) == {(1, 10)}
    assert 990 <= prices[(1, 10)] <= 1_000


def test_where_shipped_orders_want_all_there_is_every_place_has_a_price() -> None:
    shelves = (Shelf(10, 3, 1.0, 1_000, True), Shelf(11, 3, 3.0, 1_000, True))
    prices = prices_of([Market(1, shelves, 4.0)])
    assert set(prices) == {(1, 10), (1, 11)}
