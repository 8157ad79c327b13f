"""What every page of the store app has: who is signed in, at which place, the navigation; what becomes of refusals."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import asyncpg
import msgspec
from litestar import Request, Response

from kanava.fulfilment.service import board, curbside
from kanava.fulfilment.service.policy import policy_of
from kanava.inventory.attempts import until_settled
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, Forbidden, NotFound, Unauthenticated
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace
from kanava.web.common.errors import HANDLERS, N
from kanava.web.common.pages import Look, is_fragment, page, see_other, sent_from
from kanava.web.common.sessions import A_YEAR, STAFF_COOKIE, cookie, staff_of
from kanava.web.common.sign_in import staff_language

T = TypeVar("T")
PLACE_COOKIE = "kanava_place"
ATTEMPTS_MAX = 3


class NavEntry(msgspec.Struct, frozen=True):
    """A way to a part of the app; `dock`: always in sight, else on the page "More". `scope`: who may go there."""

    key: str
    text: str
    path: str
    icon_name: str
    dock: bool = False
    scope: str = "fulfilment:read"


NAV: tuple[NavEntry, ...] = (
    NavEntry("work", N("Work"), "/store/work", icon_name="list-checks", dock=True),
    NavEntry("curbside", N("Curbside"), "/store/curbside", icon_name="car", dock=True),
    NavEntry("look-up", N("Look up"), "/store/look-up", icon_name="scan-search", dock=True),
    NavEntry("sell", N("Sell"), "/store/sell", icon_name="shopping-cart", scope="orders:write"),
    NavEntry("orders", N("Find an order"), "/store/orders", icon_name="receipt-text", scope="orders:read"),
    NavEntry("receive", N("Receive goods"), "/store/receive", icon_name="package-check", scope="stock:write"),
    NavEntry("count", N("Count"), "/store/count", icon_name="clipboard-list", scope="stock:write"),
    NavEntry("more", N("More"), "/store/more", icon_name="menu", dock=True),
)
"""Every part of the app, in order; at most four of them in the dock, "More" the last of those."""


class Shift(msgspec.Struct, frozen=True):
    """An associate at work: who she is, and where. `waiting`: customers who wait in their cars at this moment."""

    actor: Actor
    look: Look
    place: NamedPlace
    waiting: int

    @property
    def language(self) -> str:
        """The language of the pages."""
        return self.look.language

    @property
    def code(self) -> str:
        """The code of the place."""
        return self.place.code

    @property
    def languages(self) -> list[str]:
        """In which languages names of things are wanted, the best first."""
        return list(dict.fromkeys([self.look.language, LANGUAGE_OF_COUNTRY.get(self.place.country, "en"), "en"]))

    def may(self, scope: str) -> bool:
        """Say whether she may do something."""
        return scope in self.actor.scopes


LANGUAGE_OF_COUNTRY = {"SI": "sl", "PL": "pl", "HR": "hr", "HU": "hu"}


class PlaceNotChosen(Conflict):
    """Nobody has said yet at which location this device is used."""


def look_of_store(request: AnyRequest) -> Look:
    """Give the look of the app in the language of this browser."""
    look = Look("store", staff_language(request), "/store", request.app.state.settings.retailer_name)
    request.scope["look"] = look  # type: ignore[typeddict-unknown-key]
    return look


async def provide_shift(request: AnyRequest) -> Shift:
    """Read who works where; PlaceNotChosen when this browser has no place, or one that the person may not act at."""
    actor, look = staff_of(request), look_of_store(request)
    code = request.cookies.get(PLACE_COOKIE, "")
    if not code:
        raise PlaceNotChosen("Choose a location first.")
    async with database_of(request).connection() as connection:
        try:
            queue = await curbside.waiting_at(
                connection, actor, code, policy_of(request.app.state.settings), clock.now()
            )
        except (NotFound, Forbidden) as error:
            raise PlaceNotChosen("Choose another location.") from error
        places = await stores.name_places(connection, [code])
    waiting = sum(each.arrived_at is not None for each in queue.items)
    return Shift(actor, look, places[code], waiting)


def store_page(
    request: AnyRequest, shift: Shift, template: str, part: str, *, status: int = 200, **facts: Any
) -> Response[str]:
    """Answer with a page of the app; `part` is the entry of NAV that it belongs to."""
    return page(request, template, shift.look, status=status, shift=shift, nav=NAV, part=part, **facts)


async def carry_out(request: AnyRequest, verb: Callable[[Connection, Actor, datetime], Awaitable[T]]) -> T:
    """Run a verb in one transaction; again while others take the same stock, or after a deadlock."""

    async def attempt() -> T:
        async with database_of(request).transaction() as tx:
            return await verb(tx, staff_of(request), clock.now())

    for number in range(1, ATTEMPTS_MAX + 1):
        try:
            return await until_settled(attempt)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if number == ATTEMPTS_MAX:
                raise
    raise AssertionError("unreachable")


def keep_place(request: AnyRequest, response: Response[Any], code: str) -> None:
    """Have the browser keep where it is used."""
    response.set_cookie(cookie(request, PLACE_COOKIE, code, A_YEAR))


async def reachable(connection: Connection, actor: Actor, code: str) -> bool:
    """Say whether there is such a place and the actor may act there."""
    try:
        await board.place_of(connection, actor, code)
    except (NotFound, Forbidden):
        return False
    return True


def _sign_in_again(request: Request[Any, Any, Any], _error: Any) -> Response[Any]:
    """Have somebody sign in and come back to where she was; a form keeps what she typed until then."""
    path = "/sign-in?next=" + quote(sent_from(request, "/store"), safe="/")
    if is_fragment(request):
        return Response("", status_code=401, headers={"hx-redirect": path})
    response = see_other(path)
    if STAFF_COOKIE in request.cookies:
        # A session that is over is not shown again to a page that would ask for nothing else.
        response.delete_cookie(STAFF_COOKIE)
    return response


def _choose_place(request: Request[Any, Any, Any], _error: Any) -> Response[Any]:
    path = "/store/place?next=" + quote(sent_from(request, "/store"), safe="/")
    if is_fragment(request):
        return Response("", status_code=409, headers={"hx-redirect": path})
    return see_other(path)


def _in_our_dress(answer: Callable[..., Response[Any]]) -> Callable[[Request[Any, Any, Any], Any], Response[Any]]:
    def handler(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        look_of_store(request)
        return answer(request, error)

    return handler


REFUSALS: dict[Any, Any] = {kind: _in_our_dress(answer) for kind, answer in HANDLERS.items()} | {
    Unauthenticated: _sign_in_again,
    PlaceNotChosen: _choose_place,
}
