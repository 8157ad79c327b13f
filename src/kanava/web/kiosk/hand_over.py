"""Handing the cart over to a phone, at the kiosk: a code to photograph, and a thank-you when the phone has it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from kanava.carts import service as carts
from kanava.carts.errors import CartEmpty, CartNotFound, CartPlaced
from kanava.carts.model import CartHandOver
from kanava.fulfilment.printing.qr import render_qr
from kanava.platform import clock
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.kiosk.shell import forget_visitor, only_kiosk, shop_origin
from kanava.web.shop.basket import config_of
from kanava.web.shop.markets import Market
from kanava.web.shop.visit import Visit, shop_page

LEAVES_IN_SECONDS = 10
SVG = "image/svg+xml"
PATH = "/{market:str}/{language:str}/hand-over"


def shop_on_the_phone(visit: Visit) -> Market | None:
    """Give the web shop of the kiosk's country; None when there is none."""
    shops = visit.shop.markets.shops.values()
    return next((each for each in shops if each.country == visit.market.country), None)


@post(PATH)
async def offer(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Make the cart ready to be taken over, and show the code."""
    only_kiosk(visit)
    if visit.cart_id is None or shop_on_the_phone(visit) is None:
        return see_other(f"{visit.base}/cart")
    try:
        async with database_of(request).transaction() as tx:
            target = carts.Target(visit.cart_id, await config_of(request, tx))
            offered = await carts.offer_hand_over(tx, target, clock.now())
    except (CartEmpty, CartNotFound, CartPlaced):
        return see_other(f"{visit.base}/cart")
    return see_other(f"{visit.base}/hand-over/{offered.hand_over_id}")


async def _offered(request: AnyRequest, visit: Visit, hand_over_id: UUID) -> CartHandOver:
    """Give the offer of this visitor's cart; NotFound for every other."""
    only_kiosk(visit)
    async with database_of(request).connection() as connection:
        found = await carts.get_hand_over(connection, hand_over_id)
    if found.cart_id != visit.cart_id:
        raise NotFound("There is no cart to take over here.", field="hand_over_id")
    return found


@get(f"{PATH}/{{hand_over_id:uuid}}")
async def show_offer(request: AnyRequest, visit: Visit, hand_over_id: UUID) -> Response[Any]:
    """Show the code; who comes back to it later begins anew."""
    try:
        offered = await _offered(request, visit, hand_over_id)
    except NotFound:
        return see_other(f"{visit.base}/welcome")
    return _answer(request, visit, offered, "kiosk/hand_over.html")


@get(f"{PATH}/{{hand_over_id:uuid}}/state")
async def show_state(request: AnyRequest, visit: Visit, hand_over_id: UUID) -> Response[Any]:
    """Say whether the phone has the cart; nothing while it has not."""
    offered = await _offered(request, visit, hand_over_id)
    if offered.open(clock.now()):
        return Response("", status_code=204)
    return _answer(request, visit, offered, "kiosk/_hand_over.html")


def _answer(request: AnyRequest, visit: Visit, offered: CartHandOver, template: str) -> Response[Any]:
    waiting = offered.open(clock.now())
    response = shop_page(
        request,
        visit,
        template,
        offered=offered,
        waiting=waiting,
        leaves_in=LEAVES_IN_SECONDS,
    )
    if offered.taken_at is not None:
        forget_visitor(request, response)
    return response


@get(f"{PATH}/{{hand_over_id:uuid}}/code", media_type=SVG)
async def offer_code(request: AnyRequest, visit: Visit, hand_over_id: UUID) -> Response[Any]:
    """Give the link as a picture."""
    offered = await _offered(request, visit, hand_over_id)
    market = shop_on_the_phone(visit)
    if market is None:
        raise NotFound("There is no web shop in this country.", field="market")
    async with database_of(request).connection() as connection:
        signature = (await carts.hand_over_signer(connection)).sign(offered.hand_over_id)
    link = f"{shop_origin(request)}/{market.slug}/{visit.language}/take-over/{offered.hand_over_id}/{signature}"
    return Response(render_qr(link, "svg"), media_type=SVG, headers={"cache-control": "no-store"})


routes = [offer, show_offer, show_state, offer_code]
