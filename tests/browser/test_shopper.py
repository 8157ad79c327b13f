"""A shopper: from the cart to her order, with delivery, pickup and curbside; with and without scripts."""

import re
import time
from collections.abc import Callable

import httpx

from factories.visitors import DESKTOP, PHONE, TABLET, Visitor

BASE = "/si/sl"


def find_goods(api: httpx.Client, channel: str) -> tuple[str, str]:
    """Give a sku that the channel sells with units to spare at a store that hands over to cars, and the store."""
    for place in api.get("/api/locations", params={"kind": "store", "country": "SI"}).json()["items"]:
        if not {"pickup", "curbside"} <= set(place["services"]):
            continue
        for level in api.get("/api/stock/levels", params={"location": place["code"], "limit": 200}).json()["items"]:
            if level["on_hand"] - level["reserved"] - level["safety_stock"] >= 8:
                wanted = {"channel": channel, "q": level["sku"], "in_stock": "true"}
                if api.get("/api/search/products", params=wanted).json()["exact"]:
                    return level["sku"], place["code"]
    raise AssertionError("no goods for this journey")


def web_channel(api: httpx.Client) -> str:
    """Give the code of the Slovenian web shop."""
    channels = api.get("/api/channels", params={"kind": "web"}).json()["items"]
    return next(str(each["code"]) for each in channels if each["country"] == "SI")


def puts_in(person: Visitor, sku: str, kind: str, location: str = "", base: str = BASE) -> None:
    """Send what the form of a product page sends."""
    answer = person.context.request.post(
        f"{person.url}{base}/cart/lines",
        form={"sku": sku, "quantity": "1", "kind": kind, "location": location},
        headers={"Origin": person.url},
    )
    assert answer.ok


def fills_in(person: Visitor) -> None:
    """Say who she is and where it goes."""
    for name, value in (
        ("name", "Žana Čuček"),
        ("email", "zana@example.com"),
        ("phone", "040 123 456"),
        ("street", "Slovenska cesta 1"),
        ("city", "Ljubljana"),
    ):
        person.page.locator(f"#{name}").fill(value)


def board_has(api: httpx.Client, place: str, number: str) -> float:
    """Wait until an order is on the board of a store; gives how long that took."""
    begun = time.monotonic()
    while time.monotonic() - begun < 15:
        entries = api.get(f"/api/locations/{place}/board").json()["items"]
        if any(str(entry["fulfilment"]["order_number"]) == number for entry in entries):
            return time.monotonic() - begun
        time.sleep(0.05)
    raise AssertionError("the order does not come to the board")


def test_delivery_pickup_and_the_car_in_one_order_with_scripts(visitor: Callable[..., Visitor], installation) -> None:
    person = visitor(size=PHONE, locale="sl-SI")
    page = person.page
    with installation.api() as api:
        sku, place = find_goods(api, web_channel(api))
        person.goes_to(f"{BASE}/cart")
        person.looks("empty cart")
        puts_in(person, sku, "ship")
        puts_in(person, sku, "pickup", place)
        puts_in(person, sku, "curbside", place)
        person.goes_to(f"{BASE}/cart")
        person.looks("cart")
        page.locator("#quantity-1").fill("2")
        page.locator("#quantity-1").press("Tab")
        page.locator("#cart-count", has_text="4").wait_for()
        person.context.set_offline(True)
        page.locator("#quantity-1").fill("7")
        page.locator("#quantity-1").press("Tab")
        page.locator("#trouble [role=alert]").wait_for()
        assert page.locator("#quantity-1").input_value() == "2", "what was not kept does not look kept"
        person.context.set_offline(False)
        person.complaints.clear()  # htmx has noted that it could not send.
        page.get_by_role("button", name=re.compile("^Odstrani:")).first.click()
        page.get_by_role("button", name="Vrni v košarico").click()
        page.locator("#quantity-4").wait_for()
        page.get_by_role("button", name="Na blagajno").click()
        page.wait_for_url("**/checkout")
        fills_in(person)
        page.locator("#postal_code").fill("1000")
        page.locator("#postal_code").press("Tab")
        page.locator("input[name=delivery]").first.wait_for()
        assert page.locator("#name").input_value() == "Žana Čuček"
        person.looks("checkout")
        page.locator("input[name=delivery]").last.check()
        page.locator("input[name=seen]").evaluate(
            "async (each, value) => { while (each.value !== value) await new Promise(requestAnimationFrame); }",
            page.locator("input[name=delivery]").last.input_value(),
        )
        person.context.set_offline(True)
        page.get_by_role("button", name="Naročilo z obveznostjo plačila").click()
        page.locator("#unsent").wait_for()
        person.looks("checkout without a network")
        person.context.set_offline(False)
        person.goes_to(f"{BASE}/cart")
        person.goes_to(f"{BASE}/checkout")
        page.locator("input[name=delivery]").last.wait_for()
        assert page.locator("input[name=delivery]").last.is_checked()
        assert page.locator("#street").input_value() == "Slovenska cesta 1"
        page.locator("#city").fill("")
        page.get_by_role("button", name="Naročilo z obveznostjo plačila").click()
        page.get_by_text("Potrdite, da se strinjate s pogoji.").first.wait_for()
        assert page.evaluate("document.activeElement.id") == "problem"
        person.looks("checkout with something missing")
        page.locator("#problem a[href='#city']").click()
        page.keyboard.type("Ljubljana")
        page.locator("#terms").check()
        assert page.locator("#problem, #city-note, #terms-note, [aria-invalid]").count() == 0, "mended is not marked"
        page.get_by_role("button", name="Naročilo z obveznostjo plačila").click()
        page.wait_for_url("**/orders/**")
        number = re.sub(r"\D", "", page.locator("h1").inner_text())
        seconds = board_has(api, place, number)
        print(f"placed in the shop, on the store board after {seconds:.2f} s")  # noqa: T201 -- a figure of the journey
        assert seconds < 10
    assert page.evaluate("sessionStorage.getItem('kanava:kept')") is None
    person.looks("order")
    page.goto(f"{person.url}{BASE}/checkout")
    page.wait_for_url("**/orders/**")
    page.goto(f"{person.url}{BASE}/cart")
    page.get_by_text("Vaša košarica je prazna").wait_for()


