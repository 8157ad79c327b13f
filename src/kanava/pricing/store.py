"""Every SQL statement of pricing. No end of a window is infinity in the tables and None in Python."""

from kanava.platform.db import Query, Statement
from kanava.pricing.records import (
    KnownVariant,
    Overlap,
    PriceInForce,
    PriceListRow,
    PriceRow,
    TaxRate,
)

_LIST_COLUMNS = """
    code, name, currency, tax_inclusive, customer_group, nullif(valid_from, '-infinity') AS valid_from,
    nullif(valid_until, 'infinity') AS valid_until, version, price_list_id
"""

INSERT_PRICE_LIST = Query(
    f"""
    INSERT INTO price_list (code, name, currency, tax_inclusive, customer_group, valid_from, valid_until)
    VALUES (:code::text, :name::text, :currency::text, :tax_inclusive::boolean, :customer_group::text,
            coalesce(:valid_from::timestamptz, '-infinity'), coalesce(:valid_until::timestamptz, 'infinity'))
    ON CONFLICT DO NOTHING
    RETURNING {_LIST_COLUMNS}
    """,  # noqa: S608 - constants of this file
    PriceListRow,
)

PRICE_LIST = Query(
    f"SELECT {_LIST_COLUMNS} FROM price_list WHERE code = :code::text",  # noqa: S608 - constants of this file
    PriceListRow,
)

# One writer of prices at a time per list, so that what is checked is what is written. Readers and foreign keys pass.
PRICE_LIST_FOR_WRITING = Query(
    f"SELECT {_LIST_COLUMNS} FROM price_list WHERE code = :code::text FOR NO KEY UPDATE",  # noqa: S608 - constants of this file
    PriceListRow,
)

UPDATE_PRICE_LIST = Query(
    f"""
    UPDATE price_list
    SET name = :name::text, valid_from = coalesce(:valid_from::timestamptz, '-infinity'),
        valid_until = coalesce(:valid_until::timestamptz, 'infinity'), version = version + 1
    WHERE price_list_id = :price_list_id::bigint
    RETURNING {_LIST_COLUMNS}
    """,  # noqa: S608 - constants of this file
    PriceListRow,
)

PRICE_LISTS_AFTER = Query(
    f"SELECT {_LIST_COLUMNS} FROM price_list WHERE code > :after::text ORDER BY code LIMIT :limit::int",  # noqa: S608 - constants of this file
    PriceListRow,
)

ALL_PRICE_LISTS = Query(
    f"SELECT {_LIST_COLUMNS} FROM price_list ORDER BY price_list_id LIMIT 10000",  # noqa: S608 - constants of this file
    PriceListRow,
)

VARIANTS_BY_SKU = Query(
    "SELECT sku, variant_id FROM variant WHERE sku = ANY (:skus::text[]) LIMIT 10000",
    KnownVariant,
)

# The state after the write: the request's rows, and the stored ones that the request does not replace. In the order of
# their beginnings, any two that overlap have two neighbours between them that overlap, so neighbours are enough.
# Sorted, not joined: a join against arrays of 10,000 is planned from a guess, and took 4 s where this takes 30 ms.
OVERLAPS = Query(
    """
    WITH state AS (
        SELECT DISTINCT ON (variant_id, quantity_from, valid_from)
               position, variant_id, quantity_from, valid_from, valid_until
        FROM (
            SELECT position, variant_id, quantity_from, coalesce(valid_from, '-infinity') AS valid_from,
                   coalesce(valid_until, 'infinity') AS valid_until
            FROM unnest(:positions::int[], :variant_ids::bigint[], :quantities_from::int[],
                        :valid_froms::timestamptz[], :valid_untils::timestamptz[])
                 AS i (position, variant_id, quantity_from, valid_from, valid_until)
            UNION ALL
            SELECT NULL, variant_id, quantity_from, valid_from, valid_until
            FROM price
            WHERE price_list_id = :price_list_id::bigint AND variant_id = ANY (:variant_ids::bigint[])
        ) both_sides
        ORDER BY variant_id, quantity_from, valid_from, position NULLS LAST
    ), neighbours AS (
        SELECT *, lag(position) OVER w AS before_position, lag(valid_from) OVER w AS before_valid_from,
               lag(valid_until) OVER w AS before_valid_until
        FROM state
        WINDOW w AS (PARTITION BY variant_id, quantity_from ORDER BY valid_from)
    )
    SELECT coalesce(position, before_position) AS position,
           CASE WHEN position IS NOT NULL THEN before_position END AS other_position,
           nullif(CASE WHEN position IS NULL THEN valid_from ELSE before_valid_from END, '-infinity')
               AS other_valid_from,
           nullif(CASE WHEN position IS NULL THEN valid_until ELSE before_valid_until END, 'infinity')
               AS other_valid_until
    FROM neighbours
    WHERE before_valid_until > valid_from
    ORDER BY 1
    """,
    Overlap,
)

