"""Categories, attribute families and brands over HTTP."""

from datetime import datetime

import msgspec
from litestar import Response, get, post, put

from kanava.catalog import service
from kanava.catalog.model import (
    AttributeFamily,
    AttributeFamilyInput,
    Brand,
    Category,
    CategoryInput,
    CategoryNode,
    OptionName,
    OptionNames,
    OptionNamesSet,
)
from kanava.platform.auth import Actor, requires
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, Page, check_limit, decode_cursor, encode_cursor, read, write

TAG = ["Catalogue"]


class CategoryTree(msgspec.Struct, frozen=True):
    """The top categories with everything below them."""

    items: list[CategoryNode]


@get("/api/categories", guards=[requires("catalog:read")], tags=TAG, summary="Get the category tree")
async def get_categories(request: AnyRequest) -> Response[CategoryTree]:
    """Give the whole tree."""

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> CategoryTree:
        return CategoryTree(await service.category_tree(connection))

    return await read(request, verb)


@get("/api/categories/{code:str}", guards=[requires("catalog:read")], tags=TAG, summary="Get a category")
async def get_category(request: AnyRequest, code: str) -> Response[Category]:
    """Give one category."""
    return await read(request, lambda c, _, __: service.get_category(c, code))


@put("/api/categories/{code:str}", guards=[requires("catalog:write")], tags=TAG, summary="Create or change a category")
async def put_category(request: AnyRequest, code: str, data: CategoryInput) -> Response[Category]:
    """Write a category; its parent must exist and not stand below it."""
    return await write(request, lambda tx, actor, now: service.put_category(tx, actor, code, data, now), status=200)


@get("/api/attribute-families", guards=[requires("catalog:read")], tags=TAG, summary="List attribute families")
async def list_families(
    request: AnyRequest, limit: int = 50, cursor: str | None = None
) -> Response[Page[AttributeFamily]]:
    """Give a page of families."""
    check_limit(limit)
    after = decode_cursor(cursor, str)[0] if cursor else ""

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[AttributeFamily]:
        items = await service.list_families(connection, after, limit)
        return Page(items, encode_cursor(items[-1].code) if len(items) == limit else None)

    return await read(request, verb)


@get(
    "/api/attribute-families/{code:str}", guards=[requires("catalog:read")], tags=TAG, summary="Get an attribute family"
)
async def get_family(request: AnyRequest, code: str) -> Response[AttributeFamily]:
    """Give one family."""
    return await read(request, lambda c, _, __: service.get_family(c, code))


@put(
    "/api/attribute-families/{code:str}",
    guards=[requires("catalog:write")],
    tags=TAG,
    summary="Create or change an attribute family",
)
async def put_family(request: AnyRequest, code: str, data: AttributeFamilyInput) -> Response[AttributeFamily]:
    """Write a family; what products have values of keeps its type, level, unit, scale and choices."""
    return await write(request, lambda tx, actor, now: service.put_family(tx, actor, code, data, now), status=200)


@get("/api/brands", guards=[requires("catalog:read")], tags=TAG, summary="List brands")
async def list_brands(request: AnyRequest, limit: int = 50, cursor: str | None = None) -> Response[Page[Brand]]:
    """Give a page of brands."""
    check_limit(limit)
    after = decode_cursor(cursor, str)[0] if cursor else ""

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[Brand]:
        items = await service.list_brands(connection, after, limit)
        return Page(items, encode_cursor(items[-1].name) if len(items) == limit else None)

    return await read(request, verb)


@post("/api/brands", guards=[requires("catalog:write")], tags=TAG, summary="Create a brand")
async def post_brand(request: AnyRequest, data: Brand) -> Response[Brand]:
    """Make a brand; one that exists is left as it is."""
    return await write(request, lambda tx, actor, now: service.put_brand(tx, actor, data, now))


@get("/api/option-names", guards=[requires("catalog:read")], tags=TAG, summary="List names of option axes and values")
async def list_option_names(
    request: AnyRequest, axis: str | None = None, limit: int = 50, cursor: str | None = None
) -> Response[Page[OptionName]]:
    """Give a page of names, an axis before its values."""
    check_limit(limit)
    after: tuple[str, str] = decode_cursor(cursor, str, str) if cursor else ("", "")

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[OptionName]:
        items = await service.list_option_names(connection, axis, after, limit)
        more = len(items) == limit
        return Page(items, encode_cursor(items[-1].axis, items[-1].value) if more else None)

    return await read(request, verb)


@put("/api/option-names", guards=[requires("catalog:write")], tags=TAG, summary="Name option axes and values")
async def put_option_names(request: AnyRequest, data: OptionNames) -> Response[OptionNamesSet]:
    """Replace the names of axes and values in every language, all rows or none."""
    return await write(request, lambda tx, actor, now: service.put_option_names(tx, actor, data, now), status=200)


routes = [
    get_categories,
    get_category,
    put_category,
    list_families,
    get_family,
    put_family,
    list_brands,
    post_brand,
    list_option_names,
    put_option_names,
]
