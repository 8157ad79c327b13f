"""Picked units are packed, shipped and followed, over HTTP."""

import asyncio
import io
from typing import Any

import httpx
import msgspec
import pypdf
import pypdfium2
import pytest

from factories.fulfilments import associate_at, events_of, followed, fulfilments_of, ok, picked, refused, state_of
from factories.orders import Shop, line, make_shop, new_id, payment, pickup, place
from kanava.carriers import service as carriers
from kanava.carriers.model import CarrierInput, CarrierServiceInput
from kanava.fulfilment.service import carrier_events
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


def at(fulfilment: dict[str, Any], tail: str) -> str:
    return f"/api/fulfilments/{fulfilment['fulfilment_id']}/{tail}"


async def pack(client: httpx.AsyncClient, fulfilment: dict[str, Any], **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = await ok(
        await client.post(at(fulfilment, "parcels"), json={"parcel_id": new_id(), **body}), 201
    )
    return found


async def ship(client: httpx.AsyncClient, fulfilment: dict[str, Any], **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = await ok(
        await client.post(at(fulfilment, "shipments"), json={"shipment_id": new_id(), **body}), 201
    )
    return found


async def test_a_whole_order_is_packed_and_shipped(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET weight_grams = 300 WHERE sku = 'CUP'")
        await tx.execute("UPDATE variant SET weight_grams = 450 WHERE sku = 'MUG'")
    order = await place(client, line("CUP", 2), line("MUG"), payments=[payment(4880, 4880)])
    work = await picked(client, db, order)
    parcel = await pack(client, work)
    assert (parcel["state"], parcel["weight_grams"]) == ("packed", 1050)
    assert [(each["sku"], each["quantity"]) for each in parcel["lines"]] == [("CUP", 2), ("MUG", 1)]
    assert (await state_of(client, order))["state"] == "packed"
    assert await shop.level("CUP", "WH") == (10, 2), "what is packed is still here"

    body = {
        "shipment_id": new_id(),
        "carrier": "DPD",
        "parcels": [{"parcel_id": parcel["parcel_id"], "tracking_number": "0123 4567"}],
    }
    shipped = await ok(await client.post(at(work, "shipments"), json=body), 201)
    assert shipped["state"] == "shipped"
    assert await ok(await client.post(at(work, "shipments"), json=body), 201) == shipped, "sent again it is the same"
    refused(await client.post(at(work, "shipments"), json={**body, "carrier": "GLS"}), 409, "fulfilment-change-exists")
    assert await shop.level("CUP", "WH") == (8, 0)
    after = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert (after["status"], after["fulfilment_status"]) == ("completed", "fulfilled")
    seen = await state_of(client, order)
    assert [each["tracking_number"] for each in seen["parcels"]] == ["0123 4567"]
    told = dict(await events_of(db, order))
    assert told["parcel.shipped"]["tracking_number"] == "0123 4567"
    assert told["parcel.shipped"]["lines"] == [
        {"line_no": 1, "sku": "CUP", "quantity": 2},
        {"line_no": 2, "sku": "MUG", "quantity": 1},
    ]
    await followed(db)
    assert (await state_of(client, order))["state"] == "shipped", "what the order tells changes nothing any more"
    await shop.all_sound()


async def test_some_parcels_leave_now_and_others_later(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP", 3), line("MUG"))
    work = await picked(client, db, order, {"CUP": 2})
    first = await pack(client, work, weight_grams=700)
    assert first["weight_grams"] == 700
    assert (await state_of(client, order))["state"] == "picking", "there is more to pick"
    refused(await client.post(at(work, "parcels"), json={"parcel_id": new_id()}), 409, "nothing-to-do")
    await ship(client, work, carrier="DPD")
    part = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert part["fulfilment_status"] == "partly_fulfilled"
    refused(await client.post(at(work, "shipments"), json={"shipment_id": new_id()}), 409, "nothing-to-do")
    for sku in ("CUP", "MUG"):
        await ok(await client.post(at(work, "picks"), json={"pick_id": new_id(), "code": sku}), 201)
    await pack(client, work, lines=[{"line_no": 1}])
    second = await pack(client, work, lines=[{"line_no": 2, "quantity": 1}])
    assert second["weight_grams"] is None, "nobody knows what the mug weighs"
    assert (await ship(client, work, carrier="DPD"))["state"] == "shipped"
    assert len((await ok(await client.get(at(work, "parcels"))))["items"]) == 3
    assert (await ok(await client.get(f"/api/orders/{order['order_id']}")))["status"] == "completed"
    await shop.all_sound()


async def test_only_picked_units_of_parcels_are_packed(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP", 2))
    (work,) = await fulfilments_of(client, db, order)
    path = at(work, "parcels")
    problem = refused(await client.post(path, json={"parcel_id": new_id()}), 409, "wrong-state")
    assert problem["state"] == "open"
    work = await picked(client, db, order, {"CUP": 1})
    body: dict[str, Any] = {"parcel_id": new_id(), "lines": [{"line_no": 1, "quantity": 2}]}
    problem = refused(await client.post(path, json=body), 409, "too-many-packed")
    assert (problem["open"], problem["errors"][0]["field"]) == (1, "lines[0].quantity")
    body["lines"] = [{"line_no": 7}]
    refused(await client.post(path, json=body), 422, "fulfilment-line-unknown")
    body["lines"] = [{"line_no": 1}, {"line_no": 1}]
    refused(await client.post(path, json=body), 422, "fulfilment-line-unknown")
    body = {"parcel_id": new_id(), "carrier_service": "none"}
    problem = refused(await client.post(path, json=body), 422, "carrier-service-unknown")
    assert problem["errors"][0]["field"] == "carrier_service"
    refused(
        await client.post(f"/api/fulfilments/{new_id()}/parcels", json={"parcel_id": new_id()}),
        404,
        "fulfilment-not-found",
    )
    fetched = await picked(client, db, await place(client, line("CUP", 1, pickup("LJ"))))
    refused(await client.post(at(fetched, "parcels"), json={"parcel_id": new_id()}), 409, "wrong-kind")
    await pack(client, work)
    named = {"shipment_id": new_id(), "parcels": [{"parcel_id": new_id()}]}
    refused(await client.post(at(work, "shipments"), json=named), 404, "parcel-not-found")
    named = {"shipment_id": new_id(), "parcels": []}
    nameless = {
        **named,
        "parcels": [{"parcel_id": (await state_of(client, order))["parcels"][0]["parcel_id"], "tracking_number": "1"}],
    }
    problem = refused(await client.post(at(work, "shipments"), json=nameless), 422, "invalid-input")
    assert problem["errors"][0]["field"] == "carrier", "a number alone says nothing"


async def test_a_parcel_is_unpacked_and_what_was_cancelled_stays_here(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await place(client, line("CUP", 3))
    work = await picked(client, db, order)
    parcel = await pack(client, work)
    body = {"lines": [{"line_no": 1, "quantity": 1}]}
    await ok(await client.post(f"/api/orders/{order['order_id']}/cancel", json=body))
    await followed(db)
    problem = refused(await client.post(at(work, "shipments"), json={"shipment_id": new_id()}), 409, "parcel-outdated")
    assert (problem["line_no"], problem["open"]) == (1, 2)
    gone = await ok(await client.post(f"/api/parcels/{parcel['parcel_id']}/unpack"))
    assert gone["state"] == "cancelled"
    assert await ok(await client.post(f"/api/parcels/{parcel['parcel_id']}/unpack")) == gone
    assert (await state_of(client, order))["state"] == "picked"
    again = await pack(client, work)
    assert again["lines"][0]["quantity"] == 2
    await ship(client, work)
    refused(await client.post(f"/api/parcels/{again['parcel_id']}/unpack"), 409, "wrong-parcel-state")
    assert await shop.level("CUP", "WH") == (8, 0)
    await shop.all_sound()


async def test_an_order_on_hold_does_not_leave(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP"))
    work = await picked(client, db, order)
    await pack(client, work)
    await ok(await client.post(f"/api/orders/{order['order_id']}/hold", json={"reason": "address unclear"}))
    await followed(db)
    refused(await client.post(at(work, "shipments"), json={"shipment_id": new_id()}), 409, "fulfilment-on-hold")
    await ok(await client.post(f"/api/orders/{order['order_id']}/release-hold"))
    await followed(db)
    assert (await ship(client, work))["state"] == "shipped"


async def test_staff_pack_at_their_own_place(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    work = await picked(client, db, await place(client, line("CUP")))
    elsewhere = await associate_at(db, shop.locations["LJ"])
    here = await associate_at(db, shop.locations["WH"])
    body = {"parcel_id": new_id()}
    refused(await client.post(at(work, "parcels"), json=body, headers=elsewhere), 403, "out-of-reach")
    await ok(await client.post(at(work, "parcels"), json=body, headers=here), 201)
    for path in ("", "/label.pdf", "/packing-slip.pdf"):
        refused(await client.get(f"/api/parcels/{body['parcel_id']}{path}", headers=elsewhere), 403, "out-of-reach")
    refused(await client.get("/api/locations/WH/pick-list.pdf", headers=elsewhere), 403, "out-of-reach")


async def test_a_service_of_ours_says_where_a_parcel_is_followed(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    carrier = {"name": "Pošta Slovenije", "tracking_url": "https://track.example/?n={tracking_number}"}
    zone = {
        "code": "home",
        "origins": ["SI"],
        "destinations": [{"country": "SI"}],
        "transit_days": 1,
        "rates": [{"weight_grams_up_to": 30_000, "cost_minor": 400, "prices": {"EUR": 490}}],
    }
    days = ("mo", "tu", "we", "th", "fr")
    terms = {"cut_offs": dict.fromkeys(days, "16:00"), "delivery_weekdays": list(days), "zones": [zone]}
    service = {"name": "Hitra pošta", "kind": "address", "weight_grams_max": 30_000, "terms": terms}
    async with db.transaction() as tx:
        now = clock.now()
        await carriers.put_carrier(tx, SYSTEM, "posta", msgspec.convert(carrier, CarrierInput), None, now)
        given = msgspec.convert(service, CarrierServiceInput)
        await carriers.put_service(tx, SYSTEM, "posta", "posta-home", given, None, now)
    order = await place(client, line("CUP"))
    work = await picked(client, db, order)
    parcel = await pack(client, work, carrier_service="posta-home", tracking_number="AB 1")
    assert parcel["tracking_url"] == "https://track.example/?n=AB%201"
    await ship(client, work)
    (sent,) = (await state_of(client, order))["parcels"]
    assert (sent["carrier"], sent["service"]) == ("Pošta Slovenije", "Hitra pošta")
    news = {
        "carrier": "POSTA",
        "carrier_event_id": "1",
        "tracking_number": "AB 1",
        "kind": "accepted",
        "occurred_at": "2026-01-01T10:00:00Z",
    }
    report = await ok(await client.post("/api/carrier-events", json={"events": [news]}))
    assert report["applied"] == 1, "a carrier is known by its code, too"


async def test_what_came_back_goes_into_stock_or_not(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP", 2))
    work = await picked(client, db, order)
    parcel = await pack(client, work, tracking_number="R1", carrier="DPD")
    await ship(client, work)
    path = f"/api/parcels/{parcel['parcel_id']}/returns"
    body = {
        "return_id": new_id(),
        "lines": [
            {"line_no": 1, "quantity": 1, "disposition": "restock"},
            {"line_no": 1, "quantity": 1, "disposition": "scrap"},
        ],
    }
    refused(await client.post(path, json=body), 409, "wrong-parcel-state")
    news = {
        "carrier": "dpd",
        "carrier_event_id": "1",
        "tracking_number": "R1",
        "kind": "returned",
        "occurred_at": "2026-01-01T10:00:00Z",
    }
    await ok(await client.post("/api/carrier-events", json={"events": [news]}))
    assert (await state_of(client, order))["state"] == "returned"
    too_many = {**body, "return_id": new_id(), "lines": [{"line_no": 1, "quantity": 3, "disposition": "restock"}]}
    refused(await client.post(path, json=too_many), 409, "too-many-packed")
    back = await ok(await client.post(path, json=body), 201)
    assert back["return_id"] == body["return_id"]
    assert await ok(await client.post(path, json=body), 201) == back
    refused(await client.post(path, json={**body, "return_id": new_id()}), 409, "wrong-parcel-state")
    assert await shop.level("CUP", "WH") == (9, 0), "one is sold again, one is not"
    await shop.all_sound()


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def pdf(client: httpx.AsyncClient, path: str) -> bytes:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def ink_touches_the_edge(document: bytes) -> bool:
    """Say whether anything is drawn within 3 mm of the edge, where printers do not print."""
    page = pypdfium2.PdfDocument(document)[0].render(scale=2).to_pil().convert("L")
    width, height = page.size
    edge = round(3 / 25.4 * 72 * 2)
    boxes = [
        (0, 0, width, edge),
        (0, height - edge, width, height),
        (0, 0, edge, height),
        (width - edge, 0, width, height),
    ]
    return any(page.crop(box).getextrema()[0] < 250 for box in boxes)


LONG_NAME = "Grzegorz Brzęczyszczykiewicz-Konstantynopolitańczykowianeczkówniewicz"


async def test_label_and_packing_slip_say_what_is_where(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    title = "Konstantynopolitańczykowianeczkównieprzemakalnakurtkaprzeciwdeszczowa ęóąśłżźćń őű đšž"
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE product SET texts = jsonb_build_object('pl', jsonb_build_object('title', $1::text))", title
        )
        await tx.execute("UPDATE channel SET language = 'pl' WHERE code = 'web'")
        await tx.execute("UPDATE variant SET option_values = '{Zielony,XL}', weight_grams = 640 WHERE sku = 'COAT'")
    address = {
        "country": "PL",
        "name": LONG_NAME,
        "street": "ul. Chrząszczyżewoszycka 14/7",
        "city": "Łękołody",
        "postal_code": "31-421",
    }
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO tax_rate VALUES ('PL', 'standard', '-infinity', 2300)")
    order = await place(client, line("COAT", 2), line("CUP"), ship_to=address)
    work = await picked(client, db, order)
    parcel = await pack(client, work, lines=[{"line_no": 1}], carrier="Poczta Polska", tracking_number="PX0123456789")

    label = await pdf(client, f"/api/parcels/{parcel['parcel_id']}/label.pdf")
    page = pypdf.PdfReader(io.BytesIO(label)).pages[0]
    assert [round(float(side) / 72 * 25.4) for side in (page.mediabox.width, page.mediabox.height)] == [105, 148]
    words = text_of(label)
    joined = words.replace("\n", "")
    assert LONG_NAME in joined, "a name too long for a line is broken, not cut off"
    for expected in ("Poczta Polska", "ul. Chrząszczyżewoszycka 14/7", "31-421 Łękołody", "Polska", "PX0123456789"):
        assert expected in words
    assert "1.28 kg" in words
    assert f"Zamówienie {work['fulfilment_number']}" in words
    assert not ink_touches_the_edge(label)

    slip = await pdf(client, f"/api/parcels/{parcel['parcel_id']}/packing-slip.pdf")
    words = text_of(slip)
    for expected in (
        "Lista zawartości",
        str(order["number"]),
        "COAT",
        "Zielony · XL",
        "Pozostałe sztuki z zamówienia (1)",
    ):
        assert expected in words, words
    assert title in words.replace("\n", "")
    assert not ink_touches_the_edge(slip)
    english = text_of(await pdf(client, f"/api/parcels/{parcel['parcel_id']}/packing-slip.pdf?language=en"))
    assert "Packing slip" in english
    refused(await client.get(f"/api/parcels/{new_id()}/label.pdf"), 404, "parcel-not-found")


async def test_a_pick_list_has_what_is_to_be_fetched(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    path = "/api/locations/WH/pick-list.pdf"
    assert "There is nothing to pick." in text_of(await pdf(client, path))
    first = await place(client, line("CUP", 2), line("MUG"))
    second = await place(client, line("CUP"))
    numbers = [(await fulfilments_of(client, db, order))[0]["fulfilment_number"] for order in (first, second)]
    words = text_of(await pdf(client, path))
    for expected in ("CUP", "MUG", f"{numbers[0]} ×2", numbers[1]):
        assert expected in words, words
    wave = await ok(await client.post("/api/locations/WH/waves", json={"wave_id": new_id(), "fulfilments_max": 1}), 201)
    words = text_of(await pdf(client, f"/api/waves/{wave['wave_id']}/pick-list.pdf?language=sl"))
    assert "Seznam za zbiranje" in words
    assert numbers[0] in words
    assert numbers[1] not in words
    refused(await client.get(f"/api/waves/{new_id()}/pick-list.pdf"), 404, "wave-not-found")
    refused(await client.get("/api/locations/XX/pick-list.pdf"), 404, "location-not-found")


async def test_what_is_delivered_is_known_when_the_rest_is_cancelled(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order = await place(client, line("CUP", 2))
    work = await picked(client, db, order, {"CUP": 1})
    await pack(client, work, carrier="DPD", tracking_number="P1")
    await ship(client, work)
    news = {
        "carrier": "DPD",
        "carrier_event_id": "1",
        "tracking_number": "P1",
        "kind": "delivered",
        "occurred_at": "2026-01-01T10:00:00Z",
    }
    await ok(await client.post("/api/carrier-events", json={"events": [news]}))
    assert (await state_of(client, order))["state"] == "picking"
    await ok(await client.post(f"/api/orders/{order['order_id']}/cancel", json={}))
    await followed(db)
    async with db.transaction() as tx:
        await carrier_events.match_again(tx, clock.now())
    seen = await state_of(client, order)
    assert (seen["state"], seen["settled_at"]) == ("delivered", "2026-01-01T10:00:00Z")
    await shop.all_sound()


async def test_the_same_units_are_packed_and_shipped_once(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order = await place(client, line("CUP", 2))
    work = await picked(client, db, order)
    answers = await asyncio.gather(*[client.post(at(work, "parcels"), json={"parcel_id": new_id()}) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    answers = await asyncio.gather(
        *[client.post(at(work, "shipments"), json={"shipment_id": new_id()}) for _ in range(6)]
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert await shop.level("CUP", "WH") == (8, 0)
    assert [kind for kind, _ in await events_of(db, order, "parcel.")] == ["parcel.shipped"]
    await shop.all_sound()
