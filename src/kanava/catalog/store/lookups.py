"""What is stored of the products, variants and barcodes that a chunk names: one statement each."""

from typing import Any

import msgspec

from kanava.platform.db import Connection, Query


class ProductRow(msgspec.Struct, frozen=True):
    """A product's own columns."""

    product_id: int
    version: int
    handle: str
    status: str
    brand: str | None
    category: str | None
    family: str | None
    tax_category: str
    tags: list[str]
    option_axes: list[str]
    attributes: dict[str, Any]
    texts: dict[str, dict[str, str]]


class VariantRow(msgspec.Struct, frozen=True):
    """A variant's own columns, with the handle of its product."""

    variant_id: int
    product_id: int
    handle: str
    sku: str
    status: str
    option_values: list[str]
    attributes: dict[str, Any]
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    position: int


class GtinRow(msgspec.Struct, frozen=True):
    """A barcode and its variant."""

    gtin: str
    sku: str


class MediaRow(msgspec.Struct, frozen=True):
    """A picture or a model."""

    media_id: int
    product_id: int
    variant_id: int | None
    kind: str
    url: str
    alt: dict[str, str]
    position: int


class CategoryRow(msgspec.Struct, frozen=True):
    """A category and its parent's code."""

    code: str
    parent: str | None


class SkuRow(msgspec.Struct, frozen=True):
    """A variant's id."""

    sku: str
    variant_id: int


# In the order of their ids, so that two imports that share products never wait for each other in a circle.
LOCK_PRODUCTS = Query(
    """
    SELECT p.product_id, p.version, p.handle, p.status, b.name AS brand, c.code AS category, f.code AS family,
           p.tax_category, p.tags, p.option_axes, p.attributes, p.texts
    FROM product p
    LEFT JOIN brand b USING (brand_id)
    LEFT JOIN category c USING (category_id)
    LEFT JOIN attribute_family f USING (attribute_family_id)
    WHERE p.handle = ANY (:handles::text[])
    ORDER BY p.product_id
    FOR UPDATE OF p
    """,
    ProductRow,
)

_VARIANT = """
    SELECT v.variant_id, v.product_id, p.handle, v.sku, v.status, v.option_values, v.attributes, v.weight_grams,
           v.length_mm, v.width_mm, v.height_mm, v.position
    FROM variant v JOIN product p USING (product_id)
"""
VARIANTS_BY_SKU = Query(_VARIANT + "WHERE v.sku = ANY (:skus::text[])", VariantRow)
VARIANTS_OF_PRODUCTS = Query(
    _VARIANT + "WHERE v.product_id = ANY (:product_ids::bigint[]) ORDER BY v.product_id, v.position, v.variant_id",
    VariantRow,
)

GTINS = Query(
    """
    SELECT b.gtin, v.sku FROM barcode b JOIN variant v USING (variant_id) WHERE b.gtin = ANY (:gtins::text[])
    UNION
    SELECT b.gtin, v.sku FROM barcode b JOIN variant v USING (variant_id)
    WHERE b.variant_id = ANY (:variant_ids::bigint[])
    """,
    GtinRow,
)

MEDIA_OF_PRODUCTS = Query(
    """
    SELECT media_id, product_id, variant_id, kind, url, alt, position FROM media
    WHERE product_id = ANY (:product_ids::bigint[])
    ORDER BY product_id, kind, position, media_id
    """,
    MediaRow,
)

CATEGORIES = Query(
    """
    SELECT c.code, p.code AS parent FROM category c LEFT JOIN category p ON p.category_id = c.parent_id
    WHERE c.code = ANY (:codes::text[])
    """,
    CategoryRow,
)

VARIANT_IDS = Query("SELECT sku, variant_id FROM variant WHERE sku = ANY (:skus::text[])", SkuRow)


async def variant_ids(tx: Connection, skus: list[str]) -> dict[str, int]:
    """Give the ids of the variants that exist."""
    return {row.sku: row.variant_id for row in await VARIANT_IDS.all(tx, skus=skus)}
