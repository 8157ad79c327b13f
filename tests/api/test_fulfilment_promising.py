"""What comes from another place keeps its date, or the customer is told the new one; every choice of a place is kept."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from factories.boards import all_done, reject, work_of
from factories.carriers import make_carrier, service
from factories.fulfilments import events_of, ok
from factories.orders import Shop, line, make_shop, pickup, place
from kanava.engagement import telling
from kanava.fulfilment.service.rerouting import move
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.sourcing.routing import decisions
from kanava.sourcing.routing.errors import NotMoved
from kanava.sourcing.routing.rerouting import UnitsMoved
from tests_support import settled

pytestmark = pytest.mark.anyio

ANA = {"email": "ana@example.com", "name": "Ana"}
FIVE_DAYS = 5 * 24 * 60


@pytest.fixture
async def shop(db: Database, client: httpx.AsyncClient) -> Shop:
    made = await make_shop(db)
    await make_carrier(client, post_home=service())
    await all_done(db)
    await drain(db, [telling.CONSUMER])
    return made


async def handling(shop: Shop, location: str, minutes: int) -> None:
    async with shop.db.transaction() as tx:
        await tx.execute("UPDATE location SET handling_minutes = $2 WHERE code = $1", location, minutes)


async def told(client: httpx.AsyncClient, db: Database, order: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What the customer was told, with the facts of each message."""
    await settled(db)
    await drain(db, [telling.CONSUMER])
    async with db.connection() as connection:
        rows = await connection.fetch(
            "SELECT kind, facts FROM message WHERE order_id = $1 AND audience = 'customer' ORDER BY message_id",
            order["order_id"],
        )
    return [(row["kind"], row["facts"]) for row in rows]


async def history(client: httpx.AsyncClient, db: Database, order: dict[str, Any]) -> list[dict[str, Any]]:
    await settled(db)
    await drain(db, [decisions.CONSUMER])
    found = await ok(await client.get(f"/api/orders/{order['order_id']}/routing"))
    return list(found["decisions"])


async def test_what_comes_later_has_a_new_date_and_the_customer_hears_it(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await handling(shop, "LJ", FIVE_DAYS)
    order = await place(client, line("CUP", 2), customer=ANA)
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "no_capacity"), 201)
    _, new = await work_of(client, db, order)
    assert new["location"] == "LJ"
    assert new["first_promised_by"] == first["promised_by"]
    later = datetime.fromisoformat(new["promised_by"]) - datetime.fromisoformat(first["promised_by"])
    assert 3 <= later.days <= 8
    assert first["work_by"] < new["work_by"] < new["promised_by"]
    ((_, moved),) = await events_of(db, order, "fulfilment.moved")
    assert (moved["promised_by_before"], moved["promised_by"]) == (first["promised_by"], new["promised_by"])
    confirmed, changed = await told(client, db, order)
    assert (confirmed[0], changed[0]) == ("order_confirmed", "delivery_changed")
    assert (changed[1]["by"], changed[1]["place"]) == (new["promised_by"], None)
    await shop.all_sound()


async def test_what_can_keep_its_date_keeps_it_and_nobody_is_written_to(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    order = await place(client, line("CUP", 2), customer=ANA)
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "no_capacity"), 201)
    _, new = await work_of(client, db, order)
    assert (new["location"], new["promised_by"]) == ("LJ", first["promised_by"])
    assert new["work_by"] == first["work_by"]
    assert [kind for kind, _ in await told(client, db, order)] == ["order_confirmed"]


async def test_another_store_that_she_chose_says_when_it_is_ready(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await handling(shop, "MB", FIVE_DAYS)
    order = await place(client, line("CUP", 1, pickup("LJ")), customer=ANA)
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "no_capacity"), 201)
    body = {"resolution_id": order["order_id"], "answer": "move_to", "location": "MB"}
    await ok(await client.post(f"/api/fulfilments/{first['fulfilment_id']}/resolve", json=body))
    new = (await work_of(client, db, order))[-1]
    assert (new["location"], new["first_promised_by"]) == ("MB", first["promised_by"])
    assert new["promised_by"] == new["work_by"] > first["promised_by"]
    kind, facts = (await told(client, db, order))[-1]
    assert (kind, facts["by"], facts["place"]["code"]) == ("delivery_changed", new["promised_by"], "MB")


async def test_what_was_stuck_and_goes_on_late_has_a_new_date(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    order = await place(client, line("CUP", 10, pickup("LJ")), customer=ANA)
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "not_found"), 201)
    await handling(shop, "LJ", FIVE_DAYS)
    body = {"count_id": order["order_id"], "location": "LJ", "lines": [{"sku": "CUP", "counted": 10}]}
    await ok(await client.post("/api/stock/counts", json=body), 201)
    await all_done(db)
    (again,) = await work_of(client, db, order)
    assert again["stuck_since"] is None
    assert again["first_promised_by"] == first["promised_by"] < again["promised_by"]
    messages = await told(client, db, order)
    assert [kind for kind, _ in messages] == ["order_confirmed", "cannot_fulfil", "delivery_changed"]
    facts = messages[-1][1]
    assert (facts["by"], facts["place"]["code"], facts["same_place"]) == (again["promised_by"], "LJ", True)


async def test_nothing_is_moved_to_save_money_that_would_come_later(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await handling(shop, "LJ", FIVE_DAYS)
    order = await place(client, line("CUP", 2))
    (first,) = await work_of(client, db, order)
    there = UnitsMoved(first["fulfilment_id"], 1, shop.locations["WH"], shop.locations["LJ"], 2)
    with pytest.raises(NotMoved, match="later"):
        async with db.transaction() as tx:
            await move(tx, [there], "routing", clock.now())
    assert [each["location"] for each in await work_of(client, db, order)] == ["WH"]


async def test_the_history_of_an_order_tells_why_it_went_elsewhere(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET services = '{pickup,ship_from_store}' WHERE code = 'MB'")
    rejected, closed = await place(client, line("CUP", 2)), await place(client, line("MUG", 1))
    (first,) = await work_of(client, db, rejected)
    await ok(await reject(client, first, "no_capacity"), 201)
    decided = await history(client, db, rejected)
    assert [each["cause"] for each in decided] == ["placed", "rejected"]
    assert [place["location"] for place in decided[1]["chosen"]] == ["LJ"]
    assert decided[1]["chosen"][0]["lines"] == [{"line_no": 1, "quantity": 2}]
    assert decided[1]["chosen"][0]["charges"]
    assert decided[1]["runner_up"]["locations"] == ["MB"]
    await work_of(client, db, closed)
    place_now = await client.get("/api/locations/WH")
    await ok(
        await client.patch(
            "/api/locations/WH", json={"fulfils_online": False}, headers={"If-Match": place_now.headers["etag"]}
        )
    )
    await all_done(db)
    assert [each["cause"] for each in await history(client, db, closed)] == ["placed", "closed"]
