"""Routing against every possible choice, on cases small enough to try them all."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kanava.sourcing.model import Need, Place
from kanava.sourcing.rules import plan_order

VARIANTS = (1, 2, 3)
LOCATIONS = (10, 11, 12, 13)

cases = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(VARIANTS), st.integers(1, 4), st.sampled_from([None, None, *LOCATIONS])),
        min_size=1,
        max_size=4,
    ).map(lambda lines: [Need(number, *line) for number, line in enumerate(lines, 1)]),
    st.lists(
        st.tuples(st.sampled_from(LOCATIONS), st.integers(1, 9)), max_size=4, unique_by=lambda place: place[0]
    ).map(lambda places: [Place(*place) for place in sorted(places, key=lambda place: place[1])]),
    st.dictionaries(st.tuples(st.sampled_from(VARIANTS), st.sampled_from(LOCATIONS)), st.integers(-2, 5)),
)


def wanted_at(needs, location_id):
    """Add up what must come from one location."""
    wanted = {}
    for need in needs:
        if need.location_id == location_id:
            wanted[need.variant_id] = wanted.get(need.variant_id, 0) + need.quantity
    return wanted


def left_for_shipping(needs, units):
    """Take the pickups off; None when one of them cannot be had."""
    left = dict(units)
    for location_id in LOCATIONS:
        for variant_id, quantity in wanted_at(needs, location_id).items():
            left[(variant_id, location_id)] = left.get((variant_id, location_id), 0) - quantity
            if left[(variant_id, location_id)] < 0:
                return None
    return left


def cheapest_choice(needs, places, units):
    """Try every choice of shipping places: (how many, what they cost), or None when none holds the goods."""
    left = left_for_shipping(needs, units)
    if left is None:
        return None
    wanted = wanted_at(needs, None)
    for count in range(len(places) + 1):
        costs = [
            sum(place.parcel_cost_minor for place in chosen)
            for chosen in combinations(places, count)
            if all(sum(max(0, left.get((v, p.location_id), 0)) for p in chosen) >= q for v, q in wanted.items())
        ]
        if costs:
            return count, min(costs)
    return None


@given(cases)
def test_an_order_is_filled_exactly_when_some_choice_fills_it(case):
    needs, places, units = case
    plan = plan_order(needs, places, units)
    possible = cheapest_choice(needs, places, units) is not None
    assert bool(plan.parts) == possible
    assert bool(plan.short) != possible


@given(cases)
def test_a_plan_gives_each_line_its_units_and_takes_no_unit_twice(case):
    needs, places, units = case
    plan = plan_order(needs, places, units)
    if plan.short:
        assert plan.parts == ()
        return
    taken = {}
    for need in needs:
        parts = [part for part in plan.parts if part.line_no == need.line_no]
        assert sum(part.quantity for part in parts) == need.quantity
        assert {part.variant_id for part in parts} == {need.variant_id}
        if need.location_id is not None:
            assert [part.location_id for part in parts] == [need.location_id]
        else:
            assert {part.location_id for part in parts} <= {place.location_id for place in places}
        for part in parts:
            assert part.quantity > 0
            key = (part.variant_id, part.location_id)
            taken[key] = taken.get(key, 0) + part.quantity
    assert all(quantity <= units.get(key, 0) for key, quantity in taken.items())


@given(cases)
def test_parcels_are_as_few_as_possible_and_then_as_cheap_as_possible(case):
    needs, places, units = case
    plan = plan_order(needs, places, units)
    best = cheapest_choice(needs, places, units)
    if best is None or best[0] > 3:
        return
    shipped_lines = {need.line_no for need in needs if need.location_id is None}
    used = {part.location_id for part in plan.parts if part.line_no in shipped_lines}
    costs = {place.location_id: place.parcel_cost_minor for place in places}
    assert (len(used), sum(costs[location_id] for location_id in used)) == best


@given(cases)
def test_a_short_plan_says_what_there_is_of_variants_that_are_short(case):
    needs, places, units = case
    plan = plan_order(needs, places, units)
    together = {}
    for need in needs:
        together[need.variant_id] = together.get(need.variant_id, 0) + need.quantity
    for variant_id, there in plan.short.items():
        assert there < together[variant_id]


def test_many_places_are_split_over_without_trying_every_choice():
    places = [Place(location_id, 100 + location_id) for location_id in range(1, 1001)]
    units = {(1, place.location_id): 1 for place in places}
    plan = plan_order([Need(1, 1, 40)], places, units)
    assert len({part.location_id for part in plan.parts}) == 40
    assert plan_order([Need(1, 1, 1001)], places, units).short == {1: 1000}
