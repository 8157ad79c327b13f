"""Goods on their way to the shop of `factories.orders`, and orders that wait for them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from factories.orders import PRICES, SHIP_TO, Shop, line, new_id, place
from kanava.inventory import service as inventory
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.sourcing.awaiting import await_units
from kanava.sourcing.planning import Wanted
from kanava.sourcing.service import load_config


def in_days(days: int) -> date:
    """Give the day in so many days."""
    return datetime.now(UTC).date() + timedelta(days=days)


async def add_supplier(db: Database, shop: Shop, code: str = "SUP") -> None:
    """Make a supplier."""
    async with db.transaction() as tx:
        shop.locations[code] = await tx.fetchval(
            """INSERT INTO location (code, kind, name, country, time_zone, services)
               VALUES ($1, 'supplier', $1, 'SI', 'Europe/Ljubljana', '{}') RETURNING location_id""",
            code,
        )


async def sells_incoming(db: Database, *channels: str) -> None:
    """Let channels sell what is on its way."""
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel SET sells_incoming = true WHERE code = ANY ($1)", list(channels))


def purchase(*lines: tuple[str, int], location: str = "WH", **more: Any) -> dict[str, Any]:
    """Make a purchase order of the supplier SUP."""
    return {
        "purchase_order_id": new_id(),
        "supplier": "SUP",
        "location": location,
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        **more,
    }


async def post(client: httpx.AsyncClient, path: str, body: Any = None, status: int = 200) -> Any:
    """Send a body and give the answer, which must have this status."""
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def url(order: dict[str, Any], tail: str = "") -> str:
    """Give the path of a purchase order."""
    return f"/api/purchase-orders/{order['purchase_order_id']}{tail}"


async def ordered(
    client: httpx.AsyncClient, *lines: tuple[str, int], days: int | None = 5, location: str = "WH", **more: Any
) -> dict[str, Any]:
    """Order goods that come in so many days; None: nobody knows when."""
    expected_on = None if days is None else in_days(days).isoformat()
    new = purchase(*lines, location=location, expected_on=expected_on, **more)
    await post(client, "/api/purchase-orders", new, 201)
    found: dict[str, Any] = await post(client, url(new, "/order"))
    return found


async def arrive(client: httpx.AsyncClient, order: dict[str, Any], sku: str, quantity: int, **more: Any) -> Any:
    """Let units of a purchase order arrive."""
    body = {"arrival_id": new_id(), "lines": [{"sku": sku, "quantity": quantity, **more}]}
    return await post(client, url(order, "/receive"), body)


async def change_date(client: httpx.AsyncClient, order: dict[str, Any], days: int | None) -> None:
    """Give a purchase order another day; again when somebody changed it in between."""
    body = {"expected_on": None if days is None else in_days(days).isoformat()}
    status = 412
    while status == 412:
        etag = (await client.get(url(order))).headers["etag"]
        answer = await client.patch(url(order), json=body, headers={"If-Match": etag})
        status = answer.status_code
    assert status == 200, answer.text


async def wait_for(
    db: Database, shop: Shop, sku: str, quantity: int, location: str | None = None, channel: str = "web"
) -> dict[str, Any]:
    """Sell a line of units that are on their way, as placing does with a line that is short."""
    async with db.transaction() as tx:
        config, now = await load_config(tx), clock.now()
        kind = "ship" if location is None else "pickup"
        want = Wanted(1, shop.variants[sku], quantity, kind, None if location is None else shop.locations[location])
        places = [place.location_id for place in config.places_to(config.channels[channel], "SI")]
        found = await await_units(tx, [want], places, now)
        if found.short:
            return {"short": dict(found.short)}
        order_id = uuid7()
        total, tax = PRICES[sku] * quantity, PRICES[sku] * quantity - round(PRICES[sku] * quantity / 1.22)
        await tx.execute(
            """INSERT INTO sales_order (order_id, number, channel_id, currency, tax_inclusive, net_minor, tax_minor,
                                        total_minor, ship_to, placed_at)
               VALUES ($1, nextval('order_number'), $2, 'EUR', true, $3, $4, $5, $6, $7)""",
            order_id,
            shop.channels[channel],
            total - tax,
            tax,
            total,
            SHIP_TO,
            now,
        )
        await tx.execute(
            """INSERT INTO order_line (order_id, line_no, variant_id, sku, quantity, fulfilment_kind, location_id,
                                       unit_price_minor, net_minor, tax_minor, total_minor, tax_rate_basis_points)
               VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 2200)""",
            order_id,
            want.variant_id,
            sku,
            quantity,
            kind,
            want.location_id,
            PRICES[sku],
            total - tax,
            tax,
            total,
        )
        rows = [part.reservation(order_id, shop.channels[channel]) for part in found.parts]
        await inventory.write_reservations(tx, rows)
    return {"order_id": str(order_id)}


async def buy(client: httpx.AsyncClient, sku: str, quantity: int, how: dict[str, str] | None = None) -> dict[str, Any]:
    """Place an order on the web."""
    return await place(client, line(sku, quantity, how))


async def level(client: httpx.AsyncClient, sku: str, location: str = "WH") -> tuple[int, int, int, int]:
    """Give (on_hand, reserved, incoming, awaited)."""
    levels = (await client.get(f"/api/stock/{sku}")).json()["locations"]
    found = next((row for row in levels if row["location"] == location), None)
    return (
        (0, 0, 0, 0) if found is None else tuple(found[name] for name in ("on_hand", "reserved", "incoming", "awaited"))
    )


async def allocations(client: httpx.AsyncClient, order: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Give (line_no, location, quantity, state, expected_on) of an order as it stands."""
    found = (await client.get(f"/api/orders/{order['order_id']}")).json()
    return [
        (each["line_no"], a["location"], a["quantity"], a["state"], a.get("expected_on"))
        for each in found["lines"]
        for a in each["allocations"]
    ]


async def events(client: httpx.AsyncClient, *types: str) -> list[dict[str, Any]]:
    """Give the data of events of these types, oldest first."""
    found = (await client.get("/api/events", params={"type": list(types), "limit": 500})).json()["items"]
    return [each["data"] for each in found]
