"""Units that somebody could not find or found broken."""

import msgspec

from kanava.platform.db import Query


class SuppressedLevel(msgspec.Struct, frozen=True):
    """A level of which units were suppressed, or of which none are any more."""

    variant_id: int
    location_id: int
    on_hand: int
    reserved: int
    safety_stock: int
    incoming: int
    suppressed: int


# Either so many more (`units`), or all on hand but those that are known to be there (`all_but`). By key, nested loop:
# locked in the order of the arrays, which come sorted.
SUPPRESS = Query(
    """
    UPDATE stock_level l SET suppressed = greatest(l.suppressed, least(l.on_hand, CASE
        WHEN g.all_but IS NULL THEN l.suppressed + g.units ELSE l.on_hand - g.all_but END))
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :units::int[], :all_buts::int[])
         AS g (variant_id, location_id, units, all_but)
    WHERE l.variant_id = g.variant_id AND l.location_id = g.location_id
    RETURNING l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.incoming, l.suppressed
    """,
    SuppressedLevel,
)

COUNTED = Query(
    """
    UPDATE stock_level l SET suppressed = 0
    FROM unnest(:variant_ids::bigint[]) AS g (variant_id)
    WHERE l.variant_id = g.variant_id AND l.location_id = :location_id::bigint AND l.suppressed > 0
    RETURNING l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.incoming, 0 AS suppressed
    """,
    SuppressedLevel,
)

LEVELS = Query(
    """
    SELECT l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.incoming, l.suppressed
    FROM unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS g (variant_id, location_id)
    JOIN stock_level l ON l.variant_id = g.variant_id AND l.location_id = g.location_id
    """,
    SuppressedLevel,
)
