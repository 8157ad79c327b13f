"""The consumer that turns events into messages, set-based for a batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.channels.model import BankAccount
from kanava.engagement import reading, store
from kanava.engagement.model import Draft
from kanava.engagement.reading import ToldOrder, ToldPlace
from kanava.engagement.rules import NEWS, WORK, Known
from kanava.orders import service as orders
from kanava.platform.consumers import Consumer
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.platform.outbox import StoredEvent


async def tell(tx: Connection, events: Sequence[StoredEvent], now: datetime) -> int:
    """Write the messages that these events are a reason for; gives how many are new."""
    order_ids = list({UUID(str(event.data["order_id"])) for event in events if "order_id" in event.data})
    told = {row.order_id: row for row in await reading.ORDERS.all(tx, order_ids=order_ids)}
    lines: dict[UUID, dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in await reading.LINES.all(tx, order_ids=order_ids):
        lines[row.order_id][row.line_no] = {
            "sku": row.sku,
            "title": row.title,
            "quantity": row.quantity,
            "total": {"amount_minor": row.total_minor, "currency": told[row.order_id].currency},
        }
    codes = list({code for event in events for code in _places_of(event.data)})
    places = {row.code: row for row in await reading.PLACES.all(tx, codes=codes)}
    named = {code: msgspec.to_builtins(place) for code, place in places.items()}
    parcel_ids = [UUID(str(event.data["parcel_id"])) for event in events if "parcel_id" in event.data]
    parcels: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if parcel_ids:
        for units in await reading.PARCEL_LINES.all(tx, order_ids=order_ids, parcel_ids=parcel_ids):
            parcels[str(units.parcel_id)].append(msgspec.to_builtins(units))
    drafts = []
    for event in events:
        order = told.get(UUID(str(event.data.get("order_id") or UUID(int=0))))
        if order is None or not order.email or event.type not in NEWS:
            continue
        refund, transfer = _due(order)
        draft = _draft(event, order, Known(lines[order.order_id], _sums(order), refund, named, parcels, transfer))
        if draft is not None:
            drafts.append(draft)
    await _tell_staff(tx, [event for event in events if event.type == WORK], places, lines, now)
    return await write(tx, drafts, now)


def _sums(order: ToldOrder) -> dict[str, Any]:
    """Say what an order costs, in parts that add up; a delivery that is free is none of them."""
    amounts = {"tax": order.tax_minor, "total": order.total_minor}
    if order.delivery_minor:
        amounts |= {"goods": order.total_minor - order.delivery_minor, "delivery": order.delivery_minor}
    return {name: {"amount_minor": minor, "currency": order.currency} for name, minor in amounts.items()}


def _due(order: ToldOrder) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Say what is to be given back, and what is still to be transferred to which account; None where nothing is."""
    tenders = msgspec.convert(order.tenders, list[orders.Tender])
    captured, refunded = sum(each.captured_minor for each in tenders), sum(each.refunded_minor for each in tenders)
    refund = orders.refund_due_of(order.total_minor, captured, refunded)
    transfer = orders.transfer_due_of(order.total_minor, order.status, tenders) if order.bank_iban else 0
    account = BankAccount(order.bank_holder, order.bank_iban, order.bank_bic)
    return (
        {"amount_minor": refund, "currency": order.currency} if refund else None,
        {
            "holder": account.holder,
            "iban": account.iban_in_groups,
            "bic": account.bic,
            "amount": {"amount_minor": transfer, "currency": order.currency},
            "reference": str(order.number),
        }
        if transfer
        else None,
    )


def _places_of(data: Mapping[str, Any]) -> set[str]:
    codes = {data.get(key) for key in ("location", "from_location", "to_location")}
    for promise in data.get("promises") or []:
        codes |= {promise.get("location"), *promise["work_by"]}
    return {code for code in codes if code}


def _draft(event: StoredEvent, order: ToldOrder, known: Known) -> Draft | None:
    told = NEWS[event.type](event.data, known)
    if told is None or order.email is None:
        return None
    kind, facts = told
    return Draft(
        once_key=f"{kind}:{event.event_id}",
        kind=kind,
        audience="customer",
        recipient=order.email,
        language=order.language,
        facts={"number": str(order.number), "name": order.name, **facts},
        order_id=order.order_id,
    )


async def write(tx: Connection, drafts: Sequence[Draft], now: datetime) -> int:
    """Write messages that are to go out at once; gives how many are new."""
    if not drafts:
        return 0
    written = await store.INSERT_MESSAGES.all(
        tx,
        now=now,
        message_ids=[uuid7() for _ in drafts],
        once_keys=[draft.once_key for draft in drafts],
        kinds=[draft.kind for draft in drafts],
        audiences=[draft.audience for draft in drafts],
        recipients=[draft.recipient for draft in drafts],
        languages=[draft.language for draft in drafts],
        order_ids=[draft.order_id for draft in drafts],
        location_ids=[draft.location_id for draft in drafts],
        facts=[msgspec.json.encode(draft.facts).decode() for draft in drafts],
    )
    return len(written)


async def _tell_staff(
    tx: Connection,
    events: Sequence[StoredEvent],
    places: Mapping[str, ToldPlace],
    lines: Mapping[UUID, Mapping[int, Mapping[str, Any]]],
    now: datetime,
) -> None:
    """Tell those who work at a place of new tasks: the first at once, what comes within a minute together."""
    tasks: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        place = places.get(event.data["location"])
        if place is not None:
            tasks[place.location_id].append(_task(event.data, lines[UUID(str(event.data["order_id"]))]))
    colleagues = await reading.COLLEAGUES.all(tx, location_ids=list(tasks)) if tasks else []
    if not colleagues:
        return
    by_id = {place.location_id: place for place in places.values()}
    await store.ADD_WORK.run(
        tx,
        now=now,
        message_ids=[uuid7() for _ in colleagues],
        recipients=[each.email for each in colleagues],
        languages=[each.language for each in colleagues],
        location_ids=[each.location_id for each in colleagues],
        facts=[
            msgspec.json.encode(
                {
                    "place": by_id[each.location_id].name,
                    "time_zone": by_id[each.location_id].time_zone,
                    "tasks": tasks[each.location_id],
                }
            ).decode()
            for each in colleagues
        ],
    )


def _task(data: Mapping[str, Any], lines: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "number": data["fulfilment_number"],
        "kind": data["kind"],
        "work_by": data["work_by"],
        "lines": [
            {
                "sku": line["sku"],
                "quantity": line["quantity"],
                "title": lines[line["line_no"]]["title"] if line["line_no"] in lines else line["sku"],
            }
            for line in data["lines"]
        ],
    }


CONSUMER = Consumer("messages", tell, types=(*NEWS, WORK), from_start=False)
