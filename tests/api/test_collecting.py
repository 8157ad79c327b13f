"""Goods wait at a bay and are given to whoever has the code, over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from factories.fulfilments import (
    associate_at,
    events_of,
    followed,
    fulfilments_of,
    ok,
    pass_of,
    picked,
    refused,
    set_row,
    state_of,
)
from factories.orders import Shop, line, make_shop, new_id, payment, pickup, place
from kanava.platform import clock
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


def at(fulfilment: dict[str, Any], tail: str) -> str:
    return f"/api/fulfilments/{fulfilment['fulfilment_id']}/{tail}"


async def stage(client: httpx.AsyncClient, work: dict[str, Any], bay: str = "A3", **more: Any) -> dict[str, Any]:
    body = {"staging_id": new_id(), "bay": bay, **more}
    found: dict[str, Any] = await ok(await client.post(at(work, "stage"), json=body))
    return found


async def ready(
    client: httpx.AsyncClient, db: Database, *lines: dict[str, Any], **more: Any
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Give an order that waits for its customer, its fulfilment, and what she was told."""
    order = await place(client, *lines, **more)
    work = await picked(client, db, order)
    await stage(client, work)
    return order, work, await pass_of(client, order, work)


def with_code(told: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"hand_over_id": new_id(), "proof": {"kind": "code", "code": told["code"]}, **more}


def wrong(told: dict[str, Any]) -> dict[str, Any]:
    return with_code({"code": f"{(int(told['code']) + 1) % 1_000_000:06d}"})


