"""Routing against every possible choice, on cases small enough to try them all."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanava.sourcing.routing import exact
from kanava.sourcing.routing.charges import charges_of
from kanava.sourcing.routing.columns import Shelves
from kanava.sourcing.routing.model import NOT_SHIPPED, Need, Place, Places, Tariff, Terms
from kanava.sourcing.routing.rules import route

VARIANTS = (1, 2, 3)
LOCATIONS = (10, 11, 12, 13)


def steps(light, heavy):
    """A tariff of two weights."""
    return Tariff(lambda grams: light if grams <= 1_000 else heavy if grams <= 4_000 else None)


TARIFFS = (None, steps(100, 250), steps(150, 600))

needs_of = st.lists(
    st.tuples(
        st.sampled_from(VARIANTS), st.integers(1, 3), st.sampled_from([None, None, None, 10]), st.sampled_from([0, 600])
    ),
    min_size=1,
    max_size=3,
).map(lambda lines: [Need(number, *line) for number, line in enumerate(lines, 1)])
places_of = st.lists(
    st.builds(Place, st.sampled_from(LOCATIONS), st.integers(0, 900), st.integers(0, 40), st.sampled_from(TARIFFS)),
    max_size=4,
    unique_by=lambda place: place.location_id,
)
units_of = st.dictionaries(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from(LOCATIONS)), st.integers(-1, 4), max_size=12
)
scarcity_of = st.dictionaries(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from(LOCATIONS)), st.integers(0, 700), max_size=6
)
terms_of = st.builds(Terms, st.integers(0, 400), st.sampled_from([None, None, 1, 2]))
cases = st.tuples(needs_of, places_of, units_of, terms_of, scarcity_of)


def same_weights(needs):
    """Units of one variant weigh the same on every line."""
    weight = {need.variant_id: need.weight_grams for need in needs}
    return [Need(n.line_no, n.variant_id, n.quantity, n.location_id, weight[n.variant_id]) for n in needs]


def after_fixed(needs, units):
    """Take what has a place of its own; None when one cannot be had."""
    left = dict(units)
    for need in needs:
        if need.location_id is not None:
            key = (need.variant_id, need.location_id)
            left[key] = left.get(key, 0) - need.quantity
            if left[key] < 0:
                return None
    return left


def cost_of(taken, places, terms, scarcity, weights):
    """Price {location_id: {variant_id: units}}."""
    total = terms.split_penalty_minor * max(0, len(taken) - 1)
    by_id = {place.location_id: place for place in places}
    for location_id, quantities in taken.items():
        place = by_id[location_id]
        total += place.parcel_cost_minor + place.unit_cost_minor * sum(quantities.values())
        if place.tariff is not None:
            total += place.tariff.cost_of(sum(weights[v] * q for v, q in quantities.items()))
        total += sum(scarcity.get((v, location_id), 0) * q for v, q in quantities.items())
    return total


def splits(quantity, rooms):
    """Every way to take a quantity out of rooms."""
    if not rooms:
        return [()] if quantity == 0 else []
    return [
        (taken, *rest)
        for taken in range(min(quantity, max(0, rooms[0])) + 1)
        for rest in splits(quantity - taken, rooms[1:])
    ]


def cheapest_of_all(needs, places, units, terms, scarcity):
    """Try every way to send every unit; None when there is none."""
    left = after_fixed(needs, units)
    if left is None:
        return None
    wanted, weights = {}, {}
    for need in needs:
        weights[need.variant_id] = need.weight_grams
        if need.location_id is None:
            wanted[need.variant_id] = wanted.get(need.variant_id, 0) + need.quantity
    ids = [place.location_id for place in places]
    best = None
    ways = [splits(quantity, [left.get((v, location_id), 0) for location_id in ids]) for v, quantity in wanted.items()]
    for way in product(*ways):
        taken = {}
        for variant_id, shares in zip(wanted, way, strict=True):
            for location_id, share in zip(ids, shares, strict=True):
                if share:
                    taken.setdefault(location_id, {})[variant_id] = share
        if terms.parcels_max is not None and len(taken) > terms.parcels_max:
            continue
        cost = cost_of(taken, places, terms, scarcity, weights)
        if cost < NOT_SHIPPED and (best is None or cost < best):
            best = cost
    return best


def check_plan(plan, needs, places, units, terms, scarcity):
    """Assert that a plan gives each line its units, takes no unit twice and costs what it says."""
    taken, shipped = {}, {}
    weights = {need.variant_id: need.weight_grams for need in needs}
    for need in needs:
        parts = [part for part in plan.parts if part.line_no == need.line_no]
        assert sum(part.quantity for part in parts) == need.quantity
        assert all(part.variant_id == need.variant_id and part.quantity > 0 for part in parts)
        if need.location_id is not None:
            assert [part.location_id for part in parts] == [need.location_id]
        for part in parts:
            key = (part.variant_id, part.location_id)
            taken[key] = taken.get(key, 0) + part.quantity
            if need.location_id is None:
                there = shipped.setdefault(part.location_id, {})
                there[part.variant_id] = there.get(part.variant_id, 0) + part.quantity
    assert all(quantity <= units.get(key, 0) for key, quantity in taken.items())
    assert terms.parcels_max is None or len(shipped) <= terms.parcels_max
    assert plan.cost_minor == cost_of(shipped, places, terms, scarcity, weights)


@given(cases)
def test_no_choice_of_places_costs_less(case):
    needs, places, units, terms, scarcity = case
    needs = same_weights(needs)
    plan = route(needs, Places(places), units, terms, scarcity)
    best = cheapest_of_all(needs, places, units, terms, scarcity)
    if best is None:
        assert plan.parts == ()
        assert plan.short
        together = {}
        for need in needs:
            together[need.variant_id] = together.get(need.variant_id, 0) + need.quantity
        assert all(there < together[variant_id] for variant_id, there in plan.short.items())
        return
    assert not plan.short
    check_plan(plan, needs, places, units, terms, scarcity)
    # Up to eight units each may come from another place; of more some go together.
    assert plan.proven or sum(need.quantity for need in needs) > 8
    assert plan.cost_minor == best if plan.proven else plan.cost_minor >= best
    if plan.runner_up is not None:
        assert plan.runner_up.cost_minor >= best


@given(cases, st.integers(0, 3))
def test_what_is_proven_with_some_places_holds_with_all_of_them(case, count):
    needs, places, units, terms, scarcity = case
    needs, ordered = same_weights(needs), Places(places)
    fixed = {need.location_id for need in needs}
    seen = ordered.near(count)
    known = {key: held for key, held in units.items() if key[1] in seen or key[1] in fixed}
    plan = route(needs, ordered, known, terms, scarcity, known=seen)
    if plan.proven and not plan.short:
        check_plan(plan, needs, places, units, terms, scarcity)
        assert plan.cost_minor == (cheapest_of_all(needs, places, units, terms, scarcity) or 0)


@given(cases)
def test_the_search_of_large_orders_is_sound_and_never_better_than_the_exact_one(case):
    from kanava.sourcing.routing import rules, searching

    needs, places, units, terms, scarcity = case
    needs = [need for need in same_weights(needs) if need.location_id is None]
    if not needs or not places:
        return
    wants, ordered = rules._together(needs), Places(places)
    found = searching.search(wants, ordered, Shelves.of(wants, ordered, units, scarcity), terms)
    best = cheapest_of_all(needs, places, units, terms, scarcity)
    if found is None:
        return
    assert best is not None
    assert found.cost_minor >= best
    weights = {need.variant_id: need.weight_grams for need in needs}
    taken = {
        location_id: {w.variant_id: q for w, q in zip(wants, shares, strict=True) if q}
        for location_id, shares in found.taken
    }
    assert found.cost_minor == cost_of(taken, places, terms, scarcity, weights)
    assert all(q <= units.get((v, p), 0) for p, quantities in taken.items() for v, q in quantities.items())


@given(cases)
def test_the_quick_way_and_the_exact_one_agree(case):
    needs, places, units, terms, scarcity = case
    needs = [need for need in same_weights(needs) if need.location_id is None]
    if not needs or not places:
        return
    from kanava.sourcing.routing import rules

    ordered, wants = Places(places), rules._together(needs)
    quick = rules._one_place(wants, ordered, units, terms, scarcity, LOCATIONS)
    if quick is not None and quick.proven:
        problem = exact.Problem.of(wants, ordered, Shelves.of(wants, ordered, units, scarcity), terms)
        assert problem is not None
        found = problem.solve()
        assert found is not None
        assert found.cost_minor == quick.cost_minor


def test_the_last_piece_of_a_shop_is_left_when_another_place_is_hardly_dearer():
    places = Places([Place(10, 400), Place(11, 450)])
    units = {(1, 10): 1, (1, 11): 5}
    assert route([Need(1, 1, 1)], places, units).parts[0].location_id == 10
    plan = route([Need(1, 1, 1)], places, units, scarcity={(1, 10): 300})
    assert (plan.parts[0].location_id, plan.cost_minor) == (11, 450)
    assert plan.runner_up is not None
    assert (plan.runner_up.location_ids, plan.runner_up.cost_minor) == ((10,), 700)


def test_two_cheap_parcels_beat_a_dear_one_unless_the_penalty_says_otherwise():
    places = Places([Place(10, 300), Place(11, 300), Place(12, 900)])
    units = {(1, 10): 1, (2, 11): 1, (1, 12): 1, (2, 12): 1}
    needs = [Need(1, 1, 1), Need(2, 2, 1)]
    assert {part.location_id for part in route(needs, places, units, Terms(200)).parts} == {10, 11}
    assert {part.location_id for part in route(needs, places, units, Terms(400)).parts} == {12}
    assert {part.location_id for part in route(needs, places, units, Terms(0, 1)).parts} == {12}


def test_a_quantity_that_nobody_holds_comes_from_the_two_that_hold_most():
    places = Places([Place(location_id, 100 + location_id) for location_id in range(1, 200)])
    units = {(1, place): 1 for place in range(1, 200)} | {(1, 150): 12, (1, 170): 8}
    plan = route([Need(1, 1, 20)], places, units, Terms(100))
    assert {part.location_id: part.quantity for part in plan.parts} == {150: 12, 170: 8}


def test_many_places_are_divided_over_without_trying_every_choice():
    places = Places([Place(location_id, 100 + location_id) for location_id in range(1, 1001)])
    units = {(1, place.location_id): 1 for place in places.ordered}
    plan = route([Need(1, 1, 40)], places, units)
    assert len({part.location_id for part in plan.parts}) == 40
    assert route([Need(1, 1, 1001)], places, units).short == {1: 1000}


def test_twenty_lines_come_from_few_places():
    places = Places([Place(location_id, 400, 10) for location_id in range(1, 60)])
    needs = [Need(line, line, 1) for line in range(1, 21)]
    units = {(line, 1 + line % 59): 1 for line in range(1, 21)}
    units |= {(line, 40): 1 for line in range(1, 12)} | {(line, 41): 1 for line in range(10, 21)}
    plan = route(needs, places, units, Terms(150))
    assert {part.location_id for part in plan.parts} == {40, 41}
    assert plan.cost_minor == 2 * 400 + 150 + 20 * 10


def test_the_charges_add_up_to_the_cost():
    tariff = steps(100, 250)
    places = Places([Place(10, 300, 5, tariff), Place(11, 310, 5, tariff)])
    needs = [Need(1, 1, 2, None, 700), Need(2, 2, 1, None, 200)]
    units, scarcity = {(1, 10): 2, (2, 11): 1}, {(2, 11): 40}
    plan = route(needs, places, units, Terms(90), scarcity)
    charges = charges_of(plan, needs, places, Terms(90), scarcity)
    assert sum(charge.amount_minor for listed in charges.values() for charge in listed) == plan.cost_minor
    assert plan.cost_minor == 300 + 250 + 10 + 310 + 100 + 5 + 40 + 90


def test_a_place_with_negative_costs_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Places([Place(10, -1)])
