"""`kanava demo replay`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from kanava.demo.replay.audit import PromiseWish
from kanava.demo.replay.receipts import Selection
from kanava.demo.replay.replay import ReplayReport, Wish, replay
from kanava.fulfilment.promise_report import print_audit


def replay_receipts(  # noqa: PLR0917 - one parameter for each option
    orders: Annotated[int, typer.Option(min=0, help="The first so many receipts; 0: all.")] = 10_000,
    days: Annotated[int, typer.Option(min=0, max=334, help="The first so many days; 0: January to November.")] = 0,
    pickup_share: Annotated[float, typer.Option(min=0, max=1, help="Share that become web orders.")] = 0.1,
    reject_percent: Annotated[
        float | None, typer.Option(min=0, max=100, help="Also work on web orders, in virtual time, and reject so many.")
    ] = None,
    ship_share: Annotated[float, typer.Option(min=0, max=1, help="Share shipped, with --reject-percent.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same choices.")] = 1,
    stock_share: Annotated[float, typer.Option(min=0, max=1, help="Share of what is sold that is in stock.")] = 0.98,
    concurrency: Annotated[int, typer.Option(min=1, max=500, help="Orders under way at once.")] = 32,
    folder: Annotated[Path | None, typer.Option(help="Where its database is made.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Replay real receipts of a grocery chain through the API, in a database of their own.

    With --reject-percent places, carriers and customers do their part too, and the report says what was promised and
    what happened. Exit code 0: all went through and every invariant holds. 1: an invariant is broken.
    """
    import uvloop

    if pickup_share + ship_share > 1:
        raise typer.BadParameter("Together with --pickup-share this is more than all.", param_hint="--ship-share")
    promises = None if reject_percent is None else PromiseWish(pickup_share, ship_share, reject_percent, seed)
    wish = Wish(Selection(orders, days), pickup_share, stock_share, concurrency, seed, promises)
    text = TextColumn("{task.description:<22}")
    columns = (SpinnerColumn(), text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        report = uvloop.run(replay(wish, folder or Path(tempfile.gettempdir()), tell))
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _print(Console(), report)
    if any(report.invariants.values()):
        raise typer.Exit(1)


def _print(console: Console, report: ReplayReport) -> None:
    table = Table(title=f"{report.receipts:,} receipts replayed in {report.seconds:.1f} s", show_header=False)
    for name, value in msgspec.structs.asdict(report.loaded).items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    table.add_section()
    for name in ("orders_taken", "till_orders", "pickup_orders", "shipped_orders", "lines_filled", "units_filled",
                 "shortages", "orders_refused", "receipt_lines_left_out"):  # fmt: skip
        table.add_row(name.replace("_", " "), f"{getattr(report, name):,}")
    for reason, count in report.refused_by_reason.items():
        table.add_row(f"  {reason}", f"{count:,}")
    table.add_row("orders per second", f"{report.orders_per_second:,.1f}")
    table.add_section()
    for name, rows in report.invariants.items():
        table.add_row(name.replace("_", " "), "holds" if not rows else f"broken by {rows:,} rows")
    promised = report.promises
    if promised is not None:
        table.add_section()
        table.add_row("days that passed", f"{promised.virtual_days:,}")
        for name, count in promised.did.items():
            table.add_row(name, f"{count:,}")
    console.print(table)
    if promised is not None:
        print_audit(console, promised.audit)
