"""Channels, their serving locations and listings, and quotes."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kanava.platform.money import CurrencyCode, Money

SKUS_PER_REQUEST_MAX = 10_000
LOCATIONS_PER_CHANNEL_MAX = 2_000
LINES_PER_QUOTE_MAX = 500

Kind = Literal["web", "app", "store", "kiosk", "call_centre", "marketplace", "social", "ads", "agent"]
Assortment = Literal["all", "listed"]
Code = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Letters, digits, dot, dash, underscore")
]
Reference = Annotated[str, Meta(min_length=1, max_length=100)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
LanguageTag = Annotated[str, Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, description="BCP 47")]
Threshold = Annotated[int, Meta(ge=0, le=1_000_000)]
HoldSeconds = Annotated[int, Meta(ge=1, le=604_800)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
BankHolder = Annotated[str, Meta(max_length=70, description="Whose account it is; empty: none")]
BankIban = Annotated[str, Meta(max_length=50, description="IBAN, with or without spaces; empty: none")]
BankBic = Annotated[str, Meta(max_length=20, description="BIC (SWIFT) of the bank; may be empty")]
FeeMinor = Annotated[int, Meta(ge=0, le=100_000_000_000)]


class Channel(msgspec.Struct, frozen=True):
    """A channel.

    `assortment` is `all` (every active variant) or `listed`. `threshold` units of a variant stay back at a location.
    A held reservation lives `hold_seconds`. Fees are what the channel takes per order: a share and a fixed amount in
    the channel's currency. `sells_incoming`: units that are on their way are sold with their date.
    Customers transfer money to the account `bank_iban` of `bank_holder`; both are empty where there is none.
    """

    code: str
    kind: str
    name: str
    country: str
    currency: str
    language: str
    price_list: str
    assortment: str
    threshold: int
    hold_seconds: int
    fee_basis_points: int
    fee_fixed_minor: int
    sells_incoming: bool
    active: bool
    bank_holder: str
    bank_iban: str
    bank_bic: str
    version: int
    created_at: datetime
    updated_at: datetime


class ChannelRow(msgspec.Struct, frozen=True):
    """A channel with the ids that stay inside."""

    channel_id: int
    price_list_id: int
    code: str
    kind: str
    name: str
    country: str
    currency: str
    language: str
    price_list: str
    assortment: str
    threshold: int
    hold_seconds: int
    fee_basis_points: int
    fee_fixed_minor: int
    sells_incoming: bool
    active: bool
    bank_holder: str
    bank_iban: str
    bank_bic: str
    version: int
    created_at: datetime
    updated_at: datetime

    def public(self) -> Channel:
        """Give it without the ids."""
        return Channel(*[getattr(self, name) for name in Channel.__struct_fields__])


class NewChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel to make."""

    code: Code
    kind: Kind
    name: Name
    country: CountryCode
    currency: CurrencyCode
    language: LanguageTag
    price_list: Reference
    assortment: Assortment = "all"
    threshold: Threshold = 0
    hold_seconds: HoldSeconds = 900
    fee_basis_points: BasisPoints = 0
    fee_fixed_minor: FeeMinor = 0
    sells_incoming: bool = False
    active: bool = True
    bank_holder: BankHolder = ""
    bank_iban: BankIban = ""
    bank_bic: BankBic = ""


class ChannelChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What may change; a field that is left out stays."""

    name: Name | UnsetType = UNSET
    country: CountryCode | UnsetType = UNSET
    currency: CurrencyCode | UnsetType = UNSET
    language: LanguageTag | UnsetType = UNSET
    price_list: Reference | UnsetType = UNSET
    assortment: Assortment | UnsetType = UNSET
    threshold: Threshold | UnsetType = UNSET
    hold_seconds: HoldSeconds | UnsetType = UNSET
    fee_basis_points: BasisPoints | UnsetType = UNSET
    fee_fixed_minor: FeeMinor | UnsetType = UNSET
    sells_incoming: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    bank_holder: BankHolder | UnsetType = UNSET
    bank_iban: BankIban | UnsetType = UNSET
    bank_bic: BankBic | UnsetType = UNSET


class BankAccount(msgspec.Struct, frozen=True):
    """Where customers transfer money to; `iban` without spaces, `bic` empty where nobody has said it."""

    holder: str
    iban: str
    bic: str

    @property
    def iban_in_groups(self) -> str:
        """The IBAN as people read it: in groups of four."""
        return " ".join(self.iban[start : start + 4] for start in range(0, len(self.iban), 4))


class BankAccountRow(msgspec.Struct, frozen=True):
    """The account of a channel."""

    channel: str
    holder: str
    iban: str
    bic: str

    @property
    def account(self) -> BankAccount:
        """The account alone."""
        return BankAccount(self.holder, self.iban, self.bic)


class ServingLocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A location that serves a channel; without a threshold of its own the channel's holds."""

    location: Reference
    threshold: Threshold | None = None


class ServingLocations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All locations that serve a channel, and no others."""

    locations: Annotated[list[ServingLocation], Meta(max_length=LOCATIONS_PER_CHANNEL_MAX)]


class ServingLocationsStored(msgspec.Struct, frozen=True):
    """How many locations serve the channel now, and how many of them are new, other than before, or gone."""

    serving: int
    added_or_changed: int
    removed: int


class KnownLocation(msgspec.Struct, frozen=True):
    """A location's code with its id."""

    code: str
    location_id: int


class ListingChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Skus to list on a channel, or to take off it."""

    skus: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(min_length=1, max_length=SKUS_PER_REQUEST_MAX)
    ]


class ListingsChanged(msgspec.Struct, frozen=True):
    """How many skus are listed, or not, that were not so before."""

    changed: int
    unchanged: int


class Listing(msgspec.Struct, frozen=True):
    """A variant on a channel."""

    sku: str


class ListingRow(msgspec.Struct, frozen=True):
    """A listing with the id that pages go by."""

    variant_id: int
    sku: str


class KnownVariant(msgspec.Struct, frozen=True):
    """A sku with its id."""

    sku: str
    variant_id: int


class ListedPair(msgspec.Struct, frozen=True):
    """A variant with a channel that lists it."""

    variant_id: int
    channel_id: int


class ListedOn(msgspec.Struct, frozen=True):
    """A sku with a channel that lists it."""

    sku: str
    channel: str


class RoutingChannel(msgspec.Struct, frozen=True):
    """A channel as availability, routing and order placing hold it in memory.

    `location_ids` and `location_thresholds` go together; the thresholds are those that hold: the location's own on
    this channel, else the channel's.
    """

    channel_id: int
    code: str
    kind: str
    country: str
    currency: str
    language: str
    price_list_id: int
    tax_inclusive: bool
    assortment: str
    threshold: int
    hold_seconds: int
    active: bool
    sells_incoming: bool
    location_ids: list[int]
    location_thresholds: list[int]


class QuoteLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wanted; quantities are checked line by line."""

    sku: Annotated[str, Meta(min_length=1, max_length=100)]
    quantity: int = 1


class QuoteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cart to price. Without `country` the goods stay in the channel's; without `at` the prices are today's."""

    channel: Reference
    lines: Annotated[list[QuoteLine], Meta(min_length=1, max_length=LINES_PER_QUOTE_MAX)]
    customer_group: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    country: CountryCode | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None


class QuotedLine(msgspec.Struct, frozen=True):
    """A line with its money; `unit_price` has tax in it when the quote is tax-inclusive."""

    sku: str
    quantity: int
    unit_price: Money
    net: Money
    tax: Money
    total: Money
    tax_rate_basis_points: int


class QuotedTax(msgspec.Struct, frozen=True):
    """What all lines of one rate add up to."""

    tax_rate_basis_points: int
    net: Money
    tax: Money


class Quote(msgspec.Struct, frozen=True):
    """A priced cart."""

    channel: str
    country: str
    currency: str
    tax_inclusive: bool
    at: datetime
    lines: list[QuotedLine]
    net: Money
    tax: Money
    total: Money
    taxes: list[QuotedTax]
