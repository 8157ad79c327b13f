"""The console's customers: found by e-mail, shown with what they ordered, signed out and deleted when they ask for it."""

import httpx
import pytest

from factories.desk import OURS, sign_in
from factories.orders import line, make_shop, place
from kanava.customers import service
from kanava.customers.model import Customer, NewAddress, SignIn
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.platform.staff import Role

pytestmark = pytest.mark.anyio
SCRIPT = "<script>alert(1)</script>"


async def signed_in(db: Database, email: str) -> SignIn:
    async with db.transaction() as tx:
        sign_in_id = await service.ask_code(tx, email, "sl", "192.0.2.1", clock.now())
        assert not isinstance(sign_in_id, Exception)
        code = await service.code_of(tx, sign_in_id, clock.now())
        begun = await service.begin_session(tx, sign_in_id, code, clock.now())
    assert isinstance(begun, SignIn)
    return begun


async def works_as(client: httpx.AsyncClient, db: Database, role: str) -> None:
    await sign_in(client, db, f"{role}@example.com", Role(role))


@pytest.fixture
async def maja(db: Database) -> Customer:
    await make_shop(db)
    customer = (await signed_in(db, "Maja.Kos@example.com")).customer
    address = NewAddress(uuid7(), "SI", SCRIPT, "Slovenska 1", "1000", "Ljubljana")
    async with db.transaction() as tx:
        await service.keep_address(tx, customer.customer_id, address, clock.now())
    return customer


async def test_a_customer_is_found_by_mail_and_shown_with_what_she_ordered(
    client: httpx.AsyncClient, db: Database, maja: Customer
) -> None:
    await works_as(client, db, "service_agent")
    order = await place(client, line("CUP"), customer={"email": "maja.kos@example.com", "name": "Maja"})
    await place(client, line("MUG"), customer={"email": "other@example.com"})
    path = f"/console/customers/{maja.customer_id}"
    listed = await client.get("/console/customers", params={"email": " MAJA.KOS@example.com"})
    assert path in listed.text
    for nobody in ("nobody@example.com", "maja", "@"):
        answer = await client.get("/console/customers", params={"email": nobody})
        assert answer.status_code == 200
        assert path not in answer.text
        assert (await client.get("/console/search", params={"q": nobody})).status_code in (200, 303)
    page = await client.get(path)
    assert page.status_code == 200
    assert f"/console/orders/{order['order_id']}" in page.text
    assert page.text.count("/console/orders/") == 1
    assert "Slovenska 1, 1000 Ljubljana" in page.text
    assert SCRIPT not in page.text
    found = await client.get("/console/search", params={"q": "maja.kos@example.com"})
    assert path in found.text
    assert f"/console/orders/{order['order_id']}" in found.text


async def test_who_may_help_signs_out_and_deletes(client: httpx.AsyncClient, db: Database, maja: Customer) -> None:
    session = await signed_in(db, maja.email)
    await works_as(client, db, "service_agent")
    path = f"/console/customers/{maja.customer_id}"
    assert (await client.post(f"{path}/sign-out", headers=OURS)).headers["location"] == path
    async with db.connection() as connection:
        assert await service.signed_in(connection, session.token, clock.now()) is None
    assert (await client.post(f"{path}/delete", headers=OURS)).headers["location"] == "/console/customers"
    assert (await client.get(path)).status_code == 404


async def test_who_may_only_read_changes_nothing(client: httpx.AsyncClient, db: Database, maja: Customer) -> None:
    await works_as(client, db, "analyst")
    path = f"/console/customers/{maja.customer_id}"
    assert "/delete" not in (await client.get(path)).text
    for verb in ("sign-out", "delete"):
        assert (await client.post(f"{path}/{verb}", headers=OURS)).status_code == 403
    assert (await client.get(path)).status_code == 200
