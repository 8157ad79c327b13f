"""Figures as a table, as JSON lines, and as docs/performance.md."""

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
from rich.console import Console
from rich.table import Table

from kanava.bench.model import Measure
from kanava.bench.running import Report
from kanava.platform.refusal import CannotRun

HEADINGS = ("bench", "figure", "value", "reference", "its value", "ratio", "goal", "met")
START, END = "<!-- figures: kanava bench --write-docs -->", "<!-- end of figures -->"


def print_json(report: Report) -> None:
    """Print one object a line to stdout."""
    for measure in report.measures:
        sys.stdout.write(msgspec.json.encode(measure).decode() + "\n")
    sys.stdout.flush()


def print_tables(reports: Sequence[Report]) -> None:
    """Print one table of everything."""
    table = Table(*HEADINGS)
    for measure in _measures(reports):
        style = {True: "green", False: "red"}.get(measure.met) if measure.met is not None else None
        table.add_row(*_cells(measure), style=style)
    Console().print(table)


def _measures(reports: Iterable[Report]) -> Iterable[Measure]:
    return (measure for report in reports for measure in report.measures)


def _cells(measure: Measure) -> list[str]:
    return [
        measure.bench,
        measure.metric,
        f"{_number(measure.value)} {measure.unit}",
        measure.reference or "",
        f"{_number(measure.reference_value)} {measure.unit}" if measure.reference_value is not None else "",
        f"{measure.ratio:.2f}" if measure.ratio is not None else "",
        measure.goal or "",
        {True: "yes", False: "no", None: ""}[measure.met],
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}" if abs(value) >= 100 else f"{value:.2f}"


def write_docs(reports: Sequence[Report], *, command: str) -> Path:
    """Put the figures into docs/performance.md; what people wrote around them stays."""
    path = _docs_folder() / "performance.md"
    before, after = "# Performance\n\n", "\n"
    if path.exists():
        text = path.read_text()
        if START not in text or END not in text:
            raise CannotRun(f"{path} has lost its marks {START} and {END}; the figures go between them.")
        before, _, rest = text.partition(START)
        after = rest.partition(END)[2]
    path.write_text(f"{before}{START}\n{_figures(reports, command)}\n{END}{after}")
    return path


def _docs_folder() -> Path:
    folder = Path(__file__).parents[3] / "docs"
    if not folder.is_dir():
        raise CannotRun("There is no folder docs: --write-docs is for a clone of the repository.")
    return folder


def _figures(reports: Sequence[Report], command: str) -> str:
    rows = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    rows += ["| " + " | ".join(_cells(measure)) + " |" for measure in _measures(reports)]
    notes = []
    for report in reports:
        notes.append(f"\n**{report.bench}** ({report.seconds:.0f} s)\n")
        notes += [f"- {note}" for note in report.notes]
        if report.failure:
            notes.append(f"- could not be run: {report.failure}")
    return "\n".join([f"\n{_machine()}, `{command}`.\n", *rows, *notes])


def _machine() -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    today = datetime.now(UTC).date().isoformat()
    return (
        f"Measured on {today}: {os.cpu_count()} cores ({_processor()}), {memory} GiB memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}; load, API and PostgreSQL share the cores"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
