"""What a benchmark is given and what it gives back."""

import statistics
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
from rich.progress import Progress

from kanava.bench.installation import Installation, fresh_installation

Advance = Callable[[float], None]


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `ratio` is value over reference_value; `met` is None when there is no goal."""

    bench: str
    metric: str
    value: float
    unit: str
    reference: str | None = None
    reference_value: float | None = None
    ratio: float | None = None
    goal: str | None = None
    met: bool | None = None


def figure(bench: str, metric: str, value: float, unit: str) -> Measure:
    """Give a figure without a goal."""
    return Measure(bench=bench, metric=metric, value=round(value, 3), unit=unit)


def at_least(bench: str, metric: str, value: float, unit: str, *, goal: float) -> Measure:
    """Give a figure that should reach `goal`."""
    return _limited(bench, metric, value, unit, f"≥ {goal:g} {unit}", met=value >= goal)


def at_most(bench: str, metric: str, value: float, unit: str, *, goal: float) -> Measure:
    """Give a figure that should not pass `goal`."""
    return _limited(bench, metric, value, unit, f"≤ {goal:g} {unit}", met=value <= goal)


def _limited(bench: str, metric: str, value: float, unit: str, goal: str, *, met: bool) -> Measure:
    return Measure(bench=bench, metric=metric, value=round(value, 3), unit=unit, goal=goal, met=met)


def compared(
    bench: str,
    metric: str,
    value: float,
    unit: str,
    *,
    reference: str,
    reference_value: float,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Measure:
    """Give a figure beside what it is measured against, both in `unit`; the goal is on their ratio."""
    ratio = value / reference_value if reference_value else 0.0
    goal, met = None, None
    if at_least is not None:
        goal, met = f"≥ {at_least:g} ×", ratio >= at_least
    elif at_most is not None:
        goal, met = f"≤ {at_most:g} ×", ratio <= at_most
    return Measure(
        bench=bench,
        metric=metric,
        value=round(value, 3),
        unit=unit,
        reference=reference,
        reference_value=round(reference_value, 3),
        ratio=round(ratio, 3),
        goal=goal,
        met=met,
    )


def median(values: Sequence[float]) -> float:
    """Give the middle one of the rounds."""
    return statistics.median(values)


class BenchContext:
    """How a benchmark reaches the machine: a folder of its own, progress, and installations."""

    def __init__(self, folder: Path, progress: Progress, *, quick: bool = False) -> None:
        self.folder, self.progress, self.quick = folder, progress, quick
        self.notes: list[str] = []

    @property
    def rounds(self) -> int:
        """How often reference and subject take turns."""
        return 1 if self.quick else 3

    @property
    def seconds(self) -> float:
        """How long one round of a load lasts."""
        return 3.0 if self.quick else 8.0

    def note(self, sentence: str) -> None:
        """Say something that belongs beside the figures: sizes, settings, what was checked."""
        self.notes.append(sentence)
        self.progress.console.print(sentence, style="dim", highlight=False)

    @contextmanager
    def step(self, description: str, total: float | None = None) -> Iterator[Advance]:
        """Show one step of the benchmark; call what it gives with the amount done since."""
        task = self.progress.add_task(description, total=total)
        try:
            yield lambda amount: self.progress.advance(task, amount)
        finally:
            self.progress.update(task, total=total or 1, completed=total or 1)
            self.progress.stop_task(task)

    @asynccontextmanager
    async def installation(self) -> AsyncIterator[Installation]:
        """Start a durable PostgreSQL in a fresh folder, migrated; everything is gone when the block ends."""
        with self.step("PostgreSQL, fresh and durable"):
            started = fresh_installation(self.folder)
            installation = await started.__aenter__()
        try:
            yield installation
        finally:
            await started.__aexit__(None, None, None)
