"""What is on its way to where, and when; and what happens with those who wait when it is there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from kanava.inventory.model import ChangedLevel, Incoming, Key, Movement, Reservation
from kanava.inventory.service.awaited import date_awaited, order_event, order_names
from kanava.inventory.service.names import announce
from kanava.inventory.service.reserve import write_movements
from kanava.inventory.store import incoming as sql
from kanava.inventory.store import names
from kanava.inventory.store.incoming import WaitingRow
from kanava.platform.auth import SYSTEM, Actor
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.platform.outbox import Event, publish

EACH_MAX = 100
SERVED_MAX = 500


async def incoming_of(
    tx: Connection, variant_ids: Sequence[int], location_ids: Sequence[int] | None, today: date
) -> list[Incoming]:
    """Give the units that transfers in transit and ordered purchase orders bring, by date, less those awaited.

    What should have come before `today` is promised to nobody. By variant, date and location.
    """
    places = None if location_ids is None else list(location_ids)
    return await sql.INCOMING_OF.all(tx, variant_ids=list(variant_ids), location_ids=places, today=today)


async def stock_came(
    tx: Connection,
    actor: Actor,
    changed: Sequence[ChangedLevel],
    arrived: Mapping[Key, int],
    now: datetime,
) -> None:
    """Give what has arrived to those who wait for it, date the others anew, and tell of the levels.

    `changed`: levels that this transaction has changed and told nobody of. `arrived`: units put on hand by level; a
    level whose incoming units have only become more, less, or others has 0.
    """
    levels = {(row.variant_id, row.location_id): row for row in changed}
    levels |= await _serve(tx, actor, {key: units for key, units in arrived.items() if units}, now)
    await date_awaited(tx, arrived, now)
    await announce(tx, list(levels.values()))


async def look_after_awaited(tx: Connection, now: datetime) -> int:
    """Date those anew whose day has passed, and serve those without a day where units are free all the same.

    A duty of the clock: what a count found, or was received without papers, is theirs first. Up to 500 levels; gives
    how many there were.
    """
    found = await sql.OVERDUE.all(tx, today=now.date(), limit=SERVED_MAX)
    if not found:
        return 0
    free = await sql.LOCK_LEVELS.all(
        tx, variant_ids=[row.variant_id for row in found], location_ids=[row.location_id for row in found]
    )
    caps = {(row.variant_id, row.location_id): row.units for row in free}
    await stock_came(tx, SYSTEM, (), caps, now)
    return len(found)


async def needs_attention(connection: Connection, today: date) -> list[WaitingRow]:
    """Give orders that wait for goods without a date or past it, and purchase orders that are overdue.

    Up to 100 of each, the oldest first; for `kanava doctor`.
    """
    return await sql.NEEDS_ATTENTION.all(connection, today=today, limit=EACH_MAX)


async def _serve(tx: Connection, actor: Actor, caps: Mapping[Key, int], now: datetime) -> dict[Key, ChangedLevel]:
    """Commit awaited reservations, first come, first served, up to `caps` units of each level."""
    if not caps:
        return {}
    keys = sorted(caps)
    served = await sql.COMMIT_AWAITED.all(
        tx,
        variant_ids=[key[0] for key in keys],
        location_ids=[key[1] for key in keys],
        caps=[caps[key] for key in keys],
        new_ids=[uuid7() for _ in keys],
        now=now,
    )
    if not served:
        return {}
    units: dict[Key, int] = defaultdict(int)
    for row in served:
        units[row.variant_id, row.location_id] += row.quantity
    ordered = sorted(units)
    levels = await sql.SETTLE_LEVELS.all(
        tx,
        variant_ids=[key[0] for key in ordered],
        location_ids=[key[1] for key in ordered],
        units=[units[key] for key in ordered],
    )
    movements = [
        Movement(
            row.variant_id,
            row.location_id,
            uuid7(),
            "reserve",
            reserved_delta=row.quantity,
            reference=f"order:{row.order_id}",
            reason="arrived",
        )
        for row in served
    ]
    await write_movements(tx, movements, [actor.label] * len(movements))
    await publish(tx, await _arrivals(tx, served))
    return {(row.variant_id, row.location_id): row for row in levels}


async def _arrivals(tx: Connection, served: Sequence[Reservation]) -> list[Event]:
    skus = {row.id: row.name for row in await names.SKUS.all(tx, ids=list({row.variant_id for row in served}))}
    codes = await names.LOCATION_CODES.all(tx, ids=list({row.location_id for row in served}))
    places = {row.id: row.name for row in codes}
    lines: dict[UUID, list[dict[str, object]]] = defaultdict(list)
    for row in served:
        if row.order_id is not None:
            lines[row.order_id].append(
                {
                    "line_no": row.line_no,
                    "sku": skus[row.variant_id],
                    "quantity": row.quantity,
                    "location": places[row.location_id],
                }
            )
    orders = await order_names(tx, set(lines))
    return [
        order_event("order.stock_arrived", orders[each], {"lines": lines[each]}) for each in lines if each in orders
    ]
