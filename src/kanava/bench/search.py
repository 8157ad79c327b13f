"""Search over 100,000 variants in five languages: what shops ask, mixed.

Products are those of the demo retailer's 70 kinds with their sentences in five languages, under some 2,000 model names,
so that no two have the same texts. Questions, on five channels, one of which lists a third of the range: a third are
category pages, half of them with choices made; the others words as people type them: one or two, finished or not, every
eighth with a letter wrong, every fourth without its accents, some with choices, some for what is in stock at one store.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from urllib.parse import urlencode

import asyncpg

from kanava.bench.installation import Api, Installation
from kanava.bench.load import Load, Outcome, http_request, run_load, write_requests
from kanava.bench.model import BenchContext, Measure, at_least, at_most, figure, median
from kanava.demo.generate import categories, families, option_names
from kanava.demo.model import LANGUAGES, DemoProduct
from kanava.demo.products import Sketch, make_product
from kanava.demo.synonyms import SYNONYMS
from kanava.demo.wording import Wording
from kanava.demo.words import product_types
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from kanava.platform.refusal import CannotRun
from kanava.search import service as search
from kanava.search.model import Synonyms, SynonymSet
from kanava.search.rules.words import fold

VARIANTS = 100_000
VARIANTS_QUICK = 20_000
REQUESTS = 4_000
STORES = 24
WAREHOUSES = 2
QUIET_CLIENTS = 1
BUSY_CLIENTS = 12
P99_MS_MAX = 30.0
RATE_MIN = 100.0
PAGE = 24

SEED = (
    "INSERT INTO price_list (code, name, currency) VALUES ('eur', 'EUR', 'EUR')",
    f"""
    INSERT INTO location (code, kind, name, country, latitude, longitude, time_zone, opening_hours, services,
                          fulfils_online)
    SELECT CASE WHEN n <= {WAREHOUSES} THEN 'W-' ELSE 'S-' END || lpad(n::text, 2, '0'),
           CASE WHEN n <= {WAREHOUSES} THEN 'warehouse' ELSE 'store' END, 'Place ' || n, 'SI',
           46 + n * 0.01, 14.5 + n * 0.01, 'Europe/Ljubljana', 'Mo-Sa 08:00-20:00',
           CASE WHEN n <= {WAREHOUSES} THEN '{{}}' ELSE '{{pickup,ship_from_store}}'::text[] END, true
    FROM generate_series(1, {STORES + WAREHOUSES}) n
    """,
    """
    INSERT INTO channel (code, kind, name, country, currency, language, price_list_id, threshold, assortment)
    SELECT 'web-' || l, 'web', 'Web ' || l, 'SI', 'EUR', l, price_list_id, 1,
           CASE WHEN l = 'hu' THEN 'listed' ELSE 'all' END
    FROM price_list, unnest('{en,sl,pl,hr,hu}'::text[]) l
    """,
    "INSERT INTO channel_location (channel_id, location_id) SELECT channel_id, location_id FROM channel, location",
    """
    INSERT INTO listing (channel_id, variant_id)
    SELECT channel_id, variant_id FROM channel, variant WHERE channel.code = 'web-hu' AND product_id % 3 = 0
    """,
    # Warehouses have three quarters of the range, each store a quarter; every sixth variant lies nowhere.
    f"""
    INSERT INTO stock_level (variant_id, location_id, on_hand)
    SELECT v.variant_id, l.location_id, floor(random() * 12)::int
    FROM variant v CROSS JOIN location l
    WHERE v.variant_id % 6 > 0 AND random() < CASE WHEN l.location_id <= {WAREHOUSES} THEN 0.75 ELSE 0.25 END
    ORDER BY 1, 2
    """,
)


async def run(context: BenchContext) -> list[Measure]:
    """Measure quietly for the times, busily for the rate."""
    async with context.installation() as installation:
        made, rebuilt = await seed(context, installation)
        mixed = list(_questions(installation.api_key, made))
        write_requests(installation.folder / "search.bin", mixed)
        write_requests(installation.folder / "suggest.bin", _beginnings(installation.api_key, made))
        quiet, busy, typed = [], [], []
        async with installation.api() as api:
            await _load(installation, api, "search", QUIET_CLIENTS, 4.0)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: questions, {QUIET_CLIENTS} client"):
                    quiet.append(await _load(installation, api, "search", QUIET_CLIENTS, context.seconds))
                with context.step(f"round {number}: suggestions, {QUIET_CLIENTS} client"):
                    typed.append(await _load(installation, api, "suggest", QUIET_CLIENTS, context.seconds))
                with context.step(f"round {number}: questions, {BUSY_CLIENTS} clients"):
                    busy.append(await _load(installation, api, "search", BUSY_CLIENTS, context.seconds))
                context.note(
                    f"Round {number}: p99 {quiet[-1].p99_ms:.1f} ms, suggestions {typed[-1].p99_ms:.1f} ms quiet; "
                    f"{busy[-1].per_second:,.0f}/s busy."
                )
    one, many = f"{QUIET_CLIENTS} client", f"{BUSY_CLIENTS} clients"
    return [
        at_most("search", f"a page of {PAGE} products with facets, p99, {one}", median([o.p99_ms for o in quiet]), "ms",
                goal=P99_MS_MAX),
        figure("search", f"a page of {PAGE} products with facets, p50, {one}", median([o.p50_ms for o in quiet]), "ms"),
        at_most("search", f"suggestions, p99, {one}", median([o.p99_ms for o in typed]), "ms", goal=P99_MS_MAX),
        at_least("search", f"pages, {many}, one API process", median([o.per_second for o in busy]), "/s",
                 goal=RATE_MIN),
        figure("search", "products written anew by `kanava search rebuild`, five languages", rebuilt, "/s"),
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


async def seed(context: BenchContext, installation: Installation) -> tuple[list[DemoProduct], float]:
    """Fill the retailer in; gives its products, and how many a second were made findable."""
    variants = VARIANTS_QUICK if context.quick else VARIANTS
    with context.step(f"{variants:,} variants in five languages") as advance:
        made = list(_products(variants))
        advance(1)
    connection = await installation.connect()
    try:
        with context.step("the catalogue", total=len(SEED) + 1) as advance:
            await _catalogue(connection, made)
            advance(1)
            for statement in SEED:
                await connection.execute(statement)
                advance(1)
            await connection.execute(
                "INSERT INTO price (price_list_id, variant_id, amount_minor) "
                "SELECT price_list_id, variant_id, 499 + product_id * 7919 % 25000 FROM price_list, variant"
            )
            async with connection.transaction():
                for language, sets in SYNONYMS.items():
                    wanted = Synonyms(language, [SynonymSet(list(terms)) for terms in sets])
                    await search.put_synonyms(connection, SYSTEM, wanted, clock.now())
    finally:
        await connection.close()
    db = await Database.open(installation.url, pool_size=1)
    try:
        with context.step("kanava search rebuild", total=len(made)) as advance:
            started, before = perf_counter(), 0

            def told(done: int, _total: int) -> None:
                nonlocal before
                advance(done - before)
                before = done

            await search.rebuild(db, told)
            rate = len(made) / (perf_counter() - started)
    finally:
        await db.close()
    await installation.settle()
    context.note(f"{len(made):,} products with {sum(len(p.variants) for p in made):,} variants, {STORES} stores.")
    return made, rate


def _products(variants: int) -> Iterator[DemoProduct]:
    chance = random.Random(5)
    syllables = """ba be bo da do fa fi ga ka ki ko la le li lo ma me mi mo na ne ni pa po ra re ri ro sa si ta te ti va
        vi vo za ze""".split()
    models = sorted({"".join(chance.choices(syllables, k=chance.choice((2, 3)))).title() for _ in range(2_500)})
    wording, kinds = Wording(), product_types()
    serial = iter(range(1, 10_000_000))
    seen: set[str] = set()
    count = 0
    while count < variants:
        kind = chance.choice(kinds)
        audience = chance.choice(("women", "men", "kids")) if len(kind.count) == 3 else ""
        product = make_product(Sketch(kind, audience, chance.choice(models), chance), 5, wording, serial, {})  # type: ignore[arg-type]
        if product.handle not in seen:
            seen.add(product.handle)
            count += len(product.variants)
            yield product


async def _catalogue(connection: asyncpg.Connection, made: list[DemoProduct]) -> None:
    await connection.executemany(
        "INSERT INTO brand (name) VALUES ($1)", [(b,) for b in sorted({p.brand for p in made})]
    )
    for position, category in enumerate(categories()):
        await connection.execute(
            "INSERT INTO category (code, parent_id, position, names) "
            "SELECT $1, (SELECT category_id FROM category WHERE code = $2), $3, $4",
            category.code, category.parent, position, category.names,
        )  # fmt: skip
    for family in families():
        attributes = {
            a.code: {"type": a.type, "level": a.level, "unit": a.unit, "names": a.names} for a in family.attributes
        }
        await connection.execute(
            "INSERT INTO attribute_family (code, attributes) VALUES ($1, $2)", family.code, attributes
        )
    await connection.executemany(
        "INSERT INTO option_name (axis, value, names) VALUES ($1, $2, $3)",
        [(word.axis, word.value, word.names) for word in option_names()],
    )
    ids = [
        {row[0]: row[1] for row in await connection.fetch(query)}
        for query in (
            "SELECT name, brand_id FROM brand",
            "SELECT code, category_id FROM category",
            "SELECT code, attribute_family_id FROM attribute_family",
        )
    ]
    newest = datetime(2026, 11, 1, tzinfo=UTC)
    await connection.copy_records_to_table(
        "product",
        columns=["handle", "brand_id", "category_id", "attribute_family_id", "status", "option_axes", "attributes",
                 "texts", "created_at"],
        records=[
            (p.handle, ids[0][p.brand], ids[1][p.category], ids[2][p.family], "active", list(p.option_axes),
             p.attributes, {language: {"title": text.title, "description": text.description}
                            for language, text in p.texts.items()}, newest - timedelta(minutes=number))
            for number, p in enumerate(made)
        ],
    )  # fmt: skip
    product_ids = dict(await connection.fetch("SELECT handle, product_id FROM product"))
    rows = [
        (product_ids[product.handle], variant.sku, list(variant.option_values), position)
        for product in made
        for position, variant in enumerate(product.variants)
    ]
    await connection.copy_records_to_table(
        "variant", columns=["product_id", "sku", "option_values", "position"], records=rows
    )
    await connection.execute(
        "INSERT INTO media (product_id, kind, url) SELECT product_id, 'image', '/m/' || handle FROM product"
    )


def _misspelt(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + chance.choice("abcdefghijklmnoprstuvz") + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )


def _words(chance: random.Random, product: DemoProduct, language: str) -> str:
    """Give words of a title as somebody types them."""
    title = [word for word in product.texts[language].title.lower().split() if len(word) > 2]
    chosen = chance.sample(title, min(len(title), chance.choice((1, 1, 2, 2, 3))))
    draw = chance.random()
    if draw < 0.12:
        longest = max(chosen, key=len)
        if len(longest) > 4:
            chosen[chosen.index(longest)] = _misspelt(chance, longest)
    elif draw < 0.22:
        chosen[-1] = chosen[-1][: chance.randint(2, max(2, len(chosen[-1]) - 1))]
    elif draw < 0.26:
        terms = [term for terms in SYNONYMS[language] for term in terms]
        chosen = [chance.choice(terms)]
    text = " ".join(chosen)
    return fold(text) if chance.random() < 0.25 else text


def _questions(api_key: str, made: list[DemoProduct]) -> Iterator[bytes]:
    chance = random.Random(7)
    codes = [category.code for category in categories()]
    for _ in range(REQUESTS):
        language = chance.choice(LANGUAGES)
        product = chance.choice(made)
        query: list[tuple[str, object]] = [("channel", f"web-{language}"), ("limit", PAGE)]
        listing = chance.random() < 0.33
        if listing:
            query.append(("category", chance.choice(codes)))
        elif chance.random() < 0.02:
            query.append(("q", chance.choice(product.variants).sku))
        else:
            query.append(("q", _words(chance, product, language)))
        if chance.random() < (0.5 if listing else 0.15):
            variant = chance.choice(product.variants)
            choices = [
                f"option.{axis}:{value}" for axis, value in zip(product.option_axes, variant.option_values, strict=True)
            ]
            choices += [f"brand:{product.brand}", f"attribute.material:{product.attributes['material']}"]
            query += [
                ("facet", choice) for choice in chance.sample(choices, min(len(choices), chance.choice((1, 1, 2))))
            ]
        if chance.random() < 0.1:
            query += [("price_from", 2_000), ("price_until", chance.choice((5_000, 10_000, 20_000)))]
        if chance.random() < 0.1:
            query.append(("in_stock", "true"))
            if chance.random() < 0.6:
                query.append(("location", f"S-{chance.randint(WAREHOUSES + 1, WAREHOUSES + STORES):02}"))
        if chance.random() < 0.15:
            query.append(("sort", chance.choice(("price_up", "price_down", "newest", "name"))))
        if chance.random() < 0.15:
            query.append(("page", chance.choice((2, 2, 3))))
        yield http_request("GET", f"/api/search/products?{urlencode(query)}", {"Authorization": f"Bearer {api_key}"})


def _beginnings(api_key: str, made: list[DemoProduct]) -> Iterator[bytes]:
    """Give what a page asks while somebody types: every beginning from the second letter on."""
    chance = random.Random(8)
    for _ in range(REQUESTS):
        language = chance.choice(LANGUAGES)
        title = chance.choice(made).texts[language].title.lower()
        typed = title[: chance.randint(2, min(len(title), 18))]
        query = urlencode({"channel": f"web-{language}", "q": typed})
        yield http_request("GET", f"/api/search/suggestions?{query}", {"Authorization": f"Bearer {api_key}"})
