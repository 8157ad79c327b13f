"""`kanava user`: people who sign in."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from kanava.platform.db import Database
    from kanava.platform.staff import Role, Staff

T = TypeVar("T")

app = typer.Typer(help="People who sign in, and their roles.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The e-mail address that the person signs in with.")]
Roles = Annotated[
    list[str], typer.Option("--role", help="A role, such as admin or associate@LJ-01; repeat it for more.")
]


@app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Roles,
    language: Annotated[str, typer.Option(help="The language of the pages: en, sl, pl, hr, hu.")] = "en",
) -> None:
    """Add a person; the password is asked for, or read from stdin when that is no terminal."""
    from kanava.platform import auth, staff

    password = _password()

    async def work(db: "Database") -> "Staff":
        async with db.transaction() as tx:
            return await staff.add_staff(tx, auth.SYSTEM, email, name, password, _roles(role), language)

    person = _run(work)
    typer.echo(f"{person.name} <{person.email}> may sign in as {_shown(person)}.")


@app.command("list")
def list_people(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per person.")] = False,
) -> None:
    """Show everybody who may sign in, or once might."""
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from kanava.platform import staff

    async def work(db: "Database") -> "list[Staff]":
        async with db.connection() as connection:
            return await staff.list_staff(connection)

    people = _run(work)
    if as_json:
        for person in people:
            typer.echo(msgspec.json.encode(person).decode())
        return
    table = Table("e-mail", "name", "roles", "active")
    for person in people:
        table.add_row(person.email, person.name, _shown(person), "yes" if person.active else "no")
    Console().print(table)


@app.command()
def deactivate(email: Email) -> None:
    """End a person's access at once."""
    from kanava.platform import auth, staff

    async def work(db: "Database") -> None:
        async with db.transaction() as tx:
            await staff.set_active(tx, auth.SYSTEM, email, active=False)

    _run(work)
    typer.echo(f"{email} may not sign in any more.")


@app.command("password")
def set_password(email: Email) -> None:
    """Set a person's password, read from standard input, and end the sessions."""
    from kanava.platform import auth, staff

    password = _password()

    async def work(db: "Database") -> None:
        async with db.transaction() as tx:
            await staff.set_password(tx, auth.SYSTEM, email, password)

    _run(work)
    typer.echo(f"{email} signs in with the new password from now on.")


@app.command("role")
def set_roles(email: Email, role: Roles) -> None:
    """Replace a person's roles."""
    from kanava.platform import auth, staff

    async def work(db: "Database") -> "Staff":
        async with db.transaction() as tx:
            return await staff.set_roles(tx, auth.SYSTEM, email, _roles(role))

    typer.echo(f"{email} is now {_shown(_run(work))}.")


def _run(work: Callable[["Database"], Awaitable[T]]) -> T:
    from kanava.cli.connection import with_database
    from kanava.settings import load_settings

    return with_database(load_settings(), work)


def _roles(words: list[str]) -> "list[Role]":
    from kanava.platform.staff import Role

    return [Role(name, place or None) for name, _, place in (word.partition("@") for word in words)]


def _shown(person: "Staff") -> str:
    return ", ".join(f"{role.role}@{role.location}" if role.location else role.role for role in person.roles)


def _password() -> str:
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\n")
