"""The fast check of GTINs gives the same answer as python-stdnum."""

import pytest
import stdnum.ean
from hypothesis import example, given
from hypothesis import strategies as st

from kanava.catalog.rules.gtin import check_gtin, shortest_form

DIGITS = st.integers(min_value=0, max_value=10**13 - 1)


def with_check_digit(number, length):
    body = str(number)[: length - 1].zfill(length - 1)
    return body + stdnum.ean.calc_check_digit(body)


def answer(check, text):
    try:
        return check(text)
    except ValueError:
        return None


@given(
    st.one_of(
        st.text("0123456789 -'x٣", max_size=20),
        st.text(max_size=20),
        st.builds(with_check_digit, DIGITS, st.sampled_from([8, 12, 13, 14])),
    )
)
@example("9780471117094")
@example("978-0-471-11709-4")
@example(" 73513537 ")
def test_the_same_numbers_are_valid_as_for_the_package(text):
    expected = answer(stdnum.ean.validate, text)
    assert answer(check_gtin, text) == (None if expected is None else shortest_form(expected))


@given(DIGITS, st.sampled_from([8, 12, 13]))
def test_padding_with_zeros_does_not_make_another_number(number, length):
    gtin = with_check_digit(number, length)
    assert check_gtin(gtin.zfill(14)) == check_gtin(gtin)


def test_every_natural_form_stays_as_it_is_written():
    for gtin in ("73513537", "036000291452", "4006381333931", "98412345678908"):
        assert check_gtin(gtin) == gtin


def test_a_wrong_digit_and_a_wrong_length_are_told_apart():
    with pytest.raises(ValueError, match="check digit"):
        check_gtin("4006381333932")
    with pytest.raises(ValueError, match="not 11"):
        check_gtin("40063813339")
    with pytest.raises(ValueError, match="digits only"):
        check_gtin("40063813339X1")
