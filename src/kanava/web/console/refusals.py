"""Why something was refused, in the reader's language: the sentences of the verbs that people of head office meet."""

import re
from functools import cache

from kanava.web.common.translations import translations_of

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

FIELDS: tuple[str, ...] = (
    N("must be a whole number"),
    N("must be a number"),
    N("must be a number in %(unit)s"),
    N("must have at most %(most)s decimals"),
    N("must be between %(least)s and %(most)s"),
    N("must not be negative"),
    N("is too large"),
    N("is empty"),
    N("is empty: every variant needs a sku"),
    N("must be a text"),
    N("must be true or false"),
    N("must be one of %(choices)s"),
    N("must be draft, active or archived"),
    N("must be active or archived"),
    N("must be a day, such as 2026-12-01 or 2026-12-01T08:00"),
    N("must have %(least)s to %(most)s characters"),
    N("longer than %(most)s characters (%(length)s)"),
    N("A price is a number such as 19.99."),
    N("a handle has 1 to 200 small letters, digits, - _ or ., and starts with a letter or digit"),
    N("a product needs a title in one language at least, as in title_en"),
    N("a GTIN has digits only"),
    N("a GTIN has 8, 12, 13 or 14 digits, not %(count)s"),
    N("the check digit of the GTIN is wrong"),
    N("names a GTIN twice"),
    N("the GTIN stands in an earlier variant"),
    N("the GTIN belongs to the variant %(sku)s"),
    N("the sku belongs to the product %(product)s"),
    N("stands in an earlier variant"),
    N("has the options of variant %(sku)s"),
    N("the names of options are different, and not empty"),
    N("there is no category %(category)s"),
    N("there is no such attribute family"),
    N("the family of the product has no such attribute"),
    N("There is another product with this handle."),
    N("This version is no longer known well enough to be brought back."),
)
"""What a field must be: reasons that the catalogue and the console's own forms give, without the name of the field."""

SENTENCES: tuple[str, ...] = (
    N("Somebody signs in as %(email)s already."),
    N("%(value)s is no e-mail address."),
    N("A password has %(least)s to %(most)s characters."),
    N("Say the name."),
    N("You cannot take the administrator's role from yourself."),
    N("You cannot lock yourself out."),
    N("Say what the key is for."),
    N("Choose what the key may do."),
    N("A key lives %(least)s to %(most)s days."),
    N("Choose a file first."),
    N("Say which column is the sku of the variant."),
    N("Say which column is the code of the product."),
    N("Two columns are said to be %(names)s."),
    N("A ring-fence has a place and a number of units."),
    N("The location does not serve this channel."),
    N("There is no such location or channel in use."),
    N("The name of a view has %(least)s to %(most)s characters."),
    N("There are %(most)s views of this table already; remove one first."),
    N("%(value)s is no amount of %(currency)s."),
    N("%(value)s is no whole number."),
    N("Say why the order is held."),
    N("Say how many units are cancelled."),
    N("A quantity is a whole number."),
    N("Somebody else has just saved one with the same code, so nothing was saved. Take another one."),
    N("Something that this refers to has just been removed, so nothing was saved. Choose again."),
    *FIELDS,
)
"""What the verbs say, with a name for each part that differs; what is not here is shown in English below a heading."""


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    made = []
    for sentence in SENTENCES:
        parts = re.split(r"%\((\w+)\)s", sentence)
        written = [re.escape(part) if index % 2 == 0 else f"(?P<{part}>.+)" for index, part in enumerate(parts)]
        made.append((re.compile("".join(written)), sentence))
    return made


def in_words(sentence: str, language: str) -> str | None:
    """Give a sentence of a verb in a language; None when it is known in English alone."""
    if language == "en":
        return sentence
    for pattern, text in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            translated = translations_of(language).gettext(text)
            return translated % found.groupdict() if found.groupdict() else translated
    return None
