"""Routing as a pure decision: which places the lines of one order come from, at the least cost.

The cost of a plan: for each place that ships, its parcel (postage, handling, what rules and lateness add) and for each
unit taken there its handling and its scarcity price; and a penalty for each parcel beyond the first. Needs with a place
of their own are taken there first and cost nothing here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import merge

import msgspec

from kanava.sourcing.routing.model import (
    NOT_SHIPPED,
    Alternative,
    Need,
    Part,
    Place,
    Places,
    Plan,
    ScarcityPrices,
    Terms,
    Units,
)

LINES_EXACT_MAX = 8
"""Variants, or pieces of them, over whose every division the search goes."""

SPLIT_BOUND_PARCELS_MAX = 8
WHOLE_TRIED_MAX = 64
"""How many of the cheapest places are asked for everything before the search over divisions, which finds it too."""
PLAIN = Terms()


class Want(msgspec.Struct, frozen=True, gc=False):
    """Units of one variant to be shipped, all lines together."""

    variant_id: int
    quantity: int
    weight_grams: int


class Chosen(msgspec.Struct, frozen=True):
    """What is shipped from where: `taken[i]` is (location_id, units by want); `proven`: nothing costs less."""

    taken: Sequence[tuple[int, Sequence[int]]]
    cost_minor: int
    proven: bool
    runner_up: Alternative | None = None


def route(
    needs: Sequence[Need],
    places: Places,
    units: Units,
    terms: Terms = PLAIN,
    scarcity: ScarcityPrices | None = None,
    *,
    known: Collection[int] | None = None,
) -> Plan:
    """Plan where every need comes from: all or nothing.

    `known`: the shipping places whose units are in `units`, None for all of them. With some only, a plan is `proven`
    when no other place can be better, whatever it holds; when it is not (or short), read the rest and ask again.
    """
    left, short = _take_fixed(needs, units)
    parts = [Part(n.line_no, n.variant_id, n.location_id, n.quantity) for n in needs if n.location_id is not None]
    if short:
        return Plan((), short)
    shipped = [need for need in needs if need.location_id is None]
    if not shipped:
        return Plan(tuple(parts))
    wants = _together(shipped)
    prices = scarcity or {}
    if known is not None:
        chosen = _one_place(wants, places, left, terms, prices, known)
        if chosen is None:
            return Plan((), proven=False)
    else:
        chosen = _one_place(wants, places, left, terms, prices)
        if chosen is None or not chosen.proven:
            chosen = _several_places(wants, places, left, terms, prices)
        if chosen is None:
            return Plan((), _short_of(wants, places, left, terms))
    parts += _share_out(shipped, wants, chosen)
    return Plan(tuple(parts), {}, chosen.cost_minor, chosen.proven, chosen.runner_up)


def hold_of(wants: Sequence[Want], places: Places, units: Units) -> list[dict[int, int]]:
    """Give for each want the units at each place that has some, by the place's index."""
    held: dict[int, dict[int, int]] = {want.variant_id: {} for want in wants}
    index_of = places.index
    for (variant_id, location_id), there in units.items():
        if there > 0 and variant_id in held:
            index = index_of.get(location_id)
            if index is not None:
                held[variant_id][index] = there
    return list(held.values())


def _take_fixed(needs: Sequence[Need], units: Units) -> tuple[Units, dict[int, int]]:
    """Take the needs with a place of their own; gives what is left for shipping, and what is short by variant."""
    fixed: dict[tuple[int, int], int] = {}
    for need in needs:
        if need.location_id is not None:
            key = (need.variant_id, need.location_id)
            fixed[key] = fixed.get(key, 0) + need.quantity
    if not fixed:
        return units, {}
    left = dict(units)
    short = {}
    for key, quantity in fixed.items():
        there = left.get(key, 0)
        if there < quantity:
            short[key[0]] = max(0, there)
        left[key] = there - quantity
    return left, short


def _together(shipped: Iterable[Need]) -> list[Want]:
    quantities: dict[int, int] = {}
    weights: dict[int, int] = {}
    for need in shipped:
        quantities[need.variant_id] = quantities.get(need.variant_id, 0) + need.quantity
        weights[need.variant_id] = need.weight_grams
    return [Want(variant_id, quantity, weights[variant_id]) for variant_id, quantity in quantities.items()]


