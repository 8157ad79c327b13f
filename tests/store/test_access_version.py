"""The version of access: it rises when a key, a session or a role may mean less, and only then."""

import pytest

from kanava.platform import auth, clock
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio

RAISES = {
    "a key is revoked": "UPDATE api_key SET revoked_at = now()",
    "a key is removed": "DELETE FROM api_key",
    "somebody is switched off": "UPDATE staff SET active = false",
    "a role is given": "INSERT INTO staff_role (staff_id, role) SELECT staff_id, 'analyst' FROM staff",
    "a role is taken": "DELETE FROM staff_role",
    "a session ends": "DELETE FROM staff_session",
}
LEAVES = {
    "a key is made": """INSERT INTO api_key (name, prefix, secret_hash, scopes) VALUES ('b', 'b', '', '{}')""",
    "a password was wrong": "UPDATE staff SET failed_attempts = 1",
    "somebody signs in": """INSERT INTO staff_session (token_hash, staff_id, expires_at)
                            SELECT 'other', staff_id, 'infinity' FROM staff""",
}


async def make_somebody(db: Database) -> str:
    async with db.transaction() as tx:
        _, secret = await auth.create_api_key(tx, "a", ["orders:write"])
        await tx.execute("INSERT INTO staff (email, name, password_hash) VALUES ('a@example.com', 'A', '')")
        await tx.execute("INSERT INTO staff_role (staff_id, role) SELECT staff_id, 'associate' FROM staff")
        await tx.execute(
            "INSERT INTO staff_session (token_hash, staff_id, expires_at) SELECT 'one', staff_id, 'infinity' FROM staff"
        )
    return secret


async def version(db: Database) -> int:
    async with db.connection() as connection:
        found: int = await connection.fetchval("SELECT access_version FROM config_version")
        return found


@pytest.mark.parametrize("statement", RAISES.values(), ids=RAISES.keys())
async def test_it_rises_when(db: Database, statement: str) -> None:
    secret = await make_somebody(db)
    async with db.transaction() as tx:
        presumed = (await auth.look_up(tx, [secret]))[secret]
        assert presumed.holds(await version(db), clock.now())
        await tx.execute(statement)
    assert not presumed.holds(await version(db), clock.now())


@pytest.mark.parametrize("statement", LEAVES.values(), ids=LEAVES.keys())
async def test_it_stays_when(db: Database, statement: str) -> None:
    await make_somebody(db)
    before = await version(db)
    async with db.transaction() as tx:
        await tx.execute(statement)
    assert await version(db) == before


async def test_a_presumption_ends_with_its_key(db: Database) -> None:
    async with db.transaction() as tx:
        expires_at = clock.now().replace(year=2099)
        _, secret = await auth.create_api_key(tx, "short", ["orders:write"], expires_at)
        presumed = (await auth.look_up(tx, [secret]))[secret]
    assert presumed.expires_at == expires_at
    assert not presumed.holds(presumed.access_version, expires_at)
