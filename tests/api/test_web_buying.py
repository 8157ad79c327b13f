"""Buying on the pages of the shop: cart, checkout, the page of an order; without scripts, as a guest."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from factories.carriers import make_carrier, service, zone
from factories.fulfilments import fulfilments_of, picked
from factories.orders import Shop, make_shop
from factories.policies import give_account
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.platform.ids import uuid7

pytestmark = pytest.mark.anyio
ORIGIN = {"Origin": "http://kanava.test"}
EVIL = "\"><script>alert('x')</script>"
WHO = {
    "name": "Ana Novak",
    "email": "ana@example.com",
    "phone": "040 123 456",
    "street": "Cesta 1",
    "postal_code": "1000",
    "city": "Ljubljana",
}
SURE = {"payment": "on_receipt", "terms": "yes", "action": "place"}


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


class Shopper:
    """Somebody with a browser and no scripts."""

    def __init__(self, client: httpx.AsyncClient, base: str = "/si/en") -> None:
        client.cookies.clear()
        self.client, self.base = client, base

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(self.base + path)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    async def post(self, path: str, status: int = 303, **form: Any) -> httpx.Response:
        answer = await self.client.post(self.base + path, data=form, headers=ORIGIN)
        assert answer.status_code == status, answer.text
        return answer

    async def add(self, sku: str, quantity: int = 1, kind: str = "ship", location: str = "") -> None:
        await self.post("/cart/lines", sku=sku, quantity=str(quantity), kind=kind, location=location)

    async def checkout(self) -> dict[str, str]:
        """Go on to the checkout and give its hidden fields."""
        assert (await self.post("/cart/checkout")).headers["location"] == f"{self.base}/checkout"
        return hidden(await self.get("/checkout"))

    async def order(self, **more: str) -> str:
        """Place what is in the cart; give the path of the order's page, below the base."""
        fields = await self.checkout()
        answer = await self.post("/checkout", **(fields | WHO | SURE | more))
        return urlsplit(answer.headers["location"]).path.removeprefix(self.base)


def hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


