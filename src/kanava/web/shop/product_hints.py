"""What can be said in a line about when a product can be had: on its card, and of each of its variants."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import msgspec

from kanava.platform import clock
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest
from kanava.sourcing.promise.errors import AddressOutsideZones
from kanava.sourcing.promise.model import (
    PAGE_SKUS_MAX,
    AskedLine,
    AskedPosition,
    PageQuestion,
    PageVariant,
    PromiseAnswer,
    PromiseQuestion,
)
from kanava.sourcing.promise.service import PromiseReader
from kanava.web.shop.layout import ShopStore
from kanava.web.shop.near import Near
from kanava.web.shop.visit import Visit

STORES_SHOWN = 4


class Hint(msgspec.Struct, frozen=True):
    """What a card says besides the price; `ready_by` is at `store`, `deliver_on` where the visitor is."""

    kind: Literal["store", "delivery", "stock", "out"]
    store: ShopStore | None = None
    ready_by: datetime | None = None
    deliver_on: date | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What the words of it depend on: most cards of a page say the same."""
        return self.kind, self.store.place.code if self.store is not None else None, self.ready_by, self.deliver_on


async def anybody(_access_version: int | None) -> None:
    """Let everybody ask: pages of the shop are public."""


def position_of(visit: Visit) -> AskedPosition | None:
    """Say where the visitor is: as she told, else at the store that she calls hers; None when a postal code says it."""
    if visit.near is not None:
        return visit.near.asked()
    store = visit.my_store
    if store is not None and store.place.latitude is not None and store.place.longitude is not None:
        return AskedPosition(store.place.latitude, store.place.longitude)
    return None


async def coordinates_of(request: AnyRequest, visit: Visit) -> tuple[float, float] | None:
    """Give latitude and longitude of where the visitor is, more or less; None when nobody knows."""
    position = position_of(visit)
    if position is not None:
        return position.latitude, position.longitude
    if visit.near is None:
        return None
    reader: PromiseReader = request.app.state.promises
    async with reader.db.connection() as connection:
        return await reader.locate(connection, visit.near.address(visit.market.country))


async def hints_of(request: AnyRequest, visit: Visit, skus: Iterable[str]) -> dict[str, PageVariant]:
    """Ask what can be promised of one unit of each sku, in one question; nothing when nobody goes to the country."""
    wanted = list(dict.fromkeys(skus))[:PAGE_SKUS_MAX]
    if not wanted:
        return {}
    reader: PromiseReader = request.app.state.promises
    near = visit.near or Near()
    country = visit.market.country
    # A postal code that nobody goes to is one that was mistyped: the country alone says enough.
    for address in dict.fromkeys((near.address(country), Near().address(country), None)):
        position = position_of(visit)
        if address is None and position is None:
            break
        question = PageQuestion(visit.market.channel, wanted, address, position)
        try:
            async with reader.db.connection() as connection:
                answer = await reader.page(connection, question, clock.now(), anybody)
        except AddressOutsideZones:
            continue
        except InvalidInput:
            return {}  # A sku has just gone: the page does without.
        return {each.sku: each for each in answer.variants}
    return {}


async def promise_of(request: AnyRequest, visit: Visit, sku: str) -> PromiseAnswer | None:
    """Ask what can be promised of one unit, with near stores."""
    reader: PromiseReader = request.app.state.promises
    near = visit.near or Near()
    country = visit.market.country
    for address in dict.fromkeys((near.address(country), Near().address(country), None)):
        question = PromiseQuestion(
            channel=visit.market.channel,
            lines=[AskedLine(sku)],
            ship_to=address,
            position=position_of(visit),
            stores=STORES_SHOWN,
            pickup_points=0,
        )
        try:
            async with reader.db.connection() as connection:
                return await reader.promise(connection, question, clock.now(), anybody)
        except AddressOutsideZones:
            continue
        except InvalidInput:
            return None
    return None


def hint_of(visit: Visit, found: PageVariant | None, *, in_stock: bool) -> Hint:
    """Choose what a card says: the store when it is the visitor's own or has it soon, else the day of delivery."""
    if found is not None and found.pickup is not None:
        store = visit.shop.stores.get(found.pickup.location)
        if store is not None:
            return Hint("store", store, found.pickup.ready_by)
    if found is not None and found.delivery is not None and found.delivery.deliver_on is not None:
        return Hint("delivery", deliver_on=found.delivery.deliver_on)
    shippable = found is not None and found.delivery is not None
    return Hint("stock" if shippable or (found is None and in_stock) else "out")
