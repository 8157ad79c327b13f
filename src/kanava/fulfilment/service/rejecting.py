"""A place says what it cannot give; an answer of the customer where nobody can."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from kanava.fulfilment import rules
from kanava.fulfilment.errors import FulfilmentLineUnknown, NotStuck, PlaceCannot, TooManyRejected
from kanava.fulfilment.model import Fulfilment, RejectReason, RejectUnits, ResolveStuck
from kanava.fulfilment.service import moving, reading
from kanava.fulfilment.service.change import FulfilmentChange
from kanava.fulfilment.service.moving import GivenUp
from kanava.fulfilment.service.picking import must_be_free
from kanava.fulfilment.store import rejecting as sql
from kanava.inventory.service import suppressing
from kanava.inventory.service.suppressing import Suppression
from kanava.orders import service as orders
from kanava.orders.requests import CancelOrder, LineCancellation
from kanava.orders.service.moving import Elsewhere, Move, move_units
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.jobs import enqueue

MOVE_SHORT = "fulfilment_move_short"
"""The job that moves what a suppression has made short."""
SUPPRESSING: tuple[RejectReason, ...] = ("not_found", "damaged", "display_piece")


async def reject(
    tx: Connection, actor: Actor, fulfilment_id: UUID, request: RejectUnits, now: datetime, version: int | None = None
) -> Fulfilment:
    """Record units that the place cannot give; in the same transaction another place has them, or they are stuck.

    What was not found, is damaged or on display is not promised until somebody counts; other work of the place that
    this makes short is moved by a job. WrongState, FulfilmentOnHold, TakenBySomebody, FulfilmentLineUnknown,
    TooManyRejected.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.rejection_id, "rejection", request, version):
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    change.must_be("open", "picking", "picked")
    must_be_free(change, actor)
    units = _units(change, request)
    asked = dict(units)
    planned = None
    if change.row.kind == "ship" and units:
        planned = await moving.plan_elsewhere(change, GivenUp(units, request.reason, request.rejection_id))
        # What is suppressed here is locked together with what is taken elsewhere, or two would wait for each other.
        await planned.lock((change.lines[line_no].variant_id, change.row.location_id) for line_no in units)
    if request.reason in SUPPRESSING:
        missing = await _suppress(change, request.reason, units)
        if change.row.kind != "ship" and request.reason != "not_found":
            # She comes for it here, and there are others on the shelf: another piece is picked.
            units = _instead(change, units, missing)
    given_up = GivenUp(units, request.reason, request.rejection_id, request.note)
    outcome = await moving.give_up(change, given_up, planned)
    return await change.finish(
        "reject",
        {
            "reason": request.reason,
            "lines": _named(asked),
            "moved": _named(outcome.moved),
            "stuck": _named(outcome.stuck),
        },
    )


def _named(units: Mapping[int, int]) -> dict[str, int]:
    return {str(line_no): quantity for line_no, quantity in units.items()}


def _units(change: FulfilmentChange, request: RejectUnits) -> dict[int, int]:
    if not request.lines:
        units = moving.units_given(change)
        if not units:
            raise TooManyRejected("All units are picked; name the lines that cannot be given.", field="lines")
        return units
    units = {}
    for index, wanted in enumerate(request.lines):
        line = change.line(wanted.line_no, f"lines[{index}].line_no")
        if wanted.line_no in units:
            raise FulfilmentLineUnknown(f"Line {wanted.line_no} stands twice.", field=f"lines[{index}].line_no")
        free = line.quantity - line.quantity_ended - line.quantity_packed
        quantity = line.to_pick if wanted.quantity is None else wanted.quantity
        if not 0 < quantity <= free:
            raise TooManyRejected(
                f"{change.row.fulfilment_number} has {free} units of line {wanted.line_no} to give.",
                field=f"lines[{index}].quantity",
                open=free,
            )
        units[wanted.line_no] = quantity
    return units


async def _suppress(change: FulfilmentChange, reason: RejectReason, given: Mapping[int, int]) -> dict[int, int]:
    """Promise nothing of what is not there, and ask for the work that this makes short to be moved.

    Gives, by variant, how many units the place has promised and has not.
    """
    place = change.row.location_id
    units: dict[int, int] = {}
    for line_no, quantity in given.items():
        variant_id = change.lines[line_no].variant_id
        units[variant_id] = units.get(variant_id, 0) + quantity
    variant_ids = sorted(units)
    all_but: dict[int, int] = {}
    if reason == "not_found":
        found = await sql.PICKED_AT.all(change.tx, location_id=place, variant_ids=variant_ids)
        all_but = dict.fromkeys(variant_ids, 0) | {each.variant_id: each.units for each in found}
    levels = await suppressing.suppress(
        change.tx, [Suppression(variant, place, units[variant], all_but.get(variant)) for variant in variant_ids]
    )
    stuck = {
        each.variant_id: each.units
        for each in await sql.STUCK_AT.all(change.tx, location_id=place, variant_ids=variant_ids)
    }
    missing = {
        level.variant_id: rules.missing_units(
            level.on_hand, level.reserved, level.suppressed, stuck.get(level.variant_id, 0)
        )
        for level in levels
    }
    for variant_id, quantity in missing.items():
        if quantity > units[variant_id]:
            job = {"variant_id": variant_id, "location_id": place, "reason": reason}
            await enqueue(change.tx, MOVE_SHORT, job)
    return missing


