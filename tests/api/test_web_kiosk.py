"""The kiosk over HTTP: enrolling a device, what it shows and what not, the cart's way to a phone, and forgetting."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from factories.orders import Shop, make_shop
from factories.search import few_products, keep_up, put_stock
from kanava.carts import service as carts
from kanava.platform import auth, clock, staff
from kanava.platform.db import Database
from kanava.platform.ids import uuid7

pytestmark = pytest.mark.anyio
ORIGIN = {"Origin": "http://kanava.test"}
EVIL = "\"><script>alert('x')</script>"
PASSWORD = "a long enough password"
BASE = "/kiosk/en"
SURE = {"payment": "at_till", "terms": "yes", "action": "place"}
WHO = {"name": "Ana Novak", "email": "ana@example.com", "phone": "040 123 456"}
MakeKey = Callable[..., Awaitable[str]]


async def add_kiosk_channel(db: Database, *places: str) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            """INSERT INTO channel (code, kind, name, country, currency, language, price_list_id)
               SELECT 'kiosk', 'kiosk', 'Kiosks', 'SI', 'EUR', 'sl', price_list_id FROM price_list LIMIT 1"""
        )
        await tx.execute(
            """INSERT INTO channel_location (channel_id, location_id)
               SELECT c.channel_id, l.location_id FROM channel c, location l
               WHERE c.code = 'kiosk' AND l.code = ANY ($1)""",
            list(places),
        )


@pytest.fixture
async def shop(db: Database) -> Shop:
    made = await make_shop(db)
    await add_kiosk_channel(db, "LJ", "WH")
    return made


async def enrol(client: httpx.AsyncClient, db: Database, role: staff.Role | None = None, **more: str) -> httpx.Response:
    """Sign a member of staff in on the device and send the form."""
    email = f"{uuid4().hex}@kanava.example"
    async with db.transaction() as tx:
        await staff.add_staff(tx, auth.SYSTEM, email, "Eva", PASSWORD, [role or staff.Role("store_manager")])
    client.cookies.clear()
    await client.post("/sign-in", data={"email": email, "password": PASSWORD}, headers=ORIGIN)
    form = {"device_id": str(uuid7()), "name": "Entrance", "location": "LJ", "channel": "kiosk"}
    return await client.post("/kiosk/set-up", data=form | more, headers=ORIGIN)


async def post(client: httpx.AsyncClient, path: str, status: int = 303, **form: Any) -> httpx.Response:
    answer = await client.post(path, data=form, headers=ORIGIN)
    assert answer.status_code == status, answer.text
    return answer


async def put_in(client: httpx.AsyncClient, base: str = BASE, sku: str = "CUP", **more: str) -> None:
    await post(client, f"{base}/cart/lines", **({"sku": sku, "kind": "pickup", "location": "LJ"} | more))


async def link_of(db: Database, path: str, base: str = "/si/en") -> str:
    """Give the link that the code of a page holds."""
    hand_over_id = path.rsplit("/", 1)[1]
    async with db.connection() as connection:
        signature = (await carts.hand_over_signer(connection)).sign(UUID(hand_over_id))
    return f"{base}/take-over/{hand_over_id}/{signature}"


async def test_a_device_is_enrolled_by_staff_who_are_signed_out_of_it_and_stops_when_revoked(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    client.cookies.clear()
    for path in ("", "/welcome", "/cart", "/c/x", "/scan?code=1"):
        answer = await client.get(BASE + path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/kiosk/set-up"), path
    asked = await client.get(f"{BASE}/suggestions?q=a", headers={"HX-Request": "true"})
    assert asked.headers["hx-redirect"] == "/kiosk/set-up"
    answer = await client.get("/kiosk/set-up")
    assert answer.headers["location"] == "/sign-in?next=/kiosk/set-up"
    assert (await client.get("/kiosk")).headers["location"] == "/kiosk/set-up"

    answer = await enrol(client, shop.db)
    assert (answer.status_code, answer.headers["location"]) == (303, "/kiosk/sl/welcome")
    token = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("kanava_device="))
    assert "HttpOnly" in token
    assert "kanava_staff" not in client.cookies
    assert (await client.get("/store")).status_code == 303
    assert (await client.get("/kiosk")).headers["location"] == "/kiosk/sl/welcome"
    home = await client.get(BASE)
    assert home.status_code == 200
    assert home.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in home.headers["content-security-policy"]
    assert "This device is a kiosk" in (await client.get("/kiosk/set-up", headers={"Accept-Language": "en"})).text

    (device,) = (await client.get("/api/devices?kind=kiosk")).json()["items"]
    assert (device["name"], device["location"], device["channel"]) == ("Entrance", "LJ", "kiosk")
    assert device["last_seen_at"] is not None
    assert "token" not in str(device)
    for _again in range(2):
        revoked = await client.post(
            f"/api/devices/{device['device_id']}/revoke", headers={"Idempotency-Key": uuid4().hex}
        )
        assert revoked.json()["revoked_at"] is not None
    assert (await client.get(BASE)).headers["location"] == "/kiosk/set-up"
    audit = (await client.get("/api/audit", params={"subject": "device"})).json()["items"]
    assert [each["action"] for each in audit] == ["revoke", "enrol"]


async def test_who_may_not_and_what_does_not_fit_is_refused(
    client: httpx.AsyncClient, shop: Shop, make_api_key: MakeKey
) -> None:
    assert (await enrol(client, shop.db, staff.Role("associate"))).status_code == 403
    assert (await enrol(client, shop.db, staff.Role("store_manager", "MB"))).status_code == 403
    assert (await enrol(client, shop.db, location="MB")).status_code == 422
    assert (await enrol(client, shop.db, channel="web")).status_code == 422
    again = await enrol(client, shop.db, name=EVIL * 2, location="MB")
    assert again.status_code == 422
    assert EVIL not in again.text
    assert EVIL in unescape(again.text)
    assert (await client.post("/kiosk/set-up", headers={"Origin": "http://evil.test"})).status_code == 403
    assert (await client.get("/si/set-up")).status_code == 404
    assert (await client.get("/api/devices")).json()["items"] == []
    reader = {"Authorization": f"Bearer {await make_api_key('locations:read')}"}
    assert (await client.post(f"/api/devices/{uuid7()}/revoke", headers=reader)).status_code == 403
    assert (await client.get(f"/api/devices/{uuid7()}")).status_code == 404


async def test_a_kiosk_shows_the_shop_and_nothing_that_leads_out_of_it(client: httpx.AsyncClient, shop: Shop) -> None:
    await enrol(client, shop.db)
    await put_in(client)
    for path in ("", "/welcome", "/cart", "/search", "/p/goods", "/scan"):
        await put_in(client)
        page = (await client.get(BASE + path)).text
        assert "target=" not in page.replace("hx-target=", ""), path
        for href in re.findall(r'<a[^>]* href="([^"]*)"', page):
            assert href.startswith(("/kiosk/", "#")), f"{path}: {href}"
    for closed in ("/stores", "/stores/LJ", "/orders", f"/orders/{uuid4()}/x", f"/take-over/{uuid4()}/x"):
        assert (await client.get(BASE + closed)).status_code == 404, closed
    assert (await client.get("/kiosk/xx")).status_code == 404
    for only_kiosk in ("welcome", "scan", "placed"):
        assert (await client.get(f"/si/en/{only_kiosk}")).status_code == 404


async def test_an_order_is_placed_at_the_kiosk_and_only_its_own_visitor_sees_it(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    await enrol(client, shop.db)
    await put_in(client)
    assert (await post(client, f"{BASE}/cart/checkout")).headers["location"] == f"{BASE}/checkout"
    page = (await client.get(f"{BASE}/checkout")).text
    assert "at the till" in page
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = await post(client, f"{BASE}/checkout", **(fields | WHO | SURE))
    assert answer.headers["location"].startswith(f"{BASE}/placed")
    (order,) = (await client.get("/api/orders")).json()["items"]
    assert (order["channel"], order["payments"][0]["method"]) == ("kiosk", "other")
    assert order["payments"][0]["authorised"]["amount_minor"] == 0
    placed = (await client.get(f"{BASE}/placed")).text
    assert str(order["number"]) in placed
    assert order["order_id"] not in placed
    assert (await client.get(f"{BASE}/placed/code")).content.startswith(b"<?xml")
    assert (await client.get(f"{BASE}/checkout")).headers["location"] == f"{BASE}/placed"
    await client.get(f"{BASE}/welcome")
    assert "kanava_cart" not in client.cookies
    assert (await client.get(f"{BASE}/placed")).headers["location"] == f"{BASE}/welcome"
    assert str(order["number"]) not in (await client.get(f"{BASE}/cart")).text
    await shop.all_sound()


async def test_the_cart_goes_to_one_phone_once_and_brings_along_what_the_phone_had(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    await enrol(client, shop.db)
    assert (await post(client, f"{BASE}/hand-over")).headers["location"] == f"{BASE}/cart"
    await put_in(client)
    first = (await post(client, f"{BASE}/hand-over")).headers["location"]
    here = (await post(client, f"{BASE}/hand-over")).headers["location"]
    assert (await client.get(here)).status_code == 200
    assert (await client.get(f"{here}/code")).content.startswith(b"<?xml")
    assert (await client.get(f"{here}/state")).status_code == 204
    kiosk = dict(client.cookies)

    client.cookies.clear()
    assert (await client.get(here)).headers["location"] == "/kiosk/set-up"
    await put_in(client, "/si/en", "MUG", kind="ship")
    phone = dict(client.cookies)
    link = await link_of(shop.db, here)
    assert (await client.get(link[:-1] + "_")).status_code == 410
    assert (await client.get(await link_of(shop.db, first))).status_code == 410
    for _looked_at in range(2):
        page = await client.get(link)
        assert page.status_code == 200
        assert "CUP" in page.text or "goods" in page.text
    taken, late = await asyncio.gather(
        client.post(link, headers=ORIGIN | {"cookie": _cookies(phone)}), client.post(link, headers=ORIGIN)
    )
    assert {taken.headers["location"], late.headers["location"]} <= {"/si/en/cart", link}
    assert "/si/en/cart" in {taken.headers["location"], late.headers["location"]}
    cart_id = kiosk["kanava_cart"]
    cart = (await client.get(f"/api/carts/{cart_id}")).json()
    assert cart["channel"] == "web"
    assert {line["sku"] for line in cart["lines"]} >= {"CUP"}

    client.cookies.clear()
    client.cookies.update(kiosk)
    assert "Your cart is empty" in (await client.get(f"{BASE}/cart")).text
    state = await client.get(f"{here}/state")
    assert "Your phone has it" in state.text
    assert any(each.startswith(('kanava_cart=""; ', "kanava_cart=;")) for each in state.headers.get_list("set-cookie"))
    assert (await client.get(f"/api/carts/{cart_id}")).json()["channel"] == "web"
    del client.cookies["kanava_cart"]
    assert (await client.get(here)).headers["location"] == f"{BASE}/welcome"


def _cookies(jar: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items())


async def test_a_link_runs_out_and_the_cart_stays(
    client: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enrol(client, shop.db)
    await put_in(client)
    here = (await post(client, f"{BASE}/hand-over")).headers["location"]
    link = await link_of(shop.db, here)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    kiosk = dict(client.cookies)
    client.cookies.clear()
    assert (await client.get(link)).status_code == 410
    assert (await client.post(link, headers=ORIGIN)).headers["location"] == link
    client.cookies.update(kiosk)
    assert "The code has run out" in (await client.get(f"{here}/state")).text
    assert "Your cart is empty" not in (await client.get(f"{BASE}/cart")).text


async def test_the_console_shows_devices_and_ends_one(client: httpx.AsyncClient, shop: Shop) -> None:
    await enrol(client, shop.db, name=EVIL)
    (device,) = (await client.get("/api/devices")).json()["items"]
    one = f"/console/devices/{device['device_id']}"
    async with shop.db.transaction() as tx:
        for name, role in (("ana", staff.Role("admin")), ("bo", staff.Role("associate", "MB"))):
            await staff.add_staff(tx, auth.SYSTEM, f"{name}@example.com", name, PASSWORD, [role])
    await client.post("/sign-in", data={"email": "bo@example.com", "password": PASSWORD}, headers=ORIGIN)
    assert one not in (await client.get("/console/devices")).text
    await post(client, f"{one}/revoke", 403)
    await client.post("/sign-in", data={"email": "ana@example.com", "password": PASSWORD}, headers=ORIGIN)
    page = await client.get("/console/devices?location=LJ&kind=kiosk&sort=seen.desc", headers={"Accept-Language": "sl"})
    assert one in page.text
    assert "Naprave" in page.text
    assert EVIL not in page.text + (await client.get(one)).text
    assert (await client.get(BASE)).status_code == 200
    assert (await post(client, f"{one}/revoke")).headers["location"] == one
    assert f'action="{one}/revoke"' not in (await client.get(one)).text
    assert (await client.get("/kiosk")).headers["location"] == "/kiosk/set-up"


@pytest.mark.search_shop
async def test_what_lies_in_the_store_comes_first_and_codes_open_products(
    client: httpx.AsyncClient, db: Database
) -> None:
    made = few_products()
    await add_kiosk_channel(db, "LJ", "WH")
    here, elsewhere = made[0], made[1]
    await put_stock(db, here.variants[0].sku, "LJ", 5)
    await put_stock(db, elsewhere.variants[0].sku, "WH", 5)
    await keep_up(db)
    await enrol(client, db)
    category = f"{BASE}/c/{here.category}"
    first = (await client.get(category)).text
    assert f"/p/{here.handle}" in first
    assert f"/p/{elsewhere.handle}" not in first
    whole = (await client.get(f"{category}?here=0")).text
    assert f"/p/{elsewhere.handle}" in whole
    other = next(each for each in made if each.category != here.category)
    assert "None of it lies in this store" in (await client.get(f"{BASE}/c/{other.category}")).text
    sku = here.variants[0].sku
    opened = await client.get(f"{BASE}/scan", params={"code": f" {sku} "})
    assert opened.headers["location"] == f"{BASE}/p/{here.handle}?sku={sku}"
    unknown = await client.get(f"{BASE}/scan", params={"code": EVIL})
    assert unknown.status_code == 404
    assert "We do not know this barcode" in unknown.text
    assert EVIL not in unknown.text
