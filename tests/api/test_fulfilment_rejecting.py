"""What a place cannot give finds another place, or the customer is asked."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from factories.boards import all_done, board_of, pick, reject, resolve, work_of
from factories.fulfilments import events_of, ok, refused
from factories.orders import Shop, line, make_shop, new_id, payment, pickup, place
from kanava.fulfilment.jobs import resume_reopened
from kanava.platform import clock
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    made = await make_shop(db, stock=0)
    await all_done(db)
    return made


async def suppressed(shop: Shop, sku: str, location: str) -> int:
    async with shop.db.connection() as connection:
        found: int = await connection.fetchval(
            "SELECT suppressed FROM stock_level WHERE variant_id = $1 AND location_id = $2",
            shop.variants[sku],
            shop.locations[location],
        )
    return found


async def count(client: httpx.AsyncClient, location: str, sku: str, units: int) -> None:
    body = {"count_id": new_id(), "location": location, "lines": [{"sku": sku, "counted": units}]}
    await ok(await client.post("/api/stock/counts", json=body), 201)


async def promised(client: httpx.AsyncClient, sku: str) -> int:
    answer = await ok(await client.get("/api/availability", params={"channel": "web", "sku": sku}))
    units: int = answer["variants"][0]["ship"]["quantity"]
    return units


async def test_rejected_units_are_at_another_place_at_once(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("CUP", "WH", 3)
    await shop.stock("CUP", "LJ", 3)
    order = await place(client, line("CUP", 2))
    (first,) = await work_of(client, db, order)
    body = {"rejection_id": new_id(), "reason": "not_found", "note": "shelf empty"}
    path = f"/api/fulfilments/{first['fulfilment_id']}/rejections"
    gone = await ok(await client.post(path, json=body), 201)
    assert (gone["state"], gone["lines"][0]["quantity_ended"]) == ("cancelled", 2)
    assert await ok(await client.post(path, json=body), 201) == gone
    old, new = await work_of(client, db, order)
    assert (new["location"], new["state"], new["units_to_pick"]) == ("LJ", "open", 2)
    assert new["fulfilment_number"] == f"{order['number']}-2"
    told = await events_of(db, order)
    assert [kind for kind, _ in told] == [
        "fulfilment.opened",
        "fulfilment.opened",
        "fulfilment.rejected",
        "fulfilment.moved",
    ]
    moved = told[-1][1]
    assert (moved["from_location"], moved["to_location"]) == ("WH", "LJ")
    assert (moved["from_fulfilment_id"], moved["fulfilment_id"]) == (old["fulfilment_id"], new["fulfilment_id"])
    assert await shop.level("CUP", "WH") == (3, 0)
    assert await shop.level("CUP", "LJ") == (3, 2)
    assert await suppressed(shop, "CUP", "WH") == 3
    await all_done(db)
    assert len(await work_of(client, db, order)) == 2
    await shop.all_sound()


async def test_what_was_not_found_is_not_promised_until_it_is_counted(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await shop.stock("CUP", "LJ", 5)
    order = await place(client, line("CUP", 1))
    (first,) = await work_of(client, db, order)
    await shop.stock("CUP", "WH", 1)
    assert await promised(client, "CUP") == 5
    await ok(await reject(client, first, "not_found"), 201)
    assert await promised(client, "CUP") == 0
    why = await ok(await client.get("/api/stock/CUP/explain", params={"channel": "web", "location": "LJ"}))
    assert "suppressed until counted: 5" in why["text"]
    body = {"order_id": new_id(), "channel": "web", "lines": [line("CUP", 1)], "ship_to": {"country": "SI"}}
    refused(await client.post("/api/orders", json=body), 409, "insufficient-stock")
    carried = line("CUP", 1, {"kind": "carry_out", "location": "LJ"})
    await place(client, carried, channel="till")
    await count(client, "LJ", "CUP", 2)
    assert await promised(client, "CUP") == 2
    await shop.all_sound()


async def test_damaged_pieces_alone_are_kept_back(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("CUP", "WH", 5)
    await shop.stock("CUP", "LJ", 5)
    order = await place(client, line("CUP", 2))
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "damaged", {"line_no": 1, "quantity": 1}), 201)
    assert await suppressed(shop, "CUP", "WH") == 1
    old, new = await work_of(client, db, order)
    assert (old["units_to_pick"], new["units_to_pick"], new["location"]) == (1, 1, "LJ")
    assert await promised(client, "CUP") == 3 + 4
    await shop.all_sound()


async def test_other_work_that_needs_the_missing_units_is_moved_too(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await shop.stock("CUP", "WH", 3)
    orders = [await place(client, line("CUP", 1)) for _ in range(3)]
    works = [(await work_of(client, db, order))[0] for order in orders]
    await ok(await pick(client, works[1], "CUP"), 201)
    await shop.stock("CUP", "LJ", 9)
    await ok(await reject(client, works[0], "not_found"), 201)
    assert await suppressed(shop, "CUP", "WH") == 2
    await all_done(db)
    places = [[work["location"] for work in await work_of(client, db, order)] for order in orders]
    assert places == [["WH", "LJ"], ["WH"], ["WH", "LJ"]]
    assert await shop.level("CUP", "WH") == (3, 1)
    async with db.connection() as connection:
        outcomes = await connection.fetch("SELECT outcome, note FROM fulfilment_rejection ORDER BY recorded_at")
    assert [tuple(row) for row in outcomes] == [("moved", ""), ("moved", "short after another rejection")]
    await shop.all_sound()


async def test_only_as_many_as_are_short_are_moved_the_least_urgent_first(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await shop.stock("CUP", "WH", 3)
    orders = [await place(client, line("CUP", 1)) for _ in range(3)]
    works = [(await work_of(client, db, order))[0] for order in orders]
    await shop.stock("CUP", "LJ", 9)
    await ok(await reject(client, works[0], "damaged"), 201)
    await all_done(db)
    # Two good ones are left for the two others.
    assert [len(await work_of(client, db, order)) for order in orders] == [2, 1, 1]
    await ok(await reject(client, works[1], "display_piece"), 201)
    await all_done(db)
    assert [len(await work_of(client, db, order)) for order in orders] == [2, 2, 1]
    await shop.all_sound()


async def test_nobody_can_is_stuck_and_goes_on_when_stock_arrives(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await shop.stock("CUP", "WH", 1)
    await shop.stock("MUG", "WH", 1)
    order = await place(client, line("CUP", 1), line("MUG", 1))
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "not_found", {"line_no": 1}), 201)
    rest, stuck = await work_of(client, db, order)
    assert (rest["stuck_since"], rest["units_to_pick"]) == (None, 1)
    assert (stuck["stuck_reason"], stuck["location"], stuck["units_to_pick"]) == ("not_found", "WH", 1)
    assert (await events_of(db, order))[-1][0] == "fulfilment.stuck"
    (shown,) = await board_of(client, db, "WH", stuck=True)
    assert shown["stuck"]
    await all_done(db)
    assert (await work_of(client, db, order))[1]["stuck_since"]
    await shop.all_sound()
    await shop.stock("CUP", "LJ", 1)
    await count(client, "LJ", "CUP", 2)
    await all_done(db)
    *_, moved = await work_of(client, db, order)
    assert (moved["location"], moved["state"], moved["stuck_since"]) == ("LJ", "open", None)
    assert (await events_of(db, order))[-1][0] == "fulfilment.moved"
    await shop.all_sound()


async def test_the_missing_piece_is_found_after_all(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("CUP", "WH", 1)
    order = await place(client, line("CUP", 1))
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "not_found"), 201)
    await all_done(db)
    await count(client, "WH", "CUP", 1)
    await all_done(db)
    (again,) = await work_of(client, db, order)
    assert (again["stuck_since"], again["state"]) == (None, "open")
    assert (await events_of(db, order))[-1][0] == "fulfilment.resumed"
    await shop.all_sound()


async def test_a_stuck_part_is_cancelled_and_its_money_is_due(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await shop.stock("CUP", "WH", 2)
    order = await place(client, line("CUP", 2), payments=[payment(2440, 2440)])
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "damaged", {"line_no": 1, "quantity": 1}), 201)
    _, stuck = await work_of(client, db, order)
    waiting = await ok(await resolve(client, stuck, "wait"))
    assert waiting["stuck_answer"] == "wait"
    ended = await ok(await resolve(client, stuck, "cancel"))
    assert (ended["state"], ended["stuck_since"]) == ("cancelled", None)
    await all_done(db)
    found = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert (found["refund_due"]["amount_minor"], found["lines"][0]["quantity_cancelled"]) == (1220, 1)
    assert [work["units_to_pick"] for work in await work_of(client, db, order)] == [1, 0]
    assert await promised(client, "CUP") == 0
    refused(await resolve(client, stuck, "cancel"), 409, "wrong-state")
    kinds = [kind for kind, _ in await events_of(db, order)]
    assert kinds.count("fulfilment.cancelled") == 1
    await shop.all_sound()


async def test_who_fetches_is_asked_and_may_fetch_elsewhere(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    for location in ("LJ", "MB"):
        await shop.stock("CUP", location, 2)
        await shop.stock("MUG", location, 2)
    order = await place(client, line("CUP", 2, pickup("LJ")), line("MUG", 1, pickup("LJ")))
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "not_found", {"line_no": 1, "quantity": 1}), 201)
    rest, stuck = await work_of(client, db, order)
    assert (rest["units_to_pick"], stuck["units_to_pick"], stuck["kind"]) == (2, 1, "pickup")
    refused(await resolve(client, stuck, "move_to", location="WH"), 409, "place-cannot")
    refused(await resolve(client, stuck, "move_to", location="NOWHERE"), 422, "invalid-input")
    refused(await resolve(client, stuck, "move_to"), 422, "invalid-input")
    refused(await resolve(client, rest, "cancel"), 409, "not-stuck")
    await ok(await resolve(client, stuck, "move_to", location="MB"))
    *_, moved = await work_of(client, db, order)
    assert (moved["location"], moved["units_to_pick"]) == ("MB", 1)
    found = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    at = {each["line_no"]: (each["quantity"], each["fulfilment"]["location"]) for each in found["lines"]}
    assert at == {1: (1, "LJ"), 2: (1, "LJ"), 3: (1, "MB")}
    assert found["total"] == order["total"]
    await all_done(db)
    await shop.all_sound()


async def test_another_good_piece_on_the_shelf_is_picked_instead(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    await shop.stock("CUP", "LJ", 2)
    order = await place(client, line("CUP", 1, pickup("LJ")))
    (first,) = await work_of(client, db, order)
    still = await ok(await reject(client, first, "damaged"), 201)
    assert (still["stuck_since"], still["units_to_pick"], still["state"]) == (None, 1, "open")
    assert await suppressed(shop, "CUP", "LJ") == 1
    await ok(await pick(client, first, "CUP"), 201)
    await all_done(db)
    await shop.all_sound()


async def test_places_that_said_no_are_not_asked_again(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("CUP", "WH", 5)
    await shop.stock("CUP", "LJ", 5)
    order = await place(client, line("CUP", 1))
    (first,) = await work_of(client, db, order)
    await ok(await reject(client, first, "no_capacity"), 201)
    _, second = await work_of(client, db, order)
    await ok(await reject(client, second, "other", note="flooded"), 201)
    _, stuck = await work_of(client, db, order)
    assert (stuck["location"], stuck["stuck_reason"]) == ("LJ", "other")
    assert await suppressed(shop, "CUP", "WH") == 0
    await all_done(db)
    await shop.all_sound()


async def test_bad_rejections_are_told_by_field(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("CUP", "WH", 2)
    order = await place(client, line("CUP", 2))
    (first,) = await work_of(client, db, order)

    async def told(answer: httpx.Response, status: int, problem: str) -> Any:
        return refused(answer, status, problem)["errors"][0]["field"]

    too_many = await reject(client, first, "damaged", {"line_no": 1, "quantity": 3})
    assert await told(too_many, 409, "too-many-rejected") == "lines[0].quantity"
    unknown = await reject(client, first, "damaged", {"line_no": 7})
    assert await told(unknown, 422, "fulfilment-line-unknown") == "lines[0].line_no"
    twice = await reject(client, first, "damaged", {"line_no": 1}, {"line_no": 1})
    assert await told(twice, 422, "fulfilment-line-unknown") == "lines[1].line_no"
    assert (await reject(client, first, "moody")).status_code in (400, 422)
    await ok(await pick(client, first, "CUP", 2), 201)
    assert await told(await reject(client, first, "damaged"), 409, "too-many-rejected") == "lines"


async def test_a_place_that_closes_loses_what_it_has_not_begun(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    for location in ("WH", "LJ"):
        await shop.stock("CUP", location, 9)
        await shop.stock("MUG", location, 9)
    shipped = await place(client, line("CUP", 1))
    begun = await place(client, line("CUP", 1))
    fetched = await place(client, line("MUG", 1, pickup("LJ")))
    (started,) = await work_of(client, db, begun)
    await ok(await pick(client, started, "CUP"), 201)
    await ok(await client.put("/api/locations/WH/switches", json={"fulfils_online": False}))
    await all_done(db)
    assert [work["location"] for work in await work_of(client, db, shipped)] == ["WH", "LJ"]
    assert [work["location"] for work in await work_of(client, db, begun)] == ["WH"]
    await ok(await client.put("/api/locations/LJ/switches", json={"active": False}))
    await all_done(db)
    (asked,) = await work_of(client, db, fetched)
    assert asked["stuck_reason"] == "closed"
    *_, stuck = await work_of(client, db, shipped)
    assert (stuck["location"], stuck["stuck_reason"]) == ("LJ", "closed")
    await shop.all_sound()
    await ok(await client.put("/api/locations/LJ/switches", json={"active": True}))
    await all_done(db)
    assert [(await work_of(client, db, each))[-1]["stuck_since"] for each in (fetched, shipped)] == [None, None]
    await shop.all_sound()


async def test_hours_put_back_let_the_place_go_on(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("MUG", "LJ", 9)
    await set_hours(client, "24/7")
    first, second = await place(client, line("MUG", 1, pickup("LJ"))), await place(client, line("MUG", 1, pickup("LJ")))
    for order in (first, second):
        await work_of(client, db, order)
    await set_hours(client, "Mo-Su off")
    await all_done(db)
    assert [(await work_of(client, db, each))[0]["stuck_reason"] for each in (first, second)] == ["closed", "closed"]
    # The event says it at once.
    await set_hours(client, "24/7")
    await all_done(db)
    assert [(await work_of(client, db, each))[0]["stuck_reason"] for each in (first, second)] == [None, None]
    # The clock says it within a minute, should nobody have said anything.
    await set_hours(client, "Mo-Su off")
    await all_done(db)
    assert await resume_reopened(db, clock.now()) == 0
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET opening_hours = '24/7' WHERE code = 'LJ'")
    assert await resume_reopened(db, clock.now()) == 2
    assert [(await work_of(client, db, each))[0]["stuck_reason"] for each in (first, second)] == [None, None]


async def set_hours(client: httpx.AsyncClient, opening_hours: str) -> None:
    """Put other weekly hours in force in Ljubljana."""
    seen = await client.get("/api/locations/LJ")
    headers = {"If-Match": seen.headers["etag"]}
    await ok(await client.patch("/api/locations/LJ", json={"opening_hours": opening_hours}, headers=headers))


async def test_a_dated_exception_beyond_the_work_moves_it(shop: Shop, client: httpx.AsyncClient, db: Database) -> None:
    await shop.stock("CUP", "WH", 9)
    await shop.stock("CUP", "LJ", 9)
    order = await place(client, line("CUP", 1))
    await work_of(client, db, order)
    rows = [{"location": "WH", "on_date": str((clock.now() + timedelta(days=day)).date())} for day in range(-1, 3)]
    await ok(await client.post("/api/locations/hours-exceptions", json={"rows": rows}))
    await all_done(db)
    assert [work["location"] for work in await work_of(client, db, order)] == ["WH", "LJ"]
    await shop.all_sound()
