"""`kanava doctor`: every order that waits on something, and why."""

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from kanava.cli.connection import with_database
from kanava.fulfilment.service import doctor as doctors
from kanava.fulfilment.service.doctor import Diagnosis
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import load_settings

app = typer.Typer()


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the diagnosis as one JSON object.")] = False,
) -> None:
    """List every order that waits on something, and why; exit 1 when something waits longer than it should."""
    found = with_database(load_settings(), _diagnose)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        _print(found)
    if not found.healthy:
        raise typer.Exit(1)


async def _diagnose(db: Database) -> Diagnosis:
    async with db.connection() as connection:
        return await doctors.diagnose(connection, clock.now())


def _print(found: Diagnosis) -> None:
    console = Console()
    if not found.waiting:
        console.print("Nothing waits.")
        return
    table = Table("what", "number", "where", "since", "why", "overdue")
    for each in found.waiting:
        since = each.since.strftime("%Y-%m-%d %H:%M")
        table.add_row(each.kind, each.number, each.location, since, each.why, "yes" if each.overdue else "")
    console.print(table)
    for kind, total in found.counts.items():
        shown = sum(each.kind == kind for each in found.waiting)
        if total > shown:
            console.print(f"{kind}: {total} in all, the oldest {shown} are shown.")
