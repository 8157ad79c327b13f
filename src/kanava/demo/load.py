"""Loading the demo retailer through the modules' services: one transaction, so it is all there or not at all."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import TypeVar
from uuid import UUID

import msgspec

from kanava.carriers import service as carrier_services
from kanava.catalog import service as catalog
from kanava.catalog.model import (
    AttributeDefinition,
    AttributeFamilyInput,
    CategoryInput,
    NativeRow,
    OptionName,
    OptionNames,
)
from kanava.catalog.service import taxonomy
from kanava.channels import service as channels
from kanava.channels.model import ListingChange, NewChannel, ServingLocation, ServingLocations
from kanava.demo import store
from kanava.demo.carriers import carriers
from kanava.demo.errors import DemoRefused, ShopNotEmpty
from kanava.demo.generate import generate
from kanava.demo.model import DemoChannel, DemoFamily, DemoLocation, DemoPriceList, DemoProduct, DemoRetailer
from kanava.demo.models import draw_model
from kanava.demo.pictures import draw_picture
from kanava.demo.policies import policies as sample_policies
from kanava.demo.products import hex_of
from kanava.demo.synonyms import SYNONYMS
from kanava.demo.words import by_language, matter, product_types
from kanava.inventory import service as inventory
from kanava.inventory.messages import (
    ExpectedLine,
    NewTransfer,
    RingFenceRow,
    RingFences,
    SafetyStockRow,
    SafetyStocks,
    ThresholdRow,
    Thresholds,
)
from kanava.inventory.service import protections, transfers
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, Database
from kanava.policies import service as policies
from kanava.pricing import service as pricing
from kanava.pricing.records import NewPriceList, PriceEntry, PriceUpload, TaxRateEntry, TaxRateUpload
from kanava.search import service as search
from kanava.search.model import Synonyms, SynonymSet
from kanava.stores import service as stores
from kanava.stores.model import HoursExceptionRow, HoursExceptionRows, LocationDraft

MEDIA_URL = "/media/demo/"
CATALOGUE_CHUNK = 2_000
PRICES_CHUNK = 10_000
STOCK_CHUNK = 20_000
PROTECTIONS_CHUNK = 2_000
SEARCHABLE_AT_ONCE = 200
EXCEPTION_DAYS = 400
_CHANNEL_FIELDS = tuple(
    name for name in NewChannel.__struct_fields__ if name not in ("assortment", "active", "sells_incoming")
)
_COLUMNS = frozenset(LocationDraft.__struct_fields__)
# What the tax package cannot know: dried fruit and nuts are not among the foods that Hungary taxes at 18 %.
HUNGARIAN_SNACKS = TaxRateEntry("HU", "food", 2700)

Progress = Callable[[str, int, int], None]
T = TypeVar("T")


class DemoReport(msgspec.Struct, frozen=True):
    """What was loaded, in rows; `seconds` from the first record made to the commit."""

    retailer: str
    seed: int
    locations: int
    products: int
    variants: int
    prices: int
    channels: int
    stock_levels: int
    units: int
    transfers: int
    pictures: int
    seconds: float


async def load_demo(
    db: Database, seed: int = 1, progress: Progress | None = None, media_dir: Path | None = None
) -> DemoReport:
    """Load the retailer of a seed into an empty database; ShopNotEmpty when there are products.

    `progress(step, done, total)` is called as work goes on. Pictures go to `media_dir`/demo; without it none are
    written. Nothing is written to the database unless all is.
    """
    tell = progress or _say_nothing
    began = time.perf_counter()
    async with db.connection() as connection:
        await _must_be_empty(connection)
    tell("Making up the retailer", 0, 1)
    retailer = await asyncio.to_thread(generate, seed)
    tell("Making up the retailer", 1, 1)
    async with db.transaction() as tx, _pictures_meanwhile(retailer, media_dir, tell):
        await _must_be_empty(tx)
        now = clock.now()
        await _locations(tx, retailer.locations, now, tell)
        await _carriers(tx, retailer.locations, now, tell)
        await _catalogue(tx, retailer, now, tell)
        await _synonyms(tx, now)
        await _prices(tx, retailer.price_lists, now, tell)
        await _channels(tx, retailer.channels, now, tell)
        await _policies(tx, now, tell)
        await _stock(tx, retailer, now, tell)
        await _protections(tx, retailer, now, tell)
        await _transfers(tx, retailer, now, tell)
        await _searchable(tx, tell)
    return _report(retailer, len(retailer.pictures) if media_dir else 0, time.perf_counter() - began)


def _say_nothing(step: str, done: int, total: int) -> None:
    """Take progress that nobody wants to see."""


async def _must_be_empty(connection: Connection) -> None:
    if await store.HAS_PRODUCTS.one(connection):
        raise ShopNotEmpty("This database has products already; the demo retailer is loaded into an empty one only.")


def _must_be_good(errors: Sequence[object]) -> None:
    """Stop at rows that a module refuses: then this generator or that module has changed."""
    if errors:
        raise DemoRefused(f"{len(errors)} rows of the demo retailer were refused, first: {errors[0]}")


@asynccontextmanager
async def _pictures_meanwhile(retailer: DemoRetailer, media_dir: Path | None, tell: Progress) -> AsyncIterator[None]:
    """Draw in a thread while the database works; the pictures are there before anything is committed."""
    if media_dir is None:
        yield
        return
    drawing = asyncio.create_task(asyncio.to_thread(write_pictures, retailer, media_dir, tell))
    try:
        yield
    finally:
        await drawing


def write_pictures(retailer: DemoRetailer, media_dir: Path, tell: Progress) -> None:
    """Draw every picture and model into `media_dir`/demo; the same seed writes the same bytes."""
    folder = media_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    total = len(retailer.pictures)
    for done, picture in enumerate(retailer.pictures, start=1):
        (folder / picture.name).write_text(draw_picture(picture), encoding="utf-8")
        if done % 100 == 0 or done == total:
            tell("Drawing pictures", done, total)
    for model in retailer.models:
        (folder / model.name).write_bytes(draw_model(model))


def _chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk


async def _locations(tx: Connection, places: Sequence[DemoLocation], now: datetime, tell: Progress) -> None:
    # The columns of the native layout are the names of the fields.
    lines = [
        msgspec.json.encode({name: value for name, value in msgspec.structs.asdict(place).items() if name in _COLUMNS})
        for place in places
    ]
    file = stores.read_locations(b"\n".join(lines))
    _must_be_good(file.errors)
    report = await stores.import_locations(tx, SYSTEM, file, now)
    _must_be_good(report.errors)
    today = now.date()
    ahead = [
        HoursExceptionRow(place.code, day.on_date, day.opening_hours, day.reason)
        for place in places
        for day in place.exceptions
        if today <= day.on_date <= today + timedelta(days=EXCEPTION_DAYS)
    ]
    await stores.put_hours_exceptions(tx, SYSTEM, HoursExceptionRows(ahead), now)
    tell("Opening stores", len(places), len(places))


async def _carriers(tx: Connection, places: Sequence[DemoLocation], now: datetime, tell: Progress) -> None:
    document = carriers(places)
    await carrier_services.import_carriers(tx, SYSTEM, document, now)
    tell("Hiring carriers", len(document.carriers), len(document.carriers))


async def _catalogue(tx: Connection, retailer: DemoRetailer, now: datetime, tell: Progress) -> None:
    for position, category in enumerate(retailer.categories):
        request = CategoryInput(category.parent or None, position, category.names)
        await taxonomy.put_category(tx, SYSTEM, category.code, request, now)
    for family in retailer.families:
        await taxonomy.put_family(tx, SYSTEM, family.code, _family(family), now)
    words = [OptionName(word.axis, word.names, word.value) for word in retailer.option_names]
    await catalog.put_option_names(tx, SYSTEM, OptionNames(words), now)
    paths = {category.code: category.path for category in retailer.categories}
    rows = [row for product in retailer.products for row in native_rows(product, paths[product.category])]
    done = 0
    for chunk in _by_product(rows):
        outcome = await catalog.import_rows(tx, chunk, now, source=f"demo:{retailer.seed}")
        _must_be_good(outcome.errors)
        done += len(chunk)
        tell("Filling the catalogue", done, len(rows))


async def _synonyms(tx: Connection, now: datetime) -> None:
    for language, sets in SYNONYMS.items():
        await search.put_synonyms(tx, SYSTEM, Synonyms(language, [SynonymSet(list(terms)) for terms in sets]), now)


async def _searchable(tx: Connection, tell: Progress) -> None:
    """Index the products now: the worker would do so by and by, and the first visitor see an empty shop until then."""
    product_ids = await store.PRODUCT_IDS.all(tx)
    for done in range(0, len(product_ids), SEARCHABLE_AT_ONCE):
        tell("Making it searchable", done, len(product_ids))
        await search.index_products(tx, product_ids[done : done + SEARCHABLE_AT_ONCE])
    tell("Making it searchable", len(product_ids), len(product_ids))


def _family(family: DemoFamily) -> AttributeFamilyInput:
    return AttributeFamilyInput(
        {
            attribute.code: AttributeDefinition(
                type=attribute.type,  # type: ignore[arg-type]
                level=attribute.level,  # type: ignore[arg-type]
                choices=list(attribute.choices),
                unit=attribute.unit if attribute.type == "measure" else "",
                names=attribute.names,
                choice_names=attribute.choice_names,
            )
            for attribute in family.attributes
        }
    )


def native_rows(product: DemoProduct, category_path: str) -> Iterator[NativeRow]:
    """Give a product in the catalogue's native layout, a row per variant."""
    kind = next(kind for kind in product_types() if kind.code == product.type)
    titles = {language: text.title for language, text in product.texts.items()}
    descriptions = {language: text.description for language, text in product.texts.items()}
    colours = matter("scents" if kind.colours == "scent" else "colours")
    for variant in product.variants:
        # A picture shows the product in one colour: that is what somebody who cannot see it wants to know.
        shown = by_language(colours[variant.colour][2:]) if variant.colour else {}
        alts = {language: f"{title}, {shown[language]}" if shown else title for language, title in titles.items()}
        colour = {"colour": variant.colour, "colour_hex": hex_of(kind, variant.colour)} if variant.colour else {}
        yield NativeRow(
            handle=product.handle,
            sku=variant.sku,
            titles=titles,
            descriptions=descriptions,
            status=product.status,  # type: ignore[arg-type]
            brand=product.brand,
            category=category_path,
            family=product.family,
            tax_category=product.tax_category,
            tags=[product.type],
            options=dict(zip(product.option_axes, variant.option_values, strict=True)),
            attributes={**product.attributes, **colour},
            gtins=[variant.gtin],
            weight_grams=variant.weight_grams,
            length_mm=variant.length_mm,
            width_mm=variant.width_mm,
            height_mm=variant.height_mm,
            image_urls=[MEDIA_URL + name for name in variant.images],
            model_3d_url=MEDIA_URL + variant.model if variant.model else None,
            image_alts={language: [alt] * len(variant.images) for language, alt in alts.items()},
            product_image_urls=[MEDIA_URL + name for name in product.images],
            product_image_alts={language: [title] * len(product.images) for language, title in titles.items()},
        )


