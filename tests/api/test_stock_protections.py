"""Protections, holds, and why a channel sees what it sees."""

import asyncio

import httpx
import pytest
from stock_shop import check_invariants, get, level, open_shop, post

from kanava.platform.db import Database
from kanava.platform.ids import uuid7

pytestmark = pytest.mark.anyio


async def stock_up(client: httpx.AsyncClient, db: Database, units: int = 8) -> None:
    """Open the shop with units of MUG-1 at every location."""
    await open_shop(db)
    rows = [{"sku": "MUG-1", "location": place, "on_hand": units} for place in ("LJ", "MB", "WH")]
    await post(client, "/api/stock/updates", {"source": "erp", "sequence": 1, "rows": rows})


def new_hold(quantity: int, **more: object) -> dict[str, object]:
    """Make a request to hold MUG-1 in Ljubljana for the marketplace."""
    return {
        "reservation_id": str(uuid7()),
        "channel": "market",
        "sku": "MUG-1",
        "location": "LJ",
        "quantity": quantity,
        **more,
    }


async def seen(client: httpx.AsyncClient, channel: str, location: str = "LJ", **more: str) -> int:
    """Give what a channel sees at one location."""
    return (await get(client, "/api/stock/MUG-1/explain", channel=channel, location=location, **more))["seen"]


