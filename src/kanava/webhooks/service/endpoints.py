"""Endpoints: making, changing, switching, secrets."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import UNSET

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import PreconditionFailed
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.ids import uuid7
from kanava.webhooks import gateway
from kanava.webhooks.errors import TooManyWebhookEndpoints, WebhookEndpointNotFound
from kanava.webhooks.events import endpoint_disabled
from kanava.webhooks.model import Disabling, Endpoint, EndpointChange, EndpointWithSecret, NewEndpoint, Rotation
from kanava.webhooks.rules.addresses import check_url
from kanava.webhooks.rules.sending import SECRET_BYTES, secret_of
from kanava.webhooks.store import endpoints as store
from kanava.webhooks.store import lanes

SUBJECT = "webhook_endpoint"


async def check_address(url: str, *, private_allowed: bool) -> None:
    """Raise WebhookAddressRefused unless events may be sent to a URL; asks the resolver, so outside any transaction."""
    target = check_url(url, private_allowed=private_allowed)
    await gateway.addresses_of(target.host, target.port, private_allowed=private_allowed)


async def list_endpoints(tx: Connection, limit: int, cursor: str | None) -> Page[Endpoint]:
    """Give endpoints, oldest first."""
    after = decode_cursor(cursor, UUID)[0] if cursor else UUID(int=0)
    items = await store.LIST.all(tx, after=after, limit=limit)
    return Page(items, encode_cursor(items[-1].endpoint_id) if len(items) == limit else None)


async def get_endpoint(tx: Connection, endpoint_id: UUID) -> Endpoint:
    """Give one endpoint; WebhookEndpointNotFound."""
    found = await store.FIND.one_or_none(tx, endpoint_id=endpoint_id)
    return _found(found, endpoint_id)


async def create_endpoint(tx: Connection, actor: Actor, request: NewEndpoint, now: datetime) -> EndpointWithSecret:
    """Make an endpoint whose URL was checked; it gets the events from now on."""
    if await store.COUNT.one(tx) >= store.ENDPOINTS_MAX:
        raise TooManyWebhookEndpoints(f"There are at most {store.ENDPOINTS_MAX} webhook endpoints.")
    endpoint_id = uuid7()
    types = sorted(set(request.event_types))
    await store.INSERT.run(
        tx, endpoint_id=endpoint_id, url=request.url, description=request.description, event_types=types, now=now
    )
    secret = await _add_secret(tx, endpoint_id, now)
    await audit.record(tx, actor, "create", SUBJECT, str(endpoint_id), {"url": request.url, "event_types": types})
    return EndpointWithSecret(await get_endpoint(tx, endpoint_id), secret)


async def change_endpoint(
    tx: Connection, actor: Actor, endpoint_id: UUID, change: EndpointChange, expected_version: int, now: datetime
) -> Endpoint:
    """Change what `change` names; what is waiting goes to the new URL."""
    before = await _lock(tx, endpoint_id)
    if before.version != expected_version:
        raise PreconditionFailed(
            f"The endpoint is at version {before.version}, not {expected_version}.",
            field="If-Match",
            version=before.version,
        )
    types = before.event_types if change.event_types is UNSET else sorted(set(change.event_types))
    await store.CHANGE.run(
        tx,
        endpoint_id=endpoint_id,
        url=before.url if change.url is UNSET else change.url,
        description=before.description if change.description is UNSET else change.description,
        event_types=types,
        now=now,
    )
    after = await get_endpoint(tx, endpoint_id)
    changed = [name for name in ("url", "description", "event_types") if getattr(before, name) != getattr(after, name)]
    detail = {
        "before": {name: getattr(before, name) for name in changed},
        "after": {name: getattr(after, name) for name in changed},
    }
    await audit.record(tx, actor, "change", SUBJECT, str(endpoint_id), detail)
    return after


async def delete_endpoint(tx: Connection, actor: Actor, endpoint_id: UUID) -> None:
    """Remove an endpoint with its secrets and deliveries."""
    before = await _lock(tx, endpoint_id)
    await store.DELETE.run(tx, endpoint_id=endpoint_id)
    await audit.record(tx, actor, "delete", SUBJECT, str(endpoint_id), {"url": before.url})


async def enable_endpoint(tx: Connection, actor: Actor, endpoint_id: UUID, now: datetime) -> Endpoint:
    """Switch an endpoint on; what was waiting for it is sent at once. Does nothing when it is on."""
    before = await _lock(tx, endpoint_id)
    if before.active:
        return before
    await store.ENABLE.run(tx, endpoint_id=endpoint_id, now=now)
    await lanes.WAKE.run(tx, endpoint_id=endpoint_id, now=now)
    await audit.record(tx, actor, "enable", SUBJECT, str(endpoint_id))
    return await get_endpoint(tx, endpoint_id)


async def disable_endpoint(
    tx: Connection, actor: Actor, endpoint_id: UUID, request: Disabling, now: datetime
) -> Endpoint:
    """Switch an endpoint off: what waits stays, what happens meanwhile does not come. Does nothing when it is off."""
    before = await _lock(tx, endpoint_id)
    if not before.active:
        return before
    await store.DISABLE.run(tx, endpoint_ids=[endpoint_id], reasons=[request.reason], now=now)
    await audit.record(tx, actor, "disable", SUBJECT, str(endpoint_id), {"reason": request.reason})
    await outbox.publish(tx, [endpoint_disabled(endpoint_id, before.url, request.reason)])
    return await get_endpoint(tx, endpoint_id)


async def rotate_secret(
    tx: Connection, actor: Actor, endpoint_id: UUID, request: Rotation, now: datetime
) -> EndpointWithSecret:
    """Give an endpoint a new secret; those of before sign beside it for `overlap_hours`."""
    endpoint = await _lock(tx, endpoint_id)
    expires_at = now + timedelta(hours=request.overlap_hours)
    await store.EXPIRE_SECRETS.run(tx, endpoint_id=endpoint_id, expires_at=expires_at)
    await store.REMOVE_SECRETS.run(tx, endpoint_id=endpoint_id, now=now)
    secret = await _add_secret(tx, endpoint_id, now)
    await audit.record(tx, actor, "rotate_secret", SUBJECT, str(endpoint_id), {"overlap_hours": request.overlap_hours})
    return EndpointWithSecret(endpoint, secret, expires_at)


async def _add_secret(tx: Connection, endpoint_id: UUID, now: datetime) -> str:
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    await store.ADD_SECRET.run(tx, endpoint_id=endpoint_id, secret=secret, now=now)
    return secret


async def _lock(tx: Connection, endpoint_id: UUID) -> Endpoint:
    return _found(await store.LOCK.one_or_none(tx, endpoint_id=endpoint_id), endpoint_id)


def _found(endpoint: Endpoint | None, endpoint_id: UUID) -> Endpoint:
    if endpoint is None:
        raise WebhookEndpointNotFound(f"There is no webhook endpoint {endpoint_id}.", field="endpoint_id")
    return endpoint
