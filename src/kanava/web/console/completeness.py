"""What channels ask of products, and what the gaps are called."""

from collections.abc import Sequence
from datetime import datetime

from kanava.catalog import service as catalog
from kanava.catalog.model import Product
from kanava.catalog.service import Completeness, Needs
from kanava.channels.model import Channel
from kanava.platform.db import Connection
from kanava.pricing import service as pricing
from kanava.web.common.translations import known_language

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

WANTS = {
    "title": N("Title"),
    "description": N("Description"),
    "seo_title": N("Title for search engines"),
    "seo_description": N("Description for search engines"),
    "alt": N("Words for pictures"),
    "picture": N("Picture"),
    "category": N("Category"),
    "attribute": N("Attribute"),
    "gtin": N("GTIN"),
    "weight": N("Weight"),
    "price": N("Price"),
}
# Where on the product's page a gap is closed.
TAB_OF = {
    "title": "texts",
    "description": "texts",
    "seo_title": "texts",
    "seo_description": "texts",
    "alt": "media",
    "picture": "media",
    "category": "details",
    "attribute": "details",
    "gtin": "variants",
    "weight": "variants",
    "price": "channels",
}


async def needs_of(
    connection: Connection, found: Sequence[Channel], products: Sequence[Product], now: datetime
) -> list[Needs]:
    """Say what each active channel asks of these products, with the skus that have a price there."""
    skus = [variant.sku for product in products for variant in product.variants if variant.status == "active"]
    active = [channel for channel in found if channel.active]
    priced = await _priced(connection, sorted({channel.price_list for channel in active}), skus, now)
    return [
        Needs(
            channel.code,
            known_language(channel.language) or channel.language,
            priced.get(channel.price_list, frozenset()),
        )
        for channel in active
    ]


async def _priced(
    connection: Connection, codes: Sequence[str], skus: Sequence[str], now: datetime
) -> dict[str, frozenset[str]]:
    lists = {each.code: each.price_list_id for each in await pricing.all_price_lists(connection) if each.code in codes}
    if not skus:
        return {}
    ids = list(lists.values())
    rows = await pricing.prices_in_force(
        connection, [one for one in ids for _ in skus], [sku for _ in ids for sku in skus], now
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        if row.amounts_minor:
            found.setdefault(row.price_list_id, set()).add(row.sku)
    return {code: frozenset(found.get(price_list_id, ())) for code, price_list_id in lists.items()}


async def judged(
    connection: Connection, found: Sequence[Channel], products: Sequence[Product], now: datetime
) -> dict[str, list[Completeness]]:
    """Give how complete each product is for each active channel, by handle."""
    return await catalog.judge_products(connection, products, await needs_of(connection, found, products, now))