def _one_place(
    wants: Sequence[Want],
    places: Places,
    units: Units,
    terms: Terms,
    scarcity: ScarcityPrices,
    known: Collection[int] | None = None,
) -> Chosen | None:
    """Find the cheapest known place that holds all; proven when no place and no division whatsoever can cost less.

    The usual case: no numpy, and in placing it ends at the second place. None also when it is better to search anew.
    """
    count = weight = 0
    for want in wants:
        count += want.quantity
        weight += want.quantity * want.weight_grams
    handling_least = places.unit_cost_least_minor * count
    split_least = _least_of_a_split(wants, places, terms, count, weight)
    best: Place | None = None
    best_cost = second_cost = NOT_SHIPPED
    second: Place | None = None
    proven = True
    for number, (cost, place) in enumerate(_by_cost(places, weight)):
        # This one costs at least so much, and all behind it too.
        least = cost + handling_least
        if least >= second_cost or (best is None and (least > split_least or number == WHOLE_TRIED_MAX)):
            break
        if known is not None and place.location_id not in known:
            proven = best_cost <= least
            break
        total = _cost_of_all(place, cost, wants, units, scarcity, count)
        if total < best_cost:
            best, best_cost, second, second_cost = place, total, best, best_cost
        elif total < second_cost:
            second, second_cost = place, total
    if best is None:
        return None
    proven = proven and best_cost <= split_least
    runner_up = None if second is None else Alternative((second.location_id,), second_cost)
    return Chosen(
        ((best.location_id, [want.quantity for want in wants]),), best_cost, proven=proven, runner_up=runner_up
    )


def _by_cost(places: Places, weight: int) -> Iterable[tuple[int, Place]]:
    """Give (cost of the parcel, place), cheapest first; places from where nobody takes such a parcel are missing."""
    ordered = places.ordered
    if len(places.groups) == 1:
        tariff = ordered[0].tariff
        if tariff is None:
            return zip(places.floors, ordered, strict=True)
        by_weight = tariff.cost_of(weight)
        if by_weight >= NOT_SHIPPED:
            return ()
        return ((place.parcel_cost_minor + by_weight, place) for place in ordered)
    groups = []
    for tariff, indexes in places.groups.items():
        by_weight = 0 if tariff is None else tariff.cost_of(weight)
        if by_weight < NOT_SHIPPED:
            groups.append(_of_group(ordered, indexes, by_weight))
    # The places of one tariff stand in the order of their costs; as a rule only the first few are asked for.
    return ((cost, ordered[index]) for cost, index in merge(*groups))


def _of_group(ordered: Sequence[Place], indexes: Iterable[int], by_weight: int) -> Iterable[tuple[int, int]]:
    return ((ordered[index].parcel_cost_minor + by_weight, index) for index in indexes)


def _cost_of_all(
    place: Place, parcel: int, wants: Sequence[Want], units: Units, scarcity: ScarcityPrices, count: int
) -> int:
    """Give what everything costs from one place; NOT_SHIPPED when it does not hold all."""
    location_id = place.location_id
    cost = parcel + place.unit_cost_minor * count
    for want in wants:
        key = (want.variant_id, location_id)
        if units.get(key, 0) < want.quantity:
            return NOT_SHIPPED
        if scarcity:
            cost += scarcity.get(key, 0) * want.quantity
    return cost


def _least_of_a_split(wants: Sequence[Want], places: Places, terms: Terms, count: int, weight: int) -> int:
    """Give what no division over several places can undercut."""
    if not weight and terms.parcels_max != 1 and count > 1 and len(places) > 1:
        # Each further parcel adds a floor and the penalty: two are the cheapest division.
        floors = places.floors
        return floors[0] + floors[1] + terms.split_penalty_minor + places.unit_cost_least_minor * count
    return least_of(2, wants, places, terms)


