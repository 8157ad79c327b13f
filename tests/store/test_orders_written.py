"""What is written of an order is the same whether it comes alone (one statement) or in a group (COPY)."""

from typing import Any

import asyncpg
import msgspec
import pytest

from factories.orders import PRICES, SHIP_TO, Shop, line, make_shop, new_id, payment, pickup
from kanava.inventory import service as inventory
from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import LevelChange
from kanava.orders.model import PlaceOrder
from kanava.orders.placing.group import OrderPlacer
from kanava.orders.placing.request import Placed, Placing
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import FEW_ROWS, Database
from kanava.platform.outbox import INSERT_EVENTS, Event, rows_of

pytestmark = pytest.mark.anyio

# Ids, instants and running numbers differ from order to order.
OWN = {"order_id", "number", "reservation_id", "movement_id", "payment_id", "event_id", "tx_id", "idempotency_key"}
TABLES = {
    "sales_order": "order_id = $1",
    "order_line": "order_id = $1",
    "payment": "order_id = $1",
    "reservation": "order_id = $1",
    "stock_movement": "reference = 'order:' || $1::uuid",
    "outbox_event": "aggregate = 'order' AND aggregate_id = $1::uuid::text",
    "idempotency_record": "idempotency_key = $1::uuid::text",
}


def placing(*lines: dict[str, Any], **more: Any) -> Placing:
    order = msgspec.convert(
        {
            "order_id": new_id(),
            "channel": "till",
            "lines": list(lines),
            "ship_to": {**SHIP_TO, "name": "Žiga \u201eO'Neill\\"},
            "customer": {"email": "ziga@example.com", "group": None},
            "payments": [payment(PRICES["CUP"], 5), payment(1, external_reference="\t{1,NULL}")],
            **more,
        },
        PlaceOrder,
    )
    return Placing(SYSTEM, str(order.order_id), bytes(range(16)), order)


async def rows_written(connection: asyncpg.Connection, order: Placing) -> dict[str, list[dict[str, object]]]:
    """Give the rows of an order by table, without what is its own."""
    found = {}
    for table, condition in TABLES.items():
        rows = await connection.fetch(f"SELECT * FROM {table} t WHERE {condition} ORDER BY t", order.order.order_id)
        kept = [{name: value for name, value in row.items() if _is_common(name)} for row in rows]
        found[table] = sorted(kept, key=repr)
    return found


def _is_common(name: str) -> bool:
    return name not in OWN and not name.endswith("_at") and name not in {"reference", "aggregate_id"}


def without_own(value: Any) -> Any:
    """Take ids, numbers and instants out of answers and events, which hold them as text."""
    if isinstance(value, bytes) and value.startswith(b"{"):
        return without_own(msgspec.json.decode(value))
    if isinstance(value, dict):
        return {k: without_own(v) for k, v in value.items() if _is_common(k)}
    if isinstance(value, list):
        return [without_own(each) for each in value]
    return value


async def place_all(db: Database, shop: Shop, group: list[Placing]) -> None:
    placer = OrderPlacer(db)
    outcomes = await placer._write(group)
    await placer.close()
    assert all(isinstance(outcome, Placed) for outcome in outcomes), outcomes
    await shop.all_sound()


async def test_an_order_alone_and_one_of_a_group_leave_the_same_rows(db: Database) -> None:
    shop = await make_shop(db, stock=100)
    lines = [line("CUP", 2), line("MUG", 1, pickup("LJ")), line("COAT", 1, {"kind": "carry_out", "location": "MB"})]
    alone, group = placing(*lines), [placing(*lines) for _ in range(FEW_ROWS // 4)]
    # A promise is told by the minute; on a slow machine the group would come in a later one.
    at = clock.now()
    with clock.told_by(lambda: at):
        await place_all(db, shop, [alone])
        await place_all(db, shop, group)
    async with db.connection() as connection:
        one = without_own(await rows_written(connection, alone))
        assert [len(one[table]) for table in TABLES] == [1, 3, 2, 3, 3, 1, 1]
        for each in group:
            assert without_own(await rows_written(connection, each)) == one


@pytest.mark.parametrize("sold", [True, False], ids=["carried out", "reserved"])
async def test_the_event_of_the_levels_is_the_same(db: Database, sold: bool) -> None:
    shop = await make_shop(db, stock=100)
    there = {"kind": "carry_out", "location": "LJ"} if sold else pickup("LJ")
    lines = [line("CUP", 1, there), line("MUG", 1, there)]
    count = FEW_ROWS // 4
    await place_all(db, shop, [placing(*lines)])
    await place_all(db, shop, [placing(*lines) for _ in range(count)])
    async with db.connection() as connection:
        alone, group = [
            row["data"]["columns"]
            for row in await connection.fetch(
                "SELECT data FROM outbox_event WHERE type = 'stock.changed' ORDER BY tx_id DESC LIMIT 2"
            )
        ][::-1]
    assert alone.keys() == group.keys()
    for found, orders in ((alone, 1), (group, 1 + count)):
        rows = sorted(zip(*[found[name] for name in sorted(found)], strict=True))
        on_hand, reserved = (100 - orders, None) if sold else (100, orders)
        wanted = {"incoming": 0, "location": "LJ", "on_hand": on_hand, "reserved": reserved}
        assert rows == [tuple(({**wanted, "sku": sku})[name] for name in sorted(found)) for sku in ("CUP", "MUG")]


async def test_when_one_guard_refuses_nothing_of_the_statement_stays(db: Database) -> None:
    shop = await make_shop(db)
    changes = [
        LevelChange(shop.variants[sku], shop.locations["WH"], reserved_delta=units, need=units)
        for sku, units in (("CUP", 1), ("MUG", 11))
    ]
    names = {variant_id: sku for sku, variant_id in shop.variants.items()}
    codes = {location_id: code for code, location_id in shop.locations.items()}
    events = rows_of([Event("test.never", "test", "1", {})])
    async with db.connection() as connection:
        before = await connection.fetchval("SELECT count(*) FROM outbox_event")
        with pytest.raises(LevelsMoved):
            await inventory.apply_changes_and_write(connection, changes, names, codes, [(INSERT_EVENTS, events)])
        assert await connection.fetchval("SELECT count(*) FROM outbox_event") == before
    assert await shop.level("CUP", "WH") == (10, 0)
    assert await shop.level("MUG", "WH") == (10, 0)
