"""Rules of routing in sentences."""

from collections.abc import Mapping, Sequence

import msgspec

from kanava.platform.money import Money
from kanava.sourcing.routing.ruleset import Rule
from kanava.web.common.formatting import Format
from kanava.web.common.translations import translations_of

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

EFFECTS = {
    "prefer": N("Prefer"),
    "avoid": N("Avoid"),
    "never": N("Never send from"),
    "parcels_max": N("At most so many parcels"),
}
KINDS = {"store": N("stores"), "warehouse": N("warehouses"), "supplier": N("suppliers")}
WEEKDAYS = {
    "monday": N("Monday"),
    "tuesday": N("Tuesday"),
    "wednesday": N("Wednesday"),
    "thursday": N("Thursday"),
    "friday": N("Friday"),
    "saturday": N("Saturday"),
    "sunday": N("Sunday"),
}


class Names(msgspec.Struct, frozen=True):
    """What codes are called, and the currency that rules count in."""

    channels: Mapping[str, str]
    locations: Mapping[str, str]
    categories: Mapping[str, str]
    currency: str


class Words:
    """Writes rules in one language."""

    def __init__(self, language: str, names: Names) -> None:
        self.text = translations_of(language).gettext
        self.format, self.names = Format(language), names

    def money(self, amount_minor: int) -> str:
        """Write an amount of the retailer's currency."""
        return self.format.money(Money(amount_minor, self.names.currency))

    def sentence(self, rule: Rule) -> str:
        """Say what a rule does, and for which orders."""
        places = self._places(rule)
        if rule.effect == "prefer":
            said = self.text(N("Prefer %(places)s: each parcel from there counts %(amount)s less.")) % {
                "places": places,
                "amount": self.money(rule.amount_minor or 0),
            }
        elif rule.effect == "avoid":
            said = self.text(N("Avoid %(places)s: each parcel from there counts %(amount)s more.")) % {
                "places": places,
                "amount": self.money(rule.amount_minor or 0),
            }
        elif rule.effect == "never":
            said = self.text(N("Never send from %(places)s.")) % {"places": places}
        else:
            said = self.text(N("Send an order in at most %(count)s parcels.")) % {
                "count": self.format.number(rule.parcels_max or 0)
            }
        orders = self._orders(rule)
        return f"{said} {orders}" if orders else said

    def _places(self, rule: Rule) -> str:
        when = rule.when
        parts = []
        if when.kinds:
            parts.append(self._any([self.text(KINDS[kind]) for kind in when.kinds]))
        if when.locations:
            parts.append(self._any([self.names.locations.get(code, code) for code in when.locations]))
        if when.weekdays:
            days = self._any([self.text(WEEKDAYS[day]) for day in when.weekdays])
            parts.append(self.text(N("places where it is %(days)s")) % {"days": days})
        return ", ".join(parts)

    def _orders(self, rule: Rule) -> str:
        when = rule.when
        parts = []
        if when.channels:
            names = self._any([self.names.channels.get(code, code) for code in when.channels])
            parts.append(self.text(N("from %(channels)s")) % {"channels": names})
        if when.countries:
            parts.append(self.text(N("to %(countries)s")) % {"countries": self._any(when.countries)})
        if when.regions:
            parts.append(self.text(N("to the regions %(regions)s")) % {"regions": self._any(when.regions)})
        if when.categories:
            names = self._any([self.names.categories.get(code, code) for code in when.categories])
            parts.append(self.text(N("with goods of %(categories)s")) % {"categories": names})
        if when.value_from_minor is not None:
            parts.append(self.text(N("worth %(amount)s or more")) % {"amount": self.money(when.value_from_minor)})
        if when.value_below_minor is not None:
            parts.append(self.text(N("worth less than %(amount)s")) % {"amount": self.money(when.value_below_minor)})
        return self.text(N("For orders %(which)s.")) % {"which": ", ".join(parts)} if parts else ""

    def _any(self, names: Sequence[str]) -> str:
        if len(names) < 2:
            return "".join(names)
        return self.text(N("%(first)s or %(last)s")) % {"first": ", ".join(names[:-1]), "last": names[-1]}
