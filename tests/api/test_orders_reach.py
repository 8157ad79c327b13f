"""Whoever is bound to places changes orders that concern them, and no page shows her all of the retailer."""

import httpx
import pytest
from test_web_store import Phone

from factories.fulfilments import associate_at, followed
from factories.orders import Shop, line, make_shop, new_id, pickup, place
from kanava.engagement.telling import CONSUMER
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from tests_support import settled

pytestmark = pytest.mark.anyio
EVERYTHING = ("orders", "customers", "attention", "messages")


@pytest.fixture
async def shop(db: Database) -> Shop:
    """Two stores of which one serves no channel."""
    shop = await make_shop(db)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM channel_location WHERE location_id = $1", shop.locations["MB"])
    return shop


async def test_an_order_is_changed_at_the_places_that_serve_it(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    here = await associate_at(db, shop.locations["LJ"])
    away = await associate_at(db, shop.locations["MB"])
    order = await place(client, line("CUP", 2, pickup("LJ")), line("MUG", 1))
    path = f"/api/orders/{order['order_id']}"
    for verb, body in (
        ("cancel", {"cancellation_id": new_id()}),
        ("hold", {"reason": "mine"}),
        ("amendments", {"amendment_id": new_id(), "customer": {"name": "Eve"}}),
    ):
        refused = await client.post(f"{path}/{verb}", json=body, headers=away)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "location"), (verb, refused.text)
    assert (await client.get(path, headers=away)).json() == order
    body = {"cancellation_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}]}
    assert (await client.post(f"{path}/cancel", json=body, headers=here)).status_code == 200
    # What was taken away from her place is hers to explain, and to cancel.
    rest = {"cancellation_id": new_id(), "lines": [{"line_no": 1}]}
    assert (await client.post(f"{path}/cancel", json=rest, headers=here)).status_code == 200
    assert (await client.post(f"{path}/hold", json={"reason": "late"}, headers=here)).status_code == 200


async def test_the_store_app_offers_what_would_be_taken(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP", 2, pickup("LJ")))
    await followed(db)
    path = f"orders/{order['order_id']}"
    for location, offered in (("MB", False), ("LJ", True)):
        phone = Phone(client, await associate_at(db, shop.locations[location]), location)
        assert (f'href="/store/{path}/cancel"' in await phone.sees(path)) is offered
        assert ('name="everything"' in await phone.sees(f"{path}/cancel")) is offered
        await phone.sends(f"{path}/cancel", 303 if offered else 403, cancellation_id=new_id(), units_1="1")
    # The place has not heard of it yet; the page says what is so already.
    assert (await phone.sees(path)).count("× 1<") == 2


async def test_a_message_is_sent_again_at_the_places_that_serve_its_order(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await drain(db, [CONSUMER])  # It takes what happens from now on.
    order = await place(client, line("CUP", 2, pickup("LJ")), customer={"email": "maja@example.com"})
    await settled(db)
    await drain(db, [CONSUMER])
    told = await client.get("/api/messages", params={"order_id": order["order_id"]})
    (message,) = told.json()["items"]
    path = f"/api/messages/{message['message_id']}/send-again"
    here = await associate_at(db, shop.locations["LJ"], "service_agent")
    away = await associate_at(db, shop.locations["MB"], "service_agent")
    refused = await client.post(path, headers=away)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "location")
    assert (await client.post(path, headers=here)).status_code == 409, "it waits to be sent already"


async def test_pages_of_all_places_are_for_those_who_work_for_all(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await place(client, line("CUP"), customer={"email": "maja@example.com"})
    token = (await associate_at(db, shop.locations["LJ"], "store_manager"))["Authorization"].removeprefix("Bearer ")
    headers = {"cookie": f"kanava_staff={token}", "sec-fetch-site": "same-origin"}
    sent = await client.get("/console", headers=headers)
    assert (sent.status_code, sent.headers["location"]) == (303, "/store")
    for name in (*EVERYTHING, f"orders/{order['order_id']}"):
        assert (await client.get(f"/console/{name}", headers=headers)).status_code == 403, name
    form = {"reason": "mine"}
    held = await client.post(f"/console/orders/{order['order_id']}/hold", data=form, headers=headers)
    assert held.status_code == 403
    page = await client.get("/console/locations/LJ", headers=headers)
    assert page.status_code == 200
    assert not [name for name in EVERYTHING if f'href="/console/{name}"' in page.text]
    assert "/console/orders?location=" not in page.text, "no button leads to what she may not open"
    found = await client.get("/console/search", params={"q": "maja@example.com"}, headers=headers)
    assert str(order["number"]) not in found.text
