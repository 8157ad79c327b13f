"""`kanava jobs`: work that was tried as often as it may be."""

from typing import Annotated

import typer

from kanava.cli.connection import with_database
from kanava.platform.db import Database
from kanava.platform.jobs import retry_failed
from kanava.platform.refusal import CannotRun
from kanava.settings import load_settings

app = typer.Typer(help="Jobs that failed; kanava doctor shows them.", no_args_is_help=True)
app.callback()(lambda: None)  # A single command alone would lose its name.


@app.command("retry")
def retry(job_id: Annotated[int | None, typer.Option("--id", min=1, help="Only this job.")] = None) -> None:
    """Let failed jobs try again; the worker takes them within seconds."""

    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            return await retry_failed(tx, job_id)

    tried = with_database(load_settings(), work)
    if job_id is not None and not tried:
        raise CannotRun(f"No failed job has the number {job_id}.")
    typer.echo(f"Jobs that try again: {tried}.")