def _by_product(rows: Sequence[NativeRow]) -> Iterator[list[NativeRow]]:
    """Cut into chunks between products."""
    chunk: list[NativeRow] = []
    for row in rows:
        if len(chunk) >= CATALOGUE_CHUNK and row.handle != chunk[-1].handle:
            yield chunk
            chunk = []
        chunk.append(row)
    yield chunk


async def _prices(tx: Connection, lists: Sequence[DemoPriceList], now: datetime, tell: Progress) -> None:
    await pricing.seed_tax_rates(tx)
    await pricing.put_tax_rates(tx, SYSTEM, TaxRateUpload([HUNGARIAN_SNACKS]), now)
    total, done = sum(len(price_list.prices) for price_list in lists), 0
    for price_list in lists:
        made = NewPriceList(
            price_list.code, price_list.name, price_list.currency, customer_group=price_list.customer_group
        )
        await pricing.create_price_list(tx, SYSTEM, made, now)
        for chunk in _chunks(price_list.prices, PRICES_CHUNK):
            entries = [PriceEntry(price.sku, price.amount_minor, price.quantity_from) for price in chunk]
            await pricing.put_prices(tx, SYSTEM, price_list.code, PriceUpload(entries), now)
            done += len(chunk)
            tell("Pricing", done, total)


