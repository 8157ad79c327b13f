"""What every form of the console shares: running a verb, and saying what was refused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from litestar import Response
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.platform import clock, idempotency
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import AlreadyExists, Conflict, InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.console.shell import Desk, Refused, refused

T = TypeVar("T")
Verb = Callable[[Connection, Actor, datetime], Awaitable[T]]
Again = Callable[[Refused, int], Awaitable[Response[Any]]]
"""Shows the page of a form again, with what was refused and the status."""

FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
Short = Annotated[str, msgspec.Meta(max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=2000)]
Choices = Annotated[list[str], msgspec.Meta(max_length=500)] | Annotated[str, msgspec.Meta(max_length=2000)]
"""Fields of one name: a form with one of them sends a text, with several of them a list."""


def listed(chosen: list[str] | str) -> list[str]:
    """Give what fields of one name hold, also where there is one of them or none."""
    if isinstance(chosen, str):
        return [chosen] if chosen else []
    return chosen


@asynccontextmanager
async def transaction(request: AnyRequest) -> AsyncIterator[Connection]:
    """Give a transaction for a form; what PostgreSQL refuses because of others who save the same is said in words."""
    try:
        async with database_of(request).transaction() as tx:
            yield tx
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(
            "Somebody else has just saved one with the same code, so nothing was saved. Take another one."
        ) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise Conflict(
            "Something that this refers to has just been removed, so nothing was saved. Choose again."
        ) from error


async def run(request: AnyRequest, desk: Desk, verb: Verb[T]) -> T:
    """Run a verb in a transaction."""
    async with transaction(request) as tx:
        return await verb(tx, desk.actor, clock.now())


async def run_once(request: AnyRequest, desk: Desk, form_id: str, verb: Verb[T]) -> T | None:
    """Run a verb for the first sending of a form, in a transaction; None when the same form comes again."""
    key = f"form:{read_id(form_id, 'form_id')}"
    async with transaction(request) as tx:
        if await idempotency.claim(tx, desk.actor.label, key, b"") is not None:
            return None
        made = await verb(tx, desk.actor, clock.now())
        # What was made may be a secret: that it was made is kept, not what was answered.
        await idempotency.complete(tx, desk.actor.label, key, 200, b"")
        return made


async def carry_out(request: AnyRequest, desk: Desk, verb: Verb[object], then: str, again: Again) -> Response[Any]:
    """Run a verb and go on to `then`; what is refused is said on the page that asked."""
    try:
        await run(request, desk, verb)
    except KanavaError as error:
        if error.status in (401, 403, 404):
            raise
        return await again(refused(desk, error), error.status)
    return see_other(then)


def read_id(text: str, field: str) -> UUID:
    """Give the id of a hidden field; InvalidInput when it is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("This is no id.", field=field) from error


def read_units(text: str, field: str) -> int:
    """Give a whole number, also below zero; InvalidInput when it is none."""
    tidy = text.strip().replace("\u2212", "-")
    digits = tidy.lstrip("+-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and len(tidy) - len(digits) <= 1):
        raise InvalidInput(f"{text[:30]!r} is no whole number.", field=field)
    return int(tidy)
