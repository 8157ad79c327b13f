"""Receipts, adjustments, counts, returns and transfers over HTTP."""

import httpx
import pytest
from stock_shop import check_invariants, get, level, open_shop, post

from kanava.inventory.service.suppressing import Suppression, suppress
from kanava.platform.db import Database
from kanava.platform.ids import uuid7

pytestmark = pytest.mark.anyio


async def stock_up(client: httpx.AsyncClient, db: Database, units: int = 10) -> None:
    """Open the shop with MUG-1 and MUG-2 in Ljubljana."""
    await open_shop(db)
    lines = [{"sku": "MUG-1", "quantity": units}, {"sku": "MUG-2", "quantity": units}]
    await post(client, "/api/stock/receipts", {"receipt_id": str(uuid7()), "location": "LJ", "lines": lines}, 201)


async def hold(client: httpx.AsyncClient, quantity: int, sku: str = "MUG-1", location: str = "LJ") -> str:
    """Hold units; gives the reservation's id."""
    reservation_id = str(uuid7())
    await post(
        client,
        "/api/reservations",
        {"reservation_id": reservation_id, "channel": "market", "sku": sku, "location": location, "quantity": quantity},
        201,
    )
    return reservation_id


async def test_the_same_receipt_twice_is_one_and_its_id_is_taken(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    receipt = {
        "receipt_id": str(uuid7()),
        "location": "LJ",
        "reference": "PO 17",
        "lines": [{"sku": "MUG-1", "quantity": 8}],
    }
    first = await post(client, "/api/stock/receipts", receipt, 201)
    again = await post(client, "/api/stock/receipts", receipt, 201)
    assert first == again
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 8
    receipt["lines"] = [{"sku": "MUG-1", "quantity": 9}]
    problem = await post(client, "/api/stock/receipts", receipt, 409)
    assert problem["type"] == "urn:kanava:problem:document-id-taken"
    await check_invariants(db)


async def test_an_adjustment_needs_a_known_reason_and_leaves_reserved_units(
    client: httpx.AsyncClient, db: Database
) -> None:
    await stock_up(client, db)
    await hold(client, 7)

    def adjustment(delta: int, **more: object) -> dict[str, object]:
        return {
            "adjustment_id": str(uuid7()),
            "location": "LJ",
            "reason": "damaged",
            "lines": [{"sku": "MUG-2", "delta": 1}, {"sku": "MUG-1", "delta": delta}],
            **more,
        }

    refused = await post(client, "/api/stock/adjustments", adjustment(-4), 409)
    assert refused["type"] == "urn:kanava:problem:reserved-elsewhere"
    assert refused["errors"][0]["field"] == "lines[1]"
    assert (await level(client, "MUG-2", "LJ"))["on_hand"] == 10
    too_many = await post(client, "/api/stock/adjustments", adjustment(-40), 409)
    assert too_many["type"] == "urn:kanava:problem:insufficient-stock"
    await post(client, "/api/stock/adjustments", adjustment(-3, reason="mood"), 400)
    await post(client, "/api/stock/adjustments", adjustment(0), 422)
    done = await post(client, "/api/stock/adjustments", adjustment(-3), 201)
    assert [line["on_hand"] for line in done["lines"]] == [11, 7]
    audit = await get(client, "/api/audit", subject="stock_document", subject_id=done["document_id"])
    assert audit["items"][0]["detail"]["on_hand"] == {"MUG-1": -3, "MUG-2": 1}
    await check_invariants(db)


async def test_a_count_sets_what_was_found_and_leaves_out_what_moved(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    await hold(client, 6)
    count = {
        "count_id": str(uuid7()),
        "location": "LJ",
        "lines": [
            {"sku": "MUG-1", "counted": 4},
            {"sku": "MUG-2", "counted": 3, "expected_on_hand": 9},
            {"sku": "MUG-3", "counted": 0},
        ],
    }
    done = await post(client, "/api/stock/counts", count, 201)
    assert [(line.get("outcome", "applied"), line["on_hand_delta"], line["on_hand"]) for line in done["lines"]] == [
        ("applied", -6, 4),
        ("left_out", 0, 10),
        ("applied", 0, 0),
    ]
    assert (await level(client, "MUG-1", "LJ"))["shortfall"] == 2
    assert await post(client, "/api/stock/counts", count, 201) == done
    short = await get(client, "/api/stock/levels", location="LJ", short=True)
    assert [row["sku"] for row in short["items"]] == ["MUG-1"]
    await check_invariants(db)


async def test_only_restocked_returns_can_be_sold_again(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    lines = [
        {"sku": "MUG-1", "quantity": 2, "disposition": "restock"},
        {"sku": "MUG-1", "quantity": 1, "disposition": "quarantine"},
        {"sku": "MUG-2", "quantity": 1, "disposition": "scrap"},
    ]
    done = await post(client, "/api/stock/returns", {"return_id": str(uuid7()), "location": "LJ", "lines": lines}, 201)
    assert [line["on_hand_delta"] for line in done["lines"]] == [2, 0, 0]
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 12
    assert (await level(client, "MUG-2", "LJ"))["on_hand"] == 10
    await check_invariants(db)


async def test_unknown_and_doubled_lines_are_named(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    receipt = {"receipt_id": str(uuid7()), "location": "LJ", "lines": [{"sku": "NONE", "quantity": 1}]}
    assert (await post(client, "/api/stock/receipts", receipt, 422))["errors"][0]["field"] == "lines[0].sku"
    receipt["lines"] = [{"sku": "MUG-1", "quantity": 1}, {"sku": "MUG-1", "quantity": 1}]
    assert (await post(client, "/api/stock/receipts", receipt, 422))["errors"][0]["field"] == "lines[1].sku"
    receipt["location"] = "NOWHERE"
    assert (await post(client, "/api/stock/receipts", receipt, 422))["errors"][0]["field"] == "location"
    receipt |= {"location": "LJ", "lines": [{"sku": "MUG-1", "quantity": 0}]}
    await post(client, "/api/stock/receipts", receipt, 400)


async def test_a_transfer_travels_and_arrives_in_parts(client: httpx.AsyncClient, db: Database) -> None:
    await stock_up(client, db)
    transfer_id = str(uuid7())
    transfer = {
        "transfer_id": transfer_id,
        "from_location": "LJ",
        "to_location": "MB",
        "lines": [{"sku": "MUG-1", "quantity": 6}, {"sku": "MUG-2", "quantity": 2}],
    }
    assert (await post(client, "/api/transfers", transfer, 201))["state"] == "draft"
    assert (await post(client, "/api/transfers", transfer, 201))["state"] == "draft"
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 10
    path = f"/api/transfers/{transfer_id}"
    for _ in range(2):
        assert (await post(client, f"{path}/ship", {}))["state"] == "in_transit"
    here, there = await level(client, "MUG-1", "LJ"), await level(client, "MUG-1", "MB")
    assert (here["on_hand"], there["on_hand"], there["incoming"]) == (4, 0, 6)
    arrival = {
        "arrival_id": str(uuid7()),
        "lines": [{"sku": "MUG-1", "quantity": 4, "missing": 1, "reason": "damaged"}],
    }
    for _ in range(2):
        assert (await post(client, f"{path}/receive", arrival))["state"] == "in_transit"
    there = await level(client, "MUG-1", "MB")
    assert (there["on_hand"], there["incoming"]) == (4, 1)
    bad = {
        "arrival_id": str(uuid7()),
        "lines": [{"sku": "MUG-1", "quantity": 2}, {"sku": "MUG-3", "quantity": 2}, {"sku": "MUG-2", "missing": 1}],
    }
    problem = await post(client, f"{path}/receive", bad, 422)
    assert [error["field"] for error in problem["errors"]] == ["lines[0].quantity", "lines[1].sku", "lines[2].reason"]
    rest = {"arrival_id": str(uuid7()), "lines": [{"sku": "MUG-1", "quantity": 1}, {"sku": "MUG-2", "quantity": 2}]}
    assert (await post(client, f"{path}/receive", rest))["state"] == "received"
    assert (await post(client, f"{path}/cancel", {}, 409))["type"] == "urn:kanava:problem:transfer-state-conflict"
    listed = await get(client, "/api/transfers", state="received", location="MB")
    assert [row["transfer_id"] for row in listed["items"]] == [transfer_id]
    await check_invariants(db)


async def test_reserved_units_are_not_shipped_and_a_cancelled_transfer_comes_back(
    client: httpx.AsyncClient, db: Database
) -> None:
    await stock_up(client, db)
    reservation_id = await hold(client, 7)
    transfer_id = str(uuid7())
    await post(
        client,
        "/api/transfers",
        {
            "transfer_id": transfer_id,
            "from_location": "LJ",
            "to_location": "MB",
            "lines": [{"sku": "MUG-1", "quantity": 6}],
        },
        201,
    )
    path = f"/api/transfers/{transfer_id}"
    assert (await post(client, f"{path}/ship", {}, 409))["type"] == "urn:kanava:problem:reserved-elsewhere"
    await post(client, f"/api/reservations/{reservation_id}/release", {})
    await post(client, f"{path}/ship", {})
    assert (await post(client, f"{path}/cancel", {}))["state"] == "cancelled"
    here, there = await level(client, "MUG-1", "LJ"), await level(client, "MUG-1", "MB")
    assert (here["on_hand"], there["on_hand"], there["incoming"]) == (10, 0, 0)
    await check_invariants(db)


async def test_units_that_nobody_found_stand_with_the_level_until_counted(
    client: httpx.AsyncClient, db: Database
) -> None:
    await stock_up(client, db)
    async with db.transaction() as tx:
        (key,) = await tx.fetch(
            """SELECT v.variant_id, p.location_id FROM variant v, location p WHERE v.sku = 'MUG-1' AND p.code = 'LJ'"""
        )
        await suppress(tx, [Suppression(key["variant_id"], key["location_id"], units=3)])
    assert (await level(client, "MUG-1", "LJ"))["suppressed"] == 3
    listed = (await get(client, "/api/stock/levels", location="LJ"))["items"]
    assert {row["sku"]: row["suppressed"] for row in listed} == {"MUG-1": 3, "MUG-2": 0}
    count = {"count_id": str(uuid7()), "location": "LJ", "lines": [{"sku": "MUG-1", "counted": 9}]}
    await post(client, "/api/stock/counts", count, 201)
    found = await level(client, "MUG-1", "LJ")
    assert (found["on_hand"], found["suppressed"]) == (9, 0)
    await check_invariants(db)
