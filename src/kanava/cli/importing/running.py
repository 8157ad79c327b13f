"""Importing a table chunk by chunk: every good row is written, every other one named with row, column and reason.

A chunk is a transaction. A run that was stopped is not taken up where it ended: the verbs take what is stored already
for what it is, so the same file is simply imported again.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import asyncpg
import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from kanava.cli.connection import with_database
from kanava.platform.db import Connection, Database
from kanava.platform.tables.model import FileUnreadable, RowError
from kanava.platform.tables.progress import print_errors, progress_bar
from kanava.platform.tables.reading import Reader, open_table, records
from kanava.platform.tables.report import ErrorFile
from kanava.platform.tables.source import inspect
from kanava.settings import load_settings

# The verbs name at most 1,000 bad rows: a chunk has no more than that.
CHUNK_ROWS = 1_000
ATTEMPTS_MAX = 3
LINES_SHOWN_MAX = 20
VALUE_SHOWN_MAX = 80

_OTHER_ROW = re.compile(r"rows\[(\d+)\]")

T = TypeVar("T")

FileArgument = Annotated[
    Path, typer.Argument(help="CSV, JSON lines or XLSX.", exists=True, dir_okay=False, readable=True)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")]
ErrorsPath = Annotated[Path | None, typer.Option(help="Write every error to this .csv or .jsonl file.")]
Lines = Annotated[int, typer.Option(help="Errors shown on the screen.", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")]


class WrongCell(Exception):
    """A cell that cannot be read."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


class Written(msgspec.Struct):
    """What became of the rows of a chunk: counts by word, and (position in the chunk, column, reason) of bad ones.

    A reason names another row of the chunk as `rows[3]`.
    """

    counts: Mapping[str, int]
    errors: Sequence[tuple[int, str, str]] = ()


class Kind(Protocol[T]):
    """What the rows of a table are."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns, first the one that says what a row is about."""

    def check_header(self, header: frozenset[str]) -> str | None:
        """Say what is missing, in a sentence."""

    def read(self, cells: Mapping[str, str]) -> T:
        """Make a row of its cells; WrongCell."""

    def key(self, row: T) -> Hashable:
        """Give what may stand in a file once."""

    def stays_with(self, row: T) -> Hashable:
        """Give what neighbouring rows of one chunk have in common; None when any two may be parted."""

    async def begin(self, tx: Connection) -> None:
        """Read what `read` and `write` need to know."""

    async def write(self, tx: Connection, rows: list[T]) -> Written:
        """Write the good rows of a chunk."""


class Report(msgspec.Struct):
    """What an import did. `counts` are rows; a rejected row is one of which nothing was written."""

    file: str
    dry_run: bool
    rows_read: int = 0
    rows_rejected: int = 0
    counts: dict[str, int] = {}
    error_count: int = 0
    columns_ignored: list[str] = []


class _Chunk(msgspec.Struct, Generic[T]):
    numbers: list[int]
    rows: list[T]
    cells: list[dict[str, str]]
    errors: list[RowError]
    read: int = 0


class Table(Generic[T]):
    """An open file whose rows are of one kind."""

    def __init__(self, path: Path, kind: Kind[T]) -> None:
        self.kind, self.source = kind, inspect(path)
        self.reader: Reader = open_table(self.source)
        self.header = [name.strip().lower() for name in self.reader.header]
        self.ignored = [name for name in self.header if name not in kind.columns][:100]
        wrong = kind.check_header(frozenset(self.header))
        if wrong is None and len(set(self.header)) < len(self.header):
            wrong = "A column stands twice in the header."
        if wrong is not None:
            self.reader.close()
            raise FileUnreadable(f"{wrong} The file has: {', '.join(self.header[:20])}."[:500], field="row 1")

    def chunks(self) -> Iterator[_Chunk[T]]:
        """Give chunks of about 1,000 rows; neighbours that belong together are parted beyond 8,000 only."""
        # Hashes and not the keys: 60 MB for a million rows instead of several hundred.
        seen: set[int] = set()
        chunk: _Chunk[T] = _Chunk([], [], [], [])
        for record in records(self.source, self.reader):
            row: T | None = None
            cells: dict[str, str] = {}
            error = record if isinstance(record, RowError) else None
            number = record.row if isinstance(record, RowError) else record[0]
            if not isinstance(record, RowError):
                cells = dict(zip(self.header, record[1], strict=True))
                row, error = self._row(number, cells, seen)
            if chunk.read >= CHUNK_ROWS and not self._belongs(row, chunk):
                yield chunk
                chunk = _Chunk([], [], [], [])
            chunk.read += 1
            if error is not None:
                chunk.errors.append(error)
            if row is not None:
                chunk.numbers.append(number)
                chunk.rows.append(row)
                chunk.cells.append(cells)
        if chunk.read:
            yield chunk

    def _row(self, number: int, cells: dict[str, str], seen: set[int]) -> tuple[T | None, RowError | None]:
        try:
            row = self.kind.read(cells)
        except WrongCell as wrong:
            return None, _error(number, wrong.column, wrong.reason, cells)
        key = hash(self.kind.key(row))
        if key in seen:
            return None, _error(number, self.kind.columns[0], "stands further up in this file already", cells)
        seen.add(key)
        return row, None

    def _belongs(self, row: T | None, chunk: _Chunk[T]) -> bool:
        if row is None or not chunk.rows or chunk.read >= 8 * CHUNK_ROWS:
            return False
        bond = self.kind.stays_with(row)
        return bond is not None and bond == self.kind.stays_with(chunk.rows[-1])


