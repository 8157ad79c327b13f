"""What a customer is told of units that come from another place: what she was told before, where that can be kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.fulfilment.service.change import FulfilmentChange
from kanava.orders.service.moving import MovedPart
from kanava.sourcing.promise.model import PlannedPart, ShipTo
from kanava.sourcing.promise.rules import Delivery, deliveries, readiness
from kanava.sourcing.routing import service as routing


class Carried(msgspec.Struct, frozen=True):
    """What units take along to a place: what the customer was told first and now, and how the place can keep it."""

    first_promised_by: datetime | None
    promised_by: datetime | None
    work_by: datetime
    carrier_service_id: int | None


async def carried_to(change: FulfilmentChange, moved: Sequence[MovedPart]) -> dict[int, Carried]:
    """Give what units of a fulfilment carry to each of their new places, by its id.

    A promise that can be kept stays. Where nobody can say, it stays too: it is still what she was told.
    """
    row, config = change.row, change.config
    parts = await _planned(change, moved)
    ready_at = readiness(parts, config.terms, config.routing.router.waiting, change.now)
    carried = {}
    for location_id, placed in parts.items():
        ready = ready_at.get(location_id)
        if row.kind == "ship":
            carried[location_id] = _shipped(change, location_id, placed, ready)
        else:
            carried[location_id] = Carried(
                row.first_promised_by,
                _later(row.promised_by, ready),
                ready or _work_by(change, location_id),
                row.carrier_service_id,
            )
    return carried


def _shipped(
    change: FulfilmentChange, location_id: int, parts: Sequence[PlannedPart], ready: datetime | None
) -> Carried:
    row = change.row
    delivery = None
    if row.promised_by is not None and ready is not None:
        delivery = _delivery(change, {location_id: parts}, {location_id: ready})
    if delivery is None:
        work_by = _work_by(change, location_id)
        return Carried(row.first_promised_by, row.promised_by, work_by, row.carrier_service_id)
    return Carried(
        row.first_promised_by,
        _later(row.promised_by, delivery.deliver_by),
        delivery.places[0].leg.work_by,
        delivery.quote.carrier_service_id,
    )


def _delivery(
    change: FulfilmentChange, parts: Mapping[int, Sequence[PlannedPart]], ready_at: Mapping[int, datetime]
) -> Delivery | None:
    """Give the delivery by the service that she has, or the cheapest other one that comes to her door."""
    row, terms, address = change.row, change.config.terms, change.order.ship_to
    service = terms.carriers.services.get(row.carrier_service_id or 0)
    if address is None or service is None:
        return None
    to = ShipTo(str(address["country"]), str(address.get("postal_code") or ""), change.order.row.currency)
    same = deliveries(parts, to, terms, ready_at, service.code)
    if same or service.kind != "address":
        return same[0] if same else None
    promised = row.promised_by or change.now
    return min(
        (each for each in deliveries(parts, to, terms, ready_at) if each.quote.kind == "address"),
        key=lambda each: (each.deliver_by > promised, each.cost_minor, each.deliver_on, each.quote.code),
        default=None,
    )


def _later(before: datetime | None, now: datetime | None) -> datetime | None:
    return max((each for each in (before, now) if each is not None), default=None)


def _work_by(change: FulfilmentChange, location_id: int) -> datetime:
    return max(change.row.work_by, change.config.places[location_id].ready_after(change.now))


async def _planned(change: FulfilmentChange, moved: Sequence[MovedPart]) -> dict[int, list[PlannedPart]]:
    """Give moved units by place as promises are made of them, with their weights."""
    variants = {line_no: line.variant_id for line_no, line in change.lines.items()}
    variant_ids = sorted({variants[part.from_line_no] for part in moved})
    weights = await routing.weights_of(change.tx, change.config.routing.router, variant_ids)
    parts: dict[int, list[PlannedPart]] = defaultdict(list)
    for part in moved:
        variant_id = variants[part.from_line_no]
        parts[part.location_id].append(
            PlannedPart(
                part.line_no, variant_id, part.location_id, part.quantity, change.row.kind, weights.get(variant_id)
            )
        )
    return parts
