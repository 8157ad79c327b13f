"""Statements that change fulfilments; all of them run under the lock of the order's row."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from kanava.fulfilment.store.reading import FulfilmentRow
from kanava.platform.db import CopyInto, Query, Statement


class KnownChange(msgspec.Struct, frozen=True):
    """A change that was carried out under this id."""

    fulfilment_id: UUID
    kind: str
    digest: bytes


CHANGE = Query(
    """
    SELECT fulfilment_id, kind, digest FROM fulfilment_change
    WHERE order_id = :order_id::uuid AND change_id = :change_id::uuid
    """,
    KnownChange,
)

INSERT_CHANGE = Statement("""
    INSERT INTO fulfilment_change (order_id, change_id, fulfilment_id, kind, digest, actor, recorded_at)
    VALUES (:order_id::uuid, :change_id::uuid, :fulfilment_id::uuid, :kind::text, :digest::bytea, :actor::text,
            :now::timestamptz)
""")

_CHANGED_COLUMNS = {
    "state": "text",
    "on_hold": "boolean",
    "carrier_service_id": "bigint",
    "promised_by": "timestamptz",
    "work_by": "timestamptz",
    "settled_at": "timestamptz",
    "units_to_pick": "int",
    "wave_id": "uuid",
    "assigned_to": "text",
    "assigned_name": "text",
    "bay": "text",
    "ready_at": "timestamptz",
    "collect_by": "timestamptz",
    "reminders_sent": "smallint",
    "collection_code": "text",
    "code_attempts": "smallint",
    "code_locked_until": "timestamptz",
    "on_my_way_at": "timestamptz",
    "arrived_at": "timestamptz",
    "parking_bay": "text",
    "stuck_since": "timestamptz",
    "stuck_reason": "text",
    "stuck_answer": "text",
}
"""What of a fulfilment a change may change, with its type."""

# In the order of their keys, so that two groups lock alike.
UPDATE_FULFILMENTS = Statement(
    f"""
    UPDATE fulfilment f SET {", ".join(f"{name} = c.{name}" for name in _CHANGED_COLUMNS)},
        updated_at = :now::timestamptz, version = f.version + 1
    FROM unnest(:order_id::uuid[], :fulfilment_id::uuid[],
                {", ".join(f":{name}::{kind}[]" for name, kind in _CHANGED_COLUMNS.items())})
         AS c (order_id, fulfilment_id, {", ".join(_CHANGED_COLUMNS)})
    WHERE f.order_id = c.order_id AND f.fulfilment_id = c.fulfilment_id
    """  # noqa: S608 -- names are constants of ours
)


def columns_of(rows: Sequence[FulfilmentRow]) -> dict[str, list[Any]]:
    """Give the arrays that UPDATE_FULFILMENTS takes."""
    ordered = sorted(rows, key=lambda row: (row.order_id, row.fulfilment_id))
    names = ("order_id", "fulfilment_id", *_CHANGED_COLUMNS)
    return {name: [getattr(row, name) for row in ordered] for name in names}


UPDATE_LINES = Statement("""
    UPDATE fulfilment_line l SET quantity = c.quantity, quantity_picked = c.picked, quantity_packed = c.packed,
        quantity_done = c.done, quantity_ended = c.ended
    FROM unnest(:order_ids::uuid[], :fulfilment_ids::uuid[], :line_nos::smallint[], :quantities::int[], :picked::int[],
                :packed::int[], :done::int[], :ended::int[])
         AS c (order_id, fulfilment_id, line_no, quantity, picked, packed, done, ended)
    WHERE l.order_id = c.order_id AND l.fulfilment_id = c.fulfilment_id AND l.line_no = c.line_no
""")

INSERT_FULFILMENTS = CopyInto(
    "fulfilment",
    "order_id",
    "fulfilment_id",
    "order_number",
    "sequence_no",
    "location_id",
    "channel_id",
    "kind",
    "state",
    "on_hold",
    "carrier_service_id",
    "first_promised_by",
    "promised_by",
    "work_by",
    "units_to_pick",
    "stuck_since",
    "stuck_reason",
    "created_at",
    "updated_at",
)

INSERT_LINES = CopyInto("fulfilment_line", "order_id", "fulfilment_id", "line_no", "variant_id", "sku", "quantity")

INSERT_REJECTIONS = CopyInto(
    "fulfilment_rejection",
    "order_id",
    "rejection_id",
    "fulfilment_id",
    "line_no",
    "variant_id",
    "location_id",
    "quantity",
    "reason",
    "note",
    "outcome",
    "actor",
    "recorded_at",
)

NEXT_SEQUENCE = Query(
    "SELECT coalesce(max(sequence_no), 0)::int + 1 AS next FROM fulfilment WHERE order_id = :order_id::uuid", int
)


def values_of(into: CopyInto, row: object) -> tuple[Any, ...]:
    """Make the tuple that an insert takes of a record."""
    return tuple([getattr(row, column) for column in into.columns])
