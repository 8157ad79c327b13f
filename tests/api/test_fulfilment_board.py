"""A place's board over HTTP: work comes, is taken, picked and goes."""

from typing import Any

import httpx
import pytest

from factories.boards import board_of, pick, work_of
from factories.fulfilments import events_of, followed, ok, refused
from factories.orders import Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


async def test_an_order_becomes_work_of_each_place_that_has_a_part_of_it(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    order = await place(client, line("CUP", 2), line("MUG", 1, pickup("LJ")))
    shipped, fetched = await work_of(client, db, order)
    assert {shipped["kind"], fetched["kind"]} == {"ship", "pickup"}
    (entry,) = await board_of(client, db, "LJ")
    found = entry["fulfilment"]
    assert found["fulfilment_number"].startswith(f"{order['number']}-")
    assert (found["kind"], found["state"], found["units_to_pick"]) == ("pickup", "open", 1)
    assert found["lines"][0] | {"sku": "MUG", "quantity_to_pick": 1} == found["lines"][0]
    assert not entry["late"]
    opened = [data["location"] for _, data in await events_of(db, order, "fulfilment.opened")]
    assert sorted(opened) == ["LJ", "WH"]
    await followed(db)
    assert len(await events_of(db, order, "fulfilment.opened")) == 2
    async with db.connection() as connection:
        load = dict(await connection.fetch("SELECT location_id, units_to_pick FROM location_load"))
    assert load == {shop.locations["WH"]: 2, shop.locations["LJ"]: 1}
    await shop.all_sound()


async def test_amended_cancelled_and_held_orders_are_followed(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    order = await place(client, line("CUP", 2), line("MUG", 1))
    (before,) = await work_of(client, db, order)
    path = f"/api/orders/{order['order_id']}"
    change = {"amendment_id": new_id(), "lines": [{"line_no": 1, "quantity": 3}]}
    await ok(await client.post(f"{path}/amendments", json=change), 201)
    (grown,) = await work_of(client, db, order)
    assert (grown["fulfilment_id"], grown["units_to_pick"]) == (before["fulfilment_id"], 4)
    await ok(await client.post(f"{path}/hold", json={"reason": "odd address"}))
    (held,) = await work_of(client, db, order)
    assert held["on_hold"]
    assert refused(await pick(client, held, "CUP"), 409, "fulfilment-on-hold")["hold_reason"] == "odd address"
    await ok(await client.post(f"{path}/release-hold"))
    await followed(db)
    await ok(await client.post(f"{path}/cancel", json={"lines": [{"line_no": 2}]}))
    (shrunk,) = await work_of(client, db, order)
    assert (shrunk["on_hold"], shrunk["units_to_pick"]) == (False, 3)
    await ok(await client.post(f"{path}/cancel", json={}))
    (gone,) = await work_of(client, db, order)
    assert gone["state"] == "cancelled"
    assert await board_of(client, db, "WH") == []
    kinds = [kind for kind, _ in await events_of(db, order)]
    assert kinds == ["fulfilment.opened", *["fulfilment.changed"] * 3, *["fulfilment.cancelled"] * 2]
    await shop.all_sound()


async def test_goods_that_leave_by_the_order_alone_are_done_here_too(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    order = await place(client, line("CUP", 2))
    await work_of(client, db, order)
    left = {"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 2}]}
    await ok(await client.post(f"/api/orders/{order['order_id']}/fulfilments", json=left), 201)
    (found,) = await work_of(client, db, order)
    assert (found["state"], found["lines"][0]["quantity_done"]) == ("shipped", 2)
    await shop.all_sound()


async def test_what_is_scanned_is_checked_and_the_last_unit_makes_it_picked(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO barcode VALUES ('4006381333931', $1)", shop.variants["CUP"])
    order = await place(client, line("CUP", 2))
    (found,) = await work_of(client, db, order)
    wrong = refused(await pick(client, found, "MUG"), 409, "wrong-item")
    assert (wrong["scanned"], wrong["wanted"]) == ("MUG", ["CUP"])
    assert wrong["detail"] == f"You scanned MUG; {found['fulfilment_number']} wants CUP."
    refused(await pick(client, found, "NOTHING"), 422, "code-unknown")
    assert refused(await pick(client, found, "CUP", 3), 409, "too-many-picked")["to_pick"] == 2
    body = {"pick_id": new_id(), "code": "4006381333931"}
    path = f"/api/fulfilments/{found['fulfilment_id']}/picks"
    first = await ok(await client.post(path, json=body), 201)
    assert (first["state"], first["units_to_pick"]) == ("picking", 1)
    again = await ok(await client.post(path, json=body), 201)
    assert again["units_to_pick"] == 1
    other = refused(await client.post(path, json=body | {"quantity": 2}), 409, "fulfilment-change-exists")
    assert other["errors"][0]["field"] == "pick_id"
    old = await client.post(path, json=body | {"pick_id": new_id()}, headers={"If-Match": '"1"'})
    refused(old, 412, "precondition-failed")
    last = await ok(await client.post(path, json=body | {"pick_id": new_id()}), 201)
    assert (last["state"], last["units_to_pick"]) == ("picked", 0)
    assert [kind for kind, _ in await events_of(db, order)][-1] == "fulfilment.picked"
    refused(await pick(client, found, "CUP"), 409, "wrong-state")
    await shop.all_sound()


async def signed_in(client: httpx.AsyncClient, name: str, location: str) -> dict[str, str]:
    """Add an associate of one place, and give the headers of her session."""
    secret = {"email": f"{name.lower()}@kanava.test", "password": "correct horse battery staple"}
    roles = [{"role": "associate", "location": location}]
    await ok(await client.post("/api/staff", json={**secret, "name": name, "roles": roles}), 201)
    session = await ok(await client.post("/api/sessions", json=secret), 201)
    return {"Authorization": f"Bearer {session['token']}"}


async def test_a_wave_takes_the_most_urgent_and_the_second_is_told_who_has_it(
    shop: Shop, client: httpx.AsyncClient, db: Database, make_api_key: Any
) -> None:
    for _ in range(3):
        await place(client, line("CUP", 1), line("MUG", 2))
    await followed(db)
    other = {"Authorization": f"Bearer {await make_api_key('fulfilment:read', 'fulfilment:write', name='Ana')}"}
    body = {"wave_id": new_id(), "fulfilments_max": 2}
    wave = await ok(await client.post("/api/locations/WH/waves", json=body, headers=other), 201)
    assert [(each["sku"], each["quantity_to_pick"]) for each in wave["pick_list"]] == [("CUP", 2), ("MUG", 4)]
    again = await ok(await client.post("/api/locations/WH/waves", json=body, headers=other), 201)
    assert again == wave
    refused(await client.post("/api/locations/WH/waves", json=body), 409, "already-exists")
    second = {"wave_id": new_id(), "fulfilments_max": 10}
    rest = await ok(await client.post("/api/locations/WH/waves", json=second), 201)
    assert len(rest["fulfilments"]) == 1
    taken = wave["fulfilments"][0]
    told = refused(await pick(client, taken, "CUP"), 409, "taken-by-somebody")
    assert told["assigned_name"] == "Ana"
    path = f"/api/fulfilments/{taken['fulfilment_id']}"
    refused(await client.post(f"{path}/take", json={}), 409, "taken-by-somebody")
    mine = await ok(await client.post(f"{path}/take", json={"take_over": True}))
    assert mine["assigned_name"] == "test"
    assert (await pick(client, taken, "CUP")).status_code == 201
    ended = await ok(await client.post(f"/api/waves/{wave['wave_id']}/release", headers=other))
    assert (ended["state"], ended["fulfilments"]) == ("done", [])
    states = sorted(each["fulfilment"]["state"] for each in await board_of(client, db, "WH"))
    assert states == ["open", "picking", "picking"]
    released = await ok(await client.post(f"{path}/release"))
    assert (released["assigned_name"], released["state"]) == (None, "picking")
    await shop.all_sound()


async def test_a_board_is_filtered_paged_and_only_for_its_own_people(
    shop: Shop, client: httpx.AsyncClient, db: Database
) -> None:
    for _ in range(3):
        await place(client, line("CUP", 1, pickup("LJ")))
    await place(client, line("CUP", 1, {"kind": "curbside", "location": "LJ"}))
    await followed(db)
    page = await ok(await client.get("/api/locations/LJ/board", params={"limit": 3}))
    rest = await ok(await client.get("/api/locations/LJ/board", params={"limit": 3, "cursor": page["next_cursor"]}))
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)
    assert len(await board_of(client, db, "LJ", kind="curbside")) == 1
    assert await board_of(client, db, "LJ", state="picked") == []
    assert await board_of(client, db, "LJ", stuck=True) == []
    refused(await client.get("/api/locations/NOWHERE/board"), 404, "location-not-found")
    theirs = await signed_in(client, "Maja", "MB")
    refused(await client.get("/api/locations/LJ/board", headers=theirs), 403, "out-of-reach")
    number = page["items"][0]["fulfilment"]["fulfilment_id"]
    refused(await client.get(f"/api/fulfilments/{number}", headers=theirs), 403, "out-of-reach")
    body = {"pick_id": new_id(), "code": "CUP"}
    refused(await client.post(f"/api/fulfilments/{number}/picks", json=body, headers=theirs), 403, "out-of-reach")
    refused(await client.get(f"/api/fulfilments/{new_id()}"), 404, "fulfilment-not-found")
