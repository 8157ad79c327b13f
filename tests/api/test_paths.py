"""Each way an order may go, from placing to the customer's hand, over HTTP: a real worker, mail server and receiver."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from factories.fulfilments import associate_at, ok, pass_of, set_row
from factories.orders import Shop, line, make_shop, new_id, pickup, place
from factories.receiver import Receiver, receiving
from kanava.consumers import CONSUMERS
from kanava.fulfilment.service import uncollected
from kanava.fulfilment.service.policy import policy_of
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import Settings
from kanava.worker import run_worker
from mail_server import Mailbox, mail_server

pytestmark = pytest.mark.anyio

ANA = "ana@example.com"
SECONDS_MAX = 30


@pytest.fixture(scope="module")
def mail() -> Iterator[tuple[Mailbox, str]]:
    """A mail server for all these tests, so that they have the same settings and one application."""
    mailbox = Mailbox()
    with mail_server(mailbox) as address:
        yield mailbox, address


@pytest.fixture
def mailbox(mail: tuple[Mailbox, str]) -> Mailbox:
    mail[0].mails.clear()
    return mail[0]


@pytest.fixture
def settings(settings: Settings, mail: tuple[Mailbox, str]) -> Settings:
    return msgspec.structs.replace(
        settings, mail_server=mail[1], retailer_name="Jelovir", webhook_private_addresses=True
    )


@dataclass
class World:
    """A shop with its worker running, somebody who gets its mail, and a system that gets its webhooks."""

    client: httpx.AsyncClient
    db: Database
    shop: Shop
    settings: Settings
    mailbox: Mailbox
    receiver: Receiver
    secret: str

    async def order(self, *lines: dict[str, Any], paid: int = 0, **more: Any) -> dict[str, Any]:
        payments = [
            {"payment_id": new_id(), "method": "card", "authorised_minor": paid, "captured_minor": paid}
        ] * bool(paid)
        return await place(self.client, *lines, customer={"email": ANA, "name": "Ana Novak"}, payments=payments, **more)

    async def fulfilments(self, order: dict[str, Any], count: int) -> list[dict[str, Any]]:
        """Wait until the worker has opened so many that are still to be done."""

        async def those() -> list[dict[str, Any]] | None:
            path = f"/api/orders/{order['order_id']}/fulfilments"
            items = (await ok(await self.client.get(path)))["items"]
            living = [item for item in items if item["state"] != "cancelled"]
            return living if len(living) == count else None

        return await until(those)

    async def pick(self, fulfilment: dict[str, Any]) -> None:
        for item in fulfilment["lines"]:
            body = {"pick_id": new_id(), "code": item["sku"], "quantity": item["quantity"] - item["quantity_ended"]}
            await ok(await self.post(fulfilment, "picks", body), 201)

    async def post(self, fulfilment: dict[str, Any], what: str, body: dict[str, Any]) -> httpx.Response:
        return await self.client.post(f"/api/fulfilments/{fulfilment['fulfilment_id']}/{what}", json=body)

    async def ship(self, fulfilment: dict[str, Any], number: str) -> None:
        await self.pick(fulfilment)
        await ok(await self.post(fulfilment, "parcels", {"parcel_id": new_id(), "weight_grams": 900}), 201)
        body = {"shipment_id": new_id(), "carrier": "Brza", "parcels": []}
        parcels = (await ok(await self.client.get(f"/api/fulfilments/{fulfilment['fulfilment_id']}/parcels")))["items"]
        body["parcels"] = [{"parcel_id": parcel["parcel_id"], "tracking_number": number} for parcel in parcels]
        await ok(await self.post(fulfilment, "shipments", body), 201)

    async def carrier_says(self, number: str, kind: str) -> None:
        event = {
            "carrier": "Brza",
            "carrier_event_id": new_id(),
            "tracking_number": number,
            "kind": kind,
            "occurred_at": clock.now().isoformat(),
        }
        await ok(await self.client.post("/api/carrier-events", json={"events": [event]}))

    async def staged(self, order: dict[str, Any]) -> dict[str, Any]:
        (fulfilment,) = await self.fulfilments(order, 1)
        await self.pick(fulfilment)
        await ok(await self.post(fulfilment, "stage", {"staging_id": new_id(), "bay": "A3"}))
        return fulfilment

    async def told(self, *subjects: str) -> None:
        """Wait until the customer got a mail with each subject, in this order and no other."""

        async def enough() -> list[str] | None:
            found = self.mailbox.subjects(ANA)
            return found if len(found) >= len(subjects) else None

        with suppress(TimeoutError):
            await until(enough)
        assert self.mailbox.subjects(ANA) == list(subjects)

    async def sent(self, *types: str) -> None:
        """Wait until these events have reached the receiver, each once and verified by the reference library."""

        async def all_there() -> list[str] | None:
            found = [request.verified(self.secret)["type"] for request in self.receiver.received]
            return found if set(types) <= set(found) else None

        found = await until(all_there)
        ids = [request.headers["webhook-id"] for request in self.receiver.received]
        assert len(ids) == len(set(ids))
        assert [kind for kind in found if kind in types] == list(types)

    async def status(self, order: dict[str, Any]) -> dict[str, Any]:
        return await ok(await self.client.get(f"/api/orders/{order['order_id']}"))


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(SECONDS_MAX):
        while (found := await look()) is None:  # noqa: ASYNC110 -- it is another process's work that is waited for
            await asyncio.sleep(0.05)
    return found


@pytest.fixture
async def world(client: httpx.AsyncClient, db: Database, settings: Settings, mailbox: Mailbox) -> AsyncIterator[World]:
    shop = await make_shop(db, stock=5)
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(settings, stop))
    async with receiving() as receiver:
        made = await ok(await client.post("/api/webhook-endpoints", json={"url": receiver.url}), 201)
        async with db.connection() as connection:  # Messages and webhooks are of what happens from now on.
            while await connection.fetchval("SELECT count(*) FROM event_consumer") < len(CONSUMERS):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield World(client, db, shop, settings, mailbox, receiver, made["secret"])
        stop.set()
        await running
    await shop.all_sound()


async def test_shipped_whole(world: World) -> None:
    order = await world.order(line("CUP", 2), line("MUG"), paid=4880)
    (fulfilment,) = await world.fulfilments(order, 1)
    assert fulfilment["location"] == "WH"
    await world.ship(fulfilment, "SI1")
    await world.carrier_says("SI1", "delivered")
    number = order["number"]
    await world.told(
        f"Hvala za vaše naročilo {number}",
        f"Vaše naročilo {number} je na poti",
        f"Vaše naročilo {number} je prispelo",
    )
    after = await world.status(order)
    assert (after["status"], after["fulfilment_status"]) == ("completed", "fulfilled")
    await world.sent("order.placed", "fulfilment.opened", "parcel.shipped", "parcel.delivered")


async def test_shipped_in_two_parcels_from_two_places(world: World) -> None:
    order = await world.order(line("CUP", 8))
    fulfilments = await world.fulfilments(order, 2)
    assert {each["location"] for each in fulfilments} == {"WH", "LJ"}
    assert sum(item["quantity"] for each in fulfilments for item in each["lines"]) == 8
    await world.ship(fulfilments[0], "SI1")
    assert (await world.status(order))["fulfilment_status"] == "partly_fulfilled"
    await world.ship(fulfilments[1], "SI2")
    assert (await world.status(order))["fulfilment_status"] == "fulfilled"


async def test_collected_in_the_store_against_the_code_of_the_mail(world: World) -> None:
    order = await world.order(line("CUP", 2, pickup("LJ")))
    fulfilment = await world.staged(order)
    number = order["number"]
    await world.told(f"Hvala za vaše naročilo {number}", f"Vaše naročilo {number} je pripravljeno")
    mail = world.mailbox.to(ANA)[-1]
    text = mail.get_body(("plain",)).get_content()
    (code,) = re.findall(r"^(\d{6})\s*$", text, re.MULTILINE)
    assert any(part.get_content_type() == "image/png" for part in mail.walk())
    wrong = {"hand_over_id": new_id(), "proof": {"kind": "code", "code": f"{(int(code) + 1) % 1_000_000:06}"}}
    refused = await world.post(fulfilment, "hand-overs", wrong)
    assert refused.status_code in (403, 409, 422), refused.text
    body = {"hand_over_id": new_id(), "proof": {"kind": "code", "code": code}}
    await ok(await world.post(fulfilment, "hand-overs", body), 201)
    assert (await world.status(order))["status"] == "completed"
    await world.sent("fulfilment.ready", "fulfilment.collected")


async def test_brought_to_the_car(world: World) -> None:
    order = await world.order(line("CUP", 1, {"kind": "curbside", "location": "LJ"}))
    fulfilment = await world.staged(order)
    shown = await pass_of(world.client, order, fulfilment)
    path = f"/api/orders/{order['order_id']}/fulfilments/{fulfilment['fulfilment_id']}"
    async with httpx.AsyncClient(transport=world.client._transport, base_url="http://kanava.test") as customer:
        assert (await customer.post(f"{path}/arrived", json={"token": "guessed"})).status_code in (401, 403, 404)
        await ok(await customer.post(f"{path}/on-my-way", json={"token": shown["token"], "eta_minutes": 10}))
        await ok(await customer.post(f"{path}/arrived", json={"token": shown["token"], "parking_bay": "3"}))
    (waiting,) = (await ok(await world.client.get("/api/locations/LJ/curbside")))["items"]
    assert waiting["parking_bay"] == "3"
    assert waiting["waiting_seconds"] >= 0
    body = {"hand_over_id": new_id(), "proof": {"kind": "code", "code": shown["code"]}}
    await ok(await world.post(fulfilment, "hand-overs", body), 201)
    assert (await ok(await world.client.get("/api/locations/LJ/curbside")))["items"] == []
    await world.sent("curbside.on_my_way", "curbside.arrived", "fulfilment.collected")


async def test_a_mixed_basket(world: World) -> None:
    order = await world.order(
        line("CUP", 1, {"kind": "carry_out", "location": "LJ"}),
        line("MUG", 1, pickup("MB")),
        line("COAT", 1),
        channel="till",
    )
    fulfilments = await world.fulfilments(order, 2)
    assert {(each["kind"], each["location"]) for each in fulfilments} == {("pickup", "MB"), ("ship", "WH")}
    for each in fulfilments:
        if each["kind"] == "ship":
            await world.ship(each, "SI1")
        else:
            await world.pick(each)
            await ok(await world.post(each, "stage", {"staging_id": new_id(), "bay": "1"}))
            code = (await pass_of(world.client, order, each))["code"]
            body = {"hand_over_id": new_id(), "proof": {"kind": "code", "code": code}}
            await ok(await world.post(each, "hand-overs", body), 201)
    assert (await world.status(order))["status"] == "completed"


async def test_rejected_and_done_by_another_place(world: World) -> None:
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE staff SET language = 'en'")
    await associate_at(world.db, world.shop.locations["LJ"])
    order = await world.order(line("CUP", 2))
    (fulfilment,) = await world.fulfilments(order, 1)
    assert fulfilment["location"] == "WH"
    await ok(await world.post(fulfilment, "rejections", {"rejection_id": new_id(), "reason": "not_found"}), 201)
    (there,) = await world.fulfilments(order, 1)
    assert there["location"] == "LJ"
    await world.sent("fulfilment.rejected", "fulfilment.moved")

    async def mailed() -> list[Any] | None:
        return [mail for mail in world.mailbox.mails if f"{order['number']}-2" in str(mail)] or None

    assert await until(mailed), "the people of the other store are told"
    # What was not found is not promised to the next one, until it is counted.
    again = await world.order(line("CUP", 2))
    (other,) = await world.fulfilments(again, 1)
    assert other["location"] == "LJ"
    await world.ship(there, "SI9")
    number, next_number = order["number"], again["number"]
    await world.told(
        f"Hvala za vaše naročilo {number}",
        f"Hvala za vaše naročilo {next_number}",
        f"Vaše naročilo {number} je na poti",
    )


async def test_nobody_can_so_the_customer_is_asked_and_gets_her_money_back(world: World) -> None:
    order = await world.order(line("COAT", 1, pickup("MB")), paid=9999)
    (fulfilment,) = await world.fulfilments(order, 1)
    await ok(await world.post(fulfilment, "rejections", {"rejection_id": new_id(), "reason": "not_found"}), 201)
    number = order["number"]
    await world.told(f"Hvala za vaše naročilo {number}", f"Potrebujemo vaš odgovor glede naročila {number}")
    doctor = await ok(await world.client.get("/api/doctor"))
    assert str(number) in msgspec.json.encode(doctor).decode()
    await ok(await world.post(fulfilment, "resolve", {"resolution_id": new_id(), "answer": "cancel"}))
    after = await world.status(order)
    assert after["status"] == "cancelled"
    assert after["refund_due"]["amount_minor"] == 9999
    path = f"/api/orders/{order['order_id']}/payments/{after['payments'][0]['payment_id']}/refunds"
    await ok(await world.client.post(path, json={"refund_id": new_id(), "amount_minor": 9999}), 201)
    await world.told(
        f"Hvala za vaše naročilo {number}",
        f"Potrebujemo vaš odgovor glede naročila {number}",
        f"Vaše naročilo {number} je preklicano",
        f"Denar za naročilo {number} je na poti",
    )


async def test_not_collected(world: World) -> None:
    order = await world.order(line("CUP", 2, pickup("LJ")), paid=2440)
    fulfilment = await world.staged(order)
    before = await world.shop.level("CUP", "LJ")
    now = clock.now()
    await set_row(world.db, fulfilment, collect_by=now + timedelta(hours=20))
    async with world.db.transaction() as tx:
        assert await uncollected.remind_uncollected(tx, policy_of(world.settings), now) == 1
    number = order["number"]
    subjects = [
        f"Hvala za vaše naročilo {number}",
        f"Vaše naročilo {number} je pripravljeno",
        f"Vaše naročilo {number} vas še čaka",
    ]
    await world.told(*subjects)
    await set_row(world.db, fulfilment, collect_by=now - timedelta(minutes=1))
    assert await uncollected.expire_uncollected(world.db, now) == 1
    await world.told(*subjects, f"Naročila {number} niste prevzeli")
    after = await world.status(order)
    assert after["status"] == "cancelled"
    assert after["refund_due"]["amount_minor"] == 2440
    assert await world.shop.level("CUP", "LJ") == (before[0], before[1] - 2)
