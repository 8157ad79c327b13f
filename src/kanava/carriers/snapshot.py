"""Every carrier service as one immutable snapshot, and what it answers. Pure: no clock, no I/O after it is made.

Made for placing and promising: a question is a few look-ups in dictionaries. What is remembered besides (calendars of
days) is a pure function of the settings.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import msgspec

from kanava.carriers.model import WEEKDAYS, ServiceTerms, Weekday
from kanava.stores import hours
from kanava.stores.model import Schedule

DAYS_SEARCHED = 60
"""Who is not collected from, or delivered to, for so long is not served."""

Week = tuple[time | None, ...]
"""The cut-off of each weekday from Monday on; None: nothing is collected."""


class ServiceQuote(msgspec.Struct, frozen=True, gc=False):
    """What a service takes for one parcel: cost in the retailer's currency, price in `currency`, both minor units."""

    carrier_service_id: int
    code: str
    carrier: str
    name: str
    kind: str
    zone: str
    transit_days: int
    weight_grams_max: int
    cost_minor: int
    price_minor: int
    currency: str


class LoadedService(msgspec.Struct, frozen=True):
    """An active service of an active carrier, as stored."""

    carrier_service_id: int
    carrier_id: int
    carrier: str
    carrier_name: str
    code: str
    name: str
    kind: str
    weight_grams_max: int
    terms: ServiceTerms


class _Zone:
    __slots__ = ("quotes", "weights")

    def __init__(self, service: LoadedService, index: int) -> None:
        zone = service.terms.zones[index]
        self.weights = [rate.weight_grams_up_to for rate in zone.rates]
        self.quotes: list[dict[str, ServiceQuote]] = [
            {
                currency: ServiceQuote(
                    service.carrier_service_id,
                    service.code,
                    service.carrier,
                    service.name,
                    service.kind,
                    zone.code,
                    zone.transit_days,
                    service.weight_grams_max,
                    rate.cost_minor,
                    price_minor,
                    currency,
                )
                for currency, price_minor in rate.prices.items()
            }
            for rate in zone.rates
        ]


class _Lane:
    """One service from one country to another: zones by postal prefix."""

    __slots__ = ("by_prefix", "lengths")

    def __init__(self) -> None:
        self.by_prefix: dict[str, _Zone] = {}
        self.lengths: tuple[int, ...] = ()

    def zone(self, postal: str) -> _Zone | None:
        for length in self.lengths:
            found = self.by_prefix.get(postal[:length])
            if found is not None:
                return found
        return None


