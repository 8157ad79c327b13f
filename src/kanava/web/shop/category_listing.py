"""A page of products: cards, what they can be narrowed by, and the ways from it to others."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from litestar.datastructures import MultiDict

from kanava.platform import clock
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.search.model import ProductCard, ProductPage, ProductQuery, Sort
from kanava.search.service import ProductSearch
from kanava.web.shop.category_choices import Choices, read_choices
from kanava.web.shop.facet_boxes import Box, FacetBoxes, boxes_of
from kanava.web.shop.product_hints import Hint, hint_of, hints_of
from kanava.web.shop.visit import Visit

CARDS = 24


class Card(msgspec.Struct, frozen=True):
    """A product with what is said about having it."""

    product: ProductCard
    hint: Hint
    path: str
    """Of its page, behind what every link of the visitor begins with."""


class Listing(msgspec.Struct, frozen=True):
    """A page of products."""

    choices: Choices
    found: ProductPage
    cards: list[Card]
    facets: list[FacetBoxes]
    nothing_here: bool = False
    """Whether a kiosk shows the whole range because its store has nothing of this."""

    @property
    def pages_near(self) -> list[int | None]:
        """Give the numbers of pages to go to: the first, the last and those around; None is a gap."""
        last, here = self.found.pages, self.found.page
        numbers = sorted({1, last, *range(max(1, here - 1), min(last, here + 1) + 1)})
        found: list[int | None] = []
        for number in numbers:
            if found and found[-1] is not None and number - found[-1] > 1:
                found.append(number - 1 if number - found[-1] == 2 else None)
            found.append(number)
        return found

    @property
    def chosen(self) -> list[tuple[str, Box]]:
        """Give the values that are chosen, each with its facet's code."""
        return [(facet.code, box) for facet in self.facets for box in (*facet.first, *facet.more) if box.chosen]


def search_of(request: AnyRequest) -> ProductSearch:
    """Give the search of this process."""
    found: ProductSearch = request.app.state.search
    return found


async def read_listing(
    request: AnyRequest,
    visit: Visit,
    params: MultiDict[str],
    category: str | None,
    *,
    limit: int = CARDS,
) -> Listing:
    """Answer what an address asks; InvalidInput when there is no such category."""
    choices = read_choices(params, visit.market.currency, here_first=visit.kiosk)
    at_my_store = choices.at_my_store and visit.store is not None
    question = ProductQuery(
        channel=visit.market.channel,
        text=choices.text,
        category=category,
        facets=choices.by_facet,
        price_from_minor=choices.price_from_minor,
        price_until_minor=choices.price_until_minor,
        in_stock=at_my_store,
        location=visit.store,
        language=visit.language,
        sort=choices.sort,
        page=choices.page,
        limit=limit,
    )
    search = search_of(request)
    nothing_here = False
    async with database_of(request).connection() as connection:
        found = await search.search(connection, question, clock.now())
        if visit.kiosk and at_my_store and not found.total and not choices.narrowed:
            # Nothing of it lies here: then what can be ordered here.
            nothing_here, choices = True, msgspec.structs.replace(choices, at_my_store=False)
            found = await search.search(connection, msgspec.structs.replace(question, in_stock=False), clock.now())
    if choices.text:
        await search.asked.write_when_due(database_of(request), clock.now())
    cards = await cards_of(request, visit, found.items)
    return Listing(choices, found, cards, boxes_of(found.facets, visit.language), nothing_here)


async def cards_of(request: AnyRequest, visit: Visit, products: Sequence[ProductCard]) -> list[Card]:
    """Add to the products of a page when they can be had."""
    hints = await hints_of(request, visit, [product.sku for product in products])
    return [
        Card(
            product,
            hint_of(visit, hints.get(product.sku), in_stock=product.in_stock),
            f"/p/{quote(product.handle)}?sku={quote(product.sku)}",
        )
        for product in products
    ]


async def newest(request: AnyRequest, visit: Visit, category: str | None, limit: int) -> list[Card]:
    """Give the newest products of a category, or of all; none when the category is not known to search."""
    question = ProductQuery(
        visit.market.channel,
        category=category,
        language=visit.language,
        location=visit.store,
        in_stock=visit.kiosk,
        limit=limit,
    )
    try:
        async with database_of(request).connection() as connection:
            found = await search_of(request).search(connection, question, clock.now(), counted=False)
    except InvalidInput:
        return []
    return await cards_of(request, visit, found.items)


SORT_CHOICES: tuple[Sort, ...] = ("newest", "price_up", "price_down", "name")
