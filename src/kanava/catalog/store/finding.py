"""Variants by whatever somebody has of them: a sku, a barcode, words of the title."""

import msgspec

from kanava.platform.db import Query


class FoundVariant(msgspec.Struct, frozen=True):
    """A variant with its title in the language asked for, else in English."""

    sku: str
    handle: str
    title: str
    gtins: list[str]
    for_sale: bool


# Codes first: whoever types one means it.
FIND = Query(
    """
    WITH found AS (
        (SELECT variant_id, 0 AS rank FROM variant WHERE sku = :text::text)
        UNION ALL (SELECT variant_id, 1 FROM barcode WHERE gtin = :gtin::text)
        UNION ALL (SELECT variant_id, 2 FROM variant WHERE sku >= :text AND sku < :text || '~' ORDER BY sku
                   LIMIT :limit::int)
        UNION ALL (SELECT v.variant_id, 3 FROM product p JOIN variant v USING (product_id)
                   WHERE p.texts -> :language::text ->> 'title' ILIKE :pattern::text
                      OR p.texts -> 'en' ->> 'title' ILIKE :pattern
                   ORDER BY p.handle, v.position LIMIT :limit)
    ), best AS (SELECT variant_id, min(rank) AS rank FROM found GROUP BY variant_id)
    SELECT v.sku, p.handle,
           concat_ws(', ', coalesce(nullif(p.texts -> :language ->> 'title', ''), p.texts -> 'en' ->> 'title', v.sku),
                     nullif(array_to_string(v.option_values, ', '), '')) AS title,
           ARRAY(SELECT b.gtin FROM barcode b WHERE b.variant_id = v.variant_id ORDER BY b.gtin) AS gtins,
           v.status = 'active' AND p.status = 'active' AS for_sale
    FROM best JOIN variant v USING (variant_id) JOIN product p USING (product_id)
    ORDER BY best.rank, p.handle, v.position, v.sku LIMIT :limit
    """,
    FoundVariant,
)
