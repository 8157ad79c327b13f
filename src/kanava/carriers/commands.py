"""`kanava import carriers FILE` and `kanava export carriers FILE`: everything of every carrier as one JSON document."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kanava.carriers import service
from kanava.carriers.model import CarriersImported
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from kanava.platform.refusal import CannotRun

import_app = typer.Typer(help="Import carriers.", no_args_is_help=True)
export_app = typer.Typer(help="Export carriers.", no_args_is_help=True)

FILE_BYTES_MAX = 200_000_000


@import_app.callback()
def imports() -> None:
    """Import files; a single command alone would lose its name."""


@export_app.callback()
def exports() -> None:
    """Export files; a single command alone would lose its name."""


@import_app.command("carriers")
def import_carriers(
    file: Annotated[
        Path, typer.Argument(help="JSON; '-' reads standard input.", exists=True, dir_okay=False, allow_dash=True)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Write the carriers, services and pickup points of a file, all or nothing; what it does not name stays."""
    from kanava.cli.connection import with_database
    from kanava.settings import load_settings

    document = service.read_carriers(_content(file))

    async def work(db: Database) -> CarriersImported:
        async with db.transaction() as tx:
            return await service.import_carriers(tx, SYSTEM, document, clock.now())

    report = with_database(load_settings(), work)
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        typer.echo(
            f"{len(document.carriers):,} carriers read; changed: {report.carriers:,} carriers, "
            f"{report.services:,} services, {report.pickup_points:,} pickup points."
        )


@export_app.command("carriers")
def export_carriers(
    file: Annotated[Path, typer.Argument(help="Where to write; '-' for standard output.", allow_dash=True)],
) -> None:
    """Write every carrier with its services and pickup points to a file that `import carriers` reads."""
    from kanava.cli.connection import with_database
    from kanava.settings import load_settings

    async def work(db: Database) -> bytes:
        async with db.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            document = await service.export_carriers(connection)
        return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"

    content = with_database(load_settings(), work)
    if str(file) == "-":
        sys.stdout.buffer.write(content)
    else:
        file.write_bytes(content)
        typer.echo(f"Written: {file}", err=True)


def _content(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(FILE_BYTES_MAX)
    if file.stat().st_size > FILE_BYTES_MAX:
        raise CannotRun(f"{file} is larger than {FILE_BYTES_MAX:,} bytes; split it.")
    return file.read_bytes()
