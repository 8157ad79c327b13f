"""Availability of 24 variants on one channel near a point: 100,000 variants, 1,565 stores.

A full cross product would be 156 million levels. What is asked about is dense, the rest is scattered:
- 2,000 variants have a level in every store; of them 70 % have 0 to 9 units in each, 20 % one to three units in 2 % of
  the stores and nothing elsewhere, 10 % nothing anywhere (1,565 levels of zero: the worst to read);
- each of the other 98,000 has a level in 20 random places.
Levels were written variant by variant, as a file sorted by sku does: those of one variant lie side by side. Where
stores report one after the other, each lies on a page of its own, and a variant that is sold out in 1,565 stores costs
five times as much to read; docs/performance.md has the figure.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from kanava.bench.installation import Api, Installation
from kanava.bench.load import Load, Outcome, http_request, run_load, write_requests
from kanava.bench.model import BenchContext, Measure, at_least, at_most, figure, median
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.refusal import CannotRun
from kanava.sourcing import store as sourcing_sql
from kanava.sourcing.availability import LEVELS_FIRST, UNITS_SHOWN_MAX
from kanava.stores import service as stores

VARIANTS = 100_000
VARIANTS_QUICK = 10_000
DENSE = 2_000
DENSE_QUICK = 200
SCATTERED = 20
STORES = 1_565
ASKED = 24
REQUESTS = 4_000
BUSY_CLIENTS = 12
QUIET_CLIENTS = 1
RATE_MIN = 300.0
P99_MS_MAX = 15.0
CHANNEL = "web-us"

REAL_STORES = Path(__file__).parents[4] / "shared" / "data" / "stores.json"
GENERATED_STORES = f"""
    INSERT INTO location (code, kind, name, country, latitude, longitude, time_zone, opening_hours)
    SELECT 'G-' || n, 'store', 'Store ' || n, 'US', 28 + 18 * random(), -120 + 45 * random(), 'America/Chicago',
           'Mo-Sa 10:00-21:00; Su 11:00-18:00'
    FROM generate_series(1, {STORES}) n
"""
SEED = (
    "UPDATE location SET services = '{pickup,ship_from_store}', fulfils_online = true",
    "INSERT INTO price_list (code, name, currency) VALUES ('usd', 'USD', 'USD')",
    f"""
    INSERT INTO channel (code, kind, name, country, currency, language, price_list_id)
    SELECT '{CHANNEL}', 'web', 'Web', 'US', 'USD', 'en', price_list_id FROM price_list
    """,
    "INSERT INTO channel_location (channel_id, location_id) SELECT channel_id, location_id FROM channel, location",
    "INSERT INTO product (handle, status) SELECT 'product-' || n, 'active' FROM generate_series(1, {variants} / 5) n",
    """
    INSERT INTO variant (product_id, sku)
    SELECT p.product_id, 'SKU-' || lpad(n::text, 6, '0')
    FROM generate_series(1, {variants}) n JOIN product p ON p.handle = 'product-' || (n - 1) / 5 + 1 ORDER BY n
    """,
    """
    CREATE TEMPORARY TABLE asked AS
    SELECT variant_id, variant_id % 10 AS class FROM variant WHERE sku <= 'SKU-' || lpad('{dense}', 6, '0')
    """,
    """
    INSERT INTO stock_level (variant_id, location_id, on_hand)
    SELECT a.variant_id, l.location_id,
           CASE WHEN class < 7 THEN floor(random() * 10)::int
                WHEN class < 9 AND random() < 0.02 THEN 1 + floor(random() * 3)::int ELSE 0 END
    FROM location l, asked a ORDER BY a.variant_id, l.location_id
    """,
    """
    INSERT INTO stock_level (variant_id, location_id, on_hand)
    SELECT v.variant_id, l.location_id, floor(random() * 10)::int
    FROM variant v, generate_series(1, {scattered}) n,
         LATERAL (SELECT 1 + floor(random() * {stores})::bigint + v.variant_id * 0 + n * 0 AS location_id) l
    WHERE v.sku > 'SKU-' || lpad('{dense}', 6, '0')
    ORDER BY v.variant_id, l.location_id
    ON CONFLICT DO NOTHING
    """,
    "DROP TABLE asked",
)


async def run(context: BenchContext) -> list[Measure]:
    """Measure quietly for the times, busily for the rate."""
    async with context.installation() as installation:
        places = await seed(context, installation)
        write_requests(installation.folder / "availability.bin", _requests(context, installation.api_key, places))
        await _explain(context, installation)
        async with installation.api() as api:
            quiet, busy = [], []
            await _load(installation, api, BUSY_CLIENTS, 2.0)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: {QUIET_CLIENTS} client"):
                    quiet.append(await _load(installation, api, QUIET_CLIENTS, context.seconds))
                with context.step(f"round {number}: {BUSY_CLIENTS} clients"):
                    busy.append(await _load(installation, api, BUSY_CLIENTS, context.seconds))
                context.note(f"Round {number}: p99 {quiet[-1].p99_ms:.1f} ms quiet; {busy[-1].per_second:,.0f}/s busy.")
    quiet_name, busy_name = f"{QUIET_CLIENTS} client", f"{BUSY_CLIENTS} clients"
    return [
        at_most("availability", f"time of an answer, p99, {quiet_name}", median([o.p99_ms for o in quiet]), "ms",
                goal=P99_MS_MAX),
        figure("availability", f"time of an answer, p50, {quiet_name}", median([o.p50_ms for o in quiet]), "ms"),
        at_least("availability", f"answers, {busy_name}, one API process", median([o.per_second for o in busy]), "/s",
                 goal=RATE_MIN),
        figure("availability", f"time of an answer, p99, {busy_name}", median([o.p99_ms for o in busy]), "ms"),
    ]  # fmt: skip


async def _load(installation: Installation, api: Api, clients: int, seconds: float) -> Outcome:
    load = Load(
        host=api.host, port=api.port, file=str(installation.folder / "availability.bin"), connections=clients,
        seconds=seconds, warm_up_seconds=0.5, cycle=True,
    )  # fmt: skip
    outcome = await run_load(load)
    if outcome.failures:
        raise CannotRun(f"{outcome.failures} questions were not answered: {outcome.statuses} {outcome.refusals[:1]}")
    return outcome


def sizes(context: BenchContext) -> tuple[int, int]:
    return (VARIANTS_QUICK, DENSE_QUICK) if context.quick else (VARIANTS, DENSE)


async def seed(context: BenchContext, installation: Installation) -> list[tuple[float, float]]:
    """Fill in stores, catalogue and levels; gives the stores' positions."""
    variants, dense = sizes(context)
    connection = await installation.connect()
    try:
        with context.step(f"{STORES:,} stores, {variants:,} variants", total=len(SEED) + 2) as advance:
            if REAL_STORES.exists():
                read = await asyncio.to_thread(lambda: stores.read_locations(REAL_STORES.read_bytes()))
                async with connection.transaction():
                    await stores.import_locations(connection, SYSTEM, read, clock.now())
            else:
                await connection.execute(GENERATED_STORES)
            advance(1)
            for statement in SEED:
                values = {"variants": variants, "dense": dense, "scattered": SCATTERED, "stores": STORES}
                await connection.execute(
                    statement.format(**values) if "{variants}" in statement or "{dense}" in statement else statement
                )
                advance(1)
            await installation.settle()
            advance(1)
        levels = await connection.fetchval("SELECT count(*) FROM stock_level")
        rows = await connection.fetch("SELECT latitude, longitude FROM location WHERE latitude IS NOT NULL LIMIT 5000")
    finally:
        await connection.close()
    real = "real" if REAL_STORES.exists() else "generated"
    context.note(
        f"{len(rows):,} {real} stores, {variants:,} variants, {levels:,} levels written variant by variant: {dense:,} "
        "variants in every store (70 % with 0 to 9 units, 20 % in 2 % of the stores, 10 % sold out everywhere), the "
        f"others in {SCATTERED} places each."
    )
    return [(row["latitude"], row["longitude"]) for row in rows]


