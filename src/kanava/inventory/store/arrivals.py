"""What transfers and purchase orders keep alike: lines of units that are to arrive, and what has arrived of them.

`document` is "transfer" or "purchase_order": its lines lie in `<document>_line`, its arrivals in `<document>_arrival`.
"""

from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement


class ExpectedLineRow(msgspec.Struct, frozen=True):
    """A line of a transfer or purchase order."""

    document_id: UUID
    variant_id: int
    sku: str
    quantity: int
    quantity_received: int
    quantity_missing: int
    difference_reason: str | None


class ArrivalSql:
    """The statements over the lines and arrivals of one kind of document."""

    def __init__(self, document: str) -> None:
        self.document = document
        self.insert_lines = Statement(
            f"""
            INSERT INTO {document}_line ({document}_id, variant_id, quantity)
            SELECT :document_id::uuid, l.variant_id, l.quantity
            FROM unnest(:variant_ids::bigint[], :quantities::int[]) AS l (variant_id, quantity)
            """  # noqa: S608 -- a constant of the caller
        )
        self.lines = Query(
            f"""
            SELECT l.{document}_id AS document_id, l.variant_id, v.sku, l.quantity, l.quantity_received,
                   l.quantity_missing, l.difference_reason
            FROM {document}_line l JOIN variant v USING (variant_id)
            WHERE l.{document}_id = ANY (:document_ids::uuid[])
            ORDER BY l.{document}_id, l.variant_id
            """,  # noqa: S608 -- a constant of the caller
            ExpectedLineRow,
        )
        # No row: it has been told before.
        self.insert_arrival = Query(
            f"""
            INSERT INTO {document}_arrival ({document}_id, arrival_id, arrived_at)
            VALUES (:document_id::uuid, :arrival_id::uuid, :now::timestamptz)
            ON CONFLICT DO NOTHING
            RETURNING true AS made
            """,  # noqa: S608 -- a constant of the caller
            bool,
        )
        self.arrive = Statement(
            f"""
            UPDATE {document}_line l SET
                quantity_received = l.quantity_received + a.quantity,
                quantity_missing = l.quantity_missing + a.missing,
                difference_reason = coalesce(a.reason, l.difference_reason)
            FROM unnest(:variant_ids::bigint[], :quantities::int[], :missing::int[], :reasons::text[])
                 AS a (variant_id, quantity, missing, reason)
            WHERE l.{document}_id = :document_id::uuid AND l.variant_id = a.variant_id
            """  # noqa: S608 -- a constant of the caller
        )


TRANSFER = ArrivalSql("transfer")
PURCHASE_ORDER = ArrivalSql("purchase_order")
