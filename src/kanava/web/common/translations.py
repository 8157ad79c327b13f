"""Texts of the pages in five languages: English in the templates, gettext catalogues in `locales/LANGUAGE/*.po`."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from kanava.platform.translating import compiled

LOCALES = Path(__file__).parents[1] / "locales"
LANGUAGES = ("en", "sl", "pl", "hr", "hu")
LANGUAGE_NAMES = {"en": "English", "sl": "Slovenščina", "pl": "Polski", "hr": "Hrvatski", "hu": "Magyar"}


@cache
def translations_of(language: str) -> NullTranslations:
    """Give everything that is translated into a language; a face has a catalogue of its own, `common` serves all."""
    merged: NullTranslations | None = None
    for path in sorted((LOCALES / language).glob("*.po")):
        found = compiled(path, language)
        if isinstance(merged, GNUTranslations):
            merged._catalog.update({key: text for key, text in found._catalog.items() if key})  # type: ignore[attr-defined]  # noqa: SLF001
        else:
            merged = found
    return merged or NullTranslations()


def known_language(tag: str | None) -> str | None:
    """Give the language of a tag such as `sl-SI` when pages are written in it."""
    language = (tag or "").lower().replace("_", "-").partition("-")[0]
    return language if language in LANGUAGES else None


def preferred_language(accept_language: str) -> str | None:
    """Give the first of our languages that a browser asks for, by its weights."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _semicolon, parameters = part.strip().partition(";")
        language = known_language(tag)
        weight = parameters.strip().removeprefix("q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if language and quality > 0:
            wanted.append((quality, language))
    return max(wanted, key=lambda each: each[0])[1] if wanted else None
