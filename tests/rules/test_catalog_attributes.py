"""Typed attributes and cells of files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanava.catalog.model import AttributeDefinition
from kanava.catalog.rules import cells
from kanava.catalog.rules.attributes import cell_of_value, check_definitions, stored_value, value_of_cell

DECIMAL = AttributeDefinition("decimal", scale=2)
MEASURE = AttributeDefinition("measure", unit="mm")
CHOICE = AttributeDefinition("choice", choices=["wool", "cotton"])


@given(
    st.sampled_from(
        [DECIMAL, MEASURE, AttributeDefinition("integer"), AttributeDefinition("measure", unit="kg", scale=3)]
    ),
    st.integers(-(10**15), 10**15),
)
def test_a_number_survives_the_way_through_a_cell(definition, value):
    assert value_of_cell(definition, cell_of_value(definition, value)) == value == stored_value(definition, value)


@pytest.mark.parametrize(
    ("definition", "cell", "value"),
    [
        (DECIMAL, "12.5", 1250),
        (DECIMAL, "-0,05", -5),
        (DECIMAL, "3.100", 310),
        (MEASURE, "250 mm", 250),
        (AttributeDefinition("boolean"), "Yes", True),
        (CHOICE, "wool", "wool"),
        (AttributeDefinition("text"), " a ", "a"),
    ],
)
def test_cells_are_read(definition, cell, value):
    assert value_of_cell(definition, cell) == value


@pytest.mark.parametrize(
    ("definition", "cell"),
    [
        (DECIMAL, "1.234"),
        (DECIMAL, "1e5"),
        (DECIMAL, "nan"),
        (MEASURE, "2.5"),
        (MEASURE, "250 cm"),
        (CHOICE, "silk"),
        (AttributeDefinition("boolean"), "maybe"),
        (AttributeDefinition("integer"), "9" * 17),
        (AttributeDefinition("integer"), "٣"),
    ],
)
def test_a_value_of_another_type_is_refused(definition, cell):
    with pytest.raises(ValueError, match=r"\w"):
        value_of_cell(definition, cell)


def test_booleans_are_no_integers():
    with pytest.raises(ValueError, match="integer"):
        stored_value(AttributeDefinition("integer"), True)


def test_definitions_that_cannot_be_are_named():
    wrong = check_definitions(
        {
            "Bad Name": AttributeDefinition("text"),
            "a": AttributeDefinition("choice"),
            "b": AttributeDefinition("measure"),
            "c": AttributeDefinition("text", scale=2),
            "d": AttributeDefinition("choice", choices=["wool"], choice_names={"silk": {"sl": "svila"}}),
            "good": CHOICE,
            "named": AttributeDefinition("choice", choices=["wool"], choice_names={"wool": {"sl": "volna"}}),
        }
    )
    assert [name for name, _ in wrong] == ["Bad Name", "a", "b", "c", "d"]


@given(st.lists(st.text(max_size=8)))
def test_lists_survive_the_way_through_a_cell(pieces):
    if pieces != [""]:
        assert cells.split_list(cells.join_list(pieces)) == pieces


@pytest.mark.parametrize(
    ("cell", "reason"), [("-5", "negative"), ("1.5", "whole"), ("99999999999", "whole"), ("9999999999", "large")]
)
def test_measures_are_whole_and_not_negative(cell, reason):
    with pytest.raises(ValueError, match=reason):
        cells.check_measure(cell)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x/y", "http://", "https://a b", "//evil.example/x", "x.jpg"]
)
def test_only_web_addresses_and_paths_are_addresses(url):
    with pytest.raises(ValueError, match="address"):
        cells.check_url(url)
