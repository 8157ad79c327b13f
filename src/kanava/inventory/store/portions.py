"""Parts of reservations: split off, moved to another line, looked up by cart."""

from kanava.inventory.model import Reservation
from kanava.platform.db import Query, Statement

# Counters do not change: the same units stand in two rows afterwards, so not one of them is free in between.
SPLIT_OFF = Query(
    """
    WITH kept AS (
        UPDATE reservation r SET quantity = r.quantity - g.quantity,
                                 from_ring_fence = r.from_ring_fence - g.from_ring_fence, changed_at = :now::timestamptz
        FROM unnest(:variant_ids::bigint[], :reservation_ids::uuid[], :quantities::int[], :from_ring_fences::int[],
                    :new_ids::uuid[]) AS g (variant_id, reservation_id, quantity, from_ring_fence, new_id)
        WHERE r.variant_id = g.variant_id AND r.reservation_id = g.reservation_id
          AND r.state IN ('held', 'awaited', 'committed') AND r.quantity > g.quantity
        RETURNING r.variant_id, g.new_id, r.location_id, g.quantity, r.state, r.channel_id, g.from_ring_fence,
                  r.cart_id, r.order_id, r.line_no, r.fulfilment_kind, r.expires_at, r.expected_on, r.created_at
    )
    INSERT INTO reservation AS n (variant_id, reservation_id, location_id, quantity, state, channel_id,
                                  from_ring_fence, cart_id, order_id, line_no, fulfilment_kind, expires_at, expected_on,
                                  created_at)
    SELECT * FROM kept
    RETURNING n.variant_id, n.reservation_id, n.location_id, n.quantity, n.state, n.channel_id, n.from_ring_fence,
              n.cart_id, n.order_id, n.line_no, n.fulfilment_kind, n.expires_at, n.expected_on
    """,
    Reservation,
)

MOVE_TO_LINE = Statement("""
    UPDATE reservation r SET line_no = g.line_no, fulfilment_kind = g.fulfilment_kind, changed_at = :now::timestamptz
    FROM unnest(:variant_ids::bigint[], :reservation_ids::uuid[], :line_nos::smallint[], :fulfilment_kinds::text[])
         AS g (variant_id, reservation_id, line_no, fulfilment_kind)
    WHERE r.variant_id = g.variant_id AND r.reservation_id = g.reservation_id
      AND r.state IN ('committed', 'awaited')
""")
