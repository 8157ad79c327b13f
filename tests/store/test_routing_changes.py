"""Open orders are looked at again within minutes when stock comes in or a place can do more."""

from datetime import timedelta

import httpx
import pytest

from factories.orders import Shop, line, make_shop, pickup, place
from kanava.consumers import CONSUMERS
from kanava.fulfilment.service.rerouting import move
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.sourcing.routing.rechecking import RESTS_FOR, reroute_changed
from tests_support import settled

pytestmark = pytest.mark.anyio

ROOM = timedelta(minutes=1)


async def seen(db: Database) -> None:
    """Let the readers of the feed see all that has happened, and places hand over at any hour."""
    await settled(db)
    await drain(db, CONSUMERS)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET opening_hours = '24/7', handling_minutes = 0")
        await tx.execute("UPDATE fulfilment SET work_by = now() + interval '2 days'")


async def noted(db: Database) -> set[str]:
    async with db.connection() as connection:
        rows = await connection.fetch("SELECT unnest(skus || locations) FROM routing_note")
    return {row[0] for row in rows}


async def forget_notes(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM routing_note")


async def order_at_the_shop(db: Database, client: httpx.AsyncClient, quantity: int = 2) -> tuple[Shop, dict]:
    """An order that lies in Ljubljana because the warehouse, which is cheaper, has nothing."""
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 3)
    await shop.stock("MUG", "LJ", 3)
    placed = await place(client, line("CUP", quantity))
    await seen(db)
    await forget_notes(db)
    return shop, placed


async def test_stock_that_comes_in_moves_what_waits_for_it(client: httpx.AsyncClient, db: Database) -> None:
    shop, placed = await order_at_the_shop(db, client)
    await shop.stock("CUP", "WH", 5)
    await seen(db)
    assert await noted(db) == {"CUP"}
    assert await reroute_changed(db, clock.now(), move) == 1
    assert await shop.level("CUP", "WH") == (5, 2)
    assert await shop.level("CUP", "LJ") == (3, 0)
    decisions = (await client.get(f"/api/orders/{placed['order_id']}/routing")).json()["decisions"]
    assert decisions[-1]["cause"] == "rerouted"
    assert await reroute_changed(db, clock.now(), move) == 0
    await shop.all_sound()


async def test_an_order_that_was_moved_rests_for_an_hour(client: httpx.AsyncClient, db: Database) -> None:
    shop, _ = await order_at_the_shop(db, client)
    await shop.stock("CUP", "WH", 5)
    await seen(db)
    assert await reroute_changed(db, clock.now(), move) == 1
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET parcel_cost_domestic_minor = 900 WHERE code = 'WH'")
    await shop.stock("CUP", "LJ", 5)
    await seen(db)
    assert await reroute_changed(db, clock.now(), move) == 0
    await shop.stock("CUP", "LJ", 1)
    await seen(db)
    assert await reroute_changed(db, clock.now() + RESTS_FOR + ROOM, move) == 1
    assert (await shop.level("CUP", "WH"))[1] == 0


async def test_a_place_that_can_do_more_gets_the_work(client: httpx.AsyncClient, db: Database) -> None:
    shop = await make_shop(db, stock=0)
    for place_ in ("WH", "LJ"):
        await shop.stock("CUP", place_, 5)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET pick_capacity_per_hour = 0 WHERE code = 'WH'")
    await place(client, line("CUP", 2))
    await seen(db)
    await forget_notes(db)
    assert await shop.level("CUP", "LJ") == (5, 2)
    found = await client.get("/api/locations/WH")
    change = await client.patch(
        "/api/locations/WH", json={"pick_capacity_per_hour": 50}, headers={"If-Match": found.headers["etag"]}
    )
    assert change.status_code == 200, change.text
    await settled(db)
    await drain(db, CONSUMERS)
    assert await noted(db) == {"WH"}
    assert await reroute_changed(db, clock.now(), move) == 1
    assert await shop.level("CUP", "WH") == (5, 2)


async def test_what_only_takes_or_concerns_nobody_moves_nothing(client: httpx.AsyncClient, db: Database) -> None:
    shop, _ = await order_at_the_shop(db, client, quantity=1)
    await place(client, line("CUP"))
    await place(client, line("MUG", 1, pickup("LJ")))
    await settled(db)
    await drain(db, CONSUMERS)
    assert await noted(db) == set()
    await shop.stock("COAT", "WH", 5)
    await seen(db)
    assert await noted(db) == {"COAT"}
    assert await reroute_changed(db, clock.now(), move) == 0
    assert await noted(db) == set()
    assert await shop.level("CUP", "LJ") == (3, 2)
