"""The account on the pages of the shop: signing in by a code, what it opens, and what stays shut."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from factories.orders import Shop, make_shop
from kanava.engagement.gateway import FolderMailer
from kanava.engagement.sending import Sender
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.platform.ids import uuid7

pytestmark = pytest.mark.anyio
BASE = "/si/en"
ORIGIN = {"Origin": "http://kanava.test"}
EVIL = "\"><script>alert('x')</script>"
ANA, EVE = "ana@example.com", "eve@example.com"
HOME = {"name": "Ana Novak", "street": "Cesta 1", "postal_code": "1000", "city": "Ljubljana"}
SURE = {"payment": "on_receipt", "terms": "yes", "action": "place"}
WRONG = "not the code"


class Person:
    """Somebody with a browser and no scripts, and a mailbox."""

    def __init__(self, client: httpx.AsyncClient, db: Database, mailbox: Path) -> None:
        self.client, self.db, self.mailbox, self.cookies = client, db, mailbox, httpx.Cookies()

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self._send("GET", path)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    async def post(self, path: str, status: int = 303, **form: str) -> httpx.Response:
        answer = await self._send("POST", path, data=form, headers=ORIGIN)
        assert answer.status_code == status, answer.text
        return answer

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send with the cookies of this person alone: several share the client."""
        self.client.cookies = self.cookies.jar  # type: ignore[assignment]
        return await self.client.request(method, BASE + path, **more)

    def hold(self, cookie: str, value: str) -> None:
        """Have the browser send another value."""
        self.cookies.set(cookie, value, domain="kanava.test")

    async def code(self) -> str:
        """Have the worker send what waits, and read the code in the latest mail."""
        for mail in self.mailbox.glob("*.eml"):
            mail.unlink()
        assert await Sender(self.db, FolderMailer("Shop <shop@kanava.test>", self.mailbox), "Shop").send_due(
            clock.now()
        )
        (mail,) = self.mailbox.glob("*.eml")
        (code,) = re.findall(r"^(\d{6})$", mail.read_text(), re.MULTILINE)
        return str(code)

    async def sign_in(self, email: str = ANA, wanted: str = "") -> httpx.Response:
        await self.post("/account/sign-in", email=email, next=wanted)
        return await self.post("/account/code", code=await self.code(), next=wanted)

    async def is_in(self) -> bool:
        return "Sign out" in await self.get("/account")


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


@pytest.fixture
async def ana(client: httpx.AsyncClient, db: Database, shop: Shop, tmp_path: Path) -> Person:
    return Person(client, db, tmp_path)


def other(person: Person) -> Person:
    return Person(person.client, person.db, person.mailbox)


def hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


async def later(db: Database, minutes: int) -> None:
    """Let time pass for the codes that are out."""
    async with db.transaction() as tx:
        await tx.execute("UPDATE sign_in_code SET expires_at = expires_at - $1::interval", timedelta(minutes=minutes))


async def test_a_code_from_the_mailbox_signs_in_once_and_in_this_browser_only(ana: Person) -> None:
    asked = await ana.post("/account/sign-in", email=" ANA@Example.com", next=f"{BASE}/checkout")
    assert asked.headers["location"].startswith(f"{BASE}/account/code?next=")
    assert ANA in await ana.get("/account/code")
    code = await ana.code()
    eve = other(ana)
    assert "cannot be used" in (await eve.post("/account/code", 409, code=code)).text
    signed = await ana.post("/account/code", code=f"{code[:3]} {code[3:]}", next=f"{BASE}/checkout")
    assert signed.headers["location"] == f"{BASE}/checkout"
    (cookie,) = [each for each in signed.headers.get_list("set-cookie") if each.startswith("kanava_customer=knc_")]
    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    page = await ana.get("/account")
    assert ANA in page
    ana.hold("kanava_sign_in", "0" * 32)
    assert "cannot be used" in (await ana.post("/account/code", 409, code=code)).text
    async with ana.db.connection() as connection:
        rows = await connection.fetch("SELECT facts::text || coalesce(subject, '') AS told FROM message")
        rows += await connection.fetch("SELECT data::text AS told FROM outbox_event WHERE type LIKE 'customer.%'")
        assert len(rows) == 2
        assert all(code not in row["told"] and ANA not in row["told"] for row in rows)
        assert await connection.fetchval("SELECT count(*) FROM customer") == 1


async def test_a_wrong_code_may_be_tried_five_times(ana: Person) -> None:
    await ana.post("/account/sign-in", email=ANA)
    code = await ana.code()
    wrong = "000000" if code != "000000" else "000001"
    for typed in (wrong, EVIL[:40], "", "١٢٣٤٥٦"):
        assert WRONG in (await ana.post("/account/code", 422, code=typed)).text
    assert "cannot be used" in (await ana.post("/account/code", 409, code=wrong)).text
    assert "cannot be used" in (await ana.post("/account/code", 409, code=code)).text
    assert not await ana.is_in()