def least_of(parcels_min: int, wants: Sequence[Want], places: Places, terms: Terms) -> int:
    """Give what no plan with so many parcels or more can undercut.

    Of k parcels the heaviest weighs a k-th at least, the others a unit at least; each comes from another place.
    """
    count = sum([want.quantity for want in wants])
    parcels_max = min(count, len(places), max(parcels_min, SPLIT_BOUND_PARCELS_MAX))
    if terms.parcels_max is not None:
        parcels_max = min(parcels_max, terms.parcels_max)
    if parcels_max < parcels_min:
        return NOT_SHIPPED
    weight = sum([want.quantity * want.weight_grams for want in wants])
    lightest = min([want.weight_grams for want in wants])
    tariffs = places.groups
    fixed = places.parcel_costs
    others = min([0 if tariff is None else tariff.cost_of(lightest) for tariff in tariffs])
    least = NOT_SHIPPED
    for parcels in range(parcels_min, parcels_max + 1):
        heaviest = min([0 if tariff is None else tariff.cost_of(-(-weight // parcels)) for tariff in tariffs])
        cost = sum(fixed[:parcels]) + heaviest + others * (parcels - 1)
        least = min(least, cost + terms.split_penalty_minor * (parcels - 1))
    return least + places.unit_cost_least_minor * count


def _several_places(
    wants: Sequence[Want],
    places: Places,
    units: Units,
    terms: Terms,
    scarcity: ScarcityPrices,
) -> Chosen | None:
    """Search over every division of up to LINES_EXACT_MAX pieces; larger orders by a search that is only good."""
    # Here and not above: a process that only meets orders of one place does without numpy's 20 MB.
    from kanava.sourcing.routing import columns, exact, searching

    shelves = columns.Shelves.of(wants, places, units, scarcity)
    if not shelves.hold_enough(wants):
        return None
    problem = exact.Problem.of(wants, places, shelves, terms) if len(wants) <= LINES_EXACT_MAX else None
    chosen = searching.search(wants, places, shelves, terms) if problem is None else problem.solve()
    return None if chosen is None else _cheapest_first(chosen, wants, places, units, scarcity)


def _cheapest_first(
    chosen: Chosen, wants: Sequence[Want], places: Places, units: Units, scarcity: ScarcityPrices
) -> Chosen:
    """Of wants that come from several places let the cheapest place give what it has, where that costs the same."""
    if len(chosen.taken) == 1:
        return chosen
    indexes = [places.index[location_id] for location_id, _ in chosen.taken]
    before = [list(quantities) for _, quantities in chosen.taken]
    after = [list(quantities) for quantities in before]
    for number, want in enumerate(wants):
        givers = [row for row, quantities in enumerate(before) if quantities[number]]
        missing = sum([before[row][number] for row in givers])
        for row in givers if len(givers) > 1 else ():
            # Each gives at least one: a parcel less is no matter of this.
            after[row][number] = min(
                units.get((want.variant_id, chosen.taken[row][0]), 0),
                missing - (len(givers) - 1 - givers.index(row)),
            )
            missing -= after[row][number]
    if after == before or _units_cost(after, indexes, wants, places, scarcity) > _units_cost(
        before, indexes, wants, places, scarcity
    ):
        return chosen
    taken = [(location_id, quantities) for (location_id, _), quantities in zip(chosen.taken, after, strict=True)]
    return msgspec.structs.replace(chosen, taken=taken)


def _units_cost(
    taken: Sequence[Sequence[int]],
    indexes: Sequence[int],
    wants: Sequence[Want],
    places: Places,
    scarcity: ScarcityPrices,
) -> int:
    """Give what units cost by weight, handling and scarcity."""
    cost = 0
    for index, quantities in zip(indexes, taken, strict=True):
        place = places.ordered[index]
        weight = 0
        for want, quantity in zip(wants, quantities, strict=True):
            weight += quantity * want.weight_grams
            cost += quantity * (place.unit_cost_minor + scarcity.get((want.variant_id, place.location_id), 0))
        cost += place.tariff.cost_of(weight) if place.tariff is not None else 0
    return cost


def _share_out(shipped: Sequence[Need], wants: Sequence[Want], chosen: Chosen) -> list[Part]:
    """Give each line its units, in the order of lines and places."""
    if len(chosen.taken) == 1:
        location_id = chosen.taken[0][0]
        return [Part(need.line_no, need.variant_id, location_id, need.quantity) for need in shipped]
    left = {
        want.variant_id: [[location_id, quantities[index]] for location_id, quantities in chosen.taken]
        for index, want in enumerate(wants)
    }
    parts = []
    for need in shipped:
        missing = need.quantity
        for there in left[need.variant_id]:
            taken = min(missing, there[1])
            if taken:
                there[1] -= taken
                missing -= taken
                parts.append(Part(need.line_no, need.variant_id, there[0], taken))
            if not missing:
                break
    return parts


def _short_of(wants: Sequence[Want], places: Places, units: Units, terms: Terms) -> dict[int, int]:
    """Say what could be had of the variants that cannot be filled, within the parcels allowed."""
    held = hold_of(wants, places, units)
    had = {want.variant_id: sum(there.values()) for want, there in zip(wants, held, strict=True)}
    short = {want.variant_id: had[want.variant_id] for want in wants if had[want.variant_id] < want.quantity}
    if short:
        return short
    # There is enough, in too many places for the rules, or too heavy for every carrier from there.
    missing = {want.variant_id: want.quantity for want in wants}
    rest = list(places.ordered)
    for _ in range(min(terms.parcels_max or len(rest), len(rest))):
        best = max(rest, key=lambda place: _useful(place, missing, units))
        rest.remove(best)
        for variant_id, wanting in missing.items():
            missing[variant_id] = wanting - min(wanting, max(0, units.get((variant_id, best.location_id), 0)))
        if not any(missing.values()):
            break
    lacking = [want for want in wants if missing[want.variant_id]] or wants
    return {want.variant_id: want.quantity - max(1, missing[want.variant_id]) for want in lacking}


def _useful(place: Place, missing: Mapping[int, int], units: Units) -> int:
    return sum(
        [min(quantity, max(0, units.get((v, place.location_id), 0))) for v, quantity in missing.items() if quantity]
    )
