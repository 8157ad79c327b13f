"""Writing what products are found by."""

import msgspec

from kanava.platform.db import Query, Statement


class ValueId(msgspec.Struct, frozen=True):
    """The number of a facet's value."""

    facet_value_id: int
    facet: str
    value: str


# Locked until the writer commits: whoever sees the number sees all rows that carry it, or a smaller one.
RAISE_VERSION = Query("UPDATE search_state SET version = version + 1 RETURNING version", int)

ADD_VALUES = Statement(
    """
    INSERT INTO search_facet_value (facet, value)
    SELECT n.facet, n.value FROM unnest(:facets::text[], :values::text[]) AS n (facet, value)
    WHERE NOT EXISTS (SELECT FROM search_facet_value k WHERE k.facet = n.facet AND k.value = n.value)
    ON CONFLICT DO NOTHING
    """
)
VALUE_IDS = Query(
    """
    SELECT k.facet_value_id, k.facet, k.value
    FROM search_facet_value k JOIN unnest(:facets::text[], :values::text[]) AS n (facet, value) USING (facet, value)
    """,
    ValueId,
)

# Arrays of arrays travel as JSON: PostgreSQL's own must be rectangles.
PUT_PRODUCTS = Statement(
    """
    INSERT INTO search_product (product_id, changed_in, written_in, category_id, created_at, variant_ids, value_ids,
                                value_variants)
    SELECT p.product_id, :version::bigint, :version, p.category_id, p.created_at, p.variant_ids, p.value_ids,
           p.value_variants
    FROM jsonb_to_recordset(:products::jsonb) AS p (product_id bigint, category_id bigint, created_at timestamptz,
        variant_ids bigint[], value_ids integer[], value_variants smallint[])
    ON CONFLICT (product_id) DO UPDATE
    SET changed_in = excluded.changed_in, written_in = excluded.written_in, category_id = excluded.category_id,
        created_at = excluded.created_at, variant_ids = excluded.variant_ids, value_ids = excluded.value_ids,
        value_variants = excluded.value_variants
    """
)

# What is not for sale any more stays as a row without variants, so that every process hears of it.
CLEAR_PRODUCTS = Statement(
    """
    UPDATE search_product
    SET changed_in = :version::bigint, written_in = :version, variant_ids = '{}', value_ids = '{}',
        value_variants = '{}'
    WHERE product_id = ANY (:product_ids::bigint[]) AND product_id <> ALL (:except_ids::bigint[])
    """
)

TOUCH_PRODUCTS = Statement(
    "UPDATE search_product SET changed_in = :version::bigint WHERE product_id = ANY (:product_ids::bigint[])"
)

REMOVE_DOCUMENTS = Statement(
    """
    DELETE FROM search_document d
    WHERE d.product_id = ANY (:product_ids::bigint[])
      AND NOT EXISTS (SELECT FROM unnest(:kept_ids::bigint[], :kept_languages::text[]) AS k (product_id, language)
                      WHERE k.product_id = d.product_id AND k.language = d.language)
    """
)

# Language by language: those of one language share pages, and a question reads thousands.
PUT_DOCUMENTS = Statement(
    """
    INSERT INTO search_document (product_id, language, title, title_key, words, names)
    SELECT d.product_id, d.language, d.title, d.title_key, d.words::tsvector, d.names::tsvector
    FROM unnest(:product_ids::bigint[], :languages::text[], :titles::text[], :title_keys::text[], :words::text[],
                :names::text[]) AS d (product_id, language, title, title_key, words, names)
    ORDER BY d.language, d.product_id
    ON CONFLICT (product_id, language) DO UPDATE
    SET title = excluded.title, title_key = excluded.title_key, words = excluded.words, names = excluded.names
    WHERE (search_document.title, search_document.words, search_document.names)
          IS DISTINCT FROM (excluded.title, excluded.words, excluded.names)
    """
)

ADD_WORDS = Statement(
    """
    INSERT INTO search_word (language, word, stem)
    SELECT n.language, n.word, n.stem
    FROM unnest(:languages::text[], :words::text[], :stems::text[]) AS n (language, word, stem)
    WHERE NOT EXISTS (SELECT FROM search_word k WHERE k.language = n.language AND k.word = n.word)
    ON CONFLICT DO NOTHING
    """
)

REMOVE_WORDS = Statement("DELETE FROM search_word")
ANALYSE = tuple(
    Statement(f"ANALYZE {table}")
    for table in ("search_product", "search_document", "search_facet_value", "search_word")
)