async def test_a_code_is_good_for_ten_minutes(ana: Person) -> None:
    await ana.post("/account/sign-in", email=ANA)
    code = await ana.code()
    await later(ana.db, 10)
    assert "cannot be used" in (await ana.post("/account/code", 409, code=code)).text
    await ana.post("/account/sign-in", email=ANA)
    await later(ana.db, 10)
    sender = Sender(ana.db, FolderMailer("Shop <shop@kanava.test>", ana.mailbox), "Shop")
    before = len(list(ana.mailbox.glob("*.eml")))
    await sender.send_due(clock.now())  # A code that is over is not sent any more.
    assert len(list(ana.mailbox.glob("*.eml"))) == before
    assert not await ana.is_in()


async def test_codes_are_sent_a_few_times_an_hour_and_nobody_learns_who_has_an_account(ana: Person) -> None:
    await ana.sign_in()
    told = set()
    for email in (ANA, EVE):
        told.add((await other(ana).post("/account/sign-in", email=email)).headers["location"])
    assert told == {f"{BASE}/account/code"}
    for _ in range(3):
        await ana.post("/account/sign-in", email=ANA)
    assert "several codes" in (await ana.post("/account/sign-in", 429, email="Ana@example.com")).text
    for number in range(23):
        await ana.post("/account/sign-in", email=f"zoran{number}@example.com")
    await ana.post("/account/sign-in", 429, email="zoran99@example.com")
    for email in ("", "ana", EVIL, "a@b"):
        answer = await ana.post("/account/sign-in", 422, email=email, next=EVIL)
        assert "such as ana@example.com" in unescape(answer.text)
        assert "<script>alert" not in answer.text


async def test_a_session_ends_here_everywhere_and_by_staff(ana: Person) -> None:
    await ana.sign_in()
    phone, tablet = other(ana), other(ana)
    await phone.sign_in()
    kept = phone.cookies["kanava_customer"]
    await phone.post("/account/sign-out")
    phone.hold("kanava_customer", kept)
    assert (await phone.is_in(), await ana.is_in()) == (False, True)
    await tablet.sign_in()
    await ana.post("/account/sign-out-everywhere")
    assert not await tablet.is_in()
    await tablet.sign_in()
    (found,) = (await ana.client.get("/api/customers")).json()["items"]
    assert (await ana.client.post(f"/api/customers/{found['customer_id']}/sign-out")).status_code == 204
    assert not await tablet.is_in()
    for token in ("knc_", "knc_x_y", f"knc_{'0' * 32}_x", tablet.cookies["kanava_customer"][:-1] + "?"):
        tablet.hold("kanava_customer", token)
        assert not await tablet.is_in()
    await tablet.sign_in()
    async with ana.db.transaction() as tx:
        await tx.execute("UPDATE customer_session SET expires_at = $1", clock.now())
    assert not await tablet.is_in()


async def place(shopper: Person, email: str, **more: str) -> str:
    """Order a cup; give the path of the order's page, below the base."""
    await shopper.post("/cart/lines", sku="CUP", quantity="1", kind="ship", location="")
    await shopper.post("/cart/checkout")
    form = hidden(await shopper.get("/checkout")) | HOME | SURE | {"email": email, "phone": "040 123 456"} | more
    return urlsplit((await shopper.post("/checkout", **form)).headers["location"]).path.removeprefix(BASE)


async def test_orders_of_this_address_are_shown_and_no_others(ana: Person) -> None:
    hers, of_eve = await place(other(ana), "Ana@Example.com"), await place(other(ana), EVE)
    await ana.sign_in()
    page = await ana.get("/account")
    assert hers in page
    assert of_eve not in page
    await ana.get(hers)
    assert "No orders yet" in await ana.get("/account?from=20")


async def test_pages_of_an_account_ask_a_guest_to_sign_in_and_lead_back(ana: Person) -> None:
    for path in ("/account/details", "/account/addresses", "/account/delete", f"/account/addresses/{uuid7()}"):
        answer = await ana.client.get(BASE + path)
        assert answer.status_code == 303
        assert unquote(answer.headers["location"]) == f"{BASE}/account?next={BASE}{path}"
    signed = await ana.sign_in(wanted="//evil.example/")
    assert signed.headers["location"] == f"{BASE}/account"
    page = await ana.client.get(f"{BASE}/account/details")
    assert page.headers["cache-control"] == "no-store"


