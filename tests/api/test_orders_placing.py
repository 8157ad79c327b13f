"""Placing orders over HTTP: whole or not at all, once, from the right place, at the right price."""

import asyncio

import httpx
import pytest

from factories.orders import PRICES, SHIP_TO, line, make_shop, new_id, payment, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


def fields(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


def body(*lines: dict, **more: object) -> dict:
    return {"order_id": new_id(), "channel": "web", "lines": list(lines), "ship_to": SHIP_TO, **more}


async def test_the_same_request_again_gives_the_same_answer_and_no_second_order(
    db: Database, client: httpx.AsyncClient
) -> None:
    shop = await make_shop(db)
    order = body(line("CUP", 2))
    answers = await asyncio.gather(
        *[client.post("/api/orders", json=order, headers={"Idempotency-Key": "one"}) for _ in range(8)]
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert await shop.level("CUP", "WH") == (10, 2)
    again_without_key = await client.post("/api/orders", json=order)
    assert again_without_key.json()["type"] == "urn:kanava:problem:order-exists"
    await shop.all_sound()


async def test_without_a_key_the_order_id_makes_a_repeat_harmless(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    order = body(line("CUP"))
    first, second = [await client.post("/api/orders", json=order) for _ in range(2)]
    assert first.content == second.content
    other = await client.post("/api/orders", json={**order, "lines": [line("CUP", 3)]})
    assert (other.status_code, other.json()["type"]) == (409, "urn:kanava:problem:idempotency-key-reused")
    assert await shop.level("CUP", "WH") == (10, 1)


async def test_a_key_with_another_body_is_refused(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    headers = {"Idempotency-Key": "k"}
    assert (await client.post("/api/orders", json=body(line("CUP")), headers=headers)).status_code == 201
    other = await client.post("/api/orders", json=body(line("MUG")), headers=headers)
    assert (other.status_code, fields(other)) == (409, ["Idempotency-Key"])


async def test_lines_of_one_variant_are_added_up_before_stock_is_looked_at(
    db: Database, client: httpx.AsyncClient
) -> None:
    shop = await make_shop(db)
    answer = await client.post("/api/orders", json=body(line("CUP", 6, pickup("MB")), line("CUP", 5, pickup("MB"))))
    assert answer.status_code == 409
    assert answer.json()["lines"][0]["available"] == 10
    assert await shop.level("CUP", "MB") == (10, 0)
    await shop.all_sound()


async def test_an_order_is_all_or_nothing(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    answer = await client.post("/api/orders", json=body(line("CUP", 1), line("MUG", 99)))
    assert (answer.status_code, fields(answer)) == (409, ["lines[1].quantity"])
    assert await shop.level("CUP", "WH") == (10, 0)
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM sales_order") == 0
        assert await connection.fetchval("SELECT count(*) FROM outbox_event WHERE type = 'order.placed'") == 0


async def test_shipping_comes_from_the_cheapest_place_that_holds_everything(
    db: Database, client: httpx.AsyncClient
) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "WH", 5)
    await shop.stock("CUP", "LJ", 5)
    await shop.stock("MUG", "LJ", 5)
    both = await place(client, line("CUP"), line("MUG"))
    assert {a["location"] for each in both["lines"] for a in each["allocations"]} == {"LJ"}
    one = await place(client, line("CUP"))
    assert one["lines"][0]["allocations"][0]["location"] == "WH"
    split = await place(client, line("CUP", 8))
    assert sorted((a["location"], a["quantity"]) for a in split["lines"][0]["allocations"]) == [("LJ", 4), ("WH", 4)]
    await shop.all_sound()


async def test_a_mixed_basket_carries_out_picks_up_and_ships(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    order = await place(
        client,
        line("CUP", 1, {"kind": "carry_out", "location": "MB"}),
        line("MUG", 2, pickup("LJ")),
        line("COAT"),
        channel="till",
        payments=[payment(PRICES["CUP"] + 2 * PRICES["MUG"] + PRICES["COAT"], PRICES["CUP"])],
    )
    assert order["fulfilment_status"] == "partly_fulfilled"
    assert order["payment_status"] == "partly_paid"
    assert order["total"] == {"amount_minor": PRICES["CUP"] + 2 * PRICES["MUG"] + PRICES["COAT"], "currency": "EUR"}
    assert await shop.level("CUP", "MB") == (9, 0)
    assert await shop.level("MUG", "LJ") == (10, 2)
    assert await shop.level("COAT", "WH") == (10, 1)
    await shop.all_sound()


async def test_a_till_may_sell_the_safety_stock_and_the_web_may_not(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    async with db.connection() as connection:
        await connection.execute("UPDATE stock_level SET safety_stock = 9")
    web = await client.post("/api/orders", json=body(line("CUP", 2, pickup("MB"))))
    assert web.json()["lines"][0]["available"] == 1
    await place(client, line("CUP", 10, {"kind": "carry_out", "location": "MB"}), channel="till")
    await shop.all_sound()


async def test_a_protection_is_effective_with_the_next_order(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    await place(client, line("CUP", 1, pickup("MB")), channel="market")
    async with db.connection() as connection:
        await connection.execute("UPDATE channel SET threshold = 8 WHERE code = 'market'")
    refused = await client.post("/api/orders", json=body(line("CUP", 2, pickup("MB")), channel="market"))
    assert refused.json()["lines"][0]["available"] == 1
    await place(client, line("CUP", 2, pickup("MB")))
    await shop.all_sound()


async def test_a_ring_fence_keeps_units_for_its_channel(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    async with db.connection() as connection:
        key = (shop.variants["CUP"], shop.locations["MB"])
        await connection.execute("INSERT INTO stock_ring_fence VALUES ($1, $2, $3, 4)", *key, shop.channels["market"])
        await connection.execute(
            "UPDATE stock_level SET ring_fenced = 4 WHERE variant_id = $1 AND location_id = $2", *key
        )
    refused = await client.post("/api/orders", json=body(line("CUP", 7, pickup("MB"))))
    assert refused.json()["lines"][0]["available"] == 6
    await place(client, line("CUP", 3, pickup("MB")), channel="market")
    await place(client, line("CUP", 6, pickup("MB")))
    left = await client.post("/api/orders", json=body(line("CUP", 2, pickup("MB")), channel="market"))
    assert left.json()["lines"][0]["available"] == 1
    await shop.all_sound()


async def test_a_revoked_key_is_refused_with_its_next_request(
    db: Database, client: httpx.AsyncClient, make_api_key
) -> None:
    await make_shop(db)
    secret = await make_api_key("orders:write")
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await client.post("/api/orders", json=body(line("CUP")), headers=headers)).status_code == 201
    await client.post(f"/api/api-keys/{secret.split('_')[1]}/revoke")
    assert (await client.post("/api/orders", json=body(line("CUP")), headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"channel": "nowhere"}, 422, "channel"),
        ({"currency": "PLN"}, 422, "currency"),
        ({"lines": []}, 400, "lines"),
        ({"lines": [line("CUP", 0)]}, 400, "lines[0].quantity"),
        ({"lines": [line("CUP", -1)]}, 400, "lines[0].quantity"),
        ({"lines": [line("CUP", 10**12)]}, 400, "lines[0].quantity"),
        ({"lines": [line("NOPE")]}, 422, "lines[0].sku"),
        ({"lines": [line("CUP"), line("CUP", 1, pickup("NOWHERE"))]}, 422, "lines[1].fulfilment.location"),
        ({"lines": [line("CUP", 1, {"kind": "curbside", "location": "MB"})]}, 422, "lines[0].fulfilment.location"),
        ({"lines": [line("CUP", 1, {"kind": "pickup"})]}, 422, "lines[0].fulfilment.location"),
        ({"lines": [line("CUP", 1, {"kind": "ship", "location": "WH"})]}, 422, "lines[0].fulfilment.location"),
        ({"lines": [line("CUP", unit_price_minor=1)]}, 422, "lines[0].unit_price_minor"),
        ({"lines": [line("MUG")], "channel": "agent"}, 422, "lines[0].sku"),
        ({"ship_to": None}, 422, "ship_to"),
        ({"payments": [payment(100, 200)]}, 422, "payments[0].captured_minor"),
        ({"payments": [payment(100, currency="HUF")]}, 422, "payments[0].currency"),
        ({"order_id": "not-a-uuid"}, 400, "order_id"),
        ({"surprise": 1}, 400, "surprise"),
    ],
)
async def test_bad_input_names_the_field_and_writes_nothing(
    db: Database, client: httpx.AsyncClient, wrong: dict, status: int, field: str
) -> None:
    shop = await make_shop(db)
    answer = await client.post("/api/orders", json={**body(line("CUP")), **wrong})
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, field in answer.text) == (status, True), answer.text
    assert field in fields(answer) or field == "surprise"
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM sales_order") == 0
    await shop.all_sound()


async def test_a_missing_scope_and_a_missing_key(db: Database, client: httpx.AsyncClient, make_api_key) -> None:
    reader = {"Authorization": f"Bearer {await make_api_key('orders:read')}"}
    refused = await client.post("/api/orders", json=body(line("CUP")), headers=reader)
    assert (refused.status_code, refused.json()["scope"]) == (403, "orders:write")
    unknown = await client.post("/api/orders", json=body(line("CUP")), headers={"Authorization": "Bearer knv_x_y"})
    assert unknown.status_code == 401
    assert unknown.headers["www-authenticate"] == "Bearer"


async def test_the_event_feed_gives_every_order_once_by_cursor(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db, stock=50)
    placed = {(await place(client, line("CUP")))["order_id"] for _ in range(7)}
    seen: list[str] = []
    cursor = None
    while True:
        params = {"type": "order.placed", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/events", params=params)).json()
        seen += [event["aggregate_id"] for event in page["items"]]
        cursor = page["next_cursor"]
        if not page["items"]:
            break
    assert len(seen) == 7
    assert set(seen) == placed


async def test_a_carts_hold_is_kept_for_its_own_order_and_given_to_nobody_else(
    db: Database, client: httpx.AsyncClient
) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "MB", 1)
    cart = (await client.post("/api/carts", json={"channel": "web"})).json()
    added = await client.post(
        f"/api/carts/{cart['cart_id']}/lines",
        json={"lines": [line("CUP", 1, pickup("MB"))]},
        headers={"If-Match": f'"{cart["version"]}"'},
    )
    assert added.status_code < 300, added.text
    assert (await client.post(f"/api/carts/{cart['cart_id']}/hold")).status_code < 300
    too_much = {"order_id": new_id(), "payments": [payment(1, 2)]}
    stranger, failed, *_ = await asyncio.gather(
        client.post("/api/orders", json=body(line("CUP", 1, pickup("MB")))),
        client.post(f"/api/carts/{cart['cart_id']}/place", json=too_much),
    )
    assert stranger.status_code == 409
    assert failed.status_code == 422
    assert await shop.level("CUP", "MB") == (1, 1), "a refused placing leaves the hold where it was"
    answers = await asyncio.gather(
        *[client.post("/api/orders", json=body(line("CUP", 1, pickup("MB")))) for _ in range(5)],
        client.post(f"/api/carts/{cart['cart_id']}/place", json={"order_id": new_id()}),
        *[client.post("/api/orders", json=body(line("CUP", 1, pickup("MB")))) for _ in range(5)],
    )
    assert [a.status_code for a in answers] == [409] * 5 + [201] + [409] * 5
    await shop.all_sound()


async def test_both_ways_into_placing_answer_alike(db: Database, client: httpx.AsyncClient) -> None:
    """A query string sends a request past the express way; the answers must not tell which way was taken."""
    shop = await make_shop(db)
    for wrong in ({}, {"channel": "nowhere"}, {"lines": [line("CUP", 99)]}, {"surprise": 1}, {"order_id": "x"}):
        express, ordinary = [
            await client.post(path, json={**body(line("CUP")), **wrong})
            for path in ("/api/orders", "/api/orders?way=2")
        ]
        assert express.status_code == ordinary.status_code
        for name in ("content-type", "etag"):
            assert express.headers.get(name) == ordinary.headers.get(name)
        volatile = ("order_id", "number", "placed_at", "lines", "request_id")
        first, second = [{k: v for k, v in a.json().items() if k not in volatile} for a in (express, ordinary)]
        assert first == second
    await shop.all_sound()


@pytest.mark.parametrize("what", ["opening_hours = 'Mo-Su off'", "pick_capacity_per_hour = 0"])
async def test_what_nobody_can_have_ready_is_not_sold_for_pickup(
    db: Database, client: httpx.AsyncClient, what: str
) -> None:
    shop = await make_shop(db)
    async with db.transaction() as tx:
        await tx.execute(f"UPDATE location SET {what} WHERE code = 'LJ'")
    lines = line("CUP", 1, pickup("MB")), line("CUP", 1, pickup("LJ")), line("MUG", 1, pickup("LJ"))
    refused = await client.post("/api/orders", json=body(*lines))
    told = refused.json()
    assert (refused.status_code, told["type"]) == (409, "urn:kanava:problem:promise-not-possible")
    assert fields(refused) == ["lines[1].fulfilment.location", "lines[2].fulfilment.location"]
    assert told["detail"].count("LJ") == 1
    assert await shop.level("CUP", "MB") == (10, 0)
    # What a marketplace or a till sold already is recorded all the same, and she may take it from the shelf.
    await place(client, line("CUP", 1, pickup("LJ")), channel="market")
    await place(client, line("CUP", 1, pickup("LJ")), external_reference="R-1")
    await place(client, line("CUP", 1, {"kind": "carry_out", "location": "LJ"}), channel="till")
    await shop.all_sound()


async def test_a_country_without_a_tax_rate_is_named_where_it_stands(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    refused = await client.post("/api/orders", json=body(line("CUP"), ship_to={**SHIP_TO, "country": "FR"}))
    assert (refused.status_code, fields(refused)) == (422, ["ship_to.country"])


async def test_two_lines_of_one_sku_that_are_short_are_told_once(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    refused = await client.post("/api/orders", json=body(line("CUP", 40), line("CUP", 50)))
    assert fields(refused) == ["lines[0].quantity", "lines[1].quantity"]
    assert refused.json()["detail"] == "20 of CUP can be had here."
