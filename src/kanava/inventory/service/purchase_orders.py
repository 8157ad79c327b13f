"""Purchase orders: draft → ordered → received, or cancelled; what is ordered stands as incoming at its location."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from kanava.inventory.errors import DocumentIdTaken, PurchaseOrderStateConflict
from kanava.inventory.messages import Arrival, ExpectationChange, NewPurchaseOrder, PurchaseOrder
from kanava.inventory.model import LevelChange, Movement
from kanava.inventory.service.arrivals import (
    Expected,
    Way,
    by_document,
    date_anew,
    has_all_arrived,
    is_new,
    left_of,
    line_views,
    move_levels,
    receive,
    same_lines,
    step_id,
)
from kanava.inventory.service.incoming import stock_came
from kanava.inventory.service.names import line_variants, location_id, variant_id
from kanava.inventory.store import purchase_orders as sql
from kanava.inventory.store.arrivals import PURCHASE_ORDER, ExpectedLineRow
from kanava.inventory.store.purchase_orders import PurchaseOrderRow
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, NotFound, PreconditionFailed
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.outbox import Event, publish


class PurchaseOrderFilter(msgspec.Struct, frozen=True):
    """Which purchase orders; None does not filter. `expected_until`: expected on that day or before."""

    state: str | None = None
    supplier: str | None = None
    location: str | None = None
    sku: str | None = None
    expected_until: date | None = None


async def create_purchase_order(tx: Connection, actor: Actor, new: NewPurchaseOrder, now: datetime) -> PurchaseOrder:
    """Write a purchase order in draft; the same one again gets it as it stands."""
    supplier, location = await _places(tx, new)
    actor.must_reach(location)
    variants = await line_variants(tx, [line.sku for line in new.lines])
    made = await sql.INSERT_PURCHASE_ORDER.one_or_none(
        tx,
        purchase_order_id=new.purchase_order_id,
        supplier_location_id=supplier,
        location_id=location,
        expected_on=new.expected_on,
        reference=new.reference,
        now=now,
    )
    if made:
        quantities = [line.quantity for line in new.lines]
        await PURCHASE_ORDER.insert_lines.run(
            tx, document_id=new.purchase_order_id, variant_ids=variants, quantities=quantities
        )
        return await get_purchase_order(tx, new.purchase_order_id)
    stored = await get_purchase_order(tx, new.purchase_order_id)
    same = (stored.supplier, stored.location) == (new.supplier, new.location)
    if not (same and same_lines(stored.lines, new.lines)):
        raise DocumentIdTaken(
            f"The id {new.purchase_order_id} belongs to another purchase order.", field="purchase_order_id"
        )
    return stored


async def get_purchase_order(tx: Connection, purchase_order_id: UUID) -> PurchaseOrder:
    """Give a purchase order with its lines."""
    row = await sql.PURCHASE_ORDER.one_or_none(tx, purchase_order_id=purchase_order_id)
    if row is None:
        raise _not_found(purchase_order_id)
    return _view(row, await PURCHASE_ORDER.lines.all(tx, document_ids=[purchase_order_id]))


async def list_purchase_orders(
    tx: Connection, wanted: PurchaseOrderFilter, cursor: str | None, limit: int
) -> Page[PurchaseOrder]:
    """Give purchase orders by id, which is by time for ids of version 7."""
    rows = await sql.PURCHASE_ORDERS_AFTER.all(
        tx,
        after=decode_cursor(cursor, UUID)[0] if cursor else UUID(int=0),
        state=wanted.state,
        supplier_location_id=await location_id(tx, wanted.supplier, "supplier") if wanted.supplier else None,
        location_id=await location_id(tx, wanted.location) if wanted.location else None,
        variant_id=await variant_id(tx, wanted.sku) if wanted.sku else None,
        expected_until=wanted.expected_until,
        limit=limit,
    )
    lines = await PURCHASE_ORDER.lines.all(tx, document_ids=[row.purchase_order_id for row in rows])
    lines_by_id = by_document(lines)
    views = [_view(row, lines_by_id[row.purchase_order_id]) for row in rows]
    return Page(views, encode_cursor(rows[-1].purchase_order_id) if len(rows) == limit else None)


async def order_goods(tx: Connection, actor: Actor, purchase_order_id: UUID, now: datetime) -> PurchaseOrder:
    """Order the goods: from now on they are incoming."""
    row, lines = await _for_change(tx, actor, purchase_order_id)
    if row.state == "ordered":
        return _view(row, lines)
    _must_be(row, "draft")
    entered = await _enter(tx, actor, row, "ordered", ordered_at=now)
    await _owe(tx, actor, row, {line.variant_id: line.quantity for line in lines}, "ordered", now)
    return entered


async def change_purchase_order(
    tx: Connection, actor: Actor, purchase_order_id: UUID, change: ExpectationChange, version: int, now: datetime
) -> PurchaseOrder:
    """Change the date or the reference of a purchase order that is still at `version`.

    Those who await its units get the new date; a later one, or none, is `purchase_order.delayed`.
    """
    row, lines = await _for_change(tx, actor, purchase_order_id)
    if row.version != version:
        raise PreconditionFailed(f"The purchase order is at version {row.version}, not {version}.", field="If-Match")
    _must_be(row, "draft", "ordered")
    before = Expected(row.expected_on, row.reference)
    after = before.changed(change)
    await _write(tx, row, row.state, expected_on=after.expected_on, reference=after.reference)
    if after.expected_on != before.expected_on:
        facts = {**before.dates(after), **_facts(actor, row, row.state)}
        kind = "purchase_order.delayed" if before.is_delayed_by(after) else "purchase_order.changed"
        await publish(tx, [Event(kind, "purchase_order", str(purchase_order_id), facts)])
        if row.state == "ordered":
            await date_anew(tx, [(line.variant_id, row.location_id) for line in lines], now)
    await record(tx, actor, "change", "purchase_order", str(purchase_order_id), before.differences(after))
    return await get_purchase_order(tx, purchase_order_id)


async def receive_goods(
    tx: Connection, actor: Actor, purchase_order_id: UUID, arrival: Arrival, now: datetime
) -> PurchaseOrder:
    """Let goods arrive, all or part, first to those who wait for them; units that will not come are `missing`."""
    row, lines = await _for_change(tx, actor, purchase_order_id)
    if not await is_new(tx, PURCHASE_ORDER, purchase_order_id, arrival, now):
        return _view(row, lines)
    _must_be(row, "ordered")
    after = await receive(
        tx,
        actor,
        PURCHASE_ORDER,
        Way(row.location_id, "receipt", _ref(row), "purchase_difference"),
        arrival,
        lines,
        now,
    )
    if has_all_arrived(after):
        return await _enter(tx, actor, row, "received", received_at=now)
    await _write(tx, row, row.state)
    return await get_purchase_order(tx, purchase_order_id)


async def cancel_purchase_order(tx: Connection, actor: Actor, purchase_order_id: UUID, now: datetime) -> PurchaseOrder:
    """End a draft, or what has not arrived: it is no longer incoming, and those who await it are told."""
    row, lines = await _for_change(tx, actor, purchase_order_id)
    if row.state == "cancelled":
        return _view(row, lines)
    _must_be(row, "draft", "ordered")
    await record(tx, actor, "cancel", "purchase_order", str(purchase_order_id), {"was": row.state})
    entered = await _enter(tx, actor, row, "cancelled")
    if row.state == "ordered":
        left = {line.variant_id: -left_of(line) for line in lines if left_of(line)}
        await _owe(tx, actor, row, left, "cancelled", now)
    return entered


async def _places(tx: Connection, new: NewPurchaseOrder) -> tuple[int, int]:
    places = {row.code: row for row in await sql.PLACE_KINDS.all(tx, codes=[new.supplier, new.location])}
    for code, field in ((new.supplier, "supplier"), (new.location, "location")):
        if code not in places:
            raise InvalidInput(f"No location has the code {code!r}.", field=field)
    if places[new.supplier].kind != "supplier":
        raise InvalidInput(f"{new.supplier} is a {places[new.supplier].kind}, not a supplier.", field="supplier")
    if places[new.location].kind == "supplier":
        raise InvalidInput("Goods are ordered for a store or a warehouse.", field="location")
    return places[new.supplier].location_id, places[new.location].location_id


async def _owe(
    tx: Connection, actor: Actor, row: PurchaseOrderRow, units: Mapping[int, int], step: str, now: datetime
) -> None:
    """Let so many units more, or less, be on their way; the order's state is written already."""
    place, movement_id = row.location_id, step_id(row.purchase_order_id, step)
    changes = [LevelChange(variant, place, incoming_delta=delta) for variant, delta in units.items()]
    movements = [
        Movement(variant, place, movement_id, "purchase", incoming_delta=delta, reference=_ref(row), reason=step)
        for variant, delta in units.items()
    ]
    changed = await move_levels(tx, actor, changes, movements)
    await stock_came(tx, actor, changed, {(variant, place): 0 for variant in units}, now)


