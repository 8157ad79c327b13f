"""The order just placed: its number, how to go on, and its page on the customer's phone."""

from typing import Any
from uuid import UUID

from litestar import Response, get

from kanava.fulfilment.printing.qr import render_qr
from kanava.orders import service as orders
from kanava.orders.service.links import order_signer, short_path
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.order_view import view_order
from kanava.web.common.pages import see_other
from kanava.web.common.transfers import SVG, transfer_code, transfer_of
from kanava.web.kiosk.shell import only_kiosk, shop_origin
from kanava.web.shop.basket import read_cart
from kanava.web.shop.visit import Visit, shop_page

LEAVES_IN_SECONDS = 30
WITH_ACCOUNT_SECONDS = 120


async def _order_id(request: AnyRequest, visit: Visit) -> UUID | None:
    """Give the order that the cart of this visitor has become: of any other a kiosk knows nothing."""
    only_kiosk(visit)
    cart = await read_cart(request, visit)
    # Ordered on the phone that took the cart over, it is no business of this screen any more.
    return cart.order_id if cart is not None and cart.channel == visit.market.channel else None


@get("/{market:str}/{language:str}/placed")
async def show_placed(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Thank the customer."""
    order_id = await _order_id(request, visit)
    if order_id is None:
        return see_other(f"{visit.base}/welcome")
    async with database_of(request).connection() as connection:
        view = await view_order(connection, order_id, visit.languages)
    transfer = transfer_of(view.order, visit.shop.accounts)
    # Whoever has an account to note down is given the time for it.
    leaves_in = LEAVES_IN_SECONDS if transfer is None else WITH_ACCOUNT_SECONDS
    return shop_page(request, visit, "kiosk/placed.html", view=view, transfer=transfer, leaves_in=leaves_in)


@get("/{market:str}/{language:str}/placed/code")
async def order_code(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Give the link to the order's page as a picture."""
    order_id = await _order_id(request, visit)
    if order_id is None:
        return see_other(f"{visit.base}/welcome")
    async with database_of(request).connection() as connection:
        signature = (await order_signer(connection)).sign(order_id)
    picture = render_qr(shop_origin(request) + short_path(order_id, signature, visit.language), "svg")
    return Response(picture, media_type=SVG, headers={"cache-control": "no-store"})


@get("/{market:str}/{language:str}/placed/transfer-code")
async def placed_transfer_code(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Give what is to be transferred as a picture that apps of banks read."""
    order_id = await _order_id(request, visit)
    if order_id is None:
        return see_other(f"{visit.base}/welcome")
    async with database_of(request).connection() as connection:
        order = await orders.get_order(connection, order_id)
    return transfer_code(transfer_of(order, visit.shop.accounts))


routes = [show_placed, order_code, placed_transfer_code]
