"""Finding products by words."""

import msgspec

from kanava.platform.db import Query


class Correction(msgspec.Struct, frozen=True):
    """A word of the vocabulary that may have been meant; `position`: which of the words asked for."""

    position: int
    word: str
    stem: str
    likeness: float


class Matches(msgspec.Struct, frozen=True):
    """Products with their ranks, side by side."""

    product_ids: list[int]
    ranks: list[float]


class ExactVariant(msgspec.Struct, frozen=True):
    """A variant whose sku or barcode was typed."""

    product_id: int
    variant_id: int
    sku: str
    handle: str


class Title(msgspec.Struct, frozen=True):
    """A product's handle and name."""

    product_id: int
    handle: str
    title: str


# For words that nothing is called, in no form and as no beginning: the three most like it, and the one that it becomes
# when two neighbouring letters are swapped. Arrays stand in a SELECT of their own, so that the plan is not made anew
# for each length: that takes longer than to carry it out.
CORRECTIONS = Query(
    """
    SELECT w.position, c.word, c.stem, c.likeness
    FROM unnest((SELECT :positions::int[]), (SELECT :words::text[]), (SELECT :unfinished::bool[]))
         AS w (position, word, unfinished)
    CROSS JOIN LATERAL (
        SELECT k.word, k.stem, 1.0::real AS likeness
        FROM unnest((SELECT :swap_positions::int[]), (SELECT :swaps::text[])) AS s (position, word)
        JOIN search_word k ON k.language = :language::text AND k.word = s.word COLLATE "C"
        WHERE s.position = w.position
        UNION ALL
        (SELECT k.word, k.stem, similarity(k.word, w.word) AS likeness
         FROM search_word k
         WHERE k.language = :language::text AND k.word % w.word
         ORDER BY similarity(k.word, w.word) + CASE WHEN left(k.word, 1) = left(w.word, 1) THEN 0.1 ELSE 0 END DESC,
                  k.word
         LIMIT 3)
    ) c
    WHERE NOT EXISTS (
        SELECT FROM unnest((SELECT :form_positions::int[]), (SELECT :forms::text[])) AS f (position, form)
        WHERE f.position = w.position
          AND (EXISTS (SELECT FROM search_word k WHERE k.language = :language::text
                       AND k.word = f.form COLLATE "C")
               OR EXISTS (SELECT FROM search_word k WHERE k.language = :language::text
                          AND k.stem = f.form COLLATE "C")))
      AND NOT (w.unfinished AND EXISTS (
        SELECT FROM search_word k WHERE k.language = :language::text
        AND k.word >= w.word COLLATE "C" AND k.word < (w.word || chr(1114111)) COLLATE "C"))
      AND c.likeness >= :likeness_min::real
    ORDER BY w.position, c.likeness DESC
    """,
    Correction,
)

# The names rank: title before brand, categories and tags. Values and descriptions find, but do not rank: reading the
# words of a thousand documents would take twenty times as long. The question stands in a SELECT of its own to be read
# once: otherwise the reading of each row's rank begins with it.
MATCHES = Query(
    """
    SELECT coalesce(array_agg(product_id), '{}') AS product_ids, coalesce(array_agg(rank), '{}') AS ranks
    FROM (SELECT product_id, ts_rank('{0, 0, 0.4, 1.0}', names, (SELECT :question::text::tsquery)) AS rank
          FROM search_document WHERE words @@ (SELECT :question::text::tsquery)
          LIMIT :limit::int) found
    """,
    Matches,
)

# The same among names alone.
MATCHES_OF_NAMES = Query(
    """
    SELECT coalesce(array_agg(product_id), '{}') AS product_ids, coalesce(array_agg(rank), '{}') AS ranks
    FROM (SELECT product_id, ts_rank('{0, 0, 0.4, 1.0}', names, (SELECT :question::text::tsquery)) AS rank
          FROM search_document WHERE names @@ (SELECT :question::text::tsquery)
          LIMIT :limit::int) found
    """,
    Matches,
)

EXACT = Query(
    """
    SELECT p.product_id, v.variant_id, v.sku, p.handle
    FROM (SELECT variant_id FROM variant WHERE sku IN (:code::text, :code_in_capitals::text)
          UNION SELECT variant_id FROM barcode WHERE gtin = :gtin::text) found
    JOIN variant v USING (variant_id) JOIN product p USING (product_id)
    WHERE v.status = 'active' AND p.status = 'active'
    LIMIT 5
    """,
    ExactVariant,
)

TITLES = Query(
    """
    SELECT p.product_id, p.handle, d.title FROM search_document d JOIN product p USING (product_id)
    WHERE d.product_id = ANY (:product_ids::bigint[]) AND d.language = :language::text
    """,
    Title,
)