async def test_the_address_book(ana: Person) -> None:
    await ana.sign_in()
    form = hidden(await ana.get("/account/addresses"))
    for _ in range(2):
        await ana.post("/account/addresses", **(form | HOME))
    await ana.post("/account/addresses", **(HOME | {"street": EVIL, "name": EVIL}))
    wrong = await ana.post("/account/addresses", 422, **(HOME | {"postal_code": "12", "city": "", "street": EVIL}))
    assert "not a postal code" in wrong.text
    assert "<script>alert" not in wrong.text
    page = await ana.get("/account/addresses")
    first, second = dict.fromkeys(re.findall(r"addresses/([0-9a-f-]{36})\"", page))
    assert first != form["address_id"]
    await ana.post(f"/account/addresses/{second}/move", action="prefer")
    await ana.post(f"/account/addresses/{second}", **(HOME | {"street": "Cesta 2"}))
    assert "Cesta 2" in await ana.get(f"/account/addresses/{second}")
    await ana.post(f"/account/addresses/{first}/move", action="remove")
    await ana.get(f"/account/addresses/{first}", 404)
    await ana.post(f"/account/addresses/{first}", 404, **HOME)
    eve = other(ana)
    await eve.sign_in(EVE)
    await eve.get(f"/account/addresses/{second}", 404)
    await eve.post(f"/account/addresses/{second}", 404, **HOME)
    await eve.post(f"/account/addresses/{second}/move", action="remove")
    for number in range(19):
        await ana.post("/account/addresses", **(HOME | {"street": f"Pot {number}"}))
    assert "book is full" in (await ana.post("/account/addresses", 422, **(HOME | {"street": "Pot 20"}))).text


async def test_details_and_language(ana: Person) -> None:
    await ana.sign_in()
    assert "not a telephone number" in (await ana.post("/account/details", 422, name=EVIL, phone="12")).text
    saved = await ana.post("/account/details", name="Ana <b>", phone="040 123 456", language="sl")
    assert saved.headers["location"] == "/si/sl/account/details?saved=1"
    page = await ana.client.get(f"{BASE}/account/details")
    assert 'value="Ana &lt;b&gt;"' in page.text
    assert 'value="+38640123456"' in page.text


async def test_the_checkout_is_filled_in_and_keeps_an_address(ana: Person) -> None:
    await ana.sign_in()
    here = await place(ana, ANA, keep="yes")
    assert here in await ana.get("/account")
    assert "Cesta 1" in await ana.get("/account/addresses")
    await ana.post("/cart/lines", sku="CUP", quantity="1", kind="ship", location="")
    await ana.post("/cart/checkout")
    page = await ana.get("/checkout")
    for value in (ANA, "Ana Novak", "+38640123456", "Cesta 1", "1000", "Ljubljana"):
        assert f'value="{value}"' in page
    assert "Keep this" not in page
    await ana.post("/account/addresses", **(HOME | {"street": "Cesta 2"}))
    second = re.findall(r'value="(address:[0-9a-f-]{36})"', await ana.get("/checkout"))[-1]
    other_one = await ana.post("/checkout", 200, **(HOME | {"street": "Typed 9", "phone": "041", "action": second}))
    assert 'value="Cesta 1"' in other_one.text
    assert 'value="041"' in other_one.text


async def test_a_session_that_ends_at_the_checkout_loses_nothing(ana: Person) -> None:
    await ana.sign_in()
    await ana.post("/cart/lines", sku="CUP", quantity="1", kind="ship", location="")
    await ana.post("/cart/checkout")
    form = hidden(await ana.get("/checkout")) | HOME | {"email": ANA, "phone": "040 123 456", "keep": "yes"}
    async with ana.db.transaction() as tx:
        await tx.execute("DELETE FROM customer_session")
    again = await ana.post("/checkout", 422, **(form | {"street": "Cesta 7", "action": "place"}))
    assert 'value="Cesta 7"' in again.text
    assert "/orders/" in (await ana.post("/checkout", **(form | SURE))).headers["location"]
    await ana.sign_in()
    assert "No address yet" in await ana.get("/account/addresses")


async def test_a_deleted_account_is_gone_and_its_orders_stay(ana: Person) -> None:
    await ana.sign_in()
    here = await place(ana, ANA, keep="yes")
    tablet = other(ana)
    await tablet.sign_in()
    assert "tick the box" in (await ana.post("/account/delete", 422)).text
    gone = await ana.post("/account/delete", sure="yes")
    assert gone.headers["location"] == f"{BASE}/account?notice=gone"
    assert not await tablet.is_in()
    async with ana.db.connection() as connection:
        for table in ("customer", "customer_email", "customer_address", "customer_session", "sign_in_code"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        types = await connection.fetch("SELECT type FROM outbox_event WHERE type LIKE 'customer.%' ORDER BY event_id")
    assert [row["type"] for row in types] == ["customer.created", "customer.deleted"]
    await other(ana).get(here)
    await ana.sign_in()
    assert here in await ana.get("/account")
    assert "No address yet" in await ana.get("/account/addresses")


async def test_a_form_of_another_site_is_refused(ana: Person) -> None:
    await ana.sign_in()
    for path in ("sign-in", "code", "sign-out", "sign-out-everywhere", "delete", "addresses", "details"):
        answer = await ana.client.post(
            f"{BASE}/account/{path}", data={"sure": "yes"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403
    assert await ana.is_in()
