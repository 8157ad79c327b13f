"""Carts through HTTP: one id on every channel, mixed hand-over, holds, placing."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import httpx
import pytest

from factories.orders import SHIP_TO, Shop, line, make_shop, new_id, payment, pickup, place
from kanava.inventory import service as inventory
from kanava.platform import clock
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


async def ok(answer: Awaitable[httpx.Response], status: int = 200) -> dict:
    response = await answer
    assert response.status_code == status, response.text
    return response.json()


async def refused(answer: Awaitable[httpx.Response], status: int, problem: str) -> dict:
    response = await answer
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:kanava:problem:{problem}", response.text
    return response.json()


async def a_cart(client: httpx.AsyncClient, *lines: dict, channel: str = "web", **more: object) -> dict:
    return await ok(client.post("/api/carts", json={"channel": channel, "lines": list(lines), **more}), 201)


def url(cart: dict, tail: str = "") -> str:
    return f"/api/carts/{cart['cart_id']}{tail}"


def order_body(**more: object) -> dict:
    return {"order_id": new_id(), "ship_to": SHIP_TO, **more}


async def expire(db: Database, cart: dict) -> None:
    """Let the time of the cart's holds be over, as if it had passed."""
    past = clock.now() - timedelta(seconds=1)
    async with db.transaction() as tx:
        await tx.execute("UPDATE reservation SET expires_at = $1 WHERE cart_id = $2::text::uuid", past, cart["cart_id"])
        await tx.execute("UPDATE cart SET hold_expires_at = $1 WHERE cart_id = $2::text::uuid", past, cart["cart_id"])


async def test_a_cart_shows_prices_totals_and_what_can_be_had(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP", 2), line("MUG", 11, pickup("MB")))
    assert cart["total"] == {"amount_minor": 2 * 1220 + 11 * 2440, "currency": "EUR"}
    assert cart["net"]["amount_minor"] + cart["tax"]["amount_minor"] == cart["total"]["amount_minor"]
    shipped, fetched = cart["lines"]
    assert (shipped["available"], shipped["problems"]) == (20, []), "WH and LJ ship"
    assert fetched["available"] == 10
    assert [(p["type"], p["blocks"]) for p in fetched["problems"]] == [("insufficient_stock", False)]
    assert cart["placeable"] is True
    response = await client.get(url(cart))
    assert response.json() == cart
    assert response.headers["etag"] == '"1"'
    await refused(client.get(f"/api/carts/{new_id()}"), 404, "cart-not-found")


async def test_a_client_made_id_makes_one_cart(client: httpx.AsyncClient, shop: Shop) -> None:
    body = {"cart_id": new_id(), "channel": "web", "lines": [line("CUP")]}
    first = await ok(client.post("/api/carts", json=body), 201)
    assert first["cart_id"] == body["cart_id"]
    assert await ok(client.post("/api/carts", json=body), 201) == first
    await refused(client.post("/api/carts", json={**body, "channel": "till"}), 409, "cart-exists")


async def test_lines_of_the_same_goods_and_hand_over_are_one(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP", 2), line("CUP", 1, pickup("MB")))
    more = {"lines": [line("CUP", 3), line("MUG", 1), line("MUG", 1)]}
    cart = await ok(client.post(url(cart, "/lines"), json=more), 201)
    assert [(x["line_no"], x["sku"], x["quantity"]) for x in cart["lines"]] == [
        (1, "CUP", 5),
        (2, "CUP", 1),
        (3, "MUG", 2),
    ]
    cart = await ok(client.put(url(cart, "/lines/2"), json={"quantity": 4, "fulfilment": {"kind": "ship"}}))
    assert [(x["sku"], x["quantity"]) for x in cart["lines"]] == [("CUP", 9), ("MUG", 2)]
    cart = await ok(client.delete(url(cart, "/lines/3")))
    assert [x["sku"] for x in cart["lines"]] == ["CUP"]
    await refused(client.delete(url(cart, "/lines/3")), 404, "cart-line-not-found")


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (line("NOPE"), "lines[0].sku"),
        (line("CUP", 1, {"kind": "pickup"}), "lines[0].fulfilment.location"),
        (line("CUP", 1, {"kind": "ship", "location": "LJ"}), "lines[0].fulfilment.location"),
        (line("CUP", 1, pickup("XX")), "lines[0].fulfilment.location"),
        (line("CUP", 1, pickup("WH")), "lines[0]"),
        (line("CUP", 0), "lines[0].quantity"),
        (line("CUP", -1), "lines[0].quantity"),
        (line("CUP", 10**9), "lines[0].quantity"),
    ],
)
async def test_a_line_that_cannot_be_is_refused_by_name(
    client: httpx.AsyncClient, shop: Shop, new: dict, field: str
) -> None:
    cart = await a_cart(client)
    answer = await client.post(url(cart, "/lines"), json={"lines": [new]})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert (await ok(client.get(url(cart)))) == cart


