"""From what a cart may take to dated options: how they are put together for an answer. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.platform.money import Money
from kanava.sourcing.promise.model import (
    DeliveryOption,
    LineShare,
    LineShort,
    PlannedParcels,
    PlannedPart,
    ShipTo,
    StoreOption,
    Terms,
)
from kanava.sourcing.promise.rules import Waits, by_place, deliveries, readiness, ready_by
from kanava.sourcing.promise.view import Levels
from kanava.stores import hours


class CartLine(msgspec.Struct, frozen=True, gc=False):
    """A line that somebody asks about; what is not for sale has no units anywhere."""

    line_no: int
    sku: str
    variant_id: int
    quantity: int
    weight_grams: int | None


class Basket(msgspec.Struct, frozen=True):
    """The lines of a cart, and how many units of each variant they want together."""

    lines: tuple[CartLine, ...]
    wanted: Mapping[int, int]

    @classmethod
    def of(cls, lines: Sequence[CartLine]) -> "Basket":
        """Add up lines of the same variant."""
        wanted: dict[int, int] = {}
        for line in lines:
            wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
        return cls(tuple(lines), wanted)

    def short(self, units: Mapping[int, int]) -> list[LineShort]:
        """Name the lines whose variant is missing; `units` has how many there are of those variants."""
        return [
            LineShort(line.line_no, line.sku, line.quantity, max(0, units[line.variant_id]))
            for line in self.lines
            if line.variant_id in units
        ]


def delivery_options(
    parts: Sequence[PlannedPart], to: ShipTo, terms: Terms, levels: Levels, now: datetime, waits: Waits | None
) -> list[DeliveryOption]:
    """Give every way to have the parts brought, the earliest first, then the cheapest.

    Without any carrier service the goods are shipped all the same, and nobody can say when they arrive.
    """
    placed = by_place(parts)
    ready_at = readiness(placed, terms, levels.loads, now, waits)
    codes = {location_id: terms.places[location_id].code for location_id in placed}
    if not terms.carriers.any:
        if len(ready_at) < len(placed):
            return []
        places = [
            PlannedParcels(codes[number], 1, _shares(each), None, ready_at[number]) for number, each in placed.items()
        ]
        return [DeliveryOption("address", None, None, "", None, None, None, len(places), places)]
    options = []
    for found in deliveries(placed, to, terms, ready_at):
        quote = found.quote
        places = [
            PlannedParcels(
                codes[place.location_id],
                place.parcels,
                _shares(placed[place.location_id]),
                place.leg.dispatch_on,
                place.leg.work_by,
            )
            for place in found.places
        ]
        price = Money(found.price_minor, to.currency)
        options.append(
            DeliveryOption(
                quote.kind,
                quote.carrier,
                quote.code,
                quote.name,
                found.deliver_on,
                found.deliver_by,
                price,
                found.parcels,
                places,
            )
        )
    options.sort(key=lambda each: (each.deliver_by, each.price.amount_minor if each.price else 0, each.carrier_service))
    return options


def _shares(parts: Sequence[PlannedPart]) -> list[LineShare]:
    return [LineShare(part.line_no, part.quantity) for part in parts]


def store_option(
    location_id: int,
    metres: int,
    basket: Basket,
    terms: Terms,
    levels: Levels,
    now: datetime,
) -> StoreOption:
    """Say what a store near the customer can do for a cart."""
    place, spot = terms.places[location_id], terms.config.spots[location_id]
    left, carried = levels.left, levels.carried
    units = {variant_id: left.get((variant_id, location_id), 0) for variant_id in basket.wanted}
    missing = {
        variant_id: units[variant_id] for variant_id, wanted in basket.wanted.items() if units[variant_id] < wanted
    }
    open_now = hours.is_open(place.schedule, now)
    carry_out = (
        open_now
        and spot.kind == "store"
        and all(carried.get((variant_id, location_id), 0) >= wanted for variant_id, wanted in basket.wanted.items())
    )
    ready, reason = None, None
    if missing:
        reason = "not_in_stock"
    elif spot.offers_pickup or spot.offers_curbside:
        ready = ready_by(place, levels.loads.get(location_id, 0), now)
        if ready is None:
            reason = "no_capacity" if place.pick_capacity_per_hour <= 0 else "closed"
    else:
        reason = "no_pickup"
    return StoreOption(
        place.code,
        metres,
        open_now,
        hours.next_opening(place.schedule, now),
        ready if spot.offers_pickup else None,
        ready if spot.offers_curbside else None,
        carry_out,
        reason,
        basket.short(missing),
    )
