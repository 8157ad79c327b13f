"""Units that must not be promised until somebody counts: nobody found them, or they are broken or on display."""

from collections.abc import Sequence

import msgspec

from kanava.inventory.model import ChangedLevel, Key
from kanava.inventory.service.names import announce
from kanava.inventory.store import suppression as sql
from kanava.inventory.store.suppression import SuppressedLevel
from kanava.platform.db import Connection


class Suppression(msgspec.Struct, frozen=True):
    """Units of a level that are not to be promised: so many more, or all on hand but `all_but`."""

    variant_id: int
    location_id: int
    units: int = 0
    all_but: int | None = None


async def suppress(tx: Connection, rows: Sequence[Suppression]) -> list[SuppressedLevel]:
    """Keep units back; channels are told. Gives the levels as they are afterwards."""
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: (row.variant_id, row.location_id))
    levels = await sql.SUPPRESS.all(
        tx,
        variant_ids=[row.variant_id for row in ordered],
        location_ids=[row.location_id for row in ordered],
        units=[row.units for row in ordered],
        all_buts=[row.all_but for row in ordered],
    )
    await announce(tx, [_changed(level) for level in levels])
    return levels


async def counted(tx: Connection, variant_ids: Sequence[int], location_id: int) -> None:
    """Promise again what was counted; channels are told where it makes a difference."""
    levels = await sql.COUNTED.all(tx, variant_ids=sorted(set(variant_ids)), location_id=location_id)
    await announce(tx, [_changed(level) for level in levels])


async def suppressed_levels(tx: Connection, keys: Sequence[Key]) -> list[SuppressedLevel]:
    """Give levels with their suppressed units."""
    return await sql.LEVELS.all(
        tx, variant_ids=[variant for variant, _ in keys], location_ids=[place for _, place in keys]
    )


def _changed(level: SuppressedLevel) -> ChangedLevel:
    return ChangedLevel(
        level.variant_id, level.location_id, level.on_hand, level.reserved, level.safety_stock, level.incoming
    )
