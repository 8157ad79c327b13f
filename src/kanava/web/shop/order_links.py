"""Paths of the pages of orders, and the short one in messages that leads to them."""

from typing import Any
from uuid import UUID

from litestar import Response, get

from kanava.orders import service as orders
from kanava.orders.errors import OrderNotFound
from kanava.orders.service.links import order_signer
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.common.translations import known_language
from kanava.web.shop.visit import Visit, markets_in_force


async def order_path(request: AnyRequest, visit: Visit, order_id: UUID) -> str:
    """Give the path of an order's page; a kiosk shows the order just placed in it, and no other."""
    if visit.kiosk:
        return f"{visit.base}/placed"
    async with database_of(request).connection() as connection:
        signature = (await order_signer(connection)).sign(order_id)
    return f"{visit.base}/orders/{order_id}/{signature}"


async def admit(request: AnyRequest, order_id: UUID, token: str) -> None:
    """Let in who has the order's link. Unknown orders and wrong links are told the same."""
    async with database_of(request).connection() as connection:
        signer = await order_signer(connection)
    if not signer.holds(order_id, token):
        raise no_order()


def no_order() -> OrderNotFound:
    """Say what is said whether the order or the link is wrong."""
    return OrderNotFound("There is no order at this address.", field="order_id")


@get("/o/{order_id:uuid}/{token:str}")
async def follow_link(request: AnyRequest, order_id: UUID, token: str) -> Response[Any]:
    """Lead on to an order's page in the shop that it was placed in, in the language of the message."""
    await admit(request, order_id, token)
    markets = await markets_in_force(request)
    try:
        async with database_of(request).connection() as connection:
            order = await orders.get_order(connection, order_id)
    except OrderNotFound:
        raise no_order() from None
    placed_in = [market for market in markets.shops.values() if market.channel == order.channel]
    country = order.ship_to.country if order.ship_to is not None else None
    market = placed_in[0] if placed_in else markets.for_country(country)
    if market is None:
        raise no_order()
    language = known_language(request.query_params.get("in")) or market.language
    return see_other(f"/{market.slug}/{language}/orders/{order_id}/{token}")
