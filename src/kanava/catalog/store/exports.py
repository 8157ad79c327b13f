"""Reading the whole catalogue in pages, for a file."""

from typing import Any

import msgspec

from kanava.platform.db import Query


class ExportColumns(msgspec.Struct, frozen=True):
    """Which columns the catalogue needs: texts as `field:language`, alternative texts as `owner:kind:language`."""

    texts: list[str]
    attributes: list[str]
    alts: list[str]
    axes: int


class ExportProduct(msgspec.Struct, frozen=True):
    """A product of a page; `category_path` are codes from the top, `category_names` the names of each."""

    product_id: int
    handle: str
    status: str
    brand: str | None
    category_path: list[str]
    category_names: list[dict[str, str]]
    family: str | None
    tax_category: str
    tags: list[str]
    option_axes: list[str]
    attributes: dict[str, Any]
    texts: dict[str, dict[str, str]]


class ExportVariant(msgspec.Struct, frozen=True):
    """A variant of a page."""

    product_id: int
    variant_id: int
    sku: str
    status: str
    option_values: list[str]
    attributes: dict[str, Any]
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    position: int
    gtins: list[str]


COLUMNS = Query(
    """
    SELECT
        (SELECT coalesce(array_agg(DISTINCT f.key || ':' || l.key), '{}')
         FROM product, jsonb_each(texts) l, jsonb_each(l.value) f) AS texts,
        (SELECT coalesce(array_agg(DISTINCT key), '{}')
         FROM (SELECT jsonb_object_keys(attributes) AS key FROM product WHERE attributes <> '{}'
               UNION SELECT jsonb_object_keys(attributes) FROM variant WHERE attributes <> '{}') k) AS attributes,
        (SELECT coalesce(array_agg(DISTINCT
             CASE WHEN variant_id IS NULL THEN 'product' ELSE 'variant' END || ':' || kind || ':' || k.key), '{}')
         FROM media, jsonb_object_keys(alt) AS k (key) WHERE alt <> '{}') AS alts,
        (SELECT coalesce(max(cardinality(option_axes)), 0) FROM product) AS axes
    """,
    ExportColumns,
)

PRODUCTS = Query(
    """
    WITH page AS MATERIALIZED (
        SELECT * FROM product WHERE handle > :after::text ORDER BY handle LIMIT :limit::int
    )
    SELECT p.product_id, p.handle, p.status, b.name AS brand, coalesce(t.codes, '{}') AS category_path,
           coalesce(t.names, '[]') AS category_names, f.code AS family, p.tax_category, p.tags, p.option_axes,
           p.attributes, p.texts
    FROM page p
    LEFT JOIN brand b USING (brand_id)
    LEFT JOIN attribute_family f USING (attribute_family_id)
    LEFT JOIN LATERAL (
        WITH RECURSIVE above AS (
            SELECT c.category_id, c.parent_id, c.code, c.names, 0 AS depth FROM category c
            WHERE c.category_id = p.category_id
            UNION ALL
            SELECT c.category_id, c.parent_id, c.code, c.names, a.depth + 1
            FROM category c JOIN above a ON c.category_id = a.parent_id WHERE a.depth < 100
        )
        SELECT array_agg(code ORDER BY depth DESC) AS codes, jsonb_agg(names ORDER BY depth DESC) AS names FROM above
    ) t ON p.category_id IS NOT NULL
    ORDER BY p.handle
    """,
    ExportProduct,
)

VARIANTS = Query(
    """
    SELECT v.product_id, v.variant_id, v.sku, v.status, v.option_values, v.attributes, v.weight_grams, v.length_mm,
           v.width_mm, v.height_mm, v.position,
           coalesce((SELECT array_agg(g.gtin ORDER BY g.gtin) FROM barcode g WHERE g.variant_id = v.variant_id), '{}')
               AS gtins
    FROM variant v WHERE v.product_id = ANY (:product_ids::bigint[])
    ORDER BY v.product_id, v.position, v.variant_id
    """,
    ExportVariant,
)
