"""An order as its customer sees it: parts by where they come from, how far each is, what she can still do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kanava.catalog import service as catalog
from kanava.catalog.model import VariantShown
from kanava.fulfilment import service as fulfilment
from kanava.fulfilment.model import Fulfilment
from kanava.fulfilment.requests import CollectionPass, Parcel
from kanava.fulfilment.service import parcels as parcel_service
from kanava.orders import service as orders
from kanava.orders.model import Order, OrderLine
from kanava.orders.requests import TimelineEntry
from kanava.platform.db import Connection
from kanava.platform.money import Money
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace

SHIP_STEPS = ("placed", "picked", "shipped", "delivered")
COLLECT_STEPS = ("placed", "picked", "ready", "collected")
REACHED = {"open": 1, "picking": 1, "picked": 2, "packed": 2, "ready": 3, "shipped": 3, "delivered": 4, "collected": 4}
UNDER_WAY = frozenset({"open", "picking", "picked", "packed", "ready"})
ENDED = frozenset({"failed", "returned", "expired", "cancelled"})
TOLD = frozenset(
    {
        "order.placed",
        "order.amended",
        "order.cancelled",
        "order.line_cancelled",
        "payment.recorded",
        "payment.captured",
        "payment.refunded",
        "order.stock_delayed",
        "order.stock_arrived",
        "fulfilment.picked",
        "fulfilment.moved",
        "fulfilment.stuck",
        "fulfilment.ready",
        "fulfilment.collected",
        "fulfilment.expired",
        "curbside.on_my_way",
        "curbside.arrived",
        "parcel.shipped",
        "parcel.delivered",
        "parcel.failed",
        "parcel.returned",
    }
)
"""Events that a customer understands; the rest is the house's own business."""


class PartLine(msgspec.Struct, frozen=True):
    """Units of an order line in a part."""

    line: OrderLine
    quantity: int


class Part(msgspec.Struct, frozen=True):
    """What one place does of the order; without a fulfilment it waits to be given to a place.

    `reached` counts the `steps` that are done; `ended` is the state that broke them off.
    """

    kind: str
    place: NamedPlace | None
    lines: list[PartLine]
    steps: tuple[str, ...]
    reached: int
    ended: str | None
    promised_by: datetime | None
    fulfilment: Fulfilment | None
    parcels: list[Parcel]
    collection: CollectionPass | None


class OrderView(msgspec.Struct, frozen=True):
    """An order with its parts and names."""

    order: Order
    parts: list[Part]
    shown: dict[str, VariantShown]
    places: dict[str, NamedPlace]
    history: list[TimelineEntry]

    @property
    def open_units(self) -> int:
        """How many units have neither left nor been cancelled."""
        if self.order.status in ("completed", "cancelled"):
            return 0
        return sum(line.quantity - line.quantity_cancelled - line.quantity_fulfilled for line in self.order.lines)

    @property
    def left_units(self) -> int:
        """How many units have left the house."""
        return sum(line.quantity_fulfilled for line in self.order.lines)

    @property
    def goods(self) -> Money:
        """What the goods cost, without the delivery."""
        delivery = self.order.delivery.total.amount_minor if self.order.delivery else 0
        return Money(self.order.total.amount_minor - delivery, self.order.currency)

    @property
    def time_zone(self) -> str:
        """The clock by which the order's times are shown: that of a place that has to do with it."""
        return next((place.time_zone for place in self.places.values()), "UTC")

    @property
    def payment_method(self) -> str | None:
        """How the customer said she would pay."""
        return self.order.payments[0].method if self.order.payments else None

    def title(self, sku: str) -> str:
        """Name a variant."""
        shown = self.shown.get(sku)
        return shown.title if shown else sku


async def view_order(connection: Connection, order_id: UUID, languages: Sequence[str]) -> OrderView:
    """Read everything that the page of an order shows; OrderNotFound."""
    order = await orders.get_order(connection, order_id)
    found = await fulfilment.fulfilments_of_order(connection, order_id)
    parcels = [
        each for each in await parcel_service.parcels_of_order(connection, order_id) if each.state != "cancelled"
    ]
    codes = {each.location for each in found}
    codes |= {line.fulfilment.location for line in order.lines if line.fulfilment.location}
    codes |= {allocation.location for line in order.lines for allocation in line.allocations}
    places = await stores.name_places(connection, codes)
    passes = {
        each.fulfilment_id: await fulfilment.collection_pass(connection, order_id, each.fulfilment_id)
        for each in found
        if each.state == "ready" and each.kind != "ship"
    }
    timeline = await orders.timeline(connection, order_id)
    return OrderView(
        order=order,
        parts=_parts(order, found, parcels, places, passes),
        shown=await catalog.show_variants(connection, [line.sku for line in order.lines], languages),
        places=places,
        history=[entry for entry in timeline.items if entry.source == "event" and entry.type in TOLD],
    )


def _parts(
    order: Order,
    found: Sequence[Fulfilment],
    parcels: Sequence[Parcel],
    places: Mapping[str, NamedPlace],
    passes: Mapping[UUID, CollectionPass],
) -> list[Part]:
    lines = {line.line_no: line for line in order.lines}
    covered = dict.fromkeys(lines, 0)
    # A place hears of a cancellation a moment after the order: what it still has is no more than is open.
    left = {line.line_no: line.quantity - line.quantity_cancelled - line.quantity_fulfilled for line in order.lines}
    parts = []
    for each in found:
        within = []
        for line in each.lines:
            units = line.quantity - line.quantity_ended
            if each.state in UNDER_WAY:
                units = min(units, line.quantity_done + left[line.line_no])
                left[line.line_no] -= max(0, units - line.quantity_done)
            covered[line.line_no] += units
            if units:
                within.append(PartLine(lines[line.line_no], units))
        if not within:
            continue  # All of it moved to another place, or was cancelled.
        steps = SHIP_STEPS if each.kind == "ship" else COLLECT_STEPS
        ended = each.state if each.state in ENDED else None
        parts.append(
            Part(
                each.kind,
                places.get(each.location),
                within,
                steps,
                REACHED.get(each.state, 1),
                ended,
                each.promised_by,
                each,
                [parcel for parcel in parcels if parcel.fulfilment_id == each.fulfilment_id],
                passes.get(each.fulfilment_id),
            )
        )
    parts += _not_given_out(order, covered, places)
    # As they stand in the cart, whichever place is quicker.
    return sorted(parts, key=lambda part: (part.lines[0].line.line_no, part.fulfilment is None))


def _not_given_out(order: Order, covered: Mapping[int, int], places: Mapping[str, NamedPlace]) -> list[Part]:
    """Give a part for what no place has been given yet, for each way of handing it over."""
    waiting: dict[tuple[str, str | None], list[PartLine]] = {}
    for line in order.lines:
        units = line.quantity - line.quantity_cancelled - max(covered[line.line_no], line.quantity_fulfilled)
        if units > 0:
            key = (line.fulfilment.kind, line.fulfilment.location)
            waiting.setdefault(key, []).append(PartLine(line, units))
    promised = {line_no: promise.promised_by for promise in order.promises for line_no in promise.line_nos}
    return [
        Part(
            kind,
            places.get(code or ""),
            lines,
            SHIP_STEPS if kind == "ship" else COLLECT_STEPS,
            1,
            None,
            promised.get(lines[0].line.line_no),
            None,
            [],
            None,
        )
        for (kind, code), lines in waiting.items()
    ]