async def _channels(tx: Connection, made: Sequence[DemoChannel], now: datetime, tell: Progress) -> None:
    for done, channel in enumerate(made, start=1):
        request = NewChannel(
            assortment="all" if channel.listed is None else "listed",
            **{name: getattr(channel, name) for name in _CHANNEL_FIELDS},
        )
        await channels.create_channel(tx, SYSTEM, request, now)
        serving = [ServingLocation(code, threshold) for code, threshold in channel.locations]
        await channels.put_serving_locations(tx, SYSTEM, channel.code, ServingLocations(serving), now)
        for chunk in _chunks(channel.listed or (), PRICES_CHUNK):
            await channels.add_listings(tx, SYSTEM, channel.code, ListingChange(chunk), now)
        tell("Opening channels", done, len(made))


async def _policies(tx: Connection, now: datetime, tell: Progress) -> None:
    written = list(sample_policies())
    for key, text in written:
        await policies.put_policy(tx, SYSTEM, key, text, None, now)
    tell("Writing policies", len(written), len(written))


async def _stock(tx: Connection, retailer: DemoRetailer, now: datetime, tell: Progress) -> None:
    skus = [variant.sku for product in retailer.products for variant in product.variants]
    variant_ids = await catalog.variant_ids_by_sku(tx, skus)
    location_ids = {place.code: place.location_id for place in await stores.all_for_routing(tx)}
    rows = [(variant_ids[row.sku], location_ids[row.location], row.quantity) for row in retailer.stock]
    done = 0
    for chunk in _chunks(rows, STOCK_CHUNK):
        await inventory.receive_many(tx, SYSTEM, chunk, f"demo:{retailer.seed}", now)
        done += len(chunk)
        tell("Receiving stock", done, len(rows))


