"""GTINs: the check digit, and one form for a number that is written in several.

The same answer as `stdnum.ean.validate` (python-stdnum), which a test holds for any text; that one takes several
microseconds a number, which is most of the time of a large import.
"""

from stdnum.ean import compact

LENGTHS = frozenset({8, 12, 13, 14})


def check_gtin(text: str) -> str:
    """Give the shortest standard form (8, 12, 13 or 14 digits) of a GTIN; ValueError says what is wrong."""
    digits = text if text.isdigit() else compact(text)
    if not (digits.isdigit() and digits.isascii()):
        raise ValueError("a GTIN has digits only")
    if len(digits) not in LENGTHS:
        raise ValueError(f"a GTIN has 8, 12, 13 or 14 digits, not {len(digits)}")
    if not has_valid_check_digit(digits):
        raise ValueError("the check digit of the GTIN is wrong")
    return shortest_form(digits)


def has_valid_check_digit(digits: str) -> bool:
    """Say whether the weighted sum (weights 1 and 3 from the right) ends in 0; GS1 General Specifications, 7.9."""
    codes = digits.encode("ascii")
    # Each byte is 48 more than its digit.
    surplus = 48 * (len(codes) + 2 * (len(codes) // 2))
    return (sum(codes) + 2 * sum(codes[-2::-2]) - surplus) % 10 == 0


def shortest_form(digits: str) -> str:
    """Take padding zeros away: `04006381333931` and `4006381333931` are one number."""
    if digits[0] != "0" or len(digits) == 8:
        return digits
    padded = digits.zfill(14)
    for length in (8, 12, 13):
        if not padded[: 14 - length].strip("0"):
            return padded[14 - length :]
    return padded
