"""A kiosk: set up by staff, a barcode, the cart to a phone that orders, an order at the screen, and forgetting."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from factories.visitors import ADMIN, PHONE, TABLET, Visitor
from kanava.carts import service as carts
from kanava.fulfilment.printing.qr import render_qr
from kanava.platform import embedded

PORTRAIT = (1080, 1920)
DATABASE = "kanava_browser"
PHONES = {"SI": "040 123 456", "HU": "+36 20 123 4567"}
LEAST_PX = 55.5
"""Targets are 56 px high; a pixel of a screen is not always a whole one."""
FOR_AXE_AT = {
    PORTRAIT: {"welcome", "home", "unknown barcode", "cart", "thanks"},
    TABLET: {"set-up", "category", "product", "hand-over", "checkout", "are you still there", "placed"},
}
"""Colours and names are those of the page: axe, which is slow, looks at each once. What is cut is looked for at both."""
SMALL = """least => [...document.querySelectorAll("button, .btn, input:not([type=hidden]), select, summary, main a")]
    .filter(each => {
        const area = (each.closest("label, article") ?? each).getBoundingClientRect();
        return each.checkVisibility({visibilityProperty: true}) && area.height > 1 && area.height < least;
    }).map(each => each.outerHTML.slice(0, 150))"""


def find_goods(api: Any, country: str) -> tuple[str, str, str]:
    """Give a store of the country with a sku to spare, and the barcode of it."""
    for place in api.get("/api/locations", params={"kind": "store", "country": country}).json()["items"]:
        if "pickup" not in place["services"]:
            continue
        for level in api.get("/api/stock/levels", params={"location": place["code"], "limit": 200}).json()["items"]:
            if level["on_hand"] - level["reserved"] - level["safety_stock"] < 8:
                continue
            wanted = {"channel": f"kiosk-{country.lower()}", "q": level["sku"], "in_stock": "true"}
            exact = api.get("/api/search/products", params=wanted).json()["exact"]
            if exact:
                variants = api.get(f"/api/products/{exact['handle']}").json()["variants"]
                gtins = next(each["gtins"] for each in variants if each["sku"] == level["sku"])
                if gtins:
                    return place["code"], level["sku"], gtins[0]
    raise AssertionError("no goods for this journey")


SCANNER = """code => [...code, "Enter"].forEach(key => (document.activeElement ?? document.body)
    .dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""


def scans(person: Visitor, code: str) -> None:
    """Type as quickly as a scanner does, however busy the machine is."""
    person.page.evaluate(SCANNER, code)


def waits_for_the_network(person: Visitor, touch: Callable[[], None]) -> None:
    """A touch while the server cannot be reached shows that, no page of the browser's own; and then goes on by itself."""
    before = person.page.url
    person.context.route("**/*", lambda route: route.abort())
    touch()
    person.page.locator("#away:not([hidden])").wait_for()
    assert person.page.url == before
    person.context.unroute("**/*")
    person.page.evaluate("dispatchEvent(new Event('online'))")


def looks(person: Visitor, what: str, *, least: float = LEAST_PX) -> None:
    """What every page of a kiosk must stand: nothing cut, nothing for axe to find, everything large."""
    size = person.page.viewport_size
    assert size is not None
    person.sees_nothing_cut(what)
    if what in FOR_AXE_AT[size["width"], size["height"]]:
        person.finds_it_accessible(what)
    wide = person.page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('main'))")
    assert wide <= 0, f"{what} is {wide} px too wide"
    small = person.page.evaluate(SMALL, least)
    assert not small, f"{what} has small targets: {small}"


def signature_of(cluster: embedded.Cluster, hand_over_id: str) -> str:
    async def read() -> str:
        connection = await asyncpg.connect(cluster.url(DATABASE))
        try:
            return (await carts.hand_over_signer(connection)).sign(UUID(hand_over_id))
        finally:
            await connection.close()

    # Playwright's own loop runs in this thread.
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, read()).result()


def enrols(person: Visitor, country: str, place: str) -> None:
    """Sign in on the device and make it a kiosk."""
    page = person.page
    page.goto(f"{person.url}/kiosk/en/cart")
    page.locator("#email").fill(ADMIN[0])
    page.locator("#password").fill(ADMIN[1])
    page.locator("form[action='/sign-in'] button").click()
    page.wait_for_url("**/kiosk/set-up")
    looks(person, "set-up")
    page.locator("#name").fill("Entrance")
    page.locator("#location").select_option(place)
    page.locator("#channel").select_option(f"kiosk-{country.lower()}")
    page.locator("form button").click()
    page.wait_for_url("**/welcome")


