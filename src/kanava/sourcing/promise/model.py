"""What is asked, what is answered, and the promise that is stored with an order."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from kanava.carriers.snapshot import Carriers
from kanava.platform.money import Money
from kanava.sourcing.model import RoutingConfig
from kanava.stores.model import Schedule

LINES_MAX = 200
STORES_DEFAULT = 5
STORES_MAX = 20
POINTS_DEFAULT = 3
POINTS_MAX = 10
PAGE_SKUS_MAX = 48
PROMISE_DAYS_MAX = 30
"""Nothing is promised further ahead: a store that is closed longer has a next opening and no promise."""

CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Code = Annotated[str, Meta(min_length=1, max_length=100)]
Quantity = Annotated[int, Meta(ge=1, le=100_000)]


# ── the promise itself ────────────────────────────────────────────────────────────────────────────────────────────


class Promise(msgspec.Struct, frozen=True):
    """What a customer was told of some lines of an order; stored with it as JSON.

    `promised_by`: delivered by (ship), ready by (pickup, curbside); None when nobody can say (no carrier service).
    `work_by`: when each place, by its code, has to be done so that the promise can be kept. `price_minor` is in the
    order's currency.
    """

    promise_no: int
    kind: str
    location: str | None
    carrier_service: str | None
    line_nos: tuple[int, ...]
    promised_by: datetime | None
    work_by: Mapping[str, datetime]
    price_minor: int | None


class PlannedPart(msgspec.Struct, frozen=True, gc=False):
    """Units of a line that come from one place; `weight_grams` of one unit, None when nobody knows."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int
    kind: str
    weight_grams: int | None = None


class ShipTo(msgspec.Struct, frozen=True, gc=False):
    """Where parcels go and in which currency they are paid."""

    country: str
    postal_code: str
    currency: str


class PlaceTerms(msgspec.Struct, frozen=True):
    """A place as promising sees it."""

    location_id: int
    code: str
    country: str
    time_zone: str
    schedule: Schedule
    handling_minutes: int
    pick_capacity_per_hour: int


class Terms(msgspec.Struct, frozen=True):
    """The settings that promises are made with, as one immutable snapshot."""

    config: RoutingConfig
    carriers: Carriers
    places: Mapping[int, PlaceTerms]


# ── what is asked ─────────────────────────────────────────────────────────────────────────────────────────────────


class AskedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Units of a variant that somebody wants."""

    sku: Code
    quantity: Quantity = 1


class AskedAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """As much of an address as a promise needs.

    An order's `ship_to` may be sent as it is: name, street and city are taken and make no difference.
    """

    country: CountryCode
    postal_code: Annotated[str, Meta(max_length=200)] = ""
    region: Annotated[str, Meta(max_length=200)] = ""
    name: Annotated[str, Meta(max_length=200)] = ""
    street: Annotated[str, Meta(max_length=200)] = ""
    city: Annotated[str, Meta(max_length=200)] = ""


class AskedPosition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Degrees, WGS 84."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class PromiseQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cart (its lines, or a cart of ours), where it may go, and where the customer is.

    Lines together with a cart of ours are those of its lines that are asked about, such as the shipped ones: the units
    that the cart holds count as theirs.
    Without a position it is taken from places whose postal codes begin like the address's. `customer_group`: whose
    prices count where rules of routing go by the value of an order; that of a cart of ours is the cart's.
    """

    channel: Code | None = None
    lines: Annotated[list[AskedLine], Meta(max_length=LINES_MAX)] = []
    cart_id: UUID | None = None
    ship_to: AskedAddress | None = None
    position: AskedPosition | None = None
    stores: Annotated[int, Meta(ge=0, le=STORES_MAX)] = STORES_DEFAULT
    pickup_points: Annotated[int, Meta(ge=0, le=POINTS_MAX)] = POINTS_DEFAULT
    customer_group: Code | None = None


class PageQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The variants of a page of products, one unit of each."""

    channel: Code
    skus: Annotated[list[Code], Meta(min_length=1, max_length=PAGE_SKUS_MAX)]
    ship_to: AskedAddress | None = None
    position: AskedPosition | None = None
    customer_group: Code | None = None


# ── what is answered ──────────────────────────────────────────────────────────────────────────────────────────────


class LineShare(msgspec.Struct, frozen=True, gc=False):
    """Units of a line in a parcel."""

    line_no: int
    quantity: int


class PlannedParcels(msgspec.Struct, frozen=True, gc=False):
    """What one place sends: so many parcels that leave on a day, packed by `work_by`."""

    location: str
    parcels: int
    lines: list[LineShare]
    dispatch_on: date | None
    work_by: datetime


class NearPickupPoint(msgspec.Struct, frozen=True, gc=False):
    """A locker or counter near the customer."""

    code: str
    name: str
    street: str
    city: str
    postal_code: str
    country: str
    latitude: float
    longitude: float
    opening_hours: str
    distance_metres: int


class DeliveryOption(msgspec.Struct, frozen=True, gc=False):
    """A way to have everything brought; without a carrier service nobody can say when (`deliver_on` null)."""

    kind: str
    carrier: str | None
    carrier_service: str | None
    name: str
    deliver_on: date | None
    deliver_by: datetime | None
    price: Money | None
    parcels: int
    places: list[PlannedParcels]
    pickup_points: list[NearPickupPoint] = []


class LineShort(msgspec.Struct, frozen=True, gc=False):
    """A line that cannot be filled, and how many units can be had."""

    line_no: int
    sku: str
    requested: int
    available: int


class StoreOption(msgspec.Struct, frozen=True, gc=False):
    """A store near the customer.

    `pickup` and `curbside` are when goods are ready there, null when they are not offered.
    `carry_out`: everything lies in the shop now, and it is open. `reason` says why nothing is promised: not_in_stock
    (`short` names the lines), no_capacity, closed.
    """

    location: str
    distance_metres: int
    open_now: bool
    next_opening: datetime | None
    pickup: datetime | None
    curbside: datetime | None
    carry_out: bool
    reason: str | None
    short: list[LineShort]


class Unfillable(msgspec.Struct, frozen=True, gc=False):
    """A line that can be had in no way as it was asked for; units that can: shipped, and at the best near store."""

    line_no: int
    sku: str
    requested: int
    shippable: int
    at_a_store: int
    reason: str


class PromiseAnswer(msgspec.Struct, frozen=True, gc=False):
    """Dated options: deliveries by date and price, stores by distance.

    `no_delivery` says why there is none: not_asked (no `ship_to`), not_in_stock (`delivery_short` names the lines),
    no_capacity (nobody picks orders at any place that ships), no_service (none takes goods as heavy, or collects where
    they are, or has a price in the currency). `unfillable` gives the same reasons, and no_capacity for units that lie
    at a near store where nobody picks.
    """

    channel: str
    currency: str
    asked_at: datetime
    delivery: list[DeliveryOption]
    no_delivery: str | None
    delivery_short: list[LineShort]
    stores: list[StoreOption]
    unfillable: list[Unfillable]


class PageDelivery(msgspec.Struct, frozen=True, gc=False):
    """The earliest delivery of one unit, and its price."""

    carrier_service: str | None
    deliver_on: date | None
    price: Money | None


class PagePickup(msgspec.Struct, frozen=True, gc=False):
    """The nearest store that has a unit, and when it can be fetched there."""

    location: str
    distance_metres: int
    ready_by: datetime


class PageVariant(msgspec.Struct, frozen=True, gc=False):
    """What can be promised of one variant; null: not by delivery, not at a near store."""

    sku: str
    for_sale: bool
    delivery: PageDelivery | None
    pickup: PagePickup | None


class PageAnswer(msgspec.Struct, frozen=True, gc=False):
    """What can be promised of each variant of a page."""

    channel: str
    asked_at: datetime
    variants: list[PageVariant]
