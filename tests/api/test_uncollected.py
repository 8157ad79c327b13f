"""What nobody collects: reminders, then back into stock, and money is due."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from factories.fulfilments import events_of, followed, ok, pass_of, picked, refused, set_row, state_of
from factories.orders import Shop, line, make_shop, new_id, payment, pickup, place
from kanava.fulfilment.service import uncollected
from kanava.fulfilment.service.policy import CollectionPolicy, policy_of
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import Settings

pytestmark = pytest.mark.anyio
POLICY = CollectionPolicy()


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db, stock=50)


async def ready(
    client: httpx.AsyncClient, db: Database, quantity: int = 2, **more: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    order = await place(client, line("CUP", quantity, pickup("LJ")), **more)
    work = await picked(client, db, order)
    body = {"staging_id": new_id(), "bay": "A3"}
    await ok(await client.post(f"/api/fulfilments/{work['fulfilment_id']}/stage", json=body))
    return order, work


async def remind(db: Database, now: datetime, policy: CollectionPolicy = POLICY) -> int:
    async with db.transaction() as tx:
        return await uncollected.remind_uncollected(tx, policy, now)


async def test_she_is_reminded_twice_and_not_again(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work = await ready(client, db)
    end = clock.now() + timedelta(days=7)
    await set_row(db, work, collect_by=end)
    told = []
    for hours in range(0, 7 * 24, 6):
        told += [hours] * await remind(db, clock.now() + timedelta(hours=hours))
    assert told == [4 * 24, 6 * 24]
    happened = [data for kind, data in await events_of(db, order) if kind == "fulfilment.reminded"]
    assert [data["reminder"] for data in happened] == [1, 2]
    assert (await pass_of(client, order, work))["code"] not in str(happened)
    assert await remind(db, end + timedelta(days=1)) == 0, "then it is too late"


async def test_reminders_that_fell_due_together_are_one(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    _, work = await ready(client, db)
    await set_row(db, work, collect_by=clock.now() + timedelta(hours=20))
    assert [await remind(db, clock.now()) for _ in range(3)] == [1, 0, 0]
    _, other = await ready(client, db)
    await set_row(db, other, collect_by=clock.now() + timedelta(hours=20), on_hold=True)
    assert await remind(db, clock.now()) == 0
    assert await remind(db, clock.now(), CollectionPolicy(reminder_days=())) == 0


async def test_what_is_not_collected_expires(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work = await ready(client, db, payments=[payment(2440, 2440)])
    fresh, _ = await ready(client, db)
    assert await uncollected.expire_uncollected(db, clock.now()) == 0
    await set_row(db, work, collect_by=clock.now() - timedelta(minutes=1))
    told = await pass_of(client, order, work)
    assert await uncollected.expire_uncollected(db, clock.now()) == 1
    assert await uncollected.expire_uncollected(db, clock.now()) == 0
    assert (await state_of(client, order))["state"] == "expired"
    assert (await state_of(client, fresh))["state"] == "ready"
    after = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert (after["status"], after["refund_due"]["amount_minor"]) == ("cancelled", 2440)
    assert await shop.level("CUP", "LJ") == (50, 2), "only the other order's units are kept"
    (happened,) = [data for kind, data in await events_of(db, order) if kind == "fulfilment.expired"]
    assert happened["lines"] == [{"line_no": 1, "sku": "CUP", "quantity": 2}]
    await followed(db)
    assert (await state_of(client, order))["state"] == "expired"
    proof = {"kind": "code", "code": told["code"]}
    late = {"hand_over_id": new_id(), "proof": proof}
    refused(await client.post(f"/api/fulfilments/{work['fulfilment_id']}/hand-overs", json=late), 409, "wrong-state")
    await shop.all_sound()


async def test_only_what_is_left_expires(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work = await ready(client, db, 3)
    told = await pass_of(client, order, work)
    body = {
        "hand_over_id": new_id(),
        "proof": {"kind": "code", "code": told["code"]},
        "lines": [{"line_no": 1, "quantity": 1}],
    }
    await ok(await client.post(f"/api/fulfilments/{work['fulfilment_id']}/hand-overs", json=body), 201)
    await set_row(db, work, collect_by=clock.now() - timedelta(minutes=1))
    assert await uncollected.expire_uncollected(db, clock.now()) == 1
    after = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert (after["status"], after["lines"][0]["quantity_cancelled"]) == ("completed", 2)
    assert await shop.level("CUP", "LJ") == (49, 0)
    await followed(db)
    await shop.all_sound()


async def test_one_that_cannot_expire_does_not_stop_the_others(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    works = [await ready(client, db, 1) for _ in range(3)]
    for hours, (_, work) in enumerate(works, 1):
        await set_row(db, work, collect_by=clock.now() - timedelta(hours=10 - hours))
    async with db.transaction() as tx:
        # Its order was closed by hand, which nobody should do.
        await tx.execute(
            "UPDATE sales_order SET status = 'cancelled' WHERE order_id = $1::uuid", works[0][0]["order_id"]
        )
    assert await uncollected.expire_uncollected(db, clock.now()) == 2


def test_the_settings_say_how_long(settings: Settings) -> None:
    assert policy_of(settings) == CollectionPolicy(7, (3, 1), 5)


@pytest.mark.parametrize(("text", "days"), [("", ()), ("2", (2,)), ("1,5", (5, 1)), ("2,2", (2,))])
def test_reminders_are_two_at_most(text: str, days: tuple[int, ...]) -> None:
    assert policy_of(Settings(collection_reminder_days=text)).reminder_days == days
