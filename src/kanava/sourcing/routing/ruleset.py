"""Rulesets: what a merchandiser wants of routing, as data that she can read."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Annotated, Literal

import msgspec

from kanava.platform.countries import COUNTRIES
from kanava.platform.errors import FieldError

RULES_MAX = 200
NAMES_MAX = 500

Amount = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000, description="Minor units of the retailer's currency.")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Codes = Annotated[list[Code], msgspec.Meta(min_length=1, max_length=NAMES_MAX)]
Effect = Literal["prefer", "avoid", "never", "parcels_max"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
State = Literal["draft", "live", "retired"]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which orders and which places a rule is for; everything that is named must hold, of a list any one.

    Of the order: `channels`, `countries` and `regions` it is shipped to, `categories` (it has goods of one, or of one
    below it), its value from … below, in the channel's currency. Of the place: `kinds`, `locations`, and `weekdays`
    there.
    """

    channels: Codes | None = None
    countries: Codes | None = None
    regions: Codes | None = None
    categories: Codes | None = None
    value_from_minor: Amount | None = None
    value_below_minor: Amount | None = None
    kinds: Annotated[list[Literal["store", "warehouse", "supplier"]], msgspec.Meta(min_length=1)] | None = None
    locations: Codes | None = None
    weekdays: Annotated[list[Weekday], msgspec.Meta(min_length=1, max_length=7)] | None = None

    @property
    def names_places(self) -> bool:
        """Whether it is for some places only."""
        return any(part is not None for part in (self.kinds, self.locations, self.weekdays))


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is wanted, in words and as an effect.

    `prefer` and `avoid` count `amount_minor` for and against each parcel from such a place, `never` takes nothing
    there, `parcels_max` lets such an order come in so many parcels at most.
    """

    name: Name
    effect: Effect
    when: When = When()
    amount_minor: Amount | None = None
    parcels_max: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What work and waiting count beside postage, in minor units of the retailer's currency.

    `busy_hour_minor`: for each whole hour of work that already waits at the place (open units by its capacity).
    `late_day_minor`: for each day that passes before a parcel leaves the place. `cut_off`: until when a parcel leaves
    the same day, in the place's own time, where no carrier service says so.
    """

    handling_per_parcel_minor: Amount = 0
    handling_per_unit_minor: Amount = 0
    split_penalty_minor: Amount = 100
    late_day_minor: Amount = 100
    busy_hour_minor: Amount = 10
    cut_off: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["16:00"])] = "16:00"

    @property
    def cut_off_time(self) -> time:
        """Give the cut-off as a time of day."""
        return time.fromisoformat(self.cut_off)


class RulesetContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people write of a ruleset."""

    name: Name
    costs: Costs = Costs()
    rules: Annotated[list[Rule], msgspec.Meta(max_length=RULES_MAX)] = []


class Ruleset(msgspec.Struct, frozen=True):
    """A ruleset as it stands. `number` is its name for good; the live one decides, retired ones stay to be read."""

    number: int
    state: State
    name: str
    costs: Costs
    rules: list[Rule]
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


class LiveRuleset(msgspec.Struct, frozen=True):
    """What decides: number 0 is what holds until somebody publishes one."""

    number: int = 0
    costs: Costs = Costs()
    rules: Sequence[Rule] = ()


class Known(msgspec.Struct, frozen=True):
    """The codes that rules may name."""

    channels: Collection[str]
    locations: Collection[str]
    categories: Collection[str]


def mistakes(content: RulesetContent, known: Known) -> list[FieldError]:
    """Say what is wrong with a ruleset, each with the field as the caller wrote it."""
    found = []
    for number, rule in enumerate(content.rules):
        found += _mistakes_of(rule, f"rules[{number}]", known)
    return found


def _mistakes_of(rule: Rule, field: str, known: Known) -> list[FieldError]:
    found: list[FieldError] = []

    def wrong(name: str, reason: str) -> None:
        found.append(FieldError(f"{field}.{name}", reason))

    when, weighs = rule.when, rule.effect in ("prefer", "avoid")
    if weighs and not rule.amount_minor:
        wrong("amount_minor", f"Say how much it counts: {rule.effect} needs an amount above 0.")
    if not weighs and rule.amount_minor is not None:
        wrong("amount_minor", f"Only prefer and avoid have an amount, not {rule.effect}.")
    if rule.effect == "parcels_max" and rule.parcels_max is None:
        wrong("parcels_max", "Say how many parcels there may be.")
    if rule.effect != "parcels_max" and rule.parcels_max is not None:
        wrong("parcels_max", f"Only the effect parcels_max has this, not {rule.effect}.")
    if rule.effect == "parcels_max" and when.names_places:
        wrong("when", "How many parcels an order has is no matter of a place: leave kinds, locations, weekdays out.")
    if rule.effect != "parcels_max" and not when.names_places:
        wrong("when", "Name the places: kinds, locations or weekdays.")
    if when.value_from_minor is not None and (when.value_below_minor or 10**18) <= when.value_from_minor:
        wrong("when.value_below_minor", "The range of values is empty.")
    for name, given, codes in (
        ("channels", when.channels, known.channels),
        ("countries", when.countries, COUNTRIES),
        ("categories", when.categories, known.categories),
        ("locations", when.locations, known.locations),
    ):
        for index, code in enumerate(given or ()):
            if code not in codes:
                wrong(f"when.{name}[{index}]", f"There is no {_SINGULAR[name]} {code!r}.")
    return found


_SINGULAR = {"channels": "channel", "countries": "country", "categories": "category", "locations": "location"}
