"""What is kept back: safety stock, thresholds per channel, ring-fences. In force with the commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from kanava.inventory.errors import LevelsMoved, RingFenceExceedsFree, UnknownSku
from kanava.inventory.messages import (
    ProtectionQuestion,
    ProtectionRow,
    Protections,
    ProtectionsSet,
    RingFences,
    SafetyStocks,
    Thresholds,
)
from kanava.inventory.model import Key, LevelChange
from kanava.inventory.service.names import announce, channel_ids, location_ids, variant_id, variant_ids
from kanava.inventory.service.reserve import apply_changes, levels_at
from kanava.inventory.store import levels, protections
from kanava.inventory.store.updates import LOCK_LEVELS
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, FieldError, InvalidInput
from kanava.platform.http import Page, decode_cursor, encode_cursor


async def set_safety_stocks(tx: Connection, actor: Actor, request: SafetyStocks, now: datetime) -> ProtectionsSet:  # noqa: ARG001
    """Set the safety stock of levels; a level that does not exist yet is made, without stock."""
    rows = request.rows
    variants = await _variants(tx, [row.sku for row in rows])
    places = await _places(tx, actor, [row.location for row in rows])
    _once(zip(variants, places, strict=True))
    await protections.SET_SAFETY_STOCKS.run(
        tx, variant_ids=variants, location_ids=places, safety_stocks=[row.safety_stock for row in rows]
    )
    await record(tx, actor, "set_safety_stock", "stock", rows[0].sku, {"rows": len(rows), "first": _first(rows)})
    return ProtectionsSet(len(rows))


async def set_thresholds(tx: Connection, actor: Actor, request: Thresholds, now: datetime) -> ProtectionsSet:  # noqa: ARG001
    """Set or take away thresholds of variants on channels."""
    rows = request.rows
    variants = await _variants(tx, [row.sku for row in rows])
    channels = await _channels(tx, [row.channel for row in rows])
    named = await _places(tx, actor, [row.location for row in rows if row.location is not None], check=False)
    remaining = iter(named)
    places = [0 if row.location is None else next(remaining) for row in rows]
    for place in places:
        actor.must_reach(place)
    _once(zip(variants, channels, places, strict=True))
    keys = list(zip(variants, channels, places, [row.threshold for row in rows], strict=True))
    kept = [key for key in keys if key[3] is not None]
    gone = [key for key in keys if key[3] is None]
    if kept:
        await protections.SET_THRESHOLDS.run(
            tx,
            variant_ids=[key[0] for key in kept],
            channel_ids=[key[1] for key in kept],
            location_ids=[key[2] for key in kept],
            thresholds=[key[3] for key in kept],
        )
    if gone:
        await protections.REMOVE_THRESHOLDS.run(
            tx,
            variant_ids=[key[0] for key in gone],
            channel_ids=[key[1] for key in gone],
            location_ids=[key[2] for key in gone],
        )
    await record(tx, actor, "set_threshold", "stock", rows[0].sku, {"rows": len(rows), "first": _first(rows)})
    return ProtectionsSet(len(rows))


async def set_ring_fences(tx: Connection, actor: Actor, request: RingFences, now: datetime) -> ProtectionsSet:  # noqa: ARG001
    """Set what is left of ring-fences; RingFenceExceedsFree when a level has not that many free units."""
    rows = request.rows
    variants = await _variants(tx, [row.sku for row in rows])
    channels = await _channels(tx, [row.channel for row in rows])
    places = await _places(tx, actor, [row.location for row in rows])
    _once(zip(variants, places, channels, strict=True))
    await levels.ENSURE_LEVELS.run(tx, variant_ids=variants, location_ids=places)
    await LOCK_LEVELS.run(tx, variant_ids=variants, location_ids=places)
    before = {
        (row.variant_id, row.location_id, row.channel_id): row.remaining
        for row in await protections.FENCES_BEFORE.all(
            tx, variant_ids=variants, location_ids=places, channel_ids=channels
        )
    }
    rises: dict[Key, int] = {}
    for row, variant, place, channel in zip(rows, variants, places, channels, strict=True):
        rise = row.remaining - before.get((variant, place, channel), 0)
        rises[variant, place] = rises.get((variant, place), 0) + rise
    changes = [
        LevelChange(*key, ring_fenced_delta=rise, need=rise if rise > 0 else None)
        for key, rise in rises.items()
        if rise
    ]
    try:
        async with tx.transaction():
            changed = await apply_changes(tx, changes)
    except LevelsMoved:
        await _refuse_fences(tx, list(zip(variants, places, strict=True)), rises)
        raise
    await protections.SET_FENCES.run(
        tx, variant_ids=variants, location_ids=places, channel_ids=channels, remainings=[row.remaining for row in rows]
    )
    await announce(tx, changed)
    await record(tx, actor, "set_ring_fence", "stock", rows[0].sku, {"rows": len(rows), "first": _first(rows)})
    return ProtectionsSet(len(rows))


async def list_protections(
    tx: Connection, question: ProtectionQuestion, cursor: str | None, limit: int
) -> Page[ProtectionRow]:
    """Give what is kept back: thresholds, then ring-fences with something left, then safety stock, each by variant."""
    after = decode_cursor(cursor, int, int, int, int) if cursor else (0, 0, 0, 0)
    skus = question.skus
    variants = None if skus is None else [each for each in (await variant_ids(tx, skus)).values() if each is not None]
    channel = None if question.channel is None else (await channel_ids(tx, [question.channel]))[question.channel]
    place = None if question.location is None else (await location_ids(tx, [question.location]))[question.location]
    rows = await protections.LIST.all(
        tx,
        kind=question.kind,
        variant_id=after[0],
        kind_no=after[1],
        channel_id=after[2],
        location_id=after[3],
        only_variants=variants,
        # What does not exist protects nothing: no id is -1.
        only_channel=-1 if question.channel is not None and channel is None else channel,
        only_location=-1 if question.location is not None and place is None else place,
        limit=limit,
    )
    if len(rows) < limit:
        return Page(rows)
    last = rows[-1]
    return Page(rows, encode_cursor(last.variant_id, last.kind_no, last.channel_id, last.location_id))


async def get_protections(tx: Connection, sku: str) -> Protections:
    """Give the thresholds and ring-fences of a variant."""
    variant = await variant_id(tx, sku)
    return Protections(
        sku,
        await protections.THRESHOLDS_OF.all(tx, variant_id=variant),
        await protections.RING_FENCES_OF.all(tx, variant_id=variant),
    )


async def _refuse_fences(tx: Connection, keys: Sequence[Key], rises: dict[Key, int]) -> None:
    found = await levels_at(tx, keys)
    errors = []
    for index, key in enumerate(keys):
        free = found[key].free if key in found else 0
        if rises[key] > max(0, free):
            errors.append(
                FieldError(
                    f"rows[{index}].remaining",
                    f"only {max(0, free)} units are free here beyond the ring-fences that stand",
                )
            )
    if errors:
        raise RingFenceExceedsFree(f"{errors[0].field}: {errors[0].reason}.", errors=errors[:100])
    raise Conflict("The stock changed meanwhile; send it again.")


def _first(rows: Sequence[object]) -> dict[str, object]:
    row = rows[0]
    return {name: getattr(row, name) for name in row.__struct_fields__}  # type: ignore[attr-defined]


def _once(keys: Iterable[tuple[int, ...]]) -> None:
    seen = set()
    for index, key in enumerate(keys):
        if key in seen:
            raise InvalidInput("This stands further up in the same request.", field=f"rows[{index}]")
        seen.add(key)


async def _variants(tx: Connection, skus: Sequence[str]) -> list[int]:
    found = await variant_ids(tx, skus)
    errors = [
        FieldError(f"rows[{index}].sku", f"no variant has the sku {sku!r}")
        for index, sku in enumerate(skus)
        if found[sku] is None
    ]
    if errors:
        raise UnknownSku(errors[0].reason, errors=errors[:100])
    return [found[sku] for sku in skus]  # type: ignore[misc]


async def _places(tx: Connection, actor: Actor, codes: Sequence[str], *, check: bool = True) -> list[int]:
    found = await location_ids(tx, codes)
    errors = [
        FieldError(f"rows[{index}].location", f"no location has the code {code!r}")
        for index, code in enumerate(codes)
        if found[code] is None
    ]
    if errors:
        raise InvalidInput(errors[0].reason, errors=errors[:100])
    places: list[int] = [found[code] for code in codes]  # type: ignore[misc]
    if check:
        for place in set(places):
            actor.must_reach(place)
    return places


async def _channels(tx: Connection, codes: Sequence[str]) -> list[int]:
    found = await channel_ids(tx, codes)
    errors = [
        FieldError(f"rows[{index}].channel", f"no channel has the code {code!r}")
        for index, code in enumerate(codes)
        if found[code] is None
    ]
    if errors:
        raise InvalidInput(errors[0].reason, errors=errors[:100])
    return [found[code] for code in codes]  # type: ignore[misc]
