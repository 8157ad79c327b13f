"""The life of an order after it was placed, through HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from factories.orders import Shop, line, make_shop, new_id, payment, pickup, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


def url(order: dict, tail: str = "") -> str:
    return f"/api/orders/{order['order_id']}{tail}"


async def ok(answer: Awaitable[httpx.Response], status: int = 200) -> dict:
    response = await answer
    assert response.status_code == status, response.text
    return response.json()


async def refused(answer: Awaitable[httpx.Response], status: int, problem: str) -> dict:
    response = await answer
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:kanava:problem:{problem}", response.text
    return response.json()


async def test_what_was_answered_is_what_is_read(client: httpx.AsyncClient, shop: Shop) -> None:
    placed = await place(
        client,
        line("CUP", 2),
        line("MUG", 1, pickup("MB")),
        payments=[payment(5000, 1000)],
        customer={"email": "ana@example.com"},
        external_reference="X-1",
    )
    response = await client.get(url(placed))
    assert response.json() == placed
    assert response.headers["etag"] == '"1"'
    assert (placed["payment_status"], placed["fulfilment_status"]) == ("partly_paid", "unfulfilled")
    await refused(client.get(f"/api/orders/{new_id()}"), 404, "order-not-found")


async def test_orders_are_found_by_what_people_know_of_them(client: httpx.AsyncClient, shop: Shop) -> None:
    first = await place(client, line("CUP"), customer={"email": "Ana@example.com"}, external_reference="R-1")
    second = await place(client, line("MUG", 1, pickup("MB")), channel="market")
    third = await place(client, line("CUP"))

    async def found(**asked: object) -> list[str]:
        page = await ok(client.get("/api/orders", params=asked))
        return [order["order_id"] for order in page["items"]]

    assert await found() == [o["order_id"] for o in (third, second, first)]
    assert await found(email="ana@EXAMPLE.com") == [first["order_id"]]
    assert await found(external_reference="R-1") == [first["order_id"]]
    assert await found(number=second["number"]) == [second["order_id"]]
    assert await found(channel="market") == [second["order_id"]]
    assert await found(location="MB") == [second["order_id"]]
    assert await found(status="cancelled") == []
    assert await found(placed_from=second["placed_at"]) == [third["order_id"], second["order_id"]]
    assert await found(placed_until=second["placed_at"]) == [first["order_id"]]
    page = await ok(client.get("/api/orders", params={"limit": 2}))
    rest = await ok(client.get("/api/orders", params={"limit": 2, "cursor": page["next_cursor"]}))
    assert [o["order_id"] for o in rest["items"]] == [first["order_id"]]
    assert rest["next_cursor"] is None
    await refused(client.get("/api/orders", params={"cursor": "?"}), 422, "invalid-input")


async def test_a_cancelled_order_gives_its_units_back_and_voids_what_is_not_needed(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    order = await place(client, line("CUP", 3), payments=[payment(2660), payment(1000, 1000)])
    assert await shop.level("CUP", "WH") == (10, 3)
    after = await ok(client.post(url(order, "/cancel"), json={"reason": "changed my mind"}))
    assert (after["status"], after["fulfilment_status"]) == ("cancelled", "cancelled")
    assert after["total"]["amount_minor"] == 0
    assert after["refund_due"]["amount_minor"] == 1000
    assert [p["voided"]["amount_minor"] for p in after["payments"]] == [2660, 0]
    assert await shop.level("CUP", "WH") == (10, 0)
    await refused(client.post(url(order, "/cancel"), json={}), 409, "order-not-open")
    events = (await ok(client.get(url(order, "/timeline"))))["items"]
    assert [e["type"] for e in events if e["source"] == "event"] == [
        "order.placed",
        "order.cancelled",
        "payment.voided",
    ]
    assert [e["type"] for e in events if e["source"] == "audit"] == ["cancel"]
    await shop.all_sound()


async def test_a_partial_cancellation_keeps_the_rest_reserved_where_it_is(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    order = await place(client, line("CUP", 5), line("MUG", 1))
    kept = order["lines"][0]["allocations"][0]["reservation_id"]
    body = {"lines": [{"line_no": 1, "quantity": 2}], "cancellation_id": new_id()}
    after = await ok(client.post(url(order, "/cancel"), json=body))
    assert after["lines"][0]["quantity_cancelled"] == 2
    assert after["lines"][0]["allocations"] == [
        {"location": "WH", "quantity": 3, "state": "committed", "reservation_id": kept}
    ]
    assert after["total"]["amount_minor"] == 3 * 1220 + 2440
    assert await ok(client.post(url(order, "/cancel"), json=body)) == after, "sent again it is the same cancellation"
    await refused(client.post(url(order, "/cancel"), json={**body, "reason": "x"}), 409, "change-exists")
    await refused(
        client.post(url(order, "/cancel"), json={"lines": [{"line_no": 1, "quantity": 4}]}), 409, "too-many-units"
    )
    await refused(client.post(url(order, "/cancel"), json={"lines": [{"line_no": 9}]}), 422, "line-unknown")
    assert await shop.level("CUP", "WH") == (10, 3)
    await shop.all_sound()


async def test_if_match_is_honoured(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 5))
    body = {"lines": [{"line_no": 1, "quantity": 1}]}
    await ok(client.post(url(order, "/cancel"), json=body, headers={"If-Match": '"1"'}))
    await refused(
        client.post(url(order, "/cancel"), json=body, headers={"If-Match": '"1"'}), 412, "precondition-failed"
    )


async def test_an_idempotency_key_answers_once(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 5))
    headers = {"Idempotency-Key": "k1"}
    body = {"lines": [{"line_no": 1, "quantity": 1}]}
    first = await ok(client.post(url(order, "/cancel"), json=body, headers=headers))
    assert await ok(client.post(url(order, "/cancel"), json=body, headers=headers)) == first
    assert await shop.level("CUP", "WH") == (10, 4)
    await refused(client.post(url(order, "/cancel"), json={}, headers=headers), 409, "idempotency-key-reused")


async def test_goods_leave_in_parts_until_the_order_is_completed(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 3), line("MUG", 1, pickup("MB")))
    body = {"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 2}]}
    after = await ok(client.post(url(order, "/fulfilments"), json=body), 201)
    assert (after["status"], after["fulfilment_status"]) == ("placed", "partly_fulfilled")
    assert await ok(client.post(url(order, "/fulfilments"), json=body), 201) == after
    assert await shop.level("CUP", "WH") == (8, 1)
    await refused(
        client.post(
            url(order, "/fulfilments"), json={"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 2}]}
        ),
        409,
        "too-many-units",
    )
    rest = [{"line_no": 1, "quantity": 1, "location": "WH"}, {"line_no": 2, "quantity": 1}]
    after = await ok(client.post(url(order, "/fulfilments"), json={"fulfilment_id": new_id(), "lines": rest}), 201)
    assert (after["status"], after["fulfilment_status"]) == ("completed", "fulfilled")
    assert await shop.level("MUG", "MB") == (9, 0)
    await refused(
        client.post(url(order, "/fulfilments"), json={"fulfilment_id": new_id(), "lines": rest}), 409, "order-not-open"
    )
    types = [e["type"] for e in (await ok(client.get(url(order, "/timeline"))))["items"] if e["source"] == "event"]
    assert types == ["order.placed", "order.fulfilled", "order.fulfilled", "order.completed"]
    await shop.all_sound()


async def test_a_split_line_says_where_a_part_leaves(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP", 14))
    assert {a["location"]: a["quantity"] for a in order["lines"][0]["allocations"]} == {"WH": 10, "LJ": 4}
    asked = {"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 3}]}
    problem = await refused(client.post(url(order, "/fulfilments"), json=asked), 422, "location-needed")
    assert problem["locations"] == ["LJ", "WH"]
    asked["lines"][0]["location"] = "LJ"
    await ok(client.post(url(order, "/fulfilments"), json=asked), 201)
    assert await shop.level("CUP", "LJ") == (7, 1)
    after = await ok(client.post(url(order, "/cancel"), json={"lines": [{"line_no": 1, "quantity": 2}]}))
    left = {a["location"]: a["quantity"] for a in after["lines"][0]["allocations"] if a["state"] == "committed"}
    assert left == {"WH": 9}, "the smallest reservation is given up first"
    await shop.all_sound()


async def test_an_order_on_hold_stays_in_the_house(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("CUP"))
    held = await ok(client.post(url(order, "/hold"), json={"reason": "odd address"}))
    assert (held["status"], held["hold_reason"]) == ("on_hold", "odd address")
    everything = {"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}]}
    await refused(client.post(url(order, "/fulfilments"), json=everything), 409, "order-on-hold")
    free = await ok(client.post(url(order, "/release-hold")))
    assert (free["status"], free["hold_reason"]) == ("placed", None)
    await ok(client.post(url(order, "/fulfilments"), json=everything), 201)
    await refused(client.post(url(order, "/hold"), json={"reason": "late"}), 409, "order-not-open")


async def test_staff_fulfil_only_where_they_work(
    client: httpx.AsyncClient, shop: Shop, db: Database, make_api_key: Callable[..., Awaitable[str]]
) -> None:
    from uuid import UUID

    from kanava.orders import service
    from kanava.orders.requests import FulfilledLine, FulfilOrder
    from kanava.orders.service import Target
    from kanava.platform import clock
    from kanava.platform.auth import Actor
    from kanava.platform.errors import Forbidden
    from kanava.platform.ids import uuid7
    from kanava.sourcing.service import load_config

    order = await place(client, line("CUP", 1, pickup("MB")))
    for place_code, allowed in (("LJ", False), ("MB", True)):
        actor = Actor("staff", 1, "Eva", frozenset({"orders:write"}), frozenset({shop.locations[place_code]}))
        async with db.transaction() as tx:
            target = Target(UUID(order["order_id"]), await load_config(tx))
            request = FulfilOrder(uuid7(), [FulfilledLine(1, 1)])
            if allowed:
                assert (await service.fulfil(tx, actor, target, request, clock.now())).status == "completed"
            else:
                with pytest.raises(Forbidden):
                    await service.fulfil(tx, actor, target, request, clock.now())
    key = await make_api_key("orders:read")
    await refused(
        client.post(url(order, "/cancel"), json={}, headers={"Authorization": f"Bearer {key}"}), 403, "forbidden"
    )


async def test_money_is_taken_given_up_and_given_back_within_its_bounds(client: httpx.AsyncClient, shop: Shop) -> None:
    order = await place(client, line("COAT"))
    card, cash = payment(9000), payment(999, 999, method="cash")
    await ok(client.post(url(order, "/payments"), json=card), 201)
    paid = await ok(client.post(url(order, "/payments"), json=cash), 201)
    assert paid["payment_status"] == "partly_paid"
    assert await ok(client.post(url(order, "/payments"), json=card), 201) == paid
    await refused(client.post(url(order, "/payments"), json={**card, "authorised_minor": 1}), 409, "payment-exists")
    await refused(client.post(url(order, "/payments"), json=payment(1, currency="PLN")), 422, "currency-mismatch")
    await refused(client.post(url(order, "/payments"), json=payment(1, 2)), 409, "capture-exceeds-authorised")
    one = url(order, f"/payments/{card['payment_id']}")
    captured = await ok(client.post(one + "/capture", json={"amount_minor": 8000, "capture_id": new_id()}))
    assert captured["payments"][0]["captured"]["amount_minor"] == 8000
    problem = await refused(
        client.post(one + "/capture", json={"amount_minor": 1001}), 409, "capture-exceeds-authorised"
    )
    assert problem["rest_minor"] == 1000
    await refused(client.post(one + "/void", json={"amount_minor": 1001}), 409, "capture-exceeds-authorised")
    assert (await ok(client.post(one + "/capture", json={})))["payment_status"] == "paid"
    refund = {"refund_id": new_id(), "amount_minor": 4000}
    back = await ok(client.post(one + "/refunds", json=refund), 201)
    assert back["payment_status"] == "partly_refunded"
    assert await ok(client.post(one + "/refunds", json=refund), 201) == back
    await refused(
        client.post(one + "/refunds", json={"refund_id": new_id(), "amount_minor": 5001}),
        409,
        "refund-exceeds-captured",
    )
    await refused(client.post(url(order, f"/payments/{new_id()}/capture"), json={}), 404, "payment-not-found")
    await shop.all_sound()


async def test_two_captures_at_once_never_take_more_than_is_authorised(client: httpx.AsyncClient, shop: Shop) -> None:
    tender = payment(1000)
    order = await place(client, line("CUP"), payments=[tender])
    one = url(order, f"/payments/{tender['payment_id']}/capture")
    answers = await asyncio.gather(*[client.post(one, json={"amount_minor": 400}) for _ in range(6)])
    assert sorted(a.status_code for a in answers) == [200, 200, 409, 409, 409, 409]
    await shop.all_sound()


async def test_a_page_of_orders_takes_four_statements(client: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    from kanava.orders import service
    from kanava.orders.requests import OrderFilter

    for _ in range(3):
        await place(client, line("CUP"), line("MUG", 1, pickup("MB")), payments=[payment(5)])
    seen: list[str] = []
    async with db.connection() as connection:
        # The driver asks a new connection about the types of arrays, once.
        await service.list_orders(connection, OrderFilter(), None, 50)
        with connection.query_logger(lambda record: seen.append(record.query)):
            page = await service.list_orders(connection, OrderFilter(), None, 50)
    await asyncio.sleep(0)  # The driver tells its listeners in the loop's next turn.
    assert len(page.items) == 3
    assert len(seen) == 4, seen


async def test_units_that_a_count_did_not_find_cannot_leave(
    client: httpx.AsyncClient, shop: Shop, db: Database
) -> None:
    order = await place(client, line("CUP", 3, pickup("MB")))
    async with db.transaction() as tx:
        await tx.execute(
            """UPDATE stock_level SET on_hand = 1, shortfall = 2 WHERE variant_id = $1 AND location_id = $2""",
            shop.variants["CUP"],
            shop.locations["MB"],
        )
        await tx.execute(
            """INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, on_hand_delta, actor)
               VALUES ($1, gen_random_uuid(), $2, 'count', -9, 'test')""",
            shop.variants["CUP"],
            shop.locations["MB"],
        )
    body = {"fulfilment_id": new_id(), "lines": [{"line_no": 1, "quantity": 2}]}
    await refused(client.post(url(order, "/fulfilments"), json=body), 409, "units-missing")
    await ok(client.post(url(order, "/cancel"), json={"lines": [{"line_no": 1, "quantity": 1}]}))
    assert await shop.level("CUP", "MB") == (1, 2), "the rest stays reserved although fewer are on hand"
    body["lines"][0]["quantity"] = 1
    await ok(client.post(url(order, "/fulfilments"), json=body), 201)
    await shop.all_sound()


async def test_the_description_of_the_interface_has_every_path(client: httpx.AsyncClient, shop: Shop) -> None:
    paths = (await ok(client.get("/api/openapi.json")))["paths"]
    assert {"/api/orders/{order_id}/amendments", "/api/carts/{cart_id}/place"} <= set(paths)
