"""Costs of places and what they hold as arrays, and which places an order can do without looking at."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from kanava.sourcing.routing.model import Places, ScarcityPrices, Tariff, Units
from kanava.sourcing.routing.rules import Want

FloatArray = npt.NDArray[np.float64]
UnitArray = npt.NDArray[np.int64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

OUTDOING_FROM = 64
"""With more places than these, those are left out that others outdo in everything."""
OUTDOING_MAX = 192
"""How many of the cheapest places are tried for outdoing others."""


def cost_by_weight(tariff: Tariff, weights: npt.NDArray[np.int64]) -> FloatArray:
    """Give what parcels of these weights cost."""
    limits, costs = tariff.steps
    found: FloatArray = np.array([*costs, costs[-1]], dtype=np.float64)[np.searchsorted(limits, weights)]
    return found


class _Numbers:
    """Which number in a list each id has, for many ids at once."""

    def __init__(self, ids: Sequence[int]) -> None:
        given: UnitArray = np.array(ids, dtype=np.int64)
        self._order: IntArray = np.argsort(given)
        self._sorted = given[self._order]

    def of(self, ids: UnitArray) -> tuple[IntArray, BoolArray]:
        """Give the number of each, and whether it is in the list at all."""
        if not len(self._sorted):
            return np.zeros(len(ids), dtype=np.intp), np.zeros(len(ids), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        there: BoolArray = self._sorted[at] == ids
        return self._order[at], there


class Arrays:
    """The costs of places, in their order."""

    def __init__(self, places: Places) -> None:
        self.count = len(places)
        self.numbers = _Numbers([place.location_id for place in places.ordered])
        self.parcel: FloatArray = np.array([place.parcel_cost_minor for place in places.ordered], dtype=np.float64)
        self.unit: FloatArray = np.array([place.unit_cost_minor for place in places.ordered], dtype=np.float64)
        self.groups = [tariff for tariff in places.groups if tariff is not None]
        self.group_of: IntArray = np.zeros(len(places), dtype=np.intp)
        for number, tariff in enumerate(self.groups, 1):
            self.group_of[places.groups[tariff]] = number
        self._cheaper: BoolArray | None = None

    def _cheaper_ones(self) -> BoolArray:
        """Say of the cheapest places which others are dearer in every way, whatever the weight.

        Of two that are alike the first is the cheaper one, and not the reverse.
        """
        if self._cheaper is None:
            first = min(OUTDOING_MAX, self.count)
            limits = np.unique([0, *(limit for tariff in self.groups for limit in tariff.steps[0])])
            rates = np.stack([np.zeros(len(limits)), *(cost_by_weight(tariff, limits) for tariff in self.groups)])
            never_dearer = np.all(rates[:, None, :] <= rates[None, :, :], axis=2).astype(np.bool_)
            cheaper = np.arange(first)[:, None] < np.arange(self.count)[None, :]
            cheaper &= never_dearer[self.group_of[:first, None], self.group_of[None, :]]
            cheaper &= self.parcel[:first, None] <= self.parcel[None, :]
            cheaper &= self.unit[:first, None] <= self.unit[None, :]
            self._cheaper = cheaper
        return self._cheaper

    def not_outdone(
        self, quantities: Sequence[int], holds: npt.NDArray[np.int64], rare: FloatArray | None, needed: int
    ) -> IntArray:
        """Give the places that matter, those of one tariff side by side, each in the order of their costs.

        Left out are those that have nothing, and those that `needed` cheaper ones outdo: whatever the place holds,
        these have enough of, and it is not scarce there. In any plan one of those could do the place's part: with
        every line in one piece and no tariff, whatever else it sends; else one that sends nothing else, which there is
        in any plan of no more than `needed` parcels.
        """
        bits = (1 << np.arange(len(quantities)))[:, None]
        has = ((holds > 0) * bits).sum(axis=0).astype(np.uint8)
        matter: BoolArray = has > 0
        if self.count > OUTDOING_FROM:
            cheaper = self._cheaper_ones()
            first = len(cheaper)
            plenty = holds[:, :first] >= np.array(quantities, dtype=np.int64)[:, None]
            if rare is not None:
                plenty &= rare[:, :first] == 0
            lacks = (~plenty * bits).sum(axis=0).astype(np.uint8)
            outdone = (lacks[:, None] & has[None, :]) == 0
            outdone &= cheaper
            matter &= np.count_nonzero(outdone, axis=0) < needed
        found = np.flatnonzero(matter)
        return found[np.argsort(self.group_of[found], kind="stable")] if self.groups else found


class Shelves:
    """What an order's wants meet at the places: a row for each want, a column for each place.

    `holds`: units there; `rare`: the scarcity price of each, None where there are no such prices.
    """

    def __init__(self, holds: UnitArray, rare: FloatArray | None) -> None:
        self.holds, self.rare = holds, rare

    @classmethod
    def of(cls, wants: Sequence[Want], places: Places, units: Units, scarcity: ScarcityPrices) -> "Shelves":
        """Look up the wants at all places; with 1,565 of them a loop over thousands of levels is what takes longest."""
        of_want, of_place = _Numbers([want.variant_id for want in wants]), arrays_of(places).numbers

        def spread(entries: Mapping[tuple[int, int], int]) -> UnitArray:
            keys = np.fromiter(chain.from_iterable(entries), dtype=np.int64, count=2 * len(entries))
            values = np.fromiter(entries.values(), dtype=np.int64, count=len(entries))
            rows, wanted = of_want.of(keys[0::2])
            columns, ships = of_place.of(keys[1::2])
            found: UnitArray = np.zeros((len(wants), len(places)), dtype=np.int64)
            meant = wanted & ships
            found[rows[meant], columns[meant]] = values[meant]
            return found

        rare: FloatArray | None = spread(scarcity).astype(np.float64) if scarcity else None
        return cls(np.maximum(spread(units), 0), rare)

    def hold_enough(self, wants: Sequence[Want]) -> bool:
        """Say whether all places together have what is wanted."""
        quantities = np.array([want.quantity for want in wants], dtype=np.int64)
        return bool((self.holds.sum(axis=1) >= quantities).all())


def arrays_of(places: Places) -> Arrays:
    """Give the arrays of places, made when they are first asked for."""
    if places.arrays is None:
        places.arrays = Arrays(places)
    arrays: Arrays = places.arrays
    return arrays
