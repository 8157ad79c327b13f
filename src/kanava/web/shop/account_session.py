"""Who is signed in in this browser, and the pages that only she sees."""

from typing import Any

from litestar import Response

from kanava.customers import service as customers
from kanava.customers.model import Customer, SignIn
from kanava.platform import clock
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import query, see_other
from kanava.web.common.sessions import cookie, seconds_until
from kanava.web.shop.visit import Visit, shop_page

CUSTOMER_COOKIE = "kanava_customer"


def not_at_kiosk(visit: Visit) -> None:
    """Raise NotFound at a kiosk: nobody signs in on a screen that the next one uses."""
    if visit.kiosk:
        raise NotFound("There are no accounts at a kiosk.", field="path")


async def customer_of(request: AnyRequest, visit: Visit) -> Customer | None:
    """Give who is signed in; None for guests, whose session is over, and at a kiosk."""
    token = request.cookies.get(CUSTOMER_COOKIE, "")
    if not token or visit.kiosk:
        return None
    async with database_of(request).connection() as connection:
        return await customers.signed_in(connection, token, clock.now())


def keep_session(request: AnyRequest, response: Response[Any], session: SignIn) -> None:
    """Have the browser keep the session."""
    seconds = seconds_until(session.expires_at, clock.now())
    response.set_cookie(cookie(request, CUSTOMER_COOKIE, session.token, seconds))


def to_sign_in(visit: Visit, path: str = "") -> Response[Any]:
    """Send a guest to sign in, and afterwards back to a page below the base."""
    wanted = {"next": f"{visit.base}{path}"} if path else {}
    return see_other(f"{visit.base}/account" + (f"?{query(wanted)}" if wanted else ""))


def account_page(request: AnyRequest, visit: Visit, template: str, *, status: int = 200, **facts: Any) -> Response[str]:
    """Answer with a page that no browser keeps: who signs out has taken it along."""
    response = shop_page(request, visit, f"shop/{template}", status=status, **facts)
    response.headers["cache-control"] = "no-store"
    return response