async def import_table(
    db: Database,
    table: Table[T],
    report: Report,
    show: Callable[[float, int, list[RowError]], None] = lambda _part, _rows, _errors: None,
) -> None:
    """Write a table, a transaction a chunk; a dry run takes each back. `report` is up to date after every chunk."""
    counts: Counter[str] = Counter()
    async with db.connection() as connection:
        await table.kind.begin(connection)
    chunks = table.chunks()
    try:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            written = await _write(db, table.kind, chunk.rows, dry_run=report.dry_run)
            wrong = [
                _error(chunk.numbers[at], column, _by_row(reason, chunk.numbers), chunk.cells[at])
                for at, column, reason in written.errors
            ]
            errors = sorted([*chunk.errors, *wrong], key=lambda error: error.row)
            counts.update(written.counts)
            report.counts = dict(counts)
            report.rows_read += chunk.read
            report.rows_rejected += len({error.row for error in errors})
            report.error_count += len(errors)
            show(table.reader.progress(), report.rows_read, errors)
    finally:
        table.reader.close()


async def _write(db: Database, kind: Kind[T], rows: list[T], *, dry_run: bool) -> Written:
    if not rows:
        return Written({})
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            async with db.transaction() as tx:
                trial = tx.transaction()
                await trial.start()
                written = await kind.write(tx, rows)
                await (trial.rollback() if dry_run else trial.commit())
                return written
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("unreachable")


def _by_row(reason: str, numbers: Sequence[int]) -> str:
    """Name another row of the chunk, `rows[3]`, by its row in the file."""
    return _OTHER_ROW.sub(lambda found: f"row {numbers[int(found[1])]}", reason)


def _error(number: int, column: str, reason: str, cells: Mapping[str, str]) -> RowError:
    return RowError(number, column, reason, cells.get(column, "")[:VALUE_SHOWN_MAX])


def run_import(file: Path, kind: Kind[Any], *, dry_run: bool, errors: Path | None, lines: int, as_json: bool) -> None:
    """Import a file for a person or a script; exit code 1 when a row was rejected."""
    console = Console(stderr=as_json)
    path = errors or file.with_name(f"{file.name}.errors.csv")
    first: list[RowError] = []
    table: Table[Any] = Table(file, kind)
    report = Report(file.name, dry_run, columns_ignored=table.ignored)
    with ErrorFile(path) as error_file, progress_bar(console, file.name) as advance:

        def show(part: float, rows: int, more: list[RowError]) -> None:
            error_file.write(more)
            first.extend(more[: max(lines - len(first), 0)])
            advance(part, rows)

        with_database(load_settings(), lambda db: import_table(db, table, report, show))
    if as_json:
        typer.echo(msgspec.json.encode(report).decode())
    else:
        print_errors(console, first, report.columns_ignored)
        # What was refused is among the rejected, with the rows that could not be read.
        done = ", ".join(f"{count:,} {word}" for word, count in report.counts.items() if count and word != "refused")
        tried = " Nothing was written: this was a dry run." if dry_run else ""
        console.print(f"{report.rows_read:,} rows read, {report.rows_rejected:,} rejected; {done or 'none'}.{tried}")
        if report.error_count:
            console.print(f"{report.error_count:,} errors, all of them in {escape(str(path))}")
    if report.error_count:
        raise typer.Exit(1)
