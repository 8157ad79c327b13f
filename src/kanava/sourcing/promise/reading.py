"""Reading what can be had: few places first, all of them only where that may change the answer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kanava.inventory.service import available
from kanava.platform.db import Connection
from kanava.sourcing import store as sourcing_store
from kanava.sourcing.availability import Shippers
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.promise import store
from kanava.sourcing.promise.store import AskedRow
from kanava.sourcing.promise.view import Levels, View

SHIP_FIRST = 8
"""Shipping places whose levels are read with the first statement."""
LEVELS_MAX = 5_000
SCARCE_MAX = 250
"""A variant that more places have is not scarce."""


async def ask(
    connection: Connection,
    channel: ChannelRules,
    skus: Sequence[str],
    place_ids: Iterable[int],
    now: datetime,
) -> list[AskedRow]:
    """Read variants with their levels at some places; skus that do not exist are missing."""
    return await store.ASKED.all(
        connection,
        skus=list(skus),
        channel_id=channel.channel_id,
        listed_only=channel.assortment == "listed",
        now=now,
        place_ids=list(place_ids),
    )


def levels_of(rows: Sequence[AskedRow], channel: ChannelRules) -> Levels:
    """Count what the channel may take where nothing special is to be looked at."""
    thresholds = channel.thresholds
    left: dict[tuple[int, int], int] = {}
    carried: dict[tuple[int, int], int] = {}
    for row in rows:
        if not row.location_ids or row.free is None or row.kept is None:
            continue
        variant_id = row.variant_id
        for location_id, free, kept in zip(row.location_ids, row.free, row.kept, strict=True):
            units = free - thresholds[location_id]
            if units > 0:
                carried[variant_id, location_id] = units
                if units > kept:
                    left[variant_id, location_id] = units - kept
    loads = {}
    if rows and rows[0].load_location_ids and rows[0].load_units:
        loads = dict(zip(rows[0].load_location_ids, rows[0].load_units, strict=True))
    return Levels(left, carried, loads)


async def read_scarce(
    connection: Connection,
    view: View,
    channel: ChannelRules,
    shippers: Shippers,
    scarce: Sequence[int],
    others: Sequence[int],
    levels: Levels,
    *,
    levels_max: int = SCARCE_MAX,
) -> bool:
    """Add the levels of variants that few places have, and of others at the same places, with the work waiting there.

    False when some have more levels than were read.
    """
    if not scarce:
        return True
    rows = await store.SCARCE.all(
        connection,
        variant_ids=list(scarce),
        other_ids=list(others),
        least=view.least(channel),
        ship_ids=shippers.only,
        no_ship_ids=shippers.all_but,
        levels_max=levels_max,
    )
    complete = True
    wanted = frozenset(scarce)
    for row in rows:
        _add(levels, channel, row.variant_id, row.location_ids, row.units)
        levels.loads.update(zip(row.location_ids, row.loads, strict=True))
        complete = complete and not (row.variant_id in wanted and len(row.units) >= levels_max)
    return complete


async def read_wide(
    connection: Connection,
    view: View,
    channel: ChannelRules,
    shippers: Shippers,
    variant_ids: Sequence[int],
    levels: Levels,
) -> None:
    """Add the levels at all places that ship."""
    rows = await store.WIDE.all(
        connection,
        variant_ids=list(variant_ids),
        least=view.least(channel),
        ship_ids=shippers.only,
        no_ship_ids=shippers.all_but,
        levels_max=LEVELS_MAX,
    )
    for row in rows:
        if row.location_ids and row.units:
            _add(levels, channel, row.variant_id, row.location_ids, row.units)


def _add(
    levels: Levels, channel: ChannelRules, variant_id: int, location_ids: Sequence[int], units: Sequence[int]
) -> None:
    left, thresholds = levels.left, channel.thresholds
    for location_id, raw in zip(location_ids, units, strict=True):
        there = raw - thresholds[location_id]
        if there > 0:
            left[variant_id, location_id] = there


async def count_by_rule(
    connection: Connection, channel: ChannelRules, variant_ids: Sequence[int], levels: Levels, now: datetime
) -> Levels:
    """Count variants with thresholds, ring-fences or holds that are over by the rule that placing counts with."""
    found = await store.RULE_LEVELS.all(connection, variant_ids=list(variant_ids))
    circumstances = await sourcing_store.CIRCUMSTANCES.all(
        connection, variant_ids=list(variant_ids), channel_id=channel.channel_id, now=now
    )
    kinds: dict[str, dict[tuple[int, int], int]] = {"threshold": {}, "fence": {}, "expired": {}}
    for row in circumstances:
        kinds[row.kind][row.variant_id, row.location_id] = row.units
    thresholds, fences, expired = kinds.values()
    special = frozenset(variant_ids)
    left = {key: units for key, units in levels.left.items() if key[0] not in special}
    carried = {key: units for key, units in levels.carried.items() if key[0] not in special}
    for level in found:
        key = (level.variant_id, level.location_id)
        if level.location_id not in channel.thresholds:
            continue
        own = channel.thresholds[level.location_id]
        threshold = thresholds.get(key, thresholds.get((level.variant_id, 0), own))
        fence, over = fences.get(key, 0), expired.get(key, 0)
        left[key] = available(level, fence, threshold, True, over)
        carried[key] = available(level, fence, threshold, False, over)
    return Levels(left, carried, levels.loads)


async def holds_of(connection: Connection, cart_id: UUID, now: datetime) -> dict[tuple[int, int], int]:
    """Give the units that a cart holds, by (variant_id, location_id)."""
    found = await store.CART_HOLDS.all(connection, cart_id=cart_id, now=now)
    return {(hold.variant_id, hold.location_id): hold.quantity for hold in found}


def with_holds(held: Mapping[tuple[int, int], int], levels: Levels) -> Levels:
    """Count the units that a cart holds as its own."""
    left, carried = dict(levels.left), dict(levels.carried)
    for key, units in held.items():
        left[key] = left.get(key, 0) + units
        carried[key] = carried.get(key, 0) + units
    return Levels(left, carried, levels.loads)


async def read_loads(connection: Connection, location_ids: Iterable[int], levels: Levels) -> None:
    """Add the work that waits at places which were not asked about before."""
    ids = list(location_ids)
    if ids:
        for row in await store.LOADS.all(connection, location_ids=ids):
            levels.loads[row.location_id] = row.units_to_pick
