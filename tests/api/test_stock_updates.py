"""Bulk updates as an ERP sends them."""

import httpx
import pytest
from stock_shop import check_invariants, get, level, open_shop, post

from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
PATH = "/api/stock/updates"


def message(sequence: int, *rows: dict[str, object], source: str = "erp") -> dict[str, object]:
    """Make a message."""
    return {"source": source, "sequence": sequence, "rows": list(rows)}


async def test_an_absolute_sets_and_a_later_one_overwrites(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    first = await post(client, PATH, message(1, {"sku": "MUG-1", "location": "LJ", "on_hand": 8}))
    assert (first["applied"], first["results"]) == (1, [])
    await post(client, PATH, message(2, {"sku": "MUG-1", "location": "LJ", "on_hand": 5, "safety_stock": 2}))
    stock = await level(client, "MUG-1", "LJ")
    assert (stock["on_hand"], stock["safety_stock"]) == (5, 2)
    ledger = (await get(client, "/api/stock/movements", sku="MUG-1"))["items"]
    assert [(row["kind"], row["on_hand_delta"], row["source"], row["sequence"]) for row in ledger] == [
        ("sync", -3, "erp", 2),
        ("sync", 8, "erp", 1),
    ]
    await check_invariants(db)


async def test_late_and_repeated_messages_change_nothing(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    await post(client, PATH, message(5, {"sku": "MUG-1", "location": "LJ", "on_hand": 8}))
    repeated = await post(client, PATH, message(5, {"sku": "MUG-1", "location": "LJ", "on_hand": 8}))
    late = await post(client, PATH, message(4, {"sku": "MUG-1", "location": "LJ", "on_hand": 1}))
    assert (repeated["repeated"], late["stale"]) == (1, 1)
    assert late["results"] == [
        {
            "row": 0,
            "outcome": "stale",
            "field": "sequence",
            "reason": "a newer message of this source was applied before",
        }
    ]
    # Another source is not bound by the first one's numbers, and the first one's are remembered while it reports.
    await post(client, PATH, message(1, {"sku": "MUG-1", "location": "LJ", "on_hand": 3}, source="wms"))
    late = await post(client, PATH, message(4, {"sku": "MUG-1", "location": "LJ", "on_hand": 1}))
    assert late["stale"] == 1
    newer = await post(client, PATH, message(6, {"sku": "MUG-1", "location": "LJ", "on_hand": 6}))
    late_wms = await post(client, PATH, message(1, {"sku": "MUG-1", "location": "LJ", "on_hand": 3}, source="wms"))
    assert (newer["applied"], late_wms["repeated"]) == (1, 1)
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 6
    await check_invariants(db)


async def test_a_delta_counts_once_and_an_older_one_is_contained_in_the_absolute(
    client: httpx.AsyncClient, db: Database
) -> None:
    await open_shop(db)
    await post(client, PATH, message(1, {"sku": "MUG-1", "location": "LJ", "on_hand": 8}))
    for outcome in ("applied", "repeated"):
        answer = await post(client, PATH, message(2, {"sku": "MUG-1", "location": "LJ", "delta": -3}))
        assert answer[outcome] == 1
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 5
    await post(client, PATH, message(4, {"sku": "MUG-1", "location": "LJ", "on_hand": 10}))
    assert (await post(client, PATH, message(3, {"sku": "MUG-1", "location": "LJ", "delta": -2})))["stale"] == 1
    # An absolute that comes after a newer delta goes underneath it.
    await post(client, PATH, message(9, {"sku": "MUG-1", "location": "LJ", "delta": -4}))
    await post(client, PATH, message(8, {"sku": "MUG-1", "location": "LJ", "on_hand": 20}))
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 16
    await check_invariants(db)


async def test_bad_rows_are_named_and_good_rows_applied(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    answer = await post(
        client,
        PATH,
        message(
            1,
            {"sku": "MUG-1", "location": "LJ", "on_hand": 8},
            {"sku": "NONE", "location": "LJ", "on_hand": 8},
            {"sku": "MUG-2", "location": "NOWHERE", "on_hand": 8},
            {"sku": "MUG-2", "location": "LJ", "on_hand": -1},
            {"sku": "MUG-2", "location": "MB", "delta": -1},
            {"sku": "MUG-2", "location": "WH", "delta": 1, "on_hand": 1},
            {"sku": "MUG-3", "location": "WH"},
            {"sku": "MUG-1", "location": "LJ", "on_hand": 9},
            {"sku": "MUG-3", "location": "LJ", "on_hand": 9, "expected_on_hand": 4},
            {"sku": "MUG-3", "location": "MB", "on_hand": 9_000_000_000_000},
            {"sku": "MUG-3", "location": "WH", "on_hand": 3, "expected_on_hand": 0},
        ),
    )
    assert (answer["applied"], answer["refused"]) == (2, 9)
    assert [(row["row"], row["field"]) for row in answer["results"]] == [
        (1, "sku"),
        (2, "location"),
        (3, "on_hand"),
        (4, "delta"),
        (5, "on_hand"),
        (6, "on_hand"),
        (7, "sku"),
        (8, "expected_on_hand"),
        (9, "on_hand"),
    ]
    assert answer["results"][7]["reason"] == "there are 0 on hand"
    assert (await level(client, "MUG-1", "LJ"))["on_hand"] == 8
    assert (await level(client, "MUG-3", "WH"))["on_hand"] == 3
    await check_invariants(db)


async def test_a_row_of_the_wrong_type_is_refused_alone(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    answer = await post(
        client,
        PATH,
        message(
            1,
            {"sku": "MUG-1", "location": "LJ", "on_hand": "many"},
            {"sku": "MUG-2", "location": "LJ", "on_hand": 4},
            {"sku": 7},
        ),
    )
    assert (answer["applied"], answer["refused"]) == (1, 2)
    assert [(row["row"], row["field"]) for row in answer["results"]] == [(0, "on_hand"), (2, "sku")]


async def test_messages_without_form_name_the_field(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    row = {"sku": "MUG-1", "location": "LJ", "on_hand": 1}
    for body, field in (
        ({"source": "erp", "rows": [row]}, "sequence"),
        (message(1), "rows"),
        (message(-1, row), "sequence"),
        (message(2**63, row), "sequence"),
    ):
        answer = await client.post(PATH, json=body)
        assert answer.status_code in (400, 422), answer.text
        assert field in answer.text
    assert (await client.post(PATH, content=b"{")).status_code == 400


async def test_fewer_than_reserved_is_a_shortfall_and_an_event(client: httpx.AsyncClient, db: Database) -> None:
    await open_shop(db)
    await post(client, PATH, message(1, {"sku": "MUG-1", "location": "LJ", "on_hand": 5}))
    await post(
        client,
        "/api/reservations",
        {
            "reservation_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "channel": "market",
            "sku": "MUG-1",
            "location": "LJ",
            "quantity": 4,
        },
        201,
    )
    await post(client, PATH, message(2, {"sku": "MUG-1", "location": "LJ", "on_hand": 1}))
    stock = await level(client, "MUG-1", "LJ")
    assert (stock["on_hand"], stock["reserved"], stock["shortfall"]) == (1, 4, 3)
    events = (await get(client, "/api/events", type="stock.shortfall"))["items"]
    assert events[0]["data"]["levels"] == [
        {"sku": "MUG-1", "location": "LJ", "on_hand": 1, "reserved": 4, "shortfall": 3}
    ]
    await post(client, PATH, message(3, {"sku": "MUG-1", "location": "LJ", "delta": 3}))
    assert (await level(client, "MUG-1", "LJ"))["shortfall"] == 0
    short = await get(client, "/api/stock/levels", short=True)
    assert short["items"] == []
    await check_invariants(db)


async def test_two_messages_at_once_leave_ledger_and_level_equal(client: httpx.AsyncClient, db: Database) -> None:
    import asyncio

    await open_shop(db)
    rows = [{"sku": sku, "location": place, "delta": 1} for sku in ("MUG-1", "MUG-2") for place in ("LJ", "MB", "WH")]
    await asyncio.gather(
        *[post(client, PATH, message(n, *rows[:: 1 if n % 2 else -1], source=f"till-{n % 3}")) for n in range(12)],
        *[post(client, PATH, message(3, *rows, source="till-0")) for _ in range(3)],
    )
    assert (await level(client, "MUG-2", "WH"))["on_hand"] == 12
    await check_invariants(db)


async def test_the_same_absolutes_four_times_at_once_are_applied_once(client: httpx.AsyncClient, db: Database) -> None:
    import asyncio

    await open_shop(db)
    rows = [{"sku": sku, "location": place, "on_hand": 7} for sku in ("MUG-1", "MUG-2") for place in ("LJ", "MB", "WH")]
    answers = await asyncio.gather(*[post(client, PATH, message(1, *rows)) for _ in range(4)])
    assert sorted((answer["applied"], answer["repeated"]) for answer in answers) == [(0, 6)] * 3 + [(6, 0)]
    # Levels that a receipt has made, and some that nobody has, in one message.
    await post(
        client,
        "/api/stock/receipts",
        {
            "receipt_id": "01890a5d-ac96-774b-bcce-b302099a8058",
            "location": "LJ",
            "lines": [{"sku": "MUG-3", "quantity": 2}],
        },
        201,
    )
    rows = [{"sku": "MUG-3", "location": place, "on_hand": 4} for place in ("LJ", "MB")]
    rows += [{"sku": "MUG-1", "location": "LJ", "on_hand": 9}, {"sku": "MUG-1", "location": "MB", "on_hand": 7}]
    assert (await post(client, PATH, message(2, *rows)))["applied"] == 4
    events = (await get(client, "/api/events", type="stock.changed"))["items"]
    assert events[-1]["data"] == {
        "columns": {"sku": ["MUG-1", "MUG-3", "MUG-3"], "location": ["LJ", "LJ", "MB"], "on_hand": [9, 4, 4]},
    }
    await check_invariants(db)
