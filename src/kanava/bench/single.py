"""One order alone: the time of a request with nobody else there, against the hand-written transaction."""

from kanava.bench import orders, retailer
from kanava.bench.model import BenchContext, Measure, compared, figure, median
from kanava.bench.pgbench import run_pgbench

REFERENCE = "pgbench -c 1, the same rows by hand"
REQUESTS_MAX_PER_SECOND = 2_000


async def run(context: BenchContext) -> list[Measure]:
    """Measure the median time of an order, one client at a time."""
    times, tails, references = [], [], []
    async with context.installation() as installation:
        await orders.prepare(context, installation)
        async with installation.api() as api:
            script = await orders.first_order(context, installation, api)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: pgbench, one client"):
                    reference = await run_pgbench(installation, script, clients=1, seconds=context.seconds)
                with context.step(f"round {number}: HTTP, one client"):
                    count = round((context.seconds + 1) * REQUESTS_MAX_PER_SECOND)
                    outcome = await orders.place(
                        installation, api, retailer.order_requests(installation.api_key, count, seed_=number),
                        connections=1, seconds=context.seconds, warm_up_seconds=1.0,
                    )  # fmt: skip
                references.append(reference.p50_ms)
                times.append(outcome.p50_ms)
                tails.append(outcome.p99_ms)
                context.note(f"Round {number}: {outcome.p50_ms:.2f} ms, pgbench {reference.p50_ms:.2f} ms.")
        await orders.check(context, installation)
    return [
        compared("single", "time of one order alone, p50", median(times), "ms", reference=REFERENCE,
                 reference_value=median(references), at_most=3.0),
        figure("single", "time of one order alone, p99", median(tails), "ms"),
    ]  # fmt: skip
