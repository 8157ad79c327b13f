"""HTTP edge of search."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, put
from litestar.params import Parameter

from kanava.platform import clock
from kanava.platform.auth import Actor, requires
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of, read, write
from kanava.search import service
from kanava.search.model import (
    FACETS_CHOSEN_MAX,
    PAGE_DEFAULT,
    PAGE_MAX,
    PAGES_MAX,
    TEXT_LENGTH_MAX,
    ProductPage,
    ProductQuery,
    Sort,
    Suggestions,
    Synonyms,
    SynonymsStored,
)
from kanava.search.rules.checks import PRICE_MAX, chosen_facets

TAGS = ["Search"]
Channel = Annotated[str, Parameter(min_length=1, max_length=100, description="Code of an active channel.")]
Language = Annotated[
    str | None,
    Parameter(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, description="BCP 47; else the channel's."),
]
Code = Annotated[str | None, Parameter(min_length=1, max_length=100)]
Price = Annotated[int | None, Parameter(ge=0, le=PRICE_MAX, description="In the minor unit of the channel's currency.")]


@get(
    "/api/search/products",
    guards=[requires("catalog:read")],
    tags=TAGS,
    summary="Products of a channel by text, category and facets, with counts",
)
async def search_products(  # noqa: PLR0917 -- parameters of an address
    request: AnyRequest,
    channel: Channel,
    q: Annotated[str, Parameter(max_length=TEXT_LENGTH_MAX, description="Words, a sku or a barcode.")] = "",
    category: Annotated[Code, Parameter(description="Code; with everything below it.")] = None,
    facet: Annotated[
        list[Annotated[str, Parameter(max_length=420)]] | None,
        Parameter(
            max_items=FACETS_CHOSEN_MAX, description="`brand:Jelovir`, `option.size:M`, `attribute.material:wool`."
        ),
    ] = None,
    price_from: Price = None,
    price_until: Price = None,
    in_stock: Annotated[bool, Parameter(description="At `location` when one is named, else anywhere.")] = False,
    location: Annotated[Code, Parameter(description="Code of a location that serves the channel.")] = None,
    language: Language = None,
    sort: Annotated[Sort | None, Parameter(description="Relevance with a text, else newest.")] = None,
    page: Annotated[int, Parameter(ge=1, le=PAGES_MAX)] = 1,
    limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT,
) -> Response[ProductPage]:
    """Give a page of products as the channel sells them, and what they can be narrowed by."""
    query = ProductQuery(
        channel=channel,
        text=q,
        category=category,
        facets=chosen_facets(facet or []),
        price_from_minor=price_from,
        price_until_minor=price_until,
        in_stock=in_stock,
        location=location,
        language=language,
        sort=sort,
        page=page,
        limit=limit,
    )
    search: service.ProductSearch = request.app.state.search

    async def verb(connection: Connection, _actor: Actor, now: datetime) -> ProductPage:
        return await search.search(connection, query, now)

    found = await read(request, verb)
    await search.asked.write_when_due(database_of(request), clock.now())
    return found


@get(
    "/api/search/suggestions",
    guards=[requires("catalog:read")],
    tags=TAGS,
    summary="What somebody may be typing: at most ten",
)
async def get_suggestions(
    request: AnyRequest,
    channel: Channel,
    q: Annotated[str, Parameter(min_length=1, max_length=TEXT_LENGTH_MAX, description="What is typed so far.")],
    language: Language = None,
) -> Response[Suggestions]:
    """Give questions of others, categories, brands and products."""
    search: service.ProductSearch = request.app.state.search
    return await read(request, lambda c, _, now: service.suggest(search, c, q, channel, language, now))


@get("/api/search/synonyms", guards=[requires("catalog:read")], tags=TAGS, summary="Get the synonyms of a language")
async def get_synonyms(
    request: AnyRequest,
    language: Annotated[str, Parameter(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)],
) -> Response[Synonyms]:
    """Give every set; a language without any has an empty list."""
    return await read(request, lambda c, _, __: service.get_synonyms(c, language))


@put(
    "/api/search/synonyms", guards=[requires("catalog:write")], tags=TAGS, summary="Replace the synonyms of a language"
)
async def put_synonyms(request: AnyRequest, data: Synonyms) -> Response[SynonymsStored]:
    """Replace every set of a language, all or none; other languages stay."""
    return await write(request, lambda tx, actor, now: service.put_synonyms(tx, actor, data, now), status=200)


routes = [search_products, get_suggestions, get_synonyms, put_synonyms]
