"""What head office looks at: work by place, rejections by reason."""

from collections.abc import Sequence
from datetime import datetime

from kanava.fulfilment.store import overview as sql
from kanava.fulfilment.store.overview import PlaceWorkRow, RejectedRow
from kanava.platform.db import Connection

__all__ = ["PlaceWorkRow", "RejectedRow", "rejected_by_reason", "work_by_place"]

PLACES_MAX = 500


async def work_by_place(connection: Connection, now: datetime) -> Sequence[PlaceWorkRow]:
    """Give the open work of each place that has any, the latest first."""
    return await sql.WORK_BY_PLACE.all(connection, now=now, limit=PLACES_MAX)


async def rejected_by_reason(connection: Connection, since: datetime, until: datetime) -> Sequence[RejectedRow]:
    """Give how many units places rejected, by reason."""
    return await sql.REJECTED_BY_REASON.all(connection, since=since, until=until)
