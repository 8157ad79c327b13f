"""`kanava promises audit`: what customers were promised against what happened."""

import sys
from datetime import timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from kanava.cli.connection import with_database
from kanava.fulfilment.promise_report import print_audit
from kanava.fulfilment.service.promise_audit import PromiseAudit, audit_promises
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import load_settings

app = typer.Typer(help="What was promised against what happened.", no_args_is_help=True, add_completion=False)


@app.callback()
def promises() -> None:
    """Look back at what customers were promised; a single command alone would lose its name."""


@app.command("audit")
def audit(
    days: Annotated[int, typer.Option(min=1, max=400, help="Orders placed in the last so many days.")] = 28,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Count promises kept and broken, by cause."""
    until = clock.now()

    async def work(db: Database) -> PromiseAudit:
        async with db.connection() as connection:
            return await audit_promises(connection, until - timedelta(days=days), until, until)

    report = with_database(load_settings(), work)
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        print_audit(Console(), report)
