"""Staff: people who sign in with e-mail and password, with roles bound to locations.

Tables: staff, staff_role, staff_session. After five wrong passwords an account waits, longer each time.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kanava.platform import audit
from kanava.platform.auth import ROLES, Actor, new_session_token, session_digest
from kanava.platform.db import Connection, Query, Statement
from kanava.platform.errors import AlreadyExists, InvalidInput, NotFound, TooManyAttempts, Unauthenticated

PASSWORD_LENGTH_MIN = 10
ATTEMPTS_FREE = 5
WAIT_SECONDS_MAX = 3600


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role; without a location it holds at every location."""

    role: str
    location: str | None = None


class Staff(msgspec.Struct, frozen=True):
    """A person who may sign in."""

    staff_id: int
    email: str
    name: str
    language: str
    active: bool
    created_at: datetime
    roles: list[Role]


class _StaffRow(msgspec.Struct, frozen=True):
    staff_id: int
    email: str
    name: str
    language: str
    active: bool
    created_at: datetime
    roles: list[str]
    locations: list[str | None]


class _Credentials(msgspec.Struct, frozen=True):
    staff_id: int
    password_hash: str
    active: bool
    failed_attempts: int
    locked_until: datetime | None


_SELECT = """
    SELECT p.staff_id, p.email, p.name, p.language, p.active, p.created_at,
           coalesce(array_agg(r.role ORDER BY r.role, r.location_id) FILTER (WHERE r.role IS NOT NULL), '{}') AS roles,
           coalesce(array_agg(l.code ORDER BY r.role, r.location_id) FILTER (WHERE r.role IS NOT NULL), '{}')
               AS locations
    FROM staff p LEFT JOIN staff_role r USING (staff_id) LEFT JOIN location l USING (location_id)
"""
LIST = Query(f"{_SELECT} GROUP BY p.staff_id ORDER BY p.email LIMIT 1000", _StaffRow)
BY_EMAIL = Query(f"{_SELECT} WHERE p.email = :email::text GROUP BY p.staff_id", _StaffRow)
BY_ID = Query(f"{_SELECT} WHERE p.staff_id = :staff_id::bigint GROUP BY p.staff_id", _StaffRow)
INSERT = Query(
    """
    INSERT INTO staff (email, name, password_hash, language)
    VALUES (:email::text, :name::text, :password_hash::text, :language::text)
    ON CONFLICT DO NOTHING RETURNING staff_id
    """,
    int,
)
SET_PASSWORD = Statement("""
    UPDATE staff SET password_hash = :password_hash::text, failed_attempts = 0, locked_until = NULL
    WHERE staff_id = :staff_id::bigint
""")
SET_ACTIVE = Statement("UPDATE staff SET active = :active::boolean WHERE staff_id = :staff_id::bigint")
END_SESSIONS = Statement("DELETE FROM staff_session WHERE staff_id = :staff_id::bigint")
CLEAR_ROLES = Statement("DELETE FROM staff_role WHERE staff_id = :staff_id::bigint")
INSERT_ROLES = Query(
    """
    INSERT INTO staff_role (staff_id, role, location_id)
    SELECT :staff_id::bigint, r.role, coalesce(l.location_id, 0)
    FROM unnest(:roles::text[], :locations::text[]) AS r (role, code) LEFT JOIN location l ON l.code = r.code
    WHERE r.code IS NULL OR l.location_id IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING role
    """,
    str,
)
CREDENTIALS = Query(
    """
    SELECT staff_id, password_hash, active, failed_attempts, locked_until FROM staff WHERE email = :email::text
    """,
    _Credentials,
)
COUNT_FAILURE = Statement("""
    UPDATE staff SET failed_attempts = failed_attempts + 1, locked_until = :locked_until::timestamptz
    WHERE staff_id = :staff_id::bigint
""")
FORGET_FAILURES = Statement("""
    UPDATE staff SET failed_attempts = 0, locked_until = NULL WHERE staff_id = :staff_id::bigint AND failed_attempts > 0
""")
INSERT_SESSION = Statement("""
    INSERT INTO staff_session (token_hash, staff_id, expires_at)
    VALUES (:token_hash::bytea, :staff_id::bigint, :expires_at::timestamptz)
""")
DELETE_SESSION = Statement("DELETE FROM staff_session WHERE token_hash = :token_hash::bytea")


def _view(row: _StaffRow) -> Staff:
    roles = [Role(role, code) for role, code in zip(row.roles, row.locations, strict=True)]
    return Staff(row.staff_id, row.email, row.name, row.language, row.active, row.created_at, roles)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    """A hash to verify against when the e-mail is unknown, so that both cases take as long."""
    return _hasher().hash("nobody has this password")


