"""A small shop for the tests of stock: two stores, a warehouse, two channels, three variants."""

from typing import Any

import httpx

from kanava.platform.db import Database

INVARIANTS = (
    "invariant_level_equals_ledger",
    "invariant_reserved_equals_reservations",
    "invariant_reserved_within_on_hand",
    "invariant_ring_fence_sum",
    "invariant_stock_orphan",
)


async def open_shop(db: Database) -> None:
    """Write what stock refers to, straight into its tables."""
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO product (handle, status) VALUES ('mug', 'active')")
        await tx.execute(
            "INSERT INTO variant (product_id, sku) SELECT product_id, sku FROM product, "
            "unnest('{MUG-1,MUG-2,MUG-3}'::text[]) AS sku"
        )
        await tx.execute(
            "INSERT INTO location (code, kind, name, country, time_zone, services) VALUES "
            "('LJ', 'store', 'Ljubljana', 'SI', 'Europe/Ljubljana', '{pickup,ship_from_store}'), "
            "('MB', 'store', 'Maribor', 'SI', 'Europe/Ljubljana', '{pickup}'), "
            "('WH', 'warehouse', 'Warehouse', 'SI', 'Europe/Ljubljana', '{}')"
        )
        await tx.execute("INSERT INTO price_list (code, name, currency) VALUES ('eur', 'Euro', 'EUR')")
        await tx.execute(
            "INSERT INTO channel (code, kind, name, country, currency, language, price_list_id, threshold) "
            "SELECT c.code, c.kind, c.code, 'SI', 'EUR', 'sl', price_list_id, c.threshold FROM price_list, "
            "(VALUES ('web-si', 'web', 1), ('market', 'marketplace', 0), ('shops', 'store', 0)) "
            "AS c (code, kind, threshold)"
        )
        await tx.execute(
            "INSERT INTO channel_location (channel_id, location_id) SELECT channel_id, location_id FROM channel, location"
        )


async def post(client: httpx.AsyncClient, path: str, body: Any, status: int = 200) -> Any:
    """Send a body and give the answer, which must have this status."""
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(client: httpx.AsyncClient, path: str, status: int = 200, **parameters: Any) -> Any:
    """Read a path, which must answer with this status."""
    answer = await client.get(path, params=parameters)
    assert answer.status_code == status, answer.text
    return answer.json()


async def level(client: httpx.AsyncClient, sku: str, location: str) -> dict[str, Any]:
    """Give one level; an empty one when there is none."""
    stock = await get(client, f"/api/stock/{sku}")
    found = [row for row in stock["locations"] if row["location"] == location]
    return found[0] if found else {"on_hand": 0, "reserved": 0, "incoming": 0, "shortfall": 0, "ring_fenced": 0}


async def check_invariants(db: Database) -> None:
    """Read the views that must be empty."""
    async with db.connection() as connection:
        for view in INVARIANTS:
            rows = await connection.fetch(f"SELECT * FROM {view} LIMIT 5")
            assert not rows, f"{view}: {rows}"
