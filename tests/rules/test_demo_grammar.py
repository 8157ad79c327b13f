"""Adjectives agree with nouns, numbers are written as each language writes them."""

import pytest

from kanava.demo.grammar import agree, number, title
from kanava.demo.model import LANGUAGES
from kanava.demo.words import matter, product_types, words


@pytest.mark.parametrize(
    ("stem", "language", "gender", "form"),
    [
        ("vodoodporen|vodoodporn", "sl", "m", "vodoodporen"),
        ("vodoodporen|vodoodporn", "sl", "f", "vodoodporna"),
        ("vodoodporen|vodoodporn", "sl", "mp", "vodoodporni"),
        ("hitro sušeč", "sl", "n", "hitro sušeče"),
        ("topl", "hr", "n", "toplo"),
        ("dječj", "hr", "fp", "dječje"),
        ("brzosušeć", "hr", "n", "brzosušeće"),
        ("lekk", "pl", "m", "lekki"),
        ("lekk", "pl", "n", "lekkie"),
        ("dług", "pl", "f", "długa"),
        ("dziecięc", "pl", "p", "dziecięce"),
        ("ciepł", "pl", "m", "ciepły"),
        ("vízálló", "hu", "", "vízálló"),
    ],
)
def test_an_adjective_takes_the_form_of_its_noun(stem: str, language: str, gender: str, form: str) -> None:
    assert agree(stem, language, gender) == form


@pytest.mark.parametrize(
    ("language", "noun", "adjective", "audience", "expected"),
    [
        ("en", "Rain Jacket", "Light", "Women's", "Burja Women's Light Rain Jacket"),
        ("sl", "dežna jakna/f", "lahek|lahk", "ženski|žensk", "Lahka ženska dežna jakna Burja"),
        ("pl", "kurtka przeciwdeszczowa/f", "lekk", "damsk", "Lekka kurtka przeciwdeszczowa damska Burja"),
        ("hr", "planinarske hlače/fp", "lagan", "mušk", "Lagane muške planinarske hlače Burja"),
        ("hu", "esőkabát", "könnyű", "női", "Burja könnyű női esőkabát"),
    ],
)
def test_a_title_stands_in_the_order_of_its_language(
    language: str, noun: str, adjective: str, audience: str, expected: str
) -> None:
    assert title(noun, language, "Burja", adjective, audience) == expected


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert number(10_000, "en") == "10,000"
    assert number(10_000, "hu") == "10\u00a0000"
    assert number(8_000, "pl") == "8000"
    assert number(-5, "sl") == "−5"


def test_every_word_list_names_only_what_there_is() -> None:
    genders = {
        "sl": {"m", "f", "n", "mp", "fp", "np"},
        "hr": {"m", "f", "n", "mp", "fp", "np"},
        "pl": {"m", "f", "n", "p"},
    }
    sizes, palettes = matter("sizes"), matter("palettes")
    for kind in product_types():
        assert len(kind.text) == len(kind.noun) == len(LANGUAGES)
        for language, noun in zip(LANGUAGES, kind.noun, strict=True):
            assert language not in genders or noun.partition("/")[2] in genders[language], (kind.code, noun)
        assert set(kind.adjectives) <= set(words("adjectives")), kind.code
        assert set(kind.features) <= set(words("features")), kind.code
        assert set(kind.materials) <= set(matter("materials")), kind.code
        assert kind.care in matter("care")
        assert kind.category in matter("categories")
        assert kind.family in matter("families")
        assert kind.sizes in sizes or f"{kind.sizes}-women" in sizes, kind.code
        assert kind.colours == "scent" or set(palettes[kind.colours]) <= set(matter("colours")), kind.code
