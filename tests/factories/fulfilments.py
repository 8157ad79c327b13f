"""Fulfilments on their way: opened by the consumer, picked, packed, staged."""

from typing import Any
from uuid import UUID

import httpx

from factories.orders import new_id
from kanava.fulfilment.service import ORDER_EVENTS, follow_orders
from kanava.platform import auth
from kanava.platform.consumers import Consumer, drain
from kanava.platform.db import Database
from tests_support import settled

FOLLOWING = Consumer("fulfilment", follow_orders, types=ORDER_EVENTS)


async def followed(db: Database) -> None:
    """Let fulfilments follow all that happened to orders by now."""
    await settled(db)
    await drain(db, [FOLLOWING])


async def ok(answer: httpx.Response, status: int = 200) -> Any:
    """Give the body of an answer that must be good."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int, problem: str) -> dict[str, Any]:
    """Give the problem of an answer that must be one."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:kanava:problem:{problem}", body
    return body


async def fulfilments_of(client: httpx.AsyncClient, db: Database, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Open what an order needs, and give its fulfilments."""
    await followed(db)
    return (await ok(await client.get(f"/api/orders/{order['order_id']}/fulfilments")))["items"]


async def picked(
    client: httpx.AsyncClient, db: Database, order: dict[str, Any], units: dict[str, int] | None = None
) -> dict[str, Any]:
    """Open an order's only fulfilment and pick it, all of it or so many units of each sku."""
    (found,) = await fulfilments_of(client, db, order)
    for line in found["lines"]:
        quantity = line["quantity"] if units is None else units.get(line["sku"], 0)
        if quantity:
            body = {"pick_id": new_id(), "code": line["sku"], "quantity": quantity, "line_no": line["line_no"]}
            await ok(await client.post(f"/api/fulfilments/{found['fulfilment_id']}/picks", json=body), 201)
    return found


async def state_of(client: httpx.AsyncClient, order: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """Give a fulfilment of an order as it is now."""
    items = (await ok(await client.get(f"/api/orders/{order['order_id']}/fulfilments")))["items"]
    found: dict[str, Any] = items[number]
    return found


async def events_of(db: Database, order: dict[str, Any], *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Give the events of an order, of some kinds or of fulfilments and parcels."""
    async with db.connection() as connection:
        rows = await connection.fetch(
            "SELECT type, data FROM outbox_event WHERE aggregate_id = $1 ORDER BY event_id", order["order_id"]
        )
    wanted = kinds or ("fulfilment.", "parcel.", "curbside.")
    return [(row[0], row[1]) for row in rows if row[0].startswith(wanted)]


async def pass_of(client: httpx.AsyncClient, order: dict[str, Any], fulfilment: dict[str, Any]) -> dict[str, Any]:
    """Give the code and the token that the customer was told."""
    path = f"/api/orders/{order['order_id']}/fulfilments/{fulfilment['fulfilment_id']}/collection-pass"
    found: dict[str, Any] = await ok(await client.get(path))
    return found


async def set_row(db: Database, fulfilment: dict[str, Any], **values: Any) -> None:
    """Change columns of a stored fulfilment, to let time go by."""
    async with db.transaction() as tx:
        for name, value in values.items():
            await tx.execute(
                f"UPDATE fulfilment SET {name} = $2 WHERE fulfilment_id = $1", UUID(fulfilment["fulfilment_id"]), value
            )


async def associate_at(db: Database, location_id: int, role: str = "associate") -> dict[str, str]:
    """Make somebody who works at one place, and give the headers of her session."""
    token, digest, _ = auth.new_session_token()
    async with db.transaction() as tx:
        staff_id = await tx.fetchval(
            "INSERT INTO staff (email, name, password_hash) VALUES ($1, 'Maja', '') RETURNING staff_id",
            f"{new_id()}@example.com",
        )
        await tx.execute(
            "INSERT INTO staff_role (staff_id, role, location_id) VALUES ($1, $2, $3)", staff_id, role, location_id
        )
        await tx.execute(
            "INSERT INTO staff_session (token_hash, staff_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')",
            digest,
            staff_id,
        )
    return {"Authorization": f"Bearer {token}"}
