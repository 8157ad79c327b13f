"""Memory of one API process: idle, and at its worst under a load of orders."""

import asyncio
import contextlib

import psutil

from kanava.bench import orders
from kanava.bench.installation import Api
from kanava.bench.model import BenchContext, Measure, at_most, figure

IDLE_MB_MAX = 120.0
LOADED_MB_MAX = 250.0
IDLE_SECONDS = 3.0
SAMPLE_SECONDS = 0.2


class Sampled:
    """The largest resident and proportional size seen, in MB (10^6 bytes)."""

    def __init__(self) -> None:
        self.rss_mb = self.pss_mb = 0.0

    def look(self, process: psutil.Process) -> None:
        """Take a sample."""
        memory = process.memory_full_info()
        self.rss_mb = max(self.rss_mb, memory.rss / 1e6)
        self.pss_mb = max(self.pss_mb, getattr(memory, "pss", memory.rss) / 1e6)


async def run(context: BenchContext) -> list[Measure]:
    """Measure the API process, not its supervisor and not PostgreSQL."""
    idle, loaded = Sampled(), Sampled()
    async with context.installation() as installation:
        await orders.prepare(context, installation)
        async with installation.api() as api:
            with context.step("idle"):
                await asyncio.sleep(IDLE_SECONDS)
                idle.look(api.workers()[0])
            with context.step(f"{orders.CLIENTS} clients place orders"):
                watching = asyncio.create_task(_watch(api, loaded))
                try:
                    outcomes = [await orders.one_round(context, installation, api, n) for n in range(context.rounds)]
                finally:
                    watching.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await watching
    placed = sum(outcome.accepted for outcome in outcomes)
    context.note(f"Under load: the largest of samples every {SAMPLE_SECONDS} s while {placed:,} orders were placed.")
    return [
        at_most("memory", "API process idle, resident", idle.rss_mb, "MB", goal=IDLE_MB_MAX),
        figure("memory", "API process idle, proportional", idle.pss_mb, "MB"),
        at_most("memory", "API process under load, resident", loaded.rss_mb, "MB", goal=LOADED_MB_MAX),
        figure("memory", "API process under load, proportional", loaded.pss_mb, "MB"),
    ]


async def _watch(api: Api, sampled: Sampled) -> None:
    process = api.workers()[0]
    while True:
        sampled.look(process)
        await asyncio.sleep(SAMPLE_SECONDS)
