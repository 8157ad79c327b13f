"""The page of a product: texts by language, details, variants, media, channels, completeness, history."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.catalog.model import AttributeDefinition, Product
from kanava.channels import service as channels
from kanava.channels.model import Channel
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.money import Money
from kanava.pricing import service as pricing
from kanava.web.common.translations import known_language
from kanava.web.console.completeness import TAB_OF, WANTS, judged
from kanava.web.console.history_words import HistoryWords
from kanava.web.console.products import PATH, STATUSES, picture_of, title_of
from kanava.web.console.products_forms import (
    all_channels,
    best_name,
    brand_names,
    category_choices,
    languages_of,
    names_of_actors,
)
from kanava.web.console.shell import Desk, console_page, may
from kanava.web.shop.markets import markets_of

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

TABS = {
    "texts": N("Texts"),
    "details": N("Details"),
    "variants": N("Variants"),
    "media": N("Pictures"),
    "channels": N("Channels"),
    "completeness": N("Completeness"),
    "history": N("History"),
}
TAX_CATEGORIES = ("standard", "reduced", "super_reduced", "zero", "food", "books")
ENTRIES_SHOWN = 50
FAMILIES_MAX = 500


class Sold(msgspec.Struct, frozen=True):
    """How a product stands on a channel: `listed` of its active skus are offered, `prices` from … to."""

    channel: Channel
    listed: int
    skus: int
    priced: int
    least: Money | None
    most: Money | None
    shop_path: str | None

    @property
    def by_listing(self) -> bool:
        """Whether it is sold there only when it is listed."""
        return self.channel.assortment == "listed"


async def show_product(
    request: AnyRequest, desk: Desk, handle: str, tab: str, *, status: int = 200, **facts: Any
) -> Response[str]:
    """Answer with one tab of the page; what a form sent stands in `typed`, what was wrong with it in `problem`."""
    async with database_of(request).connection() as connection:
        product = await catalog.get_product(connection, handle)
        found = await all_channels(connection)
        complete = (await judged(connection, found, [product], clock.now()))[handle]
        more = await _facts_of(connection, desk, product, found, tab)
        if tab == "history" or facts.get("conflict"):
            more["words"] = await _words_for(connection, product, desk.language)
    languages = languages_of(found)
    chosen = request.query_params.get("language", facts.pop("language", ""))
    if chosen not in languages:
        chosen = desk.language if desk.language in languages else languages[0]
    everything = {
        "product": product,
        "title_shown": title_of(product, desk.language),
        "picture": picture_of(product),
        "statuses": STATUSES,
        "tabs": TABS,
        "tab": tab,
        "languages_spoken": languages,
        "chosen_language": chosen,
        "complete": complete,
        "least": catalog.least_of(complete),
        "wants": WANTS,
        "typed": None,
        "conflict": None,
        "saved": request.query_params.get("saved") == "yes",
        **more,
        **facts,
    }
    return console_page(request, desk, "console/product.html", status=status, **everything)


async def _facts_of(
    connection: Connection,
    desk: Desk,
    product: Product,
    found: Sequence[Channel],
    tab: str,
) -> dict[str, Any]:
    if tab in ("details", "variants"):
        families = await catalog.list_families(connection, "", FAMILIES_MAX)
        family: Mapping[str, AttributeDefinition] = next(
            (each.attributes for each in families if each.code == product.family), {}
        )
        tree = category_choices(await catalog.category_tree(connection), desk.language)
        return {
            "family": family,
            "families": [each.code for each in families],
            "categories": tree,
            "brands": await brand_names(connection) if tab == "details" else [],
            "tax_categories": TAX_CATEGORIES,
            "written": catalog.written_value,
            "best_name": best_name,
        }
    if tab == "channels":
        return {"sold": await _sold(connection, product, found, desk.language)}
    if tab == "completeness":
        names = {channel.code: channel.name for channel in found}
        return {"channel_names": names, "tab_of": TAB_OF}
    if tab == "history":
        found_changes = await catalog.product_history(connection, product.handle, ENTRIES_SHOWN)
        return {
            "history": found_changes,
            "people": await names_of_actors(connection, sorted({change.actor for change in found_changes})),
        }
    return {}


async def _words_for(connection: Connection, product: Product, language: str) -> HistoryWords:
    tree = category_choices(await catalog.category_tree(connection), language)
    family = (await catalog.get_family(connection, product.family)).attributes if product.family else {}
    return HistoryWords(language, {choice.code: choice.name for choice in tree}, family)


async def _sold(connection: Connection, product: Product, found: Sequence[Channel], language: str) -> list[Sold]:
    skus = [variant.sku for variant in product.variants if variant.status == "active"]
    lists = {each.code: each for each in await pricing.all_price_lists(connection)}
    ids = sorted({lists[channel.price_list].price_list_id for channel in found})
    rows = await pricing.prices_in_force(
        connection, [one for one in ids for _ in skus], [sku for _ in ids for sku in skus], clock.now()
    )
    amounts: dict[int, list[int]] = {}
    for row in rows:
        if row.amounts_minor:
            amounts.setdefault(row.price_list_id, []).append(row.amounts_minor[0])
    listed = await channels.channels_listing(connection, skus)
    shops = {market.channel: market for market in markets_of(found).shops.values()}
    result = []
    for channel in found:
        price_list = lists[channel.price_list]
        priced = amounts.get(price_list.price_list_id, [])
        offered = len(skus) if channel.assortment == "all" else sum(channel.code in listed.get(sku, ()) for sku in skus)
        market = shops.get(channel.code)
        spoken = known_language(language) or "en"
        path = f"/{market.slug}/{spoken}/p/{product.handle}" if market and product.status == "active" else None
        result.append(
            Sold(
                channel,
                offered if channel.active else 0,
                len(skus),
                len(priced),
                Money(min(priced), channel.currency) if priced else None,
                Money(max(priced), channel.currency) if priced else None,
                path,
            )
        )
    return result


@get(f"{PATH}/{{handle:str}}", guards=may("catalog:read"))
async def product_page(request: AnyRequest, desk: Desk, handle: str) -> Response[str]:
    """Show a product."""
    tab = request.query_params.get("tab", "texts")
    return await show_product(request, desk, handle, tab if tab in TABS else "texts")


routes: list[Any] = [product_page]
