"""Orders as callers send and see them, and as they are stored."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from kanava.platform.money import CurrencyCode, Money
from kanava.sourcing.promise.model import Promise

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
ShortText = Annotated[str, msgspec.Meta(max_length=200)]
AmountMinor = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
# As pricing's own limit: times the most units and the most lines it still fits into 63 bits.
UnitPriceMinor = Annotated[int, msgspec.Meta(ge=0, le=10**11)]
PositiveMinor = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
LineNo = Annotated[int, msgspec.Meta(ge=1, le=32_767)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166 alpha-2", examples=["SI"])]
FulfilmentKind = Literal["ship", "pickup", "curbside", "carry_out"]
Method = Literal["cash", "card", "bank_transfer", "gift_card", "on_delivery", "wallet", "marketplace", "other"]
Status = Literal["placed", "on_hold", "completed", "cancelled"]
PaymentStatus = Literal[
    "unpaid", "partly_authorised", "authorised", "partly_paid", "paid", "partly_refunded", "refunded", "voided"
]
FulfilmentStatus = Literal["unfulfilled", "partly_fulfilled", "fulfilled", "cancelled"]

LINES_MAX = 500
PAYMENTS_MAX = 20


class Fulfilment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a line reaches the customer; `location` is the store for pickup, curbside and carry_out."""

    kind: FulfilmentKind
    location: Code | None = None


class NewLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a variant. `unit_price_minor` is for channels that set the price themselves (marketplace, till)."""

    sku: Code
    quantity: Quantity
    fulfilment: Fulfilment = Fulfilment("ship")
    unit_price_minor: UnitPriceMinor | None = None


class Customer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who buys, as far as known; `group` chooses a customer group's prices."""

    email: ShortText | None = None
    name: ShortText | None = None
    phone: ShortText | None = None
    group: Code | None = None


class PostalAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a parcel goes."""

    country: Country
    name: ShortText = ""
    street: ShortText = ""
    city: ShortText = ""
    region: ShortText = ""
    postal_code: ShortText = ""


class NewPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recorded tender; captured money is authorised money. The id is the client's."""

    payment_id: UUID
    method: Method
    authorised_minor: AmountMinor
    captured_minor: AmountMinor = 0
    currency: CurrencyCode | None = None
    external_reference: ShortText | None = None


class ChosenDelivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The delivery that a promise offered and the customer chose; it is charged.

    `pickup_point` is for services that bring goods to one. `price_minor` is for channels that price themselves.
    """

    carrier_service: Code
    pickup_point: Code | None = None
    price_minor: UnitPriceMinor | None = None


class PlaceOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order to be taken whole or not at all; the id is the client's (UUIDv7), so a retry is never a second order.

    `expected_total_minor`: what the customer was shown; an order that would cost anything else is refused.
    """

    order_id: UUID
    channel: Code
    lines: Annotated[list[NewLine], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    currency: CurrencyCode | None = None
    customer: Customer = Customer()
    ship_to: PostalAddress | None = None
    payments: Annotated[list[NewPayment], msgspec.Meta(max_length=PAYMENTS_MAX)] = []
    external_reference: ShortText | None = None
    delivery: ChosenDelivery | None = None
    expected_total_minor: AmountMinor | None = None


class Allocation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Units of a line at the location they come from.

    `state` awaited: they are on their way there, expected on that day, or nobody knows when.
    """

    location: str
    quantity: int
    state: str
    reservation_id: UUID
    expected_on: date | None = None


class OrderLine(msgspec.Struct, frozen=True):
    """A line of an order; amounts are of the units that are not cancelled."""

    line_no: int
    sku: str
    quantity: int
    quantity_cancelled: int
    quantity_fulfilled: int
    fulfilment: Fulfilment
    unit_price: Money
    net: Money
    tax: Money
    total: Money
    tax_rate_basis_points: int
    allocations: list[Allocation]


class Payment(msgspec.Struct, frozen=True):
    """A tender as it stands."""

    payment_id: UUID
    method: Method
    authorised: Money
    captured: Money
    voided: Money
    refunded: Money
    external_reference: str | None


class Delivery(msgspec.Struct, frozen=True):
    """The delivery that the customer chose, and what it costs her; nothing when no shipped line stands."""

    carrier_service: str
    pickup_point: str | None
    net: Money
    tax: Money
    total: Money
    tax_rate_basis_points: int


class Order(msgspec.Struct, frozen=True):
    """An order as everybody sees it; `refund_due` is what was captured beyond the total and not refunded yet."""

    order_id: UUID
    number: int
    channel: str
    status: Status
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    hold_reason: str | None
    currency: str
    tax_inclusive: bool
    net: Money
    tax: Money
    total: Money
    customer: Customer
    ship_to: PostalAddress | None
    external_reference: str | None
    cart_id: UUID | None
    placed_at: datetime
    version: int
    lines: list[OrderLine]
    payments: list[Payment]
    refund_due: Money
    delivery: Delivery | None
    promises: list[Promise]
