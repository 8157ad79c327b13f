"""Webhook endpoints over HTTP, and a whole worker that sends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from factories.receiver import Reply, receiving
from kanava.platform.db import Database
from kanava.platform.outbox import Event, publish
from kanava.settings import Settings
from kanava.worker import run_worker

pytestmark = pytest.mark.anyio

URL = "https://93.184.216.34/hook"
PATH = "/api/webhook-endpoints"


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Private addresses are allowed where a test says so."""
    return msgspec.structs.replace(settings, webhook_private_addresses="private" in request.fixturenames)


@pytest.fixture
def private() -> None:
    """Allow endpoints on this machine."""


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """Run a whole worker for the time of the block."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def made(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={"url": URL} | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until_state(client: httpx.AsyncClient, path: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (found := (await client.get(path)).json())["state"] != state:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    delivery: dict[str, Any] = found
    return delivery


async def test_the_secret_is_shown_once(client: httpx.AsyncClient) -> None:
    created = await made(client, event_types=["order.placed", "order.placed"], description="ERP")
    assert created["secret"].startswith("whsec_")
    endpoint = created["endpoint"]
    assert endpoint["event_types"] == ["order.placed"]
    path = f"{PATH}/{endpoint['endpoint_id']}"
    assert (await client.get(path)).json() == endpoint
    assert (await client.get(PATH)).json() == {"items": [endpoint], "next_cursor": None}
    rotated = (await client.post(f"{path}/rotate-secret", json={})).json()
    assert rotated["secret"] != created["secret"]
    assert rotated["previous_secrets_expire_at"] is not None
    for shown in (await client.get(path), await client.get(PATH), await client.get("/api/audit")):
        assert "whsec_" not in shown.text


async def test_an_endpoint_is_changed_by_its_version_and_removed(client: httpx.AsyncClient) -> None:
    endpoint = (await made(client))["endpoint"]
    path = f"{PATH}/{endpoint['endpoint_id']}"
    answer = await client.patch(path, json={"description": "new"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["description"], answer.headers["etag"]) == (200, "new", '"2"')
    assert (await client.patch(path, json={"description": "x"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.patch(path, json={"description": "x"})).status_code == 428
    refused = await client.patch(path, json={"url": "https://127.0.0.1/"}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://93.184.216.34/", "begins with https://"),
        ("https://127.0.0.1/", "127.0.0.1 is a loopback address"),
        ("https://localhost/", "a loopback address"),
        ("https://169.254.169.254/latest/meta-data", "metadata"),
        ("https://[::1]/", "a loopback address"),
        ("https://[::ffff:10.0.0.1]/", "a private address"),
        ("https://2130706433/", "a loopback address"),
        ("https://nobody.invalid/", "cannot be resolved"),
        ("https://user@example.com/", "no user name"),
    ],
)
async def test_an_address_that_events_are_not_sent_to_is_refused_with_the_reason(
    client: httpx.AsyncClient, url: str, words: str
) -> None:
    answer = await client.post(PATH, json={"url": url})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:kanava:problem:webhook-address-refused"
    assert words in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "url"


async def test_what_is_off_is_neither_tested_nor_replayed(client: httpx.AsyncClient) -> None:
    path = f"{PATH}/{(await made(client))['endpoint']['endpoint_id']}"
    off = (await client.post(f"{path}/disable", json={"reason": "Maintenance."})).json()
    assert (off["active"], off["disabled_reason"]) == (False, "Maintenance.")
    for verb, body in (
        ("test", {}),
        ("replay", {"since": "2026-01-01T00:00:00Z"}),
        (f"deliveries/{uuid4()}/replay", {}),
    ):
        answer = await client.post(f"{path}/{verb}", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:kanava:problem:webhook-endpoint-disabled")
    on = (await client.post(f"{path}/enable")).json()
    assert (on["active"], on["disabled_reason"], on["disabled_at"]) == (True, None, None)
    types = [event["type"] for event in (await client.get("/api/events")).json()["items"]]
    assert types == ["webhook_endpoint.disabled"]


async def test_bad_input_is_named(client: httpx.AsyncClient) -> None:
    path = f"{PATH}/{(await made(client))['endpoint']['endpoint_id']}"
    for verb, body, field in (
        ("replay", {}, "since"),
        ("replay", {"since": "2026-01-01T00:00:00Z", "cursor": "x"}, "since"),
        ("replay", {"cursor": "nonsense"}, "cursor"),
        ("rotate-secret", {"overlap_hours": 999}, "overlap_hours"),
    ):
        answer = await client.post(f"{path}/{verb}", json=body)
        assert answer.status_code in (400, 422), (verb, body)
        assert answer.json()["errors"][0]["field"] == field
    assert (await client.post(f"{path}/deliveries/{uuid4()}/replay")).status_code == 404
    assert (await client.get(f"{path}/deliveries/{uuid4()}")).status_code == 404
    assert (await client.get(f"{path}/deliveries", params={"state": "lost"})).status_code == 400
    assert (await client.get(f"{PATH}/{uuid4()}/deliveries")).status_code == 404
    early = await client.post(f"{path}/replay", json={"since": "0001-01-01T00:00:00+14:00"})
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "since")
    first = await client.post(f"{path}/replay", json={"since": "0001-01-01T00:00:00Z"})
    assert first.json() == {"deliveries": 0, "next_cursor": None}


async def test_a_key_needs_the_scope(client: httpx.AsyncClient, make_api_key: Callable[..., Awaitable[str]]) -> None:
    reader = {"Authorization": f"Bearer {await make_api_key('webhooks:read')}"}
    assert (await client.get(PATH, headers=reader)).status_code == 200
    assert (await client.post(PATH, json={"url": URL}, headers=reader)).status_code == 403


@pytest.mark.usefixtures("private")
async def test_a_worker_sends_what_happened_and_the_list_tells_what_came_back(
    client: httpx.AsyncClient, db: Database, settings: Settings
) -> None:
    async with receiving() as receiver, working(settings):
        created = await made(client, url=receiver.url)
        path = f"{PATH}/{created['endpoint']['endpoint_id']}"
        tested = (await client.post(f"{path}/test")).json()
        assert (tested["type"], tested["state"]) == ("webhook.test", "pending")
        await until_state(client, f"{path}/deliveries/{tested['event_id']}", "delivered")
        assert receiver.received[0].verified(created["secret"])["type"] == "webhook.test"

        receiver.reply = lambda _: Reply(500, body=b"try later")
        async with db.transaction() as tx:
            await publish(tx, [Event("order.placed", "order", "7", {"number": 7})])
        await receiver.until(2)
        async with asyncio.timeout(20):
            while not (items := (await client.get(f"{path}/deliveries", params={"state": "failed"})).json()["items"]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (items[0]["response_status"], items[0]["response_body"]) == (500, "try later")
        assert items[0]["next_attempt_at"] > items[0]["last_attempt_at"]
        everything = (await client.get(f"{path}/deliveries", params={"limit": 1})).json()
        assert everything["items"] == items
        rest = (await client.get(f"{path}/deliveries", params={"cursor": everything["next_cursor"]})).json()["items"]
        assert [item["event_id"] for item in rest] == [tested["event_id"]]
        assert (await client.get(f"{path}/deliveries", params={"type": "webhook.test"})).json()["items"] == rest

        receiver.reply = lambda _: Reply(200)
        # It waits five seconds for its next attempt; a replay does not.
        again = await client.post(f"{path}/deliveries/{items[0]['event_id']}/replay")
        assert again.json()["state"] == "pending"
        delivered = await until_state(client, f"{path}/deliveries/{items[0]['event_id']}", "delivered")
        assert delivered["attempts"] == 1
    assert receiver.received[-1].verified(created["secret"])["data"] == {"number": 7}
