"""Signed links and counted attempts."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from kanava.platform.attempts import Limit, count_attempt
from kanava.platform.db import Database
from kanava.platform.signing import Signer, signer_for

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LIMIT = Limit("test", 3, timedelta(hours=1))


def test_a_signature_is_of_one_id_one_purpose_and_one_installation() -> None:
    signer, value = Signer(b"s" * 32, "order page"), uuid4()
    token = signer.sign(value)
    assert len(token) == 22
    assert signer.holds(value, token)
    for other in (Signer(b"t" * 32, "order page"), Signer(b"s" * 32, "another")):
        assert not other.holds(value, token)
    for wrong in (uuid4(), value):
        for text in (token[:-1], token + "A", "", "ž", "\ud800", token.swapcase()):
            assert not signer.holds(wrong, text)


async def test_all_processes_sign_with_the_first_ones_secret(db: Database) -> None:
    async def sign() -> str:
        async with db.connection() as connection:
            return (await signer_for(connection, "order page")).sign(value)

    value = uuid4()
    assert len(set(await asyncio.gather(*[sign() for _ in range(8)]))) == 1


async def test_attempts_are_counted_for_a_while_and_for_each(db: Database) -> None:
    async def attempt(who: str, minutes: int = 0) -> bool:
        async with db.transaction() as tx:
            return await count_attempt(tx, LIMIT, who, NOW + timedelta(minutes=minutes)) is None

    assert [await attempt(who) for who in ("ana", "Ana ", "ANA", "ana")] == [True, True, True, False]
    assert await attempt("eve")
    assert not await attempt("ana", 59)
    assert await attempt("ana", 60)
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM attempt_count") == 1
