"""The statement that finds what somebody has to look at after picking."""

from datetime import datetime

import msgspec

from kanava.platform.db import Query


class AttentionRow(msgspec.Struct, frozen=True):
    """Something that goes on by itself no more; `number` is the fulfilment's, or the tracking number."""

    reason: str
    number: str
    location: str | None
    since: datetime
    detail: str


# Each part is bounded on its own, so that one flood does not hide the others.
ATTENTION = Query(
    """
    (SELECT 'parcel_returned' AS reason, f.order_number || '-' || f.sequence_no AS number, l.code AS location,
            k.state_at AS since, coalesce(k.tracking_number, '') AS detail
     FROM parcel k JOIN fulfilment f USING (order_id, fulfilment_id) JOIN location l USING (location_id)
     WHERE k.state = 'returned' AND k.return_id IS NULL ORDER BY k.state_at LIMIT :limit::int)
    UNION ALL
    (SELECT 'delivery_failed', f.order_number || '-' || f.sequence_no, l.code, k.state_at,
            coalesce(k.tracking_number, '')
     FROM parcel k JOIN fulfilment f USING (order_id, fulfilment_id) JOIN location l USING (location_id)
     WHERE k.state = 'failed' AND k.state_at < :now::timestamptz - interval '3 days'
     ORDER BY k.state_at LIMIT :limit::int)
    UNION ALL
    (SELECT 'carrier_event_unknown', e.tracking_number, NULL, min(e.received_at), e.carrier
     FROM carrier_event e WHERE e.order_id IS NULL AND e.received_at < :now::timestamptz - interval '1 hour'
     GROUP BY e.carrier, e.tracking_number ORDER BY min(e.received_at) LIMIT :limit::int)
    UNION ALL
    (SELECT 'collection_not_expired', f.order_number || '-' || f.sequence_no, l.code, f.collect_by,
            CASE WHEN f.on_hold THEN 'the order is on hold' ELSE 'see the worker''s log' END
     FROM fulfilment f JOIN location l USING (location_id)
     WHERE f.state = 'ready' AND f.collect_by < :now::timestamptz - interval '1 hour'
     ORDER BY f.collect_by LIMIT :limit::int)
    UNION ALL
    (SELECT 'staged_not_ready', f.order_number || '-' || f.sequence_no, l.code, f.updated_at,
            'everything is staged: stage it again, so that the customer is told'
     FROM fulfilment f JOIN location l USING (location_id)
     WHERE f.state = 'picked' AND f.kind <> 'ship' AND NOT f.on_hold AND NOT EXISTS (
        SELECT FROM fulfilment_line n WHERE n.order_id = f.order_id AND n.fulfilment_id = f.fulfilment_id
                                        AND n.quantity_picked > n.quantity_packed)
     ORDER BY f.work_by LIMIT :limit::int)
    """,
    AttentionRow,
)