def _requests(context: BenchContext, api_key: str, places: list[tuple[float, float]]) -> Iterator[bytes]:
    chance = random.Random(1)
    dense = sizes(context)[1]
    for _ in range(REQUESTS):
        latitude, longitude = chance.choice(places)
        query: list[tuple[str, object]] = [
            ("channel", CHANNEL),
            ("latitude", f"{latitude + chance.uniform(-0.3, 0.3):.4f}"),
            ("longitude", f"{longitude + chance.uniform(-0.3, 0.3):.4f}"),
        ]
        query += [("sku", f"SKU-{number:06}") for number in chance.sample(range(1, dense + 1), ASKED)]
        yield http_request("GET", f"/api/availability?{urlencode(query)}", {"Authorization": f"Bearer {api_key}"})


async def _explain(context: BenchContext, installation: Installation) -> None:
    """Note what the main statement costs PostgreSQL."""
    query = sourcing_sql.ASKED
    connection = await installation.connect()
    try:
        numbers = random.Random(2).sample(range(1, sizes(context)[1] + 1), ASKED)
        places = [r[0] for r in await connection.fetch("SELECT location_id FROM location ORDER BY 1 LIMIT 5000")]
        values: dict[str, object] = {
            "skus": [f"SKU-{number:06}" for number in numbers],
            "channel_id": await connection.fetchval("SELECT channel_id FROM channel LIMIT 1"),
            "listed_only": False,
            "now": clock.now(),
            "near_ids": places[:10],
            "least": 0,
            "by_level": False,
            "ship_ids": None,
            "no_ship_ids": [],
            "levels_first": LEVELS_FIRST,
            "units_enough": UNITS_SHOWN_MAX,
        }
        arguments = [values[name] for name in query.names]
        for _ in range(3):
            text = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query.text}", *arguments)
        plan = json.loads(text)[0]
    finally:
        await connection.close()
    context.note(
        f"The statement alone, EXPLAIN (ANALYZE, BUFFERS): {plan['Execution Time']:.1f} ms, "
        f"{plan['Plan']['Shared Hit Blocks']:,} pages touched."
    )
