"""A few dozen products of the demo retailer, in five languages, on four channels, to be searched."""

from datetime import datetime
from functools import cache
from typing import Any

import httpx

from kanava.catalog import service as catalog
from kanava.catalog.model import CategoryInput, OptionName, OptionNames
from kanava.catalog.service import taxonomy
from kanava.channels import service as channels
from kanava.channels.model import NewChannel, ServingLocation, ServingLocations
from kanava.consumers import CONSUMERS
from kanava.demo.generate import categories, families, option_names
from kanava.demo.load import _family, native_rows
from kanava.demo.model import DemoProduct
from kanava.demo.products import products
from kanava.demo.synonyms import SYNONYMS
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.consumers import drain
from kanava.platform.db import Connection, Database
from kanava.pricing import service as pricing
from kanava.pricing.records import NewPriceList, PriceEntry, PriceUpload
from kanava.search import service as search
from kanava.search.jobs import CONSUMER
from kanava.search.model import Synonyms, SynonymSet
from tests_support import settled

KINDS = ("rain-jacket", "down-jacket", "backpack", "mug", "tent")
LANGUAGES = ("en", "sl", "pl", "hr", "hu")


@cache
def few_products(each: int = 3) -> list[DemoProduct]:
    """Give some active products of a few kinds: those of the shop."""
    found: list[DemoProduct] = []
    for kind in KINDS:
        found += [made for made in products(1)[0] if made.type == kind and made.status == "active"][:each]
    return found


async def open_search_shop(db: Database) -> None:
    """Fill the shop in, in channels `web-en` … `web-hu`, at list `eur`, with stock nowhere."""
    now = clock.now()
    made = few_products()
    async with db.transaction() as tx:
        await pricing.seed_tax_rates(tx)
        await _catalogue(tx, made, now)
        await pricing.create_price_list(tx, SYSTEM, NewPriceList("eur", "Shelf", "EUR"), now)
        entries = [
            PriceEntry(variant.sku, product.price_eur_minor + 100 * variant.size_index)
            for product in made
            for variant in product.variants
        ]
        await pricing.put_prices(tx, SYSTEM, "eur", PriceUpload(entries), now)
        await tx.execute(
            "INSERT INTO location (code, kind, name, country, time_zone, services, fulfils_online) VALUES "
            "('LJ', 'store', 'Ljubljana', 'SI', 'Europe/Ljubljana', '{pickup,ship_from_store}', true), "
            "('WH', 'warehouse', 'Warehouse', 'SI', 'Europe/Ljubljana', '{}', true)"
        )
        for language in LANGUAGES:
            new = NewChannel(f"web-{language}", "web", language, "SI", "EUR", language, "eur")
            await channels.create_channel(tx, SYSTEM, new, now)
            serving = ServingLocations([ServingLocation("LJ"), ServingLocation("WH")])
            await channels.put_serving_locations(tx, SYSTEM, f"web-{language}", serving, now)
        for language, sets in SYNONYMS.items():
            wanted = Synonyms(language, [SynonymSet(list(terms)) for terms in sets])
            await search.put_synonyms(tx, SYSTEM, wanted, now)
    await keep_up(db)


async def _catalogue(tx: Connection, made: list[DemoProduct], now: datetime) -> None:
    paths = {}
    for position, category in enumerate(categories()):
        paths[category.code] = category.path
        request = CategoryInput(category.parent or None, position, category.names)
        await taxonomy.put_category(tx, SYSTEM, category.code, request, now)
    for family in families():
        await taxonomy.put_family(tx, SYSTEM, family.code, _family(family), now)
    words = [OptionName(word.axis, word.names, word.value) for word in option_names()]
    await catalog.put_option_names(tx, SYSTEM, OptionNames(words), now)
    rows = [row for product in made for row in native_rows(product, paths[product.category])]
    outcome = await catalog.import_rows(tx, rows, now, source="test")
    assert outcome.errors == []


async def keep_up(db: Database) -> None:
    """Let search hear of all that is committed."""
    assert CONSUMER in CONSUMERS
    await settled(db)
    await drain(db, [CONSUMER])


async def put_stock(db: Database, sku: str, location: str, units: int) -> None:
    """Write a level."""
    async with db.transaction() as tx:
        await tx.execute(
            """INSERT INTO stock_level (variant_id, location_id, on_hand)
               SELECT v.variant_id, l.location_id, $3 FROM variant v, location l WHERE v.sku = $1 AND l.code = $2""",
            sku,
            location,
            units,
        )


async def find(client: httpx.AsyncClient, q: str = "", channel: str = "web-en", status: int = 200, **more: Any) -> Any:
    """Search as a shop does."""
    answer = await client.get("/api/search/products", params={"channel": channel, "q": q, **more})
    assert answer.status_code == status, answer.text
    return answer.json()


def handles(page: Any) -> list[str]:
    """Give the products of a page."""
    return [card["handle"] for card in page["items"]]
