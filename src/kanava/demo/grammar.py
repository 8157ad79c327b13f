"""Agreement of adjectives with nouns in Slovenian, Polish and Croatian, and numbers as each language writes them.

A small grammar for titles: nominative only, inanimate nouns. English and Hungarian adjectives do not change.
"""

SOFT = "čćšžđjc"
"""A stem that ends in one of these takes -e where others take -o."""

_ENDINGS = {
    "sl": {"m": "", "f": "a", "n": "o", "mp": "i", "fp": "e", "np": "a"},
    "hr": {"m": "i", "f": "a", "n": "o", "mp": "i", "fp": "e", "np": "a"},
    "pl": {"m": "y", "f": "a", "n": "e", "p": "e"},
}


def noun_and_gender(entry: str) -> tuple[str, str]:
    """Split `parka/f` into the noun and its gender; a noun without a gender has an empty one."""
    noun, _, gender = entry.partition("/")
    return noun, gender


def agree(stem: str, language: str, gender: str) -> str:
    """Give the form of an adjective: `agree("vodoodporen|vodoodporn", "sl", "f")` is `vodoodporna`.

    A stem of two words (`ročno izdelan`) bends its last; `masculine|stem` names an irregular masculine singular.
    """
    endings = _ENDINGS.get(language)
    if endings is None or not gender:
        return stem
    masculine, bar, oblique = stem.partition("|")
    if bar and gender == "m":
        return masculine
    base = oblique if bar else stem
    ending = endings[gender]
    if language == "pl" and base[-1] in "kg":
        # Polish writes -ki, -gi and -kie, -gie.
        ending = {"y": "i", "e": "ie"}.get(ending, ending)
    elif ending == "o" and base[-1] in SOFT:
        ending = "e"
    return base + ending


def capitalised(text: str) -> str:
    """Give the text with its first letter large and the rest as it is."""
    return text[:1].upper() + text[1:]


def number(value: int, language: str) -> str:
    """Write a whole number: `10,000` in English, `10 000` with a narrow space in the others, from five digits on."""
    if language == "en":
        return f"{value:,}"
    digits = str(abs(value))
    if len(digits) < 5:
        return ("−" if value < 0 else "") + digits
    return ("−" if value < 0 else "") + f"{abs(value):,}".replace(",", "\u00a0")


def title(noun: str, language: str, model: str, adjective: str, audience: str) -> str:
    """Compose a product title in the order each language has: `noun` with its gender, stems not yet bent.

    English and Hungarian begin with the model name; Polish puts the audience behind the noun.
    """
    word, gender = noun_and_gender(noun)
    quality = agree(adjective, language, gender) if adjective else ""
    whom = agree(audience, language, gender) if audience else ""
    order = {
        "en": (model, whom, quality, word),
        "hu": (model, quality, whom, word),
        "pl": (quality, word, whom, model),
    }.get(language, (quality, whom, word, model))
    return capitalised(" ".join(part for part in order if part))
