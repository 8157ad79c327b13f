"""Amending orders through HTTP: one set of changes, all of them or none."""

import asyncio

import httpx
import pytest

from factories.orders import SHIP_TO, Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


async def amend(client: httpx.AsyncClient, order: dict, status: int = 201, **changes: object) -> dict:
    body = {"amendment_id": new_id(), **changes}
    answer = await client.post(f"/api/orders/{order['order_id']}/amendments", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_more_fewer_and_other_lines_in_one_step(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 2), line("MUG", 3))
    after = await amend(
        client,
        order,
        lines=[{"line_no": 1, "quantity": 4}, {"line_no": 2, "quantity": 0}],
        add=[line("COAT", 1, pickup("MB"))],
    )
    assert [(x["sku"], x["quantity"] - x["quantity_cancelled"]) for x in after["lines"]] == [
        ("CUP", 4),
        ("MUG", 0),
        ("COAT", 1),
    ]
    assert after["total"]["amount_minor"] == 4 * 1220 + 9999
    assert await shop.level("CUP", "WH") == (10, 4)
    assert await shop.level("MUG", "WH") == (10, 0)
    assert await shop.level("COAT", "MB") == (10, 1)
    assert (await client.get(f"/api/orders/{order['order_id']}")).json() == after
    await shop.all_sound()


async def test_sent_again_it_is_the_same_amendment(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 2))
    body = {"amendment_id": new_id(), "add": [line("MUG")]}
    url = f"/api/orders/{order['order_id']}/amendments"
    first = (await client.post(url, json=body)).json()
    assert (await client.post(url, json=body)).json() == first
    other = await client.post(url, json={**body, "add": [line("COAT")]})
    assert other.json()["type"] == "urn:kanava:problem:change-exists"


async def test_what_was_bought_keeps_its_price_and_added_units_cost_what_they_cost_now(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    order = await place(client, line("CUP", 2))
    await shop.set_price("CUP", 1500)
    after = await amend(client, order, lines=[{"line_no": 1, "quantity": 3}])
    assert [(x["quantity"], x["unit_price"]["amount_minor"]) for x in after["lines"]] == [(2, 1220), (1, 1500)]
    assert after["total"]["amount_minor"] == 2 * 1220 + 1500
    fewer = await amend(client, order, lines=[{"line_no": 1, "quantity": 1}])
    assert fewer["total"]["amount_minor"] == 1220 + 1500
    await shop.all_sound()


async def test_added_units_reach_the_break_with_what_stands(client: httpx.AsyncClient, shop: Shop) -> None:
    await shop.set_price("CUP", 1000, quantity_from=5)
    order = await place(client, line("CUP", 4))
    after = await amend(client, order, add=[line("CUP", 1)])
    assert [x["unit_price"]["amount_minor"] for x in after["lines"]] == [1220, 1000]


async def test_nothing_is_changed_when_one_line_is_short(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 2))
    problem = await amend(
        client, order, 409, lines=[{"line_no": 1, "quantity": 1}], add=[line("MUG", 11, pickup("MB"))]
    )
    assert problem["type"] == "urn:kanava:problem:insufficient-stock"
    assert problem["errors"][0]["field"] == "add[0].quantity"
    assert problem["lines"][0]["available"] == 10
    assert (await client.get(f"/api/orders/{order['order_id']}")).json() == order
    assert await shop.level("CUP", "WH") == (10, 2)
    await shop.all_sound()


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"add": [line("NOPE")]}, 422, "add[0].sku"),
        ({"add": [line("CUP", 1, pickup("WH"))]}, 422, "add[0].fulfilment.location"),
        ({"add": [line("CUP", 1, unit_price_minor=1)]}, 422, "add[0].unit_price_minor"),
        ({"lines": [{"line_no": 1, "fulfilment": pickup("XX")}]}, 422, "lines[0].fulfilment.location"),
        (
            {"lines": [{"line_no": 1, "fulfilment": {"kind": "carry_out", "location": "LJ"}}]},
            422,
            "lines[0].fulfilment.kind",
        ),
        ({"lines": [{"line_no": 1, "quantity": 1}, {"line_no": 1, "quantity": 1}]}, 422, "lines[1].line_no"),
        ({"lines": [{"line_no": 7, "quantity": 1}]}, 422, "lines[0].line_no"),
        ({"ship_to": {"country": "DE"}}, 422, "ship_to.country"),
    ],
)
async def test_errors_name_the_field_of_the_amendment(
    client: httpx.AsyncClient, shop: Shop, changes: dict, status: int, field: str
) -> None:
    order = await place(client, line("CUP", 2))
    problem = await amend(client, order, status, **changes)
    assert problem["errors"][0]["field"] == field
    await shop.all_sound()


