"""The search for orders too large for the exact one: a good set of places, then better ones by small changes."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from kanava.sourcing.routing.columns import Shelves
from kanava.sourcing.routing.model import NOT_SHIPPED, Alternative, Places, Terms
from kanava.sourcing.routing.rules import Chosen, Want

FloatArray = npt.NDArray[np.float64]

CANDIDATES_MAX = 24
TRIED_MAX = 600
"""Sets of places that are tried at most."""


def search(
    wants: Sequence[Want],
    places: Places,
    shelves: Shelves,
    terms: Terms,
) -> Chosen | None:
    """Give a plan that no dropping, adding or exchanging of one place makes cheaper; None when none was found."""
    search_ = _Search(wants, places, shelves, terms)
    ways = (search_.whole(), search_.greedy(by_price=True), search_.greedy(by_price=False))
    starts = [start for start in ways if start]
    if not starts:
        return None
    found = min((search_.improve(start) for start in starts), key=search_.cost_of)
    if search_.cost_of(found) >= NOT_SHIPPED:
        return None
    return search_.chosen(found)


class _Search:
    """The wants as arrays, and the sets of places tried so far."""

    def __init__(
        self,
        wants: Sequence[Want],
        places: Places,
        shelves: Shelves,
        terms: Terms,
    ) -> None:
        ordered = places.ordered
        self.places, self.terms, self.wants = places, terms, wants
        self.wanted = np.array([want.quantity for want in wants], dtype=np.int64)
        self.weights = np.array([want.weight_grams for want in wants], dtype=np.int64)
        self.holds = shelves.holds
        self.fixed = np.array([place.parcel_cost_minor for place in ordered], dtype=np.float64)
        unit = np.array([place.unit_cost_minor for place in ordered], dtype=np.float64)
        self.each: FloatArray = np.repeat(unit[None, :], len(wants), axis=0)
        if shelves.rare is not None:
            self.each += shelves.rare
        self.tried: dict[tuple[int, ...], float] = {}

    def whole(self) -> tuple[int, ...]:
        """Give the cheapest place that holds everything; empty when there is none."""
        holders = np.flatnonzero((self.holds >= self.wanted[:, None]).all(axis=0)).tolist()
        place = min(holders, key=lambda holder: self.cost_of((holder,)), default=None)
        return () if place is None else (place,)

    def greedy(self, *, by_price: bool) -> tuple[int, ...]:
        """Open places one by one: least money for each missing unit, or most missing units; empty when it fails."""
        missing = self.wanted.copy()
        opened: list[int] = []
        price = np.array(self.places.floors, dtype=np.float64) + self.terms.split_penalty_minor + 1
        while missing.any():
            if len(opened) >= (self.terms.parcels_max or self.holds.shape[1]):
                return ()
            useful = np.minimum(self.holds, missing[:, None]).sum(axis=0).astype(np.float64)
            useful[opened] = 0
            if not useful.any():
                return ()
            worth = useful / price if by_price else useful - price / (price.max() * 2)
            worth[useful == 0] = -1
            place = int(worth.argmax())
            opened.append(place)
            missing -= np.minimum(self.holds[:, place], missing)
        return tuple(sorted(opened))

    def improve(self, start: tuple[int, ...]) -> tuple[int, ...]:
        """Change one place at a time while that costs less."""
        best, best_cost = start, self.cost_of(start)
        useful = np.minimum(self.holds, self.wanted[:, None]).sum(axis=0)
        by_use = np.argsort(-useful, kind="stable")[: CANDIDATES_MAX // 2]
        by_price = [int(i) for i in np.flatnonzero(useful)[: CANDIDATES_MAX // 2]]
        candidates = list(dict.fromkeys([*by_price, *[int(i) for i in by_use if useful[i]]]))
        better = True
        while better and len(self.tried) < TRIED_MAX:
            better = False
            for changed in self._changes(best, candidates):
                cost = self.cost_of(changed)
                if cost < best_cost:
                    best, best_cost, better = changed, cost, True
                    break
                if len(self.tried) >= TRIED_MAX:
                    break
        return self._used(best)

    def _changes(self, opened: tuple[int, ...], candidates: Sequence[int]) -> Iterable[tuple[int, ...]]:
        for place in opened:
            rest = tuple([other for other in opened if other != place])
            if rest:
                yield rest
        for place in opened:
            for candidate in candidates:
                if candidate not in opened:
                    yield tuple(sorted({*opened, candidate} - {place}))
        if len(opened) < (self.terms.parcels_max or len(opened) + 1):
            for candidate in candidates:
                if candidate not in opened:
                    yield tuple(sorted({*opened, candidate}))

    def cost_of(self, opened: tuple[int, ...]) -> float:
        """Give what a set of places costs; NOT_SHIPPED when it does not hold all."""
        known = self.tried.get(opened)
        if known is None:
            known = self.tried[opened] = self._cost(opened)
        return known

    def _cost(self, opened: tuple[int, ...]) -> float:
        taken = self._taken(opened)
        if taken is None:
            return float(NOT_SHIPPED)
        sends = taken.sum(axis=0) > 0
        at = list(opened)
        cost = float((taken * self.each[:, at]).sum() + self.fixed[at][sends].sum())
        grams = self.weights @ taken
        for number, place in enumerate(opened):
            tariff = self.places.ordered[place].tariff
            if tariff is not None and sends[number]:
                cost += tariff.cost_of(int(grams[number]))
        return min(cost + self.terms.split_penalty_minor * (int(sends.sum()) - 1), float(NOT_SHIPPED))

    def _taken(self, opened: tuple[int, ...]) -> npt.NDArray[np.int64] | None:
        """Share the wants out over open places, each want from where its units cost least; None when they lack some."""
        at = list(opened)
        holds, each = self.holds[:, at], self.each[:, at]
        if (holds.sum(axis=1) < self.wanted).any():
            return None
        order = np.argsort(each, axis=1, kind="stable")
        sorted_holds = np.take_along_axis(holds, order, axis=1)
        before = np.cumsum(sorted_holds, axis=1) - sorted_holds
        sorted_taken = np.clip(self.wanted[:, None] - before, 0, sorted_holds)
        taken = np.zeros_like(holds)
        np.put_along_axis(taken, order, sorted_taken, axis=1)
        return taken

    def _used(self, opened: tuple[int, ...]) -> tuple[int, ...]:
        taken = self._taken(opened)
        if taken is None:
            return opened
        return tuple([place for place, sends in zip(opened, taken.sum(axis=0).tolist(), strict=True) if sends])

    def chosen(self, opened: tuple[int, ...]) -> Chosen:
        """Give a set of places as a choice, with the cheapest other set that was tried."""
        taken = self._taken(opened)
        if taken is None:
            raise LookupError("a set that does not hold the goods cannot be chosen")
        ids = [self.places.ordered[place].location_id for place in opened]
        sent = [(location_id, taken[:, number].tolist()) for number, location_id in enumerate(ids)]
        others: dict[tuple[int, ...], float] = {}
        for tried, cost in self.tried.items():
            used = self._used(tried) if cost < NOT_SHIPPED else ()
            if used and used != opened:
                others[used] = min(cost, others.get(used, cost))
        runner_up = None
        if others:
            places, cost = min(others.items(), key=lambda entry: (entry[1], entry[0]))
            runner_up = Alternative(tuple([self.places.ordered[place].location_id for place in places]), int(cost))
        return Chosen(sent, int(self.cost_of(opened)), proven=False, runner_up=runner_up)
