"""All that is known of one order, put together for its page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from kanava.catalog import service as catalog
from kanava.engagement import service as messages
from kanava.fulfilment import service as fulfilment
from kanava.fulfilment.service.parcels import parcels_of_order
from kanava.orders import service as orders
from kanava.orders.model import Order
from kanava.orders.requests import TimelineEntry
from kanava.platform import auth, clock, staff
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.platform.money import Money, major_amount
from kanava.sourcing.promise.model import Promise
from kanava.sourcing.routing import service as routing
from kanava.stores import service as stores
from kanava.web.common.formatting import Format
from kanava.web.console import labels
from kanava.web.console.charge_words import words_of
from kanava.web.console.shell import Desk, Refused, console_page

MESSAGES_MAX = 100
_SAID = ("reason", "location", "note", "answer", "carrier", "tracking_number", "collect_by", "bay", "state")
"""Facts of an event that say more than its name."""


class Kept(msgspec.Struct, frozen=True):
    """A promise against what happened; `outcome` as `labels.PROMISED` names it."""

    promise: Promise
    happened_at: datetime | None
    outcome: str


class Happened(msgspec.Struct, frozen=True):
    """An entry of the timeline in words."""

    at: datetime
    title: str
    said: str
    who: str
    by_hand: bool


PROMISED: labels.Labels = {
    "kept": (labels.N("Kept"), "success"),
    "late": (labels.N("Late"), "error"),
    "overdue": (labels.N("Overdue"), "error"),
    "under_way": (labels.N("Under way"), "info"),
    "undated": (labels.N("No date was promised"), "ghost"),
    "cancelled": (labels.N("Cancelled"), "ghost"),
}


async def show_order(
    request: AnyRequest, desk: Desk, order_id: UUID, problem: Refused | None = None, status: int = 200
) -> Response[str]:
    """Answer with the page of an order; `problem` is what was refused on it."""
    async with database_of(request).connection() as connection:
        facts = await _facts(connection, desk, order_id, request.app.state.settings.currency)
    return console_page(request, desk, "console/order.html", status=status, problem=problem, **facts)


async def _facts(connection: Connection, desk: Desk, order_id: UUID, currency: str) -> dict[str, Any]:
    order = await orders.get_order(connection, order_id)
    work = await fulfilment.fulfilments_of_order(connection, order_id)
    parcels = await parcels_of_order(connection, order_id)
    decisions = (await routing.order_routing(connection, order_id)).decisions
    history = (await orders.timeline(connection, order_id)).items
    told = []
    if desk.may("messages:read"):
        told = (await messages.list_messages(connection, order_id, None, None, MESSAGES_MAX)).items
    codes = {each.location for each in work} | {a.location for line in order.lines for a in line.allocations}
    codes |= {place.location for decision in decisions for place in decision.chosen if place.location}
    codes |= {line.fulfilment.location for line in order.lines if line.fulfilment.location}
    codes |= {code for d in decisions if d.runner_up for code in d.runner_up.locations}
    names = {code: place.name for code, place in (await stores.name_places(connection, codes)).items()}
    people = await _people(connection, history) if desk.may("admin:read") else {}
    elsewhere = []
    if any(each.stuck_since for each in work):
        elsewhere = [
            (p.code, p.code) for p in await stores.all_for_routing(connection) if p.active and p.kind == "store"
        ]
    now = clock.now()
    return {
        "order": order,
        "shown": await catalog.show_variants(connection, [line.sku for line in order.lines], [desk.language, "en"]),
        "work": work,
        "parcels": parcels,
        "decisions": decisions,
        "cost_words": lambda charge: words_of(charge, desk.language),
        "cost": lambda amount_minor: Format(desk.language).money(Money(amount_minor, currency)),
        "names": names,
        "told": told,
        "history": _told_once([_happened(desk, entry, people) for entry in reversed(history)]),
        "kept": [_kept(promise, order, work, now) for promise in order.promises],
        "open_units": {line.line_no: line.quantity - line.quantity_cancelled - line.quantity_fulfilled
                       for line in order.lines},
        "elsewhere": elsewhere,
        "labels": labels,
        "promised": PROMISED,
        "named": lambda listed: ", ".join(names.get(code, code) for code in listed),
        "major": lambda amount_minor: str(major_amount(Money(amount_minor, order.currency))),
        "new_id": lambda: str(uuid7()),
    }  # fmt: skip


def _told_once(history: Sequence[Happened]) -> list[Happened]:
    """Make one entry of an event and of the note of who did it: they are of one moment and say the same."""
    once: list[Happened] = []
    for entry in history:
        twin = next(
            (
                number
                for number, other in enumerate(once[-4:], max(0, len(once) - 4))
                if (other.title, other.by_hand) == (entry.title, not entry.by_hand)
                and abs((other.at - entry.at).total_seconds()) < 1
            ),
            None,
        )
        if twin is None:
            once.append(entry)
        else:
            other = once[twin]
            once[twin] = Happened(other.at, other.title, other.said or entry.said, other.who or entry.who, True)
    return once


async def _people(connection: Connection, history: Sequence[TimelineEntry]) -> Mapping[str, str]:
    """Give the names behind `staff:3` and `api_key:5`."""
    if not any(entry.actor for entry in history):
        return {}
    named = {f"staff:{person.staff_id}": person.name for person in await staff.list_staff(connection)}
    return named | {f"api_key:{key.api_key_id}": key.name for key in await auth.list_api_keys(connection)}


def _happened(desk: Desk, entry: TimelineEntry, people: Mapping[str, str]) -> Happened:
    # What was done to work stands in the audit log as `fulfilment.pick`, what happened to it as `fulfilment.picked`.
    known = labels.EVENTS.get(entry.type) or labels.EVENTS.get(entry.type.removeprefix("fulfilment."))
    title = desk.text(known) if known else entry.type
    detail = entry.detail if isinstance(entry.detail, dict) else {}
    said = []
    for name in _SAID:
        value = detail.get(name)
        if isinstance(value, str) and value:
            said.append(_words(desk, name, value))
    number = detail.get("fulfilment_number")
    if isinstance(number, str):
        said.insert(0, number)
    actor = entry.actor or str(detail.get("actor") or "")
    who = people.get(actor, "" if actor.startswith(("system", "shopper")) else actor)
    return Happened(entry.occurred_at, title, " · ".join(said), who, entry.source == "audit")


def _words(desk: Desk, name: str, value: str) -> str:
    if name == "reason" and value in labels.REJECTED:
        return desk.text(labels.REJECTED[value])
    if name == "state" and value in labels.WORK:
        return desk.text(labels.WORK[value][0])
    if name == "collect_by":
        return Format(desk.language).moment(datetime.fromisoformat(value), desk.time_zone)
    return value[:300]


def _kept(promise: Promise, order: Order, work: Sequence[Any], now: datetime) -> Kept:
    """Hold a promise against the fulfilments that carry its lines."""
    lines = set(promise.line_nos)
    mine = [
        each
        for each in work
        if each.kind == promise.kind
        and any(line.line_no in lines and line.quantity > line.quantity_ended for line in each.lines)
    ]
    if promise.promised_by is None:
        return Kept(promise, None, "undated")
    if not mine:
        standing = [x for x in order.lines if x.line_no in lines and x.quantity > x.quantity_cancelled]
        if not standing:
            return Kept(promise, None, "cancelled")
        return Kept(promise, None, "under_way" if promise.promised_by >= now else "overdue")
    settled = [each.settled_at for each in mine]
    if any(at is None for at in settled):
        return Kept(promise, None, "under_way" if promise.promised_by >= now else "overdue")
    last = max(at for at in settled if at is not None)
    return Kept(promise, last, "kept" if last <= promise.promised_by else "late")
