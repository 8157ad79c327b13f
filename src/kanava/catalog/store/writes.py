"""Writing products, variants, barcodes and media in sets: one statement per kind of row.

Lists inside a row travel as one text with the unit separator between the items, because `unnest` flattens an array
of arrays; no text of ours may hold that character.
"""

import msgspec

from kanava.platform.db import Query, Statement

SEPARATOR = "\x1f"


class ProductId(msgspec.Struct, frozen=True):
    """A new product's id."""

    handle: str
    product_id: int


class VariantId(msgspec.Struct, frozen=True):
    """A new variant's id."""

    sku: str
    variant_id: int


ADD_BRANDS = Statement("""
    INSERT INTO brand (name) SELECT n.name FROM unnest(:names::text[]) AS n (name) ORDER BY n.name
    ON CONFLICT DO NOTHING
""")

ADD_CATEGORIES = Statement("""
    INSERT INTO category (code, names)
    SELECT n.code, n.names::jsonb FROM unnest(:codes::text[], :names::text[]) AS n (code, names) ORDER BY n.code
    ON CONFLICT DO NOTHING
""")

PLACE_CATEGORIES = Statement("""
    UPDATE category SET parent_id = p.category_id
    FROM unnest(:codes::text[], :parents::text[]) AS n (code, parent) JOIN category p ON p.code = n.parent
    WHERE category.code = n.code AND category.parent_id IS NULL
""")

INSERT_PRODUCTS = Query(
    """
    INSERT INTO product (handle, status, brand_id, category_id, attribute_family_id, tax_category, tags, option_axes,
                         attributes, texts, created_at, updated_at)
    SELECT n.handle, n.status, b.brand_id, c.category_id, f.attribute_family_id, n.tax_category,
           string_to_array(n.tags, E'\\x1f'), string_to_array(n.option_axes, E'\\x1f'),
           n.attributes::jsonb, n.texts::jsonb, :now::timestamptz, :now
    FROM unnest(:handles::text[], :statuses::text[], :brands::text[], :categories::text[], :families::text[],
                :tax_categories::text[], :tags::text[], :option_axes::text[], :attributes::text[], :texts::text[])
         AS n (handle, status, brand, category, family, tax_category, tags, option_axes, attributes, texts)
    LEFT JOIN brand b ON b.name = n.brand
    LEFT JOIN category c ON c.code = n.category
    LEFT JOIN attribute_family f ON f.code = n.family
    RETURNING handle, product_id
    """,
    ProductId,
)

UPDATE_PRODUCTS = Statement("""
    UPDATE product SET
        status = n.status, brand_id = b.brand_id, category_id = c.category_id,
        attribute_family_id = f.attribute_family_id, tax_category = n.tax_category,
        tags = string_to_array(n.tags, E'\\x1f'), option_axes = string_to_array(n.option_axes, E'\\x1f'),
        attributes = n.attributes::jsonb, texts = n.texts::jsonb, version = version + 1, updated_at = :now::timestamptz
    FROM unnest(:product_ids::bigint[], :statuses::text[], :brands::text[], :categories::text[], :families::text[],
                :tax_categories::text[], :tags::text[], :option_axes::text[], :attributes::text[], :texts::text[])
         AS n (product_id, status, brand, category, family, tax_category, tags, option_axes, attributes, texts)
    LEFT JOIN brand b ON b.name = n.brand
    LEFT JOIN category c ON c.code = n.category
    LEFT JOIN attribute_family f ON f.code = n.family
    WHERE product.product_id = n.product_id
""")

INSERT_VARIANTS = Query(
    """
    INSERT INTO variant (product_id, sku, status, option_values, attributes, weight_grams, length_mm, width_mm,
                         height_mm, position, updated_at)
    SELECT n.product_id, n.sku, n.status, string_to_array(n.option_values, E'\\x1f'), n.attributes::jsonb,
           n.weight_grams, n.length_mm, n.width_mm, n.height_mm, n.position, :now::timestamptz
    FROM unnest(:product_ids::bigint[], :skus::text[], :statuses::text[], :option_values::text[], :attributes::text[],
                :weights::int[], :lengths::int[], :widths::int[], :heights::int[], :positions::int[])
         AS n (product_id, sku, status, option_values, attributes, weight_grams, length_mm, width_mm, height_mm,
               position)
    RETURNING sku, variant_id
    """,
    VariantId,
)

UPDATE_VARIANTS = Statement("""
    UPDATE variant SET
        status = n.status, option_values = string_to_array(n.option_values, E'\\x1f'), attributes = n.attributes::jsonb,
        weight_grams = n.weight_grams, length_mm = n.length_mm, width_mm = n.width_mm, height_mm = n.height_mm,
        position = n.position, updated_at = :now::timestamptz
    FROM unnest(:variant_ids::bigint[], :statuses::text[], :option_values::text[], :attributes::text[],
                :weights::int[], :lengths::int[], :widths::int[], :heights::int[], :positions::int[])
         AS n (variant_id, status, option_values, attributes, weight_grams, length_mm, width_mm, height_mm, position)
    WHERE variant.variant_id = n.variant_id
""")

DELETE_GTINS = Statement("DELETE FROM barcode WHERE gtin = ANY (:gtins::text[])")

INSERT_GTINS = Statement("""
    INSERT INTO barcode (gtin, variant_id)
    SELECT n.gtin, n.variant_id FROM unnest(:gtins::text[], :variant_ids::bigint[]) AS n (gtin, variant_id)
""")

DELETE_MEDIA = Statement("DELETE FROM media WHERE media_id = ANY (:media_ids::bigint[])")

INSERT_MEDIA = Statement("""
    INSERT INTO media (product_id, variant_id, kind, url, alt, position)
    SELECT n.product_id, n.variant_id, n.kind, n.url, n.alt::jsonb, n.position
    FROM unnest(:product_ids::bigint[], :variant_ids::bigint[], :kinds::text[], :urls::text[], :alts::text[],
                :positions::int[]) AS n (product_id, variant_id, kind, url, alt, position)
""")

UPDATE_MEDIA = Statement("""
    UPDATE media SET kind = n.kind, alt = n.alt::jsonb, position = n.position
    FROM unnest(:media_ids::bigint[], :kinds::text[], :alts::text[], :positions::int[])
         AS n (media_id, kind, alt, position)
    WHERE media.media_id = n.media_id
""")
