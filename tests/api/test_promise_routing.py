"""What is shown comes from where placing takes it, whatever the rules of routing ask of an order."""

from typing import Any

import httpx
import pytest

from factories.orders import SHIP_TO, Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio

ADDRESS = {"country": "SI", "postal_code": "1000"}


async def publish(client: httpx.AsyncClient, when: dict[str, Any]) -> None:
    """Let such orders come from Ljubljana, which is 200 dearer than the warehouse."""
    shops = {"kinds": ["store"], **when}
    rules = [{"name": "Ljubljana first", "effect": "prefer", "amount_minor": 400, "when": shops}]
    drafted = (await client.post("/api/routing/rulesets", json={"name": "Rules", "rules": rules})).json()
    headers = {"If-Match": f'"{drafted["version"]}"'}
    live = await client.post(f"/api/routing/rulesets/{drafted['number']}/publish", headers=headers)
    assert live.status_code == 200, live.text


async def put_into_categories(db: Database, shop: Shop) -> None:
    """Cups are kitchenware, which is of the household."""
    async with db.transaction() as tx:
        above = "INSERT INTO category (code) VALUES ('household') RETURNING category_id"
        below = "INSERT INTO category (code, parent_id) VALUES ('kitchen', $1) RETURNING category_id"
        category_id = await tx.fetchval(below, await tx.fetchval(above))
        product = "INSERT INTO product (handle, status, category_id) VALUES ('cups', 'active', $1) RETURNING product_id"
        product_id = await tx.fetchval(product, category_id)
        await tx.execute("UPDATE variant SET product_id = $1 WHERE variant_id = $2", product_id, shop.variants["CUP"])


async def shown(client: httpx.AsyncClient, lines: list[dict], ship_to: dict, **more: Any) -> str:
    body = {"channel": "web", "lines": lines, "ship_to": ship_to, **more}
    answer = await client.post("/api/promises", json=body)
    assert answer.status_code == 200, answer.text
    (parcels,) = answer.json()["delivery"][0]["places"]
    return parcels["location"]


async def placed(client: httpx.AsyncClient, lines: list[dict], ship_to: dict, **more: Any) -> str:
    order = await place(client, *[line(**each) for each in lines], ship_to={**SHIP_TO, **ship_to}, **more)
    (location,) = {each["location"] for each in order["lines"] for each in each["allocations"]}
    return location


async def group_with_a_discount(db: Database, shop: Shop) -> None:
    async with db.transaction() as tx:
        list_id = await tx.fetchval(
            """INSERT INTO price_list (code, name, currency, customer_group) VALUES ('staff', 'Staff', 'EUR', 'staff')
               RETURNING price_list_id"""
        )
        await tx.execute(
            "INSERT INTO price (price_list_id, variant_id, amount_minor) VALUES ($1, $2, 900)",
            list_id,
            shop.variants["CUP"],
        )
        await tx.execute("UPDATE config_version SET version = version + 1")


@pytest.mark.parametrize(
    ("when", "lines", "region", "expected"),
    [
        ({"value_from_minor": 2440}, [{"sku": "CUP"}], "", "WH"),
        ({"value_from_minor": 2440}, [{"sku": "CUP", "quantity": 2}], "", "LJ"),
        ({"value_from_minor": 2440}, [{"sku": "CUP"}, {"sku": "MUG"}], "", "LJ"),
        ({"value_below_minor": 1221}, [{"sku": "CUP"}], "", "LJ"),
        ({"value_below_minor": 1221}, [{"sku": "MUG"}], "", "WH"),
        ({"categories": ["household"]}, [{"sku": "CUP"}, {"sku": "MUG"}], "", "LJ"),
        ({"categories": ["household"]}, [{"sku": "MUG"}], "", "WH"),
        ({"regions": ["Gorenjska"]}, [{"sku": "CUP"}], "Gorenjska", "LJ"),
        ({"regions": ["Gorenjska"]}, [{"sku": "CUP"}], "", "WH"),
    ],
)
async def test_what_is_shown_is_where_the_order_comes_from(
    db: Database, client: httpx.AsyncClient, when: dict, lines: list[dict], region: str, expected: str
) -> None:
    await put_into_categories(db, await make_shop(db))
    await publish(client, when)
    address = ADDRESS | ({"region": region} if region else {})
    assert await shown(client, lines, address) == expected
    assert await placed(client, lines, address) == expected


