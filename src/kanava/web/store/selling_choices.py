"""What can be promised of a basket: dated deliveries, when goods wait at a store, ways of paying, the total."""

from collections import defaultdict
from datetime import datetime

import msgspec

from kanava.orders.service.from_cart import CartTotals, total_with
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.sourcing.promise.model import (
    AskedAddress,
    AskedLine,
    AskedPosition,
    DeliveryOption,
    NearPickupPoint,
    PromiseAnswer,
    PromiseQuestion,
)
from kanava.stores.model import NamedPlace
from kanava.web.shop.layout import ShopSettings
from kanava.web.store.counter import promised
from kanava.web.store.selling_basket import Basket, BasketLine

POINTS_SHOWN = 4
NEAREST = 3
"""Stores asked about at a store's own position: it is among the nearest of them."""
SEPARATOR = "|"
"""Between a carrier service and one of its pickup points in a choice of delivery."""


class DeliveryChoice(msgspec.Struct, frozen=True):
    """A delivery that can be chosen: to the door, or to a pickup point."""

    value: str
    option: DeliveryOption
    point: NearPickupPoint | None


class Collecting(msgspec.Struct, frozen=True):
    """Lines that will wait at a store, and when they are ready; `ready` None: nobody can say."""

    place: NamedPlace
    lines: list[BasketLine]
    ready: datetime | None


class Choices(msgspec.Struct, frozen=True):
    """Everything that can be chosen for a basket, and what it then costs.

    `undated`: goods are sent, nobody knows when and it costs nothing. `outside`: no carrier goes there.
    """

    shipped: list[BasketLine]
    carried: list[BasketLine]
    collecting: list[Collecting]
    deliveries: list[DeliveryChoice]
    chosen: DeliveryChoice | None
    undated: bool
    asked: bool
    outside: bool
    methods: list[str]
    totals: CartTotals


async def choices_for(
    request: AnyRequest, basket: Basket, country: str, postal_code: str | None, wanted: str
) -> Choices:
    """Ask what can be promised; `wanted` is the delivery chosen so far, kept while it is still offered."""
    if basket.cart is None:
        raise InvalidInput("There is no basket.", field="cart")
    shipped, carried = basket.of_kind("ship"), basket.of_kind("carry_out")
    answer, outside = None, False
    if shipped and postal_code:
        answer = await _ask(request, basket, shipped, AskedAddress(country, postal_code), None)
        outside = answer is None
    options = [] if answer is None else answer.delivery
    deliveries = _flat([each for each in options if each.carrier_service is not None])
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
    transfer = ["bank_transfer"] if basket.cart.channel in shop.accounts else []
    deliveries.sort(key=lambda each: (_price_of(each), each.point is not None))
    # The cheapest to the door, where there is one.
    first = min(deliveries, key=lambda each: each.point is not None, default=None)
    chosen = next((each for each in deliveries if each.value == wanted), first)
    return Choices(
        shipped,
        carried,
        await _collecting(request, basket),
        deliveries,
        chosen,
        bool(options) and not deliveries,
        bool(postal_code),
        outside,
        # What goes along is paid at once; the rest may be paid when it is handed over.
        ["cash", "card"] if carried else ["cash", "card", "on_delivery", *transfer],
        total_with(basket.cart, chosen.option.price if chosen is not None else None),
    )


def _price_of(choice: DeliveryChoice) -> int:
    return choice.option.price.amount_minor if choice.option.price else 0


def _flat(options: list[DeliveryOption]) -> list[DeliveryChoice]:
    """Give a choice for each way to the door, and for each of the nearest pickup points."""
    found = []
    for option in options:
        code = option.carrier_service or ""
        if option.kind == "pickup_point":
            points = option.pickup_points[:POINTS_SHOWN]
            found += [DeliveryChoice(f"{code}{SEPARATOR}{point.code}", option, point) for point in points]
        else:
            found.append(DeliveryChoice(code, option, None))
    return found


async def _collecting(request: AnyRequest, basket: Basket) -> list[Collecting]:
    groups: dict[str, list[BasketLine]] = defaultdict(list)
    for each in basket.of_kind("pickup"):
        if each.place is not None:
            groups[each.place.code].append(each)
    found = []
    for code, lines in groups.items():
        place = lines[0].place
        assert place is not None  # noqa: S101 -- only lines with a place are in a group
        ready = None
        if place.latitude is not None and place.longitude is not None:
            answer = await _ask(request, basket, lines, None, AskedPosition(place.latitude, place.longitude))
            stores = [] if answer is None else answer.stores
            ready = next((each.pickup for each in stores if each.location == code), None)
        found.append(Collecting(place, lines, ready))
    return found


async def _ask(
    request: AnyRequest, basket: Basket, lines: list[BasketLine], to: AskedAddress | None, at: AskedPosition | None
) -> PromiseAnswer | None:
    assert basket.cart is not None  # noqa: S101 -- asked of a basket with lines
    return await promised(
        request,
        PromiseQuestion(
            channel=basket.cart.channel,
            lines=[AskedLine(each.line.sku, each.line.quantity) for each in lines],
            cart_id=basket.cart.cart_id,
            ship_to=to,
            position=at,
            stores=0 if at is None else NEAREST,
            pickup_points=POINTS_SHOWN,
        ),
    )
