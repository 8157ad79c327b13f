"""Pure decisions about orders."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanava.orders import rules


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ((100, 0, 0, 0), "unpaid"),
        ((100, 50, 0, 0), "partly_authorised"),
        ((100, 100, 0, 0), "authorised"),
        ((100, 100, 50, 0), "partly_paid"),
        ((100, 100, 100, 0), "paid"),
        ((100, 100, 100, 40), "partly_refunded"),
        ((0, 100, 100, 100), "refunded"),
        ((0, 0, 0, 0), "paid"),
    ],
)
def test_payment_status(facts: tuple[int, int, int, int], status: str) -> None:
    assert rules.payment_status_of(*facts) == status


def test_payment_status_of_a_cancelled_order() -> None:
    assert rules.payment_status_of(0, 0, 0, 0, cancelled=True) == "unpaid"
    assert rules.payment_status_of(0, 0, 0, 0, voided_minor=5, cancelled=True) == "voided"
    assert rules.payment_status_of(0, 5, 5, 0, cancelled=True) == "paid", "until it is refunded"


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(0, 400))
def test_units_to_end_gives_what_is_asked_or_all_there_is(left: list[int], units: int) -> None:
    rows = [(UUID(int=index), quantity) for index, quantity in enumerate(left)]
    chosen = rules.units_to_end(rows, units)
    assert sum(chosen.values()) == min(units, sum(left))
    assert all(0 < taken <= dict(rows)[key] for key, taken in chosen.items())
    partial = [key for key, taken in chosen.items() if taken < dict(rows)[key]]
    assert len(partial) <= 1, "at most one reservation is split"


@given(st.data(), st.integers(1, 100), st.booleans())
def test_both_parts_of_a_split_have_a_possible_share_of_the_fence(
    data: st.DataObject, quantity: int, leaves: bool
) -> None:
    fence = data.draw(st.integers(0, quantity))
    off = data.draw(st.integers(1, quantity))
    share = rules.fence_share(quantity, fence, off, leaves=leaves)
    assert 0 <= share <= off
    assert 0 <= fence - share <= quantity - off


@given(st.integers(0, 500), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=6))
def test_what_is_not_voided_covers_the_total_and_no_more(total: int, tenders: list[tuple[int, int]]) -> None:
    payments = [(UUID(int=i), max(a, c), min(a, c)) for i, (a, c) in enumerate(tenders)]
    voids = rules.rests_to_void(total, payments)
    captured = sum(c for _, _, c in payments)
    rests = sum(a - c for _, a, c in payments)
    assert all(0 < amount <= {i: a - c for i, a, c in payments}[key] for key, amount in voids.items())
    assert rests - sum(voids.values()) == min(rests, max(0, total - captured))


@pytest.mark.parametrize(
    ("status", "open_units", "fulfilled", "after"),
    [
        ("placed", 1, 0, "placed"),
        ("on_hold", 2, 5, "on_hold"),
        ("placed", 0, 1, "completed"),
        ("on_hold", 0, 0, "cancelled"),
    ],
)
def test_status_after(status: str, open_units: int, fulfilled: int, after: str) -> None:
    assert rules.status_after(status, open_units, fulfilled) == after  # type: ignore[arg-type]
