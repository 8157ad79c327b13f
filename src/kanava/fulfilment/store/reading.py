"""Statements that show fulfilments: one for the fulfilments, one for their lines."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.fulfilment.model import Kind, State
from kanava.platform.db import Query


class FulfilmentRow(msgspec.Struct):
    """A stored fulfilment; a change works on it and writes it back under the locks of order and fulfilment."""

    order_id: UUID
    fulfilment_id: UUID
    order_number: int
    sequence_no: int
    location_id: int
    location: str
    channel_id: int
    channel: str
    kind: Kind
    state: State
    on_hold: bool
    carrier_service_id: int | None
    first_promised_by: datetime | None
    promised_by: datetime | None
    work_by: datetime
    settled_at: datetime | None
    units_to_pick: int
    wave_id: UUID | None
    assigned_to: str | None
    assigned_name: str | None
    bay: str | None
    ready_at: datetime | None
    collect_by: datetime | None
    reminders_sent: int
    collection_code: str | None
    code_attempts: int
    code_locked_until: datetime | None
    on_my_way_at: datetime | None
    arrived_at: datetime | None
    parking_bay: str | None
    stuck_since: datetime | None
    stuck_reason: str | None
    stuck_answer: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def fulfilment_number(self) -> str:
        """How people call it."""
        return f"{self.order_number}-{self.sequence_no}"


class LineRow(msgspec.Struct):
    """A stored line of a fulfilment; a change works on it and writes it back."""

    order_id: UUID
    fulfilment_id: UUID
    line_no: int
    variant_id: int
    sku: str
    quantity: int
    quantity_picked: int
    quantity_packed: int
    quantity_done: int
    quantity_ended: int

    @property
    def to_pick(self) -> int:
        """Units that are still to be picked."""
        return self.quantity - self.quantity_ended - self.quantity_picked

    @property
    def here(self) -> int:
        """Units that the place still has to give: those are committed at its location."""
        return self.quantity - self.quantity_ended - self.quantity_done


COLUMNS = """f.order_id, f.fulfilment_id, f.order_number, f.sequence_no, f.location_id, p.code AS location,
           f.channel_id,
           c.code AS channel, f.kind, f.state, f.on_hold, f.carrier_service_id, f.first_promised_by, f.promised_by,
           f.work_by, f.settled_at, f.units_to_pick, f.wave_id, f.assigned_to, f.assigned_name, f.bay, f.ready_at,
           f.collect_by, f.reminders_sent, f.collection_code, f.code_attempts, f.code_locked_until, f.on_my_way_at,
           f.arrived_at, f.parking_bay, f.stuck_since, f.stuck_reason, f.stuck_answer, f.created_at, f.updated_at,
           f.version"""
JOINED = "fulfilment f JOIN location p USING (location_id) JOIN channel c USING (channel_id)"

FULFILMENT = Query(
    f"SELECT {COLUMNS} FROM {JOINED} WHERE f.fulfilment_id = :fulfilment_id::uuid",  # noqa: S608
    FulfilmentRow,
)

# After the order's row: whoever has that one is alone with the order's fulfilments.
LOCK_FULFILMENT = Query(
    f"""
    SELECT {COLUMNS} FROM {JOINED}
    WHERE f.order_id = :order_id::uuid AND f.fulfilment_id = :fulfilment_id::uuid
    FOR NO KEY UPDATE OF f
    """,  # noqa: S608
    FulfilmentRow,
)

OF_ORDERS = Query(
    f"""
    SELECT {COLUMNS} FROM {JOINED} WHERE f.order_id = ANY (:order_ids::uuid[])
    ORDER BY f.order_id, f.sequence_no LIMIT 20000
    """,  # noqa: S608
    FulfilmentRow,
)

LINES_OF = Query(
    """
    SELECT order_id, fulfilment_id, line_no, variant_id, sku, quantity, quantity_picked, quantity_packed,
           quantity_done, quantity_ended
    FROM fulfilment_line
    WHERE order_id = ANY (:order_ids::uuid[]) AND fulfilment_id = ANY (:fulfilment_ids::uuid[])
    ORDER BY order_id, fulfilment_id, line_no LIMIT 100000
    """,
    LineRow,
)