# Gives the variants whose price is another than before; a row that is there already is not written again.
UPSERT_PRICES = Query(
    """
    INSERT INTO price (price_list_id, variant_id, quantity_from, valid_from, valid_until, amount_minor)
    SELECT :price_list_id::bigint, i.variant_id, i.quantity_from, coalesce(i.valid_from, '-infinity'),
           coalesce(i.valid_until, 'infinity'), i.amount_minor
    FROM unnest(:variant_ids::bigint[], :quantities_from::int[], :valid_froms::timestamptz[],
                :valid_untils::timestamptz[], :amounts_minor::bigint[])
         AS i (variant_id, quantity_from, valid_from, valid_until, amount_minor)
    ORDER BY i.variant_id, i.quantity_from, 4 -- in the order of the key: fewer pages are touched twice
    ON CONFLICT ON CONSTRAINT price_pkey
    DO UPDATE SET valid_until = excluded.valid_until, amount_minor = excluded.amount_minor
    WHERE (price.valid_until, price.amount_minor) IS DISTINCT FROM (excluded.valid_until, excluded.amount_minor)
    RETURNING variant_id
    """,
    int,
)

# `every_window`: whatever its beginning; else the one that begins at `valid_from`.
REMOVE_PRICES = Query(
    """
    DELETE FROM price p
    USING unnest(:variant_ids::bigint[], :quantities_from::int[], :every_window::boolean[],
                 :valid_froms::timestamptz[]) AS k (variant_id, quantity_from, every_window, valid_from)
    WHERE p.price_list_id = :price_list_id::bigint AND p.variant_id = k.variant_id
      AND (k.quantity_from IS NULL OR p.quantity_from = k.quantity_from)
      AND (k.every_window OR p.valid_from = coalesce(k.valid_from, '-infinity'))
    RETURNING p.variant_id
    """,
    int,
)

PRICES_AFTER = Query(
    """
    SELECT p.variant_id, v.sku, p.quantity_from, p.amount_minor, nullif(p.valid_from, '-infinity') AS valid_from,
           nullif(p.valid_until, 'infinity') AS valid_until
    FROM price p JOIN variant v USING (variant_id)
    WHERE p.price_list_id = :price_list_id::bigint
      AND (:sku::text IS NULL OR p.variant_id = (SELECT variant_id FROM variant WHERE sku = :sku))
      AND (:in_force_at::timestamptz IS NULL OR (p.valid_from <= :in_force_at AND p.valid_until > :in_force_at))
      AND p.variant_id >= :after_variant_id::bigint
      AND (p.variant_id, p.quantity_from, p.valid_from)
          > (:after_variant_id, :after_quantity_from::int, coalesce(:after_valid_from::timestamptz, '-infinity'))
    ORDER BY p.variant_id, p.quantity_from, p.valid_from
    LIMIT :limit::int
    """,
    PriceRow,
)

