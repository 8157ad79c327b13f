"""Paying by bank transfer: only where the channel has an account, and to which one as long as it is unpaid."""

import re
from collections.abc import Awaitable, Callable
from html import unescape
from typing import Any

import httpx
import pytest
from test_policies import sign_in
from test_web_buying import ORIGIN, SURE, WHO, Shopper
from test_web_counter import WHERE, Till
from test_web_kiosk import BASE as KIOSK
from test_web_kiosk import add_kiosk_channel, enrol, put_in
from test_web_kiosk import post as at_the_kiosk

from factories.fulfilments import associate_at, ok
from factories.orders import Shop, line, make_shop, new_id, payment, place
from factories.policies import BIC, IBAN, give_account, write_policy
from kanava.engagement.gateway import SmtpMailer
from kanava.engagement.sending import Sender
from kanava.engagement.telling import CONSUMER
from kanava.fulfilment.printing.qr import render_transfer_qr
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from mail_server import Mailbox, mail_server
from tests_support import settled

pytestmark = pytest.mark.anyio
GROUPED = "SI56 2633 0001 2039 086"
MakeKey = Callable[..., Awaitable[str]]


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


async def change(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    version = (await client.get("/api/channels/web")).headers["etag"]
    return await client.patch("/api/channels/web", json=fields, headers={"If-Match": version})


async def test_an_account_is_kept_without_spaces_and_taken_away(client: httpx.AsyncClient, shop: Shop) -> None:
    done = await change(
        client, bank_holder=" Jelovir  d.o.o. ", bank_iban="si56 2633 0001 2039 086", bank_bic="ljba si2x"
    )
    found = done.json()
    assert (found["bank_holder"], found["bank_iban"], found["bank_bic"]) == ("Jelovir d.o.o.", IBAN, BIC)
    assert (await change(client, name="Web")).json()["bank_iban"] == IBAN
    gone = await change(client, bank_holder="", bank_iban="", bank_bic="")
    assert (gone.status_code, gone.json()["bank_iban"]) == (200, "")
    assert shop


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"bank_holder": "J", "bank_iban": "SI56263300012039087"}, "bank_iban"),
        ({"bank_holder": "J", "bank_iban": "<script>"}, "bank_iban"),
        ({"bank_holder": "J"}, "bank_iban"),
        ({"bank_bic": BIC}, "bank_iban"),
        ({"bank_iban": IBAN}, "bank_holder"),
        ({"bank_holder": "J", "bank_iban": IBAN, "bank_bic": "LJ"}, "bank_bic"),
    ],
)
async def test_what_is_wrong_with_an_account_is_named(
    client: httpx.AsyncClient, shop: Shop, fields: dict[str, str], field: str
) -> None:
    answer = await change(client, **fields)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert shop


