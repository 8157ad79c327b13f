"""Units sold before they are there: taken, dated, and given up again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import Key, Reservation
from kanava.inventory.store import incoming as sql
from kanava.inventory.store.incoming import DatedUnits, OrderName
from kanava.platform.db import Connection
from kanava.platform.outbox import Event, publish


async def take_incoming(tx: Connection, units: Mapping[Key, int]) -> None:
    """Let so many more units of each level be awaited, in one guarded statement; LevelsMoved when fewer are coming."""
    await _change_awaited(tx, units)


async def release_awaited(tx: Connection, reservations: Sequence[Reservation], now: datetime) -> None:
    """End awaited reservations, whole; those behind them move up. LevelsMoved when one has been served meanwhile."""
    units: dict[Key, int] = defaultdict(int)
    for row in reservations:
        units[row.variant_id, row.location_id] -= row.quantity
    # The level comes first, as when goods arrive: two transactions cannot meet crosswise.
    await _change_awaited(tx, units)
    ended = await sql.END_AWAITED.run(
        tx,
        variant_ids=[row.variant_id for row in reservations],
        reservation_ids=[row.reservation_id for row in reservations],
        quantities=[row.quantity for row in reservations],
        now=now,
    )
    if ended != len(reservations):
        raise LevelsMoved
    await date_awaited(tx, units, now)


async def date_awaited(tx: Connection, keys: Collection[Key], now: datetime) -> None:
    """Give awaited units at levels the dates of what is coming, first come, first served.

    The caller has changed these levels, so nobody else does meanwhile. Orders whose units come later than they were
    told, or at a time that nobody knows (or knows again), are told by `order.stock_delayed`.
    """
    ordered = sorted(keys)
    changed = await sql.DATE_AWAITED.all(
        tx,
        variant_ids=[key[0] for key in ordered],
        location_ids=[key[1] for key in ordered],
        today=now.date(),
        now=now,
    )
    later = [row for row in changed if _is_later(row.expected_on_before, row.expected_on)]
    if later:
        names = await order_names(tx, {row.order_id for row in later})
        await publish(tx, _delays(later, names))


async def order_names(tx: Connection, order_ids: Collection[UUID]) -> dict[UUID, OrderName]:
    """Give number and channel of orders."""
    return {row.order_id: row for row in await sql.ORDER_NAMES.all(tx, order_ids=sorted(order_ids))}


def order_event(kind: str, name: OrderName, facts: Mapping[str, object]) -> Event:
    """Make an event of an order, with what every one of them carries."""
    known = {"order_id": name.order_id, "number": name.number, "channel": name.channel}
    return Event(kind, "order", str(name.order_id), {**known, **facts})


def _is_later(before: date | None, after: date | None) -> bool:
    return before is None or after is None or after > before


def _delays(rows: Sequence[DatedUnits], names: Mapping[UUID, OrderName]) -> list[Event]:
    lines: dict[UUID, list[DatedUnits]] = defaultdict(list)
    for row in rows:
        lines[row.order_id].append(row)
    events = []
    for order_id, delayed in lines.items():
        if order_id not in names:
            continue
        days = [row.expected_on for row in delayed]
        known = [day for day in days if day is not None]
        told = [
            {
                "line_no": row.line_no,
                "sku": row.sku,
                "quantity": row.quantity,
                "location": row.location,
                "expected_on_before": row.expected_on_before,
                "expected_on": row.expected_on,
            }
            for row in delayed
        ]
        facts = {"expected_on": max(known) if len(known) == len(days) else None, "lines": told}
        events.append(order_event("order.stock_delayed", names[order_id], facts))
    return events


async def _change_awaited(tx: Connection, units: Mapping[Key, int]) -> None:
    keys = sorted(units)
    changed = await sql.CHANGE_AWAITED.all(
        tx,
        variant_ids=[key[0] for key in keys],
        location_ids=[key[1] for key in keys],
        units=[units[key] for key in keys],
    )
    if len(changed) != len(keys):
        raise LevelsMoved
