"""The customer comes by car: on her way, here at bay 3, how long she has been waiting."""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from kanava.fulfilment import collection_rules as rules
from kanava.fulfilment.errors import CollectionTokenWrong
from kanava.fulfilment.model import Fulfilment
from kanava.fulfilment.requests import Arrived, CollectionStatus, OnMyWay, WaitingCustomer
from kanava.fulfilment.service import parcels, reading
from kanava.fulfilment.service.change import FulfilmentChange
from kanava.fulfilment.service.config import config_in_force
from kanava.fulfilment.service.policy import CollectionPolicy
from kanava.fulfilment.store import collecting as sql
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import Page
from kanava.stores.errors import LocationNotFound


async def customer_of(connection: Connection, order_id: UUID, fulfilment_id: UUID, token: str) -> Actor:
    """Give the customer whose link carries this token; CollectionTokenWrong, also when there is no such fulfilment."""
    link = await sql.LINK.one_or_none(connection, order_id=order_id, fulfilment_id=fulfilment_id)
    known = link.collection_token if link else None
    if known is None or not hmac.compare_digest(token.encode(), known.encode()):
        raise CollectionTokenWrong("This link is not of this order.", field="token")
    return Actor(kind="customer", id=0, name="", scopes=frozenset())


async def set_out(
    tx: Connection, actor: Actor, order_id: UUID, fulfilment_id: UUID, request: OnMyWay, now: datetime
) -> CollectionStatus:
    """Note that the customer is on her way; said again, the new time counts. FulfilmentNotFound, WrongState."""
    change = await _ready(tx, actor, order_id, fulfilment_id, now)
    row = change.row
    expected = None if request.eta_minutes is None else now + timedelta(minutes=request.eta_minutes)
    first = row.on_my_way_at is None
    row.on_my_way_at = row.on_my_way_at or now
    await sql.SET_EXPECTED.run(tx, order_id=order_id, fulfilment_id=fulfilment_id, expected_at=expected)
    if first or request.eta_minutes is not None:
        change.happened("curbside.on_my_way", {"expected_at": expected, "bay": row.bay})
    return await _status(change, await change.finish("on_my_way", {"eta_minutes": request.eta_minutes}), expected)


async def arrive(
    tx: Connection, actor: Actor, order_id: UUID, fulfilment_id: UUID, request: Arrived, now: datetime
) -> CollectionStatus:
    """Note that the customer is here: from now on she waits. Said again, only the parking bay may change.

    FulfilmentNotFound, WrongKind unless it is curbside, WrongState.
    """
    change = await _ready(tx, actor, order_id, fulfilment_id, now)
    parcels.must_be_of(change, "curbside")
    row = change.row
    moved = row.arrived_at is None or (request.parking_bay and request.parking_bay != row.parking_bay)
    row.arrived_at = row.arrived_at or now
    row.parking_bay = request.parking_bay or row.parking_bay
    if moved:
        change.happened("curbside.arrived", {"parking_bay": row.parking_bay, "bay": row.bay})
    shown = await change.finish("arrived", {"parking_bay": row.parking_bay})
    link = await sql.LINK.one(tx, order_id=order_id, fulfilment_id=fulfilment_id)
    return await _status(change, shown, link.expected_at)


async def _ready(tx: Connection, actor: Actor, order_id: UUID, fulfilment_id: UUID, now: datetime) -> FulfilmentChange:
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if change.row.order_id != order_id:
        raise reading.fulfilment_not_found(fulfilment_id)
    parcels.must_be_of(change, "pickup", "curbside")
    change.must_be("ready")
    return change


async def _status(change: FulfilmentChange, shown: Fulfilment, expected_at: datetime | None) -> CollectionStatus:
    return CollectionStatus(
        order_id=shown.order_id,
        fulfilment_id=shown.fulfilment_id,
        fulfilment_number=shown.fulfilment_number,
        location=shown.location,
        kind=shown.kind,
        state=shown.state,
        collect_by=shown.collect_by,
        on_my_way_at=shown.on_my_way_at,
        expected_at=expected_at,
        arrived_at=shown.arrived_at,
        parking_bay=change.row.parking_bay,
    )


async def waiting_at(
    connection: Connection, actor: Actor, location_code: str, policy: CollectionPolicy, now: datetime
) -> Page[WaitingCustomer]:
    """Give who waits at a place and who is coming, the longest waiting first. LocationNotFound, OutOfReach."""
    location_id = (await config_in_force(connection)).routing.location_ids.get(location_code)
    if location_id is None:
        raise LocationNotFound(f"No location has the code {location_code!r}.", field="code")
    reading.must_reach(actor, location_id)
    rows = await sql.WAITING.all(connection, location_id=location_id)
    return Page([_waiting(row, policy, now) for row in rows])


def _waiting(row: sql.WaitingRow, policy: CollectionPolicy, now: datetime) -> WaitingCustomer:
    seconds = rules.waiting_seconds(row.arrived_at, now)
    return WaitingCustomer(
        order_id=row.order_id,
        fulfilment_id=row.fulfilment_id,
        fulfilment_number=f"{row.order_number}-{row.sequence_no}",
        customer_name=row.customer_name,
        bay=row.bay,
        on_my_way_at=row.on_my_way_at,
        expected_at=row.expected_at,
        arrived_at=row.arrived_at,
        parking_bay=row.parking_bay,
        waiting_seconds=seconds,
        late=seconds is not None and seconds > policy.curbside_sla_minutes * 60,
    )
