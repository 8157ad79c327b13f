"""How variants are shown where only their skus are known: in carts and orders."""

from kanava.catalog.model import VariantShown
from kanava.platform.db import Query

# The first of the languages that has a text; a variant's own picture before those of its product.
SHOWN = Query(
    """
    SELECT v.sku, p.handle, p.status = 'active' AND v.status = 'active' AS for_sale,
           coalesce((SELECT nullif(p.texts -> l.tag ->> 'title', '') FROM unnest(:languages::text[])
                     WITH ORDINALITY AS l (tag, rank) WHERE nullif(p.texts -> l.tag ->> 'title', '') IS NOT NULL
                     ORDER BY l.rank LIMIT 1), v.sku) AS title,
           ARRAY(SELECT coalesce((SELECT nullif(n.names ->> l.tag, '') FROM option_name n,
                                         unnest(:languages::text[]) WITH ORDINALITY AS l (tag, rank)
                                  WHERE n.axis = o.axis AND n.value = o.value AND n.names ? l.tag
                                  ORDER BY l.rank LIMIT 1), o.value)
                 FROM unnest(p.option_axes, v.option_values) WITH ORDINALITY AS o (axis, value, place)
                 WHERE o.value IS NOT NULL ORDER BY o.place) AS options,
           (SELECT m.url FROM media m
            WHERE m.product_id = p.product_id AND m.kind = 'image'
              AND (m.variant_id = v.variant_id OR m.variant_id IS NULL)
            ORDER BY m.variant_id NULLS LAST, m.position, m.media_id LIMIT 1) AS image_url
    FROM variant v JOIN product p USING (product_id)
    WHERE v.sku = ANY (:skus::text[])
    """,
    VariantShown,
)