async def test_from_shipping_to_pickup_and_back(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 2))
    there = await amend(client, order, lines=[{"line_no": 1, "fulfilment": pickup("LJ")}])
    assert there["lines"][0]["fulfilment"] == pickup("LJ")
    assert (await shop.level("CUP", "WH"), await shop.level("CUP", "LJ")) == ((10, 0), (10, 2))
    kept = there["lines"][0]["allocations"]
    curbside = {"kind": "curbside", "location": "LJ"}
    same = await amend(client, order, lines=[{"line_no": 1, "fulfilment": curbside}])
    assert same["lines"][0]["allocations"] == kept, "units that are there already stay where they are"
    other = await amend(client, order, lines=[{"line_no": 1, "fulfilment": pickup("MB"), "quantity": 3}])
    assert await shop.level("CUP", "MB") == (10, 3)
    assert other["lines"][0]["quantity"] == 3
    back = await amend(client, order, lines=[{"line_no": 1, "fulfilment": {"kind": "ship"}, "quantity": 1}])
    assert back["lines"][0]["allocations"][0]["location"] == "WH"
    assert await shop.level("CUP", "WH") == (10, 1)
    await shop.all_sound()


async def test_the_rest_of_a_partly_shipped_line_moves_on_a_line_of_its_own(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    order = await place(client, line("CUP", 3))
    await client.post(
        f"/api/orders/{order['order_id']}/fulfilments",
        json={"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}]},
    )
    after = await amend(client, order, lines=[{"line_no": 1, "fulfilment": pickup("MB")}])
    assert [(x["quantity"], x["quantity_fulfilled"], x["fulfilment"]["kind"]) for x in after["lines"]] == [
        (1, 1, "ship"),
        (2, 0, "pickup"),
    ]
    assert after["total"] == order["total"]
    abroad = await amend(
        client, order, lines=[{"line_no": 2, "fulfilment": {"kind": "ship"}}], ship_to={**SHIP_TO, "country": "HR"}
    )
    assert [x["tax_rate_basis_points"] for x in abroad["lines"]] == [2200, 2500]
    await shop.all_sound()


async def test_address_and_contact(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 3), customer={"email": "old@example.com", "name": "Ana"})
    await client.post(
        f"/api/orders/{order['order_id']}/fulfilments",
        json={"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}]},
    )
    after = await amend(
        client,
        order,
        customer={"email": "new@example.com", "phone": "+386 1"},
        ship_to={"country": "HR", "city": "Zagreb"},
    )
    assert after["customer"] == {"email": "new@example.com", "name": "Ana", "phone": "+386 1", "group": None}
    assert after["ship_to"]["city"] == "Zagreb"
    assert [(x["quantity"], x["tax_rate_basis_points"]) for x in after["lines"]] == [(1, 2200), (2, 2500)]
    assert after["total"] == order["total"], "prices contain the tax"
    audit = (await client.get("/api/audit", params={"subject": "order"})).json()["items"]
    assert "new@example.com" not in str(audit)
    await shop.all_sound()


async def test_goods_taken_along_are_added_as_sold(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 1), channel="till")
    after = await amend(client, order, add=[line("MUG", 2, {"kind": "carry_out", "location": "LJ"})])
    assert after["fulfilment_status"] == "partly_fulfilled"
    assert await shop.level("MUG", "LJ") == (8, 0)
    await shop.all_sound()


async def test_two_amendments_race_for_the_last_unit_and_one_is_told(client: httpx.AsyncClient, shop: Shop) -> None:
    orders = [await place(client, line("MUG", 1, pickup("MB"))) for _ in range(4)]
    answers = await asyncio.gather(
        *[
            client.post(
                f"/api/orders/{order['order_id']}/amendments",
                json={"amendment_id": new_id(), "lines": [{"line_no": 1, "quantity": 4}]},
            )
            for order in orders
        ]
    )
    assert sorted(a.status_code for a in answers) == [201, 201, 409, 409]
    assert await shop.level("MUG", "MB") == (10, 10)
    await shop.all_sound()
