"""Work that a place can no longer do, or that somebody may do after all: moved by jobs, an order at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kanava.fulfilment import rules
from kanava.fulfilment.model import RejectReason
from kanava.fulfilment.service import moving
from kanava.fulfilment.service.change import FulfilmentChange, lines_told
from kanava.fulfilment.service.config import WorkPlace, config_in_force, work_place
from kanava.fulfilment.service.moving import GivenUp
from kanava.fulfilment.service.promising import carried_to
from kanava.fulfilment.store import rejecting as sql
from kanava.inventory.service import suppressing
from kanava.orders.service.moving import MovedPart
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.stores import service as stores

LATE_WAITS = timedelta(days=1)
"""How long work that is late already may wait for the next opening."""


class WorkGivenUp(msgspec.Struct, frozen=True):
    """Work that a place gives up: pickups whose customers are asked, parcels that go to other places if they can."""

    pickups: int = 0
    pickup_units: int = 0
    parcels: int = 0
    parcel_units: int = 0


def why_it_cannot(place: WorkPlace, kind: str, work_by: datetime, now: datetime) -> str | None:
    """Say why a place cannot do work; None when it can."""
    if kind == "ship":
        offers = place.kind == "warehouse" or "ship_from_store" in place.services
    else:
        offers = kind in place.services
    return rules.why_closed(
        active=place.active,
        fulfils_online=place.fulfils_online,
        offers=offers,
        opens_at=place.opens_after(now),
        work_by=work_by,
        latest=now + LATE_WAITS if work_by < now else work_by,
    )


async def unpicked_at(tx: Connection, location_id: int, now: datetime) -> list[UUID]:
    """Give the fulfilments of a place that it cannot do and of which nothing is picked, most urgent first."""
    place = (await config_in_force(tx)).places[location_id]
    return [row.fulfilment_id for row in await _given_up_by(tx, place, now)]


async def work_given_up(tx: Connection, code: str, now: datetime) -> WorkGivenUp:
    """Say what a place would give up as `tx` sees it: with a change that may yet be taken back."""
    rows = await stores.all_for_routing(tx)
    # Not the settings in force: a version that is taken back must not be held in memory.
    place = work_place(next(row for row in rows if row.code == code))
    asked: list[int] = []
    moved: list[int] = []
    for row in await _given_up_by(tx, place, now):
        (moved if row.kind == "ship" else asked).append(row.units_to_pick)
    return WorkGivenUp(len(asked), sum(asked), len(moved), sum(moved))


async def _given_up_by(tx: Connection, place: WorkPlace, now: datetime) -> list[sql.Unpicked]:
    rows = await sql.UNPICKED_AT.all(tx, location_id=place.location_id)
    return [row for row in rows if why_it_cannot(place, row.kind, row.work_by, now)]


async def move_if_closed(tx: Connection, fulfilment_id: UUID, now: datetime) -> bool:
    """Give up the work of one fulfilment when its place is closed for it; gives whether it was."""
    change = await FulfilmentChange.open(tx, SYSTEM, fulfilment_id, now)
    row = change.row
    if row.state not in ("open", "picking") or any(line.quantity_picked for line in change.lines.values()):
        return False
    if row.on_hold or row.stuck_reason == "closed":
        return False
    why = why_it_cannot(change.config.places[row.location_id], row.kind, row.work_by, now)
    if why is None:
        return False
    await moving.give_up(change, GivenUp(moving.units_given(change), "closed", uuid7(), why))
    await change.write("reject", {"reason": "closed", "why": why})
    return True


async def short_tasks(tx: Connection, variant_id: int, location_id: int) -> list[tuple[UUID, int, int]]:
    """Give the tasks that a suppression makes short: (fulfilment, line, units), those with most time left first."""
    levels = await suppressing.suppressed_levels(tx, [(variant_id, location_id)])
    if not levels:
        return []
    stuck = await sql.STUCK_AT.all(tx, location_id=location_id, variant_ids=[variant_id])
    level = levels[0]
    missing = rules.missing_units(level.on_hand, level.reserved, level.suppressed, sum(each.units for each in stuck))
    tasks = []
    for task in await sql.OPEN_TASKS.all(tx, location_id=location_id, variant_id=variant_id):
        units = min(missing, task.units)
        if not units:
            break
        tasks.append((task.fulfilment_id, task.line_no, units))
        missing -= units
    return tasks


async def move_short(tx: Connection, task: tuple[UUID, int, int], reason: RejectReason, now: datetime) -> bool:
    """Move units of one task that are not there; gives whether any were given up."""
    fulfilment_id, line_no, units = task
    change = await FulfilmentChange.open(tx, SYSTEM, fulfilment_id, now)
    row = change.row
    if row.state not in ("open", "picking") or row.on_hold or row.stuck_since is not None:
        return False
    line = change.lines[line_no]
    # Somebody may have been quicker, or another transaction may have moved it: as many as are short now.
    now_short = await short_tasks(tx, line.variant_id, row.location_id)
    units = min(units, line.to_pick, sum(each for _, _, each in now_short))
    if not units:
        return False
    await moving.give_up(change, GivenUp({line_no: units}, reason, uuid7(), "short after another rejection"))
    await change.write("reject", {"reason": reason, "lines": {str(line_no): units}, "why": "short"})
    return True


async def retry_stuck(tx: Connection, fulfilment_id: UUID, now: datetime) -> bool:
    """Try once more to do what nobody could: here when the units are there again, else at another place."""
    change = await FulfilmentChange.open(tx, SYSTEM, fulfilment_id, now)
    row = change.row
    if row.stuck_since is None or row.state not in ("open", "picking") or row.on_hold:
        return False
    if await _can_do_it_here(change):
        change.unstick()
        await _resume(change)
        await change.write("resume", {})
        return True
    if row.kind != "ship":
        return False
    units = moving.units_given(change)
    reason: RejectReason = row.stuck_reason if row.stuck_reason in rules.REASONS else "other"  # type: ignore[assignment]
    given_up = GivenUp(units, reason, uuid7())
    moved = await moving.move_elsewhere(change, given_up, await moving.plan_elsewhere(change, given_up))
    if not moved:
        return False
    for part in moved:
        moving.end_here(change.lines[part.from_line_no], part.quantity)
    row.state = rules.state_after(row.state, row.kind, change.lines.values())
    if row.state == "cancelled":
        change.unstick()
    await moving.open_elsewhere(change, moved, reason)
    await change.write("move", {"reason": reason})
    return True


async def _resume(change: FulfilmentChange) -> None:
    """Let a place go on, with the promise that it can keep now, and tell of it."""
    row, before = change.row, change.row.promised_by
    told = [(line, line.to_pick) for line in change.lines.values() if line.to_pick]
    parts = [MovedPart(line.line_no, line.line_no, row.location_id, units) for line, units in told]
    for carried in (await carried_to(change, parts)).values():
        row.promised_by, row.work_by = carried.promised_by, max(row.work_by, carried.work_by)
    facts = {"lines": lines_told(told), "work_by": row.work_by}
    change.happened("fulfilment.resumed", facts | {"promised_by_before": before, "promised_by": row.promised_by})


async def _can_do_it_here(change: FulfilmentChange) -> bool:
    """Say whether the place itself can do it: it is open in time, and what is promised there is there."""
    row = change.row
    place = change.config.places[row.location_id]
    if why_it_cannot(place, row.kind, row.work_by, change.now) is not None:
        return False
    if row.stuck_reason == "closed":
        return True
    if row.stuck_reason not in ("not_found", "damaged", "display_piece"):
        # It said no for a reason that stock does not tell of: its people say when that is over.
        return False
    keys = sorted({(line.variant_id, row.location_id) for line in change.lines.values() if line.to_pick})
    levels = await suppressing.suppressed_levels(change.tx, keys)
    return len(levels) == len(keys) and all(
        rules.missing_units(level.on_hand, level.reserved, level.suppressed, 0) == 0 for level in levels
    )


async def reopened(tx: Connection, now: datetime) -> list[UUID]:
    """Give the fulfilments that are stuck because their place was closed, and that it can do now."""
    places = (await config_in_force(tx)).places
    rows = await sql.STUCK_CLOSED.all(tx)
    return [
        row.fulfilment_id for row in rows if why_it_cannot(places[row.location_id], row.kind, row.work_by, now) is None
    ]


async def stuck_fulfilments(
    tx: Connection, *, skus: Sequence[str] = (), location_codes: Sequence[str] = (), oldest: int = 0
) -> list[UUID]:
    """Give stuck fulfilments that want one of the skus, those at places, or the oldest of all."""
    if skus:
        return await sql.STUCK_FOR_SKUS.all(tx, skus=list(skus))
    if location_codes:
        return await sql.STUCK_AT_PLACES.all(tx, codes=list(location_codes))
    return await sql.STUCK.all(tx, limit=oldest)


async def places_with_unpicked(tx: Connection, codes: Sequence[str] | None) -> list[int]:
    """Give the places, all or those with these codes, that have work of which nothing is picked."""
    return await sql.PLACES_WITH_UNPICKED.all(tx, codes=None if codes is None else list(codes))
