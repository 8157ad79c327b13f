"""Units sold before they are there: dated, served first come first served, told of when they are late."""

import httpx
import pytest

from factories.incoming import (
    add_supplier,
    allocations,
    arrive,
    change_date,
    events,
    in_days,
    level,
    ordered,
    post,
    sells_incoming,
    url,
    wait_for,
)
from factories.orders import Shop, make_shop, new_id
from kanava.fulfilment.jobs import CONSUMERS
from kanava.inventory import service as inventory
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from tests_support import settled

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    shop = await make_shop(db, stock=0)
    await add_supplier(db, shop)
    await sells_incoming(db, "web")
    return shop


async def coming(db: Database, shop: Shop, sku: str = "CUP") -> list[tuple[str, int, int]]:
    """Give (location, days from today, units) of what nobody awaits."""
    async with db.connection() as connection:
        found = await inventory.incoming_of(connection, [shop.variants[sku]], None, in_days(0))
    codes = {location_id: code for code, location_id in shop.locations.items()}
    return [(codes[each.location_id], (each.available_on - in_days(0)).days, each.units) for each in found]


async def transfer(client: httpx.AsyncClient, shop: Shop, sku: str, quantity: int, days: int | None) -> dict:
    """Ship units from MB, which has them, to WH."""
    await shop.stock(sku, "MB", quantity)
    new = {
        "transfer_id": new_id(),
        "from_location": "MB",
        "to_location": "WH",
        "lines": [{"sku": sku, "quantity": quantity}],
        "expected_on": None if days is None else in_days(days).isoformat(),
    }
    await post(client, "/api/transfers", new, 201)
    return await post(client, f"/api/transfers/{new['transfer_id']}/ship")


async def units_to_pick(db: Database) -> list[int]:
    """Give what fulfilments have to pick, after they have followed the orders."""
    await settled(db)
    await drain(db, CONSUMERS)
    async with db.connection() as connection:
        return [row[0] for row in await connection.fetch("SELECT units_to_pick FROM fulfilment ORDER BY 1")]


