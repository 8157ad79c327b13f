"""Statements of boards and waves."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.fulfilment.store.reading import COLUMNS, JOINED, FulfilmentRow
from kanava.platform.db import Query, Statement

BOARD = Query(
    f"""
    SELECT {COLUMNS} FROM {JOINED}
    WHERE f.location_id = :location_id::bigint AND f.state IN ('open', 'picking', 'picked', 'packed', 'ready')
      AND (:states::text[] IS NULL OR f.state = ANY (:states::text[]))
      AND (:kind::text IS NULL OR f.kind = :kind)
      AND (NOT :stuck::boolean OR f.stuck_since IS NOT NULL)
      AND (NOT :waiting::boolean OR f.arrived_at IS NOT NULL)
      AND (:after_work_by::timestamptz IS NULL
           OR (f.work_by, f.fulfilment_id) > (:after_work_by, :after_id::uuid))
    ORDER BY f.work_by, f.fulfilment_id LIMIT :limit::int
    """,  # noqa: S608
    FulfilmentRow,
)

# The most urgent work that nobody has; what somebody else is taking at this moment is passed by.
FREE_WORK = Query(
    f"""
    SELECT {COLUMNS} FROM {JOINED} JOIN sales_order o USING (order_id)
    WHERE f.location_id = :location_id::bigint AND f.state = 'open' AND f.assigned_to IS NULL AND NOT f.on_hold
      AND f.stuck_since IS NULL AND (:kind::text IS NULL OR f.kind = :kind)
    ORDER BY f.work_by, f.fulfilment_id LIMIT :limit::int
    FOR NO KEY UPDATE OF o, f SKIP LOCKED
    """,  # noqa: S608
    FulfilmentRow,
)

OF_WAVE = Query(
    f"""
    SELECT {COLUMNS} FROM {JOINED} WHERE f.wave_id = :wave_id::uuid ORDER BY f.work_by, f.fulfilment_id LIMIT 100
    """,  # noqa: S608
    FulfilmentRow,
)

LOCK_WAVE_ORDERS = Query(
    """
    SELECT o.order_id FROM sales_order o
    WHERE o.order_id IN (SELECT order_id FROM fulfilment WHERE wave_id = :wave_id::uuid)
    ORDER BY o.order_id FOR NO KEY UPDATE OF o
    """,
    UUID,
)


class WaveRow(msgspec.Struct, frozen=True):
    """A stored wave."""

    wave_id: UUID
    location_id: int
    location: str
    state: str
    actor: str
    created_at: datetime


WAVE = Query(
    """
    SELECT w.wave_id, w.location_id, p.code AS location, w.state, w.actor, w.created_at
    FROM wave w JOIN location p USING (location_id) WHERE w.wave_id = :wave_id::uuid
    """,
    WaveRow,
)

# Whoever writes the id first has the wave; the others wait for the end of that transaction and read it.
INSERT_WAVE = Query(
    """
    INSERT INTO wave (wave_id, location_id, actor, created_at)
    VALUES (:wave_id::uuid, :location_id::bigint, :actor::text, :now::timestamptz)
    ON CONFLICT DO NOTHING RETURNING wave_id
    """,
    UUID,
)

END_WAVE = Statement("UPDATE wave SET state = 'done' WHERE wave_id = :wave_id::uuid")
