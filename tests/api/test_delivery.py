"""The delivery that a customer chose is charged with her order, and only that one."""

import httpx
import pytest

from factories.carriers import POINT, make_carrier, put, service
from factories.orders import SHIP_TO, Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio

HOME = {"carrier_service": "post-home"}
LOCKER = {"carrier_service": "post-locker"}


@pytest.fixture
async def shop(db: Database, client: httpx.AsyncClient) -> Shop:
    shop = await make_shop(db)
    await make_carrier(client, post_home=service(), post_locker=service("pickup_point"))
    await make_carrier(client, "swift")
    abroad, closed = {"code": "P-HR", "country": "HR"}, {"code": "P-SHUT", "active": False}
    await put(client, "/api/carriers/post/pickup-points", {"points": [POINT, POINT | abroad, POINT | closed]})
    await put(client, "/api/carriers/swift/pickup-points", {"points": [POINT | {"code": "S-1"}]})
    return shop


async def test_it_is_part_of_the_total_and_goes_when_nothing_is_brought(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 2), line("MUG", 1, pickup("LJ")), delivery=HOME)
    assert order["delivery"]["total"]["amount_minor"] == 490
    assert order["delivery"]["tax"]["amount_minor"] == 88, "22 % within 4.90, as the goods it brings"
    assert order["total"]["amount_minor"] == 2 * 1220 + 2440 + 490
    assert order["promises"][0]["carrier_service"] == "post-home"
    url = f"/api/orders/{order['order_id']}"
    assert (await client.get(url)).json()["delivery"] == order["delivery"]
    answer = await client.post(f"{url}/cancel", json={"cancellation_id": new_id(), "lines": [{"line_no": 1}]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"]["amount_minor"] == 2440
    assert answer.json()["delivery"]["total"]["amount_minor"] == 0
    await shop.all_sound()


async def test_a_pickup_point_is_looked_up_among_those_of_its_carrier(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP"), delivery=LOCKER | {"pickup_point": "P-1"})
    assert order["delivery"]["pickup_point"] == "P-1"
    await shop.all_sound()


async def test_an_order_that_chooses_none_pays_none(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP"))
    assert order["delivery"] is None
    assert order["total"]["amount_minor"] == 1220
    assert order["promises"][0]["carrier_service"] == "post-home", "the retailer chooses"
    await shop.all_sound()


@pytest.mark.parametrize(
    ("delivery", "field"),
    [
        ({"carrier_service": "nobody"}, "delivery.carrier_service"),
        ({"carrier_service": "post-locker"}, "delivery.pickup_point"),
        ({**HOME, "pickup_point": "P-1"}, "delivery.pickup_point"),
        ({**LOCKER, "pickup_point": "P-9"}, "delivery.pickup_point"),
        ({**LOCKER, "pickup_point": "S-1"}, "delivery.pickup_point"),
        ({**LOCKER, "pickup_point": "P-SHUT"}, "delivery.pickup_point"),
        ({**LOCKER, "pickup_point": "P-HR"}, "delivery.pickup_point"),
        ({**HOME, "price_minor": 1}, "delivery.price_minor"),
    ],
)
async def test_what_is_not_offered_is_refused_by_name(
    client: httpx.AsyncClient, shop: Shop, delivery: dict, field: str
) -> None:
    body = {"order_id": new_id(), "channel": "web", "lines": [line("CUP")], "ship_to": SHIP_TO, "delivery": delivery}
    answer = await client.post("/api/orders", json=body)
    assert answer.status_code == 422, answer.text
    assert field in answer.text
    assert await shop.level("CUP", "WH") == (10, 0)


async def test_goods_that_are_fetched_have_no_delivery(client: httpx.AsyncClient, shop: Shop) -> None:
    body = {"order_id": new_id(), "channel": "web", "lines": [line("CUP", 1, pickup("LJ"))], "delivery": HOME}
    answer = await client.post("/api/orders", json=body)
    assert answer.status_code == 422, answer.text
    assert "Nothing in this order is shipped" in answer.text
