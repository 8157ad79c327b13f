"""Carts as callers send and see them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from kanava.platform.money import Money

LINES_MAX = 200
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Email = Annotated[str, msgspec.Meta(max_length=200)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166 alpha-2", examples=["SI"])]
FulfilmentKind = Literal["ship", "pickup", "curbside", "carry_out"]


class CartFulfilment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a line reaches the customer; `location` is the store for pickup, curbside and carry_out."""

    kind: FulfilmentKind
    location: Code | None = None


class NewCartLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units to put into a cart; units of the same sku and hand-over that are in it already are added up."""

    sku: Code
    quantity: Quantity
    fulfilment: CartFulfilment = CartFulfilment("ship")


class NewCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cart to make; the id is the client's when it sends one (then a retry is a repeat), else ours."""

    channel: Code
    cart_id: UUID | None = None
    customer_email: Email | None = None
    customer_group: Code | None = None
    ship_country: Country | None = None
    lines: Annotated[list[NewCartLine], msgspec.Meta(max_length=LINES_MAX)] = []


class CartEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may change of a cart; what is left out stays. Another channel means other prices."""

    channel: Code | UnsetType = UNSET
    customer_email: Email | None | UnsetType = UNSET
    customer_group: Code | None | UnsetType = UNSET
    ship_country: Country | None | UnsetType = UNSET


class AddLines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines to put into a cart, all or none."""

    lines: Annotated[list[NewCartLine], msgspec.Meta(min_length=1, max_length=LINES_MAX)]


class CartLineEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line's new quantity and, when given, hand-over."""

    quantity: Quantity
    fulfilment: CartFulfilment | None = None


class CartProblem(msgspec.Struct, frozen=True):
    """Why a line cannot be bought as it is: it `blocks` placing, or is a warning that time or fewer units may cure."""

    type: Literal["not_sold_here", "no_price", "place_refused", "insufficient_stock"]
    detail: str
    blocks: bool


class CartLine(msgspec.Struct, frozen=True):
    """A line with its price now, and how many units this cart can have there now (its own holds among them).

    `price_before`: what a unit cost when the line was last changed or held, where it costs something else now.
    """

    line_no: int
    sku: str
    quantity: int
    fulfilment: CartFulfilment
    unit_price: Money | None
    net: Money | None
    tax: Money | None
    total: Money | None
    tax_rate_basis_points: int | None
    available: int
    problems: list[CartProblem]
    price_before: Money | None = None


class CartHold(msgspec.Struct, frozen=True):
    """Units held for a line until `expires_at`."""

    line_no: int
    sku: str
    location: str
    quantity: int
    expires_at: datetime
    expired: bool


class Cart(msgspec.Struct, frozen=True):
    """A cart as everybody sees it; totals are of the lines that have a price. `order_id`: it has become this order."""

    cart_id: UUID
    channel: str
    currency: str
    tax_inclusive: bool
    customer_email: str | None
    customer_group: str | None
    ship_country: str | None
    order_id: UUID | None
    placeable: bool
    net: Money
    tax: Money
    total: Money
    version: int
    lines: list[CartLine]
    holds: list[CartHold]


class CartHandOver(msgspec.Struct, frozen=True):
    """A cart on its way from a kiosk to a phone; `taken_at`: it has arrived, and the link is good for nothing more."""

    hand_over_id: UUID
    cart_id: UUID
    expires_at: datetime
    taken_at: datetime | None

    def open(self, now: datetime) -> bool:
        """Say whether the cart can still be taken."""
        return self.taken_at is None and self.expires_at > now


class StoredCart(msgspec.Struct, frozen=True):
    """A cart's own row."""

    cart_id: UUID
    channel: str
    customer_email: str | None
    customer_group: str | None
    ship_country: str | None
    order_id: UUID | None
    hold_expires_at: datetime | None
    request_digest: bytes
    version: int


class StoredLine(msgspec.Struct, frozen=True):
    """A cart line's own row with its names."""

    line_no: int
    variant_id: int
    sku: str
    quantity: int
    fulfilment_kind: FulfilmentKind
    location_id: int | None
    location: str | None
    seen_price_minor: int | None = None
