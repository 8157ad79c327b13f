"""A merchandiser brings a file with a mistake in it, mends a missing title, and finds the product in the shop."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from factories.visitors import DESKTOP, TABLET, Visitor, sign_in

FILE = """handle,sku,title_en,title_pl,status,category,gtin,weight_grams
{handle},{sku}-1,Enamel jug,Dzbanek emaliowany,active,tableware,,820
{handle}-b,{sku}-2,Broken row,,active,tableware,4006381333930,10
"""


@pytest.mark.parametrize(("size", "language", "go"), [(DESKTOP, "en-GB", "en"), (TABLET, "sl-SI", "sl")])
def test_a_file_with_one_bad_row_becomes_a_live_product(
    visitor: Callable[..., Visitor], tmp_path: Path, size: tuple[int, int], language: str, go: str
) -> None:
    words = {
        "en": ("Look at the file", "Check the file", "Import the good row", "The file is imported.", "Save the texts",
               "Save the price", "Price of one unit"),
        "sl": ("Poglej datoteko", "Preveri datoteko", "Uvozi 1 dobro vrstico", "Datoteka je uvožena.",
               "Shrani besedila", "Shrani ceno", "Cena enega kosa"),
    }[go]  # fmt: skip
    handle = f"enamel-jug-{go}"
    path = tmp_path / "izdelki.csv"
    path.write_text(FILE.format(handle=handle, sku=f"JUG-{go.upper()}"))

    mira = visitor(size=size, locale="en-GB")
    sign_in(mira, going_to="/console/products")
    mira.page.context.add_cookies([{"name": "kanava_language", "value": go, "url": mira.url}])
    page = mira.page
    mira.goes_to("/console/products")
    mira.looks("products")
    mira.goes_to("/console/imports/new")
    mira.looks("import")
    page.set_input_files("#file", path)
    page.get_by_role("button", name=words[0]).click()
    page.wait_for_url(re.compile("/columns$"))
    mira.looks("columns")
    page.get_by_role("button", name=words[1]).click()
    page.get_by_role("button", name=words[2]).wait_for(timeout=20_000)
    # The bad row is named: its number, its column and why.
    assert page.get_by_role("cell", name="4006381333930").is_visible()
    assert page.get_by_text("the check digit of the GTIN is wrong").is_visible()
    mira.looks("report")
    page.get_by_role("button", name=words[2]).click()
    page.get_by_text(words[3]).wait_for(timeout=20_000)

    mira.goes_to(f"/console/products/{handle}?tab=texts&language=sl")
    mira.looks("texts without a title")
    page.locator("#text-title").fill("Emajliran vrč")
    page.get_by_role("button", name=words[4]).click()
    page.wait_for_url(re.compile("saved=yes"))
    for tab in ("details", "variants", "media", "channels", "completeness", "history"):
        mira.goes_to(f"/console/products/{handle}?tab={tab}")
        mira.looks(tab)
    mira.goes_to(f"/console/product-grid?q={handle}")
    mira.looks("grid")
    mira.goes_to(f"/console/prices/eur?sku=JUG-{go.upper()}-1")
    mira.looks("prices")
    page.get_by_label(words[6]).fill("24,90")
    page.get_by_role("button", name=words[5]).click()
    page.wait_for_url(re.compile("saved=yes"))

    for place in ("categories", "prices", "channels", "protections", "routing", "imports"):
        mira.goes_to(f"/console/{place}")
        mira.looks(place)

    ana = visitor(size=size, locale="sl-SI")
    deadline = time.monotonic() + 20
    while True:
        ana.goes_to("/si/sl/search?q=emajliran")
        if ana.page.get_by_text("Emajliran vrč").count() or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    ana.goes_to(f"/si/sl/p/{handle}")
    ana.page.get_by_role("heading", name="Emajliran vrč").wait_for()
    assert "24,90" in (ana.page.locator("body").text_content() or "")
