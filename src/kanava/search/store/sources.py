"""What documents are made of, read from the catalogue."""

from typing import Any

import msgspec

from kanava.platform.db import Query
from kanava.search.rules.documents import SourceProduct, SourceVariant


class CategoryRow(msgspec.Struct, frozen=True):
    """A category with its place in the tree."""

    category_id: int
    code: str
    parent_id: int | None
    position: int
    names: dict[str, str]


class OptionNameRow(msgspec.Struct, frozen=True):
    """How people read an axis or one of its values."""

    axis: str
    value: str
    names: dict[str, str]


class FamilyRow(msgspec.Struct, frozen=True):
    """The attributes that a family defines."""

    attributes: dict[str, Any]


PRODUCTS = Query(
    """
    SELECT p.product_id, b.name AS brand, p.category_id, p.tags, p.option_axes, p.attributes, p.texts,
           coalesce(f.attributes, '{}') AS family, p.created_at
    FROM product p LEFT JOIN brand b USING (brand_id) LEFT JOIN attribute_family f USING (attribute_family_id)
    WHERE p.product_id = ANY (:product_ids::bigint[]) AND p.status = 'active'
    ORDER BY p.product_id
    """,
    SourceProduct,
)

VARIANTS = Query(
    """
    SELECT v.variant_id, v.product_id, v.sku, v.option_values, v.attributes
    FROM variant v
    WHERE v.product_id = ANY (:product_ids::bigint[]) AND v.status = 'active'
    ORDER BY v.product_id, v.position, v.variant_id
    """,
    SourceVariant,
)

CATEGORIES = Query(
    "SELECT category_id, code, parent_id, position, names FROM category ORDER BY position, code LIMIT 100000",
    CategoryRow,
)

OPTION_NAMES = Query("SELECT axis, value, names FROM option_name ORDER BY axis, value LIMIT 100000", OptionNameRow)

FAMILIES = Query("SELECT attributes FROM attribute_family ORDER BY attribute_family_id LIMIT 10000", FamilyRow)

LANGUAGES = Query("SELECT DISTINCT language FROM channel ORDER BY language LIMIT 100", str)

PRODUCTS_AFTER = Query(
    "SELECT product_id FROM product WHERE product_id > :after::bigint ORDER BY product_id LIMIT :limit::int", int
)

PRODUCTS_BY_HANDLE = Query("SELECT product_id FROM product WHERE handle = ANY (:handles::text[])", int)

PRODUCTS_BY_SKU = Query("SELECT DISTINCT product_id FROM variant WHERE sku = ANY (:skus::text[])", int)

# A category's own products and those of the categories below it.
PRODUCTS_IN_CATEGORY = Query(
    """
    WITH RECURSIVE within AS (
        SELECT category_id FROM category WHERE code = ANY (:codes::text[])
        UNION
        SELECT c.category_id FROM category c JOIN within w ON c.parent_id = w.category_id
    )
    SELECT p.product_id FROM product p JOIN within USING (category_id)
    WHERE p.status = 'active' AND p.product_id > :after::bigint ORDER BY p.product_id LIMIT :limit::int
    """,
    int,
)
PRODUCTS_COUNT = Query("SELECT count(*) FROM product", int)

LANGUAGES_MISSING = Query(
    """
    SELECT DISTINCT c.language FROM channel c
    WHERE NOT EXISTS (SELECT FROM search_document d WHERE d.language = c.language)
      AND EXISTS (SELECT FROM search_document)
    LIMIT 100
    """,
    str,
)
