"""The HTTP edge: reading and writing through one transaction, problem documents, cursors, ETags."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.params import Parameter

from kanava.platform import clock, idempotency
from kanava.platform.auth import Actor, actor_of
from kanava.platform.db import Connection, Database
from kanava.platform.errors import InvalidInput, PreconditionRequired
from kanava.platform.intake import INT64, refuse_zero_bytes

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
Verb = Callable[[Connection, Actor, datetime], Awaitable[T]]

LIMIT_DEFAULT = 50
LIMIT_MAX = 500
ATTEMPTS_MAX = 3
JSON = "application/json"
Cursor = Annotated[str | None, Parameter(description="`next_cursor` of the page before.")]
Limit = Annotated[int, Parameter(description=f"How many items: 1 to {LIMIT_MAX}.")]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; `next_cursor` is null at the end."""

    items: list[T]
    next_cursor: str | None = None


def check_limit(limit: int) -> int:
    """Give the limit back when a page may be that long."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput(f"A page has 1 to {LIMIT_MAX} items.", field="limit")
    return limit


def encode_cursor(*values: object) -> str:
    """Make an opaque cursor of the values that the next page starts behind."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(text: str, *kinds: Any) -> tuple[Any, ...]:
    """Give the values of a cursor back, each of its kind (int, str, UUID …); InvalidInput when it is not ours."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[kinds])  # type: ignore[valid-type]
        refuse_zero_bytes(raw, values)
        ours = all(value in INT64 for value in values if isinstance(value, int))
    except (ValueError, binascii.Error, msgspec.DecodeError, InvalidInput):
        ours = False
    if not ours:
        raise InvalidInput("This is no cursor that we gave out.", field="cursor")
    return values


def etag_of(version: int) -> str:
    """Give the ETag of a version number."""
    return f'"{version}"'


def expected_version(request: AnyRequest) -> int:
    """Read the version that the caller believes to change, from If-Match."""
    header = request.headers.get("if-match")
    if header is None:
        raise PreconditionRequired("Send If-Match with the ETag that you read.", field="If-Match")
    text = header.strip().removeprefix("W/").strip('"')
    # isdigit alone would let through digits that int() refuses, and numbers that no bigint holds.
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidInput("If-Match is the ETag of an earlier answer.", field="If-Match")
    return int(text)


def database_of(request: AnyRequest) -> Database:
    """Give the application's database."""
    db: Database = request.app.state.db
    return db


def answer(result: object, status: int) -> Response[Any]:
    """Encode a result; what has a version gets an ETag."""
    return encoded(
        b"" if result is None else msgspec.json.encode(result),
        204 if result is None else status,
        getattr(result, "version", None),
    )


def encoded(body: bytes, status: int, version: int | None = None) -> Response[Any]:
    """Answer with bytes that are JSON already."""
    headers = {"etag": etag_of(version)} if isinstance(version, int) else None
    return Response(body, status_code=status, media_type=JSON, headers=headers)


async def read(request: AnyRequest, verb: Verb[T]) -> Response[T]:
    """Run a verb that only reads, on a connection without a transaction."""
    async with database_of(request).connection() as connection:
        result = await verb(connection, actor_of(request), clock.now())
    return answer(result, 200)


async def write(request: AnyRequest, verb: Verb[T], status: int = 201) -> Response[T]:
    """Run a verb in one transaction, once per Idempotency-Key; a deadlock is tried again."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return await _write_once(request, verb, status)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("unreachable")


async def _write_once(request: AnyRequest, verb: Verb[T], status: int) -> Response[T]:
    actor = actor_of(request)
    key = request.headers.get("idempotency-key")
    async with database_of(request).transaction() as tx:
        if key is None:
            return answer(await verb(tx, actor, clock.now()), status)
        idempotency.check_key(key)
        digest = await request_digest(request)
        stored = await idempotency.claim(tx, actor.label, key, digest)
        if stored is not None:
            return encoded(stored.response_body or b"", stored.response_status or status)
        response = answer(await verb(tx, actor, clock.now()), status)
        await idempotency.complete(tx, actor.label, key, response.status_code or status, response.content)
        return response


async def request_digest(request: AnyRequest) -> bytes:
    """Give the hash that tells whether a repeated key comes with the same request."""
    url = request.scope["path"] + "?" + request.scope["query_string"].decode("latin-1")
    return idempotency.hash_request(request.method, url, await request.body())
