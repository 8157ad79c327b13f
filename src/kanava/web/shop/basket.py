"""The cart as its pages show it: names and pictures, where each line may be handed over, what is wrong in words."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from kanava.carts import service as carts
from kanava.carts.errors import CartNotFound
from kanava.carts.model import Cart, CartEdit, CartLine
from kanava.catalog import service as catalog
from kanava.catalog.model import VariantShown
from kanava.inventory.attempts import until_settled
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.sourcing.model import RoutingConfig
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace
from kanava.web.shop.visit import SHOPPER, Visit

T = TypeVar("T")
STORES_OFFERED_MAX = 100
"""Stores that a line may be collected at; a country with more of them is searched on the pages of stores."""


class LineView(msgspec.Struct, frozen=True):
    """A line with its name and picture; `shown` is None when the catalogue has forgotten the variant."""

    line: CartLine
    shown: VariantShown | None
    place: NamedPlace | None

    @property
    def title(self) -> str:
        """The name of the product."""
        return self.shown.title if self.shown else self.line.sku

    @property
    def blocked(self) -> bool:
        """Whether the line keeps the cart from being placed, whatever is in stock."""
        return any(problem.blocks for problem in self.line.problems)

    @property
    def gone(self) -> bool:
        """Whether the product is not sold here any more."""
        return any(problem.type in ("not_sold_here", "no_price") for problem in self.line.problems)

    @property
    def short(self) -> bool:
        """Whether there are fewer units than are wanted."""
        return any(problem.type == "insufficient_stock" for problem in self.line.problems)


class HandOverPlace(msgspec.Struct, frozen=True):
    """A store of the market, and how goods are handed over there."""

    place: NamedPlace
    pickup: bool
    curbside: bool


class CartView(msgspec.Struct, frozen=True):
    """A visitor's cart; `cart` is None when she has none, or it has become an order."""

    cart: Cart | None
    lines: list[LineView]
    places: list[HandOverPlace]

    @property
    def units(self) -> int:
        """How many units are in it."""
        return sum(each.line.quantity for each in self.lines)

    @property
    def ready(self) -> bool:
        """Whether it can be placed as far as anybody knows."""
        return bool(self.lines) and not any(each.line.problems for each in self.lines)

    def of_kind(self, *kinds: str) -> list[LineView]:
        """Give the lines that are handed over in one of these ways."""
        return [each for each in self.lines if each.line.fulfilment.kind in kinds]


CartVerb = Callable[[Connection, Actor, carts.Target, datetime], Awaitable[T]]


async def config_of(request: AnyRequest, connection: Connection) -> RoutingConfig:
    """Give the settings that placing decides with."""
    config: RoutingConfig = await request.app.state.order_placer.config(connection)
    return config


async def change_cart(request: AnyRequest, visit: Visit, verb: CartVerb[T]) -> T:
    """Run a verb on the visitor's cart in one transaction; again while others take the same stock."""
    if visit.cart_id is None:
        raise CartNotFound("There is no cart.", field="cart_id")
    cart_id = visit.cart_id

    async def attempt() -> T:
        async with database_of(request).transaction() as tx:
            target = carts.Target(cart_id, await config_of(request, tx))
            return await verb(tx, SHOPPER, target, clock.now())

    return await until_settled(attempt)


async def read_cart(request: AnyRequest, visit: Visit) -> Cart | None:
    """Give the visitor's cart on the channel of her market, also when it has become an order; None without one."""
    if visit.cart_id is None:
        return None
    try:
        async with database_of(request).connection() as connection:
            config = await config_of(request, connection)
            cart = await carts.get_cart(connection, visit.cart_id, config, clock.now())
        if cart.channel == visit.market.channel or cart.order_id is not None:
            return cart
        if visit.kiosk:
            return None  # Somebody's phone has it now: a kiosk never takes a cart back.
        # She has changed the market: prices and what is sold are those of the one that she is in now.
        edit = CartEdit(channel=visit.market.channel, ship_country=None)
        return await change_cart(request, visit, lambda tx, actor, to, now: carts.edit_cart(tx, actor, to, edit, now))
    except CartNotFound:
        return None


async def view_cart(request: AnyRequest, visit: Visit, cart: Cart | None) -> CartView:
    """Give what the pages show of a cart; an order's cart is an empty one."""
    if cart is None or cart.order_id is not None or not cart.lines:
        return CartView(None if cart is None or cart.order_id is not None else cart, [], [])
    async with database_of(request).connection() as connection:
        config = await config_of(request, connection)
        offered = _hand_over_places(config, visit.market.channel, visit.market.country)
        named = await stores.name_places(
            connection, [*offered, *(line.fulfilment.location for line in cart.lines if line.fulfilment.location)]
        )
        shown = await catalog.show_variants(connection, [line.sku for line in cart.lines], visit.languages)
    lines = [LineView(line, shown.get(line.sku), named.get(line.fulfilment.location or "")) for line in cart.lines]
    places = [HandOverPlace(named[code], *ways) for code, ways in offered.items() if code in named]
    # Hers first, then by town, as one looks them up.
    places.sort(key=lambda each: (each.place.code != visit.store, each.place.city, each.place.name))
    return CartView(cart, lines, places)


def _hand_over_places(config: RoutingConfig, channel: str, country: str) -> dict[str, tuple[bool, bool]]:
    rules = config.channels[channel]
    found = {}
    for location_id in rules.thresholds:
        spot = config.spots[location_id]
        if spot.active and spot.country == country and (spot.offers_pickup or spot.offers_curbside):
            found[spot.code] = (spot.offers_pickup, spot.offers_curbside)
    return dict(list(found.items())[:STORES_OFFERED_MAX])
