"""`kanava import locations FILE`: the command line's way into the stores module."""

import sys
from pathlib import Path
from typing import Annotated

import asyncpg
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from kanava.platform.errors import KanavaError
from kanava.platform.refusal import CannotRun
from kanava.stores import service
from kanava.stores.model import ImportReport

app = typer.Typer(help="Import locations.", no_args_is_help=True)

FILE_BYTES_MAX = 200_000_000
ERRORS_SHOWN = 50


@app.callback()
def imports() -> None:
    """Import files; a single command alone would lose its name."""


@app.command("locations")
def import_locations(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, JSON or JSONL; '-' reads standard input.", exists=True, dir_okay=False, allow_dash=True
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Import locations; every good row is taken, the others are named with row, column and reason.

    Exit code 0: all rows were good. 1: some rows were rejected. 2: nothing could be read or written.
    """
    errors = Console(stderr=True)
    try:
        report = run_import(file, errors, dry_run=dry_run)
    except (KanavaError, CannotRun, OSError, asyncpg.PostgresError) as error:
        errors.print(f"kanava: {error}", highlight=False, markup=False)
        raise typer.Exit(2) from error
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _print_report(Console(), report)
    raise typer.Exit(1 if report.errors else 0)


def run_import(file: Path, console: Console, *, dry_run: bool) -> ImportReport:
    """Read the file and write its rows, with a bar on `console`; KanavaError or OSError when that is impossible."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        reading = bar.add_task(f"Reading {file.name}", total=1)
        read = service.read_locations(_content(file))
        bar.update(reading, description=f"Importing {file.name}", total=max(read.count, 1), completed=0)
        report = _write(read, dry_run=dry_run)
        bar.update(reading, completed=max(read.count, 1))
    return report


def _content(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(FILE_BYTES_MAX)
    if file.stat().st_size > FILE_BYTES_MAX:
        raise CannotRun(f"{file} is larger than {FILE_BYTES_MAX:,} bytes; split it.")
    return file.read_bytes()


def _write(read: service.ImportFile, *, dry_run: bool) -> ImportReport:
    from kanava.cli.connection import with_database
    from kanava.settings import load_settings

    async def write(db: Database) -> ImportReport:
        async with db.transaction() as tx:
            return await service.import_locations(tx, SYSTEM, read, clock.now(), dry_run=dry_run)

    return with_database(load_settings(), write)


def _print_report(console: Console, report: ImportReport) -> None:
    would = "would be " if report.dry_run else ""
    console.print(
        f"{report.rows:,} rows: {report.created:,} {would}created, {report.updated:,} {would}updated, "
        f"{report.unchanged:,} unchanged, {report.rejected:,} rejected.",
        highlight=False,
    )
    if not report.errors:
        return
    table = Table("Row", "Column", "Reason")
    for error in report.errors[:ERRORS_SHOWN]:
        table.add_row(str(error.row), error.column, error.reason)
    console.print(table)
    if len(report.errors) > ERRORS_SHOWN:
        console.print(f"{len(report.errors) - ERRORS_SHOWN:,} more; --json lists them.", highlight=False)
