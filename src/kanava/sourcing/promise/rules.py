"""When goods are ready, leave and arrive: one place says so, whether a promise is shown or stored. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import msgspec

from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.carriers.snapshot import Carriers, ServiceQuote
from kanava.sourcing.promise.model import (
    PROMISE_DAYS_MAX,
    PlaceTerms,
    PlannedPart,
    Promise,
    ShipTo,
    Terms,
)
from kanava.stores import hours
from kanava.stores.model import ClosedTooLong, Schedule

PARCELS_MAX = 20
"""Parcels that one place sends of one order; what takes more is no matter for a parcel service."""
WORKED_DAYS_SEARCHED = 14

Loads = Mapping[int, int]
"""location_id -> units that wait there to be picked; a place that is missing has none."""
Waits = Mapping[int, date]
"""location_id -> the day on which the last goods that it waits for are there."""


def ready_by(place: PlaceTerms, load: int, now: datetime) -> datetime | None:
    """Give when an order that comes now is ready at a place: behind those that wait, after its handling minutes.

    Minutes count while the place is open. None: it can do nothing, or not within `PROMISE_DAYS_MAX` days.
    """
    capacity = place.pick_capacity_per_hour
    if capacity <= 0:
        return None
    minutes = place.handling_minutes + (-(-60 * load // capacity) if load > 0 else 0)
    found = hours.after_open_minutes(place.schedule, now, minutes, PROMISE_DAYS_MAX)
    return None if isinstance(found, ClosedTooLong) else found


def readiness(
    location_ids: Iterable[int], terms: Terms, loads: Loads, now: datetime, waits: Waits | None = None
) -> dict[int, datetime]:
    """Give when an order that comes now is ready at each place; places that cannot do it are missing.

    Where goods are still on their way, work begins on the morning of the day when the last are there.
    """
    found = {}
    for location_id in location_ids:
        place = terms.places[location_id]
        day = None if waits is None else waits.get(location_id)
        begin = now if day is None else max(now, _midnight(place.time_zone, day))
        ready = ready_by(place, loads.get(location_id, 0), begin)
        if ready is not None:
            found[location_id] = ready
    return found


class Leg(msgspec.Struct, frozen=True, gc=False):
    """A parcel's way: packed by `work_by`, gone on `dispatch_on`, there on `deliver_on`, by `deliver_by`."""

    work_by: datetime
    dispatch_on: date
    deliver_on: date
    deliver_by: datetime


def leg_of(place: PlaceTerms, ready_at: datetime, quote: ServiceQuote, carriers: Carriers, country: str) -> Leg | None:
    """Give the way of a parcel that is ready at an instant; None when the service does not collect there."""
    service = quote.carrier_service_id
    ready_on = ready_at.astimezone(_zone(place.time_zone)).date()
    day = carriers.dispatch_on(service, place.location_id, ready_at, place.time_zone)
    for _ in range(WORKED_DAYS_SEARCHED):
        if day is None:
            return None
        # Nobody hands a parcel over at a place that is shut. On the day it became ready the place was open.
        if day == ready_on or _works_on(place.schedule, day):
            deliver_on = carriers.delivery_on(quote, day, country)
            if deliver_on is None:
                return None
            return Leg(
                carriers.cut_off_at(service, place.location_id, day, place.time_zone),
                day,
                deliver_on,
                carriers.delivered_by(service, deliver_on, country),
            )
        ready_at = _midnight(place.time_zone, day + timedelta(days=1))
        day = carriers.dispatch_on(service, place.location_id, ready_at, place.time_zone)
    return None


@lru_cache(maxsize=16_384)
def _works_on(schedule: Schedule, day: date) -> bool:
    zone = schedule.time_zone
    return bool(hours.open_intervals(schedule, _midnight(zone, day), _midnight(zone, day + timedelta(days=1))))


