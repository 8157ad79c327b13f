"""Everything that one group of orders writes, as rows."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from kanava.inventory.model import Movement, Reservation
from kanava.orders.model import (
    Allocation,
    Delivery,
    Fulfilment,
    FulfilmentStatus,
    Order,
    OrderLine,
    Payment,
    PlaceOrder,
    Status,
)
from kanava.orders.placing.decide import Decided
from kanava.orders.rules import payment_status_of, refund_due_of
from kanava.platform.ids import uuid7
from kanava.platform.money import Money
from kanava.platform.outbox import Event
from kanava.sourcing.model import Spot
from kanava.sourcing.promise.model import Promise
from kanava.sourcing.routing.decisions import Decision


class PlacedLine(msgspec.Struct, frozen=True, gc=False):
    """A line in the event `order.placed`."""

    line_no: int
    sku: str
    quantity: int
    fulfilment: str
    allocations: list[Allocation]


class OrderPlaced(msgspec.Struct, frozen=True, gc=False):
    """Facts of the event `order.placed`; no personal data."""

    order_id: UUID
    number: int
    channel: str
    total: Money
    cart_id: UUID | None
    external_reference: str | None
    placed_at: datetime
    lines: list[PlacedLine]
    promises: list[Promise]
    carrier_service: str | None
    routing: Decision | None


class GroupRows:
    """Rows of each table, growing by one order at a time, in the columns' order of their `CopyInto`."""

    def __init__(self) -> None:
        self.orders: list[tuple[object, ...]] = []
        self.lines: list[tuple[object, ...]] = []
        self.payments: list[tuple[object, ...]] = []
        self.answers: list[tuple[object, ...]] = []
        self.carts: list[tuple[object, ...]] = []
        self.reservations: list[Reservation] = []
        self.movements: list[Movement] = []
        self.movement_actors: list[str] = []
        self.events: list[Event] = []

    def add(self, decided: Decided, number: int, spots: Mapping[int, Spot], now: datetime) -> bytes:
        """Add one order's rows; gives its answer as JSON."""
        placing = decided.prepared.placing
        order = placing.order
        allocations = self._add_parts(decided, spots)
        view = _view(decided, number, allocations, now)
        body = msgspec.json.encode(view)
        self._add_order(decided, number, now)
        self._add_lines(decided)
        currency = decided.priced.currency
        for payment in order.payments:
            self.payments.append(
                (
                    order.order_id,
                    payment.payment_id,
                    payment.method,
                    currency,
                    payment.authorised_minor,
                    payment.captured_minor,
                    payment.external_reference,
                )
            )
        if placing.cart_id is not None:
            self.carts.append((placing.cart_id, order.order_id, placing.cart_version))
        self.answers.append((placing.actor.label, placing.idempotency_key, placing.request_hash, 201, body))
        lines = [PlacedLine(x.line_no, x.sku, x.quantity, x.fulfilment.kind, x.allocations) for x in view.lines]
        facts = OrderPlaced(
            order.order_id,
            number,
            order.channel,
            view.total,
            placing.cart_id,
            order.external_reference,
            now,
            lines,
            decided.promises,
            order.delivery.carrier_service if order.delivery is not None else None,
            decided.decision,
        )
        self.events.append(Event("order.placed", "order", str(order.order_id), facts))
        return body

    def _add_parts(self, decided: Decided, spots: Mapping[int, Spot]) -> dict[int, list[Allocation]]:
        placing, channel = decided.prepared.placing, decided.prepared.channel
        order = placing.order
        reference, actor = f"order:{order.order_id}", placing.actor.label
        allocations: dict[int, list[Allocation]] = {}
        for part, fence in zip(decided.parts, decided.from_fence, strict=True):
            kind = order.lines[part.line_no - 1].fulfilment.kind
            sold = kind == "carry_out"
            reservation_id = uuid7()
            state = "fulfilled" if sold else "committed"
            self.reservations.append(
                Reservation(
                    part.variant_id,
                    reservation_id,
                    part.location_id,
                    part.quantity,
                    "fulfilled" if sold else "committed",
                    channel.channel_id,
                    fence,
                    None,
                    order.order_id,
                    part.line_no,
                    kind,
                )
            )
            self.movements.append(
                Movement(
                    part.variant_id,
                    part.location_id,
                    reservation_id,
                    "sale" if sold else "reserve",
                    -part.quantity if sold else 0,
                    0 if sold else part.quantity,
                    0,
                    reference,
                )
            )
            self.movement_actors.append(actor)
            allocations.setdefault(part.line_no, []).append(
                Allocation(spots[part.location_id].code, part.quantity, state, reservation_id)
            )
        for waiting in decided.awaited:
            row = waiting.reservation(order.order_id, channel.channel_id)
            self.reservations.append(row)
            code = spots[waiting.location_id].code
            allocations.setdefault(waiting.line_no, []).append(
                Allocation(code, waiting.quantity, "awaited", row.reservation_id, waiting.expected_on)
            )
        return allocations

    def _add_order(self, decided: Decided, number: int, now: datetime) -> None:
        order, priced = decided.prepared.placing.order, decided.priced
        customer = order.customer
        self.orders.append(
            (
                order.order_id,
                number,
                decided.prepared.channel.channel_id,
                decided.prepared.placing.cart_id,
                order.external_reference,
                _status(order),
                priced.currency,
                priced.tax_inclusive,
                *decided.totals,
                customer.email,
                customer.name,
                customer.phone,
                customer.group,
                order.ship_to,
                now,
                decided.promises,
                *_delivery_columns(decided),
            )
        )

    def _add_lines(self, decided: Decided) -> None:
        order = decided.prepared.placing.order
        for line, offer, spot, money in zip(
            order.lines, decided.offers, decided.prepared.spots, decided.priced.lines, strict=True
        ):
            done = line.quantity if line.fulfilment.kind == "carry_out" else 0
            self.lines.append(
                (
                    order.order_id,
                    money.key,
                    offer.variant_id,
                    line.sku,
                    line.quantity,
                    done,
                    line.fulfilment.kind,
                    spot.location_id if spot is not None else None,
                    money.unit_price_minor,
                    money.net_minor,
                    money.tax_minor,
                    money.total_minor,
                    money.tax_rate_basis_points,
                )
            )


