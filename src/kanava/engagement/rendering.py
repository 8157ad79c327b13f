"""From facts to text: one template for each kind, two skins (HTML and plain text), five languages.

A template calls `ui.paragraph(…)`, `ui.items(…)` and so on; the skin says how that looks. Texts are English in the
templates and translated by gettext catalogues in `locales/`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
import jinja2
from babel.dates import format_skeleton, format_time

from kanava.engagement.model import KINDS, LANGUAGES, Kind, Rendered
from kanava.platform.money import Money, format_money, in_coins
from kanava.platform.translating import compiled

FOLDER = Path(__file__).parent
LOCALES = FOLDER / "locales"


@cache
def translations_of(language: str) -> NullTranslations:
    """Give the catalogue of a language, read from its .po file; English is what the templates hold."""
    path = LOCALES / language / "messages.po"
    return compiled(path, language) if path.exists() else NullTranslations()


class _Format:
    """Dates and money in one language, for templates: `f.day(…)`, `f.moment(…)`, `f.money(…)`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def day(self, value: str, time_zone: str | None = None) -> str:
        """Write a date, or the date of an instant somewhere: Tuesday, 24 November."""
        on = date.fromisoformat(value) if "T" not in value else _local(value, time_zone or "UTC").date()
        return format_skeleton("MMMMEEEEd", on, locale=self.language)

    def moment(self, value: str, time_zone: str) -> str:
        """Write an instant as the clock there shows it: Tuesday, 24 November, 16:30."""
        local = _local(value, time_zone)
        return f"{self.day(local.date().isoformat())}, {format_time(local.time(), 'HH:mm', locale=self.language)}"

    def money(self, value: Mapping[str, Any]) -> str:
        """Write an amount of money."""
        return format_money(Money(value["amount_minor"], value["currency"]), self.language)

    def tax(self, value: Mapping[str, Any]) -> str:
        """Write the tax in an amount."""
        return format_money(in_coins(Money(value["amount_minor"], value["currency"])), self.language)


def _local(value: str, time_zone: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(ZoneInfo(time_zone))


@cache
def _environment(skin: str, language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=skin == "html",  # noqa: S701 # nosec B701 -- plain text is not escaped, HTML is
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations_of(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["f"] = _Format(language)
    return environment


def render(kind: Kind, language: str, facts: Mapping[str, Any], brand: str) -> Rendered:
    """Write a message; `facts` are those of its kind (see `samples`)."""
    if kind not in KINDS:
        raise ValueError(f"no message is called {kind}")
    language = language.partition("-")[0]
    language = language if language in LANGUAGES else LANGUAGES[0]
    given = {**facts, "brand": brand, "language": language}
    parts = {}
    for skin in ("text", "html"):
        environment = _environment(skin, language)
        parts[skin] = environment.get_template(f"{kind}.j2").render(skin=skin, **given)
    subject = _environment("text", language).get_template(f"{kind}.j2").render(skin="subject", **given)
    html = css_inline.inline(parts["html"], load_remote_stylesheets=False)
    return Rendered(" ".join(subject.split()), html, _tidy(parts["text"]))


def _tidy(text: str) -> str:
    """Never two empty lines in a row, none at either end."""
    lines: list[str] = []
    for line in text.splitlines():
        line = line.strip()  # noqa: PLW2901
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip() + "\n"
