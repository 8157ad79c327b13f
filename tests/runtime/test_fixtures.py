"""The test database is fresh, quick and migrated."""

import httpx
import pytest

from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("turn", range(5))
async def test_every_test_has_a_database_of_its_own(db: Database, turn: int) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO brand (name) VALUES ('only')")
        assert await tx.fetchval("SELECT count(*) FROM brand") == 1


async def test_the_application_answers_with_a_key(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/ready")).json() == {"status": "ok"}
    assert (await client.get("/api/api-keys")).status_code == 200
