"""What a replay looks at between two instants, in SQL: the work of all places at once, and jobs that wait."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query


class WorkRow(msgspec.Struct, frozen=True):
    """A fulfilment that a place has to work on, or that its customer is asked about."""

    fulfilment_id: UUID
    order_id: UUID
    location: str
    kind: str
    state: str
    stuck_since: datetime | None


class JobRow(msgspec.Struct, frozen=True):
    """A job that waits."""

    entrypoint: str
    payload: bytes


WORK = Query(
    """
    SELECT f.fulfilment_id, f.order_id, p.code AS location, f.kind, f.state, f.stuck_since
    FROM fulfilment f JOIN location p USING (location_id)
    WHERE f.state IN ('open', 'picking', 'picked', 'packed') AND NOT f.on_hold AND f.stuck_answer IS NULL
    ORDER BY f.work_by, f.fulfilment_id LIMIT :limit::int
    """,
    WorkRow,
)

TAKE_JOBS = Query(
    """
    DELETE FROM pgqueuer WHERE id IN (SELECT id FROM pgqueuer WHERE status = 'queued' ORDER BY id LIMIT :limit::int)
    RETURNING entrypoint, payload
    """,
    JobRow,
)

CODE = Query(
    "SELECT collection_code FROM fulfilment WHERE order_id = :order_id::uuid AND fulfilment_id = :fulfilment_id::uuid",
    str,
)
