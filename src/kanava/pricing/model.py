"""What a cart is priced from and what comes out: standard library only, this file also runs in the till's browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

QUANTITY_MAX = 100_000
"""Most units of one line; the same limit as `order_line_quantity_range`."""

AMOUNT_MINOR_MAX = 100_000_000_000
"""Highest price of one unit, in the currency's minor unit; the same limit as `price_amount_range`."""


@dataclass(frozen=True, slots=True)
class PricePoint:
    """The price of one unit when at least `quantity_from` units are bought together."""

    quantity_from: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line to price.

    `key` comes back unchanged on the priced line. `variant` is what lines are counted together by, and what errors
    name: a sku or an id. `price_points` are those in force now, in any order. `currency` is that of the price list
    they come from; None says it is the cart's.
    """

    key: int | str
    variant: int | str
    quantity: int
    price_points: tuple[PricePoint, ...]
    tax_rate_basis_points: int
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class CartToPrice:
    """All that the price of a cart depends on; `tax_inclusive` says whether the price points contain tax."""

    currency: str
    tax_inclusive: bool
    lines: tuple[CartLine, ...]


@dataclass(frozen=True, slots=True)
class Reduction:
    """What an adjustment takes off one line, in the terms of the price list (with or without tax).

    `adjustment` is the position in `PricedCart.adjustments` of what caused it.
    """

    adjustment: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Something that changed prices of this cart, in the order in which it was applied."""

    code: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its money: `net_minor + tax_minor == total_minor`.

    `unit_price_minor` is in the terms of the price list: with tax when the cart is tax-inclusive, else without.
    """

    key: int | str
    variant: int | str
    quantity: int
    unit_price_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    tax_rate_basis_points: int
    reductions: tuple[Reduction, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What all lines of one rate add up to."""

    tax_rate_basis_points: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class PricedCart:
    """A priced cart: lines in the order of the request, totals as their sums, taxes from the lowest rate up."""

    currency: str
    tax_inclusive: bool
    lines: tuple[PricedLine, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[TaxTotal, ...] = field(default=())
    adjustments: tuple[Adjustment, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ApplicableList:
    """What decides whether a price list applies; no `valid_from` or `valid_until` is without end on that side."""

    price_list_id: int
    code: str
    currency: str
    tax_inclusive: bool
    customer_group: str | None
    valid_from: datetime | None
    valid_until: datetime | None

    def in_force(self, now: datetime) -> bool:
        """Say whether the list is in force at an instant."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class TaxTable:
    """Every tax rate: for (country, category) the days from which a rate is in force, latest first."""

    rates: Mapping[tuple[str, str], tuple[tuple[date, int], ...]]