@pytest.mark.parametrize(("country", "language", "size"), [("SI", "sl", PORTRAIT), ("HU", "hu", TABLET)])
def test_from_the_screen_to_the_phone_and_away(
    visitor: Callable[..., Visitor],
    installation: Any,
    cluster: embedded.Cluster,
    country: str,
    language: str,
    size: tuple[int, int],
) -> None:
    with installation.api() as api:
        place, sku, barcode = find_goods(api, country)
    person = visitor(size=size)
    page, base = person.page, f"/kiosk/{language}"
    enrols(person, country, place)
    assert page.url.endswith(f"{base}/welcome")
    looks(person, "welcome")
    page.locator("[data-start]").click()
    page.wait_for_url(f"**{base}")
    looks(person, "home")
    waits_for_the_network(person, page.locator(f"main a[href^='{base}/c/']").first.click)
    page.locator("#listing").wait_for()
    looks(person, "category")

    waits_for_the_network(person, lambda: scans(person, "4006381333931"))
    page.wait_for_url("**/scan?**")
    looks(person, "unknown barcode")
    page.locator("header input[type=search]").fill("a")
    page.locator("header input[type=search]").focus()
    scans(person, barcode)
    page.wait_for_url(f"**sku={sku}")
    looks(person, "product")
    assert page.locator("#way-here").is_checked()
    page.locator("main button.btn-primary").click()
    page.locator("#cart-count:not([hidden])").wait_for()
    page.goto(f"{person.url}{base}/cart")
    page.locator("[data-step='1']").click()
    page.locator("#cart-count", has_text="2").wait_for()
    looks(person, "cart")
    waits_for_the_network(person, page.locator("form[action$='/hand-over'] button").click)
    page.wait_for_url("**/hand-over/**")
    looks(person, "hand-over")

    hand_over_id = page.url.rsplit("/", 1)[1]
    link = f"/{country.lower()}/{language}/take-over/{hand_over_id}/{signature_of(cluster, hand_over_id)}"
    code = person.context.request.get(f"{page.url}/code").body()
    assert code == render_qr(person.url + link, "svg")
    phone = visitor(size=PHONE, locale="en-GB")
    phone.goes_to(link)
    phone.looks("the cart on the phone")
    phone.page.locator("main button.btn-primary").click()
    phone.page.wait_for_url("**/cart")
    page.locator("[data-leaves-in]").wait_for()
    looks(person, "thanks")
    page.locator("main [data-leave]").click()
    page.wait_for_url("**/welcome")
    page.goto(f"{person.url}{base}/cart")
    assert not page.locator("form[action$='/cart/checkout']").count()

    phone.page.locator("form[action$='/cart/checkout'] button").click()
    phone.page.wait_for_url("**/checkout")
    order_is_placed(phone, country)
    phone.page.wait_for_url("**/orders/**")
    with installation.api() as api:
        number = "".join(each for each in phone.page.locator("h1").inner_text() if each.isdigit())
        found = api.get("/api/orders", params={"number": number}).json()["items"][0]
    assert found["channel"] == f"web-{country.lower()}"
    assert {(line["fulfilment"]["kind"], line["fulfilment"]["location"]) for line in found["lines"]} == {
        ("pickup", place)
    }


def order_is_placed(person: Visitor, country: str) -> None:
    page = person.page
    page.locator("#name").fill("Žana Čuček")
    page.locator("#email").fill("zana@example.com")
    page.locator("#phone").fill(PHONES[country])
    page.locator("#terms").check()
    page.locator("button[value=place]").click()


def test_who_orders_at_the_screen_or_walks_away_is_forgotten(
    visitor: Callable[..., Visitor], installation: Any
) -> None:
    with installation.api() as api:
        place, _sku, barcode = find_goods(api, "SI")
    person = visitor(size=TABLET)
    page, base = person.page, "/kiosk/en"
    enrols(person, "SI", place)
    page.goto(f"{person.url}{base}")
    page.clock.install()
    scans(person, barcode)
    page.wait_for_url("**/p/**")
    page.locator("main button.btn-primary").click()
    page.locator("#cart-count:not([hidden])").wait_for()
    page.goto(f"{person.url}{base}/cart")
    page.locator("form[action$='/cart/checkout'] button").click()
    page.wait_for_url("**/checkout")
    assert page.locator("#email").get_attribute("autocomplete") == "off"
    looks(person, "checkout")
    page.locator("#name").fill("Somebody's name")
    page.locator("a[data-opens='policy-terms']").click()
    page.locator("#policy-terms[open] .rich").wait_for()
    looks(person, "terms")
    page.locator("#policy-terms form button").click()
    assert page.locator("#name").input_value() == "Somebody's name"

    page.clock.run_for(61_000)
    page.locator("#idle[open]").wait_for()
    looks(person, "are you still there")
    page.locator("#idle form button").click()
    page.clock.run_for(30_000)
    assert page.locator("#name").input_value() == "Somebody's name"
    order_is_placed(person, "SI")
    page.wait_for_url("**/placed**")
    looks(person, "placed")
    number = page.locator("h1").inner_text()
    page.clock.run_for(31_000)
    page.wait_for_url("**/welcome")
    for _step in range(6):
        page.go_back()
        assert number not in page.content()
        assert "Somebody's name" not in page.content()
    assert not [each for each in person.context.cookies() if each["name"].startswith("kanava_cart") and each["value"]]

    page.goto(f"{person.url}{base}")
    scans(person, barcode)
    page.wait_for_url("**/p/**")
    page.locator("main button.btn-primary").click()
    page.locator("#cart-count:not([hidden])").wait_for()
    page.goto(f"{person.url}{base}/cart")
    page.clock.run_for(76_000)
    page.wait_for_url("**/welcome")
    page.goto(f"{person.url}{base}/cart")
    page.get_by_text("Your cart is empty").wait_for()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<a id=out href=\"/sign-in\">out</a>')")
    page.locator("#out").evaluate("each => each.click()")
    page.wait_for_timeout(200)
    assert page.url.endswith("/cart")
