"""What the pages of a kiosk have in common: only a kiosk has them, and what it forgets when the customer goes."""

from typing import Any

from litestar import Response

from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest
from kanava.web.common.pages import origin_of
from kanava.web.common.sessions import STAFF_COOKIE, forget
from kanava.web.shop.account_session import CUSTOMER_COOKIE
from kanava.web.shop.near import NEAR_COOKIE
from kanava.web.shop.visit import CART_COOKIE, CART_COUNT_COOKIE, STORE_COOKIE, Visit

OF_THE_VISITOR = (CART_COOKIE, CART_COUNT_COOKIE, NEAR_COOKIE, STORE_COOKIE, STAFF_COOKIE, CUSTOMER_COOKIE)


def only_kiosk(visit: Visit) -> None:
    """Refuse a page that only kiosks have; NotFound."""
    if not visit.kiosk:
        raise NotFound("Only a kiosk has this page.", field="path")


def shop_origin(request: AnyRequest) -> str:
    """Give what links for a phone begin with: a kiosk may open the shop under a name that only the store knows."""
    shop_url: str = request.app.state.settings.shop_url
    return shop_url.rstrip("/") or origin_of(request)


def forget_visitor(request: AnyRequest, response: Response[Any]) -> None:
    """Have the kiosk forget who was at it; that it is a kiosk it keeps."""
    for name in OF_THE_VISITOR:
        forget(request, response, name)