def check_password(password: str) -> str:
    """Give the password back when it is long enough."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= 200:
        raise InvalidInput(f"A password has {PASSWORD_LENGTH_MIN} to 200 characters.", field="password")
    return password


async def list_staff(tx: Connection) -> list[Staff]:
    """Give everybody, by e-mail."""
    return [_view(row) for row in await LIST.all(tx)]


async def get_staff(tx: Connection, email: str) -> Staff:
    """Give one person; NotFound."""
    row = await BY_EMAIL.one_or_none(tx, email=email.lower())
    if row is None:
        raise NotFound(f"Nobody signs in as {email!r}.", field="email")
    return _view(row)


async def staff_by_id(tx: Connection, staff_id: int) -> Staff | None:
    """Give the person of an id, such as who is signed in."""
    row = await BY_ID.one_or_none(tx, staff_id=staff_id)
    return None if row is None else _view(row)


async def add_staff(
    tx: Connection, actor: Actor, email: str, name: str, password: str, roles: Sequence[Role], language: str = "en"
) -> Staff:
    """Add a person with roles; AlreadyExists when the e-mail is taken."""
    if "@" not in email or len(email) > 200:
        raise InvalidInput(f"{email!r} is no e-mail address.", field="email")
    digest = await asyncio.to_thread(_hasher().hash, check_password(password))
    staff_id = await INSERT.one_or_none(tx, email=email.lower(), name=name, password_hash=digest, language=language)
    if staff_id is None:
        raise AlreadyExists(f"Somebody signs in as {email} already.", field="email")
    await _write_roles(tx, staff_id, roles)
    await audit.record(tx, actor, "create", "staff", email.lower(), {"roles": msgspec.to_builtins(list(roles))})
    return await get_staff(tx, email)


async def _write_roles(tx: Connection, staff_id: int, roles: Sequence[Role]) -> None:
    for index, role in enumerate(roles):
        if role.role not in ROLES:
            raise InvalidInput(
                f"{role.role!r} is no role; the roles are {', '.join(ROLES)}.", field=f"roles[{index}].role"
            )
    await CLEAR_ROLES.run(tx, staff_id=staff_id)
    distinct = list(dict.fromkeys((role.role, role.location) for role in roles))
    written = await INSERT_ROLES.all(
        tx, staff_id=staff_id, roles=[r[0] for r in distinct], locations=[r[1] for r in distinct]
    )
    if len(written) != len(distinct):
        raise InvalidInput("A role names a location that does not exist.", field="roles.location")


async def set_roles(tx: Connection, actor: Actor, email: str, roles: Sequence[Role]) -> Staff:
    """Replace somebody's roles, effective with the next request."""
    person = await get_staff(tx, email)
    await _write_roles(tx, person.staff_id, roles)
    await audit.record(tx, actor, "set_roles", "staff", person.email, {"roles": msgspec.to_builtins(list(roles))})
    return await get_staff(tx, email)


async def set_active(tx: Connection, actor: Actor, email: str, active: bool) -> Staff:
    """Let somebody in or out; ending access ends the sessions at once."""
    person = await get_staff(tx, email)
    await SET_ACTIVE.run(tx, staff_id=person.staff_id, active=active)
    if not active:
        await END_SESSIONS.run(tx, staff_id=person.staff_id)
    await audit.record(tx, actor, "activate" if active else "deactivate", "staff", person.email)
    return await get_staff(tx, email)


async def set_password(tx: Connection, actor: Actor, email: str, password: str) -> None:
    """Set a new password and end the sessions."""
    person = await get_staff(tx, email)
    digest = await asyncio.to_thread(_hasher().hash, check_password(password))
    await SET_PASSWORD.run(tx, staff_id=person.staff_id, password_hash=digest)
    await END_SESSIONS.run(tx, staff_id=person.staff_id)
    await audit.record(tx, actor, "set_password", "staff", person.email)


def _matches(digest: str, password: str) -> bool:
    try:
        return _hasher().verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


async def sign_in(tx: Connection, email: str, password: str, now: datetime) -> tuple[str, datetime] | Exception:
    """Give a session token and its end.

    A refusal is returned, not raised: the failed attempt that it counts has to be committed.
    """
    refusal = Unauthenticated("E-mail or password is wrong.", field="password")
    known = await CREDENTIALS.one_or_none(tx, email=email.lower())
    if known is not None and known.locked_until is not None and known.locked_until > now:
        seconds = int((known.locked_until - now).total_seconds()) + 1
        return TooManyAttempts("Too many wrong passwords; wait a little.", retry_after_seconds=seconds)
    matches = await asyncio.to_thread(_matches, known.password_hash if known else _hash_of_nobody(), password)
    if known is None:
        return refusal
    if not matches or not known.active:
        wait = 0 if known.failed_attempts + 1 < ATTEMPTS_FREE else 2 ** (known.failed_attempts + 2 - ATTEMPTS_FREE) * 15
        until = now + timedelta(seconds=min(wait, WAIT_SECONDS_MAX)) if wait else None
        await COUNT_FAILURE.run(tx, staff_id=known.staff_id, locked_until=until)
        return refusal
    token, digest, lifetime = new_session_token()
    await FORGET_FAILURES.run(tx, staff_id=known.staff_id)
    await INSERT_SESSION.run(tx, token_hash=digest, staff_id=known.staff_id, expires_at=now + lifetime)
    return token, now + lifetime


async def sign_out(tx: Connection, token: str) -> None:
    """End the session of a token."""
    await DELETE_SESSION.run(tx, token_hash=session_digest(token))
