"""`kanava events`: what consumers of the event feed could not take."""

from typing import Annotated
from uuid import UUID

import typer

from kanava.cli.connection import with_database
from kanava.consumers import CONSUMERS
from kanava.platform.consumers import Retaken, replay
from kanava.platform.db import Database
from kanava.platform.refusal import CannotRun
from kanava.settings import load_settings

app = typer.Typer(help="Events that a consumer could not take; kanava doctor shows them.", no_args_is_help=True)
app.callback()(lambda: None)  # A single command alone would lose its name.


@app.command("replay")
def replay_events(
    consumer: Annotated[str | None, typer.Argument(help="Only those of this consumer.")] = None,
    event_id: Annotated[UUID | None, typer.Option("--id", help="Only this event.")] = None,
) -> None:
    """Let consumers take the events that were put aside; exit 1 when one fails again."""
    known = sorted(each.name for each in CONSUMERS)
    if consumer is not None and consumer not in known:
        raise CannotRun(f"There is no consumer {consumer}; there are {', '.join(known)}.")

    async def work(db: Database) -> Retaken:
        return await replay(db, CONSUMERS, consumer, event_id)

    found = with_database(load_settings(), work)
    for event, error in found.failed:
        typer.echo(f"{event.consumer} {event.event_id}: {error}", err=True)
    typer.echo(f"Taken: {found.taken}; still put aside: {len(found.failed)}.")
    if found.failed:
        raise typer.Exit(1)
