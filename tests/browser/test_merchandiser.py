"""A merchandiser brings a file with a mistake in it, mends a missing title, and finds the product in the shop."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog

from factories.visitors import DESKTOP, TABLET, Visitor, fill_in_sign_in, sign_in

FILE = """handle,sku,title_en,title_pl,status,category,gtin,weight_grams
{handle},{sku}-1,Enamel jug,Dzbanek emaliowany,active,tableware,,820
{handle}-b,{sku}-2,Broken row,,active,tableware,4006381333930,10
"""
WORDS = {
    "en": ("Look at the file", "Check the file", "Import the good row", "The file is imported.", "Save the texts",
           "Save the price", "Price of one unit", "the check digit of the GTIN is wrong"),
    "sl": ("Poglej datoteko", "Preveri datoteko", "Uvozi 1 dobro vrstico", "Datoteka je uvožena.",
           "Shrani besedila", "Shrani ceno", "Cena enega kosa", "kontrolna števka GTIN ni prava"),
}  # fmt: skip
LIVE_WITHIN_SECONDS = 10
"""What shoppers wait for at most; about 1 s on an idle machine, and tests share two cores."""


@pytest.mark.parametrize(("size", "go"), [(DESKTOP, "en"), (TABLET, "sl")])
def test_a_file_with_one_bad_row_becomes_a_live_product(
    visitor: Callable[..., Visitor], tmp_path: Path, size: tuple[int, int], go: str
) -> None:
    look, check, start, imported, save_texts, save_price, price, why = WORDS[go]
    handle, sku, title = f"enamel-jug-{go}", f"JUG-{go.upper()}", f"Emajliran vrč {go}"
    path = tmp_path / "izdelki.csv"
    path.write_text(FILE.format(handle=handle, sku=sku))

    mira = visitor(size=size)
    # Axe sees the same elements at every width: it looks at every page once, widths are measured on both.
    seen = mira.looks if size == DESKTOP else mira.sees_nothing_cut
    sign_in(mira, going_to="/console/products")
    mira.page.context.add_cookies([{"name": "kanava_language", "value": go, "url": mira.url}])
    page = mira.page
    mira.goes_to("/console/products")
    seen("products")
    mira.goes_to("/console/imports/new")
    mira.looks("import")
    page.set_input_files("#file", path)
    page.get_by_role("button", name=look).click()
    page.wait_for_url(re.compile("/columns$"))
    mira.looks("columns")
    page.get_by_role("button", name=check).click()
    page.get_by_role("button", name=start).wait_for()
    # The bad row is named: its number, its column and why.
    assert page.get_by_role("cell", name="4006381333930").is_visible()
    assert page.get_by_text(why).is_visible()
    mira.looks("report")
    page.get_by_role("button", name=start).click()
    page.get_by_text(imported).wait_for()

    mira.goes_to(f"/console/prices/eur?sku={sku}-1")
    seen("prices")
    page.get_by_label(price).fill("24,90")
    page.get_by_role("button", name=save_price).click()
    page.wait_for_url(re.compile("saved=yes"))
    mira.goes_to(f"/console/products/{handle}?tab=texts&language=sl")
    mira.looks("texts without a title")
    page.locator("#text-title").fill(title)
    _asks_before_it_is_left(mira)
    # Her session ends while she writes: she signs in again, and what she typed is there.
    page.context.clear_cookies(name="kanava_staff")
    page.get_by_role("button", name=save_texts).click()
    mira.finds_it_accessible("signed out")
    page.locator("[data-signed-out] + p a[href^='/sign-in']").click()
    fill_in_sign_in(mira)
    page.wait_for_url(re.compile("tab=texts&language=sl"))
    assert page.locator("#text-title").input_value() == title
    mira.finds_it_accessible("typed again")
    page.get_by_role("button", name=save_texts).click()
    page.wait_for_url(re.compile("saved=yes"))

    _is_live_soon(visitor(size=size, locale="sl-SI"), handle, title)

    for tab in ("details", "variants", "media", "channels", "completeness", "history"):
        mira.goes_to(f"/console/products/{handle}?tab={tab}")
        seen(tab)
    mira.goes_to(f"/console/product-grid?q={handle}")
    mira.looks("grid")
    for place in ("categories", "prices", "channels", "protections", "routing", "imports"):
        mira.goes_to(f"/console/{place}")
        seen(place)


def _asks_before_it_is_left(person: Visitor) -> None:
    """A page with something unsaved is not left without a question; who says no still has what she typed."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    person.page.once("dialog", stay)
    person.page.locator("a[href='?tab=details']").click()
    assert asked == ["beforeunload"]
    assert person.page.locator("#text-title").is_visible()


def _is_live_soon(shopper: Visitor, handle: str, title: str) -> None:
    """What is imported, active, priced and named is found and shown in the shop within seconds."""
    saved = time.monotonic()
    found = shopper.page.locator(f"main a[href*='/p/{handle}']").first
    while True:
        shopper.goes_to("/si/sl/search?q=" + title.replace(" ", "+"))
        if found.count():
            break
        assert time.monotonic() - saved < LIVE_WITHIN_SECONDS, "the shop does not find what was imported"
        time.sleep(0.2)
    found.click()
    shopper.page.get_by_role("heading", level=1, name=title).wait_for()
    assert "24,90" in shopper.page.locator("main").inner_text()
