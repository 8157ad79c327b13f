"""Who is looking at the shop: in which market and language, with which cart, at which store. Given to every handler."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from kanava.platform.auth import Actor
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.policies.model import PolicyHead
from kanava.web.common.pages import Look, page
from kanava.web.common.sessions import A_YEAR, cookie
from kanava.web.common.translations import known_language
from kanava.web.shop.kiosks import KIOSK, admit_kiosk
from kanava.web.shop.layout import Menu, ShopSettings, ShopStore
from kanava.web.shop.markets import Market, Markets
from kanava.web.shop.near import Near, read_near

CART_COOKIE = "kanava_cart"
CART_COUNT_COOKIE = "kanava_cart_count"
STORE_COOKIE = "kanava_my_store"
A_DAY = 24 * 3600
CART_SECONDS = 30 * A_DAY
SHOPPER = Actor(kind="shopper", id=0, name="shop", scopes=frozenset({"carts:write", "orders:write"}))


class Visit(msgspec.Struct, frozen=True):
    """A visitor. `store` is the code of the store that she chose, or where the kiosk stands."""

    market: Market
    look: Look
    cart_id: UUID | None
    store: str | None
    shop: ShopSettings
    menu: Menu
    near: Near | None = None
    """Where she said that she is, so that the nearest stores and the day of delivery can be named."""
    cart_units: int = 0
    """How many units were in the cart when she last changed it: what the header shows without asking."""

    @property
    def language(self) -> str:
        """The language of the pages."""
        return self.look.language

    @property
    def base(self) -> str:
        """What every link begins with: `/si/sl`."""
        return self.look.base

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which names are looked for, the visitor's first."""
        return tuple(dict.fromkeys((self.language, self.market.language, "en")))

    @property
    def my_store(self) -> ShopStore | None:
        """The store that she calls hers, when it serves this market."""
        return self.shop.stores.get(self.store) if self.store else None

    @property
    def policies(self) -> list[PolicyHead]:
        """What her country has of policies, in her language where it is written in it."""
        return self.shop.policies_of(self.market.country, self.languages)

    def policy(self, kind: str) -> PolicyHead | None:
        """A policy of her country; None when there is none of this kind."""
        return self.shop.policy(self.market.country, kind, self.languages)

    def rest_of(self, path: str) -> str:
        """Give the part of a path behind country and language: what it is in every other of them."""
        return path.removeprefix(self.base).rstrip("/") if f"{path}/".startswith(f"{self.base}/") else ""

    @property
    def kiosk(self) -> bool:
        """Whether this is a kiosk in a store."""
        return self.look.face == "kiosk"


async def markets_in_force(request: AnyRequest) -> Markets:
    """Give the markets as the settings in force say."""
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
        return shop.markets


async def provide_visit(request: AnyRequest, market: str, language: str) -> Visit:
    """Read the visitor from the path and the cookies; NotFound when no shop is there."""
    brand = request.app.state.settings.retailer_name
    known = known_language(language)
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
        kiosk = None
        if market == KIOSK:
            look = Look("kiosk", known or "en", f"/{KIOSK}/{known or 'en'}", brand)
            request.scope["look"] = look  # type: ignore[typeddict-unknown-key]
            kiosk = await admit_kiosk(request, connection, shop)
        found = shop.markets.shops.get(market) if kiosk is None else kiosk.market
        if found is None:
            raise NotFound("There is no shop at this address.", field="market")
        spoken = known or found.language
        menu = await shop.menus.current(connection, (spoken, found.language, "en"))
    look = Look("shop" if kiosk is None else "kiosk", spoken, f"/{market}/{spoken}", brand)
    request.scope["look"] = look  # type: ignore[typeddict-unknown-key]
    store = request.cookies.get(STORE_COOKIE) if kiosk is None else kiosk.store
    visit = Visit(
        found,
        look,
        _cart_id(request),
        store if store in shop.serving.get(found.channel, ()) else None,
        shop,
        menu,
        # A kiosk is where it stands, whatever somebody has asked it before.
        read_near(request) if kiosk is None else None,
        _cart_units(request),
    )
    request.scope["visit"] = visit  # type: ignore[typeddict-unknown-key]
    if known != language:
        # What is shown then has the head and foot of the market.
        raise NotFound("There is no shop in this language.", field="language")
    return visit


def _cart_id(request: AnyRequest) -> UUID | None:
    try:
        return UUID(request.cookies.get(CART_COOKIE, ""))
    except ValueError:
        return None


def _cart_units(request: AnyRequest) -> int:
    text = request.cookies.get(CART_COUNT_COOKIE, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def keep_cart_count(request: AnyRequest, response: Response[Any], units: int) -> None:
    """Have the browser remember how many units are in the cart, for the header of the next page."""
    response.set_cookie(cookie(request, CART_COUNT_COOKIE, str(units), CART_SECONDS))


def keep_cart(request: AnyRequest, response: Response[Any], cart_id: UUID) -> None:
    """Have the browser keep the cart: its id is a secret between us."""
    response.set_cookie(cookie(request, CART_COOKIE, str(cart_id), CART_SECONDS))


def keep_store(request: AnyRequest, response: Response[Any], code: str) -> None:
    """Have the browser keep the store that the visitor calls hers."""
    response.set_cookie(cookie(request, STORE_COOKIE, code, A_YEAR))


def shop_page(request: AnyRequest, visit: Visit, template: str, *, status: int = 200, **facts: Any) -> Response[str]:
    """Answer with a page of the shop; its template knows `visit`."""
    response = page(request, template, visit.look, status=status, visit=visit, **facts)
    if visit.kiosk:
        # The next one at the screen must not find it by going back.
        response.headers["cache-control"] = "no-store"
    return response
