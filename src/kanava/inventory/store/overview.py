"""Statements of head office's pages of stock: goods that are gone, and units of many variants at once."""

import msgspec

from kanava.platform.db import Query


class StockOuts(msgspec.Struct, frozen=True):
    """How many variants that are on sale have no free unit anywhere, of how many that were ever stocked."""

    gone: int
    stocked: int


class VariantUnits(msgspec.Struct, frozen=True):
    """The units of a variant at all places together."""

    sku: str
    on_hand: int
    reserved: int
    incoming: int
    places: int
    free: int


class ListedUnits(VariantUnits, frozen=True):
    """The units of a variant in a list that goes on from its id."""

    variant_id: int


STOCK_OUTS = Query(
    """
    SELECT count(*) FILTER (WHERE s.free <= 0)::int AS gone, count(*)::int AS stocked
    FROM (SELECT variant_id, sum(on_hand - reserved - suppressed) AS free FROM stock_level GROUP BY variant_id) s
    JOIN variant v USING (variant_id) WHERE v.status = 'active'
    """,
    StockOuts,
    seconds_max=20,
)

UNITS_OF = Query(
    """
    SELECT v.sku, coalesce(sum(s.on_hand), 0)::bigint AS on_hand, coalesce(sum(s.reserved), 0)::bigint AS reserved,
           coalesce(sum(s.incoming), 0)::bigint AS incoming, count(*) FILTER (WHERE s.on_hand > 0)::int AS places,
           coalesce(sum(s.on_hand - s.reserved - s.suppressed), 0)::bigint AS free
    FROM variant v LEFT JOIN stock_level s USING (variant_id)
    WHERE v.sku = ANY (:skus::text[]) GROUP BY v.sku LIMIT 500
    """,
    VariantUnits,
)

# Levels are read in the order of their key and no further than the limit; where few fit, that may be all of them.
LIST_UNITS = Query(
    """
    SELECT v.sku, s.on_hand, s.reserved, s.incoming, s.places, s.free, s.variant_id
    FROM (SELECT variant_id, sum(on_hand)::bigint AS on_hand, sum(reserved)::bigint AS reserved,
                 sum(incoming)::bigint AS incoming, count(*) FILTER (WHERE on_hand > 0)::int AS places,
                 sum(on_hand - reserved - suppressed)::bigint AS free
          FROM stock_level WHERE variant_id > :after::bigint GROUP BY variant_id
          HAVING (:least::bigint IS NULL OR sum(on_hand - reserved - suppressed) >= :least::bigint)
             AND (:most::bigint IS NULL OR sum(on_hand - reserved - suppressed) <= :most::bigint)) s
    JOIN variant v USING (variant_id)
    WHERE v.status = 'active' ORDER BY s.variant_id LIMIT :limit::int
    """,
    ListedUnits,
    seconds_max=20,
)
