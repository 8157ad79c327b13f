"""Limits on what strangers may try: so many attempts in so much time, for an e-mail address or a network address.

Table: attempt_count. Attempts count whether they succeed or not, so that the limit tells nobody what exists.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec

from kanava.platform.db import Connection, Query, Statement
from kanava.platform.errors import TooManyAttempts


class Limit(msgspec.Struct, frozen=True):
    """At most `attempts` within `window`, which begins with the first of them."""

    purpose: str
    attempts: int
    window: timedelta


class _Counted(msgspec.Struct, frozen=True):
    attempts: int
    ends_at: datetime


COUNT = Query(
    """
    INSERT INTO attempt_count AS a (purpose, who, attempts, ends_at)
    VALUES (:purpose::text, :who::bytea, 1, :ends_at::timestamptz)
    ON CONFLICT (purpose, who) DO UPDATE SET
        attempts = CASE WHEN a.ends_at <= :now::timestamptz THEN 1 ELSE a.attempts + 1 END,
        ends_at = CASE WHEN a.ends_at <= :now::timestamptz THEN excluded.ends_at ELSE a.ends_at END
    RETURNING attempts, ends_at
    """,
    _Counted,
)

FORGET = Statement("""
    DELETE FROM attempt_count WHERE (purpose, who) IN (
        SELECT purpose, who FROM attempt_count WHERE ends_at <= :now::timestamptz ORDER BY ends_at LIMIT 100
        FOR UPDATE SKIP LOCKED)
""")


async def count_attempt(tx: Connection, limit: Limit, who: str, now: datetime) -> TooManyAttempts | None:
    """Count an attempt; give what is to be said when it is one too many.

    Given, not raised: the transaction must commit, or the attempt would not count. What is over is forgotten here.
    """
    await FORGET.run(tx, now=now)
    digest = hashlib.blake2b(who.strip().lower().encode("utf-8", "replace"), digest_size=16).digest()
    counted = await COUNT.one(tx, purpose=limit.purpose, who=digest, now=now, ends_at=now + limit.window)
    if counted.attempts <= limit.attempts:
        return None
    seconds = int((counted.ends_at - now).total_seconds()) + 1
    return TooManyAttempts("Too many attempts; please wait.", retry_after_seconds=seconds)
