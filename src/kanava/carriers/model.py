"""Carriers, their services and pickup points as people write and read them."""

from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from kanava.platform.money import CurrencyCode

Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""In the order of `date.weekday()`."""

ServiceKind = Literal["address", "pickup_point"]
ClockTime = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM", examples=["16:00"])]
Code = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Letters, digits, dot, dash, underscore")
]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=200)]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
PostalPrefix = Annotated[str, Meta(pattern="^[A-Za-z0-9 -]{1,12}$", description="How postal codes begin")]
Grams = Annotated[int, Meta(ge=1, le=2_000_000)]
Minor = Annotated[int, Meta(ge=0, le=1_000_000_000)]
TransitDays = Annotated[int, Meta(ge=0, le=60)]

ZONES_MAX = 100
DESTINATIONS_MAX = 300
PREFIXES_MAX = 2_000
RATES_MAX = 100
POINTS_PER_REQUEST_MAX = 10_000

UNKNOWN_WEIGHT_GRAMS = 500
"""What a unit counts for whose weight the catalogue does not know."""


class Destination(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country, or the part of it whose postal codes begin so; of several prefixes that fit the longest wins."""

    country: CountryCode
    postal_prefixes: Annotated[list[PostalPrefix], Meta(max_length=PREFIXES_MAX)] = []


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a parcel up to a weight costs us (retailer's currency), and what the customer pays in each currency."""

    weight_grams_up_to: Grams
    cost_minor: Minor
    prices: Annotated[dict[CurrencyCode, Minor], Meta(max_length=50)] = {}


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From countries to countries in so many delivery days; rates are ascending and begin at nothing."""

    code: Code
    origins: Annotated[list[CountryCode], Meta(min_length=1, max_length=DESTINATIONS_MAX)]
    destinations: Annotated[list[Destination], Meta(min_length=1, max_length=DESTINATIONS_MAX)]
    transit_days: TransitDays
    rates: Annotated[list[Rate], Meta(min_length=1, max_length=RATES_MAX)]


class ServiceTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When and where a service goes.

    `cut_offs`: on these weekdays parcels that are ready by then, in the place's own time, leave the same day; a
    location named in `location_cut_offs` has a week of its own (empty: nothing is collected there). Parcels arrive on
    `delivery_weekdays` that are no public holiday of the destination, by `delivers_until`.
    """

    cut_offs: dict[Weekday, ClockTime]
    delivery_weekdays: Annotated[list[Weekday], Meta(min_length=1, max_length=7)]
    zones: Annotated[list[Zone], Meta(min_length=1, max_length=ZONES_MAX)]
    delivers_until: ClockTime = "20:00"
    location_cut_offs: Annotated[dict[Code, dict[Weekday, ClockTime]], Meta(max_length=2_000)] = {}


class CarrierServiceInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole service as it shall be."""

    name: Name
    kind: ServiceKind
    weight_grams_max: Grams
    terms: ServiceTerms
    active: bool = True


class CarrierService(msgspec.Struct, frozen=True):
    """A service as it is."""

    carrier: str
    code: str
    name: str
    kind: str
    weight_grams_max: int
    terms: ServiceTerms
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class CarrierInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier as it shall be; `tracking_url` has `{tracking_number}` where the number goes."""

    name: Name
    tracking_url: Annotated[str, Meta(max_length=500)] = ""
    active: bool = True


class Carrier(msgspec.Struct, frozen=True):
    """A carrier as it is."""

    code: str
    name: str
    tracking_url: str
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class PickupPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A locker or counter where customers fetch parcels; the position in degrees, WGS 84."""

    code: Code
    name: Name
    country: CountryCode
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    street: Text = ""
    city: Text = ""
    postal_code: Text = ""
    opening_hours: Annotated[str, Meta(max_length=500)] = ""
    active: bool = True


class PickupPoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points to write; with `replace` the carrier has these and no others afterwards."""

    points: Annotated[list[PickupPoint], Meta(max_length=POINTS_PER_REQUEST_MAX)]
    replace: bool = False


class PickupPointsStored(msgspec.Struct, frozen=True):
    """How many points were sent, changed and removed."""

    points: int
    changed: int
    removed: int


class ServiceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service in a file."""

    code: Code
    service: CarrierServiceInput


class CarrierDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier in a file, with all that is its own."""

    code: Code
    carrier: CarrierInput
    services: list[ServiceDocument] = []
    pickup_points: list[PickupPoint] = []


class CarriersDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `kanava export carriers` writes and `kanava import carriers` reads."""

    carriers: list[CarrierDocument]


class CarriersImported(msgspec.Struct, frozen=True):
    """What an import wrote; what was there already like that is not counted."""

    carriers: int
    services: int
    pickup_points: int