# The hot path: the two arrays go together, one element each per wanted (list, sku). Skus nobody knows give no row.
PRICES_IN_FORCE_SQL = """
    SELECT w.sku, v.variant_id, w.price_list_id, d.tax_category,
           CASE WHEN v.status = 'active' THEN d.status ELSE v.status END AS status,
           coalesce(x.quantities_from, '{}') AS quantities_from, coalesce(x.amounts_minor, '{}') AS amounts_minor,
           v.weight_grams
    FROM unnest(:price_list_ids::bigint[], :skus::text[]) AS w (price_list_id, sku)
    JOIN variant v ON v.sku = w.sku
    JOIN product d ON d.product_id = v.product_id
    LEFT JOIN price_list l ON l.price_list_id = w.price_list_id
        AND l.valid_from <= :now::timestamptz AND l.valid_until > :now
    LEFT JOIN LATERAL (
        SELECT array_agg(p.quantity_from) AS quantities_from, array_agg(p.amount_minor) AS amounts_minor
        FROM price p
        WHERE p.variant_id = v.variant_id AND p.price_list_id = l.price_list_id
          AND p.valid_from <= :now AND p.valid_until > :now
    ) x ON true
"""
PRICES_IN_FORCE = Query(PRICES_IN_FORCE_SQL, PriceInForce)

ALL_TAX_RATES = Query(
    """
    SELECT country, tax_category, nullif(valid_from, '-infinity') AS valid_from, rate_basis_points, source
    FROM tax_rate ORDER BY country, tax_category, tax_rate.valid_from LIMIT 100000
    """,
    TaxRate,
)

TAX_RATES_AFTER = Query(
    """
    SELECT country, tax_category, nullif(valid_from, '-infinity') AS valid_from, rate_basis_points, source
    FROM tax_rate
    WHERE (:country::text IS NULL OR country = :country)
      AND (country, tax_category, valid_from)
          > (:after_country::text, :after_category::text, coalesce(:after_valid_from::date, '-infinity'))
    ORDER BY country, tax_category, tax_rate.valid_from
    LIMIT :limit::int
    """,
    TaxRate,
)

UPSERT_TAX_RATES = Statement("""
    INSERT INTO tax_rate (country, tax_category, valid_from, rate_basis_points, source)
    SELECT r.country, r.tax_category, coalesce(r.valid_from, '-infinity'), r.rate_basis_points, 'api'
    FROM unnest(:countries::text[], :tax_categories::text[], :valid_froms::date[], :rates_basis_points::int[])
         AS r (country, tax_category, valid_from, rate_basis_points)
    ON CONFLICT (country, tax_category, valid_from)
    DO UPDATE SET rate_basis_points = excluded.rate_basis_points, source = excluded.source
""")

REMOVE_TAX_RATE = Statement("""
    DELETE FROM tax_rate
    WHERE country = :country::text AND tax_category = :tax_category::text
      AND valid_from = coalesce(:valid_from::date, '-infinity')
""")

# A rate that nobody has is in force since ever; one that differs from the package's last word follows it from the
# day of the package's figures on. What a person set is left alone.
SEED_TAX_RATES = Statement("""
    INSERT INTO tax_rate (country, tax_category, valid_from, rate_basis_points, source)
    SELECT r.country, r.tax_category, CASE WHEN last.source IS NULL THEN '-infinity' ELSE :as_of::date END,
           r.rate_basis_points, 'package'
    FROM unnest(:countries::text[], :tax_categories::text[], :rates_basis_points::int[])
         AS r (country, tax_category, rate_basis_points)
    LEFT JOIN LATERAL (
        SELECT t.source, t.rate_basis_points FROM tax_rate t
        WHERE t.country = r.country AND t.tax_category = r.tax_category
        ORDER BY t.valid_from DESC LIMIT 1
    ) last ON true
    WHERE last.source IS NULL OR (last.source = 'package' AND last.rate_basis_points <> r.rate_basis_points)
    ON CONFLICT (country, tax_category, valid_from) DO UPDATE SET rate_basis_points = excluded.rate_basis_points
""")

# Prices without a beginning, of one unit: those that a merchandiser sees in a sheet.
PLAIN_PRICES = Query(
    """
    SELECT p.variant_id, v.sku, p.quantity_from, p.amount_minor, nullif(p.valid_from, '-infinity') AS valid_from,
           nullif(p.valid_until, 'infinity') AS valid_until
    FROM price p JOIN variant v USING (variant_id)
    WHERE p.price_list_id = :price_list_id::bigint AND v.sku = ANY (:skus::text[])
      AND p.quantity_from = 1 AND p.valid_from = '-infinity'
    ORDER BY v.sku
    """,
    PriceRow,
)