async def test_the_value_is_what_the_customers_group_pays(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db)
    await group_with_a_discount(db, shop)
    await publish(client, {"value_from_minor": 1_000})
    lines = [{"sku": "CUP"}]
    assert await shown(client, lines, ADDRESS) == "LJ"
    assert await shown(client, lines, ADDRESS, customer_group="staff") == "WH"
    assert await placed(client, lines, ADDRESS, customer={"group": "staff"}) == "WH"


async def test_on_a_page_each_variant_goes_its_own_way(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 1)
    await shop.stock("MUG", "LJ", 1)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET parcel_cost_domestic_minor = 500 WHERE code = 'WH'")
    rules = [
        {"name": "Dear goods stay", "effect": "never", "when": {"kinds": ["store"], "value_from_minor": 2_000}},
    ]
    drafted = (await client.post("/api/routing/rulesets", json={"name": "Rules", "rules": rules})).json()
    headers = {"If-Match": f'"{drafted["version"]}"'}
    await client.post(f"/api/routing/rulesets/{drafted['number']}/publish", headers=headers)
    there = {"channel": "web", "sku": ["CUP", "MUG"], "country": "SI", "postal_code": "1000"}
    cup, mug = (await client.get("/api/promises/page", params=there)).json()["variants"]
    assert cup["delivery"] is not None
    assert mug["delivery"] is None


@pytest.mark.parametrize(
    "when", [{"value_from_minor": 3_000}, {"value_from_minor": 3_000, "categories": ["household"]}]
)
async def test_an_amendment_and_a_hold_are_routed_by_what_the_whole_order_is(
    db: Database, client: httpx.AsyncClient, when: dict
) -> None:
    shop = await make_shop(db)
    await put_into_categories(db, shop)
    await publish(client, when)
    order = await place(client, line("CUP", 1))
    change = {"amendment_id": new_id(), "lines": [{"line_no": 1, "quantity": 3}]}
    answer = await client.post(f"/api/orders/{order['order_id']}/amendments", json=change)
    assert answer.status_code == 201, answer.text
    (grown,) = answer.json()["lines"]
    assert {each["location"]: each["quantity"] for each in grown["allocations"]} == {"WH": 1, "LJ": 2}
    cart = await client.post("/api/carts", json={"channel": "web", "lines": [line("CUP", 3)]})
    assert cart.status_code == 201, cart.text
    held = await client.post(f"/api/carts/{cart.json()['cart_id']}/hold")
    assert held.status_code < 300, held.text
    assert await shop.level("CUP", "LJ") == (10, 5)
    # Held anew, the cart's own units are free for it.
    assert (await client.post(f"/api/carts/{cart.json()['cart_id']}/hold")).status_code < 300
    assert await shop.level("CUP", "LJ") == (10, 5)
    await shop.all_sound()


async def test_an_amendment_may_have_the_units_that_it_gives_up(db: Database, client: httpx.AsyncClient) -> None:
    shop = await make_shop(db, stock=0)
    await shop.stock("CUP", "LJ", 2)
    order = await place(client, line("CUP", 2))
    change = {"amendment_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}], "add": [line("CUP", 1, pickup("LJ"))]}
    answer = await client.post(f"/api/orders/{order['order_id']}/amendments", json=change)
    assert answer.status_code == 201, answer.text
    assert await shop.level("CUP", "LJ") == (2, 2)
    await shop.all_sound()
