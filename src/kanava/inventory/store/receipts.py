"""Goods that come in."""

from kanava.inventory.model import ChangedLevel
from kanava.platform.db import Query

# Level and ledger in one statement; rows of the same level are added up first.
RECEIVE = Query(
    """
    WITH given AS MATERIALIZED (
        SELECT g.variant_id, g.location_id, sum(g.quantity)::int AS quantity
        FROM unnest(:variant_ids::bigint[], :location_ids::bigint[], :quantities::int[])
             AS g (variant_id, location_id, quantity)
        GROUP BY g.variant_id, g.location_id
        ORDER BY g.variant_id, g.location_id
    ), ledger AS (
        INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, on_hand_delta, reference, actor,
                                    recorded_at)
        SELECT variant_id, gen_random_uuid(), location_id, 'receipt', quantity, :reference::text, :actor::text,
               :now::timestamptz
        FROM given
    )
    INSERT INTO stock_level AS l (variant_id, location_id, on_hand)
    SELECT variant_id, location_id, quantity FROM given
    ON CONFLICT (variant_id, location_id) DO UPDATE SET
        on_hand = l.on_hand + excluded.on_hand,
        shortfall = least(l.shortfall, greatest(0, l.reserved - l.on_hand - excluded.on_hand))
    RETURNING l.variant_id, l.location_id, l.on_hand, l.reserved, l.safety_stock, l.incoming
    """,
    ChangedLevel,
)
