"""What routing decides with, and what it decides. Money in minor units of the retailer's own currency."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

Units = Mapping[tuple[int, int], int]
"""(variant_id, location_id) -> units that may be taken there for this channel; what is missing is none."""

ScarcityPrices = Mapping[tuple[int, int], int]
"""(variant_id, location_id) -> what a unit taken there costs in sales that the place will miss; missing is 0."""

WEIGHT_GRAMS_MAX = 1 << 20
"""A ton and a bit: no parcel is heavier."""

NOT_SHIPPED = 1 << 40
"""Costs from here on mean: cannot be done. More than any sum of costs, and exact in the floats of the search."""


class Need(msgspec.Struct, frozen=True, gc=False):
    """Units of one order line that have to come from somewhere; `location_id` None: to be shipped from anywhere."""

    line_no: int
    variant_id: int
    quantity: int
    location_id: int | None = None
    weight_grams: int = 0


class Part(msgspec.Struct, frozen=True, gc=False):
    """Units of a line that come from one location."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int


ChargeKind = Literal[
    "parcel",
    "parcel_domestic",
    "parcel_abroad",
    "carrier",
    "parcel_handling",
    "unit_handling",
    "prefer",
    "avoid",
    "preference_limit",
    "busy_hours",
    "late_days",
    "scarcity",
    "further_parcels",
]


class Charge(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An amount that counts for or (negative) against a choice, and why: in words, and as what the words are made of.

    `number`: the grams, units, hours, days or parcels that it speaks of; `rule`: the name of the rule of a preference.
    """

    amount_minor: int
    reason: str
    kind: ChargeKind
    number: int = 0
    rule: str = ""


class Tariff:
    """What a parcel costs by its weight, in steps; made of the carriers' quotes, which never fall with the weight."""

    __slots__ = ("_costs", "_limits")

    def __init__(self, quote: Callable[[int], int | None]) -> None:
        """Take a function of grams that gives an amount, None when nobody takes such a parcel; find where it steps."""

        def cost(weight_grams: int) -> int:
            quoted = quote(weight_grams)
            return NOT_SHIPPED if quoted is None else min(quoted, NOT_SHIPPED)

        self._limits: list[int] = []
        self._costs: list[int] = []
        at, here, heaviest = 0, cost(0), cost(WEIGHT_GRAMS_MAX)
        while here != heaviest:
            below, above = at, WEIGHT_GRAMS_MAX
            while above - below > 1:
                middle = (below + above) // 2
                below, above = (middle, above) if cost(middle) == here else (below, middle)
            self._limits.append(below)
            self._costs.append(here)
            at, here = above, cost(above)
        self._limits.append(WEIGHT_GRAMS_MAX)
        self._costs.append(heaviest)

    @property
    def steps(self) -> tuple[Sequence[int], Sequence[int]]:
        """Give up to which weight each step goes, and its cost; what is heavier costs as the last."""
        return self._limits, self._costs

    def cost_of(self, weight_grams: int) -> int:
        """Give the cost of one parcel; NOT_SHIPPED when nobody takes it."""
        return self._costs[min(bisect_left(self._limits, weight_grams), len(self._costs) - 1)]


class Place(msgspec.Struct, frozen=True, gc=False):
    """A location that may ship.

    `parcel_cost_minor` is what its parcel costs whatever it weighs: postage by the piece, handling, and what rules,
    lateness and load add or take off, never below 0. `tariff` adds what depends on weight. `charges` are its parts.
    """

    location_id: int
    parcel_cost_minor: int
    unit_cost_minor: int = 0
    tariff: Tariff | None = None
    charges: tuple[Charge, ...] = ()


class Terms(msgspec.Struct, frozen=True):
    """What holds for the order as a whole: each parcel beyond the first costs the penalty; how many there may be."""

    split_penalty_minor: int = 0
    parcels_max: int | None = None


class Alternative(msgspec.Struct, frozen=True, gc=False):
    """What would have been done instead."""

    location_ids: tuple[int, ...]
    cost_minor: int


class Plan(msgspec.Struct, frozen=True):
    """The parts of an order; when `short` is not empty there are none, and it has what could be had by variant.

    `cost_minor` is of what is shipped. `proven`: nothing costs less, also at places that were not looked at.
    """

    parts: tuple[Part, ...]
    short: Mapping[int, int] = {}
    cost_minor: int = 0
    proven: bool = True
    runner_up: Alternative | None = None


class Places:
    """Places that may ship an order, cheapest first; made once for a channel, a destination and a state of settings.

    Among equals the order in which they were given stands.
    """

    __slots__ = ("arrays", "floors", "groups", "index", "ordered", "parcel_costs", "unit_cost_least_minor")

    def __init__(self, places: Iterable[Place]) -> None:
        entries: list[tuple[int, int, Place]] = []
        for number, place in enumerate(places):
            if not 0 <= place.parcel_cost_minor < NOT_SHIPPED or place.unit_cost_minor < 0:
                raise ValueError(f"a place's costs cannot be negative: {place}")
            least = place.tariff.cost_of(0) if place.tariff is not None else 0
            if least < NOT_SHIPPED:
                insort(entries, (place.parcel_cost_minor + least, number, place), key=lambda entry: entry[:2])
        self.ordered: Sequence[Place] = tuple([place for _, _, place in entries])
        self.floors: Sequence[int] = tuple([floor for floor, _, _ in entries])
        """What the lightest parcel costs, place by place."""
        self.parcel_costs: Sequence[int] = tuple(sorted([place.parcel_cost_minor for place in self.ordered]))
        """What parcels cost whatever they weigh, cheapest first."""
        self.index = {place.location_id: index for index, place in enumerate(self.ordered)}
        self.groups: dict[Tariff | None, list[int]] = {}
        """Indexes of the places of each tariff."""
        for index, place in enumerate(self.ordered):
            self.groups.setdefault(place.tariff, []).append(index)
        self.unit_cost_least_minor = min((place.unit_cost_minor for place in self.ordered), default=0)
        self.arrays: Any = None
        """Room for the exact search to keep its own form of the costs."""

    def __len__(self) -> int:
        return len(self.ordered)

    def near(self, count: int) -> frozenset[int]:
        """Give the location ids of the cheapest places."""
        return frozenset([place.location_id for place in self.ordered[:count]])
