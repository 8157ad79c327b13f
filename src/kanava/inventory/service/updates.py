"""Bulk updates from ERP, WMS and POS: a late or repeated message never overwrites a newer one.

How a row is judged, per source and level:
- an absolute is applied when its sequence is above that of the source's last absolute; deltas of the source that are
  newer than it stay on top of it, so messages may come in any order;
- a delta is applied once (its movement's id is made of source, sequence and location), and not at all when an
  absolute of the source with the same or a higher sequence has been applied: that one contains it.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import compress, repeat
from operator import add, mul, sub
from typing import Literal

import asyncpg
import msgspec

from kanava.inventory.errors import LevelsMoved, TooManySources
from kanava.inventory.model import QUANTITY_MAX, RowResult, StockUpdate, StockUpdateReport
from kanava.inventory.service.names import location_ids, variant_ids
from kanava.inventory.service.reserve import EVENT_LEVELS_MAX, columns_changed
from kanava.inventory.service.update_rows import Changes, CheckedRows, new_movement_ids
from kanava.inventory.store import absolutes as absolutes_sql
from kanava.inventory.store import sources
from kanava.inventory.store.absolutes import Columns
from kanava.inventory.store.updates import APPLY_UPDATES, LOCK_LEVELS, LOOK_UP_BY_KEY, Outcome
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.platform.outbox import Event, publish_large

RESULTS_MAX = 1_000
SOURCES_MAX = 1_000
ATTEMPTS_MAX = 5
SAMPLE = 64
SAMPLE_VARIANTS = 8
LEVELS_A_ROW_MAX = 4
"""To read so many levels side by side costs no more than to look one up by its key."""
_REASONS = {
    "stale": ("sequence", "a newer message of this source was applied before"),
    "repeated": ("sequence", "this message was applied before"),
    "unexpected": ("expected_on_hand", "there are {on_hand} on hand"),
    "negative": ("delta", "there are only {on_hand} on hand"),
    "too_many": ("delta", "there are {on_hand} on hand already, more than a level can hold"),
}


class Cause(msgspec.Struct, frozen=True):
    """What all changes of one statement have in common; `source` None: no outside system."""

    kind: str
    actor: str
    now: datetime
    source: int | None = None
    sequence: int | None = None
    reference: str | None = None
    reason: str | None = None


def _array(values: Sequence[int | None] | None) -> str | None:
    """Write an array literal; None for a column that has nothing."""
    if values is None:
        return None
    # A JSON array but for its brackets, null included, and written ten times as fast as by str().
    return "{" + msgspec.json.encode(values)[1:-1].decode() + "}"


async def apply_to_levels(tx: Connection, changes: Changes, cause: Cause) -> Outcome:
    """Change levels and write the ledger; tries again, with the levels locked, when others change them meanwhile."""
    for attempt in range(ATTEMPTS_MAX):
        try:
            async with tx.transaction():
                if attempt:
                    await LOCK_LEVELS.run(tx, variant_ids=changes.variant_ids, location_ids=changes.location_ids)
                outcome = await APPLY_UPDATES.one(
                    tx,
                    variant_ids=_array(changes.variant_ids),
                    location_ids=_array(changes.location_ids),
                    movement_ids=changes.movement_ids or new_movement_ids(len(changes.row_nos)),
                    absolutes=_array(changes.absolutes),
                    deltas=_array(changes.deltas),
                    expecteds=_array(changes.expecteds),
                    safety_stocks=_array(changes.safety_stocks),
                    sequences=_array(changes.sequences),
                    sequence=cause.sequence,
                    source=cause.source,
                    kind=cause.kind,
                    reference=cause.reference,
                    reason=cause.reason,
                    actor=cause.actor,
                    now=cause.now,
                )
                if outcome.done != outcome.wanted:
                    raise LevelsMoved  # noqa: TRY301 - rolls the savepoint back
                return outcome
        except (LevelsMoved, asyncpg.UniqueViolationError):
            if attempt + 1 == ATTEMPTS_MAX:
                raise LevelsMoved from None
    raise AssertionError("unreachable")


async def update_stock(
    tx: Connection, actor: Actor, message: StockUpdate, now: datetime, malformed: dict[int, RowResult] | None = None
) -> StockUpdateReport:
    """Apply the good rows of a message and say which others were left and why; `malformed` ones by row number."""
    rows = message.rows
    skus = [row.sku for row in rows]
    codes = [row.location for row in rows]
    found_variants = await variant_ids(tx, skus)
    found_locations = await location_ids(tx, codes)
    source = await _source(tx, message.source)
    await LOOK_UP_BY_KEY.one(tx)
    refused: list[RowResult] = []
    changes = _plain_absolutes(
        message, actor, list(map(found_variants.__getitem__, skus)), list(map(found_locations.__getitem__, codes))
    )
    if changes is None:
        checked = CheckedRows(actor, found_variants, found_locations, malformed or {})
        refused = checked.refusals(rows)
        changes = checked.changes(message, source.stock_source_id)
    outcome = Outcome(0, 0, [], [], [], [], [], [], [], [], [])
    cause = Cause(kind="sync", actor=actor.label, now=now, source=source.stock_source_id, sequence=message.sequence)
    plain = changes.is_plain and not source.sends_deltas
    fast = await _apply_absolutes(tx, changes, cause) if plain else None
    if fast is not None:
        outcome = fast
    elif changes.row_nos:
        if changes.deltas is not None and not source.sends_deltas:
            await sources.NOTE_DELTAS.run(tx, source=source.stock_source_id)
        outcome = await apply_to_levels(tx, changes, cause)
    await announce_rows(tx, changes, outcome, skus, codes)
    return _report(message, changes, outcome, refused)


async def _source(tx: Connection, code: str) -> sources.Source:
    found = await sources.SOURCE.one_or_none(tx, code=code)
    if found is None:
        found = await sources.REGISTER_SOURCE.one_or_none(tx, code=code, sources_max=SOURCES_MAX)
    if found is None:
        found = await sources.SOURCE.one_or_none(tx, code=code)
    if found is None:
        raise TooManySources(f"There are {SOURCES_MAX} sources already; use one of theirs.", field="source")
    return found


async def _apply_absolutes(tx: Connection, changes: Changes, cause: Cause) -> Outcome | None:
    """Apply absolutes to levels that follow their source and to new ones; None when any other level is among them."""
    columns: Columns = (changes.variant_ids, changes.location_ids, changes.absolutes)  # type: ignore[assignment]
    count = len(columns[0])
    origin = absolutes_sql.Origin(cause.source or 0, cause.sequence or 0, cause.actor, cause.now)
    try:
        async with tx.transaction():
            known = await _change_known(tx, columns, origin)
            everything: Sequence[int] = range(1, count + 1)
            positions = everything if known.moved is None else known.moved
            missing: Sequence[int] = ()
            if known.positions is not None:
                found = set(known.positions)
                missing = [position for position in everything if position not in found] if found else everything
            if missing:
                new = await _insert_new(tx, columns, missing, origin)
                positions = [*positions, *new] if positions else new
    except asyncpg.UniqueViolationError:
        return None
    on_hand = list(_at(columns, positions)[2])
    reserved, incoming = _with_zeros(known.reserved, len(positions)), _with_zeros(known.incoming, len(positions))
    short = [max(0, lacking) for lacking in map(sub, reserved, on_hand)] if known.reserved else [0] * len(positions)
    return Outcome(count, count, list(positions), [], on_hand, reserved, incoming, short, [], [], [])


def _with_zeros(values: Sequence[int] | None, count: int) -> list[int]:
    """Give the values of the first levels and 0 for the new ones behind them."""
    known = values or ()
    return [*known, *[0] * (count - len(known))]


async def _insert_new(
    tx: Connection, columns: Columns, positions: Sequence[int], origin: absolutes_sql.Origin
) -> Sequence[int]:
    """Insert levels that do not exist, and give the positions of those that are not empty."""
    new = _at(columns, positions)
    await absolutes_sql.copy_levels(tx, new, origin.source, origin.sequence)
    if 0 in new[2]:
        positions = list(compress(positions, new[2]))
        new = _at(columns, positions)
    if positions:
        await absolutes_sql.copy_movements(tx, new, origin, uuid7())
    return positions


async def _change_known(tx: Connection, columns: Columns, origin: absolutes_sql.Origin) -> absolutes_sql.Changed:
    """Change the levels that exist; when none of a few that are looked at does, the caller may as well insert all."""
    count = len(columns[0])
    some = slice(None, None, max(1, count // SAMPLE))
    few_variants = list(dict.fromkeys(columns[0][some]))[:SAMPLE_VARIANTS]
    sample = await absolutes_sql.SAMPLE.one(
        tx,
        variant_ids=_array(columns[0][some]),
        location_ids=_array(columns[1][some]),
        few_variant_ids=few_variants,
    )
    if not sample.any_known:
        return absolutes_sql.Changed([], [], None, None)
    values = {
        "variant_ids": _array(columns[0]),
        "location_ids": _array(columns[1]),
        "absolutes": _array(columns[2]),
        "count": count,
        "source": origin.source,
        "sequence": origin.sequence,
        "actor": origin.actor,
        "now": origin.now,
        "stock_sync_id": uuid7(),
    }
    variants = list(dict.fromkeys(columns[0]))
    levels_expected = sample.levels / len(few_variants) * len(variants)
    if levels_expected > count * LEVELS_A_ROW_MAX:
        return await absolutes_sql.CHANGE_KNOWN.one(tx, **values)
    await absolutes_sql.READ_SIDE_BY_SIDE.one(tx)
    return await absolutes_sql.CHANGE_KNOWN_SIDE_BY_SIDE.one(tx, **values, distinct_variant_ids=_array(variants))


def _at(columns: Columns, positions: Sequence[int]) -> Columns:
    """Give the columns at these positions, from 1; a range stands for all of them."""
    if isinstance(positions, range):
        return columns
    picked = [position - 1 for position in positions]
    return tuple([column[at] for at in picked] for column in columns)  # type: ignore[return-value]


def _plain_absolutes(
    message: StockUpdate, actor: Actor, variants: Sequence[int | None], locations: Sequence[int | None]
) -> Changes | None:
    """Make the columns of a message that is as it mostly is: absolutes only, nothing to refuse. None: look closer."""
    rows, count = message.rows, len(message.rows)
    on_hands = [row.on_hand for row in rows]
    if None in variants or None in locations or None in on_hands:
        return None
    # As one number each and not as pairs: a fifth of the time.
    stride = max(locations) + 1  # type: ignore[type-var, operator]
    keys = map(add, map(mul, variants, repeat(stride)), locations)
    expecteds = [row.expected_on_hand for row in rows]
    safety_stocks = [row.safety_stock for row in rows]
    sequences = [row.sequence for row in rows]
    plain = (
        [row.delta for row in rows].count(None) == count
        and expecteds.count(None) == count
        and safety_stocks.count(None) == count
        and min(on_hands) >= 0  # type: ignore[type-var, operator]
        and max(on_hands) <= QUANTITY_MAX  # type: ignore[type-var, operator]
        and len(set(keys)) == count
        and sequences.count(None) == count
        and (actor.location_ids is None or actor.location_ids.issuperset(locations))
    )
    if not plain:
        return None
    return Changes(
        row_nos=range(count),
        variant_ids=variants,  # type: ignore[arg-type]
        location_ids=locations,  # type: ignore[arg-type]
        absolutes=on_hands,
    )


async def announce_rows(
    tx: Connection, changes: Changes, outcome: Outcome, skus: Sequence[str], codes: Sequence[str]
) -> None:
    """Publish what changed, and what is short."""
    if len(outcome.positions) != len(skus) or outcome.positions != [*range(1, len(skus) + 1)]:
        numbers = [changes.row_nos[position - 1] for position in outcome.positions]
        skus, codes = [skus[number] for number in numbers], [codes[number] for number in numbers]
    events = columns_changed(skus, codes, outcome.on_hand, outcome.reserved, outcome.incoming)
    if any(outcome.shortfall):
        short = [
            {"sku": sku, "location": code, "on_hand": on_hand, "reserved": reserved, "shortfall": shortfall}
            for sku, code, on_hand, reserved, shortfall in zip(
                skus, codes, outcome.on_hand, outcome.reserved, outcome.shortfall, strict=True
            )
            if shortfall
        ]
        events += [
            Event("stock.shortfall", "stock", "levels", {"levels": short[start : start + EVENT_LEVELS_MAX]})
            for start in range(0, len(short), EVENT_LEVELS_MAX)
        ]
    await publish_large(tx, events)


def _report(message: StockUpdate, changes: Changes, outcome: Outcome, refused: list[RowResult]) -> StockUpdateReport:
    counts = {"stale": 0, "repeated": 0, "refused": len(refused)}
    results = list(refused)
    left = zip(outcome.left_positions, outcome.left_verdicts, outcome.left_on_hand, strict=True)
    for position, verdict, on_hand in left:
        kind: Literal["stale", "repeated", "refused"] = "refused"
        if verdict == "stale":
            kind = "stale"
        elif verdict == "repeated":
            kind = "repeated"
        counts[kind] += 1
        field, reason = _REASONS[verdict]
        results.append(RowResult(changes.row_nos[position - 1], kind, field, reason.format(on_hand=on_hand)))
    results.sort(key=lambda result: result.row)
    return StockUpdateReport(
        message.source,
        message.sequence,
        outcome.done,
        counts["stale"],
        counts["repeated"],
        counts["refused"],
        results[:RESULTS_MAX],
    )