async def test_staged_goods_are_ready_and_collected_with_the_code(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await place(client, line("CUP", 2, pickup("LJ")), line("MUG", 1, pickup("LJ")))
    work = await picked(client, db, order)
    await set_row(db, work, promised_by=clock.now() + timedelta(hours=1))
    part = await stage(client, work, lines=[{"line_no": 1}])
    assert (part["state"], part["bay"], part["ready_at"]) == ("picked", "A3", None)
    whole = await stage(client, work, "A4")
    assert (whole["state"], whole["bay"]) == ("ready", "A4")
    assert whole["settled_at"] == whole["ready_at"]
    assert "code" not in str(await client.get(f"/api/orders/{order['order_id']}/fulfilments"))
    told = await pass_of(client, order, work)
    assert len(told["code"]) == 6
    assert told["qr_text"].endswith(f":{work['fulfilment_id']}:{told['code']}")
    (happened,) = [data for kind, data in await events_of(db, order) if kind == "fulfilment.ready"]
    assert (happened["bay"], happened["location"]) == ("A4", "LJ")
    assert told["code"] not in str(happened)

    body = with_code(told)
    done = await ok(await client.post(at(work, "hand-overs"), json=body), 201)
    assert done["state"] == "collected"
    assert await ok(await client.post(at(work, "hand-overs"), json=body), 201) == done, "sent again it is the same"
    refused(
        await client.post(at(work, "hand-overs"), json={**body, "lines": [{"line_no": 1}]}),
        409,
        "fulfilment-change-exists",
    )
    refused(await client.post(at(work, "hand-overs"), json=with_code(told)), 409, "wrong-state")
    assert await shop.level("CUP", "LJ") == (8, 0)
    assert (await ok(await client.get(f"/api/orders/{order['order_id']}")))["status"] == "completed"
    await followed(db)
    assert (await state_of(client, order))["state"] == "collected"
    await shop.all_sound()


async def test_the_code_comes_as_a_picture_to_who_tells_customers(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, work, _ = await ready(client, db, line("CUP", 1, pickup("LJ")))
    path = f"/api/orders/{order['order_id']}/fulfilments/{work['fulfilment_id']}"
    svg = await client.get(f"{path}/collection-qr.svg")
    assert (svg.status_code, svg.headers["content-type"]) == (200, "image/svg+xml")
    assert b"<svg" in svg.content
    png = await client.get(f"{path}/collection-qr.png")
    assert (png.headers["content-type"], png.content[:4]) == ("image/png", b"\x89PNG")
    associate = await associate_at(db, shop.locations["LJ"])
    for tail in ("collection-pass", "collection-qr.svg", "collection-qr.png"):
        refused(await client.get(f"{path}/{tail}", headers=associate), 403, "forbidden")
    refused(
        await client.get(f"/api/orders/{new_id()}/fulfilments/{work['fulfilment_id']}/collection-pass"),
        404,
        "fulfilment-not-found",
    )


async def test_part_is_handed_over_and_the_rest_waits(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work, told = await ready(client, db, line("CUP", 3, pickup("LJ")))
    body = with_code(told, lines=[{"line_no": 1, "quantity": 1}])
    assert (await ok(await client.post(at(work, "hand-overs"), json=body), 201))["state"] == "ready"
    too_many = with_code(told, lines=[{"line_no": 1, "quantity": 3}])
    problem = refused(await client.post(at(work, "hand-overs"), json=too_many), 409, "too-many-handed-over")
    assert problem["open"] == 2
    rest = await ok(await client.post(at(work, "hand-overs"), json=with_code(told)), 201)
    assert (rest["state"], rest["lines"][0]["quantity_done"]) == ("collected", 3)
    assert (await ok(await client.get(f"/api/orders/{order['order_id']}")))["status"] == "completed"
    await shop.all_sound()


async def test_what_she_refuses_goes_back_and_money_is_due(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work, told = await ready(
        client, db, line("CUP", 2, pickup("LJ")), line("COAT", 1, pickup("LJ")), payments=[payment(12439, 12439)]
    )
    body = with_code(told, refused=[{"line_no": 2, "reason": "too small"}])
    done = await ok(await client.post(at(work, "hand-overs"), json=body), 201)
    assert done["state"] == "collected"
    assert [(each["quantity_done"], each["quantity_ended"]) for each in done["lines"]] == [(2, 0), (0, 1)]
    assert await shop.level("COAT", "LJ") == (10, 0), "it is free again"
    after = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert (after["status"], after["refund_due"]["amount_minor"]) == ("completed", 9999)
    (told_of,) = [data for kind, data in await events_of(db, order) if kind == "fulfilment.collected"]
    assert told_of["refused"] == [{"line_no": 2, "sku": "COAT", "quantity": 1}]
    await followed(db)
    assert (await state_of(client, order))["state"] == "collected"
    await shop.all_sound()


async def test_all_refused_is_cancelled(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work, told = await ready(client, db, line("CUP", 2, pickup("LJ")), payments=[payment(2440, 2440)])
    body = with_code(told, refused=[{"line_no": 1}])
    assert (await ok(await client.post(at(work, "hand-overs"), json=body), 201))["state"] == "cancelled"
    after = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert (after["status"], after["refund_due"]["amount_minor"]) == ("cancelled", 2440)
    await followed(db)
    await shop.all_sound()


async def tries(db: Database, order: dict[str, Any]) -> list[str]:
    async with db.connection() as connection:
        rows = await connection.fetch(
            """SELECT detail ->> 'result' FROM audit_entry
               WHERE subject_id = $1 AND action = 'fulfilment.code_tried' ORDER BY audit_entry_id""",
            order["order_id"],
        )
    return [row[0] for row in rows]


async def test_ten_wrong_codes_lock_it_and_each_is_written_down(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, work, told = await ready(client, db, line("CUP", 1, pickup("LJ")))
    path = at(work, "hand-overs")
    for left in range(9, 0, -1):
        problem = refused(await client.post(path, json=wrong(told)), 403, "collection-code-wrong")
        assert problem["tries_left"] == left
        assert problem["detail"] == f"The code is wrong; {left} more {'try' if left == 1 else 'tries'}."
    answer = await client.post(path, json=wrong(told))
    assert refused(answer, 429, "collection-locked")["retry_after_seconds"] in range(890, 901)
    assert "in 15 minutes" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) in range(890, 901)
    refused(await client.post(path, json=with_code(told)), 429, "collection-locked")
    assert await tries(db, order) == ["wrong"] * 9 + ["locked"] * 2
    await set_row(db, work, code_locked_until=clock.now() - timedelta(seconds=1))
    for _ in range(9):
        refused(await client.post(path, json=wrong(told)), 403, "collection-code-wrong")
    again = refused(await client.post(path, json=wrong(told)), 429, "collection-locked")
    assert again["retry_after_seconds"] in range(1790, 1802), "longer each time"
    by_document = {
        "hand_over_id": new_id(),
        "proof": {"kind": "id_check", "document": "passport", "name": "Ana Novak"},
    }
    assert (await ok(await client.post(path, json=by_document), 201))["state"] == "collected"


async def test_wrong_codes_at_the_same_moment_all_count(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work, told = await ready(client, db, line("CUP", 1, pickup("LJ")))
    answers = await asyncio.gather(*[client.post(at(work, "hand-overs"), json=wrong(told)) for _ in range(14)])
    assert sorted(answer.status_code for answer in answers) == [403] * 9 + [429] * 5
    assert len(await tries(db, order)) == 14


async def test_an_id_check_is_written_down_without_its_number(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, work, _ = await ready(client, db, line("CUP", 1, pickup("LJ")))
    path = at(work, "hand-overs")
    proof = {"kind": "id_check", "document": "identity_card", "name": "Ana Novak"}
    numbered = {"hand_over_id": new_id(), "proof": {**proof, "number": "123"}}
    assert (await client.post(path, json=numbered)).status_code in (400, 422)
    associate = await associate_at(db, shop.locations["LJ"])
    await ok(await client.post(path, json={"hand_over_id": new_id(), "proof": proof}, headers=associate), 201)
    async with db.connection() as connection:
        row = await connection.fetchrow(
            "SELECT actor, detail FROM audit_entry WHERE subject_id = $1 AND action = 'fulfilment.hand_over'",
            order["order_id"],
        )
    assert row["actor"].startswith("staff:")
    assert (row["detail"]["proof"], row["detail"]["document"], row["detail"]["name"]) == (
        "id_check",
        "identity_card",
        "Ana Novak",
    )


async def test_what_is_not_there_yet_is_not_handed_over(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP", 2, pickup("LJ")))
    (work,) = await fulfilments_of(client, db, order)
    path = f"/api/orders/{order['order_id']}/fulfilments/{work['fulfilment_id']}/collection-pass"
    refused(await client.get(path), 409, "wrong-state")
    anything = with_code({"code": "123456"})
    refused(await client.post(at(work, "hand-overs"), json=anything), 409, "wrong-state")
    assert await tries(db, order) == []
    refused(await client.post(at(work, "stage"), json={"staging_id": new_id(), "bay": "A1"}), 409, "wrong-state")
    shipped = await picked(client, db, await place(client, line("CUP")))
    refused(await client.post(at(shipped, "stage"), json={"staging_id": new_id(), "bay": "A1"}), 409, "wrong-kind")
    for bad in ("12345", "12345a", "１２３４５６"):
        answer = await client.post(at(work, "hand-overs"), json=with_code({"code": bad}))
        assert answer.status_code in (400, 422), answer.text


async def test_goods_that_are_ready_move_to_another_bay(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work, told = await ready(client, db, line("CUP", 1, pickup("LJ")))
    moved = await stage(client, work, "C1")
    assert (moved["state"], moved["bay"]) == ("ready", "C1")
    assert await pass_of(client, order, work) == told, "the code stays"


async def test_staff_hand_over_at_their_own_place(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    _, work, told = await ready(client, db, line("CUP", 1, pickup("LJ")))
    elsewhere = await associate_at(db, shop.locations["MB"])
    refused(await client.post(at(work, "hand-overs"), json=with_code(told), headers=elsewhere), 403, "out-of-reach")
    refused(
        await client.post(at(work, "stage"), json={"staging_id": new_id(), "bay": "B"}, headers=elsewhere),
        403,
        "out-of-reach",
    )


async def test_the_last_day_ends_when_the_shop_closes(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET opening_hours = 'Mo-Su 09:00-20:00' WHERE code = 'LJ'")
    order, work, _ = await ready(client, db, line("CUP", 1, pickup("LJ")))
    seen = await state_of(client, order)
    assert seen["collect_by"][14:] == "00:00Z"
    async with db.connection() as connection:
        row = await connection.fetchrow(
            """SELECT (collect_by AT TIME ZONE 'Europe/Ljubljana')::time::text AS closes,
                      collect_by - ready_at BETWEEN interval '7 days' AND interval '8 days' AS in_a_week
               FROM fulfilment WHERE fulfilment_id = $1::uuid""",
            work["fulfilment_id"],
        )
    assert tuple(row) == ("20:00:00", True)


async def test_the_same_goods_are_handed_over_once(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work, told = await ready(client, db, line("CUP", 2, pickup("LJ")))
    answers = await asyncio.gather(*[client.post(at(work, "hand-overs"), json=with_code(told)) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert await shop.level("CUP", "LJ") == (8, 0)
    assert [kind for kind, _ in await events_of(db, order)].count("fulfilment.collected") == 1
    await shop.all_sound()