async def test_the_shop_offers_a_transfer_only_to_an_account_and_shows_it_while_it_is_unpaid(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    ana = Shopper(client)
    await ana.add("CUP")
    fields = await ana.checkout()
    assert "Bank transfer" not in await ana.get("/checkout")
    refused = await ana.post("/checkout", 422, **(fields | WHO | SURE | {"payment": "bank_transfer"}))
    assert "Please choose how you would like to pay." in refused.text
    await give_account(db, "web")
    assert "Bank transfer" in await ana.get("/checkout")
    here = await ana.order(payment="bank_transfer")
    page = await ana.get(here)
    (order,) = (await client.get("/api/orders")).json()["items"]
    for shown in ("Jelovir d.o.o.", GROUPED, BIC, "€12.20", f">{order['number']}</dd>", f"/si/en{here}/transfer-code"):
        assert shown in page, shown
    code = await client.get(f"/si/en{here}/transfer-code")
    assert (code.headers["content-type"], code.headers["cache-control"]) == ("image/svg+xml", "private, no-store")
    assert code.content == render_transfer_qr("Jelovir d.o.o.", IBAN, BIC, 12.20, str(order["number"]))
    for wrong in (here[:-1] + ("A" if here[-1] != "A" else "B"), f"/orders/{new_id()}/{here.rsplit('/', 1)[1]}"):
        assert (await client.get(f"/si/en{wrong}/transfer-code")).status_code == 404
        assert (await client.get(f"/si/en{wrong}")).status_code == 404
    part = await client.post(f"/api/orders/{order['order_id']}/payments", json=payment(220, 220))
    assert part.status_code == 201, part.text
    assert "€10.00" in await ana.get(here)
    await client.post(
        f"/api/orders/{order['order_id']}/payments", json={**payment(1000, 1000), "method": "bank_transfer"}
    )
    paid = await ana.get(here)
    assert "Paid. Thank you!" in paid
    assert GROUPED not in paid
    assert "transfer-code" not in paid
    assert (await client.get(f"/si/en{here}/transfer-code")).status_code == 404


async def test_a_cancelled_order_and_one_paid_otherwise_show_no_account(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await give_account(db, "web")
    ana = Shopper(client)
    await ana.add("CUP")
    other = await ana.order()
    assert GROUPED not in await ana.get(other)
    assert (await client.get(f"/si/en{other}/transfer-code")).status_code == 404
    await ana.add("MUG")
    here = await ana.order(payment="bank_transfer")
    await ana.post(f"{here}/cancel", sure="yes", cancellation_id=new_id())
    assert GROUPED not in await ana.get(here)
    assert (await client.get(f"/si/en{here}/transfer-code")).status_code == 404
    assert shop


async def test_an_account_in_another_currency_has_no_code(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    await give_account(db, "web")
    async with db.transaction() as tx:
        await tx.execute("UPDATE price_list SET currency = 'HUF'")
        await tx.execute("UPDATE channel SET currency = 'HUF'")
    ana = Shopper(client)
    await ana.add("CUP")
    here = await ana.order(payment="bank_transfer")
    page = await ana.get(here)
    assert GROUPED in page
    assert "transfer-code" not in page
    assert (await client.get(f"/si/en{here}/transfer-code")).status_code == 404
    assert shop


async def test_a_kiosk_shows_the_account_to_its_own_visitor_and_the_terms_over_the_checkout(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await add_kiosk_channel(db, "LJ", "WH")
    await write_policy(client, "SI/terms/sl", "Pogoji", "**Krepko**")
    await enrol(client, db)
    await put_in(client)
    await at_the_kiosk(client, f"{KIOSK}/cart/checkout")
    assert "Bank transfer" not in (await client.get(f"{KIOSK}/checkout")).text
    await give_account(db, "kiosk")
    page = (await client.get(f"{KIOSK}/checkout")).text
    assert '<a class="link py-2" href="/kiosk/en/policies/terms" data-opens="policy-terms">' in page
    assert '<dialog id="policy-terms"' in page
    assert "<strong>Krepko</strong>" in page
    assert "target=" not in page.replace("hx-target=", "")
    assert "<strong>Krepko</strong>" in (await client.get(f"{KIOSK}/policies/terms")).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    wanted = fields | {key: WHO[key] for key in ("name", "email", "phone")} | SURE | {"payment": "bank_transfer"}
    await at_the_kiosk(client, f"{KIOSK}/checkout", **wanted)
    placed = (await client.get(f"{KIOSK}/placed")).text
    assert GROUPED in placed
    assert (await client.get(f"{KIOSK}/placed/transfer-code")).content.startswith(b"<?xml")
    await client.get(f"{KIOSK}/welcome")
    for code in ("transfer-code", "code"):
        gone = await client.get(f"{KIOSK}/placed/{code}")
        assert (gone.status_code, gone.headers["location"]) == (303, f"{KIOSK}/welcome")
    assert shop


async def test_a_store_offers_a_transfer_only_to_an_account_and_prints_it(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    maja = Till(client, await associate_at(db, shop.locations["LJ"]))
    await maja.sends("sell/add", code="MUG", way="ship")
    assert 'value="bank_transfer"' not in await maja.sees("sell/checkout")
    await give_account(db, "till")
    order_id = await maja.order_id()
    assert 'value="bank_transfer"' in await maja.sees("sell/checkout")
    fields = {"order_id": order_id, "press": "place", "name": "Ana", "phone": "040 123 456", "payment": "bank_transfer"}
    await maja.sends("sell/checkout", **fields, **WHERE)
    order = await ok(await client.get(f"/api/orders/{order_id}"))
    receipt = unescape(await maja.sees(f"orders/{order_id}/receipt"))
    for shown in ("Jelovir d.o.o.", GROUPED, BIC, str(order["number"]), f"/store/orders/{order_id}/transfer-code"):
        assert shown in receipt
    assert (await maja.sees(f"orders/{order_id}/transfer-code")).startswith("<?xml")
    nobody = await client.get(f"/store/orders/{order_id}/transfer-code", headers={"authorization": ""})
    assert (nobody.status_code, nobody.content[:5]) == (303, b"")


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Account holder"), ("sl", "Imetnik računa"), ("hu", "Közlemény")]
)
async def test_the_confirmation_says_where_to_transfer_what(
    client: httpx.AsyncClient, db: Database, shop: Shop, language: str, word: str
) -> None:
    await give_account(db, "web")
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel SET language = $1", language)
    await drain(db, [CONSUMER])
    who = {"email": "ana@example.com", "name": "Ana"}
    awaited = {**payment(0), "method": "bank_transfer"}
    order = await place(client, line("CUP", 2), customer=who, payments=[awaited])
    number = order["number"]
    body = {"cancellation_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}]}
    assert (await client.post(f"/api/orders/{order['order_id']}/cancel", json=body)).status_code == 200
    await place(client, line("CUP"), customer=who, payments=[payment(1220, 1220)])
    await place(client, line("CUP"), customer=who, payments=[{**payment(1220, 1220), "method": "bank_transfer"}])
    await settled(db)
    await drain(db, [CONSUMER])
    mailbox = Mailbox()
    with mail_server(mailbox) as address:
        while await Sender(db, SmtpMailer("Jelovir <shop@jelovir.example>", address), "Jelovir").send_due(clock.now()):
            pass
    told = {str(mail["Subject"]): mail for mail in mailbox.to("ana@example.com")}
    assert len(told) == 4, "one more for what was cancelled: with the amount as it is now"
    for subject, mail in told.items():
        for kind in ("plain", "html"):
            body = mail.get_body((kind,)).get_content()
            assert (GROUPED in body, word in body, BIC in body) == ((str(number) in subject,) * 3), subject
    assert shop


async def test_head_office_names_the_account_and_a_wrong_iban_is_marked(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await sign_in(client, db, "admin")
    form = {"version": "1", "name": "Web", "price_list": "eur", "assortment": "all", "threshold": "0", "active": "yes",
            "hold_minutes": "15", "sample": "", "bank_holder": "Jelovir", "bank_iban": "SI00 1"}  # fmt: skip
    wrong = await client.post("/console/channels/web", data=form, headers=ORIGIN)
    assert wrong.status_code == 422
    assert re.search(r'id="c-iban"[^>]* value="SI00 1"[^>]* aria-invalid="true"', wrong.text)
    done = await client.post("/console/channels/web", data={**form, "bank_iban": GROUPED}, headers=ORIGIN)
    assert done.status_code == 303
    assert f'value="{GROUPED}"' in (await client.get("/console/channels/web")).text
    # Whoever sets prices saves the rest of the channel, and sees the account without a field for it.
    await sign_in(client, db, "merchandiser", "Eva Kos")
    page = (await client.get("/console/channels/web")).text
    assert 'id="c-iban"' not in page
    kept = dict(re.findall(r'type="hidden" name="(bank_\w+)" value="([^"]*)"', page))
    form = {**form, "version": "2", **kept}
    assert (
        await client.post("/console/channels/web", data={**form, "name": "Shop"}, headers=ORIGIN)
    ).status_code == 303
    taken = {**form, "version": "3", "bank_iban": "PL61109010140000071219812874"}
    assert (await client.post("/console/channels/web", data=taken, headers=ORIGIN)).status_code == 403
    assert shop


async def test_to_which_account_customers_pay_is_said_by_administrators(
    client: httpx.AsyncClient, shop: Shop, make_api_key: MakeKey
) -> None:
    assert (await change(client, bank_holder="Jelovir", bank_iban=IBAN)).status_code == 200
    merchandiser = {"Authorization": f"Bearer {await make_api_key('channels:read', 'channels:write')}"}
    version = (await client.get("/api/channels/web")).headers["etag"]
    other = {"bank_iban": "PL61109010140000071219812874"}
    headers = {**merchandiser, "If-Match": version}
    refused = await client.patch("/api/channels/web", json=other, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "bank_iban")
    same = {"bank_iban": GROUPED, "name": "Shop"}
    assert (await client.patch("/api/channels/web", json=same, headers=headers)).status_code == 200
    new = {"code": "b2b", "kind": "web", "name": "B2B", "country": "SI", "currency": "EUR", "language": "sl",
           "price_list": "eur", "bank_holder": "Eve", **other}  # fmt: skip
    assert (await client.post("/api/channels", json=new, headers=merchandiser)).status_code == 403
    assert shop
