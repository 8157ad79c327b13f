"""The customer comes by car: her link says that she is coming and where she stands."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from factories.fulfilments import associate_at, events_of, ok, pass_of, picked, refused, set_row
from factories.orders import Shop, line, make_shop, new_id, pickup, place
from kanava.platform import clock
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
CURBSIDE = {"kind": "curbside", "location": "LJ"}


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


async def ready(
    client: httpx.AsyncClient, db: Database, fulfilment: dict[str, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]:
    order = await place(client, line("CUP", 1, fulfilment), customer={"name": "Ana Novak"})
    work = await picked(client, db, order)
    body = {"staging_id": new_id(), "bay": "A3"}
    await ok(await client.post(f"/api/fulfilments/{work['fulfilment_id']}/stage", json=body))
    path = f"/api/orders/{order['order_id']}/fulfilments/{work['fulfilment_id']}"
    return order, work, await pass_of(client, order, work), path


async def waiting(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ok(await client.get("/api/locations/LJ/curbside")))["items"]
    return found


async def test_her_link_says_that_she_is_coming_and_that_she_is_here(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, work, told, path = await ready(client, db, CURBSIDE)
    assert await waiting(client) == []
    nobody = {"Authorization": ""}
    body: dict[str, Any] = {"token": told["token"], "eta_minutes": 15}
    seen = await ok(await client.post(f"{path}/on-my-way", json=body, headers=nobody))
    assert (seen["state"], seen["arrived_at"]) == ("ready", None)
    assert "token" not in seen
    (coming,) = await waiting(client)
    assert (coming["customer_name"], coming["waiting_seconds"], coming["late"]) == ("Ana Novak", None, False)
    assert coming["expected_at"] > coming["on_my_way_at"]
    body = {"token": told["token"], "parking_bay": "3"}
    seen = await ok(await client.post(f"{path}/arrived", json=body, headers=nobody))
    arrived_at = seen["arrived_at"]
    seen = await ok(await client.post(f"{path}/arrived", json={**body, "parking_bay": "5"}, headers=nobody))
    assert (seen["arrived_at"], seen["parking_bay"]) == (arrived_at, "5"), "she has been waiting since she came"
    (here,) = await waiting(client)
    assert (here["parking_bay"], here["bay"], here["late"]) == ("5", "A3", False)
    assert here["waiting_seconds"] in range(10)
    await set_row(db, work, arrived_at=clock.now() - timedelta(seconds=301))
    (here,) = await waiting(client)
    assert here["late"]
    assert here["waiting_seconds"] in range(301, 330)
    kinds = [kind for kind, _ in await events_of(db, order, "curbside.")]
    assert kinds == ["curbside.on_my_way", "curbside.arrived", "curbside.arrived"]
    proof = {"kind": "code", "code": told["code"]}
    over = {"hand_over_id": new_id(), "proof": proof}
    await ok(await client.post(f"/api/fulfilments/{work['fulfilment_id']}/hand-overs", json=over), 201)
    assert await waiting(client) == []
    refused(await client.post(f"{path}/arrived", json=body, headers=nobody), 409, "wrong-state")


async def test_another_link_opens_nothing(
    client: httpx.AsyncClient, db: Database, shop: Shop, make_api_key: Callable[..., Awaitable[str]]
) -> None:
    _, _, told, path = await ready(client, db, CURBSIDE)
    _, _, other, _ = await ready(client, db, CURBSIDE)
    nobody = {"Authorization": ""}
    for token in (other["token"], "", told["code"], "ž"):
        refused(
            await client.post(f"{path}/on-my-way", json={"token": token}, headers=nobody), 403, "collection-token-wrong"
        )
    refused(await client.post(f"{path}/on-my-way", json={}, headers=nobody), 401, "unauthenticated")
    unknown = f"/api/orders/{new_id()}/fulfilments/{new_id()}/on-my-way"
    refused(await client.post(unknown, json={"token": told["token"]}, headers=nobody), 403, "collection-token-wrong")
    refused(await client.post(unknown, json={}), 404, "fulfilment-not-found")
    reader = {"Authorization": f"Bearer {await make_api_key('orders:read')}"}
    refused(await client.post(f"{path}/on-my-way", json={}, headers=reader), 403, "forbidden")


async def test_staff_note_what_she_says_by_phone(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    _, _, _, path = await ready(client, db, CURBSIDE)
    here = await associate_at(db, shop.locations["LJ"])
    elsewhere = await associate_at(db, shop.locations["MB"])
    refused(await client.post(f"{path}/arrived", json={}, headers=elsewhere), 403, "out-of-reach")
    refused(await client.get("/api/locations/LJ/curbside", headers=elsewhere), 403, "out-of-reach")
    seen = await ok(await client.post(f"{path}/arrived", json={"parking_bay": "by the door"}, headers=here))
    assert seen["parking_bay"] == "by the door"
    refused(await client.get("/api/locations/XX/curbside"), 404, "location-not-found")


async def test_who_comes_to_the_counter_waits_in_no_car(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    _, _, told, path = await ready(client, db, pickup("LJ"))
    await ok(await client.post(f"{path}/on-my-way", json={"token": told["token"]}))
    refused(await client.post(f"{path}/arrived", json={"token": told["token"]}), 409, "wrong-kind")
