"""Amounts as people type them in forms."""

from kanava.platform.errors import InvalidInput
from kanava.platform.money import EXPONENTS, Money, major_amount


def written_amount(amount_minor: int, currency: str, language: str = "en") -> str:
    """Write an amount as people type it in their language: 19.99 or 19,99."""
    return _written(str(major_amount(Money(amount_minor, currency))), language)


def written_percent(basis_points: int, language: str) -> str:
    """Write a share as people type it in their language: 2.50 or 2,50."""
    return _written(f"{basis_points / 100:.2f}", language)


def _written(number: str, language: str) -> str:
    return number if language == "en" else number.replace(".", ",")


def read_amount(text: str, currency: str, field: str) -> int:
    """Read an amount as people type it: `19,99` or `1 990`; InvalidInput."""
    plain = text.strip().replace("\xa0", "").replace(" ", "").replace(",", ".")
    whole_part, dot, fraction = plain.partition(".")
    digits: int = EXPONENTS[currency]
    if not (whole_part.isascii() and whole_part.isdigit() and len(whole_part) < 13):
        raise InvalidInput("A price is a number such as 19.99.", field=field)
    if (dot and not (fraction.isascii() and fraction.isdigit())) or len(fraction.rstrip("0")) > digits:
        raise InvalidInput(f"A price in {currency} has at most {digits} digits after the point.", field=field)
    scale: int = 10**digits
    return int(whole_part) * scale + int(fraction.rstrip("0").ljust(digits, "0") or 0)
