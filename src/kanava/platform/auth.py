"""Who is asking, and what they may do.

API keys look like `knv_PREFIX_SECRET`; only a hash of the secret is stored. Staff sign in with e-mail and password
(argon2id) and get a session token `kns_TOKEN`. Both travel as `Authorization: Bearer …`. Keys and sessions are read
from the database for every request (requests that arrive together share one read; placing asks only whether any key,
session or role has changed since it was read), so a revoked key stops at once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from kanava.platform.db import Connection, Database, Query, Statement
from kanava.platform.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from kanava.platform.group_commit import GroupCommit

NOUNS = (
    "locations",
    "catalog",
    "channels",
    "prices",
    "stock",
    "carriers",
    "routing",
    "carts",
    "orders",
    "fulfilment",
    "customers",
    "messages",
    "events",
    "webhooks",
    "admin",
)
SCOPES = frozenset(f"{noun}:{verb}" for noun in NOUNS for verb in ("read", "write"))
EVERYTHING_READ = frozenset(f"{noun}:read" for noun in NOUNS if noun != "admin")
ROLES: dict[str, frozenset[str]] = {
    "admin": SCOPES,
    "merchandiser": EVERYTHING_READ
    | {"catalog:write", "channels:write", "prices:write", "stock:write", "carriers:write", "routing:write"},
    "store_manager": EVERYTHING_READ
    | {"locations:write", "stock:write", "carts:write", "orders:write", "fulfilment:write"},
    "associate": EVERYTHING_READ | {"stock:write", "carts:write", "orders:write", "fulfilment:write"},
    "service_agent": EVERYTHING_READ | {"carts:write", "orders:write", "customers:write", "messages:write"},
    "analyst": EVERYTHING_READ,
}
SESSION_HOURS = 12
PRESUMED_SECONDS = 60
PRESUMED_MAX = 10_000


class Actor(msgspec.Struct, frozen=True):
    """Who acts. `location_ids` None means every location."""

    kind: str
    id: int
    name: str
    scopes: frozenset[str]
    location_ids: frozenset[int] | None = None

    @property
    def label(self) -> str:
        """How the actor stands in ledgers and logs: `api_key:3`."""
        return f"{self.kind}:{self.id}"

    def must_reach(self, location_id: int) -> None:
        """Raise Forbidden unless the actor may act at this location."""
        if self.location_ids is not None and location_id not in self.location_ids:
            raise Forbidden("Your role is bound to other locations.", field="location")


NOBODY = Actor(kind="nobody", id=0, name="", scopes=frozenset())
SYSTEM = Actor(kind="system", id=0, name="Kanava", scopes=SCOPES)


class Presumed(msgspec.Struct, frozen=True):
    """Who a token stood for when it was looked up.

    It still does while `access_version` is the one in force (triggers raise it when a key, a session or a role may mean
    less than before) and `expires_at`, when there is one, lies ahead.
    """

    actor: Actor
    token: str
    access_version: int
    expires_at: datetime | None

    def holds(self, access_version: int, now: datetime) -> bool:
        """Say whether nothing can have changed since."""
        return self.access_version == access_version and (self.expires_at is None or self.expires_at > now)


class ApiKey(msgspec.Struct, frozen=True):
    """An API key as people see it; the secret is shown once, when it is made."""

    api_key_id: int
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class _KeyRow(msgspec.Struct, frozen=True):
    api_key_id: int
    name: str
    prefix: str
    secret_hash: bytes
    scopes: list[str]
    access_version: int
    expires_at: datetime | None


class _SessionRow(msgspec.Struct, frozen=True):
    token_hash: bytes
    staff_id: int
    name: str
    roles: list[str]
    location_ids: list[int]
    access_version: int
    expires_at: datetime


INSERT_KEY = Query(
    """
    INSERT INTO api_key (name, prefix, secret_hash, scopes, expires_at)
    VALUES (:name::text, :prefix::text, :secret_hash::bytea, :scopes::text[], :expires_at::timestamptz)
    RETURNING api_key_id, name, prefix, scopes, created_at, expires_at, revoked_at
    """,
    ApiKey,
)
LIST_KEYS = Query(
    """
    SELECT api_key_id, name, prefix, scopes, created_at, expires_at, revoked_at
    FROM api_key ORDER BY api_key_id LIMIT 1000
    """,
    ApiKey,
)
REVOKE_KEY = Query(
    """
    UPDATE api_key SET revoked_at = coalesce(revoked_at, :now::timestamptz) WHERE prefix = :prefix::text
    RETURNING api_key_id, name, prefix, scopes, created_at, expires_at, revoked_at
    """,
    ApiKey,
)
LIVE_KEYS = Query(
    """
    SELECT api_key_id, name, prefix, secret_hash, scopes, (SELECT access_version FROM config_version), expires_at
    FROM api_key
    WHERE prefix = ANY (:prefixes::text[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    """,
    _KeyRow,
)
LIVE_SESSIONS = Query(
    """
    SELECT s.token_hash, s.staff_id, p.name,
           coalesce(array_agg(r.role) FILTER (WHERE r.role IS NOT NULL), '{}') AS roles,
           coalesce(array_agg(r.location_id) FILTER (WHERE r.role IS NOT NULL), '{}') AS location_ids,
           (SELECT access_version FROM config_version), s.expires_at
    FROM staff_session s JOIN staff p USING (staff_id) LEFT JOIN staff_role r USING (staff_id)
    WHERE s.token_hash = ANY (:token_hashes::bytea[]) AND s.expires_at > now() AND p.active
    GROUP BY s.token_hash, s.staff_id, p.name
    """,
    _SessionRow,
)
PRUNE_SESSIONS = Statement("DELETE FROM staff_session WHERE expires_at < :now::timestamptz")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def check_scopes(scopes: Sequence[str]) -> list[str]:
    """Give the scopes sorted; InvalidInput names one that does not exist."""
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            raise InvalidInput(
                f"{scope!r} is no scope; the scopes are {', '.join(sorted(SCOPES))}.", field=f"scopes[{index}]"
            )
    return sorted(set(scopes))


async def create_api_key(
    tx: Connection, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the whole key, which nothing can show again."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = await INSERT_KEY.one(
        tx, name=name, prefix=prefix, secret_hash=_digest(secret), scopes=check_scopes(scopes), expires_at=expires_at
    )
    return key, f"knv_{prefix}_{secret}"


async def list_api_keys(tx: Connection) -> list[ApiKey]:
    """Give every key, oldest first."""
    return await LIST_KEYS.all(tx)


async def revoke_api_key(tx: Connection, prefix: str, now: datetime) -> ApiKey:
    """End a key at once; revoking it again changes nothing."""
    key = await REVOKE_KEY.one_or_none(tx, prefix=prefix, now=now)
    if key is None:
        raise NotFound(f"No API key has the prefix {prefix!r}.", field="prefix")
    return key


def new_session_token() -> tuple[str, bytes, timedelta]:
    """Give a token, the hash under which it is stored, and how long it lives."""
    token = secrets.token_urlsafe(32)
    return f"kns_{token}", _digest(token), timedelta(hours=SESSION_HOURS)


def session_digest(token: str) -> bytes:
    """Give the hash under which a session token is stored."""
    return _digest(token.removeprefix("kns_"))


class Authenticator:
    """Turns bearer tokens into actors; tokens that arrive together are looked up together."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._reads: GroupCommit[str, Presumed] = GroupCommit(
            "authenticate", self._look_up, group_max=200, queue_max=20_000
        )
        self._lately: dict[str, tuple[float, Presumed]] = {}

    async def actor_of(self, token: str) -> Actor:
        """Give the actor, or raise Unauthenticated."""
        return (await self._reads.submit(token)).actor

    async def presume(self, token: str) -> Presumed:
        """Give whom this token stood for within the last minute, for a caller that confirms it in its transaction.

        A token that was not seen lately is looked up, so nobody gets as far as a queue without having been known.
        """
        known = self._lately.get(token)
        if known is not None and known[0] > monotonic():
            return known[1]
        presumed = await self._reads.submit(token)
        if len(self._lately) >= PRESUMED_MAX:
            self._lately.clear()
        self._lately[token] = (monotonic() + PRESUMED_SECONDS, presumed)
        return presumed

    async def close(self) -> None:
        """Answer what is waiting, then take nothing more."""
        await self._reads.close()

    async def _look_up(self, tokens: Sequence[str]) -> Sequence[Presumed | Exception]:
        async with self.db.connection() as connection:
            found = await look_up(connection, set(tokens))
        return [found.get(token) or unknown_token() for token in tokens]


async def look_up(connection: Connection, tokens: Iterable[str]) -> dict[str, Presumed]:
    """Give whom the tokens stand for that are valid at this moment; the others are missing."""
    distinct = list(tokens)
    prefixes = list({parts[1] for token in distinct if len(parts := token.split("_", 2)) == 3 and parts[0] == "knv"})
    sessions = [session_digest(token) for token in distinct if token.startswith("kns_")]
    keys: dict[str, _KeyRow] = {}
    staff: dict[bytes, _SessionRow] = {}
    if prefixes:
        keys = {row.prefix: row for row in await LIVE_KEYS.all(connection, prefixes=prefixes)}
    if sessions:
        staff = {row.token_hash: row for row in await LIVE_SESSIONS.all(connection, token_hashes=sessions)}
    found = {token: _of_key(token, keys) or _of_session(token, staff) for token in distinct}
    return {token: presumed for token, presumed in found.items() if presumed is not None}


def unknown_token() -> Unauthenticated:
    """Make the answer to a token that nobody has."""
    return Unauthenticated("The API key or session is unknown, expired or revoked.", field="Authorization")


def _of_key(token: str, keys: dict[str, _KeyRow]) -> Presumed | None:
    parts = token.split("_", 2)
    row = keys.get(parts[1]) if len(parts) == 3 and parts[0] == "knv" else None
    if row is None or not hmac.compare_digest(row.secret_hash, _digest(parts[2])):
        return None
    actor = Actor(kind="api_key", id=row.api_key_id, name=row.name, scopes=frozenset(row.scopes))
    return Presumed(actor, token, row.access_version, row.expires_at)


def _of_session(token: str, staff: dict[bytes, _SessionRow]) -> Presumed | None:
    row = staff.get(session_digest(token)) if token.startswith("kns_") else None
    if row is None:
        return None
    scopes = frozenset(scope for role in row.roles for scope in ROLES.get(role, frozenset()))
    everywhere = 0 in row.location_ids
    actor = Actor(
        kind="staff",
        id=row.staff_id,
        name=row.name,
        scopes=scopes,
        location_ids=None if everywhere else frozenset(row.location_ids),
    )
    return Presumed(actor, token, row.access_version, row.expires_at)


Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Coroutine[Any, Any, None]]