async def test_transfers_and_purchase_orders_come_by_date_less_what_is_awaited(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await ordered(client, ("CUP", 5), days=8)
    await ordered(client, ("CUP", 7), days=None)
    await ordered(client, ("CUP", 2), days=4, location="LJ")
    await ordered(client, ("CUP", 9), days=-1)
    await transfer(client, shop, "CUP", 3, 2)
    assert await coming(db, shop) == [("WH", 2, 3), ("LJ", 4, 2), ("WH", 8, 5)]
    assert "order_id" in await wait_for(db, shop, "CUP", 4)
    assert await coming(db, shop) == [("LJ", 4, 2), ("WH", 8, 4)]
    assert await level(client, "CUP") == (0, 0, 24, 4)
    await shop.all_sound()


async def test_a_line_waits_whole_at_the_place_that_has_it_first(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await ordered(client, ("CUP", 2), days=3)
    await ordered(client, ("CUP", 4), days=9)
    await ordered(client, ("CUP", 5), days=5, location="LJ")
    one = await wait_for(db, shop, "CUP", 2)
    three = await wait_for(db, shop, "CUP", 3)
    assert await allocations(client, one) == [(1, "WH", 2, "awaited", in_days(3).isoformat())]
    assert await allocations(client, three) == [(1, "LJ", 3, "awaited", in_days(5).isoformat())]
    assert await wait_for(db, shop, "CUP", 5) == {"short": {1: 4}}, "6 are left, but at two places"
    assert await wait_for(db, shop, "CUP", 1, "MB") == {"short": {1: 0}}
    at_lj = await wait_for(db, shop, "CUP", 2, "LJ")
    assert await allocations(client, at_lj) == [(1, "LJ", 2, "awaited", in_days(5).isoformat())]
    await shop.all_sound()


async def test_who_ordered_first_is_served_first_and_fulfilment_opens(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await ordered(client, ("CUP", 6), days=5)
    first, second = await wait_for(db, shop, "CUP", 2), await wait_for(db, shop, "CUP", 3)
    await arrive(client, order, "CUP", 4)
    assert await level(client, "CUP") == (4, 4, 2, 1)
    assert await allocations(client, first) == [(1, "WH", 2, "committed", None)]
    assert sorted(await allocations(client, second), key=str) == [
        (1, "WH", 1, "awaited", in_days(5).isoformat()),
        (1, "WH", 2, "committed", None),
    ]
    await shop.all_sound()
    arrived = await events(client, "order.stock_arrived")
    assert [(each["order_id"], each["lines"][0]["quantity"]) for each in arrived] == [
        (first["order_id"], 2),
        (second["order_id"], 2),
    ]
    assert arrived[0]["lines"] == [{"line_no": 1, "sku": "CUP", "quantity": 2, "location": "WH"}]
    assert arrived[0]["channel"] == "web"
    assert await units_to_pick(db) == [2, 2]
    await arrive(client, order, "CUP", 2)
    assert await level(client, "CUP") == (6, 5, 0, 0)
    assert await units_to_pick(db) == [2, 3]
    await shop.all_sound()


async def test_a_transfer_that_arrives_serves_too_and_missing_units_delay(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    moving = await transfer(client, shop, "CUP", 5, 1)
    first, second = await wait_for(db, shop, "CUP", 2), await wait_for(db, shop, "CUP", 3)
    line = {"sku": "CUP", "quantity": 4, "missing": 1, "reason": "lost"}
    path = f"/api/transfers/{moving['transfer_id']}/receive"
    await post(client, path, {"arrival_id": new_id(), "lines": [line]})
    assert await level(client, "CUP") == (4, 4, 0, 1)
    assert await allocations(client, first) == [(1, "WH", 2, "committed", None)]
    assert (1, "WH", 1, "awaited", None) in await allocations(client, second)
    (delayed,) = await events(client, "order.stock_delayed")
    assert (delayed["order_id"], delayed["expected_on"]) == (second["order_id"], None)
    assert delayed["lines"][0]["expected_on_before"] == in_days(1).isoformat()
    async with db.connection() as connection:
        (waiting,) = await inventory.needs_attention(connection, in_days(0))
    assert (waiting.reason, waiting.location, waiting.detail) == ("awaited_without_date", "WH", "1 of CUP")
    told = (await client.get("/api/doctor")).json()
    shown = next(each for each in told["waiting"] if each["kind"] == "awaited_without_date")
    assert (shown["order_id"], shown["overdue"]) == (second["order_id"], False)
    assert told["counts"]["awaited_without_date"] == 1
    await ordered(client, ("CUP", 1), days=6)
    assert (1, "WH", 1, "awaited", in_days(6).isoformat()) in await allocations(client, second)
    assert [each["expected_on"] for each in await events(client, "order.stock_delayed")] == [
        None,
        in_days(6).isoformat(),
    ]
    await shop.all_sound()


async def test_a_later_date_or_a_cancelled_order_delays_those_who_come_last(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    soon, late = await ordered(client, ("CUP", 3), days=2), await ordered(client, ("CUP", 3), days=9)
    first, second = await wait_for(db, shop, "CUP", 3), await wait_for(db, shop, "CUP", 3)
    await change_date(client, soon, 12)
    assert await allocations(client, first) == [(1, "WH", 3, "awaited", in_days(9).isoformat())]
    assert await allocations(client, second) == [(1, "WH", 3, "awaited", in_days(12).isoformat())]
    told = await events(client, "order.stock_delayed")
    assert [(each["order_id"], each["expected_on"]) for each in told] == [
        (first["order_id"], in_days(9).isoformat()),
        (second["order_id"], in_days(12).isoformat()),
    ]
    await post(client, url(late, "/cancel"))
    assert await allocations(client, first) == [(1, "WH", 3, "awaited", in_days(12).isoformat())]
    assert await allocations(client, second) == [(1, "WH", 3, "awaited", None)]
    await change_date(client, soon, None)
    assert await allocations(client, first) == [(1, "WH", 3, "awaited", None)]
    await change_date(client, soon, 1)
    assert await allocations(client, first) == [(1, "WH", 3, "awaited", in_days(1).isoformat())]
    await shop.all_sound()


async def test_a_transfer_on_its_way_gets_another_date_and_those_who_wait_are_told(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    moving = await transfer(client, shop, "CUP", 3, 2)
    waiting = await wait_for(db, shop, "CUP", 3)
    path = f"/api/transfers/{moving['transfer_id']}"
    etag = (await client.get(path)).headers["etag"]
    later = {"expected_on": in_days(6).isoformat()}
    assert (await client.patch(path, json=later)).status_code == 428
    answer = await client.patch(path, json=later, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["expected_on"]) == (200, in_days(6).isoformat())
    assert await allocations(client, waiting) == [(1, "WH", 3, "awaited", in_days(6).isoformat())]
    assert (await client.patch(path, json=later, headers={"If-Match": etag})).status_code == 412
    assert [each["expected_on"] for each in await events(client, "order.stock_delayed")] == [in_days(6).isoformat()]
    (delayed,) = await events(client, "transfer.delayed")
    assert (delayed["expected_on_before"], delayed["expected_on"]) == (in_days(2).isoformat(), in_days(6).isoformat())

    sooner = {"expected_on": in_days(1).isoformat(), "reference": "Van 3"}
    answer = await client.patch(path, json=sooner, headers={"If-Match": answer.headers["etag"]})
    assert answer.json()["reference"] == "Van 3"
    assert await allocations(client, waiting) == [(1, "WH", 3, "awaited", in_days(1).isoformat())]
    assert len(await events(client, "transfer.changed")) == 1

    part = {"arrival_id": new_id(), "lines": [{"sku": "CUP", "quantity": 1}]}
    arrived = await client.post(f"{path}/receive", json=part)
    assert arrived.headers["etag"] != answer.headers["etag"], "what has arrived is a change too"
    await post(client, f"{path}/cancel")
    ended = await client.patch(path, json=sooner, headers={"If-Match": (await client.get(path)).headers["etag"]})
    assert ended.json()["type"] == "urn:kanava:problem:transfer-state-conflict"
    await shop.all_sound()


async def test_awaited_units_are_cancelled_and_amended_and_those_behind_move_up(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await ordered(client, ("CUP", 4), days=2)
    await ordered(client, ("CUP", 4), days=9)
    first, second = await wait_for(db, shop, "CUP", 4), await wait_for(db, shop, "CUP", 3)
    body = {"lines": [{"line_no": 1, "quantity": 1}], "cancellation_id": new_id()}
    await post(client, f"/api/orders/{first['order_id']}/cancel", body)
    await shop.all_sound()
    assert await level(client, "CUP") == (0, 0, 8, 6)
    body = {"amendment_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}]}
    await post(client, f"/api/orders/{first['order_id']}/amendments", body, 201)
    assert await allocations(client, first) == [(1, "WH", 1, "awaited", in_days(2).isoformat())]
    assert await allocations(client, second) == [(1, "WH", 3, "awaited", in_days(2).isoformat())]
    await post(client, f"/api/orders/{first['order_id']}/cancel", {})
    assert await level(client, "CUP") == (0, 0, 8, 3)
    await shop.all_sound()


async def test_awaited_units_are_not_handed_over_and_the_ones_that_are_there_are(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await ordered(client, ("CUP", 5), days=5)
    waiting = await wait_for(db, shop, "CUP", 5)

    async def fulfil(quantity: int, status: int) -> dict:
        body = {"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": quantity}]}
        return await post(client, f"/api/orders/{waiting['order_id']}/fulfilments", body, status)

    problem = await fulfil(1, 409)
    assert problem["type"] == "urn:kanava:problem:units-awaited"
    assert problem["expected_on"] == in_days(5).isoformat()
    await arrive(client, order, "CUP", 3)
    assert (await fulfil(4, 409))["type"] == "urn:kanava:problem:units-awaited"
    assert (await fulfil(6, 409))["type"] == "urn:kanava:problem:too-many-units"
    await fulfil(3, 201)
    assert await level(client, "CUP") == (0, 0, 2, 2)
    await shop.all_sound()
    done = await post(client, f"/api/orders/{waiting['order_id']}/cancel", {})
    assert (done["status"], done["lines"][0]["quantity_cancelled"]) == ("completed", 2)
    await shop.all_sound()


async def test_what_is_found_or_overdue_is_looked_after_by_the_clock(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await ordered(client, ("CUP", 5), days=1)
    waiting = await wait_for(db, shop, "CUP", 2)
    async with db.transaction() as tx:
        # The day passes and nothing comes.
        await tx.execute("UPDATE purchase_order SET expected_on = current_date - 2")
        await tx.execute("UPDATE reservation SET expected_on = current_date - 2")
    async with db.connection() as connection:
        reasons = {each.reason for each in await inventory.needs_attention(connection, in_days(0))}
    assert reasons == {"awaited_overdue", "purchase_order_overdue"}
    async with db.transaction() as tx:
        assert await inventory.look_after_awaited(tx, clock.now()) == 1
    assert await allocations(client, waiting) == [(1, "WH", 2, "awaited", None)]
    assert [each["expected_on"] for each in await events(client, "order.stock_delayed")] == [None]
    async with db.transaction() as tx:
        assert await inventory.look_after_awaited(tx, clock.now()) == 0
    await shop.stock("CUP", "WH", 1)
    async with db.transaction() as tx:
        assert await inventory.look_after_awaited(tx, clock.now()) == 1
    assert await level(client, "CUP") == (1, 1, 5, 1)
    await post(client, url(order, "/cancel"))
    assert await level(client, "CUP") == (1, 1, 0, 1)
    await shop.all_sound()


async def test_a_shortfall_is_made_good_before_those_who_wait(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await shop.stock("CUP", "WH", 3)
    answer = await client.post(
        "/api/reservations",
        json={"reservation_id": new_id(), "channel": "web", "sku": "CUP", "location": "WH", "quantity": 3}
        | {"fulfilment_kind": "ship"},
    )
    assert answer.status_code == 201, answer.text
    order = await ordered(client, ("CUP", 5), days=4)
    waiting = await wait_for(db, shop, "CUP", 4)
    count = {"count_id": new_id(), "location": "WH", "lines": [{"sku": "CUP", "counted": 1}]}
    await post(client, "/api/stock/counts", count, 201)
    assert await coming(db, shop) == []
    await arrive(client, order, "CUP", 5)
    assert await level(client, "CUP") == (6, 6, 0, 1)
    assert (1, "WH", 1, "awaited", None) in await allocations(client, waiting)
    await shop.all_sound()


async def test_explain_names_what_comes_and_who_awaits_it(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    await ordered(client, ("CUP", 5), days=4)
    await ordered(client, ("CUP", 2), days=None)
    waiting = await wait_for(db, shop, "CUP", 3)
    number = (await client.get(f"/api/orders/{waiting['order_id']}")).json()["number"]
    answer = await client.get("/api/stock/CUP/explain", params={"channel": "web"})
    text = answer.json()["text"]
    assert f"7 incoming: 5 on {in_days(4)}, 2 without a date" in text
    assert f"3 awaited by orders {number}" in text
    assert answer.json()["seen"] == 0
