"""`kanava import catalog` and `kanava export catalog`."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from kanava.catalog.model import ImportRun
    from kanava.catalog.service import Options, Progress
    from kanava.platform.db import Database
    from kanava.platform.tables.model import RowError

import_app = typer.Typer(help="Import files.", no_args_is_help=True)
export_app = typer.Typer(help="Export files.", no_args_is_help=True)
LINES_SHOWN_MAX = 20
FORMATS = ("csv", "jsonl", "xlsx")


@import_app.callback()
def _import_root() -> None:
    """Import files."""


@export_app.callback()
def _export_root() -> None:
    """Export files."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let Python look for cyclic garbage less often: an import makes many objects and no cycles."""
    thresholds = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


async def run_import(
    db: "Database", path: Path, options: "Options", show: "Callable[[Progress], None]" = lambda _progress: None
) -> "ImportRun":
    """Import a file and give the finished run; also what the benchmark measures."""
    import asyncio

    from kanava.catalog.service import FileImport
    from kanava.platform import clock
    from kanava.platform.auth import SYSTEM
    from kanava.platform.tables.source import inspect

    with rare_collections():
        source = await asyncio.to_thread(inspect, path)
        work = await FileImport.start(db.transaction, source, options, SYSTEM, clock.now())
        async for progress in work.chunks():
            show(progress)
    return work.run


@import_app.command("catalog")
def import_catalog(  # noqa: PLR0917 - one parameter for each option
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or XLSX.", exists=True, dir_okay=False, readable=True)],
    layout: Annotated[str, typer.Option(help="auto, native or shopify.")] = "auto",
    language: Annotated[str, typer.Option(help="Language of the texts of Shopify's layout.")] = "en",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where this file stopped.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Write every error to this .csv or .jsonl file.")] = None,
    lines: Annotated[int, typer.Option(help="Errors shown on the screen.", min=0)] = LINES_SHOWN_MAX,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as one JSON object.")] = False,
) -> None:
    """Import products and variants from a file; good rows are imported, bad ones reported."""
    import msgspec
    from rich.console import Console

    from kanava.catalog.rules.texts import check_language
    from kanava.catalog.service import Options
    from kanava.cli.connection import with_database
    from kanava.platform.tables.progress import progress_bar
    from kanava.platform.tables.report import ErrorFile
    from kanava.settings import load_settings

    if layout not in ("auto", "native", "shopify"):
        raise typer.BadParameter("auto, native or shopify", param_hint="--layout")
    try:
        language = check_language(language)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--language") from None
    options = Options(layout=layout, dry_run=dry_run, resume=resume, language=language)  # type: ignore[arg-type]
    console = Console(stderr=as_json)
    report = errors or file.with_name(f"{file.name}.errors.csv")
    with ErrorFile(report, append=resume) as error_file, progress_bar(console, file.name) as advance:
        first: list[RowError] = []

        def show(progress: "Progress") -> None:
            error_file.write(progress.errors)
            first.extend(progress.errors[: max(lines - len(first), 0)])
            advance(progress.part, progress.counts.rows_read)

        run = with_database(load_settings(), lambda db: run_import(db, file, options, show))
    if as_json:
        typer.echo(msgspec.json.encode(run).decode())
    else:
        _print_run(console, run, first, report)
    if run.error_count:
        raise typer.Exit(1)


def _print_run(console: "Console", run: "ImportRun", errors: "list[RowError]", report: Path) -> None:
    from rich.markup import escape

    from kanava.platform.tables.progress import print_errors

    print_errors(console, errors, run.columns_ignored)
    done = "would be" if run.dry_run else "were"
    console.print(
        f"{run.rows_read} rows read, {run.rows_rejected} rejected. "
        f"Products: {run.products_created} {done} created, {run.products_updated} changed. "
        f"Variants: {run.variants_created} {done} created, {run.variants_updated} changed."
    )
    if run.error_count:
        console.print(f"{run.error_count} errors, all of them in {escape(str(report))}")


@export_app.command("catalog")
def export_catalog(
    file: Annotated[Path, typer.Argument(help="Where to write.", dir_okay=False)],
    layout: Annotated[str, typer.Option(help="native or shopify.")] = "native",
    file_format: Annotated[str | None, typer.Option("--format", help="csv, jsonl or xlsx; else by the name.")] = None,
    language: Annotated[str, typer.Option(help="Language of the texts of Shopify's layout.")] = "en",
) -> None:
    """Export every product and variant to a file."""
    from rich.console import Console

    from kanava.catalog.service import export_catalogue, export_file
    from kanava.cli.connection import with_database
    from kanava.settings import load_settings

    chosen = file_format or file.suffix.removeprefix(".") or "csv"
    if chosen not in FORMATS:
        raise typer.BadParameter("csv, jsonl or xlsx", param_hint="--format")
    if layout not in ("native", "shopify"):
        raise typer.BadParameter("native or shopify", param_hint="--layout")
    rows = 0

    async def work(db: "Database") -> list[str]:
        async with db.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            export = await export_catalogue(connection, layout, language)  # type: ignore[arg-type]
            await export_file(export, chosen, file, count)  # type: ignore[arg-type]
            return export.left_out

    console = Console()
    with console.status("exporting") as status:

        def count(more: int) -> None:
            nonlocal rows
            rows += more
            status.update(f"exporting: {rows} rows")

        left_out = with_database(load_settings(), work)
    console.print(f"{rows} rows written to {file}")
    if left_out:
        shown = ", ".join(left_out[:10])
        console.print(f"{len(left_out)} products have more than three options and were left out: {shown}")
