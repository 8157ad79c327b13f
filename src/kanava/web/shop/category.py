"""The page of a category."""

from typing import Any

from litestar import Response, get

from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest
from kanava.web.common.pages import is_fragment, origin_of
from kanava.web.shop.category_listing import SORT_CHOICES, Listing, read_listing
from kanava.web.shop.layout import way_to
from kanava.web.shop.seo import breadcrumb_list
from kanava.web.shop.visit import Visit, shop_page

LISTING_TARGET = "listing"


@get("/{market:str}/{language:str}/c/{code:str}")
async def show_category(request: AnyRequest, visit: Visit, code: str) -> Response[Any]:
    """Show the products of a category and of those below it."""
    way = way_to(visit.menu, code)
    if not way:
        raise NotFound(f"There is no category {code!r}.", field="code")
    listing = await read_listing(request, visit, request.query_params, code)
    steps = [(node.name, f"{visit.base}/c/{node.code}") for node in way]
    return listing_page(
        request,
        visit,
        "shop/category.html",
        listing=listing,
        category=way[-1],
        way=way,
        action=f"{visit.base}/c/{code}",
        sorts=SORT_CHOICES,
        breadcrumbs_data=breadcrumb_list(origin_of(request), visit, steps),
    )


def listing_page(
    request: AnyRequest, visit: Visit, template: str, *, listing: Listing, action: str, **facts: Any
) -> Response[Any]:
    """Answer with a page of products, or with its list alone when htmx asks because a choice changed."""
    alone = is_fragment(request) and LISTING_TARGET in request.headers.get("hx-target", "")
    response = shop_page(
        request,
        visit,
        "shop/_listing.html" if alone else template,
        listing=listing,
        action=action,
        **facts,
    )
    if alone:
        # The address without the form's empty fields: the one that a link to this list would have.
        chosen = listing.choices
        response.headers["hx-push-url"] = action + chosen.address(visit.market.currency, page=chosen.page)
    return response


routes = [show_category]
