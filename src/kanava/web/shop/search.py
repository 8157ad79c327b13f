"""Searching, and what one may be typing."""

from typing import Any

from litestar import Response, get

from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.search import service as search
from kanava.search.model import TEXT_LENGTH_MAX
from kanava.web.common.pages import query, see_other
from kanava.web.shop.category import listing_page
from kanava.web.shop.category_listing import SORT_CHOICES, newest, read_listing, search_of
from kanava.web.shop.visit import Visit, shop_page

NEWEST_INSTEAD = 8


@get("/{market:str}/{language:str}/search")
async def show_search(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Show what a text finds; a sku or a barcode opens its product."""
    listing = await read_listing(request, visit, request.query_params, None)
    exact = listing.found.exact
    if exact is not None:
        return see_other(f"{visit.base}/p/{exact.handle}?{query({'sku': exact.sku})}")
    instead = await newest(request, visit, None, NEWEST_INSTEAD) if not listing.found.total else []
    return listing_page(
        request,
        visit,
        "shop/search.html",
        listing=listing,
        action=f"{visit.base}/search",
        sorts=("relevance", *SORT_CHOICES) if listing.choices.text else SORT_CHOICES,
        instead=instead,
        search_text=listing.choices.text,
    )


@get("/{market:str}/{language:str}/suggestions")
async def show_suggestions(request: AnyRequest, visit: Visit) -> Response[str]:
    """Give the list below the search field."""
    text = " ".join(request.query_params.get("q", "").split())[:TEXT_LENGTH_MAX]
    items = []
    if text:
        async with database_of(request).connection() as connection:
            found = await search.suggest(
                search_of(request), connection, text, visit.market.channel, visit.language, clock.now()
            )
        items = found.items
    response = shop_page(request, visit, "shop/_suggestions.html", items=items, text=text)
    response.headers["cache-control"] = "private, max-age=60"
    return response


routes = [show_search, show_suggestions]
