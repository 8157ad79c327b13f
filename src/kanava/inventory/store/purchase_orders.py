"""Purchase orders: what suppliers are to deliver where."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement


class PurchaseOrderRow(msgspec.Struct, frozen=True):
    """A purchase order without its lines."""

    purchase_order_id: UUID
    location_id: int
    supplier: str
    location: str
    state: str
    expected_on: date | None
    reference: str
    created_at: datetime
    ordered_at: datetime | None
    received_at: datetime | None
    version: int


class PlaceKind(msgspec.Struct, frozen=True):
    """What kind of place a location is."""

    code: str
    location_id: int
    kind: str


PLACE_KINDS = Query(
    "SELECT code, location_id, kind FROM location WHERE code = ANY (:codes::text[]) LIMIT 100", PlaceKind
)

_COLUMNS = """t.purchase_order_id, t.location_id, f.code AS supplier, d.code AS location, t.state, t.expected_on,
              t.reference, t.created_at, t.ordered_at, t.received_at, t.version"""
_FROM = """purchase_order t JOIN location f ON f.location_id = t.supplier_location_id
           JOIN location d ON d.location_id = t.location_id"""

INSERT_PURCHASE_ORDER = Query(
    """
    INSERT INTO purchase_order (purchase_order_id, supplier_location_id, location_id, state, expected_on, reference,
                                created_at)
    VALUES (:purchase_order_id::uuid, :supplier_location_id::bigint, :location_id::bigint, 'draft',
            :expected_on::date, :reference::text, :now::timestamptz)
    ON CONFLICT DO NOTHING
    RETURNING true AS made
    """,
    bool,
)

# The row is locked: what is done to one purchase order is done one after the other.
PURCHASE_ORDER_FOR_CHANGE = Query(
    f"SELECT {_COLUMNS} FROM {_FROM} WHERE t.purchase_order_id = :purchase_order_id::uuid FOR UPDATE OF t",  # noqa: S608
    PurchaseOrderRow,
)

PURCHASE_ORDER = Query(
    f"SELECT {_COLUMNS} FROM {_FROM} WHERE t.purchase_order_id = :purchase_order_id::uuid",  # noqa: S608
    PurchaseOrderRow,
)

PURCHASE_ORDERS_AFTER = Query(
    f"""
    SELECT {_COLUMNS} FROM {_FROM}
    WHERE t.purchase_order_id > :after::uuid
      AND (:state::text IS NULL OR t.state = :state)
      AND (:supplier_location_id::bigint IS NULL OR t.supplier_location_id = :supplier_location_id)
      AND (:location_id::bigint IS NULL OR t.location_id = :location_id)
      AND (:variant_id::bigint IS NULL OR EXISTS (
            SELECT FROM purchase_order_line l
            WHERE l.purchase_order_id = t.purchase_order_id AND l.variant_id = :variant_id))
      AND (:expected_until::date IS NULL OR t.expected_on <= :expected_until)
    ORDER BY t.purchase_order_id LIMIT :limit::int
    """,  # noqa: S608
    PurchaseOrderRow,
)

CHANGE = Statement("""
    UPDATE purchase_order SET state = :state::text, expected_on = :expected_on::date, reference = :reference::text,
        ordered_at = coalesce(:ordered_at::timestamptz, ordered_at),
        received_at = coalesce(:received_at::timestamptz, received_at), version = version + 1
    WHERE purchase_order_id = :purchase_order_id::uuid
""")