async def _protections(tx: Connection, retailer: DemoRetailer, now: datetime, tell: Progress) -> None:
    kept = [SafetyStockRow(row.sku, row.location, row.safety_stock) for row in retailer.stock if row.safety_stock]
    done = 0
    for chunk in _chunks(kept, PROTECTIONS_CHUNK):
        await protections.set_safety_stocks(tx, SYSTEM, SafetyStocks(chunk), now)
        done += len(chunk)
        tell("Keeping stock back", done, len(kept))
    fences = [RingFenceRow(row.sku, row.location, row.channel, row.quantity) for row in retailer.ring_fences]
    await protections.set_ring_fences(tx, SYSTEM, RingFences(fences), now)
    limits = [ThresholdRow(row.sku, row.channel, row.threshold) for row in retailer.thresholds]
    await protections.set_thresholds(tx, SYSTEM, Thresholds(limits), now)


async def _transfers(tx: Connection, retailer: DemoRetailer, now: datetime, tell: Progress) -> None:
    ids = Random(f"{retailer.seed}:transfer-ids")
    for done, transfer in enumerate(retailer.transfers, start=1):
        transfer_id = UUID(int=ids.getrandbits(128), version=4)
        new = NewTransfer(
            transfer_id,
            transfer.from_location,
            transfer.to_location,
            [ExpectedLine(sku, quantity) for sku, quantity in transfer.lines],
            expected_on=now.date() + timedelta(days=transfer.arrives_in_days),
        )
        await transfers.create_transfer(tx, SYSTEM, new, now)
        await transfers.ship_transfer(tx, SYSTEM, transfer_id, now)
        tell("Sending transfers", done, len(retailer.transfers))


def _report(retailer: DemoRetailer, pictures: int, seconds: float) -> DemoReport:
    return DemoReport(
        retailer=retailer.name,
        seed=retailer.seed,
        locations=len(retailer.locations),
        products=len(retailer.products),
        variants=sum(len(product.variants) for product in retailer.products),
        prices=sum(len(price_list.prices) for price_list in retailer.price_lists),
        channels=len(retailer.channels),
        stock_levels=len(retailer.stock),
        units=sum(row.quantity for row in retailer.stock),
        transfers=len(retailer.transfers),
        pictures=pictures,
        seconds=round(seconds, 2),
    )
