"""Words are folded and stemmed alike on both sides."""

import pytest

from kanava.platform.errors import InvalidInput
from kanava.search.model import ProductQuery
from kanava.search.rules.checks import check, chosen_facets
from kanava.search.rules.words import Question, fold, forms, ranked, term_key, transpositions, unranked


def test_letters_of_five_languages_are_folded() -> None:
    assert fold("ČĆŠŽĐ čćšžđ ŁÓĄĘŚŹŻ łóąęśźż ŐŰÖÜ őűöü ß") == "ccszd ccszd loaeszz loaeszz ouou ouou ss"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "jackets", "jacket"),
        ("sl", "nahrbtniki", "nahrbtnik"),
        ("sl", "jakno", "jakna"),
        ("pl", "kurtki", "kurtka"),
        ("pl", "plecaków", "plecak"),
        ("hr", "šalice", "salica"),
        ("hu", "kabátok", "kabát"),
        ("hu", "bögrék", "bogre"),
    ],
)
def test_endings_and_accents_keep_nothing_apart(language: str, one: str, other: str) -> None:
    assert set(forms(language, one)) & set(forms(language, other))


def test_a_document_has_names_by_weight_and_words_without_places() -> None:
    assert ranked("sl", [("A", "Dežne jakne"), ("B", "jakna")]).startswith("'sl/dezne':1A")
    assert "'sl/jakn':2A,3B" in ranked("sl", [("A", "Dežne jakne"), ("B", "jakna")])
    # What only a description has is there by its stem, the rest also as it is written.
    assert unranked("sl", ["Jakne"], "Jakne in nahrbtniki") == "'sl/jakne' 'sl/jakn' 'sl/in' 'sl/nahrbtnik'"


def test_a_question_has_every_form_its_corrections_and_its_synonyms() -> None:
    asked = Question("en", "waterproof jackts ", 12).tsquery({1: ["jacket"]}, {"jacket": ["rain coat"]}, every=True)
    assert "'en/jackts' | 'en/jackt' | 'en/jacket' | (('en/rain') & ('en/coat'))" in asked
    assert ":*" not in asked
    assert Question("en", "jack", 12).tsquery({}, {}, every=True) == "(('en/jack':*))"


def test_a_synonym_of_several_words_stands_for_all_of_them() -> None:
    asked = Question("en", "rain coat blue ", 12).tsquery({}, {term_key("en", "rain coat"): ["mac"]}, every=True)
    assert asked.endswith("(('en/blue') & (('en/mac')))")


def test_quotes_and_operators_are_no_words() -> None:
    assert Question("en", "a'b & !c | (d) <-> \\:*", 12).words == ["a", "b", "c", "d"]


def test_neighbours_are_swapped() -> None:
    assert transpositions("abb") == ["bab"]


def test_a_question_out_of_bounds_names_every_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        check(ProductQuery("web", text="x" * 201, page=0, limit=97, price_from_minor=-1, facets={"size": ["M"]}))
    assert [error.field for error in refused.value.errors] == ["q", "limit", "page", "price_from", "facet"]


def test_choices_are_read_from_an_address() -> None:
    assert chosen_facets(["brand:A:B", "option.size:M", "option.size:L", "option.size:M"]) == {
        "brand": ["A:B"],
        "option.size": ["M", "L"],
    }
    with pytest.raises(InvalidInput) as refused:
        chosen_facets(["brand:A", "brand"])
    assert refused.value.errors[0].field == "facet[1]"
