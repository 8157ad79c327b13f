"""Transfers between locations."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement


class TransferRow(msgspec.Struct, frozen=True):
    """A transfer without its lines."""

    transfer_id: UUID
    from_location_id: int
    to_location_id: int
    from_location: str
    to_location: str
    state: str
    expected_on: date | None
    reference: str
    created_at: datetime
    shipped_at: datetime | None
    received_at: datetime | None
    version: int


_COLUMNS = """t.transfer_id, t.from_location_id, t.to_location_id, f.code AS from_location, d.code AS to_location,
              t.state, t.expected_on, t.reference, t.created_at, t.shipped_at, t.received_at,
              t.version"""
_FROM = """transfer t JOIN location f ON f.location_id = t.from_location_id
           JOIN location d ON d.location_id = t.to_location_id"""

INSERT_TRANSFER = Query(
    """
    INSERT INTO transfer (transfer_id, from_location_id, to_location_id, state, expected_on, reference, created_at)
    VALUES (:transfer_id::uuid, :from_location_id::bigint, :to_location_id::bigint, 'draft', :expected_on::date,
            :reference::text, :now::timestamptz)
    ON CONFLICT DO NOTHING
    RETURNING true AS made
    """,
    bool,
)

# The row is locked: what is done to one transfer is done one after the other.
TRANSFER_FOR_CHANGE = Query(
    f"SELECT {_COLUMNS} FROM {_FROM} WHERE t.transfer_id = :transfer_id::uuid FOR UPDATE OF t",  # noqa: S608
    TransferRow,
)

TRANSFER = Query(
    f"SELECT {_COLUMNS} FROM {_FROM} WHERE t.transfer_id = :transfer_id::uuid",  # noqa: S608
    TransferRow,
)

TRANSFERS_AFTER = Query(
    f"""
    SELECT {_COLUMNS} FROM {_FROM}
    WHERE t.transfer_id > :after::uuid
      AND (:state::text IS NULL OR t.state = :state)
      AND (:location_id::bigint IS NULL OR t.from_location_id = :location_id OR t.to_location_id = :location_id)
    ORDER BY t.transfer_id LIMIT :limit::int
    """,  # noqa: S608
    TransferRow,
)

CHANGE = Statement("""
    UPDATE transfer SET state = :state::text, expected_on = :expected_on::date, reference = :reference::text,
        shipped_at = coalesce(:shipped_at::timestamptz, shipped_at),
        received_at = coalesce(:received_at::timestamptz, received_at), version = version + 1
    WHERE transfer_id = :transfer_id::uuid
""")
