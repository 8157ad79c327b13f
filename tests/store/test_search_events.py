"""Search follows the catalogue, the prices and the channels by their events."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from factories.search import few_products, keep_up
from kanava.catalog import service as catalog
from kanava.catalog.model import CategoryInput, ProductPatch, Text
from kanava.channels import service as channels
from kanava.channels.model import ChannelChange, ListingChange
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, Database
from kanava.pricing import service as pricing
from kanava.pricing.records import PriceEntry, PriceUpload
from kanava.search import service
from kanava.search.model import ProductPage, ProductQuery

pytestmark = [pytest.mark.anyio, pytest.mark.search_shop]

T = TypeVar("T")
Ask = Callable[..., Awaitable[ProductPage]]


@pytest.fixture
def ask(db: Database) -> Ask:
    """A process that has searched before, so that it must hear of what changes."""
    search = service.ProductSearch()

    async def ask(text: str = "", channel: str = "web-en", **more: object) -> ProductPage:
        async with db.connection() as connection:
            now = clock.now() + timedelta(days=int(more.pop("days", 0)))  # type: ignore[call-overload]
            return await search.search(connection, ProductQuery(channel, text=text, limit=96, **more), now)  # type: ignore[arg-type]

    return ask


async def read(db: Database, verb: Callable[[Connection], Awaitable[T]]) -> T:
    async with db.connection() as connection:
        return await verb(connection)


async def change(db: Database, verb: Callable[[Connection], Awaitable[object]]) -> None:
    async with db.transaction() as tx:
        await verb(tx)
    await keep_up(db)


async def test_a_new_title_an_archived_product_and_a_new_one_are_heard_of(db: Database, ask: Ask) -> None:
    made = few_products()
    handle = made[0].handle
    assert (await ask()).total == len(made)
    product = await read(db, lambda c: catalog.get_product(c, handle))
    texts = {**product.texts, "en": Text(title="Quokka Parka")}
    await change(
        db,
        lambda tx: catalog.patch_product(
            tx, SYSTEM, handle, ProductPatch(texts=texts), clock.now(), version=product.version
        ),
    )
    assert [card.handle for card in (await ask("quokka")).items] == [handle]
    current = await read(db, lambda c: catalog.get_product(c, handle))
    await change(
        db,
        lambda tx: catalog.patch_product(
            tx, SYSTEM, handle, ProductPatch(status="archived"), clock.now(), version=current.version
        ),
    )
    assert (await ask("quokka ")).total == 0
    assert (await ask()).total == len(made) - 1


async def test_prices_are_those_in_force(db: Database, ask: Ask) -> None:
    made = few_products()
    product = made[0]
    assert (await ask(sort="price_up")).items[0].from_price.amount_minor > 2
    soon = clock.now() + timedelta(days=2)
    cheap = [PriceEntry(variant.sku, 1, valid_until=soon) for variant in product.variants]
    dearer = [PriceEntry(variant.sku, 2, valid_from=soon) for variant in product.variants]

    async def put(tx: Connection) -> None:
        await pricing.put_prices(tx, SYSTEM, "eur", PriceUpload(cheap), clock.now())
        await pricing.put_prices(tx, SYSTEM, "eur", PriceUpload(dearer), clock.now())

    await change(db, put)
    first = (await ask(sort="price_up")).items[0]
    assert (first.handle, first.from_price.amount_minor) == (product.handle, 1)
    # Nobody says anything when a price begins.
    first = (await ask(sort="price_up", days=3)).items[0]
    assert (first.handle, first.from_price.amount_minor) == (product.handle, 2)


async def test_a_renamed_category_finds_its_products(db: Database, ask: Ask) -> None:
    assert (await ask("wigwams ")).total == 0
    category = await read(db, lambda c: catalog.get_category(c, "camping"))
    request = CategoryInput(category.parent, category.position, {**category.names, "en": "Wigwams"})
    await change(db, lambda tx: catalog.put_category(tx, SYSTEM, "camping", request, clock.now()))
    page = await ask("wigwam")
    assert {card.handle.split("-")[0] for card in page.items} == {"tent"}
    names = [value.name for value in (await ask(category="equipment")).categories]
    assert "Wigwams" in names


async def test_a_channel_shows_what_is_listed_on_it(db: Database, ask: Ask) -> None:
    made = few_products()
    sku = made[0].variants[0].sku

    async def list_one(tx: Connection) -> None:
        channel = await channels.get_channel(tx, "web-sl")
        await channels.change_channel(
            tx, SYSTEM, "web-sl", ChannelChange(assortment="listed"), channel.version, clock.now()
        )

    await change(db, list_one)
    assert (await ask(channel="web-sl")).total == 0
    await change(db, lambda tx: channels.add_listings(tx, SYSTEM, "web-sl", ListingChange([sku]), clock.now()))
    page = await ask(channel="web-sl")
    assert [(card.handle, card.sku, card.variant_count) for card in page.items] == [(made[0].handle, sku, 1)]
    await change(db, lambda tx: channels.remove_listings(tx, SYSTEM, "web-sl", ListingChange([sku]), clock.now()))
    assert (await ask(channel="web-sl")).total == 0
    assert (await ask()).total == len(made)


async def test_what_is_rebuilt_is_what_the_events_made(db: Database, ask: Ask) -> None:
    tables = {
        "search_document": "product_id, language, title, title_key, words, names",
        "search_product": "product_id, category_id, created_at, variant_ids, value_ids, value_variants",
        "search_word": "language, word, stem",
    }
    before = await contents(db, tables)
    page = await ask("jacket")
    assert await service.rebuild(db, lambda done, total: None) == 15
    assert await contents(db, tables) == before
    assert await ask("jacket") == page


async def contents(db: Database, tables: dict[str, str]) -> dict[str, list[tuple[object, ...]]]:
    async with db.connection() as connection:
        return {
            table: [tuple(row) for row in await connection.fetch(f"SELECT {columns} FROM {table} ORDER BY 1, 2")]
            for table, columns in tables.items()
        }
