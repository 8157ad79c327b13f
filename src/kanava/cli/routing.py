"""`kanava routing simulate|reroute|scarcity`: routing looked at and put in motion from the command line."""

import sys
from time import perf_counter
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from kanava.cli.connection import with_database
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import load_settings
from kanava.sourcing.routing import rerouting, scarcity, simulating
from kanava.sourcing.routing.rerouting import Report
from kanava.sourcing.routing.simulating import LOCATIONS_SHOWN, Simulation

app = typer.Typer(
    help="Which places goods come from: try rules, look at open orders again.",
    no_args_is_help=True,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")]


@app.command("simulate")
def simulate(
    ruleset: Annotated[int, typer.Option("--ruleset", min=1, help="The number of a draft.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days of past orders.")] = 28,
    as_json: AsJson = False,
) -> None:
    """Route past orders under a draft and under the live ruleset, on the levels as they are now. Writes nothing."""

    async def work(db: Database) -> Simulation:
        with _bar("Orders") as bar:
            task = bar.add_task("Orders", total=None)
            async with db.connection() as connection:
                return await simulating.simulate(
                    connection,
                    ruleset,
                    days,
                    clock.now(),
                    lambda done, total: bar.update(task, completed=done, total=total),
                )

    report = with_database(load_settings(), work)
    if as_json:
        _print_json(report)
    else:
        _print_simulation(Console(), report)


@app.command("reroute")
def reroute(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be moved.")] = False,
    saving: Annotated[
        int, typer.Option(min=1, help="The least saving, in minor units of the retailer's currency.")
    ] = rerouting.SAVING_LEAST_MINOR,
    as_json: AsJson = False,
) -> None:
    """Look at open orders again and move those that come cheaper from elsewhere and still keep their promise."""
    from kanava.fulfilment.service.rerouting import move

    async def work(db: Database) -> Report:
        with _bar("Open orders") as bar:
            task = bar.add_task("Open orders", total=None)
            return await rerouting.reroute(
                db,
                clock.now(),
                None if dry_run else move,
                saving_least_minor=saving,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                clock=perf_counter,
            )

    report = with_database(load_settings(), work)
    if as_json:
        _print_json(report)
    else:
        _print_report(Console(), report)


@app.command("scarcity")
def price_scarcity(as_json: AsJson = False) -> None:
    """Work out the scarcity prices anew, as the worker does a few times a day."""
    settings = load_settings()

    async def work(db: Database) -> int:
        return await scarcity.price_scarcity(db, settings.currency, clock.now())

    prices = with_database(settings, work)
    if as_json:
        _print_json({"prices": prices})
    else:
        without = "" if prices else " They follow from the sales of the last 28 days at places that ship."
        Console().print(f"{prices:,} units have a scarcity price.{without}", highlight=False)


def _bar(_title: str) -> Progress:
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _print_json(report: Any) -> None:
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")


def _print_simulation(console: Console, report: Simulation) -> None:
    live, draft = report.live, report.draft
    table = Table("", f"live ({live.ruleset or 'as delivered'})", f"draft ({draft.ruleset})", "difference")
    table.add_row("cost", f"{live.cost_minor:,}", f"{draft.cost_minor:,}", f"{draft.cost_minor - live.cost_minor:+,}")
    table.add_row(
        "cost of an order",
        f"{live.cost_per_order_minor:,.1f}",
        f"{draft.cost_per_order_minor:,.1f}",
        f"{draft.cost_per_order_minor - live.cost_per_order_minor:+,.1f}",
    )
    table.add_row("parcels", f"{live.parcels:,}", f"{draft.parcels:,}", f"{draft.parcels - live.parcels:+,}")
    for name, before, after in (
        ("orders in several parcels", live.split_rate, draft.split_rate),
        ("orders that leave later than today", live.late_rate, draft.late_rate),
    ):
        table.add_row(name, f"{before:.1%}", f"{after:.1%}", f"{(after - before) * 100:+.1f} points")
    places = sorted({*live.load, *draft.load}, key=lambda code: -max(live.load.get(code, 0), draft.load.get(code, 0)))
    for code in places[:LOCATIONS_SHOWN]:
        before, after = live.load.get(code, 0), draft.load.get(code, 0)
        table.add_row(f"units from {code}", f"{before:,}", f"{after:,}", f"{after - before:+,}")
    console.print(table)
    console.print(
        f"{report.orders:,} orders of {report.days} days, each on the levels as they are now; {report.unfilled:,} more "
        "that could not be filled now are left out. Amounts in minor units of the retailer's currency.",
        highlight=False,
    )


def _print_report(console: Console, report: Report) -> None:
    would = "would be moved" if report.dry_run else "were moved"
    if report.moves:
        table = Table("order", "from", "to", "saves")
        for move in report.moves[:20]:
            row = (str(move.number), ", ".join(move.from_locations), ", ".join(move.to_locations))
            table.add_row(*row, f"{move.saved_minor:,}")
        console.print(table)
    console.print(
        f"{report.orders:,} open orders in {report.seconds:.1f} s: {report.moved:,} {would}, saving "
        f"{report.saved_minor:,} of {report.cost_before_minor:,}; {report.failed:,} could not be.",
        highlight=False,
    )
