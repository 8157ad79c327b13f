"""Goods wait at a bay, and are given to the customer against her code or a look at an identity card."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from kanava.fulfilment import collection_rules as rules
from kanava.fulfilment.errors import (
    CollectionCodeWrong,
    CollectionLocked,
    NothingToDo,
    TooManyHandedOver,
    WrongState,
)
from kanava.fulfilment.model import REFUSED, Fulfilment
from kanava.fulfilment.requests import CodeProof, CollectionPass, HandOver, StageUnits, UnitsOfLine
from kanava.fulfilment.service import parcels, reading
from kanava.fulfilment.service.change import FulfilmentChange, lines_told
from kanava.fulfilment.service.policy import CollectionPolicy
from kanava.fulfilment.store import collecting as sql
from kanava.fulfilment.store import reading as reading_sql
from kanava.orders import service as orders
from kanava.orders.requests import CancelOrder, FulfilledLine, FulfilOrder, LineCancellation
from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import KanavaError
from kanava.stores import hours

TOKEN_BYTES = 18


async def stage(
    tx: Connection, actor: Actor, fulfilment_id: UUID, request: StageUnits, policy: CollectionPolicy, now: datetime
) -> Fulfilment:
    """Put picked units where they wait; when that is all, the fulfilment is ready and its promise settled.

    FulfilmentNotFound, OutOfReach, WrongKind, WrongState, FulfilmentOnHold, FulfilmentLineUnknown, TooManyPacked,
    NothingToDo, FulfilmentChangeExists.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.staging_id, "staging", request):
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    parcels.must_be_of(change, "pickup", "curbside")
    change.must_be("picking", "picked", "ready")
    there = parcels.packable(change.lines.values())
    units = parcels.chosen_units(change, request.lines, there)
    if not request.lines:
        units = {line_no: quantity for line_no, quantity in there.items() if quantity}
    change.row.bay = request.bay
    if not units and not any(parcels.waiting(change.lines.values()).values()):
        raise NothingToDo("Nothing is picked that could be staged.", field="lines")
    for line_no, quantity in units.items():
        change.lines[line_no].quantity_packed += quantity
    if change.row.state != "ready" and _all_staged(change):
        await _become_ready(change, policy)
    told = lines_told([(change.lines[line_no], quantity) for line_no, quantity in units.items()])
    return await change.finish("stage", {"bay": request.bay, "lines": told, "state": change.row.state})


def _all_staged(change: FulfilmentChange) -> bool:
    lines = change.lines.values()
    return not any(line.to_pick or line.quantity_picked > line.quantity_packed for line in lines)


async def _become_ready(change: FulfilmentChange, policy: CollectionPolicy) -> None:
    row, now = change.row, change.now
    schedule = change.config.places[row.location_id].schedule
    last_day = now + timedelta(days=policy.days)
    row.state, row.ready_at = "ready", now
    row.settled_at = row.settled_at or now
    row.collect_by = hours.next_closing(schedule, last_day) or rules.end_of_day(last_day, schedule.time_zone)
    row.reminders_sent = rules.reminders_due(row.collect_by, policy.reminder_days, now)
    row.collection_code = rules.code_of(secrets.randbelow(rules.CODES))
    row.code_attempts, row.code_locked_until = 0, None
    await sql.SET_TOKEN.run(
        change.tx,
        order_id=row.order_id,
        fulfilment_id=row.fulfilment_id,
        token=secrets.token_urlsafe(TOKEN_BYTES),
    )
    change.happened("fulfilment.ready", {"bay": row.bay, "collect_by": row.collect_by})


async def check_code(
    tx: Connection, actor: Actor, fulfilment_id: UUID, request: HandOver, now: datetime
) -> KanavaError | None:
    """Try a collection code, for `hand_over`; give what is wrong with it, None when nothing is.

    In a transaction of its own, which commits: a wrong try counts although nothing is handed over. Every try is
    audited. A hand-over that was carried out already, or one by an ID check, tries nothing.
    """
    if not isinstance(request.proof, CodeProof):
        return None
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    row = change.row
    done = await sql.HAND_OVER_DONE.one_or_none(tx, order_id=row.order_id, hand_over_id=request.hand_over_id)
    if done or row.state != "ready":
        return None
    refusal = await _refusal(change, request.proof.code)
    result = "right"
    if refusal is not None:
        result = "locked" if isinstance(refusal, CollectionLocked) else "wrong"
    await audit.record(
        tx,
        actor,
        "fulfilment.code_tried",
        "order",
        str(row.order_id),
        {"fulfilment_id": str(row.fulfilment_id), "fulfilment_number": row.fulfilment_number, "result": result},
    )
    return refusal


async def _refusal(change: FulfilmentChange, code: str) -> KanavaError | None:
    row, now = change.row, change.now
    if row.code_locked_until is not None and row.code_locked_until > now:
        return _locked(row.code_locked_until, now)
    if _same(code, row.collection_code):
        return None
    key = {"order_id": row.order_id, "fulfilment_id": row.fulfilment_id}
    wrong = await sql.COUNT_WRONG_CODE.one(change.tx, **key)
    until = rules.locked_until(wrong, now)
    if until is not None:
        await sql.LOCK_CODE.run(change.tx, until=until, **key)
        return _locked(until, now)
    left = rules.tries_left(wrong)
    tries = "1 more try" if left == 1 else f"{left} more tries"
    return CollectionCodeWrong(f"The code is wrong; {tries}.", field="proof.code", tries_left=left)


