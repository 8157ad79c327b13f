"""Statements of collecting: hand-overs, what a customer's link carries, who waits, who does not come."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.fulfilment.model import Kind, State
from kanava.platform.db import Query, Statement


class Link(msgspec.Struct, frozen=True):
    """What the customer's link and her way here are."""

    collection_token: str | None
    expected_at: datetime | None


class WaitingRow(msgspec.Struct, frozen=True):
    """A fulfilment whose customer is on the way or waits in her car."""

    order_id: UUID
    fulfilment_id: UUID
    order_number: int
    sequence_no: int
    customer_name: str | None
    bay: str | None
    on_my_way_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    parking_bay: str | None


class UncollectedRow(msgspec.Struct, frozen=True):
    """A fulfilment that nobody has collected."""

    order_id: UUID
    fulfilment_id: UUID
    order_number: int
    sequence_no: int
    location: str
    channel: str
    kind: Kind
    state: State
    bay: str | None
    collect_by: datetime
    reminders_sent: int

    @property
    def fulfilment_number(self) -> str:
        """How people call it."""
        return f"{self.order_number}-{self.sequence_no}"


class DueRow(msgspec.Struct, frozen=True):
    """A fulfilment whose time is over."""

    fulfilment_id: UUID
    collect_by: datetime


LINK = Query(
    """
    SELECT collection_token, expected_at FROM fulfilment
    WHERE order_id = :order_id::uuid AND fulfilment_id = :fulfilment_id::uuid
    """,
    Link,
)

SET_TOKEN = Statement("""
    UPDATE fulfilment SET collection_token = :token::text
    WHERE order_id = :order_id::uuid AND fulfilment_id = :fulfilment_id::uuid
""")

SET_EXPECTED = Statement("""
    UPDATE fulfilment SET expected_at = :expected_at::timestamptz
    WHERE order_id = :order_id::uuid AND fulfilment_id = :fulfilment_id::uuid
""")

# Each wrong code counts, also of two that are tried at the same moment.
COUNT_WRONG_CODE = Query(
    """
    UPDATE fulfilment SET code_attempts = least(code_attempts + 1, 30000)
    WHERE order_id = :order_id::uuid AND fulfilment_id = :fulfilment_id::uuid
    RETURNING code_attempts
    """,
    int,
)

LOCK_CODE = Statement("""
    UPDATE fulfilment SET code_locked_until = :until::timestamptz
    WHERE order_id = :order_id::uuid AND fulfilment_id = :fulfilment_id::uuid
""")

INSERT_HAND_OVER = Statement("""
    INSERT INTO hand_over (order_id, hand_over_id, fulfilment_id, proof, lines, refused, actor, recorded_at)
    VALUES (:order_id::uuid, :hand_over_id::uuid, :fulfilment_id::uuid, :proof::text, :lines::jsonb, :refused::jsonb,
            :actor::text, :now::timestamptz)
""")

HAND_OVER_DONE = Query(
    """
    SELECT true AS done FROM hand_over WHERE order_id = :order_id::uuid AND hand_over_id = :hand_over_id::uuid
    """,
    bool,
)

# Who has arrived first, then who is expected soonest.
WAITING = Query(
    """
    SELECT f.order_id, f.fulfilment_id, f.order_number, f.sequence_no, o.customer_name, f.bay, f.on_my_way_at,
           f.expected_at, f.arrived_at, f.parking_bay
    FROM fulfilment f JOIN location p USING (location_id) JOIN sales_order o USING (order_id)
    WHERE f.location_id = :location_id::bigint AND f.state = 'ready'
      AND (f.arrived_at IS NOT NULL OR f.on_my_way_at IS NOT NULL)
    ORDER BY f.arrived_at NULLS LAST, f.expected_at NULLS LAST, f.on_my_way_at, f.fulfilment_id LIMIT 200
    """,
    WaitingRow,
)

# Days are counted back from the last day; those that were over when it became ready were taken off then. Two that fall
# due together (nobody was running) are one reminder.
REMIND = Query(
    """
    UPDATE fulfilment f SET reminders_sent = d.due, updated_at = :now::timestamptz, version = f.version + 1
    FROM (
        SELECT w.order_id, w.fulfilment_id, p.code AS location, c.code AS channel,
               (SELECT count(*) FROM unnest(:days_before::int[]) AS b (days)
                WHERE w.collect_by - make_interval(days => b.days) <= :now::timestamptz)::smallint AS due
        FROM fulfilment w JOIN location p USING (location_id) JOIN channel c USING (channel_id)
        WHERE w.state = 'ready' AND NOT w.on_hold AND w.collect_by > :now::timestamptz
          AND w.collect_by <= :now::timestamptz + make_interval(days => (SELECT max(b.days) FROM
                                                                unnest(:days_before::int[]) AS b (days)))
          AND w.reminders_sent < (SELECT count(*) FROM unnest(:days_before::int[]) AS b (days)
                                  WHERE w.collect_by - make_interval(days => b.days) <= :now::timestamptz)
        ORDER BY w.collect_by, w.fulfilment_id LIMIT :limit::int
        FOR NO KEY UPDATE OF w SKIP LOCKED
    ) d
    WHERE f.order_id = d.order_id AND f.fulfilment_id = d.fulfilment_id
    RETURNING f.order_id, f.fulfilment_id, f.order_number, f.sequence_no, d.location, d.channel, f.kind, f.state, f.bay,
              f.collect_by, f.reminders_sent
    """,
    UncollectedRow,
)

# Behind a place in this order, so that one that cannot expire does not stand in the way of those after it.
DUE = Query(
    """
    SELECT fulfilment_id, collect_by FROM fulfilment
    WHERE state = 'ready' AND NOT on_hold AND collect_by <= :now::timestamptz
      AND (collect_by, fulfilment_id) > (:after_at::timestamptz, :after_id::uuid)
    ORDER BY collect_by, fulfilment_id LIMIT :limit::int
    """,
    DueRow,
)
