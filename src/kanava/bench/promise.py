"""Promises over 1,565 stores: a cart of three lines, and a page of 24 products.

Stores, variants and stock are those of the availability benchmark: of three lines chosen among the dense variants two
thirds of the carts have one that lies in few stores or in none, so that every place has to be looked at. One carrier
brings parcels to the door, another by express, a third to 5,000 lockers.
"""

import random
from collections.abc import Iterator
from urllib.parse import urlencode

import msgspec

from kanava.bench.availability import CHANNEL, seed, sizes
from kanava.bench.installation import Api, Installation
from kanava.bench.load import Load, Outcome, http_request, run_load, write_requests
from kanava.bench.model import BenchContext, Measure, at_least, at_most, figure, median
from kanava.carriers import service as carriers
from kanava.carriers.model import (
    WEEKDAYS,
    CarrierDocument,
    CarrierInput,
    CarriersDocument,
    CarrierServiceInput,
    Destination,
    PickupPoint,
    Rate,
    ServiceDocument,
    ServiceKind,
    ServiceTerms,
    Zone,
)
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.refusal import CannotRun

LINES = 3
PAGE = 24
POINTS = 5_000
REQUESTS = 4_000
QUIET_CLIENTS = 1
BUSY_CLIENTS = 12
RATE_MIN = 300.0
CART_P99_MS_MAX = 15.0
PAGE_P99_MS_MAX = 25.0

Store = tuple[str, float, float]
"""Postal code, latitude, longitude."""


async def run(context: BenchContext) -> list[Measure]:
    """Measure quietly for the times, busily for the rate."""
    async with context.installation() as installation:
        await seed(context, installation)
        stores = await _hire_carriers(context, installation)
        write_requests(installation.folder / "cart.bin", _carts(context, installation.api_key, stores))
        write_requests(installation.folder / "page.bin", _pages(context, installation.api_key, stores))
        cart, page, busy = [], [], []
        async with installation.api() as api:
            await _load(installation, api, "cart", BUSY_CLIENTS, 2.0)
            await _load(installation, api, "page", BUSY_CLIENTS, 2.0)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: carts, {QUIET_CLIENTS} client"):
                    cart.append(await _load(installation, api, "cart", QUIET_CLIENTS, context.seconds))
                with context.step(f"round {number}: pages, {QUIET_CLIENTS} client"):
                    page.append(await _load(installation, api, "page", QUIET_CLIENTS, context.seconds))
                with context.step(f"round {number}: carts, {BUSY_CLIENTS} clients"):
                    busy.append(await _load(installation, api, "cart", BUSY_CLIENTS, context.seconds))
                context.note(
                    f"Round {number}: cart p99 {cart[-1].p99_ms:.1f} ms, page p99 {page[-1].p99_ms:.1f} ms quiet; "
                    f"{busy[-1].per_second:,.0f} carts/s busy."
                )
    cart_of, page_of = f"promise for a cart of {LINES} lines", f"promise for a page of {PAGE} products"
    return [
        at_most("promise", f"{cart_of}, p99, 1 client", median([o.p99_ms for o in cart]), "ms", goal=CART_P99_MS_MAX),
        figure("promise", f"{cart_of}, p50, 1 client", median([o.p50_ms for o in cart]), "ms"),
        at_least("promise", f"promises for carts, {BUSY_CLIENTS} clients, one API process",
                 median([o.per_second for o in busy]), "/s", goal=RATE_MIN),
        at_most("promise", f"{page_of}, p99, 1 client", median([o.p99_ms for o in page]), "ms", goal=PAGE_P99_MS_MAX),
        figure("promise", f"{page_of}, p50, 1 client", median([o.p50_ms for o in page]), "ms"),
    ]  # fmt: skip


async def _load(installation: Installation, api: Api, name: str, clients: int, seconds: float) -> Outcome:
    load = Load(
        host=api.host, port=api.port, file=str(installation.folder / f"{name}.bin"), connections=clients,
        seconds=seconds, warm_up_seconds=0.5, cycle=True,
    )  # fmt: skip
    outcome = await run_load(load)
    if outcome.failures:
        raise CannotRun(f"{outcome.failures} questions were not answered: {outcome.statuses} {outcome.refusals[:1]}")
    return outcome


