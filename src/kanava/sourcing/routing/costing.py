"""What each place costs an order: settings, carriers' tariffs, rules, load and lateness as one `Places`. Pure.

Made once for each snapshot of the settings; what it works out is kept by all that it depends on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from kanava.carriers.service import Carriers, ServiceQuote
from kanava.sourcing.routing.model import WEIGHT_GRAMS_MAX, Charge, ChargeKind, Place, Places, Tariff, Terms
from kanava.sourcing.routing.ruleset import WEEKDAYS, LiveRuleset, Rule, When

KEPT_MAX = 500
"""Sets of places kept; one of 1,565 takes about 400 KB."""
BUSY_HOURS_MAX = 40
LATE_DAYS_MAX = 30

Quote = Callable[[int], int | None]


class Site(msgspec.Struct, frozen=True):
    """A location as its costs depend on it."""

    location_id: int
    code: str
    kind: str
    country: str
    time_zone: str
    parcel_cost_domestic_minor: int
    parcel_cost_abroad_minor: int
    pick_capacity_per_hour: int


class OrderFacts(msgspec.Struct, frozen=True):
    """What rules ask of an order; `categories` are those of its goods and all above them."""

    channel: str
    country: str
    region: str = ""
    postal_code: str = ""
    value_minor: int = 0
    categories: frozenset[str] = frozenset()
    currency: str = ""


class Conditions(msgspec.Struct, frozen=True):
    """How things stand at the places, by location: units waiting to be picked, days until a parcel leaves."""

    number: int = 0
    waiting: Mapping[int, int] = {}
    late_days: Mapping[int, int] = {}


class Setting(msgspec.Struct, frozen=True):
    """What an order is routed with."""

    places: Places
    terms: Terms


NOTHING_SHIPPED = Setting(Places(()), Terms())

Key = tuple[object, ...]


class Router:
    """Costs of places for orders, under one ruleset."""

    def __init__(self, sites: Iterable[Site], ruleset: LiveRuleset, carriers: Carriers | None = None) -> None:
        self.sites = {site.location_id: site for site in sites}
        self.ruleset = ruleset
        self.carriers = carriers if carriers is not None and carriers.any else None
        self.conditions = Conditions()
        self.observed_at: datetime | None = None
        self.waiting: Mapping[int, int] = {}
        self.needs_categories = any(rule.when.categories is not None for rule in ruleset.rules)
        self.needs_value = any(
            (rule.when.value_from_minor, rule.when.value_below_minor) != (None, None) for rule in ruleset.rules
        )
        self._placed = [rule for rule in ruleset.rules if rule.effect != "parcels_max"]
        self._limits = [rule for rule in ruleset.rules if rule.effect == "parcels_max"]
        self._origins = frozenset([site.country for site in self.sites.values()])
        self._by_weekday = any(rule.when.weekdays is not None for rule in ruleset.rules)
        self._zones = sorted({site.time_zone for site in self.sites.values()}) if self._by_weekday else []
        self._kept: dict[Key, Places] = {}
        self._tariffs: dict[Key, Tariff] = {}
        self._charges: dict[tuple[int, str], Charge] = {}

    def observe(self, conditions: Conditions) -> None:
        """Take in how things stand now; costs that were worked out for other conditions are forgotten."""
        same = (conditions.waiting, conditions.late_days) == (self.conditions.waiting, self.conditions.late_days)
        if not same:
            self._kept.clear()
            self.conditions = conditions

    def places_for(self, serving: Mapping[int, object], facts: OrderFacts) -> Places:
        """Give the places that may ship for a channel, whatever is ordered and on whichever day."""
        return self._setting(serving, facts, None).places

    def setting(self, serving: Mapping[int, object], facts: OrderFacts, now: datetime) -> Setting:
        """Give places and terms of an order; `serving` are the locations that serve its channel, always the same."""
        return self._setting(serving, facts, now)

    def _setting(self, serving: Mapping[int, object], facts: OrderFacts, now: datetime | None) -> Setting:
        rules = tuple([index for index, rule in enumerate(self._placed) if applies(rule.when, facts)])
        tariffs = self._tariffs_to(facts)
        zones = self._zones if now is not None else []
        days = tuple([now.astimezone(ZoneInfo(zone)).weekday() for zone in zones]) if now is not None else ()
        key: Key = (facts.channel, facts.country, rules, days, tuple(tariffs.items()))
        places = self._kept.get(key)
        if places is None:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            weekdays = dict(zip(zones, [WEEKDAYS[day] for day in days], strict=True))
            places = self._kept[key] = self._places(serving, facts, [self._placed[i] for i in rules], weekdays, tariffs)
        limits = [rule.parcels_max for rule in self._limits if applies(rule.when, facts)]
        parcels_max = min([limit for limit in limits if limit is not None], default=None)
        return Setting(places, Terms(self.ruleset.costs.split_penalty_minor, parcels_max))

    def _tariffs_to(self, facts: OrderFacts) -> dict[str, Tariff]:
        """Give the tariff from each country of origin; none when no carrier goes there, or no zone is known."""
        carriers = self.carriers
        if carriers is None or not carriers.reaches(facts.country, facts.postal_code):
            return {}
        found = {}
        for origin in self._origins:
            quotes = carriers.quotes(origin, facts.country, facts.postal_code, 1, facts.currency)
            zones = tuple([(quote.carrier_service_id, quote.zone) for quote in _to_the_door(quotes)])
            key = (origin, facts.country, zones, facts.currency)
            tariff = self._tariffs.get(key)
            if tariff is None:
                if len(self._tariffs) >= KEPT_MAX:
                    self._tariffs.clear()
                tariff = self._tariffs[key] = Tariff(_quoting(carriers, origin, facts))
            found[origin] = tariff
        return found

    def _places(
        self,
        serving: Iterable[int],
        facts: OrderFacts,
        rules: list[Rule],
        weekdays: Mapping[str, str],
        tariffs: Mapping[str, Tariff],
    ) -> Places:
        sites = [self.sites[location_id] for location_id in serving if location_id in self.sites]
        # Warehouses before stores at the same cost: a shop's last piece is worth more on its shelf.
        sites.sort(key=lambda site: (site.kind != "warehouse", site.location_id))
        found = []
        for site in sites:
            mine = [rule for rule in rules if is_for(rule.when, site, weekdays)]
            if site.pick_capacity_per_hour and not any(rule.effect == "never" for rule in mine):
                found.append(self._place(site, facts, mine, tariffs.get(site.country)))
        return Places(found)

    def _place(self, site: Site, facts: OrderFacts, rules: Iterable[Rule], tariff: Tariff | None) -> Place:
        costs = self.ruleset.costs
        charges = []
        if tariff is None:
            home = site.country == facts.country
            minor = site.parcel_cost_domestic_minor if home else site.parcel_cost_abroad_minor
            if home:
                charges.append(self._charge(minor, "parcel within the country", "parcel_domestic"))
            else:
                charges.append(self._charge(minor, "parcel to another country", "parcel_abroad"))
        if costs.handling_per_parcel_minor:
            charges.append(self._charge(costs.handling_per_parcel_minor, "handling of a parcel", "parcel_handling"))
        for rule in rules:
            amount = rule.amount_minor or 0
            kind: ChargeKind = "prefer" if rule.effect == "prefer" else "avoid"
            minor = -amount if kind == "prefer" else amount
            charges.append(self._charge(minor, f"{kind}: {rule.name}", kind, rule=rule.name))
        hours = min(BUSY_HOURS_MAX, self.conditions.waiting.get(site.location_id, 0) // site.pick_capacity_per_hour)
        if hours > 0 and costs.busy_hour_minor:
            charges.append(
                self._charge(costs.busy_hour_minor * hours, f"{hours} hours of work wait there", "busy_hours", hours)
            )
        days = min(LATE_DAYS_MAX, self.conditions.late_days.get(site.location_id, 0))
        if days and costs.late_day_minor:
            charges.append(self._charge(costs.late_day_minor * days, f"leaves {days} days from now", "late_days", days))
        total = sum([charge.amount_minor for charge in charges])
        if total < 0:
            charges.append(
                self._charge(-total, "a preference counts no more than the parcel costs", "preference_limit")
            )
        return Place(site.location_id, max(0, total), costs.handling_per_unit_minor, tariff, tuple(charges))

    def _charge(self, amount: int, reason: str, kind: ChargeKind, number: int = 0, rule: str = "") -> Charge:
        found = self._charges.get((amount, reason))
        if found is None:
            found = self._charges[(amount, reason)] = Charge(amount, reason, kind, number, rule)
        return found


def _to_the_door(quotes: Sequence[ServiceQuote]) -> Sequence[ServiceQuote]:
    """Give the quotes that count for costs; where parcels go to pickup points only, those."""
    return [quote for quote in quotes if quote.kind == "address"] or quotes


def _quoting(carriers: Carriers, origin: str, facts: OrderFacts) -> Quote:
    """Give the cheapest way by weight; what no single parcel takes goes in several of the heaviest."""

    def one(weight_grams: int) -> int | None:
        quotes: tuple[ServiceQuote, ...] = carriers.quotes(
            origin, facts.country, facts.postal_code, max(1, weight_grams), facts.currency
        )
        return min([each.cost_minor for each in _to_the_door(quotes)], default=None)

    low, above = 0, WEIGHT_GRAMS_MAX + 1
    if one(0) is None:
        return one
    while above - low > 1:
        middle = (low + above) // 2
        low, above = (middle, above) if one(middle) is not None else (low, middle)
    heaviest, of_heaviest = max(1, low), one(low) or 0

    def quote(weight_grams: int) -> int | None:
        full, rest = divmod(max(1, weight_grams) - 1, heaviest)
        cost = one(rest + 1)
        return None if cost is None else full * of_heaviest + cost

    return quote


def applies(when: When, facts: OrderFacts) -> bool:
    """Say whether a rule is for an order, whatever the place."""
    return (
        (when.channels is None or facts.channel in when.channels)
        and (when.countries is None or facts.country in when.countries)
        and (when.regions is None or facts.region in when.regions)
        and (when.categories is None or not facts.categories.isdisjoint(when.categories))
        and (when.value_from_minor is None or facts.value_minor >= when.value_from_minor)
        and (when.value_below_minor is None or facts.value_minor < when.value_below_minor)
    )


def is_for(when: When, site: Site, weekdays: Mapping[str, str]) -> bool:
    """Say whether a rule is for a place, on the day that it is there."""
    return (
        (when.kinds is None or site.kind in when.kinds)
        and (when.locations is None or site.code in when.locations)
        and (when.weekdays is None or weekdays.get(site.time_zone) in when.weekdays)
    )