def _midnight(time_zone: str, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=_zone(time_zone)).astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def parcel_weights(units: Iterable[tuple[int, int]], weight_grams_max: int) -> list[int] | None:
    """Pack (weight of a unit, how many) into parcels, heaviest first into the first that has room.

    None when a unit is too heavy for the service, or there are too many parcels.
    """
    parcels: list[int] = []
    for weight, quantity in sorted(units, reverse=True):
        if weight > weight_grams_max:
            return None
        left = quantity
        for index, filled in enumerate(parcels):
            fitting = min(left, (weight_grams_max - filled) // weight) if weight else left
            parcels[index] += fitting * weight
            left -= fitting
        per_parcel = weight_grams_max // weight if weight else left
        while left > 0:
            if len(parcels) == PARCELS_MAX:
                return None
            fitting = min(left, per_parcel)
            parcels.append(fitting * weight)
            left -= fitting
    return parcels


class PlaceDelivery(msgspec.Struct, frozen=True, gc=False):
    """What one place contributes to a delivery."""

    location_id: int
    parcels: int
    cost_minor: int
    price_minor: int
    leg: Leg


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """Everything by one service: there when the last parcel is there.

    The customer pays for the dearest place's parcels; that goods come from several places is the retailer's matter.
    """

    quote: ServiceQuote
    places: tuple[PlaceDelivery, ...]
    deliver_on: date
    deliver_by: datetime
    price_minor: int
    cost_minor: int

    @property
    def parcels(self) -> int:
        """How many parcels come."""
        return sum([place.parcels for place in self.places])


PartsByPlace = Mapping[int, Sequence[PlannedPart]]


def by_place(parts: Iterable[PlannedPart]) -> dict[int, list[PlannedPart]]:
    """Give the parts of each place, in the order in which places first appear."""
    found: dict[int, list[PlannedPart]] = {}
    for part in parts:
        found.setdefault(part.location_id, []).append(part)
    return found


def deliveries(
    parts: PartsByPlace, to: ShipTo, terms: Terms, ready_at: Mapping[int, datetime], only: str | None = None
) -> list[Delivery]:
    """Give every service that can bring all the parts, or the one named; `ready_at` has when each place is ready."""
    carriers = terms.carriers
    found: dict[int, list[tuple[ServiceQuote, PlaceDelivery]]] = {}
    for number, (location_id, placed) in enumerate(parts.items()):
        place, ready = terms.places[location_id], ready_at.get(location_id)
        if ready is None:
            return []
        units = [(_weight(part), part.quantity) for part in placed]
        total = sum([weight * quantity for weight, quantity in units])
        for quote, parcels, cost_minor, price_minor in _quoted(carriers, place.country, to, units, total):
            service = quote.carrier_service_id
            if (only is not None and quote.code != only) or (number and service not in found):
                continue
            leg = leg_of(place, ready, quote, carriers, to.country)
            if leg is not None:
                at_place = PlaceDelivery(location_id, parcels, cost_minor, price_minor, leg)
                found.setdefault(service, []).append((quote, at_place))
    return [_together(each) for each in found.values() if len(each) == len(parts)]


def _quoted(
    carriers: Carriers, origin: str, to: ShipTo, units: Sequence[tuple[int, int]], total: int
) -> Iterable[tuple[ServiceQuote, int, int, int]]:
    """Give the services that take the goods of one place, with the parcels, their cost and their price."""
    one_parcel = carriers.quotes(origin, to.country, to.postal_code, total, to.currency)
    for quote in one_parcel:
        yield quote, 1, quote.cost_minor, quote.price_minor
    lightest = carriers.quotes(origin, to.country, to.postal_code, 1, to.currency)
    if len(lightest) == len(one_parcel):
        return
    # Services that take less at once get it in several parcels.
    taken = {quote.carrier_service_id for quote in one_parcel}
    for quote in lightest:
        if quote.carrier_service_id in taken:
            continue
        weights = parcel_weights(units, quote.weight_grams_max)
        if weights is not None:
            priced = [_rate_of(carriers, origin, to, weight, quote) for weight in weights]
            yield quote, len(weights), sum([p.cost_minor for p in priced]), sum([p.price_minor for p in priced])


def _rate_of(carriers: Carriers, origin: str, to: ShipTo, weight: int, quote: ServiceQuote) -> ServiceQuote:
    quotes = carriers.quotes(origin, to.country, to.postal_code, weight, to.currency)
    return next(each for each in quotes if each.carrier_service_id == quote.carrier_service_id)


def _together(places: Sequence[tuple[ServiceQuote, PlaceDelivery]]) -> Delivery:
    legs = [place.leg for _, place in places]
    return Delivery(
        places[0][0],
        tuple([place for _, place in places]),
        max([leg.deliver_on for leg in legs]),
        max([leg.deliver_by for leg in legs]),
        max([place.price_minor for _, place in places]),
        sum([place.cost_minor for _, place in places]),
    )


def _weight(part: PlannedPart) -> int:
    return UNKNOWN_WEIGHT_GRAMS if part.weight_grams is None else part.weight_grams


def chosen_delivery(found: Sequence[Delivery]) -> Delivery | None:
    """Give the delivery of an order that names no service: to the address, cheapest for the customer, then earliest."""
    return min(
        found,
        key=lambda each: (each.quote.kind != "address", each.price_minor, each.deliver_on, each.quote.code),
        default=None,
    )


def promise_of(
    parts: Sequence[PlannedPart],
    to: ShipTo | None,
    carrier_service: str | None,
    terms: Terms,
    loads: Loads,
    now: datetime,
    waits: Waits | None = None,
) -> list[Promise]:
    """Give what is promised of an order that takes these parts now: of all that is shipped, and of each other place.

    `carrier_service`: the one that the customer chose, None for the one that `chosen_delivery` gives. Goods that are
    carried out at once need no promise. `waits`: places that begin later, because goods are still on their way.
    """
    shipped: list[PlannedPart] = []
    handed: dict[tuple[str, int], list[int]] = {}
    for part in parts:
        if part.kind == "ship":
            shipped.append(part)
        elif part.kind != "carry_out":
            line_nos = handed.setdefault((part.kind, part.location_id), [])
            if part.line_no not in line_nos:
                line_nos.append(part.line_no)
    ready_at = readiness({part.location_id for part in parts}, terms, loads, now, waits)
    found = []
    if shipped:
        found.append(_ship_promise(shipped, to, carrier_service, terms, ready_at, now))
    for (kind, location_id), line_nos in handed.items():
        place = terms.places[location_id]
        ready = ready_at.get(location_id)
        work_by = {place.code: ready or now}
        found.append(Promise(len(found) + 1, kind, place.code, None, tuple(line_nos), ready, work_by, 0))
    return found


def _ship_promise(
    shipped: Sequence[PlannedPart],
    to: ShipTo | None,
    carrier_service: str | None,
    terms: Terms,
    ready_at: Mapping[int, datetime],
    now: datetime,
) -> Promise:
    parts = by_place(shipped)
    line_nos = tuple(dict.fromkeys([part.line_no for part in shipped]))
    delivery = None
    if to is not None and terms.carriers.any:
        delivery = chosen_delivery(deliveries(parts, to, terms, ready_at, carrier_service))
    if delivery is None:
        work_by = {terms.places[location_id].code: ready_at.get(location_id, now) for location_id in parts}
        return Promise(1, "ship", None, None, line_nos, None, work_by, None)
    return Promise(
        1,
        "ship",
        None,
        delivery.quote.code,
        line_nos,
        delivery.deliver_by,
        {terms.places[place.location_id].code: place.leg.work_by for place in delivery.places},
        delivery.price_minor,
    )
