"""`kanava search rebuild`: writes what products are found by anew, from the catalogue."""

import sys
from typing import Annotated

import typer

from kanava.platform.db import Database
from kanava.search import service

app = typer.Typer(help="What products are found by.", no_args_is_help=True)


@app.callback()
def search() -> None:
    """What products are found by; a single command alone would lose its name."""


@app.command()
def rebuild(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Write the search rows of every product anew; shops are served from the old ones meanwhile."""
    from rich.console import Console
    from rich.progress import Progress

    from kanava.cli.connection import with_database
    from kanava.settings import load_settings

    async def work(db: Database) -> int:
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Products", total=None)
            return await service.rebuild(db, lambda done, total: progress.update(task, completed=done, total=total))

    products = with_database(load_settings(), work)
    if as_json:
        sys.stdout.write(f'{{"products": {products}}}\n')
    else:
        typer.echo(f"{products:,} products written.")
