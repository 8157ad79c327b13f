"""Figures as a table, as JSON lines, and as docs/performance.md."""

import os
import platform
import re
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
DOCS_HEADINGS = ("figure", "command", "value", "reference", "ratio", "goal", "met")
BENCH_OF_ROW = re.compile(r"\|[^|]*\| *`kanava bench (\w+)")
THE_SAME = re.compile(r"\|[^|]*\| *the same *\|")
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
    """Put the figures into docs/performance.md, in place of the rows and notes that the benches that ran had there.

    A bench that could not run keeps its rows. What people wrote around the table stays.
    """
    path = _docs_folder() / "performance.md"
    before, kept, after = "# Performance\n\n", "", "\n"
    if path.exists():
        text = path.read_text()
        if START not in text or END not in text:
            raise CannotRun(f"{path} has lost its marks {START} and {END}; the figures go between them.")
        before, _, rest = text.partition(START)
        kept, _, after = rest.partition(END)
    lines = kept.strip("\n").splitlines()
    for report in reports:
        if report.measures:
            lines = _with_rows(lines, report, quick="--quick" in command.split())
        lines = _with_notes(lines, report)
    path.write_text("\n".join([f"{before}{START}", "", *lines, "", f"{END}{after}"]))
    return path


def _docs_folder() -> Path:
    folder = Path(__file__).parents[3] / "docs"
    if not folder.is_dir():
        raise CannotRun("There is no folder docs: --write-docs is for a clone of the repository.")
    return folder


def _with_rows(lines: Sequence[str], report: Report, *, quick: bool) -> list[str]:
    """Put the rows of a bench where its old ones stood, or at the end of the table; there may be no table yet."""
    command = f"`kanava bench {report.bench}{' --quick' if quick else ''}`"
    rows = [_row(_docs_cells(measure, command)) for measure in report.measures]
    head = next((at for at, line in enumerate(lines) if line == _row(DOCS_HEADINGS)), None)
    if head is None:
        return [*lines, *([""] if lines else []), _row(DOCS_HEADINGS), "|" + "---|" * len(DOCS_HEADINGS), *rows]
    first = head + 2
    end = next((at for at in range(first, len(lines)) if not lines[at].startswith("|")), len(lines))
    kept: list[str] = []
    put_at, bench = None, ""
    for line in lines[first:end]:
        named = BENCH_OF_ROW.match(line)
        # "the same" in the column of commands is the bench of the row above.
        bench = bench if THE_SAME.match(line) else named[1] if named else ""
        if bench != report.bench:
            kept.append(line)
        elif put_at is None:
            put_at = len(kept)
    put_at = len(kept) if put_at is None else put_at
    return [*lines[:first], *kept[:put_at], *rows, *kept[put_at:], *lines[end:]]


def _with_notes(lines: Sequence[str], report: Report) -> list[str]:
    """Put what a bench has to say after the table, in place of what it said before."""
    title = f"**{report.bench}**"
    begin = next((at for at, line in enumerate(lines) if line.startswith(f"{title}: ")), None)
    if begin is not None:
        end = next((at for at in range(begin + 2, len(lines)) if not lines[at].startswith("- ")), len(lines))
        lines = [*lines[: max(begin - 1, 0)], *lines[end:]]
    said = [*report.notes, *([f"could not be run: {report.failure}"] if report.failure else [])]
    return [*lines, "", f"{title}: {_machine()}; {report.seconds:.0f} s", "", *(f"- {note}" for note in said)]


def _docs_cells(measure: Measure, command: str) -> list[str]:
    _, figure, value, reference, its_value, ratio, goal, met = _cells(measure)
    beside = f"{reference}: {its_value}" if its_value else reference
    return [figure, command, value, beside, ratio, goal, met if met != "no" else "**no**"]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _machine() -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    today = datetime.now(UTC).date().isoformat()
    return (
        f"measured on {today}: {os.cpu_count()} cores ({_processor()}), {memory} GiB memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}; load, API and PostgreSQL share the cores"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
