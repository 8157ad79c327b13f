"""Holds made through the API: reservations without cart or order, found by their id alone."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement


class HoldRow(msgspec.Struct, frozen=True):
    """A hold with its names."""

    variant_id: int
    reservation_id: UUID
    location_id: int
    channel_id: int
    channel: str
    sku: str
    location: str
    quantity: int
    state: str
    from_ring_fence: int
    expires_at: datetime | None
    fulfilment_kind: str | None


_COLUMNS = """r.variant_id, r.reservation_id, r.location_id, r.channel_id, c.code AS channel, v.sku,
              p.code AS location, r.quantity, r.state, r.from_ring_fence, r.expires_at, r.fulfilment_kind"""
_FROM = """reservation r JOIN channel c USING (channel_id) JOIN variant v USING (variant_id)
           JOIN location p USING (location_id)"""

HOLD = Query(
    f"""
    SELECT {_COLUMNS} FROM {_FROM}
    WHERE r.reservation_id = :reservation_id::uuid AND r.order_id IS NULL AND r.cart_id IS NULL
    """,  # noqa: S608
    HoldRow,
)

HOLD_FOR_CHANGE = Query(
    f"""
    SELECT {_COLUMNS} FROM {_FROM}
    WHERE r.reservation_id = :reservation_id::uuid AND r.order_id IS NULL AND r.cart_id IS NULL
    FOR UPDATE OF r
    """,  # noqa: S608
    HoldRow,
)

COMMIT_HOLD = Statement("""
    UPDATE reservation SET state = 'committed', changed_at = :now::timestamptz
    WHERE variant_id = :variant_id::bigint AND reservation_id = :reservation_id::uuid
""")

EXTEND_HOLD = Statement("""
    UPDATE reservation SET expires_at = :expires_at::timestamptz, changed_at = :now::timestamptz
    WHERE variant_id = :variant_id::bigint AND reservation_id = :reservation_id::uuid
""")
