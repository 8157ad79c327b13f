"""The working copy of a group's levels: what it demands of the moment of writing is neither too little nor too much."""

from hypothesis import given
from hypothesis import strategies as st

from kanava.inventory.model import Level
from kanava.inventory.rules import available
from kanava.sourcing.stock import WorkingStock

KEY = (1, 10)
takes = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.integers(1, 4), st.integers(0, 3), st.booleans()), min_size=1, max_size=6
)
levels = st.tuples(st.integers(0, 25), st.integers(0, 5), st.integers(0, 4), st.integers(0, 4))


def level_of(on_hand, safety_stock, fences):
    return Level(*KEY, on_hand, 0, safety_stock, sum(fences.values()))


def play(level, fences, sequence):
    """Decide takes one after the other; gives the stock and which were taken."""
    stock = WorkingStock()
    stock.add_levels({KEY: level})
    stock.set_fences({(*KEY, channel): units for channel, units in fences.items()})
    accepted = []
    for channel, quantity, threshold, sold in sequence:
        if stock.available(KEY, channel, threshold, not sold) >= quantity:
            stock.take(KEY, channel, quantity, threshold, sold=sold)
            accepted.append((channel, quantity, threshold, sold))
    return stock, accepted


@given(levels, st.integers(0, 3), takes)
def test_it_sees_what_the_rule_of_stock_sees(numbers, threshold, sequence):
    on_hand, safety_stock, one, two = numbers
    fences = {1: one, 2: two}
    level = level_of(on_hand, safety_stock, fences)
    stock = WorkingStock()
    stock.add_levels({KEY: level})
    stock.set_fences({(*KEY, channel): units for channel, units in fences.items()})
    for channel, _, _, sold in sequence:
        seen = stock.available(KEY, channel, threshold, not sold)
        assert max(0, seen) == available(level, fences[channel], threshold, not sold)


@given(levels, takes, st.integers(-8, 8))
def test_the_guard_passes_exactly_when_every_order_would_still_be_accepted(numbers, sequence, moved):
    on_hand, safety_stock, one, two = numbers
    fences = {1: one, 2: two}
    stock, accepted = play(level_of(on_hand, safety_stock, fences), fences, sequence)
    changes = list(stock.changes())
    assert bool(changes) == bool(accepted)
    if not accepted:
        return
    # Somebody else took (or brought) units between reading and writing.
    later = level_of(on_hand + moved, safety_stock, fences)
    (change,) = changes
    passes = (change.need is None or later.free >= change.need) and (
        change.need_above_safety is None or later.free - safety_stock >= change.need_above_safety
    )
    assert passes == (play(later, fences, accepted)[1] == accepted)


@given(levels, takes)
def test_counters_change_by_what_was_taken(numbers, sequence):
    on_hand, safety_stock, one, two = numbers
    fences = {1: one, 2: two}
    stock, accepted = play(level_of(on_hand, safety_stock, fences), fences, sequence)
    for change in stock.changes():
        assert change.on_hand_delta == -sum(quantity for _, quantity, _, sold in accepted if sold)
        assert change.reserved_delta == sum(quantity for _, quantity, _, sold in accepted if not sold)
        assert change.ring_fenced_delta == -sum(stock.fences_used.values())
    assert all(stock.fences_used.get((*KEY, channel), 0) <= units for channel, units in fences.items())


def test_a_level_that_nobody_keeps_gives_nothing():
    assert WorkingStock().available(KEY, 1, 0, leaves_safety_stock=True) == 0


def test_the_most_specific_threshold_wins():
    stock = WorkingStock()
    assert stock.threshold(KEY, 1, 4) == 4
    stock.set_thresholds({(1, 1, 0): 2, (1, 1, 10): 0})
    assert stock.threshold(KEY, 1, 4) == 0
    assert stock.threshold((1, 11), 1, 4) == 2
    assert stock.threshold((2, 10), 1, 4) == 4