class Carriers:
    """The services in force. `any` is False when no service is active."""

    def __init__(self, services: Iterable[LoadedService], countries: Mapping[int, str], ids: Mapping[str, int]) -> None:
        """Take services, and locations: their countries by id, their ids by code."""
        self.services: dict[int, LoadedService] = {each.carrier_service_id: each for each in services}
        self.ids: dict[str, int] = {each.code: each.carrier_service_id for each in self.services.values()}
        self.any = bool(self.services)
        self._countries = countries
        self._lanes: dict[tuple[str, str], list[_Lane]] = {}
        self._weeks: dict[int, Week] = {}
        self._local_weeks: dict[tuple[int, int], Week] = {}
        self._delivers: dict[int, tuple[bool, ...]] = {}
        self._until: dict[int, time] = {}
        self._delivery_days: dict[tuple[int, int, str, date], date | None] = {}
        self._holidays: dict[tuple[str, date], bool] = {}
        for service in self.services.values():
            self._add(service, ids)

    def _add(self, service: LoadedService, location_ids: Mapping[str, int]) -> None:
        number, terms = service.carrier_service_id, service.terms
        self._weeks[number] = _week(terms.cut_offs)
        for code, cut_offs in terms.location_cut_offs.items():
            if code in location_ids:
                self._local_weeks[(number, location_ids[code])] = _week(cut_offs)
        self._delivers[number] = tuple(weekday in terms.delivery_weekdays for weekday in WEEKDAYS)
        self._until[number] = time.fromisoformat(terms.delivers_until)
        lanes: dict[tuple[str, str], _Lane] = {}
        for index, zone in enumerate(terms.zones):
            made = _Zone(service, index)
            for origin in zone.origins:
                for destination in zone.destinations:
                    lane = lanes.setdefault((origin, destination.country), _Lane())
                    for prefix in destination.postal_prefixes or [""]:
                        lane.by_prefix[postal_key(prefix)] = made
        for key, lane in lanes.items():
            lane.lengths = tuple(sorted({len(prefix) for prefix in lane.by_prefix}, reverse=True))
            self._lanes.setdefault(key, []).append(lane)

    def quotes(
        self, origin_country: str, destination_country: str, postal_code: str, weight_grams: int, currency: str
    ) -> tuple[ServiceQuote, ...]:
        """Give every service that takes one parcel of this weight there and has a price in the currency."""
        lanes = self._lanes.get((origin_country, destination_country))
        if lanes is None:
            return ()
        postal = postal_key(postal_code)
        found = []
        for lane in lanes:
            zone = lane.zone(postal)
            if zone is None:
                continue
            band = bisect_left(zone.weights, weight_grams)
            if band < len(zone.quotes):
                quote = zone.quotes[band].get(currency)
                if quote is not None:
                    found.append(quote)
        return tuple(found)

    def reaches_country(self, country: str) -> bool:
        """Say whether any service goes to a country, from anywhere."""
        return any(destination == country for _, destination in self._lanes)

    def reaches(self, country: str, postal_code: str) -> bool:
        """Say whether any service goes to an address, from anywhere, whatever the weight."""
        postal = postal_key(postal_code)
        return any(
            lane.zone(postal) is not None
            for (_, destination), lanes in self._lanes.items()
            if destination == country
            for lane in lanes
        )

    def dispatch_on(self, carrier_service_id: int, location_id: int, ready_at: datetime, time_zone: str) -> date | None:
        """Give the day on which a parcel that is ready at an instant leaves a place; None: it is not collected there.

        Ready exactly at the cut-off is in time. Nothing leaves on a public holiday of the place's country.
        """
        week = self._local_weeks.get((carrier_service_id, location_id)) or self._weeks[carrier_service_id]
        country = self._countries.get(location_id, "")
        local = ready_at.astimezone(_zone(time_zone))
        day = local.date()
        cut_off = week[day.weekday()]
        if cut_off is None or local.time() > cut_off or self.is_holiday(country, day):
            day += _DAY
            for _ in range(DAYS_SEARCHED):
                if week[day.weekday()] is not None and not self.is_holiday(country, day):
                    return day
                day += _DAY
            return None
        return day

    def cut_off_at(self, carrier_service_id: int, location_id: int, on_date: date, time_zone: str) -> datetime:
        """Give the instant by which a parcel has to be ready to leave on a day that `dispatch_on` gave."""
        week = self._local_weeks.get((carrier_service_id, location_id)) or self._weeks[carrier_service_id]
        cut_off = week[on_date.weekday()] or time(23, 59)
        return datetime.combine(on_date, cut_off, _zone(time_zone)).astimezone(UTC)

    def delivery_on(self, quote: ServiceQuote, dispatched_on: date, destination_country: str) -> date | None:
        """Give the day on which a parcel arrives: so many delivery days after it left; None: on no day in sight."""
        key = (quote.carrier_service_id, quote.transit_days, destination_country, dispatched_on)
        if key in self._delivery_days:
            return self._delivery_days[key]
        delivers, left, day = self._delivers[quote.carrier_service_id], quote.transit_days, dispatched_on
        found = None
        if left == 0:
            left, day = 1, day - _DAY
        for _ in range(DAYS_SEARCHED + quote.transit_days * 7):
            day += _DAY
            if delivers[day.weekday()] and not self.is_holiday(destination_country, day):
                left -= 1
                if left == 0:
                    found = day
                    break
        if len(self._delivery_days) > _REMEMBERED_MAX:
            self._delivery_days.clear()
        self._delivery_days[key] = found
        return found

    def delivered_by(self, carrier_service_id: int, on_date: date, country: str) -> datetime:
        """Give the instant by which a parcel that arrives on a day is there, in the country's main time zone."""
        until = self._until[carrier_service_id]
        return datetime.combine(on_date, until, _zone(main_time_zone(country))).astimezone(UTC)

    def is_holiday(self, country: str, day: date) -> bool:
        """Say whether a day is a public holiday (none are known of some countries)."""
        key = (country, day)
        found = self._holidays.get(key)
        if found is None:
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            if len(self._holidays) > _REMEMBERED_MAX:
                self._holidays.clear()
            found = self._holidays[key] = not hours.is_open(_calendar(country), noon)
        return found


_DAY = timedelta(days=1)
_REMEMBERED_MAX = 50_000


def _week(cut_offs: Mapping[Weekday, str]) -> Week:
    return tuple(time.fromisoformat(cut_offs[day]) if day in cut_offs else None for day in WEEKDAYS)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _calendar(country: str) -> Schedule:
    return Schedule(opening_hours="24/7", time_zone="UTC", country=country, keeps_public_holidays=True)


@lru_cache(maxsize=4_096)
def postal_key(postal_code: str) -> str:
    """Give a postal code as codes are compared: capitals and digits, nothing between (`00-510` is `00510`)."""
    return "".join([c for c in postal_code.upper() if c.isascii() and c.isalnum()])


@cache
def _main_time_zones() -> Mapping[str, str]:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, zone)
    return found


def main_time_zone(country: str) -> str:
    """Give the time zone of a country, the most populous of several (the first in the tz database's own order)."""
    return _main_time_zones().get(country, "UTC")


def cheapest(quotes: Sequence[ServiceQuote]) -> ServiceQuote | None:
    """Give the quote that costs the retailer least; of equal ones the first by code."""
    return min(quotes, key=lambda quote: (quote.cost_minor, quote.code), default=None)
