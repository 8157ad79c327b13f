"""The reader of the event feed that keeps search as the catalogue, the prices and the channels are."""

from collections.abc import Sequence
from datetime import datetime

from kanava.platform.consumers import Consumer
from kanava.platform.db import Connection
from kanava.platform.outbox import StoredEvent
from kanava.search.service.indexing import CHUNK, index_products, raise_version, touch_products
from kanava.search.store import sources

PRODUCTS = ("product.changed", "products.changed")
OFFERS = ("prices.changed", "listings.changed")
NAMES = ("category.changed", "option_names.changed", "attribute_family.changed")
CHANNELS = ("channel.changed",)


async def keep_up(tx: Connection, events: Sequence[StoredEvent], now: datetime) -> None:  # noqa: ARG001 - of a consumer
    """Write products anew whose texts or values changed; have prices and listings read again where these did."""
    handles: dict[str, None] = {}
    skus: dict[str, None] = {}
    categories: dict[str, None] = {}
    everything = names = False
    for event in events:
        if event.type in PRODUCTS:
            handles.update(dict.fromkeys(event.data.get("handles") or [event.data["handle"]]))
        elif event.type in OFFERS:
            skus.update(dict.fromkeys(event.data["skus"]))
        elif event.type == "category.changed":
            categories[event.data["code"]] = None
        elif event.type in NAMES:
            names = True
            # How values are read is part of the documents; what an attribute is called is not.
            everything = everything or event.type == "option_names.changed"
        elif event.data["change"] == "created" or "language" in event.data["fields"]:
            everything = await _speaks_anew(tx) or everything
    if everything:
        await _index_all(tx)
        return
    touched = await sources.PRODUCTS_BY_SKU.all(tx, skus=list(skus)) if skus else []
    changed = await sources.PRODUCTS_BY_HANDLE.all(tx, handles=list(handles)) if handles else []
    await index_products(tx, changed)
    await touch_products(tx, sorted({*touched} - {*changed}))
    if categories:
        await _index_categories(tx, list(categories))
    if names or categories:
        await raise_version(tx)


async def _speaks_anew(tx: Connection) -> bool:
    """Say whether a channel speaks a language in which products are not found yet."""
    return bool(await sources.LANGUAGES_MISSING.all(tx))


async def _index_categories(tx: Connection, codes: list[str]) -> None:
    after = 0
    while product_ids := await sources.PRODUCTS_IN_CATEGORY.all(tx, codes=codes, after=after, limit=CHUNK):
        await index_products(tx, product_ids)
        after = product_ids[-1]


async def _index_all(tx: Connection) -> None:
    after = 0
    while product_ids := await sources.PRODUCTS_AFTER.all(tx, after=after, limit=CHUNK):
        await index_products(tx, product_ids)
        after = product_ids[-1]


CONSUMER = Consumer("search", keep_up, types=(*PRODUCTS, *OFFERS, *NAMES, *CHANNELS))
