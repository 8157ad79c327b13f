"""Statements of parcels."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.fulfilment.requests import ParcelState
from kanava.platform.db import CopyInto, Query, Statement


class ParcelRow(msgspec.Struct):
    """A stored parcel; a change works on it and writes it back under the lock of the order's row."""

    order_id: UUID
    parcel_id: UUID
    fulfilment_id: UUID
    order_number: int
    sequence_no: int
    location_id: int
    location: str
    carrier_service_id: int | None
    carrier: str
    service: str
    tracking_number: str | None
    tracking_url: str | None
    weight_grams: int | None
    state: ParcelState
    state_at: datetime
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    return_id: UUID | None


class ParcelLineRow(msgspec.Struct, frozen=True):
    """Units in a stored parcel."""

    parcel_id: UUID
    line_no: int
    sku: str
    quantity: int


_COLUMNS = """k.order_id, k.parcel_id, k.fulfilment_id, f.order_number, f.sequence_no, f.location_id,
           p.code AS location, k.carrier_service_id, k.carrier, k.service, k.tracking_number, k.tracking_url,
           k.weight_grams, k.state, k.state_at, k.packed_at, k.shipped_at, k.delivered_at, k.return_id"""
_JOINED = """parcel k JOIN fulfilment f USING (order_id, fulfilment_id) JOIN location p USING (location_id)"""

PARCEL = Query(
    f"SELECT {_COLUMNS} FROM {_JOINED} WHERE k.parcel_id = :parcel_id::uuid",  # noqa: S608
    ParcelRow,
)

PARCELS_OF_FULFILMENTS = Query(
    f"""
    SELECT {_COLUMNS} FROM {_JOINED}
    WHERE k.order_id = ANY (:order_ids::uuid[]) AND k.fulfilment_id = ANY (:fulfilment_ids::uuid[])
    ORDER BY k.order_id, k.fulfilment_id, k.packed_at, k.parcel_id LIMIT 100000
    """,  # noqa: S608
    ParcelRow,
)

PARCELS_OF_ORDER = Query(
    f"""
    SELECT {_COLUMNS} FROM {_JOINED} WHERE k.order_id = :order_id::uuid
    ORDER BY k.packed_at, k.parcel_id LIMIT 10000
    """,  # noqa: S608
    ParcelRow,
)

LINES_OF_PARCELS = Query(
    """
    SELECT k.parcel_id, k.line_no, l.sku, k.quantity
    FROM parcel_line k JOIN order_line l USING (order_id, line_no)
    WHERE k.order_id = ANY (:order_ids::uuid[]) AND k.parcel_id = ANY (:parcel_ids::uuid[])
    ORDER BY k.parcel_id, k.line_no LIMIT 100000
    """,
    ParcelLineRow,
)

# NULL where a variant does not say what it weighs: half a sum would be worse than none.
WEIGHT = Query(
    """
    SELECT CASE WHEN bool_and(coalesce(v.weight_grams, 0) > 0)
                THEN least(sum(v.weight_grams::bigint * u.quantity), 10000000)::int END AS weight_grams
    FROM unnest(:variant_ids::bigint[], :quantities::int[]) AS u (variant_id, quantity)
    JOIN variant v USING (variant_id)
    """,
    int,
)

INSERT_PARCELS = CopyInto(
    "parcel",
    "order_id",
    "parcel_id",
    "fulfilment_id",
    "carrier_service_id",
    "carrier",
    "service",
    "tracking_number",
    "tracking_url",
    "weight_grams",
    "state_at",
    "packed_at",
)

INSERT_PARCEL_LINES = CopyInto("parcel_line", "order_id", "parcel_id", "line_no", "quantity")

_CHANGED = {
    "carrier_service_id": "bigint",
    "carrier": "text",
    "service": "text",
    "tracking_number": "text",
    "tracking_url": "text",
    "weight_grams": "int",
    "state": "text",
    "state_at": "timestamptz",
    "shipped_at": "timestamptz",
    "delivered_at": "timestamptz",
    "return_id": "uuid",
}

UPDATE_PARCELS = Statement(
    f"""
    UPDATE parcel k SET {", ".join(f"{name} = c.{name}" for name in _CHANGED)}
    FROM unnest(:order_id::uuid[], :parcel_id::uuid[],
                {", ".join(f":{name}::{kind}[]" for name, kind in _CHANGED.items())})
         AS c (order_id, parcel_id, {", ".join(_CHANGED)})
    WHERE k.order_id = c.order_id AND k.parcel_id = c.parcel_id
    """  # noqa: S608 -- names are constants of ours
)


def columns_of(rows: list[ParcelRow]) -> dict[str, list[object]]:
    """Give the arrays that UPDATE_PARCELS takes."""
    return {name: [getattr(row, name) for row in rows] for name in ("order_id", "parcel_id", *_CHANGED)}
