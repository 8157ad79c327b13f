"""Reading products and variants for people and programs."""

from datetime import datetime
from typing import Any

import msgspec

from kanava.catalog.model import ProductSummary
from kanava.platform.db import Query


class ProductDetail(msgspec.Struct, frozen=True):
    """A product's own columns with its times."""

    product_id: int
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
    version: int
    created_at: datetime
    updated_at: datetime


class VariantDetail(msgspec.Struct, frozen=True):
    """A variant with its barcodes and times."""

    variant_id: int
    product_id: int
    sku: str
    handle: str
    status: str
    option_values: list[str]
    gtins: list[str]
    attributes: dict[str, Any]
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    version: int
    updated_at: datetime


LIST = Query(
    """
    WITH RECURSIVE within AS (
        SELECT category_id FROM category WHERE code = :category::text
        UNION
        SELECT c.category_id FROM category c JOIN within w ON c.parent_id = w.category_id
    )
    SELECT p.handle, p.status, b.name AS brand, c.code AS category,
           (SELECT coalesce(jsonb_object_agg(t.key, t.value ->> 'title') FILTER (WHERE t.value ? 'title'), '{}')
            FROM jsonb_each(p.texts) t) AS titles,
           (SELECT m.url FROM media m WHERE m.product_id = p.product_id AND m.kind = 'image'
            ORDER BY m.variant_id NULLS FIRST, m.position LIMIT 1) AS image_url,
           (SELECT count(*) FROM variant v WHERE v.product_id = p.product_id AND v.status = 'active') AS variant_count,
           p.version, p.updated_at
    FROM product p
    LEFT JOIN brand b USING (brand_id)
    LEFT JOIN category c USING (category_id)
    WHERE (:after::text IS NULL OR p.handle > :after)
      AND (:status::text IS NULL OR p.status = :status)
      AND (:category IS NULL OR p.category_id IN (SELECT category_id FROM within))
      AND (:brand::text IS NULL OR b.name = :brand)
      AND (:pattern::text IS NULL OR p.handle ILIKE :pattern OR b.name ILIKE :pattern
           OR EXISTS (SELECT FROM jsonb_each(p.texts) t WHERE t.value ->> 'title' ILIKE :pattern)
           OR EXISTS (SELECT FROM variant v WHERE v.product_id = p.product_id AND v.sku ILIKE :pattern))
    ORDER BY p.handle
    LIMIT :limit::int
    """,
    ProductSummary,
)

GET = Query(
    """
    SELECT p.product_id, p.handle, p.status, b.name AS brand, c.code AS category, f.code AS family, p.tax_category,
           p.tags, p.option_axes, p.attributes, p.texts, p.version, p.created_at, p.updated_at
    FROM product p
    LEFT JOIN brand b USING (brand_id)
    LEFT JOIN category c USING (category_id)
    LEFT JOIN attribute_family f USING (attribute_family_id)
    WHERE p.handle = :handle::text
    """,
    ProductDetail,
)

_VARIANT = """
    SELECT v.variant_id, v.product_id, v.sku, p.handle, v.status, v.option_values,
           coalesce((SELECT array_agg(g.gtin ORDER BY g.gtin) FROM barcode g WHERE g.variant_id = v.variant_id), '{}')
               AS gtins,
           v.attributes, v.weight_grams, v.length_mm, v.width_mm, v.height_mm, p.version, v.updated_at
    FROM variant v JOIN product p USING (product_id)
"""
VARIANTS = Query(
    _VARIANT + "WHERE v.product_id = :product_id::bigint ORDER BY v.position, v.variant_id LIMIT 100000", VariantDetail
)
VARIANT = Query(_VARIANT + "WHERE v.sku = :sku::text", VariantDetail)
_WITH_GTIN = """
    WHERE v.variant_id IN (SELECT variant_id FROM barcode WHERE gtin = ANY (:gtins::text[])) ORDER BY v.sku LIMIT 500
"""
VARIANTS_BY_GTIN = Query(_VARIANT + _WITH_GTIN, VariantDetail)
