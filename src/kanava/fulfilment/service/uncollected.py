"""What nobody collects: reminders, then expiry."""

from datetime import UTC, datetime
from uuid import UUID

import structlog

from kanava.fulfilment.model import NOT_COLLECTED
from kanava.fulfilment.service import parcels
from kanava.fulfilment.service.change import FulfilmentChange
from kanava.fulfilment.service.collecting import give_back
from kanava.fulfilment.service.policy import CollectionPolicy
from kanava.fulfilment.store import collecting as sql
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, Database
from kanava.platform.errors import KanavaError
from kanava.platform.outbox import Event, publish

REMINDERS_MAX = 500
EXPIRED_AT_ONCE_MAX = 200
BITES_MAX = 50
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LEAST = UUID(int=0)

log = structlog.get_logger()


async def remind_uncollected(tx: Connection, policy: CollectionPolicy, now: datetime) -> int:
    """Tell of up to 500 fulfilments whose customers are to be reminded; gives how many."""
    if not policy.reminder_days:
        return 0
    due = await sql.REMIND.all(tx, now=now, days_before=list(policy.reminder_days), limit=REMINDERS_MAX)
    await publish(tx, [_reminded(row) for row in due])
    return len(due)


def _reminded(row: sql.UncollectedRow) -> Event:
    facts = {
        "order_id": row.order_id,
        "number": row.order_number,
        "channel": row.channel,
        "fulfilment_id": row.fulfilment_id,
        "fulfilment_number": row.fulfilment_number,
        "location": row.location,
        "kind": row.kind,
        "bay": row.bay,
        "collect_by": row.collect_by,
        "reminder": row.reminders_sent,
    }
    return Event("fulfilment.reminded", "order", str(row.order_id), facts)


async def expire_uncollected(db: Database, now: datetime) -> int:
    """End fulfilments whose time is over, each in a transaction of its own; gives how many.

    One that cannot be ended is logged and left for the next time; those behind it go on.
    """
    ended = 0
    after = (LONG_AGO, LEAST)
    for _ in range(BITES_MAX):
        async with db.connection() as connection:
            due = await sql.DUE.all(
                connection, now=now, after_at=after[0], after_id=after[1], limit=EXPIRED_AT_ONCE_MAX
            )
        for row in due:
            try:
                async with db.transaction() as tx:
                    ended += await expire(tx, row.fulfilment_id, now)
            except KanavaError as error:
                log.warning("cannot_expire", fulfilment_id=str(row.fulfilment_id), reason=error.detail)
        if len(due) < EXPIRED_AT_ONCE_MAX:
            break
        after = (due[-1].collect_by, due[-1].fulfilment_id)
    return ended


async def expire(tx: Connection, fulfilment_id: UUID, now: datetime) -> bool:
    """Take uncollected units back into stock and cancel them; gives whether there was anything to do.

    Money paid for them shows as refund due.
    """
    change = await FulfilmentChange.open(tx, SYSTEM, fulfilment_id, now)
    row = change.row
    if row.state != "ready" or row.on_hold or row.collect_by is None or row.collect_by > now:
        return False
    units = {line_no: quantity for line_no, quantity in parcels.waiting(change.lines.values()).items() if quantity}
    told = [
        {"line_no": line_no, "sku": change.lines[line_no].sku, "quantity": quantity}
        for line_no, quantity in units.items()
    ]
    await give_back(change, units, NOT_COLLECTED)
    row.state = "expired"
    change.happened("fulfilment.expired", {"lines": told, "collect_by": row.collect_by})
    await change.write("expire", {"lines": told})
    return True
