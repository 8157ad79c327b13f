"""`kanava key`: API keys."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kanava.platform.auth import ApiKey
    from kanava.platform.db import Database

key_app = typer.Typer(help="API keys.", no_args_is_help=True)


@key_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str], typer.Option(help="What it may do, such as orders:write; repeat it.")],
) -> None:
    """Make a key and print it; nothing can show it again."""
    from kanava.cli.connection import with_database
    from kanava.platform import audit, auth
    from kanava.settings import load_settings

    async def work(db: "Database") -> str:
        async with db.transaction() as tx:
            key, secret = await auth.create_api_key(tx, name, scope)
            await audit.record(tx, auth.SYSTEM, "create", "api_key", key.prefix, {"name": name, "scopes": key.scopes})
        return secret

    typer.echo(with_database(load_settings(), work))


@key_app.command("list")
def list_keys(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per key.")] = False) -> None:
    """Show the keys without their secrets."""
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from kanava.cli.connection import with_database
    from kanava.platform import auth
    from kanava.settings import load_settings

    async def work(db: "Database") -> "list[ApiKey]":
        async with db.connection() as connection:
            return await auth.list_api_keys(connection)

    keys = with_database(load_settings(), work)
    if as_json:
        for key in keys:
            typer.echo(msgspec.json.encode(key).decode())
        return
    table = Table("prefix", "name", "scopes", "created", "state")
    for key in keys:
        state = "revoked" if key.revoked_at else f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "valid"
        table.add_row(key.prefix, key.name, " ".join(key.scopes), f"{key.created_at:%Y-%m-%d %H:%M}", state)
    Console().print(table)


@key_app.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="The key's prefix, from `kanava key list`.")]) -> None:
    """End a key at once."""
    from kanava.cli.connection import with_database
    from kanava.platform import audit, auth, clock
    from kanava.settings import load_settings

    async def work(db: "Database") -> None:
        async with db.transaction() as tx:
            await auth.revoke_api_key(tx, prefix, clock.now())
            await audit.record(tx, auth.SYSTEM, "revoke", "api_key", prefix, {})

    with_database(load_settings(), work)
    typer.echo(f"The key {prefix} is revoked.")
