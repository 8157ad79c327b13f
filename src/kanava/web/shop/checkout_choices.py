"""What can be chosen at the checkout: dated deliveries, when goods wait in a store, ways of paying, the total."""

from collections import defaultdict
from datetime import datetime
from typing import Literal

import msgspec

from kanava.carts.model import Cart
from kanava.orders.service.from_cart import CartTotals, total_with
from kanava.platform import clock
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest
from kanava.platform.money import Money
from kanava.sourcing.promise.errors import AddressOutsideZones
from kanava.sourcing.promise.model import (
    AskedAddress,
    AskedLine,
    AskedPosition,
    DeliveryOption,
    NearPickupPoint,
    PromiseAnswer,
    PromiseQuestion,
)
from kanava.sourcing.promise.service import PromiseReader
from kanava.stores.model import NamedPlace
from kanava.web.shop.basket import CartView, LineView
from kanava.web.shop.checkout_form import SEPARATOR
from kanava.web.shop.visit import Visit

POINTS_SHOWN = 3
NEAREST = 3
"""Stores asked about at a store's own position: it is among the nearest of them."""
PaymentCode = Literal["on_receipt", "at_till", "bank_transfer", "card"]


class DeliveryChoice(msgspec.Struct, frozen=True):
    """A delivery that can be chosen: by a carrier service, to the door or to one of its pickup points."""

    value: str
    option: DeliveryOption
    point: NearPickupPoint | None


class Collecting(msgspec.Struct, frozen=True):
    """Lines that wait at a store, and when they are ready there; `ready` is None when nobody can say."""

    place: NamedPlace
    kind: str
    lines: list[LineView]
    ready: datetime | None


class PaymentMethod(msgspec.Struct, frozen=True):
    """A way of paying; one that is not `offered` is shown as what is to come."""

    code: PaymentCode
    offered: bool


class Choices(msgspec.Struct, frozen=True):
    """Everything that can be chosen for a cart, and what it then costs.

    `asked`: a postal code was there to ask with. `outside`: no carrier goes to it. `no_delivery` says why there is no
    delivery although there was a postal code.
    """

    shipped: list[LineView]
    collecting: list[Collecting]
    deliveries: list[DeliveryChoice]
    chosen: DeliveryChoice | None
    undated: bool
    asked: bool
    outside: bool
    no_delivery: str | None
    short: frozenset[str]
    payments: list[PaymentMethod]
    totals: CartTotals
    delivery_price: Money | None

    @property
    def complete(self) -> bool:
        """Whether the total is what the order will cost: no delivery is left to choose."""
        return not self.shipped or self.chosen is not None or self.undated


def payment_methods(visit: Visit) -> list[PaymentMethod]:
    """Give the ways of paying, the usual one first; a transfer needs an account, and card payment comes later."""
    transfer = [PaymentMethod("bank_transfer", True)] if visit.market.channel in visit.shop.accounts else []
    if visit.kiosk:
        return [PaymentMethod("at_till", True), PaymentMethod("on_receipt", True), *transfer]
    return [PaymentMethod("on_receipt", True), *transfer, PaymentMethod("card", False)]


async def choices_for(
    request: AnyRequest, visit: Visit, view: CartView, postal_code: str | None, wanted: str
) -> Choices:
    """Ask what can be promised of a cart; `wanted` is the delivery chosen so far, kept while it is still offered."""
    cart = view.cart
    if cart is None:
        raise InvalidInput("There is no cart.", field="cart")
    shipped = [each for each in view.of_kind("ship") if not each.gone]
    answer, outside = None, False
    if shipped and postal_code is not None:
        try:
            answer = await _ask(request, cart, shipped, AskedAddress(visit.market.country, postal_code), None)
        except AddressOutsideZones:
            outside = True
    options = [] if answer is None else answer.delivery
    deliveries = _flat([option for option in options if option.carrier_service is not None])
    chosen = next((each for each in deliveries if each.value == wanted), None) or _first(deliveries)
    price = chosen.option.price if chosen is not None else None
    return Choices(
        shipped=shipped,
        collecting=await _collecting(request, cart, view),
        deliveries=deliveries,
        chosen=chosen,
        undated=bool(options) and not deliveries,
        asked=postal_code is not None,
        outside=outside,
        no_delivery=None if answer is None else answer.no_delivery,
        short=frozenset(line.sku for line in answer.delivery_short) if answer else frozenset(),
        payments=payment_methods(visit),
        totals=total_with(cart, price),
        delivery_price=price,
    )


def _flat(options: list[DeliveryOption]) -> list[DeliveryChoice]:
    """Give a choice for each way to the door, and for each of the nearest pickup points."""
    found = []
    for option in options:
        code = option.carrier_service or ""
        if option.kind == "pickup_point":
            found += [
                DeliveryChoice(f"{code}{SEPARATOR}{point.code}", option, point)
                for point in option.pickup_points[:POINTS_SHOWN]
            ]
        else:
            found.append(DeliveryChoice(code, option, None))
    return sorted(found, key=_dearness)


def _dearness(each: DeliveryChoice) -> tuple[int, bool]:
    """Order choices by what they cost; the cheapest to the door before what one has to fetch for as much."""
    return each.option.price.amount_minor if each.option.price else 0, each.point is not None


def _first(deliveries: list[DeliveryChoice]) -> DeliveryChoice | None:
    """Give what is chosen for who has not chosen: the cheapest that comes to the door, else the cheapest."""
    return min(
        deliveries,
        key=lambda each: (each.point is not None, each.option.price.amount_minor if each.option.price else 0),
        default=None,
    )


async def _collecting(request: AnyRequest, cart: Cart, view: CartView) -> list[Collecting]:
    groups: dict[tuple[str, str], list[LineView]] = defaultdict(list)
    for each in view.of_kind("pickup", "curbside"):
        if each.place is not None and not each.gone:
            groups[each.place.code, each.line.fulfilment.kind].append(each)
    found = []
    for (code, kind), lines in groups.items():
        place = lines[0].place
        assert place is not None  # noqa: S101 -- only lines with a place are in a group
        ready = None
        if place.latitude is not None and place.longitude is not None:
            position = AskedPosition(place.latitude, place.longitude)
            answer = await _ask(request, cart, lines, None, position)
            here = next((store for store in answer.stores if store.location == code), None)
            if here is not None:
                ready = here.pickup if kind == "pickup" else here.curbside
        found.append(Collecting(place, kind, lines, ready))
    return found


async def _ask(
    request: AnyRequest, cart: Cart, lines: list[LineView], to: AskedAddress | None, at: AskedPosition | None
) -> PromiseAnswer:
    reader: PromiseReader = request.app.state.promises
    question = PromiseQuestion(
        channel=cart.channel,
        lines=[AskedLine(each.line.sku, each.line.quantity) for each in lines],
        cart_id=cart.cart_id,
        ship_to=to,
        position=at,
        stores=0 if at is None else NEAREST,
        pickup_points=POINTS_SHOWN,
    )

    async def anybody(_version: int | None) -> None:
        """A shop is open to everybody."""

    async with reader.db.connection() as connection:
        return await reader.promise(connection, question, clock.now(), anybody)
