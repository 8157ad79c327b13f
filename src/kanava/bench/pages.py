"""Server time of the shop's category and product pages with 100,000 variants, as a browser without cookies asks.

The retailer is that of `search`; pages are asked in five languages, a third of the categories narrowed by a colour,
half of the products in a variant that is named.
"""

import random
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from kanava.bench.installation import Api, Installation
from kanava.bench.load import Load, Outcome, http_request, run_load, write_requests
from kanava.bench.model import BenchContext, Measure, at_most, figure, median
from kanava.bench.search import seed as seed_retailer
from kanava.demo.generate import categories
from kanava.demo.model import LANGUAGES, DemoProduct
from kanava.platform.refusal import CannotRun

REQUESTS = 2_000
P99_MS_MAX = 40.0
BUSY_CLIENTS = 8
KINDS = ("category", "product")


async def run(context: BenchContext) -> list[Measure]:
    """Measure each kind of page quietly for the times, both busily for the rate."""
    async with context.installation() as installation:
        made, _ = await seed_retailer(context, installation)
        connection = await installation.connect()
        try:
            await connection.execute(
                "INSERT INTO tax_rate (country, tax_category, rate_basis_points, source) "
                "SELECT 'SI', category, 2200, 'api' "
                "FROM unnest('{standard,reduced,super_reduced,zero,food,books}'::text[]) category "
                "ON CONFLICT DO NOTHING"
            )
        finally:
            await connection.close()
        for kind in KINDS:
            write_requests(installation.folder / f"{kind}.bin", list(_requests(kind, made)))
        found: dict[str, list[Outcome]] = {kind: [] for kind in KINDS}
        busy = []
        async with installation.api() as api:
            for kind in KINDS:
                await _load(installation, api, kind, 1, 4.0)
            for number in range(1, context.rounds + 1):
                for kind in KINDS:
                    with context.step(f"round {number}: {kind} pages, 1 client"):
                        found[kind].append(await _load(installation, api, kind, 1, context.seconds))
                with context.step(f"round {number}: product pages, {BUSY_CLIENTS} clients"):
                    busy.append(await _load(installation, api, "product", BUSY_CLIENTS, context.seconds))
                times = ", ".join(
                    f"{kind} p50 {found[kind][-1].p50_ms:.1f} p99 {found[kind][-1].p99_ms:.1f}" for kind in KINDS
                )
                context.note(f"Round {number}: {times} ms.")
    return [
        *[
            at_most(
                "pages", f"{kind} page, p99, 1 client", median([o.p99_ms for o in found[kind]]), "ms", goal=P99_MS_MAX
            )
            for kind in KINDS
        ],
        *[
            figure("pages", f"{kind} page, p50, 1 client", median([o.p50_ms for o in found[kind]]), "ms")
            for kind in KINDS
        ],
        figure(
            "pages",
            f"product pages, {BUSY_CLIENTS} clients, one API process",
            median([o.per_second for o in busy]),
            "/s",
        ),
    ]


async def _load(installation: Installation, api: Api, name: str, clients: int, seconds: float) -> Outcome:
    load = Load(
        host=api.host, port=api.port, file=str(installation.folder / f"{name}.bin"), connections=clients,
        seconds=seconds, warm_up_seconds=0.5, cycle=True,
    )  # fmt: skip
    outcome = await run_load(load)
    if outcome.failures:
        raise CannotRun(f"{outcome.failures} pages were not answered: {outcome.statuses} {outcome.refusals[:1]}")
    return outcome


def _requests(kind: str, made: list[DemoProduct]) -> Iterator[bytes]:
    chance = random.Random(11)
    codes = [category.code for category in categories()]
    for _ in range(REQUESTS):
        language = chance.choice(LANGUAGES)
        product = chance.choice(made)
        variant = chance.choice(product.variants)
        query: list[tuple[str, str]] = []
        if kind == "category":
            path = f"/si/{language}/c/{chance.choice(codes)}"
            if chance.random() < 0.33 and product.option_axes:
                query.append(("f", f"option.{product.option_axes[0]}:{variant.option_values[0]}"))
            if chance.random() < 0.2:
                query.append(("page", "2"))
        else:
            path = f"/si/{language}/p/{quote(product.handle)}"
            if chance.random() < 0.5:
                query.append(("sku", variant.sku))
        address = f"{path}?{urlencode(query)}" if query else path
        yield http_request("GET", address, {"Accept": "text/html", "Accept-Encoding": "gzip"})
