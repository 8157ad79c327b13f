"""A page of products: cards, what they can be narrowed by, and the ways from it to others."""

import re
from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from litestar.datastructures import MultiDict

from kanava.platform import clock
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.search.model import Facet, FacetValue, ProductCard, ProductPage, ProductQuery, Sort
from kanava.search.service import ProductSearch
from kanava.web.shop.category_choices import Choices, read_choices
from kanava.web.shop.product_hints import Hint, hint_of, hints_of
from kanava.web.shop.visit import Visit

CARDS = 24
VALUES_FIRST = 8
"""Values of a facet that are shown at once; the others are behind "more"."""
FACETS_SHOWN = 12
"""Facets of a broad category that are shown: those that most of its products have, and those that are chosen."""
_LETTER_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL", "5XL", "6XL")
_NUMBER = re.compile(r"\d+")


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
    facets: list[Facet]
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
    def chosen(self) -> list[tuple[Facet, FacetValue]]:
        """Give the values that are chosen."""
        return [(facet, value) for facet in self.facets for value in facet.values if value.chosen]


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
    facets = [in_order(facet) for facet in most_useful(found.facets)]
    return Listing(choices, found, cards, facets, nothing_here)


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


def most_useful(facets: Sequence[Facet]) -> list[Facet]:
    """Give the facets that there is something to choose in, in their order; of many those that most products have."""
    useful = [facet for facet in facets if len(facet.values) > 1 or _any(facet)]
    if len(useful) <= FACETS_SHOWN:
        return useful
    by_use = sorted(useful, key=lambda facet: (_any(facet), sum(value.count for value in facet.values)), reverse=True)
    kept = {facet.code for facet in by_use[:FACETS_SHOWN]}
    return [facet for facet in useful if facet.code in kept or _any(facet)]


def in_order(facet: Facet) -> Facet:
    """Put sizes in the order of a rail: letters from small to large, then numbers as they grow."""
    if not facet.code.startswith("option.") or not facet.values:
        return facet
    keys = {each.value: size_key(each.value) for each in facet.values}
    if sum(key[0] < 2 for key in keys.values()) * 2 < len(keys):
        return facet
    return msgspec.structs.replace(facet, values=sorted(facet.values, key=lambda each: keys[each.value]))


def size_key(text: str) -> tuple[int, int, str]:
    """Give where a size stands: letters, numbers, everything else as it is written."""
    if text.upper() in _LETTER_SIZES:
        return 0, _LETTER_SIZES.index(text.upper()), text
    number = _NUMBER.match(text)
    return (1, int(number[0]), text) if number else (2, 0, text)


def _any(facet: Facet) -> bool:
    return any(value.chosen for value in facet.values)


SORT_CHOICES: tuple[Sort, ...] = ("newest", "price_up", "price_down", "name")
