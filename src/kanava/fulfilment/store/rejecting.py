"""Statements about units that places could not give."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query


class RejectedAt(msgspec.Struct, frozen=True):
    """A place that could not give units of a line."""

    line_no: int
    location_id: int


# Places that said so of this order lately are not asked again.
REJECTED_AT = Query(
    """
    SELECT DISTINCT line_no, location_id FROM fulfilment_rejection
    WHERE order_id = :order_id::uuid AND outcome = 'moved' AND recorded_at > :since::timestamptz
    """,
    RejectedAt,
)


class UnitsAt(msgspec.Struct, frozen=True):
    """Units of a variant at a place."""

    variant_id: int
    units: int


# What people hold in their hands is there, whoever cannot find more of it.
PICKED_AT = Query(
    """
    SELECT l.variant_id, sum(l.quantity_picked - l.quantity_done)::int AS units
    FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id)
    WHERE f.location_id = :location_id::bigint AND f.state IN ('open', 'picking', 'picked', 'packed', 'ready')
      AND l.variant_id = ANY (:variant_ids::bigint[])
    GROUP BY l.variant_id
    """,
    UnitsAt,
)

STUCK_AT = Query(
    """
    SELECT l.variant_id, sum(l.quantity - l.quantity_ended - l.quantity_picked)::int AS units
    FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id)
    WHERE f.location_id = :location_id::bigint AND f.stuck_since IS NOT NULL AND f.state IN ('open', 'picking')
      AND l.variant_id = ANY (:variant_ids::bigint[])
    GROUP BY l.variant_id
    """,
    UnitsAt,
)


class OpenTask(msgspec.Struct, frozen=True):
    """Units of a variant that a fulfilment has still to pick."""

    fulfilment_id: UUID
    line_no: int
    units: int


# Those with the most time left give way: the first to leave keep what is there.
OPEN_TASKS = Query(
    """
    SELECT f.fulfilment_id, l.line_no, l.quantity - l.quantity_ended - l.quantity_picked AS units
    FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id)
    WHERE f.location_id = :location_id::bigint AND f.state IN ('open', 'picking') AND f.stuck_since IS NULL
      AND NOT f.on_hold AND l.variant_id = :variant_id::bigint
      AND l.quantity - l.quantity_ended - l.quantity_picked > 0
    ORDER BY f.work_by DESC, f.fulfilment_id DESC LIMIT 500
    """,
    OpenTask,
)


class Unpicked(msgspec.Struct, frozen=True):
    """A fulfilment of which nothing is picked."""

    fulfilment_id: UUID
    kind: str
    work_by: datetime
    units_to_pick: int


UNPICKED_AT = Query(
    """
    SELECT f.fulfilment_id, f.kind, f.work_by, f.units_to_pick FROM fulfilment f
    WHERE f.location_id = :location_id::bigint AND f.state IN ('open', 'picking') AND f.units_to_pick > 0
      AND f.stuck_reason IS DISTINCT FROM 'closed' AND NOT f.on_hold
      AND NOT EXISTS (SELECT FROM fulfilment_line l WHERE l.order_id = f.order_id
                      AND l.fulfilment_id = f.fulfilment_id AND l.quantity_picked > 0)
    ORDER BY f.work_by, f.fulfilment_id LIMIT 5000
    """,
    Unpicked,
)

PLACES_WITH_UNPICKED = Query(
    """
    SELECT p.location_id FROM location p
    WHERE (:codes::text[] IS NULL OR p.code = ANY (:codes::text[]))
      AND EXISTS (SELECT FROM fulfilment f WHERE f.location_id = p.location_id AND f.state IN ('open', 'picking')
                  AND f.units_to_pick > 0)
    ORDER BY p.location_id LIMIT 10000
    """,
    int,
)


class StuckClosed(msgspec.Struct, frozen=True):
    """A fulfilment whose place was closed for it."""

    fulfilment_id: UUID
    location_id: int
    kind: str
    work_by: datetime


STUCK_CLOSED = Query(
    """
    SELECT fulfilment_id, location_id, kind, work_by FROM fulfilment
    WHERE stuck_since IS NOT NULL AND stuck_reason = 'closed' AND state IN ('open', 'picking') AND NOT on_hold
    ORDER BY stuck_since LIMIT 10000
    """,
    StuckClosed,
)

STUCK = Query(
    """
    SELECT fulfilment_id FROM fulfilment
    WHERE stuck_since IS NOT NULL AND state IN ('open', 'picking')
    ORDER BY stuck_since LIMIT :limit::int
    """,
    UUID,
)

STUCK_FOR_SKUS = Query(
    """
    SELECT DISTINCT f.fulfilment_id
    FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id)
    WHERE f.stuck_since IS NOT NULL AND f.state IN ('open', 'picking') AND l.sku = ANY (:skus::text[])
    LIMIT 500
    """,
    UUID,
)

STUCK_AT_PLACES = Query(
    """
    SELECT f.fulfilment_id FROM fulfilment f JOIN location p USING (location_id)
    WHERE f.stuck_since IS NOT NULL AND f.state IN ('open', 'picking') AND p.code = ANY (:codes::text[]) LIMIT 500
    """,
    UUID,
)
