"""Currencies and how amounts are written."""

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision

from kanava.platform.errors import InvalidInput
from kanava.platform.money import EXPONENTS, Money, check_currency, format_money, in_coins, major_amount

# Where CLDR says how many decimals are written, not how many the currency has.
WRITTEN_WITHOUT_DECIMALS = set("AFN ALL IQD IRR KPW LAK LBP MGA MMK RSD SOS SYP YER".split())


def test_every_currency_in_use_is_known_and_no_other() -> None:
    in_use = {
        currency
        for entries in get_global("territory_currencies").values()
        for currency, _, end, tender in entries
        if end is None and tender
    }
    assert in_use - set(EXPONENTS) == set()
    assert set(EXPONENTS) - in_use == set()


def test_decimals_are_those_of_babel_but_for_the_named_exceptions() -> None:
    differ = {code for code, exponent in EXPONENTS.items() if get_currency_precision(code) != exponent}
    assert differ == WRITTEN_WITHOUT_DECIMALS
    assert EXPONENTS["HUF"] == 2


@pytest.mark.parametrize("code", ["", "eur", "XXX", "EURO", "E1R", "ZZZ"])
def test_a_code_that_is_no_currency_is_refused_with_its_field(code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_currency(code, "price_list.currency")
    assert caught.value.errors[0].field == "price_list.currency"


@pytest.mark.parametrize(
    ("money", "language", "written"),
    [
        (Money(1999, "EUR"), "sl", "19,99\xa0€"),
        (Money(1999, "EUR"), "en", "€19.99"),
        (Money(129_900, "HUF"), "hu", "1\xa0299\xa0Ft"),
        (Money(1299, "PLN"), "pl", "12,99\xa0zł"),
        (Money(1500, "JPY"), "en", "¥1,500"),
        (Money(1234, "RSD"), "en", "RSD12.34"),
        (Money(1200, "RSD"), "en", "RSD12"),
        (Money(-5, "KWD"), "en", "-KWD0.005"),
    ],
)
def test_amounts_are_written_as_people_write_them(money: Money, language: str, written: str) -> None:
    assert format_money(money, language) == written


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [(531283, "HUF", 531300), (531250, "HUF", 531300), (-531283, "HUF", -531300), (531283, "EUR", 531283)],
)
def test_a_part_of_an_amount_has_no_smaller_coins_than_there_are(amount: int, currency: str, written: int) -> None:
    assert in_coins(Money(amount, currency)) == Money(written, currency)


def test_the_main_unit_is_exact() -> None:
    assert str(major_amount(Money(10**17 + 1, "EUR"))) == "1000000000000000.01"
