"""Purchase orders over HTTP."""

import httpx
import pytest

from factories.incoming import add_supplier, arrive, events, in_days, level, ordered, post, purchase, url
from factories.orders import Shop, make_shop, new_id
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    shop = await make_shop(db, stock=0)
    await add_supplier(db, shop)
    return shop


async def test_what_is_ordered_is_incoming_and_what_arrives_is_on_hand(client: httpx.AsyncClient, shop: Shop) -> None:
    new = purchase(("CUP", 10), ("MUG", 4), expected_on=in_days(7).isoformat(), reference="PO 17")
    draft = await post(client, "/api/purchase-orders", new, 201)
    assert (draft["state"], draft["supplier"], draft["location"], draft["reference"]) == ("draft", "SUP", "WH", "PO 17")
    assert await post(client, "/api/purchase-orders", new, 201) == draft, "sent again it is the same"
    assert await level(client, "CUP") == (0, 0, 0, 0)
    made = await post(client, url(new, "/order"))
    assert made["state"] == "ordered"
    assert made["ordered_at"]
    assert await post(client, url(new, "/order")) == made
    assert await level(client, "CUP") == (0, 0, 10, 0)

    arrival = {"arrival_id": new_id(), "lines": [{"sku": "CUP", "quantity": 6}]}
    part = await post(client, url(new, "/receive"), arrival)
    assert await post(client, url(new, "/receive"), arrival) == part, "told twice it arrives once"
    assert (part["state"], part["lines"][0]["quantity_received"]) == ("ordered", 6)
    assert await level(client, "CUP") == (6, 0, 4, 0)

    lines = [
        {"sku": "CUP", "quantity": 3, "missing": 1, "reason": "not_delivered"},
        {"sku": "MUG", "quantity": 4},
    ]
    done = await post(client, url(new, "/receive"), {"arrival_id": new_id(), "lines": lines})
    assert done["state"] == "received"
    assert done["received_at"]
    cup = done["lines"][0]
    assert (cup["quantity_received"], cup["quantity_missing"], cup["difference_reason"]) == (9, 1, "not_delivered")
    assert await level(client, "CUP") == (9, 0, 0, 0)
    assert await level(client, "MUG") == (4, 0, 0, 0)
    kinds = [row["kind"] for row in (await client.get("/api/stock/movements", params={"sku": "CUP"})).json()["items"]]
    assert kinds == ["receipt", "receipt", "purchase"]
    told = await events(client, "purchase_order.ordered", "purchase_order.received")
    assert [each["state"] for each in told] == ["ordered", "received"]
    await shop.all_sound()


async def test_what_does_not_fit_is_refused_by_field(client: httpx.AsyncClient, shop: Shop) -> None:
    async def refused(changes: dict, field: str) -> None:
        answer = await client.post("/api/purchase-orders", json={**purchase(("CUP", 1)), **changes})
        assert answer.status_code == 422, answer.text
        assert field in [error["field"] for error in answer.json()["errors"]]

    await refused({"supplier": "WH", "location": "LJ"}, "supplier")
    await refused({"supplier": "NOWHERE"}, "supplier")
    await refused({"location": "SUP"}, "location")
    await refused({"lines": [{"sku": "NONE", "quantity": 1}]}, "lines[0].sku")
    await refused({"lines": [{"sku": "CUP", "quantity": 1}, {"sku": "CUP", "quantity": 2}]}, "lines[1].sku")
    order = await ordered(client, ("CUP", 5))
    body = {**purchase(("CUP", 6)), "purchase_order_id": order["purchase_order_id"]}
    assert (await post(client, "/api/purchase-orders", body, 409))["type"].endswith("document-id-taken")
    for line, field in (
        ({"sku": "MUG", "quantity": 1}, "lines[0].sku"),
        ({"sku": "CUP", "quantity": 6}, "lines[0].quantity"),
        ({"sku": "CUP"}, "lines[0].quantity"),
        ({"sku": "CUP", "quantity": 1, "missing": 1}, "lines[0].reason"),
    ):
        answer = await post(client, url(order, "/receive"), {"arrival_id": new_id(), "lines": [line]}, 422)
        assert answer["errors"][0]["field"] == field
    await post(client, f"/api/purchase-orders/{new_id()}/order", None, 404)
    await shop.all_sound()


async def test_a_cancelled_order_is_incoming_no_more(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await ordered(client, ("CUP", 5))
    await arrive(client, order, "CUP", 2)
    assert (await post(client, url(order, "/cancel")))["state"] == "cancelled"
    assert await level(client, "CUP") == (2, 0, 0, 0)
    await post(client, url(order, "/cancel"))
    problem = await post(
        client, url(order, "/receive"), {"arrival_id": new_id(), "lines": [{"sku": "CUP", "quantity": 1}]}, 409
    )
    assert problem["type"] == "urn:kanava:problem:purchase-order-state-conflict"
    await shop.all_sound()


async def test_a_late_supplier_is_told_of_and_nobody_overwrites_another(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await ordered(client, ("CUP", 5), days=3)
    read = await client.get(url(order))
    etag = read.headers["etag"]
    later = {"expected_on": in_days(9).isoformat()}
    assert (await client.patch(url(order), json=later)).status_code == 428
    answer = await client.patch(url(order), json=later, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    assert answer.json()["expected_on"] == in_days(9).isoformat()
    assert (await client.patch(url(order), json=later, headers={"If-Match": etag})).status_code == 412
    sooner = {"expected_on": in_days(2).isoformat(), "reference": "PO 18"}
    await client.patch(url(order), json=sooner, headers={"If-Match": answer.headers["etag"]})
    (delayed,) = await events(client, "purchase_order.delayed")
    assert (delayed["expected_on_before"], delayed["expected_on"]) == (
        in_days(3).isoformat(),
        in_days(9).isoformat(),
    )
    assert len(await events(client, "purchase_order.changed")) == 1
    await shop.all_sound()


async def test_purchase_orders_are_found_by_state_supplier_place_sku_and_date(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await add_supplier(db, shop, "SUP2")
    first = await ordered(client, ("CUP", 5), days=3)
    second = await ordered(client, ("MUG", 5), days=10, location="LJ", supplier="SUP2")
    draft = purchase(("CUP", 1))
    await post(client, "/api/purchase-orders", draft, 201)

    async def found(**asked: object) -> list[str]:
        answer = await client.get("/api/purchase-orders", params=asked)
        assert answer.status_code == 200, answer.text
        return [each["purchase_order_id"] for each in answer.json()["items"]]

    ids = [each["purchase_order_id"] for each in (first, second, draft)]
    assert await found() == ids
    assert await found(state="ordered") == ids[:2]
    assert await found(supplier="SUP2") == [ids[1]]
    assert await found(location="WH") == [ids[0], ids[2]]
    assert await found(sku="MUG") == [ids[1]]
    assert await found(expected_until=in_days(4).isoformat()) == [ids[0]]
    page = (await client.get("/api/purchase-orders", params={"limit": 2})).json()
    assert await found(limit=2, cursor=page["next_cursor"]) == [ids[2]]


async def test_a_key_that_may_only_read_changes_nothing(client: httpx.AsyncClient, shop: Shop, make_api_key) -> None:
    order = await ordered(client, ("CUP", 5))
    headers = {"Authorization": f"Bearer {await make_api_key('stock:read')}"}
    assert (await client.get(url(order), headers=headers)).status_code == 200
    assert (await client.post(url(order, "/cancel"), headers=headers)).status_code == 403
