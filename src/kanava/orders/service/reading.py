"""Showing orders: assembled set-based, four statements for any page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec

from kanava.orders import rules
from kanava.orders.errors import OrderNotFound
from kanava.orders.model import Allocation, Customer, Delivery, Fulfilment, Order, OrderLine, Payment, PostalAddress
from kanava.orders.requests import OrderFilter, TimelineEntry
from kanava.orders.store import reading as sql
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Forbidden
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.money import Money
from kanava.sourcing.promise.model import Promise


async def get_order(connection: Connection, order_id: UUID) -> Order:
    """Give one order; OrderNotFound."""
    row = await sql.ORDER.one_or_none(connection, order_id=order_id)
    if row is None:
        raise order_not_found(order_id)
    return (await _assembled(connection, [row]))[0]


async def reaches(connection: Connection, actor: Actor, order_id: UUID) -> bool:
    """Say whether somebody may change an order: who is bound to places serves orders that concern one of them.

    Those are the orders of channels that the place serves, wherever the goods are, so that a customer is helped at any
    counter of her market; and those whose goods are, or were, at the place.
    """
    if actor.location_ids is None:
        return True
    return await sql.CONCERNS.one(connection, order_id=order_id, location_ids=sorted(actor.location_ids))


async def must_reach(connection: Connection, actor: Actor, order_id: UUID) -> None:
    """Raise Forbidden for who is bound to places that an order does not concern."""
    if not await reaches(connection, actor, order_id):
        raise Forbidden("Your role is bound to locations that do not serve this order.", field="location")


async def list_orders(connection: Connection, wanted: OrderFilter, cursor: str | None, limit: int) -> Page[Order]:
    """Give orders, the latest placed first."""
    before: tuple[Any, ...] = (None, None)
    if cursor:
        before = decode_cursor(cursor, datetime, UUID)
    rows = await _statement_for(wanted).all(
        connection,
        **msgspec.structs.asdict(wanted),
        before_placed_at=before[0],
        before_order_id=before[1],
        limit=limit,
    )
    last = rows[-1] if len(rows) == limit else None
    items = await _assembled(connection, rows)
    return Page(items, encode_cursor(last.placed_at, last.order_id) if last else None)


async def timeline(connection: Connection, order_id: UUID) -> Page[TimelineEntry]:
    """Give what happened to an order and who did it, oldest first, up to 1,000 entries."""
    entries = await sql.TIMELINE.all(connection, order_id=str(order_id))
    if not entries and await sql.ORDER.one_or_none(connection, order_id=order_id) is None:
        raise order_not_found(order_id)
    return Page(entries)


def order_not_found(order_id: UUID) -> OrderNotFound:
    """Say that there is no such order."""
    return OrderNotFound(f"No order has the id {order_id}.", field="order_id")


def _statement_for(wanted: OrderFilter) -> Any:
    if wanted.number is not None:
        return sql.ORDERS_BY_NUMBER
    if wanted.external_reference is not None:
        return sql.ORDERS_BY_REFERENCE
    return sql.ORDERS_BY_EMAIL if wanted.email is not None else sql.ORDERS


async def _assembled(connection: Connection, rows: Sequence[sql.OrderRow]) -> list[Order]:
    if not rows:
        return []
    order_ids = [row.order_id for row in rows]
    lines: dict[UUID, list[sql.LineRow]] = defaultdict(list)
    allocations: dict[tuple[UUID, int], list[Allocation]] = defaultdict(list)
    payments: dict[UUID, list[sql.PaymentRow]] = defaultdict(list)
    for line in await sql.LINES_OF.all(connection, order_ids=order_ids):
        lines[line.order_id].append(line)
    for a in await sql.ALLOCATIONS_OF.all(connection, order_ids=order_ids):
        allocation = Allocation(a.location, a.quantity, a.state, a.reservation_id, a.expected_on)
        allocations[a.order_id, a.line_no].append(allocation)
    for payment in await sql.PAYMENTS_OF.all(connection, order_ids=order_ids):
        payments[payment.order_id].append(payment)
    return [_view(row, lines[row.order_id], allocations, payments[row.order_id]) for row in rows]


def _view(
    row: sql.OrderRow,
    lines: Sequence[sql.LineRow],
    allocations: dict[tuple[UUID, int], list[Allocation]],
    payments: Sequence[sql.PaymentRow],
) -> Order:
    currency = row.currency
    captured = sum(p.captured_minor for p in payments)
    refunded = sum(p.refunded_minor for p in payments)
    voided = sum(p.voided_minor for p in payments)
    return Order(
        order_id=row.order_id,
        number=row.number,
        channel=row.channel,
        status=row.status,
        payment_status=rules.payment_status_of(
            row.total_minor,
            sum(p.authorised_minor for p in payments) - voided,
            captured,
            refunded,
            voided_minor=voided,
            cancelled=row.status == "cancelled",
        ),
        fulfilment_status=rules.fulfilment_status_of(
            (line.quantity, line.quantity_cancelled, line.quantity_fulfilled) for line in lines
        ),
        hold_reason=row.hold_reason,
        currency=currency,
        tax_inclusive=row.tax_inclusive,
        net=Money(row.net_minor, currency),
        tax=Money(row.tax_minor, currency),
        total=Money(row.total_minor, currency),
        customer=Customer(row.customer_email, row.customer_name, row.customer_phone, row.customer_group),
        ship_to=None if row.ship_to is None else msgspec.convert(row.ship_to, PostalAddress),
        external_reference=row.external_reference,
        cart_id=row.cart_id,
        placed_at=row.placed_at,
        version=row.version,
        lines=[_line(line, currency, allocations[row.order_id, line.line_no]) for line in lines],
        payments=[_payment(payment) for payment in payments],
        refund_due=Money(rules.refund_due_of(row.total_minor, captured, refunded), currency),
        delivery=_delivery(row),
        promises=msgspec.convert(row.promises, list[Promise]),
    )


def _delivery(row: sql.OrderRow) -> Delivery | None:
    if row.carrier_service is None:
        return None
    return Delivery(
        row.carrier_service,
        row.pickup_point,
        Money(row.delivery_net_minor, row.currency),
        Money(row.delivery_tax_minor, row.currency),
        Money(row.delivery_total_minor, row.currency),
        row.delivery_tax_rate_basis_points,
    )


def _line(line: sql.LineRow, currency: str, allocations: list[Allocation]) -> OrderLine:
    return OrderLine(
        line_no=line.line_no,
        sku=line.sku,
        quantity=line.quantity,
        quantity_cancelled=line.quantity_cancelled,
        quantity_fulfilled=line.quantity_fulfilled,
        fulfilment=Fulfilment(line.fulfilment_kind, line.location),
        unit_price=Money(line.unit_price_minor, currency),
        net=Money(line.net_minor, currency),
        tax=Money(line.tax_minor, currency),
        total=Money(line.total_minor, currency),
        tax_rate_basis_points=line.tax_rate_basis_points,
        allocations=allocations,
    )


def _payment(row: sql.PaymentRow) -> Payment:
    currency = row.currency
    return Payment(
        payment_id=row.payment_id,
        method=cast("Any", row.method),
        authorised=Money(row.authorised_minor, currency),
        captured=Money(row.captured_minor, currency),
        voided=Money(row.voided_minor, currency),
        refunded=Money(row.refunded_minor, currency),
        external_reference=row.external_reference,
    )
