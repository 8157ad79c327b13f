"""Which of a country's VAT rates each of our tax categories means.

The figures come from the package `eu-vat-rates-data`; which reduced rate is for food and which for books does not, so
it is said here. A choice that the package no longer knows falls back to the standard rate: never too little is
collected. These are starting values for a shop, not tax advice; `PUT /api/tax-rates` overrides any of them.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict

STANDARD = "standard"
CATEGORIES = (STANDARD, "reduced", "super_reduced", "zero", "food", "books")


class PublishedRates(TypedDict):
    """A country's rates in percent, as the package gives them."""

    standard: float
    reduced: Sequence[float]
    super_reduced: float | None


# Basis points of everyday food and of printed books. A country that is not here takes its standard rate for both.
_FOOD_AND_BOOKS = {
    "AT": (1000, 1000),
    "BE": (600, 600),
    "BG": (2000, 900),
    "CH": (260, 260),
    "CY": (500, 300),
    "CZ": (1200, 0),
    "DE": (700, 700),
    "EE": (2400, 900),
    "ES": (1000, 400),
    "FI": (1350, 1350),
    "FR": (550, 550),
    "GB": (0, 0),
    "GR": (1300, 600),
    "HR": (500, 500),
    "HU": (1800, 500),
    "IE": (0, 0),
    "IS": (1100, 1100),
    "IT": (1000, 400),
    "LI": (260, 260),
    "LT": (2100, 500),
    "LU": (300, 300),
    "LV": (2100, 500),
    "MC": (550, 550),
    "MT": (0, 500),
    "NL": (900, 900),
    "NO": (1500, 0),
    "PL": (500, 500),
    "PT": (600, 600),
    "RO": (1100, 1100),
    "RS": (1000, 1000),
    "SE": (600, 600),
    "SI": (950, 500),
    "SK": (500, 500),
    "XI": (0, 0),
}

# Where the highest reduced rate is that of a region or of a few goods only, or the package names another lowest rate
# than the law: (reduced, super_reduced).
_REDUCED = {
    "AT": (1000, 490),
    "CH": (260, 260),
    "FR": (1000, 210),
    "GR": (1300, 600),
    "LI": (260, 260),
    "LU": (800, 300),
    "PL": (800, 500),
    "PT": (1300, 600),
}


def basis_points(percent: float) -> int:
    """Give a published percentage as an integer: 9.5 is 950."""
    return round(percent * 100)


def rates_by_category(country: str, published: PublishedRates) -> Mapping[str, int]:
    """Give the rate in basis points of every category in one country."""
    standard = basis_points(published["standard"])
    lower = sorted({basis_points(rate) for rate in published["reduced"]})
    lowest = published["super_reduced"]
    known = {0, standard, *lower} | ({basis_points(lowest)} if lowest is not None else set())

    def chosen(rate: int) -> int:
        return rate if rate in known else standard

    reduced = lower[-1] if lower else standard
    super_reduced = basis_points(lowest) if lowest is not None else (lower[0] if lower else standard)
    if country in _REDUCED:
        reduced, super_reduced = map(chosen, _REDUCED[country])
    food, books = map(chosen, _FOOD_AND_BOOKS.get(country, (standard, standard)))
    return dict(zip(CATEGORIES, (standard, reduced, super_reduced, 0, food, books), strict=True))
