"""Which price lists apply, how they are merged, and which VAT rate each category means."""

from datetime import UTC, date, datetime

import pytest
from eu_vat_rates_data import get_all_rates
from hypothesis import given
from hypothesis import strategies as st

from kanava.pricing.errors import TaxRateMissing
from kanava.pricing.model import ApplicableList, PricePoint, TaxTable
from kanava.pricing.rules import lists_that_apply, merge_price_points, tax_rate_in_force, unit_price
from kanava.pricing.vat import _FOOD_AND_BOOKS, _REDUCED, CATEGORIES, basis_points, rates_by_category

NOW = datetime(2026, 11, 22, tzinfo=UTC)
EARLIER, LATER = NOW.replace(day=1), NOW.replace(day=30)
WEB = ApplicableList(1, "WEB", "EUR", True, None, None, None)


def group_list(number: int, **fields: object) -> ApplicableList:
    values = {
        "currency": "EUR",
        "tax_inclusive": True,
        "customer_group": "club",
        "valid_from": None,
        "valid_until": None,
    }
    return ApplicableList(number, f"L{number}", **{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidate", "group", "applies"),
    [
        (group_list(2), "club", True),
        (group_list(2), "staff", False),
        (group_list(2), None, False),
        (group_list(2, currency="PLN"), "club", False),
        (group_list(2, tax_inclusive=False), "club", False),
        (group_list(2, valid_from=LATER), "club", False),
        (group_list(2, valid_until=NOW), "club", False),
        (group_list(2, valid_from=EARLIER, valid_until=LATER), "club", True),
        (group_list(2, customer_group=None), "club", False),
    ],
)
def test_a_groups_list_comes_before_the_channels(candidate: ApplicableList, group: str | None, applies: bool) -> None:
    assert lists_that_apply([WEB, candidate], WEB, group, NOW) == ((candidate, WEB) if applies else (WEB,))


breaks = st.dictionaries(st.integers(1, 50), st.integers(0, 10_000), max_size=4).map(
    lambda points: [PricePoint(*point) for point in points.items()]
)


@given(st.lists(breaks, max_size=3), st.integers(1, 60))
def test_the_first_list_with_a_price_for_the_quantity_says_it(by_list: list[list[PricePoint]], quantity: int) -> None:
    prices = [unit_price(points, quantity) for points in by_list]
    assert unit_price(merge_price_points(by_list), quantity) == next((p for p in prices if p is not None), None)


def test_a_rate_holds_from_its_day_on_and_is_never_guessed() -> None:
    table = TaxTable({("SI", "standard"): ((date(2027, 1, 1), 2300), (date.min, 2200))})
    assert tax_rate_in_force(table, "SI", "standard", date(2026, 12, 31)) == 2200
    assert tax_rate_in_force(table, "SI", "standard", date(2027, 1, 1)) == 2300
    for country, category in (("SI", "food"), ("US", "standard")):
        with pytest.raises(TaxRateMissing, match=country):
            tax_rate_in_force(table, country, category, date(2026, 1, 1))


def test_every_chosen_rate_is_one_the_package_still_knows() -> None:
    unknown = []
    for country, published in get_all_rates().items():
        rates = rates_by_category(country, published)  # type: ignore[arg-type]
        assert tuple(rates) == CATEGORIES
        assert all(0 <= rate <= rates["standard"] for rate in rates.values())
        wanted = {*_FOOD_AND_BOOKS.get(country, ()), *_REDUCED.get(country, ())}
        unknown += [(country, rate) for rate in wanted - set(rates.values())]
    assert unknown == []


def test_a_rate_that_the_package_dropped_becomes_the_standard_rate() -> None:
    rates = rates_by_category("SI", {"standard": 22.0, "reduced": [9.5], "super_reduced": None})
    assert rates["books"] == 2200
    assert rates["food"] == 950


def test_percentages_become_basis_points_exactly() -> None:
    assert [basis_points(percent) for percent in (25.5, 8.1, 4.9, 0.9, 1.05, 2.1)] == [2550, 810, 490, 90, 105, 210]
