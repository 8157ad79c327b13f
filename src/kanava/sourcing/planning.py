"""What may be taken where, and a plan over it: the same for placing, holds and amendments. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kanava.inventory.model import Key
from kanava.sourcing.model import ChannelRules, Need, Place, Plan
from kanava.sourcing.routing.costing import Setting
from kanava.sourcing.routing.model import ScarcityPrices
from kanava.sourcing.routing.rules import route
from kanava.sourcing.stock import WorkingStock

NEAREST_PLACES = 2
"""Shipping places looked at first; the rest are read only when it is not certain that these are the best."""


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """Units of one line; `location_id` None: to be shipped. A location named here must serve the channel."""

    line_no: int
    variant_id: int
    quantity: int
    kind: str
    location_id: int | None = None


def keys_of(wanted: Iterable[Wanted], places: Sequence[Place]) -> set[Key]:
    """Give the levels to look at: a line's own place, or every place that may ship."""
    keys = set()
    for want in wanted:
        if want.location_id is not None:
            keys.add((want.variant_id, want.location_id))
        else:
            keys.update([(want.variant_id, place.location_id) for place in places])
    return keys


def plan_wanted(
    channel: ChannelRules,
    wanted: Sequence[Wanted],
    stock: WorkingStock,
    setting: Setting,
    scarcity: ScarcityPrices | None = None,
    *,
    known: Sequence[Place] | None = None,
    weights: Mapping[int, int] | None = None,
) -> tuple[Plan, dict[Key, int]]:
    """Decide where units come from; gives also what may be taken at each level. Nothing is taken yet.

    `weights`: grams of a unit by variant. `known`: the shipping places whose levels the stock has, None for all. A plan
    that is not `proven` may cost less with the others.
    """
    units: dict[Key, int] = {}
    places = setting.places.ordered if known is None else known
    for want in wanted:
        leaves_safety_stock = want.kind != "carry_out"
        there = [want.location_id] if want.location_id is not None else [place.location_id for place in places]
        for location_id in there:
            key = (want.variant_id, location_id)
            threshold = stock.threshold(key, channel.channel_id, channel.thresholds[location_id])
            seen = stock.available(key, channel.channel_id, threshold, leaves_safety_stock)
            units[key] = min(units[key], seen) if key in units else seen
    needs = needs_of(wanted, weights or {})
    ids = None if known is None else [place.location_id for place in known]
    return route(needs, setting.places, units, setting.terms, scarcity, known=ids), units


def needs_of(wanted: Iterable[Wanted], weights: Mapping[int, int]) -> list[Need]:
    """Give what routing has to find places for; `weights` are grams of a unit by variant."""
    return [
        Need(want.line_no, want.variant_id, want.quantity, want.location_id, weights.get(want.variant_id, 0))
        for want in wanted
    ]


def take_planned(channel: ChannelRules, wanted: Sequence[Wanted], plan: Plan, stock: WorkingStock) -> list[int]:
    """Take the units of a plan out of the working stock; gives the units out of ring-fences, part by part."""
    kinds = {want.line_no: want.kind for want in wanted}
    used = []
    for part in plan.parts:
        key = (part.variant_id, part.location_id)
        threshold = stock.threshold(key, channel.channel_id, channel.thresholds[part.location_id])
        sold = kinds[part.line_no] == "carry_out"
        used.append(stock.take(key, channel.channel_id, part.quantity, threshold, sold=sold))
    return used


def short_lines(wanted: Sequence[Wanted], units: Mapping[Key, int], short: Mapping[int, int]) -> dict[int, int]:
    """Name the lines at fault with the units there are: those whose place lacks them, else those nobody can ship."""
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