async def test_edits_honour_if_match(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP"))
    stale = {"If-Match": '"1"'}
    await ok(client.put(url(cart, "/lines/1"), json={"quantity": 2}, headers=stale))
    await refused(client.put(url(cart, "/lines/1"), json={"quantity": 3}, headers=stale), 412, "precondition-failed")


async def test_a_moved_cart_names_what_the_new_channel_does_not_sell(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP"), line("MUG"))
    await ok(client.post(url(cart, "/hold")))
    moved = await ok(client.patch(url(cart), json={"channel": "agent"}))
    assert moved["cart_id"] == cart["cart_id"]
    assert moved["holds"] == []
    assert [[p["type"] for p in x["problems"]] for x in moved["lines"]] == [[], ["not_sold_here"]]
    assert moved["total"]["amount_minor"] == 1220
    assert moved["placeable"] is False
    await refused(client.post(url(cart, "/hold")), 409, "cart-blocked")
    problem = await refused(client.post(url(cart, "/place"), json=order_body()), 422, "order-lines-invalid")
    assert problem["errors"][0]["field"] == "lines[1].sku"
    back = await ok(client.patch(url(cart), json={"channel": "till"}))
    assert back["placeable"] is True
    await refused(client.patch(url(cart), json={"channel": "nowhere"}), 422, "cart-channel-unknown")
    await refused(client.patch(url(cart), json={"ship_country": "QQ"}), 422, "invalid-input")
    await shop.all_sound()


async def test_a_hold_keeps_the_units_for_this_cart_only(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP", 8, pickup("MB")), line("MUG", 2))
    held = await ok(client.post(url(cart, "/hold")))
    assert [(h["sku"], h["location"], h["quantity"], h["expired"]) for h in held["holds"]] == [
        ("CUP", "MB", 8, False),
        ("MUG", "WH", 2, False),
    ]
    assert held["lines"][0]["available"] == 10, "its own units count for the cart itself"
    other = await a_cart(client, line("CUP", 3, pickup("MB")))
    assert other["lines"][0]["available"] == 2
    problem = await refused(client.post(url(other, "/hold")), 409, "insufficient-stock")
    assert problem["errors"][0]["field"] == "lines[0].quantity"
    again = await ok(client.post(url(cart, "/hold")))
    assert len(again["holds"]) == 2
    assert await shop.level("CUP", "MB") == (10, 8), "a new hold replaces the earlier one"
    fewer = await ok(client.put(url(cart, "/lines/1"), json={"quantity": 1}))
    assert [h["sku"] for h in fewer["holds"]] == ["MUG"]
    free = await ok(client.post(url(cart, "/release")))
    assert free["holds"] == []
    assert await shop.level("MUG", "WH") == (10, 0)
    await refused(client.post(url(await a_cart(client), "/hold")), 409, "cart-empty")
    await shop.all_sound()


async def test_a_short_hold_names_the_line_at_fault_and_not_its_sister(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP", 2), line("CUP", 11, pickup("MB")))
    problem = await refused(client.post(url(cart, "/hold")), 409, "insufficient-stock")
    assert [e["field"] for e in problem["errors"]] == ["lines[1].quantity"]


async def test_a_hold_is_all_or_nothing(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP", 1, pickup("MB")), line("MUG", 11, pickup("MB")))
    await refused(client.post(url(cart, "/hold")), 409, "insufficient-stock")
    assert await shop.level("CUP", "MB") == (10, 0)


async def test_a_cart_becomes_an_order_with_the_units_it_held(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("CUP", 10, pickup("MB")), line("MUG", 1), customer_email="ana@example.com")
    await ok(client.post(url(cart, "/hold")))
    body = order_body(payments=[payment(14640)])
    placed = await ok(client.post(url(cart, "/place"), json=body), 201)
    assert placed["order_id"] == body["order_id"]
    assert placed["cart_id"] == cart["cart_id"]
    assert placed["customer"]["email"] == "ana@example.com"
    assert placed["total"] == cart["total"]
    assert await shop.level("CUP", "MB") == (10, 10)
    assert await ok(client.post(url(cart, "/place"), json=body), 201) == placed, "placed twice it is the same order"
    other_key = {"Idempotency-Key": "another"}
    assert await ok(client.post(url(cart, "/place"), json=body, headers=other_key), 201) == placed
    await refused(client.post(url(cart, "/place"), json=order_body()), 409, "cart-placed")
    after = await ok(client.get(url(cart)))
    assert (after["order_id"], after["holds"], after["placeable"]) == (body["order_id"], [], False)
    for change in (
        client.post(url(cart, "/lines"), json={"lines": [line("CUP")]}),
        client.post(url(cart, "/hold")),
        client.patch(url(cart), json={"channel": "till"}),
        client.delete(url(cart, "/lines/1")),
    ):
        await refused(change, 409, "cart-placed")
    await shop.all_sound()


async def test_a_cart_that_went_out_of_stock_names_the_line(client: httpx.AsyncClient, shop: Shop) -> None:
    cart = await a_cart(client, line("MUG"), line("CUP", 1, pickup("MB")))
    await place(client, line("CUP", 10, pickup("MB")))
    problem = await refused(client.post(url(cart, "/place"), json=order_body()), 409, "insufficient-stock")
    assert problem["errors"][0]["field"] == "lines[1].quantity"
    assert "hold" not in problem["detail"]
    warned = await ok(client.get(url(cart)))
    assert [p["type"] for p in warned["lines"][1]["problems"]] == ["insufficient_stock"]


async def test_an_expired_hold_is_placed_while_the_goods_are_there(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    cart = await a_cart(client, line("CUP", 10, pickup("MB")))
    await ok(client.post(url(cart, "/hold")))
    await expire(db, cart)
    assert (await ok(client.get(url(cart))))["holds"][0]["expired"] is True
    await ok(client.post(url(cart, "/place"), json=order_body()), 201)
    await shop.all_sound()


async def test_an_expired_hold_whose_goods_are_gone_says_when_it_ended(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    cart = await a_cart(client, line("CUP", 10, pickup("MB")))
    await ok(client.post(url(cart, "/hold")))
    await expire(db, cart)
    await place(client, line("CUP", 4, pickup("MB")))
    problem = await refused(client.post(url(cart, "/place"), json=order_body()), 409, "insufficient-stock")
    assert "hold expired at" in problem["detail"]
    assert problem["hold_expired_at"]
    assert problem["lines"][0]["available"] == 6
    async with db.transaction() as tx:
        await inventory.expire_due_holds(tx, clock.now())
    await shop.all_sound()


async def test_twenty_carts_hold_ten_units_and_ten_of_them_get_one(client: httpx.AsyncClient, shop: Shop) -> None:
    carts = [await a_cart(client, line("CUP", 1, pickup("MB"))) for _ in range(20)]
    answers = await asyncio.gather(*[client.post(url(cart, "/hold")) for cart in carts])
    assert sorted(a.status_code for a in answers) == [200] * 10 + [409] * 10
    assert await shop.level("CUP", "MB") == (10, 10)
    winners = [cart for cart, answer in zip(carts, answers, strict=True) if answer.status_code == 200]
    placed = await asyncio.gather(*[client.post(url(cart, "/place"), json=order_body()) for cart in winners])
    assert [a.status_code for a in placed] == [201] * 10
    await shop.all_sound()


async def test_scopes(client: httpx.AsyncClient, shop: Shop, make_api_key) -> None:
    cart = await a_cart(client, line("CUP"))
    headers = {"Authorization": f"Bearer {await make_api_key('carts:read', 'carts:write')}"}
    await ok(client.get(url(cart), headers=headers))
    await refused(client.post(url(cart, "/place"), json=order_body(), headers=headers), 403, "forbidden")
