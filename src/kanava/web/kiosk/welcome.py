"""The screen that invites: whoever comes to it begins anew, whatever the one before has left behind."""

from litestar import Response, get

from kanava.platform.http import AnyRequest
from kanava.web.common.sessions import A_YEAR, cookie
from kanava.web.kiosk.shell import forget_visitor, only_kiosk
from kanava.web.shop.category_listing import newest
from kanava.web.shop.kiosks import DEVICE_COOKIE
from kanava.web.shop.visit import Visit, shop_page

PICTURES = 6


@get("/{market:str}/{language:str}/welcome")
async def show_welcome(request: AnyRequest, visit: Visit) -> Response[str]:
    """Invite the next customer and forget the last one."""
    only_kiosk(visit)
    new = [card for card in await newest(request, visit, None, PICTURES) if card.product.image_url]
    response = shop_page(request, visit, "kiosk/welcome.html", cards=new)
    forget_visitor(request, response)
    # Browsers keep a cookie for little more than a year: one that is used is kept on.
    response.set_cookie(cookie(request, DEVICE_COOKIE, request.cookies[DEVICE_COOKIE], A_YEAR))
    return response


routes = [show_welcome]
