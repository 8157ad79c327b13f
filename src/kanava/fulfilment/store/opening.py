"""Statements that make fulfilments agree with what orders have committed: for many orders at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.db import Query


class OrderFacts(msgspec.Struct, frozen=True):
    """What a fulfilment takes over from its order."""

    order_id: UUID
    number: int
    channel_id: int
    channel: str
    status: str
    placed_at: datetime
    promises: list[Any]


class CommittedUnits(msgspec.Struct, frozen=True):
    """Units of a line that are committed at one place; `fulfilled` of the whole line have left the house."""

    order_id: UUID
    line_no: int
    location_id: int
    kind: str
    variant_id: int
    sku: str
    quantity: int


class LeftUnits(msgspec.Struct, frozen=True):
    """Units of a line that have left the house."""

    order_id: UUID
    line_no: int
    quantity: int


# In the order of their ids: every change of one order waits here, and two consumers could not meet crosswise.
LOCK_ORDERS = Query(
    """
    SELECT o.order_id, o.number, o.channel_id, c.code AS channel, o.status, o.placed_at, o.promises
    FROM sales_order o JOIN channel c USING (channel_id)
    WHERE o.order_id = ANY (:order_ids::uuid[]) ORDER BY o.order_id
    FOR NO KEY UPDATE OF o
    """,
    OrderFacts,
)

COMMITTED = Query(
    """
    SELECT r.order_id, r.line_no, r.location_id, r.fulfilment_kind AS kind, r.variant_id, l.sku,
           sum(r.quantity)::int AS quantity
    FROM reservation r JOIN order_line l ON l.order_id = r.order_id AND l.line_no = r.line_no
    WHERE r.order_id = ANY (:order_ids::uuid[]) AND r.state = 'committed'
      AND r.fulfilment_kind IN ('ship', 'pickup', 'curbside')
    GROUP BY r.order_id, r.line_no, r.location_id, r.fulfilment_kind, r.variant_id, l.sku
    """,
    CommittedUnits,
)


LEFT = Query(
    """
    SELECT order_id, line_no, quantity_fulfilled AS quantity FROM order_line
    WHERE order_id = ANY (:order_ids::uuid[]) AND quantity_fulfilled > 0
    """,
    LeftUnits,
)
