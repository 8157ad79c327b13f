"""Running benchmarks one after the other, with progress on stderr."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import psutil
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kanava.bench.model import BenchContext, Measure
from kanava.platform.refusal import CannotRun

STOLEN_SHARE_MIN = 0.03


class Report(msgspec.Struct, frozen=True):
    """What a benchmark gave, or one sentence on why it could not run."""

    bench: str
    measures: list[Measure]
    notes: list[str]
    seconds: float
    failure: str | None = None


async def run_benches(
    names: Sequence[str], parent: Path, *, quick: bool, on_report: Callable[[Report], None] | None = None
) -> list[Report]:
    """Run benchmarks in turn; one that cannot run does not stop the next."""
    reports = []
    console = Console(stderr=True)
    for name in names:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, refresh_per_second=4) as progress:
            console.print(f"[bold]{name}[/bold]")
            report = await _run_one(name, BenchContext(parent, progress, quick=quick))
        reports.append(report)
        if on_report is not None:
            on_report(report)
    return reports


async def _run_one(name: str, context: BenchContext) -> Report:
    started, before = perf_counter(), psutil.cpu_times()
    failure = None
    measures: list[Measure] = []
    try:
        measures = await importlib.import_module(f"kanava.bench.{name}").run(context)
    except CannotRun as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001 -- the figures of the others are not lost with it
        context.progress.console.print_exception()
        failure = f"{type(error).__name__}: {error}"
    if (share := _stolen_share(before)) >= STOLEN_SHARE_MIN:
        context.note(f"Other machines on this host took {share:.0%} of the processor time that this one asked for.")
    return Report(name, measures, context.notes, perf_counter() - started, failure)


def _stolen_share(before: Any) -> float:
    """Give the share of the time wanted since then that others got; 0 where the system does not say."""
    now = psutil.cpu_times()
    if not hasattr(now, "steal"):
        return 0.0
    stolen = now.steal - before.steal
    idle = now.idle + now.iowait - before.idle - before.iowait
    return float(stolen / max(1e-9, sum(now[:8]) - sum(before[:8]) - idle))
