"""Receipts, adjustments, counts and returns as documents, and reading levels and the ledger."""

from typing import Any

import msgspec

from kanava.inventory.model import LevelView, MovementView
from kanava.platform.db import Query, Statement


class StoredDocument(msgspec.Struct, frozen=True):
    """What was answered to the first request with this id."""

    request_hash: bytes
    answer: dict[str, Any]


CLAIM_DOCUMENT = Query(
    """
    INSERT INTO stock_document (stock_document_id, kind, location_id, request_hash, actor, recorded_at)
    VALUES (:document_id::uuid, :kind::text, :location_id::bigint, :request_hash::bytea, :actor::text,
            :now::timestamptz)
    ON CONFLICT DO NOTHING
    RETURNING true AS claimed
    """,
    bool,
)

STORED_DOCUMENT = Query(
    """
    SELECT request_hash, answer FROM stock_document WHERE stock_document_id = :document_id::uuid
    """,
    StoredDocument,
)

COMPLETE_DOCUMENT = Statement("""
    UPDATE stock_document SET answer = :answer::jsonb WHERE stock_document_id = :document_id::uuid
""")

_LEVEL = """v.sku, p.code AS location, l.on_hand, l.reserved, l.safety_stock, l.incoming, l.ring_fenced, l.shortfall,
            l.awaited, l.suppressed"""

LEVELS_OF_VARIANT = Query(
    f"""
    SELECT {_LEVEL}
    FROM stock_level l JOIN variant v USING (variant_id) JOIN location p USING (location_id)
    WHERE l.variant_id = :variant_id::bigint
    ORDER BY p.code LIMIT 5000
    """,  # noqa: S608
    LevelView,
)


class LevelRow(msgspec.Struct, frozen=True):
    """A level with its key, for the next page's cursor."""

    variant_id: int
    location_id: int
    sku: str
    location: str
    on_hand: int
    reserved: int
    safety_stock: int
    incoming: int
    ring_fenced: int
    shortfall: int
    awaited: int
    suppressed: int


# By primary key; of one location it reads the levels of the others too, which is quicker than a second index on
# every insert of a level.
LEVELS_AFTER = Query(
    f"""
    SELECT l.variant_id, l.location_id, {_LEVEL}
    FROM stock_level l JOIN variant v USING (variant_id) JOIN location p USING (location_id)
    WHERE (l.variant_id, l.location_id) > (:variant_id::bigint, :location_id::bigint)
      AND (:at_location_id::bigint IS NULL OR l.location_id = :at_location_id)
      AND (NOT :short::boolean OR l.shortfall > 0)
    ORDER BY l.variant_id, l.location_id
    LIMIT :limit::int
    """,  # noqa: S608
    LevelRow,
)

MOVEMENTS_BEFORE = Query(
    """
    SELECT m.movement_id, v.sku, p.code AS location, m.kind, m.on_hand_delta, m.reserved_delta, m.incoming_delta,
           m.reference, m.reason, s.code AS source, m.sequence, m.actor, m.recorded_at
    FROM stock_ledger m JOIN variant v USING (variant_id) JOIN location p USING (location_id)
    LEFT JOIN stock_source s USING (stock_source_id)
    WHERE m.variant_id = :variant_id::bigint
      AND (:location_id::bigint IS NULL OR m.location_id = :location_id)
      AND (:kind::text IS NULL OR m.kind = :kind)
      AND (:before::timestamptz IS NULL OR (m.recorded_at, m.movement_id) < (:before, :before_id::uuid))
    ORDER BY m.recorded_at DESC, m.movement_id DESC
    LIMIT :limit::int
    """,
    MovementView,
)