def test_the_whole_way_without_scripts_and_the_way_back(visitor: Callable[..., Visitor], installation) -> None:
    person = visitor(size=DESKTOP, locale="en-GB", java_script_enabled=False)
    page, base = person.page, "/si/en"
    with installation.api() as api:
        sku, place = find_goods(api, web_channel(api))
    puts_in(person, sku, "ship", base=base)
    person.goes_to(f"{base}/cart")
    page.locator("#way-1").select_option(f"pickup:{place}")
    page.get_by_role("button", name="Change", exact=True).click()
    page.locator("#way-1").select_option("ship")
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_role("button", name="To the checkout").click()
    fills_in(person)
    page.locator("#postal_code").fill("12")
    page.get_by_role("button", name="Show deliveries").click()
    page.get_by_text("This is not a postal code of this country.").first.wait_for()
    page.locator("#postal_code").fill("2000")
    page.get_by_role("button", name="Show deliveries").click()
    page.locator("input[name=delivery]").first.check()
    # The price of another delivery is shown before it is ordered, without scripts too.
    page.get_by_role("button", name="Show deliveries").click()
    page.get_by_label(re.compile("Bank transfer")).check()
    page.locator("#terms").check()
    page.get_by_role("button", name="Order with obligation to pay").click()
    page.get_by_role("heading", name=re.compile(r"^Order \d+$")).wait_for()
    order = page.url
    page.go_back()
    page.goto(f"{person.url}{base}/checkout")
    assert page.url == order.partition("?")[0]
    page.get_by_text("Cancel this order").click()
    page.get_by_label("Yes, I am sure").check()
    page.get_by_role("button", name="Cancel it").click()
    page.get_by_text("This order is cancelled.").wait_for()


def test_finding_an_order_again_by_mail(visitor: Callable[..., Visitor], installation) -> None:
    person = visitor(size=TABLET, locale="pl-PL")
    page = person.page
    with installation.api() as api:
        body = {
            "order_id": "01990000-0000-7000-8000-00000000beef",
            "channel": web_channel(api),
            "lines": [{"sku": find_goods(api, web_channel(api))[0], "quantity": 1}],
            "customer": {"email": "ola@example.com", "name": "Ola"},
            "ship_to": {"country": "SI", "postal_code": "1000"},
        }
        number = api.post("/api/orders", json=body).json()["number"]
    person.goes_to("/si/pl/orders")
    person.looks("find an order")
    page.locator("#number").fill(str(number))
    page.locator("#email").fill("ola@example.com")
    page.get_by_role("button", name="Wyślij mi link").click()
    page.get_by_text("Zajrzyj do skrzynki").wait_for()
    link = None
    for _ in range(100):
        mails = [path.read_bytes() for path in (installation.data_dir / "mail").glob("*.eml")]
        links = [re.search(rb"/o/[0-9a-f-]+/[\w-]{22}\?in=3Dpl|/o/[0-9a-f-]+/[\w-]{22}\?in=pl", mail) for mail in mails]
        link = next((found[0].decode().replace("=3D", "=") for found in links if found), None)
        if link:
            break
        time.sleep(0.1)
    assert link, "no mail with a link to the order"
    person.goes_to(link)
    assert str(number) in page.locator("h1").inner_text()
    person.looks("order in Polish")