def _service(name: str, kind: ServiceKind, days: int, cents: int) -> ServiceDocument:
    """Make a service whose zones are the first digits of postal codes: near is a day quicker than far."""
    workdays = list(WEEKDAYS[:5])
    zones = [
        Zone(
            f"zone-{digit}",
            ["US"],
            [Destination("US", [str(digit)])],
            days + digit % 3,
            [
                Rate(grams, cents * percent // 100, {"USD": cents * percent // 100 + 100})
                for grams, percent in ((1_000, 90), (2_000, 100), (5_000, 125), (30_000, 220))
            ],
        )
        for digit in range(10)
    ]
    terms = ServiceTerms(dict.fromkeys(workdays, "16:00"), workdays, zones)
    return ServiceDocument(name, CarrierServiceInput(name.title(), kind, 30_000, terms))


async def _hire_carriers(context: BenchContext, installation: Installation) -> list[Store]:
    chance = random.Random(3)
    connection = await installation.connect()
    try:
        with context.step(f"3 carrier services, {POINTS:,} pickup points"):
            await connection.execute("UPDATE variant SET weight_grams = 100 + variant_id % 40 * 50")
            rows = await connection.fetch(
                """SELECT postal_code, latitude, longitude FROM location
                   WHERE latitude IS NOT NULL ORDER BY location_id LIMIT 5000"""
            )
            # Generated stores have no postal code.
            stores = [(row[0] or f"{chance.randrange(100_000):05}", row[1], row[2]) for row in rows]
            points = []
            for number in range(POINTS):
                postal_code, latitude, longitude = chance.choice(stores)
                north, east = chance.uniform(-0.2, 0.2), chance.uniform(-0.2, 0.2)
                position = (latitude + north, longitude + east)
                points.append(PickupPoint(f"P-{number}", f"Locker {number}", "US", *position, postal_code=postal_code))
            services = [
                _service("home", "address", 2, 500),
                _service("express", "address", 1, 1_200),
                _service("locker", "pickup_point", 2, 300),
            ]
            document = CarriersDocument([CarrierDocument("swift", CarrierInput("Swift Parcel"), services, points)])
            async with connection.transaction():
                await carriers.import_carriers(connection, SYSTEM, document, clock.now())
            await installation.settle()
    finally:
        await connection.close()
    return stores


def _somewhere(chance: random.Random, stores: list[Store]) -> tuple[str, float, float]:
    postal_code, latitude, longitude = chance.choice(stores)
    return postal_code, round(latitude + chance.uniform(-0.3, 0.3), 4), round(longitude + chance.uniform(-0.3, 0.3), 4)


def _skus(context: BenchContext, chance: random.Random, count: int) -> list[str]:
    return [f"SKU-{number:06}" for number in chance.sample(range(1, sizes(context)[1] + 1), count)]


def _carts(context: BenchContext, api_key: str, stores: list[Store]) -> Iterator[bytes]:
    chance = random.Random(1)
    for _ in range(REQUESTS):
        postal_code, latitude, longitude = _somewhere(chance, stores)
        body = {
            "channel": CHANNEL,
            "lines": [{"sku": sku, "quantity": chance.choice((1, 1, 1, 2))} for sku in _skus(context, chance, LINES)],
            "ship_to": {"country": "US", "postal_code": postal_code},
            "position": {"latitude": latitude, "longitude": longitude},
        }
        headers = {"Authorization": f"Bearer {api_key}"}
        yield http_request("POST", "/api/promises", headers, msgspec.json.encode(body))


def _pages(context: BenchContext, api_key: str, stores: list[Store]) -> Iterator[bytes]:
    chance = random.Random(2)
    for _ in range(REQUESTS):
        postal_code, latitude, longitude = _somewhere(chance, stores)
        query: list[tuple[str, object]] = [
            ("channel", CHANNEL),
            ("country", "US"),
            ("postal_code", postal_code),
            ("latitude", latitude),
            ("longitude", longitude),
        ]
        query += [("sku", sku) for sku in _skus(context, chance, PAGE)]
        yield http_request("GET", f"/api/promises/page?{urlencode(query)}", {"Authorization": f"Bearer {api_key}"})