def _delivery_columns(decided: Decided) -> tuple[object, ...]:
    chosen, money = decided.prepared.placing.order.delivery, decided.delivery
    if chosen is None or money is None:
        return (None, None, 0, 0, 0, 0)
    return (
        chosen.carrier_service,
        chosen.pickup_point,
        money.net_minor,
        money.tax_minor,
        money.total_minor,
        money.tax_rate_basis_points,
    )


def _status(order: PlaceOrder) -> Status:
    carried_out = all(line.fulfilment.kind == "carry_out" for line in order.lines)
    return "completed" if carried_out else "placed"


def _view(decided: Decided, number: int, allocations: Mapping[int, list[Allocation]], now: datetime) -> Order:
    placing, priced = decided.prepared.placing, decided.priced
    order, currency = placing.order, priced.currency
    lines = []
    done = 0
    for line, money in zip(order.lines, priced.lines, strict=True):
        line_no = int(money.key)
        fulfilled = line.quantity if line.fulfilment.kind == "carry_out" else 0
        done += bool(fulfilled)
        lines.append(
            OrderLine(
                line_no,
                line.sku,
                line.quantity,
                0,
                fulfilled,
                Fulfilment(line.fulfilment.kind, line.fulfilment.location),
                Money(money.unit_price_minor, currency),
                Money(money.net_minor, currency),
                Money(money.tax_minor, currency),
                Money(money.total_minor, currency),
                money.tax_rate_basis_points,
                allocations[line_no],
            )
        )
    payments = [
        Payment(
            p.payment_id,
            p.method,
            Money(p.authorised_minor, currency),
            Money(p.captured_minor, currency),
            Money(0, currency),
            Money(0, currency),
            p.external_reference,
        )
        for p in order.payments
    ]
    authorised = sum([p.authorised_minor for p in order.payments])
    captured = sum([p.captured_minor for p in order.payments])
    net_minor, tax_minor, total_minor = decided.totals
    paid = payment_status_of(total_minor, authorised, captured, 0)
    fulfilment: FulfilmentStatus = "fulfilled" if done == len(lines) else "partly_fulfilled" if done else "unfulfilled"
    return Order(
        order.order_id,
        number,
        order.channel,
        _status(order),
        paid,
        fulfilment,
        None,
        currency,
        priced.tax_inclusive,
        Money(net_minor, currency),
        Money(tax_minor, currency),
        Money(total_minor, currency),
        order.customer,
        order.ship_to,
        order.external_reference,
        placing.cart_id,
        now,
        1,
        lines,
        payments,
        Money(refund_due_of(total_minor, captured, 0), currency),
        _delivery(decided, currency),
        decided.promises,
    )


def _delivery(decided: Decided, currency: str) -> Delivery | None:
    chosen, money = decided.prepared.placing.order.delivery, decided.delivery
    if chosen is None or money is None:
        return None
    return Delivery(
        chosen.carrier_service,
        chosen.pickup_point,
        Money(money.net_minor, currency),
        Money(money.tax_minor, currency),
        Money(money.total_minor, currency),
        money.tax_rate_basis_points,
    )
