"""Reservations: held, committed, fulfilled, released, expired."""

from kanava.inventory.model import Reservation
from kanava.platform.db import CopyInto, Query

# The columns in the order of the record.
INSERT_RESERVATIONS = CopyInto(
    "reservation",
    "variant_id",
    "reservation_id",
    "location_id",
    "quantity",
    "state",
    "channel_id",
    "from_ring_fence",
    "cart_id",
    "order_id",
    "line_no",
    "fulfilment_kind",
    "expires_at",
    "expected_on",
)

_COLUMNS = """r.variant_id, r.reservation_id, r.location_id, r.quantity, r.state, r.channel_id, r.from_ring_fence,
              r.cart_id, r.order_id, r.line_no, r.fulfilment_kind, r.expires_at, r.expected_on"""

OF_ORDERS = Query(
    f"""
    SELECT {_COLUMNS} FROM reservation r WHERE r.order_id = ANY (:order_ids::uuid[])
    ORDER BY r.order_id, r.line_no, r.reservation_id LIMIT 20000
    """,  # noqa: S608
    Reservation,
)

OF_CART = Query(
    f"""
    SELECT {_COLUMNS} FROM reservation r WHERE r.cart_id = :cart_id::uuid AND r.state = 'held'
    ORDER BY r.line_no, r.reservation_id LIMIT 2000
    """,  # noqa: S608
    Reservation,
)

LIVE_HOLDS_OF_CARTS = Query(
    f"""
    SELECT {_COLUMNS} FROM reservation r
    WHERE r.cart_id = ANY (:cart_ids::uuid[]) AND r.state = 'held' AND r.expires_at > :now::timestamptz
    """,  # noqa: S608
    Reservation,
)

# The holds that EXPIRE_HOLDS_OF would end.
DUE_HOLDS_OF = Query(
    f"""
    SELECT {_COLUMNS} FROM reservation r
    WHERE r.variant_id = ANY (:variant_ids::bigint[]) AND r.state = 'held' AND r.expires_at <= :now::timestamptz
    """,  # noqa: S608
    Reservation,
)

# One guarded statement: whoever changes the state first gets the rows, and with them the counters to give back.
EXPIRE_HOLDS_OF = Query(
    f"""
    UPDATE reservation r SET state = 'expired', changed_at = :now::timestamptz
    WHERE r.variant_id = ANY (:variant_ids::bigint[]) AND r.state = 'held' AND r.expires_at <= :now::timestamptz
    RETURNING {_COLUMNS}
    """,  # noqa: S608
    Reservation,
)

EXPIRE_DUE_HOLDS = Query(
    f"""
    UPDATE reservation r SET state = 'expired', changed_at = :now::timestamptz
    FROM (SELECT variant_id, reservation_id FROM reservation
          WHERE state = 'held' AND expires_at <= :now::timestamptz
          ORDER BY variant_id, expires_at LIMIT :limit::int) due
    WHERE r.variant_id = due.variant_id AND r.reservation_id = due.reservation_id AND r.state = 'held'
    RETURNING {_COLUMNS}
    """,  # noqa: S608
    Reservation,
)

# Moves reservations from one of the allowed states to another; a row that is not returned was no longer there.
CHANGE_STATE = Query(
    f"""
    UPDATE reservation r SET state = :state::text, changed_at = :now::timestamptz
    FROM unnest(:variant_ids::bigint[], :reservation_ids::uuid[]) AS k (variant_id, reservation_id)
    WHERE r.variant_id = k.variant_id AND r.reservation_id = k.reservation_id
      AND r.state = ANY (:from_states::text[])
    RETURNING {_COLUMNS}
    """,  # noqa: S608
    Reservation,
)