def _locked(until: datetime, now: datetime) -> CollectionLocked:
    seconds = ceil((until - now).total_seconds())
    return CollectionLocked(
        f"Too many wrong codes; try again in {-(-seconds // 60)} minutes, or look at an identity document.",
        field="proof.code",
        retry_after_seconds=seconds,
    )


def _same(code: str, known: str | None) -> bool:
    return known is not None and hmac.compare_digest(code.encode(), known.encode())


async def hand_over(tx: Connection, actor: Actor, fulfilment_id: UUID, request: HandOver, now: datetime) -> Fulfilment:
    """Give staged units to the customer, and take back into stock what she refuses; some may stay for later.

    What is refused is cancelled, so that money paid for it shows as refund due. `check_code` came before.
    FulfilmentNotFound, OutOfReach, WrongKind, WrongState, FulfilmentOnHold, CollectionCodeWrong, TooManyHandedOver,
    FulfilmentLineUnknown, FulfilmentChangeExists; the orders module's UnitsMissing.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.hand_over_id, "hand_over", request):
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    parcels.must_be_of(change, "pickup", "curbside")
    change.must_be("ready")
    proof = request.proof
    if isinstance(proof, CodeProof) and not _same(proof.code, change.row.collection_code):
        raise CollectionCodeWrong("The code is wrong.", field="proof.code")
    there = parcels.waiting(change.lines.values())
    given_up = [UnitsOfLine(item.line_no, item.quantity) for item in request.refused]
    refused = parcels.chosen_units(change, given_up, there, TooManyHandedOver, "refused")
    rest = {line_no: quantity - refused.get(line_no, 0) for line_no, quantity in there.items()}
    handed = parcels.chosen_units(change, request.lines, rest, TooManyHandedOver)
    if not request.lines:
        handed = {line_no: quantity for line_no, quantity in rest.items() if quantity}
    await _leave(change, request.hand_over_id, handed)
    reasons = [item.reason for item in request.refused if item.reason]
    await give_back(change, refused, "; ".join([REFUSED, *reasons])[:500])
    told, told_refused = _told(change, handed), _told(change, refused)
    await sql.INSERT_HAND_OVER.run(
        tx,
        order_id=change.row.order_id,
        hand_over_id=request.hand_over_id,
        fulfilment_id=fulfilment_id,
        proof="code" if isinstance(proof, CodeProof) else "id_check",
        lines=told,
        refused=told_refused,
        actor=actor.label,
        now=now,
    )
    _end_when_done(change)
    change.happened("fulfilment.collected", {"lines": told, "refused": told_refused, "state": change.row.state})
    seen = {} if isinstance(proof, CodeProof) else {"document": proof.document, "name": proof.name}
    detail = {"proof": "code" if isinstance(proof, CodeProof) else "id_check", **seen}
    return await change.finish("hand_over", {**detail, "lines": told, "refused": told_refused})


def _told(change: FulfilmentChange, units: Mapping[int, int]) -> list[dict[str, object]]:
    return lines_told([(change.lines[line_no], quantity) for line_no, quantity in units.items()])


async def _leave(change: FulfilmentChange, hand_over_id: UUID, units: Mapping[int, int]) -> None:
    """Turn reservations into sales."""
    if not units:
        return
    location = change.row.location
    leaving: Sequence[FulfilledLine] = [FulfilledLine(no, quantity, location) for no, quantity in units.items()]
    await orders.fulfil(change.tx, change.actor, change.target, FulfilOrder(hand_over_id, list(leaving)), change.now)
    for line_no, quantity in units.items():
        change.lines[line_no].quantity_done += quantity


async def give_back(change: FulfilmentChange, units: Mapping[int, int], reason: str) -> None:
    """Cancel staged units of the order that come from here: they are free again, money paid for them is due."""
    if not units:
        return
    location = change.row.location
    lines = [LineCancellation(line_no, quantity, location) for line_no, quantity in units.items()]
    await orders.cancel(change.tx, change.actor, change.target, CancelOrder(reason, lines), change.now)
    for line_no, quantity in units.items():
        line = change.lines[line_no]
        line.quantity_picked -= quantity
        line.quantity_packed -= quantity
        line.quantity_ended += quantity


def _end_when_done(change: FulfilmentChange) -> None:
    lines = change.lines.values()
    if not any(line.here for line in lines):
        change.row.state = "collected" if any(line.quantity_done for line in lines) else "cancelled"


async def collection_pass(connection: Connection, order_id: UUID, fulfilment_id: UUID) -> CollectionPass:
    """Give what the customer needs to collect, for her messages; FulfilmentNotFound, WrongState unless it is ready."""
    row = await reading_sql.FULFILMENT.one_or_none(connection, fulfilment_id=fulfilment_id)
    if row is None or row.order_id != order_id:
        raise reading.fulfilment_not_found(fulfilment_id)
    link = await sql.LINK.one(connection, order_id=order_id, fulfilment_id=fulfilment_id)
    if row.state != "ready" or row.collection_code is None or link.collection_token is None:
        raise WrongState(f"{row.fulfilment_number} is {row.state}; this takes ready.", state=row.state)
    return CollectionPass(
        order_id=order_id,
        fulfilment_id=fulfilment_id,
        fulfilment_number=row.fulfilment_number,
        location=row.location,
        collect_by=row.collect_by,
        code=row.collection_code,
        qr_text=rules.qr_text_of(fulfilment_id, row.collection_code),
        token=link.collection_token,
    )
