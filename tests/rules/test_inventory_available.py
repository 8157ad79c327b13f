"""What a channel may take at a level."""

from hypothesis import given
from hypothesis import strategies as st

from kanava.inventory.model import Level
from kanava.inventory.rules import available, leaves_safety_stock, threshold_for, why_not_from

units = st.integers(0, 50)


def level(on_hand: int, reserved: int = 0, safety_stock: int = 0, ring_fenced: int = 0) -> Level:
    return Level(1, 1, on_hand, reserved, safety_stock, ring_fenced)


def test_eight_on_hand_and_three_to_be_seen() -> None:
    shelf = level(8, reserved=2, safety_stock=1, ring_fenced=1)
    assert available(shelf, 0, 1, True) == 3
    assert available(shelf, 1, 1, True) == 4
    assert available(shelf, 0, 1, False) == 4
    assert available(shelf, 0, 1, True, expired_held=2) == 5


@given(units, units, units, units, units, units, units)
def test_never_below_zero_and_never_more_than_there_is(
    on_hand: int, reserved: int, safety: int, fenced: int, own: int, threshold: int, expired: int
) -> None:
    reserved, own, expired = min(reserved, on_hand), min(own, fenced), min(expired, reserved, on_hand)
    fenced = min(fenced, on_hand - reserved)
    own = min(own, fenced)
    shelf = level(on_hand, reserved, safety, fenced)
    seen = available(shelf, own, threshold, True, expired)
    assert 0 <= seen <= on_hand
    assert seen <= available(shelf, own, threshold, False, expired)
    assert available(shelf, own, threshold + 1, True, expired) <= seen


def test_the_most_specific_threshold_wins_even_when_it_is_zero() -> None:
    assert threshold_for(variant_at_location=0, variant=5, channel_at_location=4, channel=3)[0] == 0
    assert threshold_for(variant_at_location=None, variant=5, channel_at_location=4, channel=3)[0] == 5
    assert threshold_for(variant_at_location=None, variant=None, channel_at_location=0, channel=3)[0] == 0
    assert threshold_for(variant_at_location=None, variant=None, channel_at_location=None, channel=3)[0] == 3


def test_ways_of_handing_over() -> None:
    store = {"kind": "store", "services": ["pickup"], "active": True, "fulfils_online": True}
    assert why_not_from(**store, fulfilment_kind="pickup") is None
    assert why_not_from(**store, fulfilment_kind="carry_out") is None
    assert why_not_from(**store, fulfilment_kind="ship") == "no_shipping"
    assert why_not_from(**store, fulfilment_kind="curbside") == "no_curbside"
    assert why_not_from(**{**store, "fulfils_online": False}, fulfilment_kind="pickup") is not None
    assert why_not_from(**{**store, "fulfils_online": False}, fulfilment_kind="carry_out") is None
    assert why_not_from(**{**store, "active": False}, fulfilment_kind="carry_out") is not None
    assert leaves_safety_stock("ship")
    assert not leaves_safety_stock("carry_out")
