"""Customers over HTTP, for staff; and what two browsers at once may not break."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from kanava.customers import service
from kanava.customers.errors import AddressBookFull, SignInCodeWrong, SignInOver
from kanava.customers.model import NewAddress, SignIn
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.platform.errors import InvalidInput, TooManyAttempts
from kanava.platform.ids import uuid7

pytestmark = pytest.mark.anyio


async def asked(db: Database, email: str) -> tuple[UUID, str]:
    async with db.transaction() as tx:
        sign_in_id = await service.ask_code(tx, email, "sl", "192.0.2.1", clock.now())
        assert isinstance(sign_in_id, UUID)
        return sign_in_id, await service.code_of(tx, sign_in_id, clock.now())


async def entered(db: Database, sign_in_id: UUID, code: str) -> SignIn | SignInCodeWrong | SignInOver:
    async with db.transaction() as tx:
        return await service.begin_session(tx, sign_in_id, code, clock.now())


async def customer(db: Database, email: str) -> UUID:
    session = await entered(db, *await asked(db, email))
    assert isinstance(session, SignIn)
    return session.customer.customer_id


def address(number: int) -> NewAddress:
    return NewAddress(uuid7(), "SI", "Ana", f"Cesta {number}", "1000", "Ljubljana")


async def test_staff_finds_reads_signs_out_and_deletes(
    client: httpx.AsyncClient, db: Database, make_api_key: Callable[..., Awaitable[str]]
) -> None:
    ids = [str(await customer(db, f"person{number}@example.com")) for number in range(3)]
    async with db.transaction() as tx:
        await service.keep_address(tx, UUID(ids[0]), address(1), clock.now())
    first = (await client.get("/api/customers", params={"limit": 2})).json()
    rest = (await client.get("/api/customers", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["customer_id"] for each in first["items"] + rest["items"]] == ids[::-1]
    found = (await client.get("/api/customers", params={"email": "Person0@EXAMPLE.com"})).json()
    assert [each["customer_id"] for each in found["items"]] == ids[:1]
    assert (await client.get("/api/customers", params={"email": "nobody@example.com"})).json()["items"] == []
    assert (await client.get("/api/customers", params={"email": "nobody"})).status_code == 422
    one = (await client.get(f"/api/customers/{ids[0]}")).json()
    assert (one["customer"]["language"], one["addresses"][0]["street"]) == ("sl", "Cesta 1")
    reader = {"Authorization": f"Bearer {await make_api_key('customers:read')}"}
    assert (await client.get(f"/api/customers/{ids[0]}", headers=reader)).status_code == 200
    assert (await client.delete(f"/api/customers/{ids[0]}", headers=reader)).status_code == 403
    stranger = {"Authorization": f"Bearer {await make_api_key('orders:write')}"}
    assert (await client.get("/api/customers", headers=stranger)).status_code == 403
    assert (await client.post(f"/api/customers/{ids[0]}/sign-out")).status_code == 204
    assert (await client.delete(f"/api/customers/{ids[0]}")).status_code == 204
    for answer in (
        await client.get(f"/api/customers/{ids[0]}"),
        await client.delete(f"/api/customers/{ids[0]}"),
        await client.post(f"/api/customers/{ids[0]}/sign-out"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:kanava:problem:customer-not-found")


async def test_a_code_pressed_twice_at_once_opens_one_session(db: Database) -> None:
    sign_in_id, code = await asked(db, "ana@example.com")
    outcomes = await asyncio.gather(*(entered(db, sign_in_id, code) for _ in range(4)))
    assert sorted(type(each).__name__ for each in outcomes) == ["SignIn", *["SignInOver"] * 3]


async def test_tries_at_once_are_counted_one_by_one(db: Database) -> None:
    sign_in_id, code = await asked(db, "ana@example.com")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    outcomes = await asyncio.gather(*(entered(db, sign_in_id, wrong) for _ in range(9)))
    left = sorted(each.extra["tries_left"] for each in outcomes if isinstance(each, SignInCodeWrong))
    assert left == [0, 1, 2, 3, 4]
    assert isinstance(await entered(db, sign_in_id, code), SignInOver)


async def test_two_first_sign_ins_at_once_are_one_customer(db: Database) -> None:
    codes = [await asked(db, "ana@example.com"), await asked(db, "Ana@example.com ")]
    assert codes[0][1] != codes[1][1] or codes[0][0] != codes[1][0]
    outcomes = await asyncio.gather(*(entered(db, *each) for each in codes))
    known = {each.customer.customer_id for each in outcomes if isinstance(each, SignIn)}
    assert len(known) == 1
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM customer") == 1


async def test_an_address_book_holds_twenty_however_many_come_at_once(db: Database) -> None:
    customer_id = await customer(db, "ana@example.com")

    async def keep(number: int) -> None:
        async with db.transaction() as tx:
            await service.keep_address(tx, customer_id, address(number), clock.now())

    outcomes = await asyncio.gather(*(keep(number) for number in range(25)), return_exceptions=True)
    assert sum(isinstance(each, AddressBookFull) for each in outcomes) == 5
    async with db.connection() as connection:
        assert len(await service.list_addresses(connection, customer_id)) == 20


async def test_no_code_goes_to_what_is_no_address_and_the_limit_is_of_the_network_too(db: Database) -> None:
    for text in (
        "",
        "ana",
        "ana@localhost",
        "a b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a" * 200 + "@b.si",
    ):
        with pytest.raises(InvalidInput):
            await asked(db, text)
    outcomes = []
    for number in range(31):
        async with db.transaction() as tx:
            email = f"person{number}@example.com"
            outcomes.append(await service.ask_code(tx, email, "en", "192.0.2.9", clock.now()))
    assert [isinstance(each, TooManyAttempts) for each in outcomes] == [False] * 30 + [True]
