"""A page of products: what it shows, what it can be narrowed by, and what it refuses."""

import httpx
import pytest

from factories.search import few_products, find, handles, put_stock
from kanava.demo.model import DemoProduct
from kanava.platform import clock
from kanava.platform.db import Database

pytestmark = [pytest.mark.anyio, pytest.mark.search_shop]


@pytest.fixture
def made() -> list[DemoProduct]:
    return few_products()


def by_handle(made: list[DemoProduct], handle: str) -> DemoProduct:
    return next(product for product in made if product.handle == handle)


async def test_without_words_everything_is_shown_newest_first_a_page_at_a_time(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    whole = await find(client, limit=96)
    assert (whole["total"], whole["pages"], whole["sort"]) == (len(made), 1, "newest")
    assert sorted(handles(whole)) == sorted(product.handle for product in made)
    pages = [handles(await find(client, limit=4, page=number)) for number in range(1, 6)]
    assert [handle for page in pages for handle in page] == handles(whole)


async def test_a_card_shows_the_product_as_the_channel_sells_it(
    db: Database, made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    product = next(one for one in made if one.type == "rain-jacket")
    dear = product.variants[-1]
    await put_stock(db, dear.sku, "WH", 2)
    page = await find(client, product.texts["sl"].title, "web-sl", location="LJ")
    card = next(card for card in page["items"] if card["handle"] == product.handle)
    assert card["title"] == product.texts["sl"].title
    assert card["brand"] == product.brand
    assert card["from_price"] == {"amount_minor": product.price_eur_minor, "currency": "EUR"}
    assert card["price_varies"]
    # The one that is there is shown, although others cost less.
    assert (card["sku"], card["in_stock"], card["in_stock_at_location"]) == (dear.sku, True, False)
    assert card["variant_count"] == len(product.variants)
    assert len(card["colours"]) == len({variant.colour for variant in product.variants})
    assert all(colour["hex"].startswith("#") and colour["image_url"] for colour in card["colours"])


async def test_a_sku_and_a_barcode_open_the_product(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    product = made[4]
    variant = product.variants[1]
    for text in (variant.sku, variant.sku.lower(), variant.gtin, "0" + variant.gtin):
        page = await find(client, text)
        assert page["exact"] == {"handle": product.handle, "sku": variant.sku}, text
        assert handles(page) == [product.handle]


async def test_a_category_has_all_below_it_and_names_what_is_right_below(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    page = await find(client, channel="web-hr", category="outdoor", limit=96)
    assert page["total"] == sum(product.type != "mug" for product in made)
    assert {(value["value"], value["name"], value["count"]) for value in page["categories"]} == {
        ("clothing", "Odjeća", 6),
        ("equipment", "Oprema", 6),
    }


async def test_choices_narrow_by_the_same_variant_and_counts_leave_their_own_facet_out(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    jackets = [product for product in made if product.type.endswith("jacket")]
    axes = jackets[0].option_axes
    colour, size = jackets[0].variants[0].option_values
    page = await find(
        client, category="jackets", facet=[f"option.{axes[0]}:{colour}", f"option.{axes[1]}:{size}"], limit=96
    )
    having = [p for p in jackets if any(v.option_values == (colour, size) for v in p.variants)]
    assert sorted(handles(page)) == sorted(product.handle for product in having)
    facets = {facet["code"]: {value["value"]: value for value in facet["values"]} for facet in page["facets"]}
    for value, shown in facets[f"option.{axes[0]}"].items():
        expected = sum(any(v.option_values == (value, size) for v in p.variants) for p in jackets)
        assert (shown["count"], shown["chosen"]) == (expected, value == colour)
    for value, shown in facets[f"option.{axes[1]}"].items():
        assert shown["count"] == sum(any(v.option_values == (colour, value) for v in p.variants) for p in jackets)
    for value, shown in facets["brand"].items():
        assert shown["count"] == sum(product.brand == value for product in having)


async def test_facets_are_named_in_the_language_of_the_channel(
    made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    page = await find(client, channel="web-pl", category="jackets")
    facets = {facet["code"]: facet for facet in page["facets"]}
    assert facets["option.colour"]["name"] == "Kolor"
    assert all(value["name"][0].islower() for value in facets["option.colour"]["values"])
    assert facets["attribute.recycled"]["kind"] == "boolean"
    english = await find(client, channel="web-pl", category="jackets", language="en")
    assert {facet["code"]: facet["name"] for facet in english["facets"]}["option.colour"] == "Colour"


async def test_prices_narrow_and_sort_and_their_range_stays(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    amounts = sorted(product.price_eur_minor for product in made)
    limit = amounts[len(amounts) // 2]
    page = await find(client, price_until=limit, sort="price_up", limit=96)
    assert [card["from_price"]["amount_minor"] for card in page["items"]] == [a for a in amounts if a <= limit]
    assert page["prices"]["lowest"]["amount_minor"] == amounts[0]
    assert page["prices"]["highest"]["amount_minor"] > limit
    down = await find(client, sort="price_down", limit=96)
    assert [card["from_price"]["amount_minor"] for card in down["items"]] == amounts[::-1]
    named = await find(client, sort="name", limit=96)
    titles = [card["title"] for card in named["items"]]
    assert titles == sorted(titles, key=str.casefold)


async def test_only_what_the_store_has_is_in_stock_there(
    db: Database, made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    first, second, third = made[0], made[1], made[2]
    await put_stock(db, first.variants[0].sku, "LJ", 1)
    await put_stock(db, second.variants[0].sku, "WH", 1)
    await put_stock(db, third.variants[0].sku, "LJ", 0)
    here = await find(client, in_stock="true", location="LJ")
    assert (handles(here), here["total_at_least"]) == ([first.handle], False)
    anywhere = await find(client, in_stock="true")
    assert sorted(handles(anywhere)) == sorted([first.handle, second.handle])
    # Of another size it has none: the variant that is asked for must be the one that is there.
    axis, value = first.option_axes[-1], first.variants[1].option_values[-1]
    other = await find(client, in_stock="true", location="LJ", facet=f"option.{axis}:{value}")
    assert other["total"] == 0
    sizes = next(facet for facet in other["facets"] if facet["code"] == f"option.{axis}")["values"]
    assert {size["value"]: size["count"] for size in sizes if size["count"]} == {first.variants[0].option_values[-1]: 1}
    # A threshold and a reservation keep it back as placing would.
    async with db.transaction() as tx:
        await tx.execute("UPDATE stock_level SET reserved = 1 WHERE on_hand = 1")
    assert (await find(client, in_stock="true"))["total"] == 0


async def test_nothing_found_is_an_answer(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    page = await find(client, "xyzzyqwv")
    assert (page["total"], page["items"], page["prices"]) == (0, [], None)
    gone = await find(client, facet="option.flavour:mint")
    assert (gone["total"], gone["facets"]) == (0, [])
    some = await find(client, "tent xyzzyqwv")
    assert some["relaxed"]
    assert {handle.split("-")[0] for handle in handles(some)} == {"tent"}


async def test_what_is_asked_wrongly_is_named(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    for parameters, field in [
        ({"channel": "nowhere"}, "channel"),
        ({"category": "nothing"}, "category"),
        ({"location": "nowhere"}, "location"),
        ({"facet": "size:M"}, "facet"),
        ({"facet": "brand"}, "facet[0]"),
        ({"limit": 97}, "limit"),
        ({"page": 501}, "page"),
        ({"q": "x" * 201}, "q"),
        ({"price_from": 5, "price_until": 4}, "price_from"),
        ({"sort": "cheapest"}, "sort"),
    ]:
        # What the schema of the address says is malformed; what only we know is not allowed.
        problem = await find(client, status=400 if field in ("limit", "page", "q", "sort") else 422, **parameters)
        assert problem["errors"][0]["field"] == field, parameters


async def test_suggestions_are_categories_brands_products_and_what_others_asked(
    db: Database, made: list[DemoProduct], client: httpx.AsyncClient
) -> None:
    async def suggested(q: str, channel: str = "web-en") -> list[tuple[str, str]]:
        answer = await client.get("/api/search/suggestions", params={"channel": channel, "q": q})
        assert answer.status_code == 200, answer.text
        return [(item["kind"], item["text"]) for item in answer.json()["items"]]

    assert ("category", "Jackets") in await suggested("jack")
    assert ("category", "Kabátok") in await suggested("kaba", "web-hu")
    assert ("brand", "Jelovir") in await suggested("jelo")
    backpack = next(product for product in made if product.type == "backpack")
    assert ("product", backpack.texts["sl"].title) in await suggested("nahrb", "web-sl")
    assert len(await suggested("j")) <= 10
    for _ in range(3):
        await find(client, "rain jacket")
    app = client._transport.app  # type: ignore[attr-defined]
    async with db.transaction() as tx:
        await app.state.search.asked.write(tx, clock.now())
    assert ("query", "rain jacket") in await suggested("rai")
    assert ("query", "rain jacket") not in await suggested("rai", "web-sl")


async def test_synonyms_are_read_and_replaced_by_language(made: list[DemoProduct], client: httpx.AsyncClient) -> None:
    assert (await find(client, "bivouac "))["total"] == 0
    body = {"language": "en", "sets": [{"terms": ["tent", "bivouac"]}, {"terms": ["mug", "drinking vessel"]}]}
    answer = await client.put("/api/search/synonyms", json=body)
    assert answer.json() == {"language": "en", "sets": 2}
    assert {handle.split("-")[0] for handle in handles(await find(client, "bivouac "))} == {"tent"}
    assert {handle.split("-")[0] for handle in handles(await find(client, "drinking vessels "))} == {"mug"}
    read = await client.get("/api/search/synonyms", params={"language": "en"})
    assert read.json() == body
    wrong = {"language": "en", "sets": [{"terms": ["tent", "Tents"]}]}
    problem = (await client.put("/api/search/synonyms", json=wrong)).json()
    assert problem["errors"][0]["field"] == "sets[0].terms[1]"
