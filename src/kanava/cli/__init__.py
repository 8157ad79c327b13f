"""The command `kanava`.

Exit codes: 0 done, 1 could not be done (one sentence on stderr says why), 2 wrong arguments. Commands import what they
need when they run, so that `kanava --help` is quick and a broken part breaks its own command only.
"""

import sys
from typing import Annotated

import typer

from kanava import __version__
from kanava.cli import database, forwarded, keys, running, staff
from kanava.platform.refusal import CannotRun

app = typer.Typer(
    name="kanava",
    help="One stock, one customer, one price, one order across every channel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


app.command("up")(running.up)
app.command("serve")(running.serve)
app.command("worker")(running.worker)
app.add_typer(database.app, name="db")
app.add_typer(staff.app, name="user")
app.add_typer(keys.key_app, name="key")
forwarded.add_to(app)


def main() -> None:
    """Run the command of this process's arguments."""
    try:
        app()
    except CannotRun as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        _refuse("stopped")
    except Exception as error:  # A condition of ours or of the database is told in a sentence.
        if sentence := _sentence_of(error):
            _refuse(sentence)
        raise


def _refuse(sentence: str) -> None:
    print(f"kanava: {sentence}", file=sys.stderr)  # noqa: T201
    sys.exit(1)


def _sentence_of(error: Exception) -> str | None:
    import socket

    import asyncpg

    from kanava.platform.errors import KanavaError

    if isinstance(error, KanavaError):
        return error.detail
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if isinstance(
        error, ConnectionError | FileNotFoundError | TimeoutError | socket.gaierror | asyncpg.CannotConnectNowError
    ):
        return f"The database does not answer: {error or 'it took too long'}."
    if isinstance(
        error,
        asyncpg.InvalidAuthorizationSpecificationError
        | asyncpg.InvalidCatalogNameError
        | asyncpg.InsufficientPrivilegeError
        | asyncpg.TooManyConnectionsError,
    ):
        return f"The database refuses: {error}."
    if isinstance(error, asyncpg.UndefinedTableError):
        return "The database has not our tables yet; run kanava db migrate."
    return None
