"""Taking units for one cart or one change of an order: the decision and the guards of placing, one at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.inventory import service as inventory
from kanava.inventory.model import ChangedLevel, Key
from kanava.platform.db import Connection
from kanava.sourcing.model import ChannelRules, Need, Place, Plan, RoutingConfig
from kanava.sourcing.rules import plan_order
from kanava.sourcing.stock import WorkingStock

NEAREST_PLACES = 4
"""Shipping places looked at first; the rest are read only when these cannot fill everything."""


class Wanted(msgspec.Struct, frozen=True):
    """Units of one line; `location_id` None: to be shipped. A location named here must serve the channel."""

    line_no: int
    variant_id: int
    quantity: int
    kind: str
    location_id: int | None = None


class TakenPart(msgspec.Struct, frozen=True):
    """Units that were taken at a location; `from_ring_fence` of them out of the channel's ring-fence."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int
    kind: str
    from_ring_fence: int


class Taken(msgspec.Struct, frozen=True):
    """What was taken, and the levels after it.

    When `short` is not empty nothing was: the lines at fault by number, each with the units that there are for it.
    """

    parts: tuple[TakenPart, ...]
    changed: Sequence[ChangedLevel] = ()
    short: Mapping[int, int] = {}


async def take(
    tx: Connection, channel: ChannelRules, country: str, wanted: Sequence[Wanted], config: RoutingConfig, now: datetime
) -> Taken:
    """Take all the units wanted or none; the caller writes the reservations and the ledger.

    Lines of kind carry_out are sold at once. LevelsMoved when somebody else was quicker: roll back and decide anew.
    """
    if not wanted:
        return Taken(())
    stock = WorkingStock()
    ships = any(want.location_id is None for want in wanted)
    everywhere = config.places_to(channel, country) if ships else ()
    near = everywhere[:NEAREST_PLACES]
    variant_ids = list({want.variant_id for want in wanted})
    stock.set_thresholds(await inventory.thresholds_of(tx, variant_ids))
    fenced = stock.add_levels(await inventory.levels_at(tx, _keys(wanted, near)))
    if fenced:
        stock.set_fences(await inventory.ring_fences_at(tx, fenced))
    chosen, units = _plan(channel, wanted, stock, near)
    if chosen.short:
        await inventory.expire_holds_of(tx, variant_ids, now)
        levels = await inventory.levels_of(tx, variant_ids)
        stock.renew(levels)
        stock.set_fences(await inventory.ring_fences_at(tx, [k for k, level in levels.items() if level.ring_fenced]))
        chosen, units = _plan(channel, wanted, stock, everywhere)
    if chosen.short:
        return Taken((), short=_short_lines(wanted, units, chosen.short))
    kinds = {want.line_no: want.kind for want in wanted}
    parts = []
    for part in chosen.parts:
        key = (part.variant_id, part.location_id)
        threshold = stock.threshold(key, channel.channel_id, channel.thresholds[part.location_id])
        kind = kinds[part.line_no]
        fence = stock.take(key, channel.channel_id, part.quantity, threshold, sold=kind == "carry_out")
        parts.append(TakenPart(part.line_no, *key, part.quantity, kind, fence))
    changed = await inventory.apply_changes(tx, stock.changes())
    await inventory.use_ring_fences(tx, stock.fences_used)
    return Taken(tuple(parts), changed)


def _keys(wanted: Sequence[Wanted], places: Sequence[Place]) -> set[Key]:
    keys = set()
    for want in wanted:
        if want.location_id is not None:
            keys.add((want.variant_id, want.location_id))
        else:
            keys.update((want.variant_id, place.location_id) for place in places)
    return keys


def _plan(
    channel: ChannelRules, wanted: Sequence[Wanted], stock: WorkingStock, places: Sequence[Place]
) -> tuple[Plan, dict[Key, int]]:
    """Decide where units come from; gives also what may be taken at each level."""
    units: dict[Key, int] = {}
    for want in wanted:
        for key in _keys([want], places):
            threshold = stock.threshold(key, channel.channel_id, channel.thresholds[key[1]])
            seen = stock.available(key, channel.channel_id, threshold, want.kind != "carry_out")
            units[key] = min(units[key], seen) if key in units else seen
    needs = [Need(want.line_no, want.variant_id, want.quantity, want.location_id) for want in wanted]
    return plan_order(needs, places, units), units


def _short_lines(wanted: Sequence[Wanted], units: Mapping[Key, int], short: Mapping[int, int]) -> dict[int, int]:
    """Name the lines at fault: those at places that do not hold enough, or else those that nobody can ship."""
    at_place: dict[Key, int] = {}
    for want in wanted:
        if want.location_id is not None:
            key = (want.variant_id, want.location_id)
            at_place[key] = at_place.get(key, 0) + want.quantity
    lacking = {key for key, quantity in at_place.items() if units.get(key, 0) < quantity}
    found = {}
    for want in wanted:
        if want.location_id is None:
            if not lacking and want.variant_id in short:
                found[want.line_no] = max(0, short[want.variant_id])
        elif (want.variant_id, want.location_id) in lacking:
            found[want.line_no] = max(0, units.get((want.variant_id, want.location_id), 0))
    return found
