"""The pages of the store app over HTTP: who may see what, what a form does once, and what is said when it is refused."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from factories.boards import all_done, pick
from factories.fulfilments import associate_at, followed, ok, pass_of, picked, state_of
from factories.orders import Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
SCRIPT = "<script>alert(1)</script>"
HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


class Phone:
    """A browser of an associate: cookies as it keeps them, and forms as it sends them."""

    def __init__(self, client: httpx.AsyncClient, session: dict[str, str], place_code: str = "LJ") -> None:
        self.client = client
        token = session["Authorization"].removeprefix("Bearer ")
        self.headers = {"authorization": "", "cookie": f"kanava_staff={token}; kanava_place={place_code}"}

    async def sees(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(f"/store/{path}", headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.text

    async def sends(self, path: str, status: int = 303, **fields: Any) -> httpx.Response:
        headers = {**self.headers, **HERE}
        answer = await self.client.post(f"/store/{path}", data=fields, headers=headers)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
async def maja(client: httpx.AsyncClient, db: Database, shop: Shop) -> Phone:
    return Phone(client, await associate_at(db, shop.locations["LJ"]))


async def task_of(client: httpx.AsyncClient, db: Database, *lines: dict[str, Any], **more: Any) -> tuple[Any, str]:
    """Place an order and give it with the path of its task."""
    order = await place(client, *lines, **more)
    await followed(db)
    return order, f"tasks/{(await state_of(client, order))['fulfilment_id']}"


async def test_nobody_sees_work_without_signing_in(client: httpx.AsyncClient, shop: Shop) -> None:
    answer = await client.get("/store/work?kind=ship", headers={"authorization": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/store/work%3Fkind%3Dship")
    referer = {"authorization": "", "referer": "http://kanava.test/store/tasks/1", **HERE}
    answer = await client.post(f"/store/tasks/{new_id()}/take", headers=referer)
    assert answer.headers["location"] == "/sign-in?next=/store/tasks/1", "back to the page with the form"
    answer = await client.get("/store/work/list", headers={"authorization": "", "hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/sign-in")


async def test_a_person_with_one_place_is_there_at_once_and_nowhere_else(
    client: httpx.AsyncClient, db: Database, shop: Shop, maja: Phone
) -> None:
    without = {**maja.headers, "cookie": maja.headers["cookie"].split(";")[0]}
    answer = await client.get("/store/place", headers=without)
    assert answer.status_code == 303
    assert "kanava_place=LJ" in answer.headers["set-cookie"]
    answer = await client.get("/store/work", headers=without)
    assert answer.headers["location"].startswith("/store/place")
    elsewhere = Phone(client, {"Authorization": f"Bearer {maja.headers['cookie'][13:].split(';')[0]}"}, "MB")
    answer = await client.get("/store/work", headers=elsewhere.headers)
    assert answer.headers["location"].startswith("/store/place"), "a cookie opens no place that her roles do not reach"
    answer = await maja.sends("place", code="MB")
    assert "kanava_place" not in answer.headers.get("set-cookie", "")
    _, task = await task_of(client, db, line("CUP", 1, pickup("MB")))
    await maja.sees(task, 403)


async def test_another_site_cannot_send_a_form(client: httpx.AsyncClient, db: Database, maja: Phone) -> None:
    _, task = await task_of(client, db, line("CUP", 1, pickup("LJ")))
    crossed = {**maja.headers, "sec-fetch-site": "cross-site"}
    assert (await client.post(f"/store/{task}/take", headers=crossed)).status_code == 403


async def test_what_customers_typed_is_text_on_every_page(
    client: httpx.AsyncClient, db: Database, shop: Shop, maja: Phone
) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET name = $1", SCRIPT)
        await tx.execute("UPDATE variant SET option_values = ARRAY[$1]", SCRIPT)
    order, task = await task_of(client, db, line("CUP", 1, pickup("LJ")), customer={"name": SCRIPT})
    await maja.sends(f"{task}/pick", 303, pick_id=new_id(), code="CUP")
    await maja.sends(f"{task}/stage", 303, staging_id=new_id(), bay="<b>7")
    pages = [
        "work",
        "work?ready=true",
        task,
        f"{task}/hand-over",
        f"{task}/cannot",
        f"{task}/ask",
        "curbside",
        "more",
        "place",
    ]
    for page in pages:
        shown = await maja.sees(page)
        assert SCRIPT not in shown, page
        assert "<b>7" not in shown, page
    answer = await maja.sends(f"{task}/hand-over", 422, hand_over_id=new_id(), staged_1="1", code=SCRIPT, name=SCRIPT)
    assert SCRIPT not in answer.text
    assert "&lt;script&gt;" in answer.text, "what was typed is still there"
    assert order["number"]


async def test_picking_twice_with_one_id_picks_once_and_refusals_are_said(
    client: httpx.AsyncClient, db: Database, maja: Phone
) -> None:
    order, task = await task_of(client, db, line("CUP", 2, pickup("LJ")))
    once = new_id()
    for _ in range(2):
        await maja.sends(f"{task}/pick", 303, pick_id=once, code="CUP")
    assert (await state_of(client, order))["state"] == "picking"
    assert "Wanted: " in (await maja.sends(f"{task}/pick", 409, pick_id=new_id(), code="MUG")).text
    assert "Nothing has this barcode" in (await maja.sends(f"{task}/pick", 422, pick_id=new_id(), code="9999")).text
    text = (await maja.sends(f"{task}/pick", 409, pick_id=new_id(), code="CUP", quantity="5")).text
    assert "Only 1 more is to be picked." in text
    assert "Scan or type something first." in (await maja.sends(f"{task}/pick", 422, pick_id=new_id(), code=" ")).text
    answer = await maja.sends(f"{task}/pick", 303, pick_id=new_id(), code="CUP")
    assert answer.headers["location"].endswith("?said=picked")


async def test_two_associates_one_task_the_second_is_told_and_may_take_it_over(
    client: httpx.AsyncClient, db: Database, shop: Shop, maja: Phone
) -> None:
    _, task = await task_of(client, db, line("CUP", 1, pickup("LJ")))
    await maja.sends(f"{task}/take")
    eva = Phone(client, await associate_at(db, shop.locations["LJ"], "store_manager"))
    shown = await eva.sees(task)
    assert "Maja has this." in shown
    assert 'id="scan-form"' not in shown
    assert "Maja has this." in (await eva.sends(f"{task}/pick", 409, pick_id=new_id(), code="CUP")).text
    await eva.sends(f"{task}/take", take_over="true")
    assert 'id="scan-form"' in await eva.sees(task)
    assert "Maja has this." in await maja.sees(task)


async def test_wrong_codes_are_counted_in_words_and_an_identity_document_opens_the_lock(
    client: httpx.AsyncClient, db: Database, maja: Phone
) -> None:
    order = await place(client, line("CUP", 2, pickup("LJ")), line("MUG", 1, pickup("LJ")))
    work = await picked(client, db, order)
    task = f"tasks/{work['fulfilment_id']}"
    await maja.sends(f"{task}/stage", staging_id=new_id(), bay="A1")
    code = (await pass_of(client, order, work))["code"]
    wrong = "000000" if code != "000000" else "000001"
    units: dict[str, Any] = {"staged_1": "2", "staged_2": "1"}
    first = await maja.sends(f"{task}/hand-over", 403, hand_over_id=new_id(), code=wrong, **units)
    assert "It can be tried 9 more times." in first.text
    for _ in range(8):
        last = await maja.sends(f"{task}/hand-over", 403, hand_over_id=new_id(), code=wrong, **units)
    assert "It can be tried 1 more time." in last.text
    locked = await maja.sends(f"{task}/hand-over", 429, hand_over_id=new_id(), code=wrong, **units)
    assert "no code is taken for 15 minutes" in locked.text
    assert (await maja.sends(f"{task}/hand-over", 429, hand_over_id=new_id(), code=code, **units)).text
    seen = {"proof": "id_check", "document": "passport", "hand_over_id": new_id()}
    assert "enter the name" in (await maja.sends(f"{task}/hand-over", 422, **seen, **units)).text
    part = {**seen, "name": "Ana Novak", **units, "later_1": "1", "refused_2": "1", "reason": "too small"}
    for _ in range(2):
        assert (await maja.sends(f"{task}/hand-over", **part)).headers["location"].endswith("said=part")
    now = (await ok(await client.get(f"/api/fulfilments/{work['fulfilment_id']}")))["lines"]
    assert [(each["quantity_done"], each["quantity_ended"]) for each in now] == [(1, 0), (0, 1)]
    too_many = {**seen, "hand_over_id": new_id(), "name": "Ana", "staged_1": "1", "refused_1": "2"}
    assert "That is more than is here." in (await maja.sends(f"{task}/hand-over", 422, **too_many)).text


async def test_a_code_of_another_order_is_said_to_be_one(client: httpx.AsyncClient, db: Database, maja: Phone) -> None:
    order = await place(client, line("CUP", 1, pickup("LJ")))
    work = await picked(client, db, order)
    task = f"tasks/{work['fulfilment_id']}"
    await maja.sends(f"{task}/stage", staging_id=new_id(), bay="A1")
    other = new_id()
    answer = await maja.sends(
        f"{task}/hand-over", 422, hand_over_id=new_id(), staged_1="1", code=f"kanava:collect:{other}:123456"
    )
    assert f"/store/tasks/{other}/hand-over" in answer.text
    qr = (await pass_of(client, order, work))["qr_text"]
    await maja.sends(f"{task}/hand-over", hand_over_id=new_id(), staged_1="1", code=qr)
    assert (await state_of(client, order))["state"] == "collected"


async def test_rejected_units_go_to_another_place_and_the_page_says_so(
    client: httpx.AsyncClient, db: Database, shop: Shop, maja: Phone
) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET parcel_cost_domestic_minor = 1 WHERE code = 'LJ'")
    order, task = await task_of(client, db, line("CUP", 1))
    assert "Please say why." in (await maja.sends(f"{task}/cannot", 422, rejection_id=new_id(), units_1="1")).text
    fields = {"rejection_id": new_id(), "reason": "not_found", "units_1": "1", "note": SCRIPT}
    answer = await maja.sends(f"{task}/cannot", **fields)
    assert answer.headers["location"].endswith("said=moved")
    assert "Another place has these units now" in await maja.sees(f"{task}?said=moved")
    await all_done(db)
    places = [
        each["location"]
        for each in (await ok(await client.get(f"/api/orders/{order['order_id']}/fulfilments")))["items"]
    ]
    assert places == ["LJ", "WH"]
    assert (await maja.sends(f"{task}/cannot", **fields)).headers["location"].endswith("said=moved"), "once"


async def test_parcels_are_packed_labelled_and_shipped(
    client: httpx.AsyncClient, db: Database, shop: Shop, maja: Phone
) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET parcel_cost_domestic_minor = 1 WHERE code = 'LJ'")
    order, task = await task_of(client, db, line("CUP", 2))
    found = await state_of(client, order)
    await ok(await pick(client, found, "CUP", 2), 201)
    async with db.transaction() as tx:
        await tx.execute("UPDATE fulfilment SET assigned_to = NULL, assigned_name = NULL")
    parcel_id = new_id()
    assert "whole number" in (await maja.sends(f"{task}/parcels", 422, parcel_id=parcel_id, weight_grams="heavy")).text
    await maja.sends(f"{task}/parcels", parcel_id=parcel_id, weight_grams="850", units_1="2")
    for paper in ("label", "packing-slip"):
        answer = await client.get(f"/store/parcels/{parcel_id}/{paper}.pdf", headers=maja.headers)
        assert answer.content.startswith(b"%PDF"), answer.text
    bad = {"shipment_id": new_id(), f"tracking_{parcel_id}": "<b>", "carrier": "Bike"}
    assert "tracking number" in (await maja.sends(f"{task}/ship", 422, **bad)).text
    await maja.sends(f"{task}/ship", **bad | {f"tracking_{parcel_id}": "RR1 SI"})
    assert (await state_of(client, order))["state"] == "shipped"
    assert "RR1 SI" in await maja.sees(task)


async def test_a_wave_gives_one_list_and_is_put_back(client: httpx.AsyncClient, db: Database, maja: Phone) -> None:
    for _ in range(2):
        await task_of(client, db, line("CUP", 1, pickup("LJ")))
    wave_id = new_id()
    answer = await maja.sends("waves", wave_id=wave_id, size="5")
    shown = await maja.sees(answer.headers["location"].removeprefix("/store/"))
    assert "2×" in shown
    pdf = await client.get(f"/store/waves/{UUID(wave_id)}/pick-list.pdf", headers=maja.headers)
    assert pdf.content.startswith(b"%PDF")
    await maja.sends(f"waves/{wave_id}/release")
    assert "Maja" not in await maja.sees("work/list")


async def test_the_app_is_installable_and_keeps_only_built_files(client: httpx.AsyncClient, shop: Shop) -> None:
    nobody = {"authorization": ""}
    told = (await client.get("/store/manifest.webmanifest", headers=nobody)).json()
    assert (told["start_url"], told["display"]) == ("/store/work", "standalone")
    worker = await client.get("/store/sw.js", headers=nobody)
    assert worker.headers["content-type"].startswith("text/javascript")
    kept = worker.text.split("\n")[0]
    assert "/store/offline" in kept
    assert "/store/work" not in worker.text
    assert (await client.get("/store/offline", headers=nobody)).status_code == 200


async def test_who_may_only_read_is_given_no_buttons(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    reader = Phone(client, await associate_at(db, shop.locations["LJ"], "analyst"))
    _, task = await task_of(client, db, line("CUP", 1, pickup("LJ")))
    assert "<form" not in (await reader.sees(task)).split('id="content"')[1].split("</main>")[0]
    await reader.sends(f"{task}/take", 403)
