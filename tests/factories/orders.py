"""A small retailer to place orders with: channels, places, variants with prices, and stock in the ledger."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from kanava.inventory import service as inventory
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.platform.invariants import broken_invariants

PRICES = {"CUP": 1220, "MUG": 2440, "COAT": 9999}
SHIP_TO = {"country": "SI", "name": "Ana Novak", "street": "Cesta 1", "city": "Ljubljana", "postal_code": "1000"}


@dataclass
class Shop:
    """Ids of what was made. Prices contain 22 % VAT (SI); WH ships cheapest, LJ ships dearer, MB does not ship."""

    db: Database
    variants: dict[str, int] = field(default_factory=dict)
    locations: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)

    async def stock(self, sku: str, location: str, quantity: int) -> None:
        """Receive units."""
        async with self.db.transaction() as tx:
            row = (self.variants[sku], self.locations[location], quantity)
            await inventory.receive_many(tx, SYSTEM, [row], "test", clock.now())

    async def level(self, sku: str, location: str) -> tuple[int, int]:
        """Give (on_hand, reserved)."""
        async with self.db.connection() as connection:
            row = await connection.fetchrow(
                "SELECT on_hand, reserved FROM stock_level WHERE variant_id = $1 AND location_id = $2",
                self.variants[sku],
                self.locations[location],
            )
        return (row[0], row[1]) if row else (0, 0)

    async def set_price(self, sku: str, amount_minor: int, quantity_from: int = 1) -> None:
        """Set a price in the list of every channel."""
        async with self.db.transaction() as tx:
            await tx.execute(
                """INSERT INTO price (price_list_id, variant_id, quantity_from, amount_minor)
                   SELECT price_list_id, $1, $3, $2 FROM price_list WHERE code = 'eur'
                   ON CONFLICT ON CONSTRAINT price_pkey DO UPDATE SET amount_minor = excluded.amount_minor""",
                self.variants[sku],
                amount_minor,
                quantity_from,
            )

    async def all_sound(self) -> None:
        """Assert that every invariant view is empty."""
        broken = [each for each in await broken_invariants(self.db) if each.rows]
        assert not broken, broken


async def make_shop(db: Database, stock: int = 10) -> Shop:
    """Make it; `stock` units of each variant at each place."""
    shop = Shop(db)
    async with db.transaction() as tx:
        list_id = await tx.fetchval(
            "INSERT INTO price_list (code, name, currency) VALUES ('eur','EUR','EUR') RETURNING price_list_id"
        )
        for country, rate in (("SI", 2200), ("HR", 2500)):
            await tx.execute("INSERT INTO tax_rate VALUES ($1, 'standard', '-infinity', $2)", country, rate)
        for code, kind, services, cost in (
            ("WH", "warehouse", [], 300),
            ("LJ", "store", ["pickup", "curbside", "ship_from_store", "returns"], 500),
            ("MB", "store", ["pickup"], 500),
        ):
            shop.locations[code] = await tx.fetchval(
                """INSERT INTO location (code, kind, name, country, time_zone, services, parcel_cost_domestic_minor)
                   VALUES ($1, $2, $1, 'SI', 'Europe/Ljubljana', $3, $4) RETURNING location_id""",
                code,
                kind,
                services,
                cost,
            )
        for code, kind, assortment in (
            ("web", "web", "all"),
            ("till", "store", "all"),
            ("market", "marketplace", "all"),
            ("agent", "agent", "listed"),
        ):
            shop.channels[code] = await tx.fetchval(
                """INSERT INTO channel (code, kind, name, country, currency, language, price_list_id, assortment)
                   VALUES ($1, $2, $1, 'SI', 'EUR', 'sl', $3, $4) RETURNING channel_id""",
                code,
                kind,
                list_id,
                assortment,
            )
        await tx.execute(
            "INSERT INTO channel_location (channel_id, location_id) SELECT channel_id, location_id FROM channel, location"
        )
        product_id = await tx.fetchval(
            "INSERT INTO product (handle, status) VALUES ('goods', 'active') RETURNING product_id"
        )
        for sku, amount in PRICES.items():
            shop.variants[sku] = await tx.fetchval(
                "INSERT INTO variant (product_id, sku) VALUES ($1, $2) RETURNING variant_id", product_id, sku
            )
            await tx.execute(
                "INSERT INTO price (price_list_id, variant_id, amount_minor) VALUES ($1, $2, $3)",
                list_id,
                shop.variants[sku],
                amount,
            )
        await tx.execute(
            "INSERT INTO listing (channel_id, variant_id) VALUES ($1, $2)", shop.channels["agent"], shop.variants["CUP"]
        )
        if stock:
            rows = [(v, p, stock) for v in shop.variants.values() for p in shop.locations.values()]
            await inventory.receive_many(tx, SYSTEM, rows, "test", clock.now())
    return shop


def pickup(location: str) -> dict[str, str]:
    """Say that a line is picked up."""
    return {"kind": "pickup", "location": location}


def line(sku: str, quantity: int = 1, fulfilment: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Make a line of a request; shipped unless said otherwise."""
    return {"sku": sku, "quantity": quantity, "fulfilment": fulfilment or {"kind": "ship"}, **more}


async def place(client: httpx.AsyncClient, *lines: dict[str, Any], channel: str = "web", **more: Any) -> dict[str, Any]:
    """Place an order that must be accepted."""
    body = {"order_id": str(uuid7()), "channel": channel, "lines": list(lines), "ship_to": SHIP_TO, **more}
    answer = await client.post("/api/orders", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def payment(authorised: int, captured: int = 0, **more: Any) -> dict[str, Any]:
    """Make a tender."""
    return {
        "payment_id": str(uuid7()),
        "method": "card",
        "authorised_minor": authorised,
        "captured_minor": captured,
        **more,
    }


def new_id() -> str:
    """Make a client's id."""
    return str(uuid7())


def as_uuid(text: str) -> UUID:
    """Read an id."""
    return UUID(text)