def bearer_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Give the token of the request; Unauthenticated without one."""
    kind, _space, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated("Send `Authorization: Bearer KEY`.", field="Authorization")
    return token.strip()


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Route guard: the caller is known."""
    actor = await connection.app.state.authenticator.actor_of(bearer_token(connection))
    connection.scope["actor"] = actor  # type: ignore[typeddict-unknown-key]


def check_scope(actor: Actor, scope: str) -> None:
    """Raise Forbidden unless the actor has the scope."""
    if scope not in actor.scopes:
        raise Forbidden(f"This needs the scope {scope}.", scope=scope)


def requires(scope: str) -> Guard:
    """Make a route guard: the caller is known and has `scope`."""
    if scope not in SCOPES:
        raise ValueError(f"{scope!r} is no scope")

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await signed_in(connection, handler)
        check_scope(actor_of(connection), scope)

    return guard


async def presume(connection: ASGIConnection[Any, Any, Any, Any]) -> Presumed:
    """Give the presumed caller, for verbs that confirm it, with the scope, in their own transaction.

    Called by the handler itself: a guard would copy the handler for every request.
    """
    presumed: Presumed = await connection.app.state.authenticator.presume(bearer_token(connection))
    return presumed


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """Give the actor that the guard found."""
    actor: Actor = connection.scope["actor"]  # type: ignore[typeddict-item]
    return actor
