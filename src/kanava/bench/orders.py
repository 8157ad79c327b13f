"""Orders of two lines over HTTP, everything that a real order needs, against a hand-written transaction in pgbench."""

from collections.abc import Iterator
from pathlib import Path

from kanava.bench import handwritten, retailer
from kanava.bench.installation import Api, Installation
from kanava.bench.load import Load, Outcome, run_load, write_requests
from kanava.bench.model import BenchContext, Measure, compared, figure, median
from kanava.bench.pgbench import Reference, run_pgbench
from kanava.platform.refusal import CannotRun

CLIENTS = 64
PGBENCH_CLIENTS = 16
REFERENCE = "pgbench -c 16 -j 2, the same rows by hand"
RATE_EXPECTED_MAX = 12_000
"""Orders a second that are made ready at most; a round that uses them up ends early."""

WARM_UP_SECONDS = 1.0


async def run(context: BenchContext) -> list[Measure]:
    """Measure orders a second, reference and subject in turns."""
    async with context.installation() as installation:
        await prepare(context, installation)
        async with installation.api() as api:
            script = await first_order(context, installation, api)
            loads, references = await take_turns(context, installation, api, script)
        await check(context, installation)
    rate = median([load.per_second for load in loads])
    reference = median([ref.per_second for ref in references])
    return [
        compared("orders", "orders placed", rate, "/s", reference=REFERENCE, reference_value=reference, at_least=1.0),
        figure("orders", "time of an order, p50", median([load.p50_ms for load in loads]), "ms"),
        figure("orders", "time of an order, p99", median([load.p99_ms for load in loads]), "ms"),
    ]


async def prepare(context: BenchContext, installation: Installation) -> None:
    """Fill the retailer in."""
    with context.step("26 locations, 5,000 variants, 130,000 levels"):
        await retailer.seed(installation)


async def first_order(context: BenchContext, installation: Installation, api: Api) -> Path:
    """Place one order and write pgbench's script with its texts."""
    await place(installation, api, retailer.order_requests(installation.api_key, 50), connections=1, seconds=30)
    script, size = await handwritten.write_script(installation)
    context.note(f"An order's answer is {size} bytes; the hand-written transaction stores as many.")
    return script


async def place(
    installation: Installation,
    api: Api,
    requests: Iterator[bytes],
    *,
    connections: int = CLIENTS,
    seconds: float,
    warm_up_seconds: float = 0.0,
    refusals_allowed: bool = False,
) -> Outcome:
    """Send orders; CannotRun when one is refused and none may be."""
    path = installation.folder / "orders.bin"
    write_requests(path, requests)
    load = Load(
        host=api.host, port=api.port, file=str(path), connections=connections, seconds=seconds,
        warm_up_seconds=warm_up_seconds,
    )  # fmt: skip
    outcome = await run_load(load)
    path.unlink()
    if outcome.failures and not refusals_allowed:
        raise CannotRun(f"{outcome.failures} orders were not taken: {outcome.statuses} {outcome.refusals[:1]}")
    return outcome


async def take_turns(
    context: BenchContext, installation: Installation, api: Api, script: Path
) -> tuple[list[Outcome], list[Reference]]:
    """Let pgbench and Kanava take turns on one database."""
    loads: list[Outcome] = []
    references: list[Reference] = []
    for number in range(1, context.rounds + 1):
        with context.step(f"round {number}: pgbench, {PGBENCH_CLIENTS} clients"):
            references.append(
                await run_pgbench(installation, script, clients=PGBENCH_CLIENTS, threads=2, seconds=context.seconds)
            )
        with context.step(f"round {number}: HTTP, {CLIENTS} clients"):
            loads.append(await one_round(context, installation, api, number))
        rates = f"{loads[-1].per_second:,.0f} orders/s, pgbench {references[-1].per_second:,.0f}/s"
        context.note(f"Round {number}: {rates}.")
    return loads, references


async def one_round(
    context: BenchContext, installation: Installation, api: Api, number: int, *, hot_sku: str | None = None
) -> Outcome:
    """Measure one round of orders; `number` seeds their variants."""
    count = round((context.seconds + WARM_UP_SECONDS) * RATE_EXPECTED_MAX)
    requests = retailer.order_requests(installation.api_key, count, hot_sku=hot_sku, seed_=number)
    return await place(installation, api, requests, seconds=context.seconds, warm_up_seconds=WARM_UP_SECONDS)


async def check(context: BenchContext, installation: Installation) -> None:
    """Read every invariant view over what both have written; CannotRun names one that is broken."""
    connection = await installation.connect()
    try:
        with context.step("invariants"):
            names = [
                row[0]
                for row in await connection.fetch(
                    "SELECT viewname FROM pg_views WHERE viewname LIKE 'invariant\\_%' ORDER BY 1 LIMIT 100"
                )
            ]
            for name in names:
                count = await connection.fetchval(f"SELECT count(*) FROM {name}")
                if count:
                    raise CannotRun(f"The invariant {name} has {count} rows.")
        orders = await connection.fetchval("SELECT count(*) FROM sales_order")
    finally:
        await connection.close()
    context.note(f"All {len(names)} invariants hold over {orders:,} orders.")
