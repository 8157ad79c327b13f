"""What merchandisers read: products found in any order, many at a time, and how complete they are."""

from collections.abc import Sequence
from typing import Literal, cast

import msgspec

from kanava.catalog.model import AttributeDefinition, Media, MediaKind, Product, ProductStatus, Text
from kanava.catalog.rules.attributes import cell_of_value as written_value
from kanava.catalog.rules.attributes import value_of_cell as read_value
from kanava.catalog.rules.completeness import Completeness, Gap, Needs, completeness, least_of
from kanava.catalog.service.products import variant_of
from kanava.catalog.service.taxonomy import families_by_code
from kanava.catalog.store import lookups
from kanava.catalog.store import merchandise as store
from kanava.catalog.store.products import VariantDetail
from kanava.platform.db import Connection

Without = Literal["picture", "gtin", "category"]
Sort = Literal["handle", "title", "status", "brand", "category", "changed"]
HANDLES_MAX = 500

__all__ = [
    "Completeness",
    "Gap",
    "Needs",
    "ProductSearch",
    "brands_like",
    "find_products",
    "judge_products",
    "least_of",
    "products_by_handle",
    "read_value",
    "written_value",
]


class ProductSearch(msgspec.Struct, frozen=True):
    """Which products are wanted: `text` is part of a title, brand, handle or sku; a category includes those below.

    `without` names something that is missing, `without_title` the language in which a title is missing.
    """

    text: str | None = None
    status: ProductStatus | None = None
    category: str | None = None
    brand: str | None = None
    without: Without | None = None
    without_title: str | None = None
    sort: Sort = "handle"
    descending: bool = False
    language: str = "en"


async def find_products(tx: Connection, wanted: ProductSearch, limit: int, offset: int) -> tuple[list[Product], int]:
    """Give products with their variants (names of options are left out), and how many there are in all."""
    found = await store.FIND.all(
        tx,
        pattern=_part_of(wanted.text),
        status=wanted.status,
        category=wanted.category,
        brand=_part_of(wanted.brand),
        without_title=wanted.without_title,
        without_picture=wanted.without == "picture",
        without_gtin=wanted.without == "gtin",
        without_category=wanted.without == "category",
        sort=wanted.sort,
        descending=wanted.descending,
        language=wanted.language,
        limit=limit,
        offset=offset,
    )
    products = await products_by_handle(tx, [row.handle for row in found])
    return products, found[0].total if found else 0


async def products_by_handle(tx: Connection, handles: Sequence[str]) -> list[Product]:
    """Give several products in the order of the handles; those that do not exist are missing."""
    rows = await store.PRODUCTS_BY_HANDLE.all(tx, handles=list(handles[:HANDLES_MAX]))
    ids = [row.product_id for row in rows]
    variants: dict[int, list[VariantDetail]] = {}
    for variant in await store.VARIANTS_OF.all(tx, product_ids=ids):
        variants.setdefault(variant.product_id, []).append(variant)
    media: dict[int, list[lookups.MediaRow]] = {}
    for item in await lookups.MEDIA_OF_PRODUCTS.all(tx, product_ids=ids):
        media.setdefault(item.product_id, []).append(item)
    return [
        Product(
            row.handle,
            cast(ProductStatus, row.status),
            row.brand,
            row.category,
            row.family,
            row.tax_category,
            row.tags,
            row.option_axes,
            [],
            row.attributes,
            {tag: Text(**text) for tag, text in row.texts.items()},
            [Media(m.url, cast(MediaKind, m.kind), m.alt) for m in media.get(row.product_id, []) if not m.variant_id],
            [variant_of(variant, media.get(row.product_id, [])) for variant in variants.get(row.product_id, [])],
            row.version,
            row.created_at,
            row.updated_at,
        )
        for row in rows
    ]


async def judge_products(
    tx: Connection, products: Sequence[Product], needs: Sequence[Needs]
) -> dict[str, list[Completeness]]:
    """Say of each product, by its handle, how complete it is for each of the channels."""
    families: dict[str, dict[str, AttributeDefinition]] = await families_by_code(
        tx, sorted({product.family for product in products if product.family})
    )
    return {
        product.handle: [completeness(product, families.get(product.family or "", {}), each) for each in needs]
        for product in products
    }


async def brands_like(tx: Connection, text: str, limit: int) -> list[str]:
    """Give names of brands that have a text in them."""
    return await store.BRANDS_LIKE.all(tx, pattern=_part_of(text) or "%", limit=limit)


def _part_of(text: str | None) -> str | None:
    if not text:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
