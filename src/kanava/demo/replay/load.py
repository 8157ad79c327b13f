"""Filling an empty database with the chain's stores, products, prices and stock, through the modules' services."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from kanava.carriers import service as carriers
from kanava.carriers.model import (
    CarrierDocument,
    CarrierInput,
    CarriersDocument,
    CarrierServiceInput,
    Destination,
    Rate,
    ServiceDocument,
    ServiceTerms,
    Weekday,
    Zone,
)
from kanava.catalog import service as catalog
from kanava.catalog.model import NativeRow
from kanava.channels import service as channels
from kanava.channels.model import NewChannel, ServingLocation, ServingLocations
from kanava.demo.replay.receipts import Receipts
from kanava.inventory import service as inventory
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, Database
from kanava.platform.refusal import CannotRun
from kanava.pricing import service as pricing
from kanava.pricing.records import NewPriceList, PriceEntry, PriceUpload, TaxRateEntry, TaxRateUpload
from kanava.stores import service as stores

CATALOGUE_CHUNK = 2_000
PRICES_CHUNK = 10_000
STOCK_CHUNK = 20_000
PRICE_LIST = "usd"
TILLS = "tills"
WEB = "web"

TIME_ZONE = "America/New_York"
STORE = {"opening_hours": "24/7", "services": ["pickup", "returns"]}
OPENS, CLOSES = 7, 22
UNITS_PER_HOUR = 60
STORE_THAT_SHIPS = {
    "opening_hours": f"Mo-Su {OPENS:02}:00-{CLOSES:02}:00",
    "services": ["pickup", "returns", "ship_from_store"],
    "handling_minutes": 120,
    "pick_capacity_per_hour": UNITS_PER_HOUR,
}
CARRIER, TRANSIT_DAYS, CUT_OFF_HOUR = "parcels", 2, 16
_WORKDAYS: list[Weekday] = ["mo", "tu", "we", "th", "fr"]
_RATES = [Rate(5_000, 600, {"USD": 690}), Rate(20_000, 900, {"USD": 990}), Rate(200_000, 1_900, {"USD": 1_990})]
_ZONE = Zone("us", ["US"], [Destination("US")], TRANSIT_DAYS, _RATES)
_TERMS = ServiceTerms(dict.fromkeys(_WORKDAYS, f"{CUT_OFF_HOUR}:00"), _WORKDAYS, [_ZONE])
CARRIERS = CarriersDocument(
    [
        CarrierDocument(
            CARRIER,
            CarrierInput("Parcels"),
            [ServiceDocument("parcels-home", CarrierServiceInput("To the door", "address", 200_000, _TERMS))],
        )
    ]
)

Tell = Callable[[str, int, int], None]
T = TypeVar("T")


class Loaded(msgspec.Struct, frozen=True):
    """What was loaded, in rows."""

    stores: int
    products: int
    stock_levels: int
    units: int


async def load(db: Database, receipts: Receipts, stock_share: float, tell: Tell, *, ships: bool = False) -> Loaded:
    """Load everything in one transaction; of what a store will sell, `stock_share` is put on its shelves.

    `ships`: the stores have hours and send parcels, and a carrier brings them.
    """
    async with db.transaction() as tx:
        places = receipts.stores()
        await _stores(tx, places, STORE_THAT_SHIPS if ships else STORE)
        if ships:
            await carriers.import_carriers(tx, SYSTEM, CARRIERS, clock.now())
        tell("Opening stores", len(places), len(places))
        products = await _products(tx, receipts, tell)
        await _channels(tx, places)
        levels, units = await _stock(tx, receipts, stock_share, tell)
    return Loaded(len(places), products, levels, units)


def place_code(store: str) -> str:
    """Give the code of a store."""
    return f"store-{store}"


async def _stores(tx: Connection, places: Iterable[str], terms: Mapping[str, object]) -> None:
    lines = [
        msgspec.json.encode(
            {
                "code": place_code(store), "kind": "store", "name": f"Store {store}", "country": "US",
                "time_zone": TIME_ZONE, **terms,
            }
        )
        for store in places
    ]  # fmt: skip
    file = stores.read_locations(b"\n".join(lines))
    report = await stores.import_locations(tx, SYSTEM, file, clock.now())
    _must_be_good([*file.errors, *report.errors])


async def _products(tx: Connection, receipts: Receipts, tell: Tell) -> int:
    now = clock.now()
    products = list(receipts.products())
    done = 0
    for chunk in _chunks(products, CATALOGUE_CHUNK):
        rows = [
            NativeRow(
                handle=f"product-{product.sku}", sku=product.sku, titles={"en": product.title}, status="active",
                brand=product.brand or None, category=_slug(product.department), tax_category="standard",
            )
            for product in chunk
        ]  # fmt: skip
        _must_be_good((await catalog.import_rows(tx, rows, now, source="replay")).errors)
        done += len(chunk)
        tell("Filling the catalogue", done, len(products))
    await pricing.create_price_list(tx, SYSTEM, NewPriceList(PRICE_LIST, "US dollars", "USD"), now)
    await pricing.put_tax_rates(tx, SYSTEM, TaxRateUpload([TaxRateEntry("US", "standard", 0)]), now)
    done = 0
    for chunk in _chunks(products, PRICES_CHUNK):
        prices = [PriceEntry(product.sku, product.price_minor) for product in chunk]
        await pricing.put_prices(tx, SYSTEM, PRICE_LIST, PriceUpload(prices), now)
        done += len(chunk)
        tell("Pricing", done, len(products))
    return len(products)


async def _channels(tx: Connection, places: Iterable[str]) -> None:
    now = clock.now()
    serving = ServingLocations([ServingLocation(place_code(store)) for store in places])
    for code, kind in ((TILLS, "store"), (WEB, "web")):
        channel = NewChannel(
            code=code, kind=kind, name=code.title(), country="US", currency="USD", language="en",  # type: ignore[arg-type]
            price_list=PRICE_LIST,
        )  # fmt: skip
        await channels.create_channel(tx, SYSTEM, channel, now)
        await channels.put_serving_locations(tx, SYSTEM, code, serving, now)


async def _stock(tx: Connection, receipts: Receipts, stock_share: float, tell: Tell) -> tuple[int, int]:
    now = clock.now()
    location_ids = {place.code: place.location_id for place in await stores.all_for_routing(tx)}
    needs = list(receipts.needs())
    variant_ids = await catalog.variant_ids_by_sku(tx, sorted({sku for sku, _, _ in needs}))
    # A share of the units, spread by carrying the rest over from one level to the next.
    rows, carried = [], 0.0
    for sku, store, units in needs:
        carried += units * stock_share
        stocked = int(carried)
        carried -= stocked
        if stocked:
            rows.append((variant_ids[sku], location_ids[place_code(store)], stocked))
    done = 0
    for chunk in _chunks(rows, STOCK_CHUNK):
        await inventory.receive_many(tx, SYSTEM, chunk, "replay", now)
        done += len(chunk)
        tell("Receiving stock", done, len(rows))
    return len(rows), sum(row[2] for row in rows)


def _chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split()) or "other"


def _must_be_good(errors: Sequence[object]) -> None:
    if errors:
        raise CannotRun(f"{len(errors)} rows of the chain were refused, first: {errors[0]}")
