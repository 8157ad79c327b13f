"""Texts: languages, plain text, and descriptions in which nothing runs."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kanava.catalog.rules import texts
from kanava.catalog.rules.texts import check_description, check_language, check_plain

PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<strong>",
    "</strong>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<br>",
    "<i>",
    "</i>",
    "<script>",
    "</script>",
    "<p class=x>",
    "&amp;",
    "&",
    "<",
    ">",
    '"',
    "\xa0",
    " ",
    "\n",
    "\t",
    "a",
    "č",
    "𝄞",
    "<!--",
    "<em>",
]
MARKUP = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=15).map("".join)


def printable(text):
    return not texts._UNPRINTABLE_IN_HTML.search(text)


@given(MARKUP)
@example("<p>one <b>two</b></p><ul>\n<li>three</li></ul>")
@settings(max_examples=500)
def test_markup_that_skips_the_cleaner_is_markup_that_it_would_give_back(html):
    if printable(html) and texts._SAFE.fullmatch(html):
        assert texts._CLEANER.clean(html) == html


@given(MARKUP)
@settings(max_examples=300)
def test_a_cleaned_description_stays_the_same_when_cleaned_again(html):
    try:
        cleaned = check_description(html)
    except ValueError:
        return
    assert check_description(cleaned) == cleaned


def test_the_usual_markup_skips_the_cleaner():
    assert texts._SAFE.fullmatch("<p>Warm, <b>light</b>.</p><p>Dry.</p><ul><li>Two pockets</li></ul>")


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        "<iframe src=//evil></iframe>",
        "<p onclick=alert(1)>x</p>",
        "<svg><script>alert(1)</script></svg>",
        "<style>body{}</style>",
        "<form action=/x><input></form>",
    ],
)
def test_what_runs_is_taken_away(html):
    cleaned = check_description(f"<p>before</p>{html}").lower()
    for bad in ("script", "onerror", "onclick", "iframe", "style", "<form", "<input", "<img"):
        assert bad not in cleaned
    assert "before" in cleaned


def test_scripts_in_plain_texts_stay_text():
    assert check_plain(" <script>alert(1)</script> ", 100) == "<script>alert(1)</script>"


@pytest.mark.parametrize(("tag", "standard"), [("en", "en"), ("sr-latn", "sr-Latn"), ("pt-br", "pt-BR"), ("hu", "hu")])
def test_language_tags_get_their_standard_spelling(tag, standard):
    assert check_language(tag) == standard


@pytest.mark.parametrize("tag", ["", "x", "english please", "en" * 30, "č", "12"])
def test_what_is_no_language_tag_is_refused(tag):
    with pytest.raises(ValueError, match="language tag"):
        check_language(tag)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\ud800", "a\x1fb", "a\ufffeb"])
def test_control_characters_are_no_text(text):
    with pytest.raises(ValueError, match="not text"):
        check_plain(text, 100)
