"""The basket of the customer at the counter: a cart of the store channel that this browser keeps."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from kanava.carts import service as carts
from kanava.carts.errors import CartNotFound
from kanava.carts.model import Cart, CartFulfilment, CartLine
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace
from kanava.web.common.sessions import cookie
from kanava.web.store.counter import Article, articles, config_of, till_of
from kanava.web.store.shell import Shift, carry_out

BASKET_COOKIE = "kanava_basket"
A_DAY = 24 * 3600
PLACES_MAX = 100
WAYS = ("carry_out", "pickup", "ship")


class BasketLine(msgspec.Struct, frozen=True):
    """A line with its name; `place` is where it is handed over."""

    line: CartLine
    article: Article
    place: NamedPlace | None

    @property
    def way(self) -> str:
        """How it reaches the customer, as the form says it."""
        return way_of(self.line.fulfilment)

    @property
    def blocked(self) -> bool:
        """Whether it cannot be sold here at all."""
        return any(problem.blocks for problem in self.line.problems)

    @property
    def gone(self) -> bool:
        """Whether the article is not sold on this channel any more."""
        return any(problem.type in ("not_sold_here", "no_price") for problem in self.line.problems)

    @property
    def short(self) -> bool:
        """Whether there are fewer units than are wanted."""
        return any(problem.type == "insufficient_stock" for problem in self.line.problems)


class Basket(msgspec.Struct, frozen=True):
    """What is about to be sold; `till` None: nothing is sold over the counter of this place."""

    till: ChannelRules | None
    cart: Cart | None
    lines: list[BasketLine]
    collecting: list[NamedPlace]

    @property
    def placeable(self) -> bool:
        """Whether it can be placed as far as anybody knows."""
        return bool(self.lines) and not any(each.line.problems for each in self.lines)

    @property
    def units(self) -> int:
        """How many units are in it."""
        return sum(each.line.quantity for each in self.lines)

    def of_kind(self, *kinds: str) -> list[BasketLine]:
        """Give the lines that are handed over in one of these ways."""
        return [each for each in self.lines if each.line.fulfilment.kind in kinds]


def way_of(fulfilment: CartFulfilment) -> str:
    """Write a hand-over as a choice of the form."""
    return f"{fulfilment.kind}:{fulfilment.location}" if fulfilment.kind == "pickup" else fulfilment.kind


def fulfilment_of(way: str, shift: Shift) -> CartFulfilment | None:
    """Read a choice of the form; None when it is none."""
    kind, _colon, place = way.partition(":")
    if kind == "ship":
        return CartFulfilment("ship")
    if kind == "carry_out":
        return CartFulfilment("carry_out", shift.code)
    return CartFulfilment("pickup", place[:100] or shift.code) if kind == "pickup" else None


def basket_id(request: AnyRequest, shift: Shift) -> UUID | None:
    """Give the cart that this browser keeps for the place."""
    code, _dot, text = request.cookies.get(BASKET_COOKIE, "").rpartition("~")
    try:
        return UUID(text) if code == shift.code else None
    except ValueError:
        return None


def keep_basket(request: AnyRequest, response: Response[Any], shift: Shift, cart_id: UUID | None) -> None:
    """Have the browser keep the basket, or forget it."""
    value = "" if cart_id is None else f"{shift.code}~{cart_id}"
    response.set_cookie(cookie(request, BASKET_COOKIE, value, A_DAY if value else 0, path="/store"))


async def read_basket(request: AnyRequest, shift: Shift) -> Basket:
    """Give the basket with names, prices and what is wrong; an empty one when there is none, or it has been placed."""
    cart_id = basket_id(request, shift)
    async with database_of(request).connection() as connection:
        config = await config_of(request, connection)
        till = till_of(config, shift.place)
        cart = None
        if cart_id is not None and till is not None:
            try:
                cart = await carts.get_cart(connection, cart_id, config, clock.now())
            except CartNotFound:
                cart = None
        if till is None or cart is None or cart.order_id is not None:
            return Basket(till, None, [], [])
        offered = _collecting(config, till, shift)
        used = [line.fulfilment.location for line in cart.lines if line.fulfilment.location]
        named = await stores.name_places(connection, [*offered, *used])
        known = await articles(connection, shift, [line.sku for line in cart.lines])
    lines = [BasketLine(line, known[line.sku], named.get(line.fulfilment.location or "")) for line in cart.lines]
    places = [named[code] for code in offered if code in named]
    # Here first, then by town, as one looks them up.
    places.sort(key=lambda each: (each.code != shift.code, each.city, each.name))
    return Basket(till, cart, lines, places)


def _collecting(config: RoutingConfig, till: ChannelRules, shift: Shift) -> list[str]:
    """Give the stores of the country where customers collect."""
    spots = [config.spots[each] for each in till.thresholds if each in config.spots]
    return [spot.code for spot in spots if spot.active and spot.offers_pickup and spot.country == shift.place.country][
        :PLACES_MAX
    ]


async def change_basket(
    request: AnyRequest,
    cart_id: UUID,
    verb: Callable[[Connection, Actor, carts.Target, datetime], Awaitable[Cart]],
) -> Cart:
    """Run a verb on the basket."""

    async def work(tx: Connection, actor: Actor, now: datetime) -> Cart:
        return await verb(tx, actor, carts.Target(cart_id, await config_of(request, tx)), now)

    return await carry_out(request, work)
