"""What a page shows of its products, and which of their variants are in stock."""

import msgspec

from kanava.platform.db import Query


class PageProduct(msgspec.Struct, frozen=True):
    """A product as a card shows it; pictures in order, those of the product first."""

    product_id: int
    handle: str
    title: str
    brand: str | None
    category: str | None
    image_urls: list[str]
    image_variants: list[int]
    image_alts: list[str]


class PageVariant(msgspec.Struct, frozen=True):
    """A variant as a card needs it; `colour` is its value on the axis called colour, `hex` from its attributes.

    `in_stock`: anywhere; `here`: at the place asked for, None without one.
    """

    variant_id: int
    sku: str
    colour: str | None
    hex: str | None
    in_stock: bool
    here: bool | None


PRODUCTS = Query(
    """
    SELECT p.product_id, p.handle, coalesce(d.title, e.title, p.handle) AS title, b.name AS brand, c.code AS category,
           coalesce(m.urls, '{}') AS image_urls, coalesce(m.variants, '{}') AS image_variants,
           coalesce(m.alts, '{}') AS image_alts
    FROM unnest(:product_ids::bigint[]) AS w (product_id)
    JOIN product p USING (product_id)
    LEFT JOIN brand b USING (brand_id) LEFT JOIN category c USING (category_id)
    LEFT JOIN search_document d ON d.product_id = w.product_id AND d.language = :language::text
    LEFT JOIN search_document e ON e.product_id = w.product_id AND e.language = :other_language::text
    LEFT JOIN LATERAL (
        SELECT array_agg(i.url) AS urls, array_agg(coalesce(i.variant_id, 0)) AS variants,
               array_agg(coalesce(i.alt ->> :language::text, '')) AS alts
        FROM (SELECT url, variant_id, alt FROM media
              WHERE product_id = w.product_id AND kind = 'image'
              ORDER BY variant_id NULLS FIRST, position LIMIT 40) i
    ) m ON true
    """,
    PageProduct,
)

# The rule of `inventory.rules.available`: units that the channel may take of a level, safety stock left alone. What is
# rare (a ring-fence, an expired hold, a threshold of a variant) is looked up only at levels that can have it.
_UNITS = """
    l.on_hand - l.reserved - l.ring_fenced - l.safety_stock - l.suppressed
    + CASE WHEN l.ring_fenced > 0 THEN coalesce((
          SELECT r.remaining FROM stock_ring_fence r WHERE r.variant_id = l.variant_id
          AND r.location_id = l.location_id AND r.channel_id = :channel_id::bigint), 0) ELSE 0 END
    + CASE WHEN l.reserved > 0 THEN coalesce((
          SELECT sum(h.quantity - CASE WHEN h.channel_id = :channel_id::bigint THEN 0 ELSE h.from_ring_fence END)
          FROM reservation h WHERE h.variant_id = l.variant_id AND h.location_id = l.location_id
          AND h.state = 'held' AND h.expires_at <= :now::timestamptz), 0) ELSE 0 END
    > coalesce(
        CASE WHEN :any_threshold::bool THEN (
            SELECT t.threshold FROM stock_threshold t WHERE t.variant_id = l.variant_id
            AND t.channel_id = :channel_id::bigint AND t.location_id IN (l.location_id, 0)
            ORDER BY t.location_id DESC LIMIT 1) END,
        (:own_thresholds::int[])[array_position(:own_location_ids::bigint[], l.location_id)],
        :threshold::int)
"""

# Levels of a variant lie side by side: they are read in turn until one has something to give (`+ 0`: not searched
# place by place).
_ANYWHERE = f"""
    coalesce((
        SELECT true FROM stock_level l
        WHERE l.variant_id = w.variant_id AND l.on_hand > 0 AND l.location_id + 0 = ANY (:location_ids::bigint[])
          AND {_UNITS}
        LIMIT 1), false)
"""  # noqa: S608 -- constants of this file
_HERE = f"""
    coalesce((
        SELECT true FROM stock_level l
        WHERE l.variant_id = w.variant_id AND l.on_hand > 0 AND l.location_id = :location_id::bigint
          AND {_UNITS}
        LIMIT 1), false)
"""  # noqa: S608 -- constants of this file

_OF_VARIANTS = "SELECT w.variant_id FROM unnest(:variant_ids::bigint[]) AS w (variant_id)"
STOCKED = Query(f"{_OF_VARIANTS} WHERE {_ANYWHERE}", int)
STOCKED_AT = Query(f"{_OF_VARIANTS} WHERE {_HERE}", int)

VARIANTS = Query(
    f"""
    SELECT w.variant_id, w.sku,
           w.option_values[coalesce(array_position(p.option_axes, 'colour'), array_position(p.option_axes, 'color'),
                                    array_position(p.option_axes, 'Colour'), array_position(p.option_axes, 'Color'))]
               AS colour,
           w.attributes ->> 'colour_hex' AS hex,
           {_ANYWHERE} AS in_stock,
           CASE WHEN :location_id::bigint IS NOT NULL THEN {_HERE} END AS here
    FROM variant w JOIN product p USING (product_id)
    WHERE w.variant_id = ANY (:variant_ids::bigint[])
    ORDER BY w.product_id, w.position, w.variant_id
    """,  # noqa: S608 -- constants of this file
    PageVariant,
)
