"""Looking around: from the first page to the cart, in two languages, on three sizes, with and without scripts."""

import re
from collections.abc import Callable

import pytest

from factories.visitors import DESKTOP, PHONE, TABLET, Visitor

PLACES = {
    "sl": ("/si/sl", "jakne", "V košarico", "Filtriraj in razvrsti"),
    "pl": ("/pl/pl", "kurtki", "Dodaj do koszyka", "Filtruj i sortuj"),
}


@pytest.mark.parametrize(("language", "size"), [("sl", PHONE), ("pl", TABLET), ("sl", DESKTOP)])
def test_from_the_first_page_to_the_cart(visitor: Callable[..., Visitor], language: str, size: tuple[int, int]) -> None:
    base, _, add, filters = PLACES[language]
    person = visitor(size=size, locale=f"{language}-{base[1:3].upper()}")
    page = person.page
    person.goes_to(f"{base}/")
    person.looks("the first page")
    if size == TABLET:
        # The longest word of all headlines.
        person.goes_to(f"{base[:3]}/hu")
        assert page.locator("h1").evaluate("each => each.scrollWidth <= each.clientWidth")
        person.goes_to(f"{base}/")
    page.locator("main").locator(f"a[href='{base}/c/clothing']").first.click()
    page.wait_for_url(re.compile("/c/clothing"))
    page.locator("main").locator(f"a[href='{base}/c/jackets']").first.click()
    page.wait_for_url(re.compile("/c/jackets"))
    person.looks("a category")
    if size[0] < 1024:
        page.get_by_text(filters).click()
    box = page.locator("#listing input[name=f]:visible").nth(2)
    count = page.locator("#count").inner_text()
    box.check()
    page.wait_for_url(re.compile(r"[?&]f="))
    assert page.locator("#count").inner_text() != count
    person.sees_nothing_cut("a category, narrowed")
    page.locator("#listing article a").first.click()
    page.wait_for_url(re.compile("/p/"))
    person.looks("a product")
    size_axis = page.locator("a[id$='-of-size']")
    wanted = size_axis.last.get_attribute("href")
    assert wanted is not None
    size_axis.last.click()
    page.wait_for_url("**" + wanted)
    for number in range(size_axis.count()):
        if page.get_by_role("button", name=add).count():
            break
        size_axis.nth(number).click()
        page.wait_for_timeout(500)
    page.get_by_role("button", name=add).click()
    page.locator("#cart-added .alert-success").wait_for()
    assert page.locator("#cart-count").inner_text().strip().startswith("1")
    person.sees_nothing_cut("a product in the cart")
    page.route("**/cart/lines", lambda route: route.fulfill(status=500, body="broken"))
    page.get_by_role("button", name=add).click()
    page.locator("#trouble [role=alert]").wait_for()
    if size == PHONE:
        person.looks("a product after a press that failed")
    page.unroute("**/cart/lines")
    page.locator("[data-clears-trouble]").click()
    page.locator("#trouble [role=alert]").wait_for(state="hidden")


def test_the_search_suggests_and_finds_without_accents_and_with_a_typo(visitor: Callable[..., Visitor]) -> None:
    person = visitor(size=DESKTOP, locale="sl-SI")
    page = person.page
    person.goes_to("/si/sl/")
    field = page.locator("form[role=search] input")
    field.press_sequentially("jak")
    page.get_by_role("option").first.wait_for()
    person.looks("suggestions")
    field.press("ArrowDown")
    assert page.get_by_role("option", selected=True).count() == 1
    field.press("Escape")
    page.get_by_role("option").first.wait_for(state="hidden")
    for text in ("dezna jakna", "dežna jakba"):
        field.fill(text)
        field.press("Enter")
        page.wait_for_url(re.compile("/search"))
        page.locator("#listing article").first.wait_for()
        assert "jakna" in page.locator("#listing article").first.inner_text().lower()
    person.looks("what was found")
    person.goes_to("/si/sl/search?q=xqzwvk")
    person.looks("nothing found")


def test_a_store_becomes_hers_and_the_shop_tells_what_it_has(visitor: Callable[..., Visitor]) -> None:
    person = visitor(size=PHONE, locale="en-GB")
    page = person.page
    person.goes_to("/si/en/stores")
    page.get_by_label("Your postal code").fill("1000")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("km", exact=False).first.wait_for()
    person.looks("stores near her")
    page.get_by_role("button", name="Make it my store").first.click()
    page.locator("main").get_by_text("My store").first.wait_for()
    person.goes_to("/si/en/c/jackets?here=1")
    assert page.locator("#listing article").count() > 0
    person.looks("what her store has")
    person.goes_to("/si/en/")
    person.looks("the first page with her store")


def test_without_scripts_the_same_way_leads_to_the_cart(visitor: Callable[..., Visitor]) -> None:
    person = visitor(size=DESKTOP, locale="en-GB", java_script_enabled=False)
    page = person.page
    person.goes_to("/si/en/c/jackets")
    page.locator("#listing input[name=f]").nth(2).check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"[?&]f="))
    page.locator("#listing article a").first.click()
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url(re.compile("/cart$"))
    assert page.locator("#cart li").count() >= 1
