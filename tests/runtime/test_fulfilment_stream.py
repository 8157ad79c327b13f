"""A place's board as server-sent events over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from factories.boards import reject, work_of
from factories.fulfilments import followed, ok, refused
from factories.orders import Shop, line, make_shop, pickup, place
from kanava.fulfilment.service import live
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


async def messages(answer: httpx.Response) -> AsyncIterator[tuple[str, str, Any]]:
    """Give (id, event, data) of a stream."""
    fields: dict[str, str] = {}
    async for row in answer.aiter_lines():
        if row.startswith(":"):
            continue
        if row:
            name, _, value = row.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
            fields = {}


async def test_both_places_hear_of_a_rejection_and_a_listener_goes_on_where_it_was(
    shop: Shop, server: httpx.AsyncClient, db: Database
) -> None:
    path = "/api/locations/{}/board/stream"
    async with (
        asyncio.timeout(60),
        server.stream("GET", path.format("WH")) as warehouse,
        server.stream("GET", path.format("LJ")) as store,
    ):
        assert warehouse.headers["content-type"].startswith("text/event-stream")
        at_warehouse, at_store = messages(warehouse), messages(store)
        assert (await anext(at_warehouse))[1] == "listening"
        _, kind, _ = await anext(at_store)
        assert kind == "listening"
        order = await place(server, line("CUP", 1))
        (work,) = await work_of(server, db, order)
        seen, kind, data = await anext(at_warehouse)
        assert (kind, data["fulfilment_number"]) == ("fulfilment.opened", work["fulfilment_number"])
        await ok(await reject(server, work, "no_capacity"), 201)
        assert [(await anext(at_warehouse))[1] for _ in range(2)] == ["fulfilment.rejected", "fulfilment.moved"]
        assert [(await anext(at_store))[1] for _ in range(2)] == ["fulfilment.opened", "fulfilment.moved"]
    async with (
        asyncio.timeout(60),
        server.stream("GET", path.format("WH"), headers={"Last-Event-ID": seen}) as again,
    ):
        after = messages(again)
        kinds = [(await anext(after))[1] for _ in range(3)]
        assert kinds == ["listening", "fulfilment.rejected", "fulfilment.moved"]
        await place(server, line("CUP", 1))
        await place(server, line("CUP", 1, pickup("MB")))
        await followed(db)
        assert (await anext(after))[1] == "fulfilment.opened"
    refused(await server.get(path.format("NOWHERE")), 404, "location-not-found")
    refused(await server.get(path.format("WH"), headers={"Last-Event-ID": "x"}), 422, "invalid-input")


async def test_listeners_are_bounded_and_one_who_is_slow_reads_anew(
    shop: Shop, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LISTENERS_MAX", 1)
    monkeypatch.setattr(live, "REPLAYED_MAX", 0)
    feed = live.BoardFeed(db)
    listening = feed.listen("WH", None)
    position, _ = await anext(listening)
    with pytest.raises(live.Overloaded):
        await anext(feed.listen("LJ", None))
    await listening.aclose()
    async with db.transaction() as tx:
        from kanava.platform.outbox import Event, publish

        await publish(tx, [Event("fulfilment.opened", "order", "1", {"location": "WH"})])
    from tests_support import settled

    await settled(db)
    behind = feed.listen("WH", position)
    await anext(behind)
    with pytest.raises(live.TooFarBehind):
        await anext(behind)
    await feed.close()
