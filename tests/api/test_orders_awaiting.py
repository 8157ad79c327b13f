"""Orders of channels that sell what is on its way, over HTTP."""

from datetime import datetime

import httpx
import pytest

from factories.incoming import add_supplier, arrive, buy, in_days, level, ordered, sells_incoming
from factories.orders import SHIP_TO, Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    shop = await make_shop(db, stock=0)
    await add_supplier(db, shop)
    await sells_incoming(db, "web", "till")
    return shop


async def refused(client: httpx.AsyncClient, *lines: dict, channel: str = "web") -> list[tuple[int, int]]:
    """Place an order that must be short; gives (line_no, available)."""
    body = {"order_id": new_id(), "channel": channel, "lines": list(lines), "ship_to": SHIP_TO}
    answer = await client.post("/api/orders", json=body)
    assert answer.status_code == 409, answer.text
    return [(each["line_no"], each["available"]) for each in answer.json()["lines"]]


async def test_the_lines_that_are_short_wait_whole_and_the_others_do_not(client: httpx.AsyncClient, shop: Shop) -> None:
    await shop.stock("CUP", "WH", 2)
    await shop.stock("MUG", "WH", 2)
    purchase = await ordered(client, ("CUP", 10), days=5)
    order = await place(client, line("CUP", 3), line("MUG", 2))
    assert [[(a["location"], a["state"], a.get("expected_on")) for a in x["allocations"]] for x in order["lines"]] == [
        [("WH", "awaited", in_days(5).isoformat())],
        [("WH", "committed", None)],
    ]
    assert (await client.get(f"/api/orders/{order['order_id']}")).json() == order
    assert await level(client, "CUP") == (2, 0, 10, 3)
    await shop.all_sound()
    await arrive(client, purchase, "CUP", 10)
    assert await level(client, "CUP") == (12, 3, 0, 0)
    await shop.all_sound()


async def test_a_promise_counts_from_the_day_on_which_the_goods_come(client: httpx.AsyncClient, shop: Shop) -> None:
    await ordered(client, ("CUP", 4), days=5, location="LJ")
    order = await buy(client, "CUP", 1, pickup("LJ"))
    (promise,) = order["promises"]
    assert datetime.fromisoformat(promise["promised_by"]).date() >= in_days(4)
    await shop.all_sound()


async def test_a_group_takes_no_more_than_comes_and_says_what_is_on_hand(client: httpx.AsyncClient, shop: Shop) -> None:
    await shop.stock("CUP", "WH", 1)
    await ordered(client, ("CUP", 5), days=5)
    await place(client, line("CUP", 2), line("CUP", 2))
    assert await refused(client, line("CUP", 2)) == [(1, 1)]
    assert await refused(client, line("CUP", 2, {"kind": "carry_out", "location": "LJ"}), channel="till") == [(1, 0)]
    assert await refused(client, line("CUP", 2), channel="market") == [(1, 1)]
    await place(client, line("CUP", 1))
    assert await level(client, "CUP") == (1, 1, 5, 4)
    await shop.all_sound()