def _instead(change: FulfilmentChange, units: Mapping[int, int], missing: dict[int, int]) -> dict[int, int]:
    """Give the units that cannot be replaced from the shelf; for the others a task is open again."""
    short = {}
    for line_no, quantity in units.items():
        line = change.lines[line_no]
        gone = min(quantity, missing.get(line.variant_id, 0))
        missing[line.variant_id] = missing.get(line.variant_id, 0) - gone
        if gone:
            short[line_no] = gone
        line.quantity_picked -= max(0, quantity - gone - line.to_pick)
    return short


async def resolve(
    tx: Connection, actor: Actor, fulfilment_id: UUID, request: ResolveStuck, now: datetime, version: int | None = None
) -> Fulfilment:
    """Do what the customer says of units that nobody can give: wait, cancel them, or fetch them at another place.

    NotStuck; PlaceCannot when the place that she names has not enough, or does not hand over this way.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.resolution_id, "resolution", request, version):
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    change.must_be("open", "picking")
    if change.row.stuck_since is None:
        raise NotStuck(f"{change.row.fulfilment_number} is not waiting for an answer.", state=change.row.state)
    units = {line.line_no: line.here for line in change.lines.values() if line.here}
    if request.answer == "wait":
        change.row.stuck_answer = "wait"
        change.happened("fulfilment.changed", {"state": change.row.state, "lines": [], "answer": "wait"})
    elif request.answer == "cancel":
        await _cancel(change, units, request)
    else:
        await _move_to(change, units, request)
    return await change.finish("resolve", {"answer": request.answer, "location": request.location})


async def _cancel(change: FulfilmentChange, units: dict[int, int], request: ResolveStuck) -> None:
    row = change.row
    told = [{"line_no": n, "sku": change.lines[n].sku, "quantity": quantity} for n, quantity in units.items()]
    lines = [LineCancellation(line_no, quantity, row.location) for line_no, quantity in units.items()]
    reason = request.note or row.stuck_reason or ""
    await orders.cancel(
        change.tx, change.actor, change.target, CancelOrder(reason, lines, request.resolution_id), change.now
    )
    for line_no, quantity in units.items():
        moving.end_here(change.lines[line_no], quantity)
    row.state = rules.state_after(row.state, row.kind, change.lines.values())
    change.unstick()
    change.happened("fulfilment.cancelled", {"lines": told, "reason": reason, "state": row.state})


async def _move_to(change: FulfilmentChange, units: dict[int, int], request: ResolveStuck) -> None:
    """Move units to the place that she chose."""
    row = change.row
    goal = _place_that_can(change, request.location)
    moved = await move_units(
        change.tx,
        change.actor,
        change.target,
        [Move(line_no, row.location_id, quantity) for line_no, quantity in units.items()],
        Elsewhere(to_location_id=goal, reason="customer"),
        change.now,
    )
    if moved.short:
        told = [f"{there} of {change.lines[n].sku}" for n, there in moved.short.items()]
        raise PlaceCannot(f"{request.location} has {', '.join(told)}.", field="location", available=dict(moved.short))
    for line_no, quantity in units.items():
        moving.end_here(change.lines[line_no], quantity)
    row.state = rules.state_after(row.state, row.kind, change.lines.values())
    change.unstick()
    await moving.open_elsewhere(change, moved.parts, "customer")


def _place_that_can(change: FulfilmentChange, code: str | None) -> int:
    """Give the id of a place that hands over in the fulfilment's way for the order's channel."""
    row, config = change.row, change.config
    if code is None:
        raise InvalidInput("Say where she wants to fetch it.", field="location")
    location_id = config.routing.location_ids.get(code)
    if location_id is None:
        raise InvalidInput(f"No location has the code {code!r}.", field="location")
    place, here = config.routing.spots[location_id], config.routing.spots[row.location_id]
    offers = {"ship": place.ships, "pickup": place.offers_pickup, "curbside": place.offers_curbside}[row.kind]
    channel = config.routing.channels[row.channel]
    if location_id == row.location_id:
        raise PlaceCannot("It is there already.", field="location")
    if not (place.active and offers and location_id in channel.thresholds and place.country == here.country):
        raise PlaceCannot(f"{code} does not offer {row.kind} for {row.channel} in the same country.", field="location")
    return location_id
