"""Texts: languages, plain text, and descriptions without anything that runs."""

import re
from functools import lru_cache

import nh3

# Control characters, noncharacters that XML cannot carry, and halves of surrogate pairs. Line ends and tabs are
# allowed only in descriptions.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_UNPRINTABLE_IN_HTML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")

_TAGS = frozenset(
    "p br b strong i em u s sub sup small span div h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code hr a "
    "table caption thead tbody tr th td".split()
)
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    attributes={"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
)
# Markup that the cleaner gives back unchanged, letter for letter: plain runs inside tags without attributes that are
# closed in order. Cleaning costs tens of microseconds, this a few; a test holds the two equal.
_RUN = "[^<>&\r\xa0]++"
_INLINE = f"(?:{_RUN}|<br>|<(?P<t%d>b|strong|i|em)>(?:{_RUN})?+</(?P=t%d)>)*+"
_SAFE = re.compile(f"(?:{_RUN}|<p>{_INLINE % (1, 1)}</p>|<ul>(?:\\s*+<li>{_INLINE % (2, 2)}</li>)++\\s*+</ul>)*+")


@lru_cache(maxsize=1000)
def check_language(tag: str) -> str:
    """Give a BCP 47 tag in its standard spelling (`sr-latn` → `sr-Latn`); ValueError when it is none."""
    # Imported here: its tables take a twentieth of an API process's start.
    import langcodes

    try:
        if len(tag) <= 35 and tag.isascii() and langcodes.tag_is_valid(tag):
            return langcodes.standardize_tag(tag)
    except ValueError:
        pass
    raise ValueError(f"{tag[:40]!r} is no language tag (BCP 47)")


def check_plain(text: str, characters_max: int) -> str:
    """Give a text of one line without spaces at its ends; ValueError when too long or with control characters."""
    text = text.strip()
    if len(text) > characters_max:
        raise ValueError(f"longer than {characters_max} characters ({len(text)})")
    found = None if text.isprintable() else _UNPRINTABLE.search(text)
    if found:
        raise ValueError(f"has a character that is not text (U+{ord(found[0]):04X})")
    return text


def check_description(html: str, characters_max: int = 30_000) -> str:
    """Give HTML from which scripts, styles, frames, forms and event attributes are taken away."""
    html = html.strip()
    if len(html) > characters_max:
        raise ValueError(f"longer than {characters_max} characters ({len(html)})")
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    found = None if html.isprintable() else _UNPRINTABLE_IN_HTML.search(html)
    if found:
        raise ValueError(f"has a character that is not text (U+{ord(found[0]):04X})")
    return html if _SAFE.fullmatch(html) else _cleaned(html, characters_max)


@lru_cache(maxsize=2000)
def _cleaned(html: str, characters_max: int) -> str:
    # Repairing markup can make new markup; what is stored is a fixed point, so that it is the same when read again.
    for _ in range(5):
        cleaned = _CLEANER.clean(html).strip()
        if cleaned == html:
            break
        html = cleaned
    if len(html) > characters_max:
        raise ValueError(f"longer than {characters_max} characters once it is escaped ({len(html)})")
    return html