async def orders(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/orders")).json()["items"]
    return found


async def test_a_guest_orders_with_two_hand_overs_and_never_twice(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 2)
    await ana.add("MUG", 1, "pickup", "MB")
    cart = await ana.get("/cart")
    assert "€48.80" in cart
    assert "2 items in the cart" not in cart
    fields = await ana.checkout()
    form = fields | WHO | SURE
    first = await ana.post("/checkout", **form)
    here = urlsplit(first.headers["location"]).path
    for again in (
        await ana.post("/checkout", **form),
        await ana.post("/checkout", **(form | {"order_id": str(uuid7()), "phone": "041 222 333"})),
        await client.get("/si/en/checkout"),
    ):
        assert (again.status_code, urlsplit(again.headers["location"]).path) == (303, here)
    (order,) = await orders(client)
    assert order["total"]["amount_minor"] == 2 * 1220 + 2440
    assert order["customer"] == {
        "email": "ana@example.com",
        "name": "Ana Novak",
        "phone": "+38640123456",
        "group": None,
    }
    assert order["payments"][0]["method"] == "on_delivery"
    assert order["payment_status"] == "authorised"
    page = await ana.get(here.removeprefix("/si/en"))
    assert f"Order {order['number']}" in page
    assert "Your cart is empty" in await ana.get("/cart")
    await ana.add("CUP")
    assert "€12.20" in await ana.get("/cart")
    await shop.all_sound()


async def test_the_day_and_the_price_of_a_delivery_are_chosen(client: httpx.AsyncClient, shop: Shop) -> None:
    await make_carrier(client, home=service())
    await give_account(shop.db, "web")
    ana = Shopper(client)
    await ana.add("CUP")
    fields = await ana.checkout()
    assert fields["total"] == ""
    answer = await ana.post("/checkout", 200, **(fields | WHO | {"action": "options"}))
    fields = hidden(answer.text)
    assert fields["total"] == str(1220 + 490)
    assert 'value="Ana Novak"' in answer.text
    missing = await ana.post("/checkout", 422, **(fields | WHO | SURE))
    assert "Please choose how the goods are to be delivered." in missing.text
    await ana.post("/checkout", **(fields | WHO | SURE | {"delivery": "home", "payment": "bank_transfer"}))
    (order,) = await orders(client)
    assert order["delivery"]["total"]["amount_minor"] == 490
    assert (order["payment_status"], order["payments"][0]["method"]) == ("unpaid", "bank_transfer")


async def test_what_is_missing_is_said_and_what_was_typed_stays(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP")
    fields = await ana.checkout()
    answer = await ana.post("/checkout", 422, **(fields | dict.fromkeys([*WHO, "delivery", "payment"], EVIL)))
    assert "<script>alert" not in answer.text
    page = unescape(answer.text)
    assert page.count(f'value="{EVIL}"') >= 5
    for words in (
        "e-mail address, such as",
        "not a telephone number",
        "not a postal code",
        "how you would like to pay",
    ):
        assert words in page
    assert await orders(client) == []
    await ana.post("/cart/lines", 422, sku=EVIL, quantity=EVIL, kind="ship")


async def test_what_sold_out_between_is_said_at_its_line_and_nothing_is_lost(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    ana = Shopper(client)
    await ana.add("MUG", 4, "pickup", "LJ")
    fields = await ana.checkout()
    async with db.transaction() as tx:  # Time passes, the hold is over, and somebody else buys them.
        past = clock.now() - timedelta(seconds=1)
        await tx.execute("UPDATE reservation SET expires_at = $1", past)
        await tx.execute("UPDATE cart SET hold_expires_at = $1", past)
    body = {
        "order_id": str(uuid7()),
        "channel": "web",
        "lines": [{"sku": "MUG", "quantity": 8, "fulfilment": {"kind": "pickup", "location": "LJ"}}],
    }
    assert (await client.post("/api/orders", json=body)).status_code == 201
    answer = await ana.post("/checkout", 409, **(fields | WHO | SURE))
    assert "not kept any longer" in answer.text
    assert "Only 2 can be had this way" in answer.text
    assert 'value="Ana Novak"' in answer.text
    assert hidden(answer.text)["order_id"] == fields["order_id"]
    assert len(await orders(client)) == 1
    assert "Only 2 of them are left" in await ana.get("/cart")
    await ana.post("/cart/lines/1", quantity="2", hand_over="pickup:LJ")
    await ana.order()
    await shop.all_sound()


async def test_what_the_cart_holds_is_deliverable_to_it_alone(client: httpx.AsyncClient, shop: Shop) -> None:
    await make_carrier(client, home=service())
    ana = Shopper(client)
    await ana.add("CUP", 20)  # All that can be shipped, of both places.
    fields = await ana.checkout()
    asked = fields | WHO | {"action": "options"}
    shown = hidden((await ana.post("/checkout", 200, **asked)).text)
    assert int(shown["total"]) > 20 * 1220
    mine = dict(client.cookies)
    eve = Shopper(client)
    await eve.add("CUP", 1)
    assert (await eve.post("/cart/checkout")).headers["location"].endswith("notice=short")
    assert "cannot be delivered" in (await eve.post("/checkout", 200, **asked)).text
    client.cookies.update(mine)
    await ana.post("/checkout", **(asked | shown | SURE | {"delivery": "home"}))
    assert (await orders(client))[0]["total"]["amount_minor"] == int(shown["total"])
    await shop.all_sound()


async def test_a_product_withdrawn_during_the_checkout_is_named_there_and_taken_out_there(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    await make_carrier(client, home=service())
    ana = Shopper(client)
    await ana.add("CUP", 1)
    await ana.add("MUG", 1)
    fields = await ana.checkout()
    fields = hidden((await ana.post("/checkout", 200, **(fields | WHO | {"action": "options"}))).text)
    typed = fields | WHO | SURE | {"delivery": "home"}
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET status = 'archived' WHERE sku = 'CUP'")
    answer = await ana.post("/checkout", 409, **typed)
    assert "Not sold here any more." in answer.text
    assert "cannot be delivered" not in answer.text
    assert 'href="#line-1"' in answer.text
    assert re.search(r'id="problem"[^>]*tabindex="-1"[^>]*autofocus', answer.text)
    assert 'value="home"' in answer.text, "the rest can be delivered, and she sees how"
    answer = await ana.post("/checkout", 200, **(typed | {"action": "remove:1"}))
    page = unescape(answer.text)
    assert "Not sold here any more." not in page
    assert 'value="Cesta 1"' in page
    assert "1 item in the cart" in page
    await ana.post("/checkout", **(typed | hidden(page)))
    (order,) = await orders(client)
    assert [line["sku"] for line in order["lines"]] == ["MUG"]
    await shop.all_sound()


async def test_enter_in_a_field_takes_nothing_out(client: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 1, "pickup", "LJ")
    await ana.add("MUG", 1, "pickup", "LJ")
    fields = await ana.checkout()
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET status = 'archived' WHERE sku IN ('CUP', 'MUG')")
    page = (await ana.post("/checkout", 200, **(fields | WHO | SURE | {"action": "remove:1"}))).text
    pressed = re.findall(r'<button[^>]*name="action" value="([^"]*)"', page)
    assert pressed[0] == "options", "the first button of a form is the one that Enter presses"
    assert "remove:2" in pressed


async def test_what_is_sold_out_is_not_said_to_be_undeliverable_there(client: httpx.AsyncClient, shop: Shop) -> None:
    await make_carrier(client, home=service())
    ana = Shopper(client)
    await ana.add("CUP")
    fields = hidden(await ana.get("/checkout"))
    body = {
        "order_id": str(uuid7()),
        "channel": "web",
        "ship_to": {"country": "SI", "postal_code": "1000"},
        "lines": [{"sku": "CUP", "quantity": 20}],
    }
    assert (await client.post("/api/orders", json=body)).status_code == 201
    answer = await ana.post("/checkout", 422, **(fields | WHO | SURE))
    assert "cannot be delivered right now" in answer.text
    assert "cannot be delivered there" not in answer.text


async def test_a_cart_that_is_gone_during_the_checkout_is_said_to_be(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 2)
    fields = await ana.checkout()
    del client.cookies["kanava_cart"]
    answer = await ana.post("/checkout", **(fields | WHO | SURE))
    assert answer.headers["location"] == "/si/en/cart?notice=lost"
    page = unescape((await client.get(answer.headers["location"])).text)
    assert "What was in your cart is gone: we keep a cart for 30 days" in page
    assert "2 items in the cart" not in page
    assert (await ana.post("/cart/checkout")).headers["location"].endswith("/cart?notice=lost")


async def test_another_delivery_than_the_one_shown_is_no_changed_price(client: httpx.AsyncClient, shop: Shop) -> None:
    dearer = {"weight_grams_up_to": 10_000, "cost_minor": 310, "prices": {"EUR": 990}}
    await make_carrier(client, home=service(), fast=service("address", zone(rates=[dearer])))
    ana = Shopper(client)
    await ana.add("CUP")
    fields = hidden((await ana.post("/checkout", 200, **(await ana.checkout() | WHO | {"action": "options"}))).text)
    assert fields["seen"] == "home"
    chosen = WHO | SURE | {"delivery": "fast"}
    answer = await ana.post("/checkout", 409, **(fields | chosen))
    assert "With the delivery that you chose it costs €22.10." in answer.text
    assert "A price has changed" not in answer.text
    await ana.post("/checkout", **(hidden(answer.text) | chosen))
    (order,) = await orders(client)
    assert order["total"]["amount_minor"] == 1220 + 990


async def test_what_is_missing_leads_to_its_field(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP")
    page = unescape((await ana.post("/checkout", 422, **(await ana.checkout() | SURE | {"terms": ""}))).text)
    wrong = page[page.index('id="problem"') :].partition("</ul>")[0]
    for name in ("name", "email", "phone", "street", "city", "postal_code", "terms"):
        assert f'href="#{name}"' in wrong
        assert f'id="{name}"' in page


async def test_the_sums_of_an_order_add_up_on_its_page_and_its_parts_keep_their_places(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    await make_carrier(client, home=service())
    ana = Shopper(client)
    await ana.add("CUP", 1)
    await ana.add("MUG", 1, "pickup", "MB")
    await ana.add("MUG", 1, "curbside", "LJ")
    fields = await ana.checkout()
    fields = hidden((await ana.post("/checkout", 200, **(fields | WHO | {"action": "options"}))).text)
    answer = await ana.post("/checkout", **(fields | WHO | SURE | {"delivery": "home"}))
    here = urlsplit(answer.headers["location"]).path.removeprefix("/si/en")
    before = await ana.get(here)
    for amount in ("€61.00", "€4.90", "€65.90"):
        assert f"<dd>{amount}</dd>" in before, re.findall("<dd>.*</dd>", before)
    await fulfilments_of(client, db, (await orders(client))[0])
    kinds = [re.findall(r"#icon-(truck|store|car)\"", page) for page in (before, await ana.get(here))]
    assert kinds[0] == kinds[1]
    ways = re.findall(r'id="part-\d+".*?<span>(\w+)', await ana.get(here), re.DOTALL)
    assert ways == ["Delivery", "Collect", "To"]


async def test_another_price_is_shown_before_anything_is_ordered(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 1, "pickup", "LJ")
    fields = await ana.checkout()
    await shop.set_price("CUP", 1500)
    answer = await ana.post("/checkout", 409, **(fields | WHO | SURE))
    assert "A price has changed" in answer.text
    assert await orders(client) == []
    assert "The price was €12.20 when you put it in." in await ana.get("/cart")
    await ana.post("/checkout", **(hidden(answer.text) | WHO | SURE))
    assert (await orders(client))[0]["total"]["amount_minor"] == 1500


async def test_a_product_that_is_gone_is_taken_out_and_back(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 2)
    await ana.add("MUG", 3)
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET status = 'archived' WHERE sku = 'CUP'")
    assert "not sold here any more" in await ana.get("/cart")
    assert (await ana.post("/cart/checkout")).headers["location"].endswith("/cart?notice=short")
    assert (await client.get("/si/en/checkout")).headers["location"] == "/si/en/cart"
    gone = await ana.post("/cart/lines/2", action="remove")
    back = hidden((await client.get(gone.headers["location"])).text)
    assert back == {"sku": "MUG", "quantity": "3", "kind": "ship", "location": "", "action": "remove"}
    await ana.post("/cart/lines", **back)
    await ana.post("/cart/lines/1", action="remove")
    await ana.order()
    assert (await orders(client))[0]["lines"][0]["quantity"] == 3
    assert (await ana.post("/cart/lines", sku="CUP")).headers["location"].endswith("notice=refused")


async def test_a_cart_goes_along_to_another_market(client: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("""INSERT INTO channel (code, kind, name, country, currency, language, price_list_id)
            SELECT 'web-hr', 'web', 'HR', 'HR', 'EUR', 'hr', price_list_id FROM price_list""")
        await tx.execute("""INSERT INTO channel_location (channel_id, location_id)
            SELECT channel_id, location_id FROM channel, location WHERE channel.code = 'web-hr'""")
    ana = Shopper(client)
    await ana.add("CUP", 2)
    ana.base = "/hr/en"
    assert "€24.40" in await ana.get("/cart")
    await ana.order(postal_code="10000", phone="091 234 5678")
    assert (await orders(client))[0]["channel"] == "web-hr"


async def test_only_the_link_opens_an_order(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 2)
    here = await ana.order()
    path, token = here.rsplit("/", 1)
    client.cookies.clear()
    page = await ana.get(here)
    assert "noindex" in page
    assert "Cancel this order" in page
    told = {"": set(), "/code": set()}
    for other in (f"{path}/{token[:-1]}_", f"/orders/{uuid4()}/{token}", f"{path}/x", f"{path}/%C5%BE"):
        for tail, texts in told.items():
            text = await ana.get(other + tail + (f"/{uuid4()}" if tail else ""), 404)
            texts.add(re.sub(r"<code>.*</code>|/orders/[^\"]*", "", text))
        await ana.post(f"{other}/cancel", 404, sure="yes")
    assert [len(texts) for texts in told.values()] == [1, 1]
    assert (await client.get("/si/en" + here + "/cancel")).status_code == 405
    assert (await client.get(f"/o{path.removeprefix('/orders')}/{token}?in=pl")).headers["location"] == "/si/pl" + here


async def test_an_order_is_cancelled_once_and_only_when_sure(client: httpx.AsyncClient, shop: Shop) -> None:
    ana = Shopper(client)
    await ana.add("CUP", 2)
    here = await ana.order()
    form = hidden(await ana.get(here))
    assert (await ana.post(f"{here}/cancel", **form)).headers["location"].endswith("notice=unsure#cancel")
    for _ in range(2):
        assert (await ana.post(f"{here}/cancel", **form, sure="yes")).headers["location"].endswith("notice=cancelled")
    assert "This order is cancelled." in await ana.get(here)
    late = {"cancellation_id": str(uuid7()), "sure": "yes"}
    assert (await ana.post(f"{here}/cancel", **late)).headers["location"].endswith("notice=too_late")
    await shop.all_sound()


async def test_goods_brought_to_the_car(client: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    ana = Shopper(client)
    await ana.add("MUG", 1, "curbside", "LJ")
    here = await ana.order()
    (order,) = await orders(client)
    (opened,) = await fulfilments_of(client, db, order)
    form = {"fulfilment_id": opened["fulfilment_id"]}
    assert (await ana.post(f"{here}/here", **form)).headers["location"].endswith("notice=not_ready")
    await picked(client, db, order)
    staged = {"staging_id": str(uuid7()), "bay": "K1"}
    await client.post(f"/api/fulfilments/{form['fulfilment_id']}/stage", json=staged)
    shown = await client.get(f"/api/orders/{order['order_id']}/fulfilments/{form['fulfilment_id']}/collection-pass")
    assert shown.json()["code"] in await ana.get(here)
    picture = await client.get(f"/si/en{here}/code/{form['fulfilment_id']}")
    assert (picture.headers["content-type"], picture.content[:5]) == ("image/svg+xml", b"<?xml")
    assert (await ana.post(f"{here}/coming", **form, minutes="15")).headers["location"].endswith("notice=coming")
    assert (await ana.post(f"{here}/here", **form, bay=EVIL[:40])).headers["location"].endswith("notice=here")
    (waiting,) = (await client.get("/api/locations/LJ/curbside")).json()["items"]
    assert waiting["parking_bay"] == EVIL[:40]
    assert "<script>" not in (await client.get(f"/si/en{here}")).text.replace('<script type="module"', "")


async def test_finding_an_order_tells_nobody_whether_it_exists(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    ana = Shopper(client)
    await ana.add("CUP")
    await ana.order()
    number = str((await orders(client))[0]["number"])
    told = set()
    for asked in ((number, "ANA@example.com"), (number, "eve@example.com"), ("999999", "ana@example.com")):
        told.add((await ana.post("/orders", number=asked[0], email=asked[1])).headers["location"])
    assert told == {"/si/en/orders?sent=1"}
    assert "look into your mailbox" in await ana.get("/orders?sent=1")
    async with db.connection() as connection:
        rows = await connection.fetch("SELECT recipient FROM message WHERE kind = 'order_link'")
    assert [row["recipient"] for row in rows] == ["ana@example.com"]
    assert "the number of the order" in unescape((await ana.post("/orders", 422, number="12a", email=EVIL)).text)
    for _ in range(4):
        await ana.post("/orders", number=number, email="eve@example.com")
    await ana.post("/orders", 429, number=number, email="eve@example.com")
    await ana.post("/orders", number=number, email="ana@example.com")


async def test_the_browser_keeps_a_part_of_a_page_apart_from_the_page(client: httpx.AsyncClient, shop: Shop) -> None:
    whole = await client.get("/si/en/cart")
    part = await client.get("/si/en/cart", headers={"HX-Request": "true"})
    assert ("<html" in whole.text, "<html" in part.text) == (True, False)
    for answer in (whole, part):
        assert "HX-Request" in answer.headers["vary"]


async def test_a_form_of_another_site_is_refused(client: httpx.AsyncClient, shop: Shop) -> None:
    for path in ("/cart/lines", "/cart/checkout", "/checkout", "/orders"):
        answer = await client.post("/si/en" + path, data={"sku": "CUP"}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
