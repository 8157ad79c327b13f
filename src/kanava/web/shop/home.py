"""The first page, and the way to it from the bare address."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import LANGUAGE_COOKIE
from kanava.web.common.translations import known_language, preferred_language
from kanava.web.shop.category_listing import newest
from kanava.web.shop.layout import MenuNode
from kanava.web.shop.product_hints import coordinates_of
from kanava.web.shop.stores import listed, week_of
from kanava.web.shop.visit import Visit, markets_in_force, shop_page

NEW_ARRIVALS = 8
STORES_SHOWN = 3


@get("/")
async def front_door(request: AnyRequest) -> Response[Any]:
    """Send a visitor on to the shop of her country in her language."""
    markets = await markets_in_force(request)
    asked = request.headers.get("accept-language", "")
    country = next((part[3:5] for part in asked.split(",") if part[2:3] == "-"), None)
    market = markets.for_country(country)
    if market is None:
        return see_other("/sign-in")
    chosen = known_language(request.cookies.get(LANGUAGE_COOKIE)) or preferred_language(asked) or market.language
    return see_other(f"/{market.slug}/{chosen}/")


@get("/{market:str}/{language:str}")
async def home(request: AnyRequest, visit: Visit) -> Response[str]:
    """Show the first page: what there is, what is new, and the visitor's store."""
    now = clock.now()
    new = await newest(request, visit, None, NEW_ARRIVALS)
    async with database_of(request).connection() as connection:
        pictures = await catalog.category_pictures(connection)
    mine = visit.my_store
    return shop_page(
        request,
        visit,
        "kiosk/home.html" if visit.kiosk else "shop/home.html",
        new=new,
        tiles=[(node, picture_of(node, pictures)) for top in visit.menu for node in top.children or [top]],
        mine=mine,
        week=week_of(mine, now) if mine is not None else [],
        stores=[] if mine is not None else listed(visit, await coordinates_of(request, visit), now)[:STORES_SHOWN],
    )


def picture_of(node: MenuNode, pictures: Mapping[str, str]) -> str | None:
    """Give the picture of a category, else of the first below it that has one."""
    if node.code in pictures:
        return pictures[node.code]
    return next((found for child in node.children if (found := picture_of(child, pictures))), None)
