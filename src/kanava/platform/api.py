"""What every installation has: health, metrics, the event feed, API keys, the audit log."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kanava.platform import api_reference, audit, auth, openapi, outbox
from kanava.platform.auth import Actor, ApiKey, requires
from kanava.platform.db import Connection
from kanava.platform.errors import Overloaded
from kanava.platform.http import AnyRequest, Page, check_limit, decode_cursor, encode_cursor, read, write


class Health(msgspec.Struct, frozen=True):
    """`ok`, or the answer is a problem document."""

    status: str


class NewApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a new key may do and until when."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    scopes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class CreatedApiKey(msgspec.Struct, frozen=True):
    """A new key with its secret, which is shown this once."""

    api_key: ApiKey
    secret: str


class FeedEvent(msgspec.Struct, frozen=True):
    """An event of the feed."""

    event_id: UUID
    type: str
    aggregate: str
    aggregate_id: str
    occurred_at: datetime
    data: dict[str, Any]


class FeedPage(msgspec.Struct, frozen=True):
    """Events oldest first; read on from `next_cursor`, also when `items` is empty."""

    items: list[FeedEvent]
    next_cursor: str


@get("/health/live", tags=["Health"], summary="The process answers")
async def health_live() -> Health:
    """Say that the process runs."""
    return Health("ok")


@get("/health/ready", tags=["Health"], summary="The process can do its work: the database answers")
async def health_ready(request: AnyRequest) -> Health:
    """Say that the database answers."""
    async with request.app.state.db.connection() as connection:
        if await connection.fetchval("SELECT 1", timeout=2) != 1:
            raise Overloaded("The database gave no answer.")
    return Health("ok")


# The framework's own router would answer every unknown path under /api with a page of HTML.
@get("/api/openapi.json", include_in_schema=False, media_type="application/json")
async def openapi_document(request: AnyRequest) -> bytes:
    """Give the OpenAPI 3.1 document."""
    return msgspec.json.encode(openapi.describe(request.app))


@get("/metrics", tags=["Health"], summary="Prometheus metrics of this process", media_type="text/plain")
async def metrics() -> Response[bytes]:
    """Give the metrics in Prometheus' text format."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


@get("/api/events", guards=[requires("events:read")], tags=["Events"], summary="Read the event feed by cursor")
async def list_events(
    request: AnyRequest,
    cursor: str | None = None,
    type: Annotated[list[str] | None, Parameter(max_items=50)] = None,  # noqa: A002 -- the word of the feed
    limit: int = 100,
) -> Response[FeedPage]:
    """Give events behind a cursor, oldest first; no event ever appears behind a cursor that has passed it."""
    check_limit(limit)
    position: tuple[int, UUID] = decode_cursor(cursor, int, UUID) if cursor else (0, UUID(int=0))

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> FeedPage:
        events = await outbox.events_after(connection, *position, type, limit)
        reached = (events[-1].tx_id, events[-1].event_id) if events else position
        items = [FeedEvent(e.event_id, e.type, e.aggregate, e.aggregate_id, e.occurred_at, e.data) for e in events]
        return FeedPage(items, encode_cursor(*reached))

    return await read(request, verb)


@get("/api/api-keys", guards=[requires("admin:read")], tags=["Access"], summary="List API keys")
async def list_api_keys(request: AnyRequest) -> Response[Page[ApiKey]]:
    """Give every key without its secret."""

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[ApiKey]:
        return Page(await auth.list_api_keys(connection))

    return await read(request, verb)


@post("/api/api-keys", guards=[requires("admin:write")], tags=["Access"], summary="Make an API key")
async def create_api_key(request: AnyRequest, data: NewApiKey) -> Response[CreatedApiKey]:
    """Make a key; its secret is in this answer and nowhere else."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> CreatedApiKey:
        key, secret = await auth.create_api_key(tx, data.name, data.scopes, data.expires_at)
        await audit.record(tx, actor, "create", "api_key", key.prefix, {"name": key.name, "scopes": key.scopes})
        return CreatedApiKey(key, secret)

    return await write(request, verb)


@post(
    "/api/api-keys/{prefix:str}/revoke",
    guards=[requires("admin:write")],
    tags=["Access"],
    status_code=200,
    summary="End an API key at once",
)
async def revoke_api_key(request: AnyRequest, prefix: str) -> Response[ApiKey]:
    """End a key."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> ApiKey:
        key = await auth.revoke_api_key(tx, prefix, now)
        await audit.record(tx, actor, "revoke", "api_key", prefix)
        return key

    return await write(request, verb, 200)


@get("/api/audit", guards=[requires("admin:read")], tags=["Access"], summary="Who changed what")
async def list_audit(
    request: AnyRequest,
    subject: str | None = None,
    subject_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Response[Page[audit.AuditEntry]]:
    """Give audit entries, newest first."""
    check_limit(limit)
    before = decode_cursor(cursor, UUID)[0] if cursor else None

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[audit.AuditEntry]:
        items = await audit.entries(connection, subject, subject_id, before, limit)
        return Page(items, encode_cursor(items[-1].audit_entry_id) if len(items) == limit else None)

    return await read(request, verb)


routes = [
    openapi_document,
    *api_reference.routes,
    health_live,
    health_ready,
    metrics,
    list_events,
    list_api_keys,
    create_api_key,
    revoke_api_key,
    list_audit,
]
