"""An associate at the counter: looks up, counts, sells one to carry out and one to send in one order, finds it again."""

import re
from collections.abc import Callable

import pytest

from conftest import Installation
from factories.orders import new_id
from factories.visitors import ADMIN, PHONE, TABLET, Visitor, associate, sign_in

STORE = "LJ-01"


@pytest.fixture(scope="module")
def skus(installation: Installation) -> list[str]:
    """Articles that the store has several of."""
    with installation.api() as api:
        levels = api.get("/api/stock/levels", params={"location": STORE, "limit": 500}).json()["items"]
    return [each["sku"] for each in levels if each["on_hand"] - each["reserved"] >= 4][:6]


def test_an_associate_looks_up_counts_sells_and_finds_the_order_again(
    installation: Installation, visitor: Callable[..., Visitor], skus: list[str]
) -> None:
    maja = visitor(size=PHONE, locale="en-GB")
    sign_in(maja, associate(installation, STORE))
    page = maja.page
    page.wait_for_url("**/store/work")
    maja.goes_to("/store/look-up")
    maja.looks("look up")
    page.get_by_label("Scan or type a name").fill(skus[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/store/item?*")
    page.get_by_role("heading", name="Near by").wait_for()
    maja.looks("a product")

    page.get_by_role("link", name="Count it").click()
    maja.looks("counting")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("heading", name="How many are there?").wait_for()
    page.get_by_label("on the shelf").first.fill("5")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Counted").wait_for()
    scan = page.get_by_label("Scan each piece")
    for _ in range(2):
        scan.fill(skus[1])
        page.keyboard.press("Enter")
    page.locator("main input[name=units][value='2']").wait_for()
    maja.looks("a count sheet")
    page.get_by_role("link", name="Look at the differences").click()
    maja.looks("differences")
    page.get_by_role("button", name="Book the count").click()
    page.get_by_text("The stock is as you counted it").wait_for()
    maja.looks("a count that is booked")

    maja.goes_to(f"/store/item?sku={skus[0]}")
    page.get_by_role("button", name="Sell it now").click()
    page.wait_for_url("**/store/sell")
    page.get_by_label("Barcode or article number").fill(skus[2])
    page.keyboard.press("Enter")
    page.locator("select[name=way]").nth(1).select_option("ship")
    page.get_by_text("Delivery comes on top").wait_for()
    maja.looks("a basket")
    page.get_by_role("link", name="Go on to payment").click()
    page.get_by_label("Postal code").fill("1000")
    page.get_by_role("button", name="Show deliveries").click()
    page.get_by_role("radio", name=re.compile("Lastovka Dostava Express")).wait_for()
    page.get_by_role("button", name="Place the order").click()
    page.get_by_text("Please choose how it is paid").wait_for()
    maja.looks("a checkout with mistakes")
    phone = f"031 {int(new_id()[-6:], 16) % 900_000 + 100_000}"
    for name, text in (("Street and house number", "Slovenska 1"), ("Town", "Ljubljana"), ("Name", "Ana Novak"),
                       ("Telephone", phone)):  # fmt: skip
        page.get_by_role("textbox", name=name, exact=False).first.fill(text)
    page.get_by_role("radio", name="Cash").check()
    page.get_by_role("button", name="Place the order").click()
    page.get_by_text("The order is placed").wait_for()
    maja.looks("a receipt")

    maja.goes_to("/store/orders")
    maja.looks("finding an order")
    page.get_by_label("Order number, telephone or e-mail").fill(phone)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/store/orders/[0-9a-f-]{36}"))
    page.get_by_role("heading", name="Taken along").wait_for()
    page.get_by_role("heading", name="Delivery").wait_for()
    maja.looks("an order")


def test_goods_are_received_by_scan_on_a_tablet_in_slovene(
    installation: Installation, visitor: Callable[..., Visitor], skus: list[str]
) -> None:
    transfer_id = new_id()
    with installation.api() as api:
        levels = api.get("/api/stock/levels", params={"location": "LJ-02", "limit": 500}).json()["items"]
        sku = next(each["sku"] for each in levels if each["on_hand"] - each["reserved"] >= 4)
        body = {"transfer_id": transfer_id, "from_location": "LJ-02", "to_location": STORE,
                "lines": [{"sku": sku, "quantity": 3}]}  # fmt: skip
        assert api.post("/api/transfers", json=body).status_code == 201
        assert api.post(f"/api/transfers/{transfer_id}/ship").status_code == 200
    maja = visitor(size=TABLET, locale="sl-SI", color_scheme="dark")
    email = associate(installation, STORE)
    maja.goes_to("/sign-in?next=/store/receive")
    maja.page.locator("[name=email]").fill(email)
    maja.page.locator("[name=password]").fill(ADMIN[1])
    maja.page.locator("form[action='/sign-in'] button").click()
    maja.page.get_by_role("heading", name="Prevzem").wait_for()
    maja.looks("what is on its way")
    maja.goes_to(f"/store/receive/transfers/{transfer_id}")
    code = maja.page.locator("[name=code]")
    for _ in range(2):
        code.fill(sku)
        maja.page.keyboard.press("Enter")
    maja.page.locator("#got_1[value='2']").wait_for()
    maja.looks("an arrival")
    maja.page.locator("button[value=book]").click()
    maja.page.get_by_text("Ostalo je še na poti").wait_for()
    maja.page.locator("button[value=all]").click()
    maja.page.get_by_text("Zaloga se ujema").wait_for()
    maja.looks("an arrival that is complete")
