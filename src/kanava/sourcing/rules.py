"""Routing as a pure decision: which locations the lines of one order come from."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from kanava.sourcing.model import Need, Part, Place, Plan

SEARCHED_MAX = 24
"""Places that a split is searched over exactly; beyond, the ones that hold most are kept."""

Units = Mapping[tuple[int, int], int]
"""(variant_id, location_id) -> units that may be taken there for this channel."""


def plan_order(needs: Sequence[Need], places: Sequence[Place], units: Units) -> Plan:
    """Plan where every need comes from; `units` is what may be taken, `places` the ones that ship, cheapest first.

    Needs with a location are taken there. The others ship: from the cheapest place that holds all of them, else from
    the cheapest two, else three, else greedily from whoever fills most. Needs of one variant are added up first, and
    what is taken at a location for pickup is gone for shipping. All or nothing: a plan that is short has no parts.
    """
    left = dict(units)
    parts: list[Part] = []
    short: dict[int, int] = {}
    fixed = _together(need for need in needs if need.location_id is not None)
    for (variant_id, location_id), quantity in fixed.items():
        there = left.get((variant_id, location_id or 0), 0)
        if there < quantity:
            short[variant_id] = there
        left[(variant_id, location_id or 0)] = there - quantity
    parts.extend(Part(n.line_no, n.variant_id, n.location_id, n.quantity) for n in needs if n.location_id is not None)
    shipped = [need for need in needs if need.location_id is None]
    if shipped and not short:
        wanted = {variant_id: quantity for (variant_id, _), quantity in _together(shipped).items()}
        chosen = _cheapest_places(wanted, places, left)
        if chosen is None:
            held = {v: sum(max(0, left.get((v, p.location_id), 0)) for p in places) for v in wanted}
            short = {v: held[v] for v, quantity in wanted.items() if held[v] < quantity}
        else:
            parts.extend(_share_out(shipped, chosen, left))
    return Plan((), short) if short else Plan(tuple(parts))


def _together(needs: Iterable[Need]) -> dict[tuple[int, int | None], int]:
    together: dict[tuple[int, int | None], int] = {}
    for need in needs:
        key = (need.variant_id, need.location_id)
        together[key] = together.get(key, 0) + need.quantity
    return together


def _cheapest_places(wanted: Mapping[int, int], places: Sequence[Place], left: Units) -> Sequence[Place] | None:
    wanted_items = list(wanted.items())
    for place in places:
        if all(left.get((variant_id, place.location_id), 0) >= quantity for variant_id, quantity in wanted_items):
            return (place,)
    holding = [p for p in places if any(left.get((v, p.location_id), 0) > 0 for v in wanted)]
    if not _cover(holding, wanted, left):
        return None
    if len(holding) > SEARCHED_MAX:
        holding.sort(key=lambda p: (-_useful(p, wanted, left), p.parcel_cost_minor))
        if _cover(holding[:SEARCHED_MAX], wanted, left):
            holding = sorted(holding[:SEARCHED_MAX], key=lambda p: p.parcel_cost_minor)
    if len(holding) <= SEARCHED_MAX:
        for count in (2, 3):
            fitting = [c for c in combinations(holding, count) if _cover(c, wanted, left)]
            if fitting:
                return min(fitting, key=lambda c: sum(place.parcel_cost_minor for place in c))
    return _greedy(holding, wanted, left)


def _useful(place: Place, wanted: Mapping[int, int], left: Units) -> int:
    return sum(min(quantity, max(0, left.get((v, place.location_id), 0))) for v, quantity in wanted.items())


def _cover(places: Sequence[Place], wanted: Mapping[int, int], left: Units) -> bool:
    return all(
        sum(max(0, left.get((variant_id, place.location_id), 0)) for place in places) >= quantity
        for variant_id, quantity in wanted.items()
    )


def _greedy(places: Sequence[Place], wanted: Mapping[int, int], left: Units) -> Sequence[Place]:
    missing = dict(wanted)
    chosen: list[Place] = []
    rest = list(places)
    while any(missing.values()):
        best = max(rest, key=lambda p: (_useful(p, missing, left), -p.parcel_cost_minor))
        rest.remove(best)
        chosen.append(best)
        for variant_id, wanting in missing.items():
            missing[variant_id] = wanting - min(wanting, max(0, left.get((variant_id, best.location_id), 0)))
    return chosen


def _share_out(shipped: Sequence[Need], chosen: Sequence[Place], left: dict[tuple[int, int], int]) -> list[Part]:
    parts = []
    for need in shipped:
        missing = need.quantity
        for place in chosen:
            key = (need.variant_id, place.location_id)
            taken = min(missing, max(0, left.get(key, 0)))
            if taken:
                left[key] -= taken
                missing -= taken
                parts.append(Part(need.line_no, need.variant_id, place.location_id, taken))
            if not missing:
                break
    return parts
