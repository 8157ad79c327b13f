"""The search box: straight to an order, a customer, a variant or a place, or a page with what was found."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.customers.model import Customer
from kanava.orders.service.browsing import OrderQuestion, browse
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.stores.model import Location, LocationFilter
from kanava.web.common.pages import see_other
from kanava.web.console import labels
from kanava.web.console.customers import customers_of
from kanava.web.console.shell import BASE, Desk, console_page, may
from kanava.web.console.tables import matches

FOUND_MAX = 10
PLACES_MAX = 500
TEXT_LENGTH_MAX = 100


@get("/console/search", guards=may("locations:read"))
async def search(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Find orders, customers, variants and places; the only thing found is opened at once."""
    text = (request.query_params.get("q") or "").strip()[:TEXT_LENGTH_MAX]
    if not text:
        return see_other(BASE)
    placed: list[Any] = []
    known: list[Customer] = []
    variants: list[Any] = []
    async with database_of(request).connection() as connection:
        if desk.everywhere and desk.may("orders:read"):
            placed = (await browse(connection, OrderQuestion(text), FOUND_MAX, 0, counted=False)).items
        if desk.everywhere and desk.may("customers:read"):
            known = await customers_of(connection, text)
        if desk.may("stock:read"):
            variants = await catalog.find_variants(connection, text, desk.language, FOUND_MAX)
        page = await stores.list_locations(connection, LocationFilter(), PLACES_MAX, None, clock.now())
    places = [place for place in page.items if matches(text, place.code, place.name, place.address.city)][:FOUND_MAX]
    only = _only(text, placed, known, variants, places)
    if only is not None:
        return see_other(only)
    return console_page(
        request, desk, "console/search.html", searched=text, orders=placed, customers=known, variants=variants,
        places=places, labels=labels,
    )  # fmt: skip


def _only(
    text: str, placed: list[Any], known: list[Customer], variants: list[Any], places: list[Location]
) -> str | None:
    """Give where to go when the text names one thing, or there is one thing only."""
    exact = [_stock_of(each.sku) for each in variants if each.sku.casefold() == text.casefold() or text in each.gtins]
    here = [_place_of(place.code) for place in places if place.code.casefold() == text.casefold()]
    everything = [
        *[f"{BASE}/orders/{order.order_id}" for order in placed],
        *[f"{BASE}/customers/{customer.customer_id}" for customer in known],
        *[_stock_of(each.sku) for each in variants],
        *[_place_of(place.code) for place in places],
    ]
    return next((found[0] for found in (exact, here, everything) if len(found) == 1), None)


def _stock_of(sku: str) -> str:
    return f"{BASE}/stock/{quote(sku, safe='')}"


def _place_of(code: str) -> str:
    return f"{BASE}/locations/{quote(code, safe='')}"


routes = [search]
