"""`kanava db`: the schema and its invariants."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The database: migrations, schema, invariants.", no_args_is_help=True)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    import asyncio

    from kanava.cli.connection import database_url
    from kanava.consumers import register_consumers
    from kanava.platform import migrate as migrations
    from kanava.platform.db import Database
    from kanava.settings import load_settings

    async def run(url: str) -> int:
        applied = await migrations.migrate(url)
        db = await Database.open(url, pool_size=1, application_name="kanava-cli")
        try:
            await register_consumers(db)
        finally:
            await db.close()
        return applied

    with database_url(load_settings()) as url:
        applied = asyncio.run(run(url))
    typer.echo(f"Applied {applied} migrations." if applied else "The database is up to date.")


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per invariant.")] = False,
) -> None:
    """Read every invariant; exit 1 if one does not hold."""
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from kanava.cli.connection import with_database
    from kanava.platform.invariants import broken_invariants
    from kanava.platform.refusal import CannotRun
    from kanava.settings import load_settings

    found = with_database(load_settings(), broken_invariants)
    if not found:
        raise CannotRun("The database has not our tables yet; run kanava db migrate.")
    if as_json:
        for invariant in found:
            typer.echo(msgspec.json.encode(invariant).decode())
    else:
        table = Table("invariant", "rows", "first rows")
        for invariant in found:
            shown = "\n".join(str(row) for row in invariant.first_rows)
            table.add_row(invariant.name, str(invariant.rows), shown if invariant.rows else "holds")
        Console().print(table)
    if any(invariant.rows for invariant in found):
        raise typer.Exit(1)


@app.command()
def schema(
    file: Annotated[Path | None, typer.Option("--write", help="Write it to this file.", dir_okay=False)] = None,
) -> None:
    """Print the schema that the migrations make, the same text every time."""
    import asyncio
    import tempfile

    from kanava.platform import embedded
    from kanava.platform import migrate as migrations

    with tempfile.TemporaryDirectory(prefix="kanava-schema-") as folder:
        Path(folder).chmod(0o755)
        # A new database, so that what an old one has beside our tables stays out.
        with embedded.session(Path(folder), durable=False) as url:
            asyncio.run(migrations.migrate(url))
            text = migrations.dump_schema(url)
        embedded.remove(Path(folder))
    if file is None:
        typer.echo(text, nl=False)
    else:
        file.write_text(text)


@app.command("url")
def show_url() -> None:
    """Print the address of the running database."""
    from kanava.platform import embedded
    from kanava.platform.refusal import CannotRun
    from kanava.settings import load_settings

    settings = load_settings()
    url = settings.database_url or embedded.running_url(settings.data_dir)
    if url is None:
        raise CannotRun("The embedded PostgreSQL does not run; start it with kanava up.")
    typer.echo(url)
