"""Taking the cart over from a kiosk, on the phone: looking at the link takes nothing, pressing the button does.

Programs that look at links before people do would else use it up.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from kanava.carts import service as carts
from kanava.carts.errors import CartFull, CartLinesInvalid, CartNotFound, CartPlaced, HandOverEnded
from kanava.carts.model import AddLines, Cart, CartHandOver, NewCartLine
from kanava.platform import clock
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.shop.basket import change_cart, config_of, read_cart, view_cart
from kanava.web.shop.visit import SHOPPER, Visit, keep_cart, keep_cart_count, shop_page

PATH = "/{market:str}/{language:str}/take-over/{hand_over_id:uuid}/{token:str}"


async def _offered(request: AnyRequest, visit: Visit, hand_over_id: UUID, token: str) -> CartHandOver:
    if visit.kiosk:
        raise NotFound("A kiosk takes no cart over.", field="path")
    async with database_of(request).connection() as connection:
        signer = await carts.hand_over_signer(connection)
        if not signer.holds(hand_over_id, token):
            raise NotFound("There is no cart to take over here.", field="hand_over_id")
        return await carts.get_hand_over(connection, hand_over_id)


def _ended(request: AnyRequest, visit: Visit) -> Response[Any]:
    return shop_page(request, visit, "shop/take_over.html", status=410, view=None, link=None)


@get(PATH)
async def show_link(request: AnyRequest, visit: Visit, hand_over_id: UUID, token: str) -> Response[Any]:
    """Show what is in the cart, and the button."""
    try:
        offered = await _offered(request, visit, hand_over_id, token)
        if offered.taken_at is not None and offered.cart_id == visit.cart_id:
            return see_other(f"{visit.base}/cart")
        if not offered.open(clock.now()):
            return _ended(request, visit)
        async with database_of(request).connection() as connection:
            cart = await carts.get_cart(connection, offered.cart_id, await config_of(request, connection), clock.now())
    except NotFound:
        return _ended(request, visit)
    view = await view_cart(request, visit, cart)
    if not view.lines:
        return _ended(request, visit)
    return shop_page(request, visit, "shop/take_over.html", view=view, link=request.scope["path"])


@post(PATH)
async def take_over(request: AnyRequest, visit: Visit, hand_over_id: UUID, token: str) -> Response[Any]:
    """Take the cart over into the web shop; what was in the phone's own cart comes along where it can."""
    try:
        offered = await _offered(request, visit, hand_over_id, token)
        own = await read_cart(request, visit)
        async with database_of(request).transaction() as tx:
            config = await config_of(request, tx)
            cart = await carts.take_hand_over(tx, SHOPPER, hand_over_id, visit.market.channel, config, clock.now())
    except (NotFound, HandOverEnded, CartPlaced):
        return see_other(request.scope["path"])
    cart = await _with_own(request, visit, own, cart)
    response = see_other(f"{visit.base}/cart")
    keep_cart(request, response, offered.cart_id)
    keep_cart_count(request, response, sum(line.quantity for line in cart.lines))
    return response


async def _with_own(request: AnyRequest, visit: Visit, own: Cart | None, cart: Cart) -> Cart:
    """Add what the phone had in a cart of its own; what cannot be added stays out."""
    if own is None or own.order_id is not None or not own.lines or own.cart_id == cart.cart_id:
        return cart
    lines = AddLines([NewCartLine(line.sku, line.quantity, line.fulfilment) for line in own.lines])

    async def add(tx: Any, actor: Any, _target: Any, now: Any) -> Cart:
        target = carts.Target(cart.cart_id, await config_of(request, tx))
        return await carts.add_lines(tx, actor, target, lines, now)

    try:
        return await change_cart(request, visit, add)
    except (CartLinesInvalid, CartFull, CartNotFound, CartPlaced):
        return cart


routes = [show_link, take_over]
