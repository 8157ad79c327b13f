"""Products as a merchandiser looks for them: filtered, in any order, counted, and many at a time."""

import msgspec

from kanava.catalog.store.products import ProductDetail, VariantDetail
from kanava.platform.db import Query


class FoundProduct(msgspec.Struct, frozen=True):
    """A product that was found, and how many there are in all."""

    handle: str
    total: int


FIND = Query(
    """
    WITH RECURSIVE within AS (
        SELECT category_id FROM category WHERE code = :category::text
        UNION
        SELECT c.category_id FROM category c JOIN within w ON c.parent_id = w.category_id
    ), found AS (
        SELECT p.handle, p.status, p.updated_at, b.name AS brand, c.code AS category,
               lower(coalesce(nullif(p.texts -> :language::text ->> 'title', ''), p.texts -> 'en' ->> 'title',
                              p.handle)) AS title
        FROM product p
        LEFT JOIN brand b USING (brand_id)
        LEFT JOIN category c USING (category_id)
        WHERE (:status::text IS NULL OR p.status = :status)
          AND (:category IS NULL OR p.category_id IN (SELECT category_id FROM within))
          AND (:brand::text IS NULL OR b.name ILIKE :brand)
          AND (:pattern::text IS NULL OR p.handle ILIKE :pattern OR b.name ILIKE :pattern
               OR EXISTS (SELECT FROM jsonb_each(p.texts) t WHERE t.value ->> 'title' ILIKE :pattern)
               OR EXISTS (SELECT FROM variant v WHERE v.product_id = p.product_id AND v.sku ILIKE :pattern))
          AND (:without_title::text IS NULL OR coalesce(p.texts -> :without_title ->> 'title', '') = '')
          AND (NOT :without_picture::boolean
               OR NOT EXISTS (SELECT FROM media m WHERE m.product_id = p.product_id AND m.kind = 'image'))
          AND (NOT :without_gtin::boolean
               OR EXISTS (SELECT FROM variant v WHERE v.product_id = p.product_id AND v.status = 'active'
                          AND NOT EXISTS (SELECT FROM barcode g WHERE g.variant_id = v.variant_id)))
          AND (NOT :without_category::boolean OR p.category_id IS NULL)
    )
    SELECT handle, count(*) OVER () AS total FROM found
    ORDER BY
        CASE WHEN :sort::text = 'changed' AND :descending::boolean THEN updated_at END DESC,
        CASE WHEN :sort = 'changed' AND NOT :descending THEN updated_at END,
        CASE WHEN :descending THEN CASE :sort WHEN 'title' THEN title WHEN 'status' THEN status
             WHEN 'brand' THEN lower(brand) WHEN 'category' THEN category END END DESC NULLS LAST,
        CASE WHEN NOT :descending THEN CASE :sort WHEN 'title' THEN title WHEN 'status' THEN status
             WHEN 'brand' THEN lower(brand) WHEN 'category' THEN category END END NULLS LAST,
        handle
    LIMIT :limit::int OFFSET :offset::int
    """,
    FoundProduct,
)

PRODUCTS_BY_HANDLE = Query(
    """
    SELECT p.product_id, p.handle, p.status, b.name AS brand, c.code AS category, f.code AS family, p.tax_category,
           p.tags, p.option_axes, p.attributes, p.texts, p.version, p.created_at, p.updated_at
    FROM unnest(:handles::text[]) WITH ORDINALITY AS wanted (handle, place)
    JOIN product p USING (handle)
    LEFT JOIN brand b USING (brand_id)
    LEFT JOIN category c USING (category_id)
    LEFT JOIN attribute_family f USING (attribute_family_id)
    ORDER BY wanted.place
    """,
    ProductDetail,
)

VARIANTS_OF = Query(
    """
    SELECT v.variant_id, v.product_id, v.sku, p.handle, v.status, v.option_values,
           coalesce((SELECT array_agg(g.gtin ORDER BY g.gtin) FROM barcode g WHERE g.variant_id = v.variant_id), '{}')
               AS gtins,
           v.attributes, v.weight_grams, v.length_mm, v.width_mm, v.height_mm, p.version, v.updated_at
    FROM variant v JOIN product p USING (product_id)
    WHERE v.product_id = ANY (:product_ids::bigint[])
    ORDER BY v.product_id, v.position, v.variant_id LIMIT 100000
    """,
    VariantDetail,
)

BRANDS_LIKE = Query("SELECT name FROM brand WHERE name ILIKE :pattern::text ORDER BY name LIMIT :limit::int", str)
