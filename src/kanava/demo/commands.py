"""`kanava demo load`: the command line's way to the demo retailer."""

import sys
from typing import Annotated

import asyncpg
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from kanava.cli.connection import with_database
from kanava.demo.load import DemoReport, load_demo
from kanava.demo.replay.commands import replay_receipts
from kanava.platform.errors import KanavaError
from kanava.platform.refusal import CannotRun
from kanava.settings import load_settings

app = typer.Typer(help="The demo retailer.", no_args_is_help=True, add_completion=False)


@app.callback()
def demo() -> None:
    """Try Kanava with a made-up retailer; a single command alone would lose its name."""


@app.command("load")
def load(
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same retailer.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Load a made-up retailer into an empty database: 1,200 products, 24 stores, prices, stock and pictures.

    Exit code 0: it is there. 1: there are products already. 2: the database cannot be reached.
    """
    errors = Console(stderr=True)
    settings = load_settings()
    try:
        with _bar(errors) as bar:
            tasks: dict[str, TaskID] = {}

            def tell(step: str, done: int, total: int) -> None:
                if step not in tasks:
                    tasks[step] = bar.add_task(step, total=total)
                bar.update(tasks[step], completed=done, total=total)

            report = with_database(settings, lambda db: load_demo(db, seed, tell, settings.data_dir / "media"))
    except KanavaError as error:
        errors.print(f"kanava: {error}", highlight=False, markup=False)
        raise typer.Exit(1) from error
    except (CannotRun, OSError, asyncpg.PostgresError) as error:
        errors.print(f"kanava: {error}", highlight=False, markup=False)
        raise typer.Exit(2) from error
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _print_report(Console(), report)


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _print_report(console: Console, report: DemoReport) -> None:
    table = Table(title=f"{report.retailer}, seed {report.seed}: loaded in {report.seconds:.1f} s", show_header=False)
    for name, value in msgspec.structs.asdict(report).items():
        if name not in ("retailer", "seed", "seconds"):
            table.add_row(name.replace("_", " "), f"{value:,}")
    console.print(table)


app.command("replay")(replay_receipts)
