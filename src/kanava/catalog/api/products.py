"""Products and variants over HTTP."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, patch, put
from litestar.params import QueryParameter

from kanava.catalog import service
from kanava.catalog.model import (
    Media,
    Product,
    ProductInput,
    ProductPatch,
    ProductStatus,
    ProductSummary,
    Variant,
    VariantPatch,
)
from kanava.platform.auth import Actor, requires
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.http import (
    AnyRequest,
    Page,
    check_limit,
    decode_cursor,
    encode_cursor,
    expected_version,
    read,
    write,
)

TAG = ["Catalogue"]


@get("/api/products", guards=[requires("catalog:read")], tags=TAG, summary="List products by handle")
async def list_products(
    request: AnyRequest,
    status: ProductStatus | None = None,
    category: str | None = None,
    brand: str | None = None,
    text: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Response[Page[ProductSummary]]:
    """Give a page of products; `text` is part of a title, brand, handle or sku."""
    check_limit(limit)
    after = decode_cursor(cursor, str)[0] if cursor else None
    wanted = service.ProductFilter(status, category, brand, text)

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[ProductSummary]:
        items = await service.list_products(connection, wanted, after, limit)
        return Page(items, encode_cursor(items[-1].handle) if len(items) == limit else None)

    return await read(request, verb)


@get("/api/products/{handle:str}", guards=[requires("catalog:read")], tags=TAG, summary="Get a product")
async def get_product(request: AnyRequest, handle: str) -> Response[Product]:
    """Give a product with all its variants."""
    return await read(request, lambda c, _, __: service.get_product(c, handle))


@put(
    "/api/products/{handle:str}",
    guards=[requires("catalog:write")],
    tags=TAG,
    summary="Create or replace a product with its variants (If-Match optional)",
)
async def put_product(request: AnyRequest, handle: str, data: ProductInput) -> Response[Product]:
    """Write a whole product; a variant that is left out is archived, never deleted."""
    version = expected_version(request) if "if-match" in request.headers else None
    return await write(
        request, lambda tx, actor, now: service.put_product(tx, actor, handle, data, now, version=version), status=200
    )


@patch(
    "/api/products/{handle:str}", guards=[requires("catalog:write")], tags=TAG, summary="Change a product (If-Match)"
)
async def patch_product(request: AnyRequest, handle: str, data: ProductPatch) -> Response[Product]:
    """Change the fields that are given."""
    version = expected_version(request)
    return await write(
        request,
        lambda tx, actor, now: service.patch_product(tx, actor, handle, data, now, version=version),
        status=200,
    )


@put(
    "/api/products/{handle:str}/media",
    guards=[requires("catalog:write")],
    tags=TAG,
    summary="Replace the pictures and models of a product (If-Match)",
)
async def put_product_media(request: AnyRequest, handle: str, data: list[Media]) -> Response[Product]:
    """Write the media of the product itself, in order."""
    change, version = ProductPatch(media=data), expected_version(request)
    return await write(
        request,
        lambda tx, actor, now: service.patch_product(tx, actor, handle, change, now, version=version),
        status=200,
    )


@get("/api/variants", guards=[requires("catalog:read")], tags=TAG, summary="Find the variant of a barcode or a sku")
async def find_variants(
    request: AnyRequest, gtin: str | None = None, sku: str | None = None
) -> Response[Page[Variant]]:
    """Give the variant of a GTIN, however it is padded with zeros, or of a sku."""
    if (gtin is None) == (sku is None):
        raise InvalidInput("Name a gtin or a sku.", field="gtin")

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[Variant]:
        if gtin is not None:
            return Page(await service.variants_by_gtin(connection, gtin))
        return Page([await service.get_variant(connection, sku or "")])

    return await read(request, verb)


@get("/api/variants/{sku:str}", guards=[requires("catalog:read")], tags=TAG, summary="Get a variant")
async def get_variant(request: AnyRequest, sku: str) -> Response[Variant]:
    """Give one variant."""
    return await read(request, lambda c, _, __: service.get_variant(c, sku))


@patch(
    "/api/variants/{sku:str}",
    guards=[requires("catalog:write")],
    tags=TAG,
    summary="Change a variant (If-Match with its product's version)",
)
async def patch_variant(request: AnyRequest, sku: str, data: VariantPatch) -> Response[Variant]:
    """Change the fields that are given."""
    version = expected_version(request)
    return await write(
        request,
        lambda tx, actor, now: service.patch_variant(tx, actor, sku, data, now, version=version),
        status=200,
    )


routes = [
    list_products,
    get_product,
    put_product,
    patch_product,
    put_product_media,
    find_variants,
    get_variant,
    patch_variant,
]
