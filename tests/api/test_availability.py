"""Availability over HTTP: the channel's own view of the one stock, the same that placing and `explain` have."""

import random

import httpx
import pytest
from stock_shop import get, post

from factories.orders import SHIP_TO, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio

LJUBLJANA = {"latitude": 46.05, "longitude": 14.51}


async def put_on_the_map(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("""
            UPDATE location SET opening_hours = '24/7', latitude = CASE code WHEN 'LJ' THEN 46.05 ELSE 46.55 END,
                   longitude = CASE code WHEN 'LJ' THEN 14.51 ELSE 15.65 END WHERE kind = 'store'
        """)


async def ask(client: httpx.AsyncClient, *skus: str, channel: str = "web", **more: object) -> dict:
    return await get(client, "/api/availability", channel=channel, sku=list(skus), **more)


async def test_a_page_of_variants_is_answered_at_once(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db, stock=0)
    await put_on_the_map(db)
    await shop.stock("CUP", "WH", 3)
    await shop.stock("CUP", "MB", 4)
    await shop.stock("MUG", "LJ", 50)
    answer = await ask(client, "MUG", "CUP", "COAT", **LJUBLJANA)
    assert answer["ship_country"] == "SI"
    assert [(s["location"], s["open_now"]) for s in answer["stores"]] == [("LJ", True), ("MB", True)]
    assert answer["stores"][0]["distance_metres"] == 0
    assert 100_000 < answer["stores"][1]["distance_metres"] < 105_000
    mug, cup, coat = answer["variants"]
    # MB hands over but does not ship: its units count for pickup and in the total only.
    assert cup["ship"] == {"quantity": 3, "at_least": False}
    assert cup["pickup"] == [
        {"location": "LJ", "quantity": 0, "at_least": False},
        {"location": "MB", "quantity": 4, "at_least": False},
    ]
    assert cup["total"] == {"quantity": 7, "at_least": False}
    assert mug["ship"] == {"quantity": 20, "at_least": True}
    assert mug["pickup"][0] == {"location": "LJ", "quantity": 20, "at_least": True}
    assert (coat["sku"], coat["total"]["quantity"]) == ("COAT", 0)


async def test_without_a_position_no_store_is_looked_at(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    answer = await ask(client, "CUP")
    assert answer["stores"] == []
    assert answer["variants"][0]["pickup"] == []
    assert answer["variants"][0]["ship"]["quantity"] == 20


async def test_what_is_not_listed_or_not_active_is_not_for_sale(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    cup, mug = (await ask(client, "CUP", "MUG", channel="agent"))["variants"]
    assert (cup["for_sale"], cup["total"]["quantity"]) == (True, 20)
    assert (mug["for_sale"], mug["total"]["quantity"]) == (False, 0)
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET status = 'archived' WHERE variant_id = $1", shop.variants["MUG"])
    assert (await ask(client, "MUG"))["variants"][0]["for_sale"] is False


async def test_an_order_is_seen_at_once_and_what_is_seen_can_be_ordered(
    db: Database, client: httpx.AsyncClient
) -> None:
    shop = await make_shop(db, stock=0)
    await put_on_the_map(db)
    await shop.stock("CUP", "LJ", 5)
    await place(client, line("CUP", 2, pickup("LJ")))
    seen = (await ask(client, "CUP", **LJUBLJANA))["variants"][0]
    assert (seen["ship"]["quantity"], seen["pickup"][0]["quantity"]) == (3, 3)
    body = {"order_id": new_id(), "channel": "web", "lines": [line("CUP", 4)], "ship_to": SHIP_TO}
    assert (await client.post("/api/orders", json=body)).status_code == 409
    await place(client, line("CUP", 3))
    assert (await ask(client, "CUP"))["variants"][0]["total"]["quantity"] == 0


async def test_a_change_of_settings_counts_at_once(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db, stock=5)
    assert (await ask(client, "CUP"))["variants"][0]["ship"]["quantity"] == 10
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel SET threshold = 2 WHERE code = 'web'")
    assert (await ask(client, "CUP"))["variants"][0]["ship"]["quantity"] == 6
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET active = false WHERE code = 'WH'")
    assert (await ask(client, "CUP"))["variants"][0]["ship"]["quantity"] == 3


async def test_uneven_thresholds_do_not_end_the_search_too_early(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 25)
    await shop.stock("CUP", "WH", 7)
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel_location SET threshold = 24 WHERE channel_id = $1 AND location_id = $2",
            shop.channels["web"],
            shop.locations["LJ"],
        )
    assert (await ask(client, "CUP"))["variants"][0]["ship"] == {"quantity": 8, "at_least": False}


async def test_it_agrees_with_explain_whatever_the_circumstances(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db, stock=0)
    await put_on_the_map(db)
    chance = random.Random(7)
    for sku in shop.variants:
        for code in shop.locations:
            await shop.stock(sku, code, chance.randint(4, 9))
            rows = [{"sku": sku, "location": code, "safety_stock": chance.randint(0, 2)}]
            await post(client, "/api/stock/safety-stocks", {"rows": rows})
            rows = [{"sku": sku, "location": code, "channel": chance.choice(["web", "market"]), "remaining": 2}]
            await post(client, "/api/stock/ring-fences", {"rows": rows})
            for channel in ("web", "market"):
                hold = {"reservation_id": new_id(), "channel": channel, "sku": sku, "location": code, "quantity": 1}
                await client.post("/api/reservations", json=hold)
    async with db.transaction() as tx:
        await tx.execute("UPDATE reservation SET expires_at = now() - interval '1 minute' WHERE variant_id % 2 = 0")
        await tx.execute(
            "INSERT INTO stock_threshold (variant_id, channel_id, location_id, threshold) VALUES ($1, $2, 0, 1), ($1, $2, $3, 0)",
            shop.variants["CUP"],
            shop.channels["web"],
            shop.locations["LJ"],
        )
    for channel in ("web", "market"):
        for variant in (await ask(client, *shop.variants, channel=channel, **LJUBLJANA))["variants"]:
            path = f"/api/stock/{variant['sku']}/explain"
            shipped = await get(client, path, channel=channel, fulfilment_kind="ship")
            assert variant["ship"]["quantity"] == min(20, shipped["seen"])
            for store in variant["pickup"]:
                told = await get(client, path, channel=channel, location=store["location"], fulfilment_kind="pickup")
                assert store["quantity"] == told["seen"]
    await shop.all_sound()


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"channel": "nowhere", "sku": "CUP"}, "channel"),
        ({"channel": "web", "sku": ["CUP", "NOPE"]}, "sku[1]"),
        ({"channel": "web", "sku": "CUP", "latitude": 46}, "longitude"),
        ({"channel": "web", "sku": "CUP", "latitude": 91, "longitude": 0}, "latitude"),
        ({"channel": "web", "sku": ["CUP"] * 101}, "sku"),
        ({"channel": "web"}, "sku"),
        ({"channel": "web", "sku": "CUP", "locations": 51}, "locations"),
        ({"channel": "web", "sku": "CUP", "country": "Slovenia"}, "country"),
    ],
)
async def test_a_question_that_makes_no_sense_is_told_which_part(
    db: Database, client: httpx.AsyncClient, parameters: dict, field: str
) -> None:
    await make_shop(db)
    answer = await client.get("/api/availability", params=parameters)
    assert 400 <= answer.status_code < 500, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]], answer.text


async def test_it_needs_its_scope(db: Database, client: httpx.AsyncClient, make_api_key) -> None:
    await make_shop(db)
    headers = {"Authorization": f"Bearer {await make_api_key('orders:read')}"}
    answer = await client.get("/api/availability", params={"channel": "web", "sku": "CUP"}, headers=headers)
    assert answer.status_code == 403


async def test_a_revoked_key_is_refused_at_once(db: Database, client: httpx.AsyncClient, make_api_key) -> None:
    await make_shop(db)
    key = await make_api_key("stock:read")
    headers = {"Authorization": f"Bearer {key}"}
    asked = {"channel": "web", "sku": "CUP"}
    assert (await client.get("/api/availability", params=asked, headers=headers)).status_code == 200
    revoked = await client.post(f"/api/api-keys/{key.split('_')[1]}/revoke")
    assert revoked.status_code < 300, revoked.text
    for sku in ("CUP", "NO-SUCH-CUP"):
        answer = await client.get("/api/availability", params=asked | {"sku": sku}, headers=headers)
        assert answer.status_code == 401
