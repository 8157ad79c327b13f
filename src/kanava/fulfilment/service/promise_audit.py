"""What customers were promised against what happened, by cause."""

from datetime import datetime

import msgspec

from kanava.fulfilment.store import promise_audit as sql
from kanava.fulfilment.store.promise_audit import AuditRow
from kanava.platform.db import Connection

KEPT = ("kept", "moved and kept")
BROKEN = ("late", "moved and late", "overdue", "not delivered", "cancelled: nobody could")


class PromiseAudit(msgspec.Struct, frozen=True):
    """Units of orders placed from `since` until `until`, by kind, outcome and cause.

    `kept_share`: of the units whose promise was kept or broken, those whose promise was kept. Units that nobody could
    give count as broken; those that the customer gave up or did not fetch, and those under way, do not count.
    """

    since: datetime
    until: datetime
    units_kept: int
    units_broken: int
    kept_share: float
    rows: list[AuditRow]


async def audit_promises(connection: Connection, since: datetime, until: datetime, now: datetime) -> PromiseAudit:
    """Count what the database stores of the promises of orders placed in a time."""
    rows = await sql.GIVEN.all(connection, since=since, until=until, now=now)
    rows += await sql.CANCELLED.all(connection, since=since, until=until)
    rows.sort(key=lambda row: (row.kind, row.outcome, row.cause))
    kept = sum(row.units for row in rows if row.outcome in KEPT)
    broken = sum(row.units for row in rows if row.outcome in BROKEN)
    return PromiseAudit(since, until, kept, broken, round(kept / max(1, kept + broken), 4), rows)
