"""Reading levels, changing them under a guard, and the life of reservations: set-based, for whole groups of orders."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec.structs import astuple

from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import (
    ChangedLevel,
    Key,
    Level,
    LevelChange,
    Movement,
    Reservation,
    ReservationState,
    RingFence,
    Threshold,
)
from kanava.inventory.service.awaited import release_awaited
from kanava.inventory.store import levels as levels_sql
from kanava.inventory.store import reservations as reservations_sql
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, CopyInto, Writes, write_all
from kanava.platform.ids import uuid7
from kanava.platform.outbox import Event

EXPIRE_BATCH_MAX = 2_000
EVENT_LEVELS_MAX = 500


def _columns(keys: Iterable[Key]) -> tuple[list[int], list[int]]:
    ordered = list(keys)
    return [key[0] for key in ordered], [key[1] for key in ordered]


async def levels_at(tx: Connection, keys: Iterable[Key]) -> dict[Key, Level]:
    """Give the levels at the keys; a key without a level is missing from the answer."""
    variant_ids, location_ids = _columns(keys)
    rows = await levels_sql.LEVELS_AT.all(tx, variant_ids=variant_ids, location_ids=location_ids)
    return {(row.variant_id, row.location_id): row for row in rows}


async def levels_of(tx: Connection, variant_ids: Sequence[int]) -> dict[Key, Level]:
    """Give every level of the variants with units on hand beyond those reserved."""
    rows = await levels_sql.LEVELS_OF.all(tx, variant_ids=list(variant_ids))
    return {(row.variant_id, row.location_id): row for row in rows}


async def thresholds_of(tx: Connection, variant_ids: Sequence[int]) -> dict[tuple[int, int, int], int]:
    """Give the thresholds set on variants: (variant_id, channel_id, location_id or 0) -> units."""
    rows: list[Threshold] = await levels_sql.THRESHOLDS.all(tx, variant_ids=list(variant_ids))
    return {(row.variant_id, row.channel_id, row.location_id): row.threshold for row in rows}


async def any_threshold(tx: Connection) -> bool:
    """Say whether a threshold is set on any variant; `config_version` rises when that may have changed."""
    return await levels_sql.ANY_THRESHOLD.one(tx)


async def ring_fences_at(tx: Connection, keys: Iterable[Key]) -> dict[tuple[int, int, int], int]:
    """Give what is left of ring-fences: (variant_id, location_id, channel_id) -> units."""
    variant_ids, location_ids = _columns(keys)
    rows: list[RingFence] = await levels_sql.RING_FENCES.all(tx, variant_ids=variant_ids, location_ids=location_ids)
    return {(row.variant_id, row.location_id, row.channel_id): row.remaining for row in rows}


async def lock_levels(tx: Connection, keys: Iterable[Key]) -> None:
    """Lock levels that this transaction changes in several statements, before the first of them.

    Everybody locks levels in the order of their keys: two who did not would wait for each other.
    """
    variant_ids, location_ids = _columns(sorted(set(keys)))
    if variant_ids:
        await levels_sql.LOCK.run(tx, variant_ids=variant_ids, location_ids=location_ids)


async def use_ring_fences(tx: Connection, used: dict[tuple[int, int, int], int]) -> None:
    """Take units out of ring-fences (negative: give them back); LevelsMoved when one no longer holds them."""
    keys = sorted(key for key, units in used.items() if units)
    if not keys:
        return
    rows = await levels_sql.USE_RING_FENCES.all(
        tx,
        variant_ids=[key[0] for key in keys],
        location_ids=[key[1] for key in keys],
        channel_ids=[key[2] for key in keys],
        units=[used[key] for key in keys],
    )
    if len(rows) != len(keys):
        raise LevelsMoved


async def apply_changes(tx: Connection, changes: Iterable[LevelChange]) -> list[ChangedLevel]:
    """Change levels in one guarded statement; LevelsMoved when any guard refuses or a level is missing."""
    ordered = _in_order(changes)
    if not ordered:
        return []
    changed = await levels_sql.APPLY_CHANGES.all(tx, **_changes_as_columns(ordered))
    if len(changed) != len(ordered):
        raise LevelsMoved
    return changed


async def apply_changes_and_write(
    connection: Connection,
    changes: Iterable[LevelChange],
    skus: Mapping[int, str],
    codes: Mapping[int, str],
    writes: Writes,
) -> None:
    """Change levels, tell of them as `levels_changed` does and write the few rows that hang on them, in one statement.

    LevelsMoved when any guard refuses or a level is missing: then nothing has happened, with or without a transaction.
    """
    rows = [(*astuple(change), skus[change.variant_id], codes[change.location_id]) for change in _in_order(changes)]
    try:
        await levels_sql.APPLY_CHANGES_AND_WRITE.run(connection, rows, writes, event_id=uuid7(), levels=len(rows))
    except asyncpg.DivisionByZeroError:
        raise LevelsMoved from None


def _in_order(changes: Iterable[LevelChange]) -> list[LevelChange]:
    return sorted(changes, key=lambda change: (change.variant_id, change.location_id))


def _changes_as_columns(ordered: Sequence[LevelChange]) -> dict[str, list[int] | list[int | None]]:
    return {
        "variant_ids": [change.variant_id for change in ordered],
        "location_ids": [change.location_id for change in ordered],
        "on_hand_deltas": [change.on_hand_delta for change in ordered],
        "reserved_deltas": [change.reserved_delta for change in ordered],
        "incoming_deltas": [change.incoming_delta for change in ordered],
        "ring_fenced_deltas": [change.ring_fenced_delta for change in ordered],
        "needs": [change.need for change in ordered],
        "needs_above_safety": [change.need_above_safety for change in ordered],
    }


async def write_movements(tx: Connection, movements: Sequence[Movement], actors: Sequence[str]) -> None:
    """Append to the ledger; `actors` has one label for each movement."""
    await write_all(tx, [movement_rows(movements, actors)])


async def write_reservations(tx: Connection, reservations: Sequence[Reservation]) -> None:
    """Write reservations whose units were taken in this transaction."""
    await write_all(tx, [reservation_rows(reservations)])


def movement_rows(movements: Sequence[Movement], actors: Sequence[str]) -> tuple[CopyInto, list[tuple[Any, ...]]]:
    """Make rows of the ledger for `write_all`."""
    rows = [(*astuple(row), actor) for row, actor in zip(movements, actors, strict=True)]
    return levels_sql.INSERT_MOVEMENTS, rows


def reservation_rows(reservations: Sequence[Reservation]) -> tuple[CopyInto, list[tuple[Any, ...]]]:
    """Make rows of reservations for `write_all`."""
    return reservations_sql.INSERT_RESERVATIONS, [astuple(row) for row in reservations]


async def reservations_of_orders(tx: Connection, order_ids: Sequence[UUID]) -> list[Reservation]:
    """Give every reservation of the orders, ended ones too."""
    return await reservations_sql.OF_ORDERS.all(tx, order_ids=list(order_ids))


def _whose(row: Reservation) -> str:
    if row.order_id:
        return f"order:{row.order_id}"
    return f"cart:{row.cart_id}" if row.cart_id else f"hold:{row.reservation_id}"


async def due_holds_of(tx: Connection, variant_ids: Sequence[int], now: datetime) -> list[Reservation]:
    """Give the holds of these variants whose time is over and that nobody has ended yet."""
    return await reservations_sql.DUE_HOLDS_OF.all(tx, variant_ids=list(variant_ids), now=now)


async def _give_back(tx: Connection, ended: Sequence[Reservation], actor: str) -> list[ChangedLevel]:
    """Return the units of reservations that have just ended, to their level and their ring-fence."""
    changes: dict[Key, LevelChange] = {}
    fences: dict[tuple[int, int, int], int] = {}
    movements = []
    for row in ended:
        key = (row.variant_id, row.location_id)
        change = changes.setdefault(key, LevelChange(*key))
        change.reserved_delta -= row.quantity
        if row.from_ring_fence:
            change.ring_fenced_delta += row.from_ring_fence
            fence = (row.variant_id, row.location_id, row.channel_id)
            fences[fence] = fences.get(fence, 0) - row.from_ring_fence
        movements.append(
            Movement(
                *key,
                movement_id=uuid7(),
                kind="release",
                reserved_delta=-row.quantity,
                reference=_whose(row),
                reason=row.state,
            )
        )
    changed = await apply_changes(tx, changes.values())
    await use_ring_fences(tx, fences)
    await write_movements(tx, movements, [actor] * len(movements))
    return changed


async def live_holds_of_carts(tx: Connection, cart_ids: Sequence[UUID], now: datetime) -> list[Reservation]:
    """Give the holds of carts whose time is not over."""
    return await reservations_sql.LIVE_HOLDS_OF_CARTS.all(tx, cart_ids=list(cart_ids), now=now)


async def expire_holds_of(tx: Connection, variant_ids: Sequence[int], now: datetime) -> int:
    """End the holds of these variants whose time is over; gives how many there were."""
    ended = await reservations_sql.EXPIRE_HOLDS_OF.all(tx, variant_ids=list(variant_ids), now=now)
    await _give_back(tx, ended, SYSTEM.label)
    return len(ended)


async def expire_due_holds(tx: Connection, now: datetime, limit: int = EXPIRE_BATCH_MAX) -> int:
    """Tidy up: end up to `limit` holds whose time is over; gives how many there were."""
    ended = await reservations_sql.EXPIRE_DUE_HOLDS.all(tx, now=now, limit=limit)
    await _give_back(tx, ended, SYSTEM.label)
    return len(ended)


async def end_reservations(
    tx: Connection,
    reservations: Sequence[Reservation],
    state: ReservationState,
    actor: str,
    now: datetime,
    *,
    then: Collection[Key] = (),
) -> list[ChangedLevel]:
    """Release reservations (units go back) or fulfil them (units leave); LevelsMoved when one has ended already.

    Awaited ones are released; they have nothing that could leave. `then`: levels that the transaction changes after
    these, which are locked together with them.
    """
    awaited = [row for row in reservations if row.state == "awaited"]
    if awaited:
        if state == "fulfilled":
            raise LevelsMoved
        await release_awaited(tx, awaited, now)
        reservations = [row for row in reservations if row.state != "awaited"]
    ended = await reservations_sql.CHANGE_STATE.all(
        tx,
        variant_ids=[row.variant_id for row in reservations],
        reservation_ids=[row.reservation_id for row in reservations],
        from_states=["held", "committed"],
        state=state,
        now=now,
    )
    if len(ended) != len(reservations):
        raise LevelsMoved
    if then:
        await lock_levels(tx, {*then, *[(row.variant_id, row.location_id) for row in ended]})
    if state != "fulfilled":
        return await _give_back(tx, ended, actor)
    changes: dict[Key, LevelChange] = {}
    movements = []
    for row in ended:
        key = (row.variant_id, row.location_id)
        change = changes.setdefault(key, LevelChange(*key))
        change.reserved_delta -= row.quantity
        change.on_hand_delta -= row.quantity
        movements.append(
            Movement(
                *key,
                movement_id=uuid7(),
                kind="sale",
                on_hand_delta=-row.quantity,
                reserved_delta=-row.quantity,
                reference=f"order:{row.order_id}",
            )
        )
    changed = await apply_changes(tx, changes.values())
    await write_movements(tx, movements, [actor] * len(movements))
    return changed


def levels_changed(changed: Sequence[ChangedLevel], skus: Mapping[int, str], codes: Mapping[int, str]) -> list[Event]:
    """Make the events that tell channels of changed levels."""
    return columns_changed(
        [skus.get(row.variant_id, "") for row in changed],
        [codes.get(row.location_id, "") for row in changed],
        [row.on_hand for row in changed],
        [row.reserved for row in changed],
        [row.incoming for row in changed],
    )


def columns_changed(
    skus: Sequence[str],
    locations: Sequence[str],
    on_hand: Sequence[int],
    reserved: Sequence[int],
    incoming: Sequence[int],
) -> list[Event]:
    """Make `stock.changed`, up to 500 levels each, by column: PostgreSQL reads that four times as fast as objects.

    `reserved` and `incoming` are not among the columns when they are 0 in every row.
    """
    columns: dict[str, Sequence[object]] = {"sku": skus, "location": locations, "on_hand": on_hand}
    if any(reserved) or any(incoming):
        columns |= {"reserved": reserved, "incoming": incoming}
    return [
        Event(
            "stock.changed",
            "stock",
            "levels",
            {"columns": {name: values[start : start + EVENT_LEVELS_MAX] for name, values in columns.items()}},
        )
        for start in range(0, len(skus), EVENT_LEVELS_MAX)
    ]
