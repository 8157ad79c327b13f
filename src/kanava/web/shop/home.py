"""The first page, and the way to it from the bare address."""

from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import LANGUAGE_COOKIE
from kanava.web.common.translations import known_language, preferred_language
from kanava.web.shop.visit import Visit, markets_in_force, shop_page


@get("/")
async def front_door(request: AnyRequest) -> Response[None]:
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
    """Show the first page."""
    async with database_of(request).connection() as connection:
        tree = await catalog.category_tree(connection)
    return shop_page(request, visit, "shop/home.html", tree=tree)
