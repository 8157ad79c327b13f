"""What crosses the HTTP edge and what the tables hold; `model.py` stays free of third-party imports."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kanava.platform.errors import FieldError
from kanava.platform.money import CurrencyCode

PRICES_PER_REQUEST_MAX = 10_000
TAX_RATES_PER_REQUEST_MAX = 1_000

Code = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Letters, digits, dot, dash, underscore")
]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
CustomerGroup = Annotated[str, Meta(min_length=1, max_length=100)]
Sku = Annotated[str, Meta(min_length=1, max_length=100)]
Instant = Annotated[datetime, Meta(tz=True)]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
TaxCategory = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,49}$")]


class PriceList(msgspec.Struct, frozen=True):
    """A price list; no `valid_from` or `valid_until` means without end on that side."""

    code: str
    name: str
    currency: str
    tax_inclusive: bool
    customer_group: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    version: int


class PriceListRow(PriceList, frozen=True):
    """A price list with the id that prices and channels name it by."""

    price_list_id: int

    def public(self) -> PriceList:
        """Give it without the id, which stays inside."""
        return PriceList(
            self.code,
            self.name,
            self.currency,
            self.tax_inclusive,
            self.customer_group,
            self.valid_from,
            self.valid_until,
            self.version,
        )


class NewPriceList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price list to make. Currency, tax and customer group are for good: every price depends on them."""

    code: Code
    name: Name
    currency: CurrencyCode
    tax_inclusive: bool = True
    customer_group: CustomerGroup | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class PriceListChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may change; a field that is left out stays."""

    name: Name | UnsetType = UNSET
    valid_from: Instant | UnsetType | None = UNSET
    valid_until: Instant | UnsetType | None = UNSET


class Price(msgspec.Struct, frozen=True):
    """The price of one unit from `quantity_from` units on, in force from `valid_from` until before `valid_until`."""

    sku: str
    quantity_from: int
    amount_minor: int
    currency: str
    valid_from: datetime | None
    valid_until: datetime | None


class PriceRow(msgspec.Struct, frozen=True):
    """A stored price."""

    variant_id: int
    sku: str
    quantity_from: int
    amount_minor: int
    valid_from: datetime | None
    valid_until: datetime | None


class PriceEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price to store: it replaces the one with the same sku, `quantity_from` and `valid_from`.

    `currency` may be sent as a check that the file fits the list. Ranges are checked row by row, so that one wrong
    price does not hide the others.
    """

    sku: Sku
    amount_minor: int
    quantity_from: int = 1
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    currency: str | None = None


class PriceUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices for one list. `partial` stores the good rows although others are wrong; else it is all or nothing."""

    prices: Annotated[list[PriceEntry], Meta(min_length=1, max_length=PRICES_PER_REQUEST_MAX)]
    partial: bool = False


class PricesWritten(msgspec.Struct, frozen=True):
    """How many rows were stored, how many were there already, and what was wrong with the rest."""

    written: int
    unchanged: int
    rejected: int
    errors: list[FieldError]


class PriceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which prices to remove: all of a sku, or of one quantity break, or the one that begins at `valid_from`.

    `valid_from: null` is the price without a beginning; left out, it means every window.
    """

    sku: Sku
    quantity_from: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    valid_from: Instant | UnsetType | None = UNSET


class PriceRemoval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices to remove from one list."""

    prices: Annotated[list[PriceKey], Meta(min_length=1, max_length=PRICES_PER_REQUEST_MAX)]


class PricesRemoved(msgspec.Struct, frozen=True):
    """How many prices are gone."""

    removed: int


class PriceInForce(msgspec.Struct, frozen=True):
    """What one list says about one sku now; the two arrays go together and are empty without a price.

    `status` is `active` only when both the variant and its product are.
    """

    sku: str
    variant_id: int
    price_list_id: int
    tax_category: str
    status: str
    quantities_from: list[int]
    amounts_minor: list[int]
    weight_grams: int | None = None


class TaxRate(msgspec.Struct, frozen=True):
    """A VAT rate; no `valid_from` means since ever. `source` is `package` (seeded) or `api` (set by a person)."""

    country: str
    tax_category: str
    valid_from: date | None
    rate_basis_points: int
    source: str


class TaxRateEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A VAT rate to set, in force from `valid_from` on."""

    country: CountryCode
    tax_category: TaxCategory
    rate_basis_points: Annotated[int, Meta(ge=0, le=10_000)]
    valid_from: date | None = None


class TaxRateUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """VAT rates to set."""

    rates: Annotated[list[TaxRateEntry], Meta(min_length=1, max_length=TAX_RATES_PER_REQUEST_MAX)]


class TaxRatesWritten(msgspec.Struct, frozen=True):
    """How many rates were stored."""

    written: int


class Overlap(msgspec.Struct, frozen=True):
    """Two windows that meet: the row of the request at fault, and the other (a row of the request, or stored)."""

    position: int
    other_position: int | None
    other_valid_from: datetime | None
    other_valid_until: datetime | None


class KnownVariant(msgspec.Struct, frozen=True):
    """A sku with its id."""

    sku: str
    variant_id: int
