"""Every order that waits on something, and why; and what in the machinery keeps orders waiting."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kanava.fulfilment.store import doctor as sql
from kanava.fulfilment.store.doctor import WaitingRow
from kanava.inventory import service as inventory
from kanava.platform.db import Connection, Query

SHOWN_MAX = 100


class Check(msgspec.Struct, frozen=True):
    """A way of waiting, and how long it may last."""

    kind: str
    query: Query[WaitingRow]
    patience: timedelta
    patience_answered: timedelta


def _check(kind: str, query: Query[WaitingRow], patience: timedelta, answered: timedelta | None = None) -> Check:
    return Check(kind, query, patience, answered or patience)


AT_ONCE = timedelta(0)
PATIENCE_WITHOUT_DATE = timedelta(days=1)
"""How long goods may be awaited without anybody knowing when they come; those past their date are overdue at once."""
CHECKS = (
    # Somebody who said that she waits may wait longer than somebody who has not been asked.
    _check("stuck", sql.STUCK, timedelta(days=1), timedelta(days=14)),
    _check("on_hold", sql.ON_HOLD, timedelta(days=3)),
    _check("late", sql.LATE, AT_ONCE),
    _check("promise_past", sql.PROMISE_PAST, AT_ONCE),
    _check("uncollected", sql.UNCOLLECTED, timedelta(hours=1)),
    _check("unopened", sql.UNOPENED, AT_ONCE),
    _check("parcel_returned", sql.PARCELS_RETURNED, timedelta(days=1)),
    _check("delivery_failed", sql.DELIVERIES_FAILED, timedelta(days=3)),
    _check("staged_not_ready", sql.STAGED, timedelta(minutes=15)),
    _check("unknown_parcel", sql.UNKNOWN_PARCELS, timedelta(hours=1)),
    _check("event_put_aside", sql.PUT_ASIDE, AT_ONCE),
    _check("failed_job", sql.FAILED_JOBS, AT_ONCE),
)
KINDS = (*[check.kind for check in CHECKS], *inventory.ATTENTION)
"""Every way of waiting that a diagnosis may name."""


class Waiting(msgspec.Struct, frozen=True):
    """Something that waits since an instant; `overdue`: longer than it should."""

    kind: str
    order_id: UUID | None
    fulfilment_id: UUID | None
    number: str
    location: str
    since: datetime
    why: str
    overdue: bool


class Diagnosis(msgspec.Struct, frozen=True):
    """What waits: how many of each kind, and up to 100 of each, the oldest first."""

    checked_at: datetime
    healthy: bool
    counts: dict[str, int]
    waiting: list[Waiting]


async def diagnose(connection: Connection, now: datetime) -> Diagnosis:
    """Look at everything that can wait; healthy when nothing waits longer than it should."""
    counts: dict[str, int] = {}
    waiting: list[Waiting] = []
    for check in CHECKS:
        values = {"limit": SHOWN_MAX, "now": now}
        rows = await check.query.all(connection, **values)
        counts[check.kind] = rows[0].total if rows else 0
        for row in rows:
            patience = check.patience_answered if row.answered else check.patience
            overdue = now - row.since > patience
            waiting.append(
                Waiting(
                    check.kind,
                    row.order_id,
                    row.fulfilment_id,
                    row.number,
                    row.location,
                    row.since,
                    row.why[:500],
                    overdue,
                )
            )
    for each in await inventory.needs_attention(connection, now.date()):
        counts[each.reason] = each.total
        overdue = each.reason != "awaited_without_date" or now - each.since > PATIENCE_WITHOUT_DATE
        waiting.append(
            Waiting(each.reason, each.order_id, None, each.number, each.location, each.since, each.detail, overdue)
        )
    return Diagnosis(now, not any(each.overdue for each in waiting), counts, waiting)
