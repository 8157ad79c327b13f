"""Work of places as it comes and goes: what the worker would do is done at once."""

from typing import Any

import httpx
import msgspec

from factories.fulfilments import followed, fulfilments_of, ok
from factories.orders import new_id
from kanava.fulfilment.jobs import CONSUMERS, HANDLERS
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from tests_support import settled

ROUNDS_MAX = 20


async def all_done(db: Database) -> None:
    """Take every event and run every job of fulfilments, until nothing is left to do."""
    for _ in range(ROUNDS_MAX):
        await settled(db)
        await drain(db, CONSUMERS)
        async with db.transaction() as tx:
            jobs = await tx.fetch(
                "DELETE FROM pgqueuer WHERE entrypoint = ANY ($1) RETURNING entrypoint, payload", list(HANDLERS)
            )
        if not jobs:
            return
        for job in jobs:
            await HANDLERS[job["entrypoint"]](db, msgspec.json.decode(job["payload"]), clock.now())
    raise AssertionError("there is always something left to do")


async def board_of(client: httpx.AsyncClient, db: Database, location: str, **wanted: Any) -> list[dict[str, Any]]:
    """Give the board of a place, all events taken."""
    await followed(db)
    return (await ok(await client.get(f"/api/locations/{location}/board", params=wanted)))["items"]


async def pick(
    client: httpx.AsyncClient, fulfilment: dict[str, Any], code: str, quantity: int = 1, **more: Any
) -> httpx.Response:
    """Pick units."""
    body = {"pick_id": new_id(), "code": code, "quantity": quantity, **more}
    return await client.post(f"/api/fulfilments/{fulfilment['fulfilment_id']}/picks", json=body)


async def reject(
    client: httpx.AsyncClient, fulfilment: dict[str, Any], reason: str, *lines: dict[str, int], **more: Any
) -> httpx.Response:
    """Reject units; all that are not picked unless lines are named."""
    body = {"rejection_id": new_id(), "reason": reason, "lines": list(lines), **more}
    return await client.post(f"/api/fulfilments/{fulfilment['fulfilment_id']}/rejections", json=body)


async def resolve(client: httpx.AsyncClient, fulfilment: dict[str, Any], answer: str, **more: Any) -> httpx.Response:
    """Say what the customer says."""
    body = {"resolution_id": new_id(), "answer": answer, **more}
    return await client.post(f"/api/fulfilments/{fulfilment['fulfilment_id']}/resolve", json=body)


async def work_of(client: httpx.AsyncClient, db: Database, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the fulfilments of an order as the places see them, in the order in which they were opened."""
    shown = await fulfilments_of(client, db, order)
    return [await ok(await client.get(f"/api/fulfilments/{each['fulfilment_id']}")) for each in shown]
