"""HTTP edge of the webhooks module."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET

from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write
from kanava.webhooks import service
from kanava.webhooks.model import (
    Delivery,
    Disabling,
    Endpoint,
    EndpointChange,
    EndpointWithSecret,
    NewEndpoint,
    Replayed,
    ReplaySince,
    Rotation,
    State,
)

TAGS = ["Webhooks"]
READ, WRITE = [requires("webhooks:read")], [requires("webhooks:write")]
ONE = "/api/webhook-endpoints/{endpoint_id:uuid}"


def _private_allowed(request: AnyRequest) -> bool:
    allowed: bool = request.app.state.settings.webhook_private_addresses
    return allowed


@get("/api/webhook-endpoints", guards=READ, tags=TAGS, summary="List webhook endpoints")
async def list_endpoints(request: AnyRequest, limit: Limit = 50, cursor: Cursor = None) -> Response[Page[Endpoint]]:
    """Give endpoints, oldest first, without their secrets."""
    check_limit(limit)
    return await read(request, lambda c, _, __: service.list_endpoints(c, limit, cursor))


@post("/api/webhook-endpoints", guards=WRITE, tags=TAGS, summary="Make a webhook endpoint; its secret is shown once")
async def create_endpoint(request: AnyRequest, data: NewEndpoint) -> Response[EndpointWithSecret]:
    """Make an endpoint that gets the events from now on."""
    await service.check_address(data.url, private_allowed=_private_allowed(request))
    return await write(request, lambda tx, actor, now: service.create_endpoint(tx, actor, data, now))


@get(ONE, guards=READ, tags=TAGS, summary="Get a webhook endpoint")
async def get_endpoint(request: AnyRequest, endpoint_id: UUID) -> Response[Endpoint]:
    """Give an endpoint and how it stands."""
    return await read(request, lambda c, _, __: service.get_endpoint(c, endpoint_id))


@patch(ONE, guards=WRITE, tags=TAGS, summary="Change a webhook endpoint (If-Match)")
async def change_endpoint(request: AnyRequest, endpoint_id: UUID, data: EndpointChange) -> Response[Endpoint]:
    """Change the fields that the body names."""
    version = expected_version(request)
    if data.url is not UNSET:
        await service.check_address(data.url, private_allowed=_private_allowed(request))
    return await write(
        request, lambda tx, actor, now: service.change_endpoint(tx, actor, endpoint_id, data, version, now), status=200
    )


@delete(ONE, guards=WRITE, tags=TAGS, status_code=204, summary="Remove a webhook endpoint with its deliveries")
async def delete_endpoint(request: AnyRequest, endpoint_id: UUID) -> Response[None]:
    """Remove an endpoint."""
    return await write(request, lambda tx, actor, _: service.delete_endpoint(tx, actor, endpoint_id), 204)


@post(ONE + "/enable", guards=WRITE, tags=TAGS, status_code=200, summary="Switch a webhook endpoint on")
async def enable_endpoint(request: AnyRequest, endpoint_id: UUID) -> Response[Endpoint]:
    """Send again; what was waiting is sent at once."""
    return await write(request, lambda tx, actor, now: service.enable_endpoint(tx, actor, endpoint_id, now), status=200)


@post(ONE + "/disable", guards=WRITE, tags=TAGS, status_code=200, summary="Switch a webhook endpoint off")
async def disable_endpoint(request: AnyRequest, endpoint_id: UUID, data: Disabling) -> Response[Endpoint]:
    """Send nothing any more; events of the meantime come by a replay only."""
    return await write(
        request, lambda tx, actor, now: service.disable_endpoint(tx, actor, endpoint_id, data, now), status=200
    )


@post(
    ONE + "/rotate-secret",
    guards=WRITE,
    tags=TAGS,
    status_code=200,
    summary="Give a webhook endpoint a new secret; those of before sign beside it for a while",
)
async def rotate_secret(request: AnyRequest, endpoint_id: UUID, data: Rotation) -> Response[EndpointWithSecret]:
    """Show the new secret, this once."""
    return await write(
        request, lambda tx, actor, now: service.rotate_secret(tx, actor, endpoint_id, data, now), status=200
    )


@post(ONE + "/test", guards=WRITE, tags=TAGS, summary="Send a test event; its delivery tells what came back")
async def send_test(request: AnyRequest, endpoint_id: UUID) -> Response[Delivery]:
    """Send an event of type webhook.test to this endpoint alone."""
    return await write(request, lambda tx, actor, now: service.send_test(tx, actor, endpoint_id, now))


@post(
    ONE + "/replay",
    guards=WRITE,
    tags=TAGS,
    status_code=200,
    summary="Send all events since an instant or a cursor again, up to 5,000 at a time",
)
async def replay_since(request: AnyRequest, endpoint_id: UUID, data: ReplaySince) -> Response[Replayed]:
    """Send what the endpoint wants, delivered before or not."""
    return await write(
        request, lambda tx, actor, now: service.replay_since(tx, actor, endpoint_id, data, now), status=200
    )


@get(ONE + "/deliveries", guards=READ, tags=TAGS, summary="List the deliveries of a webhook endpoint")
async def list_deliveries(
    request: AnyRequest,
    endpoint_id: UUID,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    type_: Annotated[str | None, QueryParameter(name="type", description="An event type.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Page[Delivery]]:
    """Give deliveries, newest event first, each with what came back at its last attempt."""
    check_limit(limit)
    return await read(request, lambda c, _, __: service.list_deliveries(c, endpoint_id, in_state, type_, limit, cursor))


@get(ONE + "/deliveries/{event_id:uuid}", guards=READ, tags=TAGS, summary="Get the delivery of one event")
async def get_delivery(request: AnyRequest, endpoint_id: UUID, event_id: UUID) -> Response[Delivery]:
    """Give a delivery and what came back at its last attempt."""
    return await read(request, lambda c, _, __: service.get_delivery(c, endpoint_id, event_id))


@post(
    ONE + "/deliveries/{event_id:uuid}/replay",
    guards=WRITE,
    tags=TAGS,
    status_code=200,
    summary="Send one event again, or at once when it waits",
)
async def replay(request: AnyRequest, endpoint_id: UUID, event_id: UUID) -> Response[Delivery]:
    """Begin with the first attempt again."""
    return await write(
        request, lambda tx, actor, now: service.replay(tx, actor, endpoint_id, event_id, now), status=200
    )


routes: list[Any] = [
    list_endpoints,
    create_endpoint,
    get_endpoint,
    change_endpoint,
    delete_endpoint,
    enable_endpoint,
    disable_endpoint,
    rotate_secret,
    send_test,
    replay_since,
    list_deliveries,
    get_delivery,
    replay,
]