async def _for_change(
    tx: Connection, actor: Actor, purchase_order_id: UUID
) -> tuple[PurchaseOrderRow, list[ExpectedLineRow]]:
    row = await sql.PURCHASE_ORDER_FOR_CHANGE.one_or_none(tx, purchase_order_id=purchase_order_id)
    if row is None:
        raise _not_found(purchase_order_id)
    actor.must_reach(row.location_id)
    return row, await PURCHASE_ORDER.lines.all(tx, document_ids=[purchase_order_id])


def _not_found(purchase_order_id: UUID) -> NotFound:
    return NotFound(f"No purchase order has the id {purchase_order_id}.", field="purchase_order_id")


def _must_be(row: PurchaseOrderRow, *states: str) -> None:
    if row.state not in states:
        raise PurchaseOrderStateConflict(
            f"The purchase order is {row.state}; this needs {' or '.join(states)}.", field="state"
        )


async def _enter(
    tx: Connection,
    actor: Actor,
    row: PurchaseOrderRow,
    state: str,
    *,
    ordered_at: datetime | None = None,
    received_at: datetime | None = None,
) -> PurchaseOrder:
    await _write(tx, row, state, ordered_at=ordered_at, received_at=received_at)
    event = Event(f"purchase_order.{state}", "purchase_order", str(row.purchase_order_id), _facts(actor, row, state))
    await publish(tx, [event])
    return await get_purchase_order(tx, row.purchase_order_id)


async def _write(tx: Connection, row: PurchaseOrderRow, state: str, **changed: object) -> None:
    kept = {"expected_on": row.expected_on, "reference": row.reference, "ordered_at": None, "received_at": None}
    await sql.CHANGE.run(tx, purchase_order_id=row.purchase_order_id, state=state, **{**kept, **changed})


def _facts(actor: Actor, row: PurchaseOrderRow, state: str) -> dict[str, object]:
    return {
        "supplier": row.supplier,
        "location": row.location,
        "reference": row.reference,
        "state": state,
        "actor": actor.label,
    }


def _ref(row: PurchaseOrderRow) -> str:
    return f"purchase_order:{row.purchase_order_id}"


def _view(row: PurchaseOrderRow, lines: Sequence[ExpectedLineRow]) -> PurchaseOrder:
    return PurchaseOrder(
        row.purchase_order_id,
        row.supplier,
        row.location,
        row.state,  # type: ignore[arg-type]
        row.expected_on,
        row.reference,
        row.created_at,
        row.ordered_at,
        row.received_at,
        row.version,
        line_views(lines),
    )
