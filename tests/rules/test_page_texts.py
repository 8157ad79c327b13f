"""Every text of the pages is translated into every language, with all its plural forms and its placeholders."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kanava.web.common.translations import LANGUAGES, LOCALES, preferred_language

WEB = Path(LOCALES).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLURAL_FORMS = {"sl": 4, "pl": 3, "hr": 3, "hu": 2}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N": None}
Message = str | tuple[str, ...]


@cache
def messages() -> dict[Message, str]:
    """Every text of templates and pages, and where it stands."""
    methods = [("**.html", "jinja2"), ("**.py", "python")]
    options = {"**.html": {"trimmed": "true", "extensions": "jinja2.ext.i18n,jinja2.ext.do"}}
    found = extract_from_dir(str(WEB), methods, options, keywords=KEYWORDS)
    return {message: f"{file}:{line}" for file, line, message, _comments, _context in found if message}


def catalogues(language: str) -> Iterator[tuple[Path, Catalog]]:
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=language)


def test_there_are_texts() -> None:
    assert len(messages()) > 20
    assert "Sign in" in messages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    known: dict[str, Message] = {}
    for path, catalogue in catalogues(language):
        assert catalogue.num_plurals == PLURAL_FORMS[language], path
        for message in catalogue:
            if not message.id:
                continue
            assert not message.fuzzy, f"{path}: {message.id!r} is not sure"
            key = message.id if isinstance(message.id, str) else message.id[0]
            known[key] = message.string
    missing = []
    for message, place in messages().items():
        key = message if isinstance(message, str) else message[0]
        text = known.get(key)
        wanted = 1 if isinstance(message, str) else PLURAL_FORMS[language]
        given = [text] if isinstance(text, str) else list(text or [])
        if len(given) != wanted or not all(given):
            missing.append(f"{place}: {message!r}")
    assert not missing, f"{len(missing)} texts lack {language}:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_placeholders(language: str) -> None:
    for path, catalogue in catalogues(language):
        for message in catalogue:
            if not message.id:
                continue
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            # A singular may say "one" where the plural has the number, in any language.
            allowed = {found for each in ids for found in PLACEHOLDER.findall(each)}
            needed = set(PLACEHOLDER.findall(ids[-1])) if len(ids) == 1 else set()
            for text in strings:
                used = set(PLACEHOLDER.findall(text))
                assert needed <= used <= allowed, f"{path}: {message.id!r}: {text!r}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_of_a_text_that_is_gone(language: str) -> None:
    used = {each if isinstance(each, str) else each[0] for each in messages()}
    for path, catalogue in catalogues(language):
        stale = [
            each.id
            for each in catalogue
            if each.id and (each.id if isinstance(each.id, str) else each.id[0]) not in used
        ]
        assert not stale, f"{path}: {stale}"


def test_the_language_a_browser_asks_for() -> None:
    assert preferred_language("sl-SI,sl;q=0.9,en;q=0.8") == "sl"
    assert preferred_language("de-DE,de;q=0.9,hu;q=0.5,en;q=0.3") == "hu"
    assert preferred_language("de;q=0.9, en;q=0, pl;q=bad") is None
    assert preferred_language("") is None
