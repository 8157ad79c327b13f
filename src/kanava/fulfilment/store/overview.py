"""Statements of the overview: what lies at each place, what was rejected and why."""

import msgspec

from kanava.platform.db import Query


class PlaceWorkRow(msgspec.Struct, frozen=True):
    """Open work of a place; `waiting` customers are in their cars."""

    location: str
    name: str
    tasks: int
    units_to_pick: int
    late: int
    ready: int
    stuck: int
    waiting: int


class RejectedRow(msgspec.Struct, frozen=True):
    """Units rejected for a reason, and what became of them."""

    reason: str
    units: int
    moved: int
    stuck: int


# By the index of boards: only what is being worked on.
WORK_BY_PLACE = Query(
    """
    SELECT p.code AS location, p.name, count(*) FILTER (WHERE f.state <> 'ready')::int AS tasks,
           coalesce(sum(f.units_to_pick), 0)::int AS units_to_pick,
           count(*) FILTER (WHERE f.work_by < :now::timestamptz AND f.state IN ('open', 'picking', 'picked')
                            AND NOT f.on_hold AND f.stuck_since IS NULL)::int AS late,
           count(*) FILTER (WHERE f.state = 'ready')::int AS ready,
           count(*) FILTER (WHERE f.stuck_since IS NOT NULL)::int AS stuck,
           count(*) FILTER (WHERE f.state = 'ready' AND f.arrived_at IS NOT NULL)::int AS waiting
    FROM fulfilment f JOIN location p USING (location_id)
    WHERE f.state IN ('open', 'picking', 'picked', 'packed', 'ready')
    GROUP BY p.code, p.name ORDER BY late DESC, tasks DESC, p.code LIMIT :limit::int
    """,
    PlaceWorkRow,
)

REJECTED_BY_REASON = Query(
    """
    SELECT reason, sum(quantity)::int AS units,
           coalesce(sum(quantity) FILTER (WHERE outcome = 'moved'), 0)::int AS moved,
           coalesce(sum(quantity) FILTER (WHERE outcome = 'stuck'), 0)::int AS stuck
    FROM fulfilment_rejection
    WHERE location_id IN (SELECT location_id FROM location) AND recorded_at >= :since::timestamptz
      AND recorded_at < :until::timestamptz
    GROUP BY reason ORDER BY units DESC, reason LIMIT 20
    """,
    RejectedRow,
)