async def test_explain_says_why_three_and_not_eight(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    await post(client, "/api/reservations", new_hold(2), 201)
    await post(client, "/api/stock/safety-stocks", {"rows": [{"sku": "MUG-1", "location": "LJ", "safety_stock": 1}]})
    await post(
        client,
        "/api/stock/ring-fences",
        {"rows": [{"sku": "MUG-1", "location": "LJ", "channel": "market", "remaining": 1}]},
    )
    told = await get(client, "/api/stock/MUG-1/explain", channel="web-si", location="LJ")
    assert (told["on_hand"], told["seen"]) == (8, 3)
    assert told["text"] == (
        "web-si sees 3 of 8 on hand: at LJ 3: 8 on hand, 2 reserved (2 held for carts and holds), "
        "1 ring-fenced for market, safety stock 1, threshold 1 of the channel."
    )
    assert sum(step["units"] for step in told["locations"][0]["steps"]) == 3
    assert await seen(client, "market") == 5
    assert await seen(client, "shops") == 5
    everywhere = await get(client, "/api/stock/MUG-1/explain", channel="web-si")
    assert [(place["location"], place["seen"], place["steps"][-1]["text"]) for place in everywhere["locations"]] == [
        ("LJ", 3, "threshold 1 of the channel"),
        ("MB", 0, "the location does not ship"),
        ("WH", 7, "threshold 1 of the channel"),
    ]
    assert everywhere["seen"] == 10
    assert await seen(client, "web-si", "MB", fulfilment_kind="pickup") == 7
    async with db.connection() as c:
        await c.execute("UPDATE location SET active = false WHERE code = 'WH'")
        await c.execute(
            "DELETE FROM channel_location USING location p WHERE p.location_id = channel_location.location_id"
            " AND p.code = 'LJ'"
        )
    everywhere = await get(client, "/api/stock/MUG-1/explain", channel="web-si")
    assert [place["steps"][-1]["text"] for place in everywhere["locations"]] == [
        "the location does not serve the channel",
        "the location does not ship",
        "the location is switched off",
    ]


async def test_what_explain_says_can_be_held_and_not_one_more(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    await post(
        client,
        "/api/stock/ring-fences",
        {"rows": [{"sku": "MUG-1", "location": "LJ", "channel": "market", "remaining": 3}]},
    )
    await post(
        client,
        "/api/stock/thresholds",
        {
            "rows": [
                {"sku": "MUG-1", "channel": "web-si", "threshold": 4},
                {"sku": "MUG-1", "channel": "web-si", "location": "LJ", "threshold": 2},
            ]
        },
    )
    units = await seen(client, "web-si")
    assert units == 3
    refused = await post(client, "/api/reservations", new_hold(units + 1, channel="web-si"), 409)
    assert (refused["type"], refused["available"]) == ("urn:kanava:problem:insufficient-stock", 3)
    await post(client, "/api/reservations", new_hold(units, channel="web-si"), 201)
    assert await seen(client, "web-si") == 0
    await post(client, "/api/reservations", new_hold(await seen(client, "market")), 201)
    stock = await level(client, "MUG-1", "LJ")
    assert (stock["reserved"], stock["ring_fenced"]) == (8, 0)
    told = await get(client, "/api/stock/MUG-1/protections")
    assert told["thresholds"] == [
        {"channel": "web-si", "location": None, "threshold": 4},
        {"channel": "web-si", "location": "LJ", "threshold": 2},
    ]
    await post(
        client,
        "/api/stock/thresholds",
        {"rows": [{"sku": "MUG-1", "channel": "web-si", "location": "LJ", "threshold": None}]},
    )
    assert len((await get(client, "/api/stock/MUG-1/protections"))["thresholds"]) == 1
    await check_invariants(db)


async def test_a_ring_fence_never_exceeds_what_is_free(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    await post(client, "/api/reservations", new_hold(3), 201)

    def fences(market: int, web: int) -> dict[str, object]:
        return {
            "rows": [
                {"sku": "MUG-1", "location": "LJ", "channel": "market", "remaining": market},
                {"sku": "MUG-1", "location": "LJ", "channel": "web-si", "remaining": web},
            ]
        }

    refused = await post(client, "/api/stock/ring-fences", fences(3, 3), 409)
    assert refused["errors"][0] == {
        "field": "rows[0].remaining",
        "reason": "only 5 units are free here beyond the ring-fences that stand",
    }
    await post(client, "/api/stock/ring-fences", fences(3, 2))
    await post(client, "/api/stock/ring-fences", fences(1, 4))
    assert (await level(client, "MUG-1", "LJ"))["ring_fenced"] == 5
    await post(
        client,
        "/api/stock/ring-fences",
        {"rows": [{"sku": "MUG-1", "location": "LJ", "channel": "nobody", "remaining": 1}]},
        422,
    )
    await check_invariants(db)


async def test_a_hold_is_extended_committed_and_released(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    request = new_hold(2, seconds=60)
    first = await post(client, "/api/reservations", request, 201)
    assert await post(client, "/api/reservations", request, 201) == first
    await post(client, "/api/reservations", {**request, "quantity": 3}, 409)
    path = f"/api/reservations/{request['reservation_id']}"
    longer = await post(client, f"{path}/extend", {"seconds": 3600})
    assert longer["expires_at"] > first["expires_at"]
    for _ in range(2):
        assert (await post(client, f"{path}/commit", {}))["state"] == "committed"
    assert (await post(client, f"{path}/extend", {"seconds": 3}, 409))["type"] == "urn:kanava:problem:reservation-ended"
    assert (await level(client, "MUG-1", "LJ"))["reserved"] == 2
    for _ in range(2):
        assert (await post(client, f"{path}/release", {}))["state"] == "released"
    assert (await level(client, "MUG-1", "LJ"))["reserved"] == 0
    await get(client, f"/api/reservations/{uuid7()}", 404)
    await check_invariants(db)


async def test_an_expired_hold_is_free_again_without_a_sweeper(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    await post(
        client,
        "/api/stock/ring-fences",
        {"rows": [{"sku": "MUG-1", "location": "LJ", "channel": "market", "remaining": 2}]},
    )
    request = new_hold(5)
    await post(client, "/api/reservations", request, 201)
    async with db.connection() as c:
        await c.execute("UPDATE reservation SET expires_at = now() - interval '1 minute'")
    path = f"/api/reservations/{request['reservation_id']}"
    assert (await get(client, path))["state"] == "expired"
    assert (await post(client, f"{path}/commit", {}, 409))["type"] == "urn:kanava:problem:hold-expired"
    # The two units out of the ring-fence fall back to the marketplace: the web sees 8 - 2 - threshold 1.
    assert (await seen(client, "web-si"), await seen(client, "market")) == (5, 8)
    await post(client, "/api/reservations", new_hold(8), 201)
    assert (await level(client, "MUG-1", "LJ"))["reserved"] == 8
    await check_invariants(db)


async def test_ten_callers_hold_the_last_units_once(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db, units=5)
    answers = await asyncio.gather(*[client.post("/api/reservations", json=new_hold(1)) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 5
    await check_invariants(db)


async def test_levels_and_ledger_are_read_by_cursor(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    for sequence in range(2, 7):
        await post(
            client,
            "/api/stock/updates",
            {"source": "erp", "sequence": sequence, "rows": [{"sku": "MUG-1", "location": "LJ", "on_hand": sequence}]},
        )
    for path, parameters, total in (
        ("/api/stock/levels", {}, 3),
        ("/api/stock/movements", {"sku": "MUG-1"}, 8),
        ("/api/stock/movements", {"sku": "MUG-1", "location": "LJ"}, 6),
    ):
        rows, cursor = [], None
        while True:
            page = await get(client, path, limit=2, **parameters, **({"cursor": cursor} if cursor else {}))
            rows += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(rows) == total
    await get(client, "/api/stock/NONE", 404)
    await get(client, "/api/stock/levels", 422, cursor="x")
    reader = await client.get("/api/stock/levels", headers={"Authorization": "Bearer no"})
    assert reader.status_code == 401
