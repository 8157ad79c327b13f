"""Statements of what carriers say."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.fulfilment.requests import CarrierEventKind
from kanava.platform.db import Query, Statement


class EventKey(msgspec.Struct, frozen=True):
    """A carrier's id of a piece of news."""

    carrier: str
    carrier_event_id: str


class StoredCarrierEvent(msgspec.Struct, frozen=True):
    """News as it is kept."""

    carrier: str
    carrier_event_id: str
    tracking_number: str
    kind: CarrierEventKind
    occurred_at: datetime


class NumberedParcel(msgspec.Struct, frozen=True):
    """A parcel that has left with a tracking number, and whose it is."""

    order_id: UUID
    parcel_id: UUID
    fulfilment_id: UUID
    location_id: int
    carrier: str
    tracking_number: str


# In the order of the keys, so that two lists that share news wait for one another and do not lock each other out.
INSERT_NEW = Query(
    """
    INSERT INTO carrier_event (carrier, carrier_event_id, tracking_number, kind, occurred_at, received_at, applied,
                               detail)
    SELECT DISTINCT ON (e.carrier, e.carrier_event_id) e.carrier, e.carrier_event_id, e.tracking_number, e.kind,
           e.occurred_at, :now::timestamptz, false, e.detail
    FROM unnest(:carriers::text[], :event_ids::text[], :tracking_numbers::text[], :kinds::text[],
                :occurred_ats::timestamptz[], :details::text[]) WITH ORDINALITY
         AS e (carrier, carrier_event_id, tracking_number, kind, occurred_at, detail, position)
    ORDER BY e.carrier, e.carrier_event_id, e.position
    ON CONFLICT (carrier, carrier_event_id) DO NOTHING
    RETURNING carrier, carrier_event_id
    """,
    EventKey,
)

# A carrier is called by its name or its code, in any case; a number alone is not enough, for short ones are used by
# several carriers.
PARCELS_OF_NUMBERS = Query(
    """
    SELECT k.order_id, k.parcel_id, k.fulfilment_id, f.location_id, n.carrier, k.tracking_number
    FROM unnest(:carriers::text[], :tracking_numbers::text[]) AS n (carrier, tracking_number)
    JOIN parcel k ON k.tracking_number = n.tracking_number AND k.shipped_at IS NOT NULL
    JOIN fulfilment f USING (order_id, fulfilment_id)
    LEFT JOIN carrier_service s ON s.carrier_service_id = k.carrier_service_id
    LEFT JOIN carrier c USING (carrier_id)
    WHERE n.carrier IN (lower(k.carrier), lower(c.code))
    ORDER BY k.order_id, k.parcel_id LIMIT 10000
    """,
    NumberedParcel,
)

UNKNOWN_OF_PARCELS = Query(
    """
    SELECT DISTINCT e.carrier, e.carrier_event_id, e.tracking_number, e.kind, e.occurred_at
    FROM parcel k
    JOIN carrier_event e ON e.tracking_number = k.tracking_number AND e.order_id IS NULL
    LEFT JOIN carrier_service s ON s.carrier_service_id = k.carrier_service_id
    LEFT JOIN carrier c USING (carrier_id)
    WHERE k.order_id = :order_id::uuid AND k.parcel_id = ANY (:parcel_ids::uuid[])
      AND e.carrier IN (lower(k.carrier), lower(c.code))
    LIMIT 10000
    """,
    StoredCarrierEvent,
)

# News and shipment that were written at the same moment did not see each other.
UNKNOWN_WITH_PARCEL = Query(
    """
    SELECT e.carrier, e.carrier_event_id, e.tracking_number, e.kind, e.occurred_at
    FROM carrier_event e
    WHERE e.order_id IS NULL AND e.received_at > :since::timestamptz
      AND EXISTS (SELECT FROM parcel k
                  LEFT JOIN carrier_service s ON s.carrier_service_id = k.carrier_service_id
                  LEFT JOIN carrier c USING (carrier_id)
                  WHERE k.tracking_number = e.tracking_number AND k.shipped_at IS NOT NULL
                    AND e.carrier IN (lower(k.carrier), lower(c.code)))
    ORDER BY e.received_at, e.carrier, e.carrier_event_id LIMIT :limit::int
    """,
    StoredCarrierEvent,
)

# Whoever has the orders' rows is alone with their fulfilments and parcels.
LOCK_ORDERS = Statement("""
    SELECT order_id FROM sales_order WHERE order_id = ANY (:order_ids::uuid[]) ORDER BY order_id FOR NO KEY UPDATE
""")

MATCHED = Statement("""
    UPDATE carrier_event e SET order_id = m.order_id, parcel_id = m.parcel_id, applied = m.applied
    FROM unnest(:carriers::text[], :event_ids::text[], :order_ids::uuid[], :parcel_ids::uuid[], :applied::boolean[])
         AS m (carrier, carrier_event_id, order_id, parcel_id, applied)
    WHERE e.carrier = m.carrier AND e.carrier_event_id = m.carrier_event_id
""")

# The rest of a fulfilment may be cancelled after all that has left was delivered: then no news comes any more.
LEFT_BEHIND = Query(
    """
    SELECT k.order_id, k.parcel_id, k.fulfilment_id, f.location_id, k.carrier,
           coalesce(k.tracking_number, '') AS tracking_number
    FROM fulfilment f JOIN parcel k USING (order_id, fulfilment_id)
    WHERE f.state = 'shipped' AND f.updated_at > :since::timestamptz AND k.state IN ('delivered', 'failed', 'returned')
      AND NOT EXISTS (SELECT FROM parcel o WHERE o.order_id = f.order_id AND o.fulfilment_id = f.fulfilment_id
                      AND o.state IN ('packed', 'shipped', 'in_transit', 'out_for_delivery'))
    ORDER BY k.order_id, k.parcel_id LIMIT :limit::int
    """,
    NumberedParcel,
)

PRUNE = Statement("""
    DELETE FROM carrier_event WHERE (carrier, carrier_event_id) IN (
        SELECT carrier, carrier_event_id FROM carrier_event
        WHERE received_at < :before::timestamptz ORDER BY received_at LIMIT :limit::int)
""")
