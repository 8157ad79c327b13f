"""Head office: an operator finds an order by its e-mail, reads its whole story, holds it and lets it go on."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from factories.visitors import DESKTOP, PHONE, Visitor, sign_in
from kanava.platform.ids import uuid7

PAGES = ("", "/orders", "/stock?q=parka", "/locations", "/people", "/devices", "/api-keys", "/webhooks", "/jobs",
         "/audit", "/messages", "/attention", "/transfers", "/purchase-orders")  # fmt: skip


def placed(api: httpx.Client, email: str) -> dict[str, Any]:
    """Order a few pieces of the demo retailer in Slovenia."""
    levels = api.get("/api/stock/levels", params={"location": "DC-SI", "limit": 200})
    if levels.status_code != 200:
        levels = api.get("/api/stock/levels", params={"limit": 500})
    for level in (each for each in levels.json()["items"] if each["on_hand"] - each["reserved"] > 20):
        body = {
            "order_id": str(uuid7()),
            "channel": "web-si",
            "lines": [{"sku": level["sku"], "quantity": 2}],
            "customer": {"email": email, "name": "Maja Kovač", "phone": "+386 40 123 456"},
            "ship_to": {
                "country": "SI",
                "name": "Maja Kovač",
                "street": "Glavna 1",
                "city": "Ljubljana",
                "postal_code": "1000",
            },
        }
        answer = api.post("/api/orders", json=body)
        if answer.status_code == 201:
            order: dict[str, Any] = answer.json()
            return order
    raise AssertionError("nothing of the demo retailer could be ordered")


WORDS = {
    "en-GB": {"search": "Search for an order", "hold": "Put on hold", "why": "Why", "release": "Release the hold",
              "timeline": "Timeline", "held": "On hold", "placed": "Order placed"},
    "sl-SI": {"search": "Poiščite naročilo", "hold": "Zadrži", "why": "Zakaj", "release": "Sprosti",
              "timeline": "Časovnica", "held": "Zadržano", "placed": "Naročilo oddano"},
}  # fmt: skip


@pytest.mark.parametrize(("locale", "size"), [("en-GB", DESKTOP), ("sl-SI", PHONE)])
def test_an_operator_reads_an_order_holds_it_and_lets_it_go_on(
    visitor: Callable[..., Visitor], installation: Any, locale: str, size: tuple[int, int]
) -> None:
    words, email = WORDS[locale], f"maja.{locale.lower()}@example.si"
    with installation.api() as api:
        order = placed(api, email)
    person = visitor(size=size, locale=locale)
    page = person.page
    page.goto(f"{person.url}/sign-in?next=/console")
    page.locator("input[name=email]").fill("anna@kanava.example")
    page.locator("input[name=password]").fill("a long enough password")
    page.locator("form[action='/sign-in'] button").click()
    page.wait_for_url(re.compile("/console$"))
    person.looks("overview")
    # The key goes to the search box; one order has this e-mail, so it opens at once.
    page.get_by_role("searchbox", name=words["search"]).fill(email)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/console/orders/"))
    page.get_by_role("heading", level=1).get_by_text(str(order["number"])).wait_for()
    page.get_by_role("heading", name=words["timeline"]).wait_for()
    assert page.get_by_text(words["placed"]).count() >= 1
    person.looks("order")
    page.get_by_role("button", name=words["hold"], exact=True).first.click()
    dialog = page.get_by_role("dialog")
    person.finds_it_accessible("hold dialog")
    dialog.get_by_label(words["why"]).fill("Fraud check")
    dialog.get_by_role("button", name=words["hold"], exact=True).click()
    page.get_by_text("Fraud check").first.wait_for()
    page.get_by_role("button", name=words["release"]).click()
    page.get_by_role("button", name=words["hold"], exact=True).first.wait_for()
    assert page.get_by_text("Anna Novak").count() >= 1
    # Every page is looked at once, on the one screen or the other.
    for path in PAGES[size == PHONE :: 2]:
        person.goes_to(f"/console{path}")
        person.looks(path or "overview")


def test_a_week_of_hours_says_what_it_means_while_it_is_filled_in(visitor: Callable[..., Visitor]) -> None:
    person = visitor(size=DESKTOP)
    sign_in(person, going_to="/console/locations")
    person.page.locator("tbody a").first.click()
    person.page.get_by_role("heading", name="Opening hours").wait_for()
    person.looks("location")
    for day in ("Monday", "Sunday"):
        person.page.get_by_label(f"{day}: opens", exact=True).fill("06:00")
        person.page.get_by_label(f"{day}: closes", exact=True).fill("23:30")
    person.page.get_by_text(re.compile(r"Su 06:00-23:30")).wait_for()
    person.finds_it_accessible("hours, understood")
