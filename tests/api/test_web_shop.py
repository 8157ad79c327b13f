"""Browsing on the pages of the shop, without scripts: lists, products, stores, and what search engines read."""

import gzip
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from factories.search import few_products, keep_up, put_stock
from kanava.demo.model import DemoProduct
from kanava.demo.words import matter
from kanava.platform.db import Database
from kanava.settings import Settings
from kanava.web.common.formatting import Format
from kanava.web.common.translations import LANGUAGES, translations_of

pytestmark = [pytest.mark.anyio, pytest.mark.search_shop]
ORIGIN = {"Origin": "http://kanava.test"}
EVIL = "\"><script>alert('x')</script>"
BASE = "/si/en"
ROBOTS_ASK = ("/si/sl/cart", "/si/sl/orders/1/x", "/si/sl/account", "/o/1/x", "/kiosk", "/si/sl/near?x=1", "/si/sl/p/cart-bag",
              "/si/sl/p/order-book", "/si/sl/p/near-and-far")  # fmt: skip


@pytest.fixture
def made() -> list[DemoProduct]:
    return few_products()


@pytest.fixture
def jacket(made: list[DemoProduct]) -> DemoProduct:
    return next(product for product in made if product.type == "rain-jacket")


async def page(client: httpx.AsyncClient, path: str, status: int = 200, **params: Any) -> str:
    answer = await client.get(path, params=params or None)
    assert answer.status_code == status, answer.text
    assert EVIL not in answer.text
    return answer.text


def shown(text: str) -> list[str]:
    """Give the handles of the cards, in order."""
    return re.findall(r'<article.*?href="/[^"]*/p/([^"?]+)', text, re.DOTALL)


