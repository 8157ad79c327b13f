"""What a process holds in memory, and whether it is still so."""

from typing import Any

import msgspec

from kanava.platform.db import Query
from kanava.search.model import SoldProduct
from kanava.search.rules.columns import ProductRow
from kanava.search.store.documents import ValueId


class Versions(msgspec.Struct, frozen=True):
    """The numbers of the settings and of the search rows in force."""

    config: int
    search: int


class PriceColumns(msgspec.Struct, frozen=True):
    """Prices side by side; windows in microseconds."""

    variant_ids: list[int]
    amounts: list[int]
    since: list[int]
    until: list[int]


class SynonymRow(msgspec.Struct, frozen=True):
    """A term of a set."""

    language: str
    set_no: int
    term: str
    term_key: str


class AttributeRow(msgspec.Struct, frozen=True):
    """An attribute as some family defines it."""

    code: str
    definition: dict[str, Any]


VERSIONS = Query("SELECT c.version AS config, s.version AS search FROM config_version c, search_state s", Versions)

WRITTEN = Query(
    """
    SELECT product_id, coalesce(category_id, 0) AS category_id,
           (extract(epoch FROM created_at) * 1000000)::bigint AS created, variant_ids, value_ids, value_variants
    FROM search_product
    WHERE written_in > :seen::bigint AND product_id > :after::bigint
      AND (:seen::bigint > 0 OR cardinality(variant_ids) > 0)
    ORDER BY product_id LIMIT :limit::int
    """,
    ProductRow,
)

# The variants of products of which anything has changed; NULL when these are too many to be named.
CHANGED_VARIANTS = Query(
    """
    SELECT coalesce(array_agg(variant_id), '{}') AS variant_ids
    FROM (SELECT unnest(variant_ids) AS variant_id FROM search_product WHERE changed_in > :seen::bigint
          LIMIT :limit::int) changed
    """,
    list,
)

# `quantity_from` 1: what one unit costs.
PRICES = Query(
    """
    SELECT coalesce(array_agg(variant_id), '{}') AS variant_ids,
           coalesce(array_agg(amount_minor), '{}') AS amounts,
           coalesce(array_agg(CASE WHEN valid_from = '-infinity' THEN -9223372036854775808
                                   ELSE (extract(epoch FROM valid_from) * 1000000)::bigint END), '{}') AS since,
           coalesce(array_agg(CASE WHEN valid_until = 'infinity' THEN 9223372036854775807
                                   ELSE (extract(epoch FROM valid_until) * 1000000)::bigint END), '{}') AS until
    FROM price
    WHERE price_list_id = :price_list_id::bigint AND quantity_from = 1 AND valid_until > :now::timestamptz
      AND (:variant_ids::bigint[] IS NULL OR variant_id = ANY (:variant_ids::bigint[]))
    """,
    PriceColumns,
)

LISTED = Query(
    "SELECT coalesce(array_agg(variant_id), '{}') FROM listing WHERE channel_id = :channel_id::bigint",
    list,
)

VALUES = Query(
    """
    SELECT facet_value_id, facet, value FROM search_facet_value WHERE facet_value_id > :after::int
    ORDER BY facet_value_id
    """,
    ValueId,
)

SYNONYMS = Query(
    "SELECT language, set_no, term, term_key FROM search_synonym ORDER BY language, set_no, position LIMIT 200000",
    SynonymRow,
)

ATTRIBUTES = Query(
    """
    SELECT a.key AS code, a.value AS definition FROM attribute_family f, jsonb_each(f.attributes) a
    ORDER BY a.key, f.attribute_family_id LIMIT 100000
    """,
    AttributeRow,
)

# From one language to the next through the index.
LANGUAGES = Query(
    """
    WITH RECURSIVE known AS (
        (SELECT language FROM search_document ORDER BY language LIMIT 1)
        UNION ALL
        SELECT (SELECT d.language FROM search_document d WHERE d.language > k.language ORDER BY d.language LIMIT 1)
        FROM known k WHERE k.language IS NOT NULL
    )
    SELECT language FROM known WHERE language IS NOT NULL
    """,
    str,
)

NAME_ORDER = Query(
    """
    SELECT coalesce(array_agg(product_id ORDER BY title_key COLLATE "C", product_id), '{}')
    FROM search_document WHERE language = :language::text
    """,
    list,
)

HANDLES = Query(
    """
    SELECT handle, updated_at FROM product WHERE product_id = ANY (:product_ids::bigint[]) ORDER BY product_id
    """,
    SoldProduct,
)
