"""The same request twice is carried out once: a record per (actor, Idempotency-Key), written with the change.

A key that comes again with the same body gets the stored answer; with another body, `IdempotencyKeyReused`.
A request that failed leaves no record and may be sent again.
"""

import hashlib

import msgspec

from kanava.platform.db import Connection, Query, Statement
from kanava.platform.errors import Conflict, InvalidInput

KEY_LENGTH_MAX = 200


class IdempotencyKeyReused(Conflict):
    """The key was used before, for another request."""

    title = "This Idempotency-Key was used for another request."


class StoredAnswer(msgspec.Struct, frozen=True):
    """What was answered the first time."""

    request_hash: bytes
    response_status: int | None
    response_body: bytes | None


CLAIM = Query(
    """
    INSERT INTO idempotency_record (actor, idempotency_key, request_hash)
    VALUES (:actor::text, :idempotency_key::text, :request_hash::bytea)
    ON CONFLICT DO NOTHING
    RETURNING true AS claimed
    """,
    bool,
)

STORED = Query(
    """
    SELECT request_hash, response_status, response_body FROM idempotency_record
    WHERE actor = :actor::text AND idempotency_key = :idempotency_key::text
    """,
    StoredAnswer,
)

COMPLETE = Statement("""
    UPDATE idempotency_record SET response_status = :status::smallint, response_body = :body::bytea
    WHERE actor = :actor::text AND idempotency_key = :idempotency_key::text
""")

PRUNE = Statement("""
    DELETE FROM idempotency_record WHERE created_at < :before::timestamptz
""")


def check_key(key: str) -> str:
    """Give the key back when it is usable as one."""
    if not 1 <= len(key) <= KEY_LENGTH_MAX:
        raise InvalidInput(f"An Idempotency-Key has 1 to {KEY_LENGTH_MAX} characters.", field="Idempotency-Key")
    return key


def hash_request(method: str, path: str, body: bytes) -> bytes:
    """Give what makes two requests the same: method, path with query, and the body's bytes."""
    return hashlib.blake2b(f"{method} {path}\n".encode() + body, digest_size=16).digest()


async def claim(tx: Connection, actor: str, key: str, request_hash: bytes) -> StoredAnswer | None:
    """Claim the key for this transaction (None), or give the earlier answer to repeat."""
    if await CLAIM.one_or_none(tx, actor=actor, idempotency_key=key, request_hash=request_hash):
        return None
    stored = await STORED.one(tx, actor=actor, idempotency_key=key)
    if stored.request_hash != request_hash:
        raise IdempotencyKeyReused("The key was used before with another body or path.", field="Idempotency-Key")
    return stored


async def complete(tx: Connection, actor: str, key: str, status: int, body: bytes) -> None:
    """Store the answer beside the claim, in the same transaction."""
    await COMPLETE.run(tx, actor=actor, idempotency_key=key, status=status, body=body)