def data(text: str) -> Any:
    """Give the structured data of a page."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


async def test_a_category_is_narrowed_by_its_address_alone(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    whole = await page(client, f"{BASE}/c/jackets")
    jackets = [product for product in made if product.category == "jackets"]
    assert sorted(shown(whole)) == sorted(product.handle for product in jackets)
    assert '<link rel="canonical" href="http://kanava.test/si/en/c/jackets">' in whole
    assert 'hreflang="x-default"' in whole
    assert 'name="robots"' not in whole
    colour = jackets[0].variants[0].option_values[0]
    narrowed = await page(client, f"{BASE}/c/jackets", f=f"option.colour:{colour}", sort="price_up")
    wanted = [product.handle for product in jackets if any(colour in one.option_values for one in product.variants)]
    assert sorted(shown(narrowed)) == sorted(wanted)
    assert '<meta name="robots" content="noindex, follow">' in narrowed
    assert 'rel="canonical"' not in narrowed
    assert "checked" in narrowed
    none = await page(client, f"{BASE}/c/jackets", **{"from": "0,01", "until": "0.02"})
    assert "Nothing has all of that" in none
    assert await page(client, f"{BASE}/c/nothing", 404)


async def test_htmx_is_given_the_list_alone_and_the_address_that_a_link_to_it_has(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#listing"}
    answer = await client.get(f"{BASE}/c/jackets?from=&until=&sort=newest&f=brand:Jelovir", headers=headers)
    assert answer.text.lstrip().startswith('<div id="listing"')
    assert answer.headers["hx-push-url"] == f"{BASE}/c/jackets?f=brand%3AJelovir"
    assert made


async def test_a_search_finds_with_a_typo_and_without_accents_and_says_what_it_did(
    jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    assert jacket.handle in shown(await page(client, "/web-sl/sl/search", q="dezna jakna"))
    text = unescape(await page(client, "/web-sl/sl/search", q="dežna jakba"))
    assert jacket.handle in shown(text)
    assert re.search("tudi »jakna«(, »[^»«]+«)* namesto »jakba«", text)
    assert not re.search("[”“]", text[text.index("<main") : text.index("</main")])
    nothing = await page(client, f"{BASE}/search", q="xqzwvk")
    assert "We found nothing for this" in nothing
    assert shown(nothing), "others are offered instead"
    sku = await client.get(f"{BASE}/search", params={"q": jacket.variants[0].sku})
    assert sku.status_code == 303
    assert sku.headers["location"].startswith(f"{BASE}/p/{jacket.handle}?sku=")


async def test_suggestions_are_options_of_a_list_box(jacket: DemoProduct, client: httpx.AsyncClient) -> None:
    text = await page(client, f"{BASE}/suggestions", q="jack")
    assert 'role="listbox"' in text
    assert f'data-href="{BASE}/c/jackets"' in text
    assert 'role="option"' not in await page(client, f"{BASE}/suggestions", q=" ")
    assert jacket


@pytest.mark.parametrize("path", ["search?q={}", "c/jackets?f=brand:{}", "c/jackets?from={}", "p/x?sku={}", "p/{}"])
async def test_scripts_in_an_address_stay_text(made: list[DemoProduct], client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{BASE}/" + path.replace("{}", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"))
    assert answer.status_code in (200, 404)
    # What is no page at all is answered as the API does, in JSON.
    assert "<script>alert" not in answer.text or answer.headers["content-type"] == "application/problem+json"
    assert made


async def test_a_product_shows_the_variant_that_the_address_names(
    db: Database, jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    first, last = jacket.variants[0], jacket.variants[-1]
    await put_stock(db, last.sku, "WH", 5)
    # Without a sku it is the first that can be had.
    text = await page(client, f"{BASE}/p/{jacket.handle}")
    assert f'name="sku" value="{last.sku}"' in text
    assert "sold out" in text
    named = await page(client, f"{BASE}/p/{jacket.handle}", sku=first.sku)
    assert "Sold out at the moment" in named
    assert 'value="ship"' not in named
    told = data(text)[0]
    assert (told["@type"], told["sku"], told["gtin"]) == ("Product", last.sku, last.gtin)
    assert told["offers"][0]["priceCurrency"] == "EUR"
    assert told["offers"][0]["availability"].endswith("/InStock")
    assert data(text)[1]["@type"] == "BreadcrumbList"
    slovenian = await page(client, f"/si/sl/p/{jacket.handle}")
    assert unescape(matter("materials")[str(jacket.attributes["material"])][1]) in unescape(slovenian)


async def test_a_search_engine_sees_the_offers_of_the_stores_that_have_it(
    db: Database, jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    sku = jacket.variants[0].sku
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET latitude = 46.05, longitude = 14.51 WHERE code = 'LJ'")
    await put_stock(db, sku, "LJ", 5)
    there = []
    for variant in jacket.variants[:2]:
        offers = data(await page(client, f"{BASE}/p/{jacket.handle}", sku=variant.sku))[0]["offers"]
        there.append([each["availableAtOrFrom"]["name"] for each in offers if "availableAtOrFrom" in each])
    assert there == [["Ljubljana"], []]


async def test_what_leads_nowhere_in_a_market_has_its_head_and_a_way_on(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    assert made
    for path in ("/si/xx/c/jackets", f"{BASE}/c/nothing"):
        text = await page(client, path, 404)
        assert 'role="search"' in text
        assert "/cart" in text
    assert "/si/xx/" not in await page(client, "/si/xx/c/jackets", 404)
    assert "-SI/c/jackets" not in await page(client, "/si/sl-SI/c/jackets", 404)
    lost = unescape(await page(client, f"{BASE}/orders/01990000-0000-7000-8000-00000000beef/abc", 404))
    assert f'href="{BASE}/orders"' in lost
    assert "have it sent to you again" in lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_going_to_the_cart_and_putting_into_it_are_two_things(language: str) -> None:
    said = translations_of(language).gettext
    assert said("To the cart") != said("Add to cart")
    assert "\u00a0" in Format(language).distance(470)
    assert " " not in Format(language).distance(4_700)


async def test_a_price_that_is_none_is_said_to_be(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    assert "That was not a price." in await page(client, f"{BASE}/c/jackets", **{"from": "abc"})
    assert "That was not a price." not in await page(client, f"{BASE}/c/jackets", **{"from": "1", "until": ""})
    assert made


async def test_a_product_goes_into_the_cart_without_a_script(
    db: Database, jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    sku = jacket.variants[0].sku
    await put_stock(db, sku, "WH", 5)
    text = await page(client, f"{BASE}/p/{jacket.handle}", sku=sku)
    assert 'value="ship" checked' in text
    form = {"sku": sku, "quantity": "2", "hand_over": "ship"}
    answer = await client.post(f"{BASE}/cart/lines", data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}/cart")
    assert jacket.texts["en"].title in unescape(await page(client, f"{BASE}/cart"))


async def test_a_product_that_is_gone_is_told_kindly_with_others_of_its_category(
    db: Database, made: list[DemoProduct], jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    etag = (await client.get(f"/api/products/{jacket.handle}")).headers["etag"]
    answer = await client.patch(
        f"/api/products/{jacket.handle}", json={"status": "archived"}, headers={"If-Match": etag}
    )
    assert answer.status_code == 200, answer.text
    await keep_up(db)
    text = await page(client, f"{BASE}/p/{jacket.handle}", 410)
    assert "not sold any more" in text
    others = [product.handle for product in made if product.category == jacket.category and product != jacket]
    assert set(shown(text)) <= set(others)
    assert shown(text)
    await page(client, f"{BASE}/p/never-was", 404)


async def test_texts_of_a_product_cannot_run_scripts(
    db: Database, jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    await put_stock(db, jacket.variants[0].sku, "WH", 1)
    texts = {"en": {"title": f"Jacket {EVIL}", "seo_title": EVIL, "description": f"<p>Warm</p>{EVIL}<img onerror=x>"}}
    answer = await client.get(f"/api/products/{jacket.handle}")
    answer = await client.patch(
        f"/api/products/{jacket.handle}", json={"texts": texts}, headers={"If-Match": answer.headers["etag"]}
    )
    assert answer.status_code == 200, answer.text
    await keep_up(db)
    for path in (f"{BASE}/p/{jacket.handle}", f"{BASE}/c/jackets", f"{BASE}/search?q=jacket"):
        text = await page(client, path)
        assert "<script>alert" not in text
        assert "onerror" not in text


async def test_a_store_is_chosen_and_counts_from_then_on(
    db: Database, jacket: DemoProduct, client: httpx.AsyncClient
) -> None:
    await put_stock(db, jacket.variants[0].sku, "LJ", 3)
    text = await page(client, f"{BASE}/stores")
    assert "Ljubljana" in text
    answer = await client.post(f"{BASE}/my-store", data={"store": "LJ", "next": f"{BASE}/c/jackets"}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}/c/jackets")
    assert shown(await page(client, f"{BASE}/c/jackets", here="1")) == [jacket.handle]
    assert data(await page(client, f"{BASE}/stores/LJ"))[0]["@type"] == "Store"
    await page(client, f"{BASE}/stores/WH", 404)
    evil = await client.post(f"{BASE}/my-store", data={"store": "LJ", "next": "//evil.example"}, headers=ORIGIN)
    assert evil.headers["location"] == f"{BASE}/stores"
    other = await client.post(f"{BASE}/my-store", data={"store": "LJ"}, headers={"Origin": "http://evil.example"})
    assert other.status_code == 403


@pytest.mark.parametrize(
    ("form", "cookie"),
    [
        ({"postal_code": " 1000 "}, "1000"),
        ({"latitude": "46.0512", "longitude": "14.5078"}, "@46.05_14.51"),
        ({"postal_code": EVIL}, None),
        ({"latitude": "nan", "longitude": "14"}, None),
    ],
)
async def test_where_a_visitor_is_is_kept_no_more_exactly_than_it_takes(
    made: list[DemoProduct], client: httpx.AsyncClient, form: dict[str, str], cookie: str | None
) -> None:
    client.cookies.clear()
    answer = await client.post(f"{BASE}/near", data=form, headers=ORIGIN)
    assert answer.status_code == 303
    assert (answer.cookies.get("kanava_near") or "").strip('"') == (cookie or "")
    await page(client, f"{BASE}/stores")
    await page(client, f"{BASE}/p/{made[0].handle}")


async def test_search_engines_find_every_page_once_for_each_market(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    index = await page(client, "/sitemap.xml")
    names = re.findall(r"<loc>http://kanava\.test(/sitemaps/[^<]+)</loc>", index)
    assert "/sitemaps/si-1.xml.gz" in names
    urls: list[str] = []
    for name in names:
        if name.startswith("/sitemaps/si-"):
            answer = await client.get(name)
            assert answer.headers["content-type"] == "application/gzip"
            urls += re.findall(r"<loc>([^<]+)</loc>", gzip.decompress(answer.content).decode())
    assert len(urls) == len(set(urls))
    for product in made:
        assert f"http://kanava.test/si/en/p/{product.handle}" in urls
    assert "http://kanava.test/si/sl/c/jackets" in urls
    assert (await client.get("/sitemaps/si-999.xml.gz")).status_code == 404
    assert (await client.get("/sitemaps/nowhere-0.xml.gz")).status_code == 404
    robots = await page(client, "/robots.txt")
    assert "Sitemap: http://kanava.test/sitemap.xml" in robots
    # Google's reading of * and $: what belongs to a visitor, no product whose name begins like it.
    rules = re.findall("^Disallow: (.*)$", robots, re.MULTILINE)
    asked = [re.compile(re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$")) for rule in rules]
    refused = {path for path in ROBOTS_ASK if any(rule.match(path) for rule in asked)}
    assert refused == {path for path in ROBOTS_ASK if "/p/" not in path}


async def test_the_shop_can_be_installed(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    manifest = (await client.get(f"{BASE}/manifest.webmanifest")).json()
    assert manifest["start_url"] == BASE
    for icon in manifest["icons"]:
        assert (await client.get(icon["src"])).headers["content-type"] == "image/png"
    worker = await client.get("/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    for path in json.loads(re.search(r"const FILES = (\[.*?\]);", worker.text)[1]):  # type: ignore[index]
        assert (await client.get(path)).status_code == 200
    await client.post(f"{BASE}/cart/lines", data={"sku": made[0].variants[0].sku}, headers=ORIGIN)
    offline = await page(client, f"{BASE}/offline")
    assert "You are not connected" in offline
    assert "1 item in the cart" not in offline
    assert made


async def test_pictures_are_compressed_and_kept(client: httpx.AsyncClient, settings: Settings) -> None:
    folder = Path(settings.data_dir) / "media" / "demo"
    folder.mkdir(parents=True)
    picture = "<svg xmlns='http://www.w3.org/2000/svg'>" + "<g/>" * 500 + "</svg>"
    (folder / "mug.svg").write_text(picture)
    answer = await client.get("/media/demo/mug.svg", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == picture
    assert "sandbox" in answer.headers["content-security-policy"]
    again = await client.get("/media/demo/mug.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (folder / "mug.svg").write_text(picture + "<!-- new -->")
    changed = await client.get("/media/demo/mug.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert changed.text.endswith("<!-- new -->")
    plain = await client.get("/media/demo/mug.svg", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
