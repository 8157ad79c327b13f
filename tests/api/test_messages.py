"""People are told: real events, a real mail server."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from factories.incoming import add_supplier, arrive, change_date, ordered, sells_incoming
from factories.orders import Shop, line, make_shop, new_id, place
from kanava.engagement.gateway import FolderMailer, SmtpMailer
from kanava.engagement.model import KINDS, LANGUAGES
from kanava.engagement.sending import Sender
from kanava.engagement.telling import CONSUMER
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.platform.outbox import Event, publish
from mail_server import Mailbox, mail_server
from tests_support import settled

pytestmark = pytest.mark.anyio

FROM = "Jelovir <shop@jelovir.example>"
ANA = "ana@example.com"


@pytest.fixture
async def shop(db: Database) -> Shop:
    shop = await make_shop(db)
    await drain(db, [CONSUMER])  # The consumer takes what happens from now on.
    return shop


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def sender(db: Database, mailbox: Mailbox) -> Iterator[Sender]:
    with mail_server(mailbox) as address:
        yield Sender(db, SmtpMailer(FROM, address), "Jelovir")


async def tell(db: Database) -> None:
    await settled(db)
    await drain(db, [CONSUMER])


async def order(client: httpx.AsyncClient, **more: object) -> dict:
    return await place(client, line("CUP", 2), customer={"email": ANA, "name": "Ana"}, **more)


async def test_a_customer_is_told_of_her_order_once_and_in_her_language(
    client: httpx.AsyncClient, db: Database, shop: Shop, sender: Sender, mailbox: Mailbox
) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE product SET option_axes = '{colour,size}'")
        await tx.execute("UPDATE variant SET option_values = '{Navy,M}' WHERE sku = 'CUP'")
        await tx.execute("INSERT INTO option_name VALUES ('colour', 'Navy', '{\"sl\": \"mornarsko modra\"}')")
    placed = await order(client)
    await tell(db)
    await tell(db)
    while await sender.send_due(clock.now()):
        pass
    (mail,) = mailbox.to(ANA)
    assert mail["Subject"] == f"Hvala za vaše naročilo {placed['number']}"
    assert mail["From"] == FROM
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (text, html):
        assert "24,40" in body
        assert "CUP, mornarsko modra, M" in " ".join(body.split())
    assert "<" not in text


async def test_who_ordered_what_was_on_its_way_hears_that_it_is_late_and_that_it_is_there(
    client: httpx.AsyncClient, db: Database, sender: Sender, mailbox: Mailbox
) -> None:
    shop = await make_shop(db, stock=0)
    await add_supplier(db, shop)
    await sells_incoming(db, "web")
    await drain(db, [CONSUMER])
    coming = await ordered(client, ("CUP", 2), days=5)
    number = (await order(client))["number"]
    await change_date(client, coming, 9)
    await arrive(client, coming, "CUP", 2)
    await tell(db)
    while await sender.send_due(clock.now()):
        pass
    assert mailbox.subjects(ANA) == [
        f"Hvala za vaše naročilo {number}",
        f"Vaše naročilo {number} bo prispelo kasneje",
        f"Prispelo je, na kar je čakalo vaše naročilo {number}",
    ]


async def test_what_happens_before_the_worker_first_runs_is_told_too(client: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db)
    placed = await order(client)
    await tell(db)
    (message,) = (await client.get(f"/api/messages?order_id={placed['order_id']}")).json()["items"]
    assert message["kind"] == "order_confirmed"


async def test_whoever_left_no_address_is_not_told(
    client: httpx.AsyncClient, db: Database, shop: Shop, sender: Sender, mailbox: Mailbox
) -> None:
    await place(client, line("CUP"))
    await tell(db)
    assert await sender.send_due(clock.now()) == 0


async def test_cancelled_and_refunded_are_told(
    client: httpx.AsyncClient, db: Database, shop: Shop, sender: Sender, mailbox: Mailbox
) -> None:
    placed = await order(
        client, payments=[{"payment_id": new_id(), "method": "card", "authorised_minor": 2440, "captured_minor": 2440}]
    )
    payment_id = placed["payments"][0]["payment_id"]
    url = f"/api/orders/{placed['order_id']}"
    answer = await client.post(f"{url}/cancel", json={})
    assert answer.status_code < 300, answer.text
    answer = await client.post(
        f"{url}/payments/{payment_id}/refunds", json={"refund_id": new_id(), "amount_minor": 2440}
    )
    assert answer.status_code < 300, answer.text
    await tell(db)
    await sender.send_due(clock.now())
    number = placed["number"]
    assert mailbox.subjects(ANA) == [
        f"Hvala za vaše naročilo {number}",
        f"Vaše naročilo {number} je preklicano",
        f"Denar za naročilo {number} je na poti",
    ]


async def test_a_mail_server_that_is_down_delays_and_loses_nothing(
    client: httpx.AsyncClient, db: Database, shop: Shop, mailbox: Mailbox
) -> None:
    placed = await order(client)
    await tell(db)
    now = clock.now()
    with mail_server(mailbox) as address:
        pass
    assert await Sender(db, SmtpMailer(FROM, address), "Jelovir").send_due(now) == 1
    (message,) = (await client.get(f"/api/messages?order_id={placed['order_id']}")).json()["items"]
    assert message["state"] == "waiting"
    assert message["attempts"] == 1
    assert "Connect" in message["error"]
    with mail_server(mailbox) as address:
        sender = Sender(db, SmtpMailer(FROM, address), "Jelovir")
        assert await sender.send_due(now + timedelta(seconds=59)) == 0
        assert await sender.send_due(now + timedelta(seconds=61)) == 1
    assert len(mailbox.to(ANA)) == 1
    (message,) = (await client.get("/api/messages?state=sent")).json()["items"]
    assert message["subject"] == mailbox.subjects(ANA)[0]


async def test_an_address_that_is_refused_is_not_tried_again_until_somebody_asks(
    client: httpx.AsyncClient, db: Database, shop: Shop, sender: Sender, mailbox: Mailbox
) -> None:
    mailbox.refused.add(ANA)
    await order(client)
    await place(client, line("CUP"), customer={"email": "bor@example.com"})
    await tell(db)
    await sender.send_due(clock.now())
    assert len(mailbox.to("bor@example.com")) == 1
    (failed,) = (await client.get("/api/messages?state=failed")).json()["items"]
    assert failed["error"].startswith("550")
    mailbox.refused.clear()
    url = f"/api/messages/{failed['message_id']}/send-again"
    assert (await client.post(url)).status_code == 200
    assert (await client.post(url)).status_code == 409
    await sender.send_due(clock.now())
    assert len(mailbox.to(ANA)) == 1
    assert mailbox.to(ANA)[0]["Message-ID"] == f"<{failed['message_id']}@jelovir.example>"


async def test_two_senders_send_nothing_twice(
    client: httpx.AsyncClient, db: Database, shop: Shop, sender: Sender, mailbox: Mailbox
) -> None:
    import asyncio

    await order(client)
    await tell(db)
    await asyncio.gather(*[sender.send_due(clock.now()) for _ in range(4)])
    assert len(mailbox.mails) == 1


async def test_staff_get_one_mail_at_once_and_then_one_a_minute(
    client: httpx.AsyncClient, db: Database, shop: Shop, sender: Sender, mailbox: Mailbox
) -> None:
    async with db.transaction() as tx:
        staff_id = await tx.fetchval(
            """INSERT INTO staff (email, name, password_hash, language) VALUES ('mia@example.com', 'Mia', '-', 'pl')
               RETURNING staff_id"""
        )
        await tx.execute("INSERT INTO staff_role VALUES ($1, 'associate', $2)", staff_id, shop.locations["LJ"])
    placed = await place(client, line("CUP"), line("MUG"))

    async def work(number: int) -> None:
        facts = {
            "order_id": placed["order_id"],
            "fulfilment_number": f"{placed['number']}-{number}",
            "location": "LJ",
            "kind": "ship",
            "work_by": "2026-11-24T15:00:00Z",
            "lines": [{"line_no": 1, "sku": "CUP", "quantity": 1}],
        }
        async with db.transaction() as tx:
            await publish(tx, [Event("fulfilment.opened", "order", placed["order_id"], facts)])
        await tell(db)

    now = clock.now()
    await work(1)
    await sender.send_due(now + timedelta(seconds=1))
    await work(2)
    await work(3)
    assert await sender.send_due(now + timedelta(seconds=30)) == 0
    assert await sender.send_due(now + timedelta(seconds=90)) == 1
    assert mailbox.subjects("mia@example.com") == ["1 nowe zadanie: LJ", "2 nowe zadania: LJ"]


async def test_without_a_server_messages_are_files(
    client: httpx.AsyncClient, db: Database, shop: Shop, tmp_path: Path
) -> None:
    await order(client)
    await tell(db)
    await Sender(db, FolderMailer(FROM, tmp_path / "mail"), "Jelovir").send_due(clock.now())
    (file,) = (tmp_path / "mail").glob("*.eml")
    assert b"ana@example.com" in file.read_bytes()


async def test_every_template_can_be_looked_at(client: httpx.AsyncClient) -> None:
    templates = (await client.get("/api/message-templates")).json()["items"]
    assert {each["kind"] for each in templates} == set(KINDS)
    for kind in KINDS:
        for language in LANGUAGES:
            answer = await client.get(f"/api/message-templates/{kind}/preview?language={language}")
            assert answer.status_code == 200
            assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await client.get("/api/message-templates/shipped/preview?form=text")).text.startswith("Your order 100123")
    assert (await client.get("/api/message-templates/nothing/preview")).status_code == 404
    assert (await client.get("/api/message-templates/shipped/preview?language=xx")).status_code == 422
