"""The exact search: dynamic programming over the divisions of an order's lines.

Pieces are lines, or parts of lines that may come from different places. What each set of pieces costs from each place
is one matrix; the cheapest place of each set is the least of its row; the best division of all pieces is put together
of best sets, a parcel more each round. Costs are whole numbers below 2^53, so the floats are exact.
"""

import threading
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from kanava.sourcing.routing.columns import Shelves, arrays_of, cost_by_weight
from kanava.sourcing.routing.model import NOT_SHIPPED, Alternative, Places, Terms
from kanava.sourcing.routing.pieces import cut_into_pieces, is_complete
from kanava.sourcing.routing.rules import Chosen, Want, least_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

OUTDOING_NEEDED = 4
"""How many better places let one be left out where a place may be needed for itself; larger plans are not proven."""

CANDIDATES_MAX = 150
"""Places of the second, slower search, which is needed when two best sets name one place that cannot fill both."""


class _Divisions:
    """All ways to take a set T, with the lowest piece in it, out of each set S of two or more pieces."""

    def __init__(self, pieces: int) -> None:
        taken: list[int] = []
        rest: list[int] = []
        self.sets: list[int] = []
        starts: list[int] = []
        for whole in range(1, 1 << pieces):
            low = whole & -whole
            others = whole ^ low
            if not others:
                continue
            self.sets.append(whole)
            starts.append(len(taken))
            part = others
            while part:  # `part` is what is left for the other parcels
                taken.append(whole ^ part)
                rest.append(part)
                part = (part - 1) & others
        self.taken, self.rest = np.array(taken, dtype=np.intp), np.array(rest, dtype=np.intp)
        self.starts, self.of = np.array(starts, dtype=np.intp), np.array(self.sets, dtype=np.intp)


class _Subsets:
    """All (S, T) with T a set of pieces within S, T not empty."""

    def __init__(self, pieces: int) -> None:
        taken: list[int] = []
        rest: list[int] = []
        starts: list[int] = []
        for whole in range(1, 1 << pieces):
            starts.append(len(taken))
            part = whole
            while part:
                taken.append(part)
                rest.append(whole ^ part)
                part = (part - 1) & whole
        self.taken, self.rest = np.array(taken, dtype=np.intp), np.array(rest, dtype=np.intp)
        self.starts = np.array(starts, dtype=np.intp)


ROOM_LEAST = 1 << 18

_room = threading.local()
_divisions = lru_cache(maxsize=None)(_Divisions)
_subsets = lru_cache(maxsize=None)(_Subsets)


@cache
def _bits(pieces: int) -> npt.NDArray[np.int64]:
    """Give a row for each set: which pieces are in it."""
    sets = np.arange(1 << pieces, dtype=np.int64)
    return (sets[:, None] >> np.arange(pieces)) & 1


def _table(sets: int, places: int) -> FloatArray:
    """Lend room for the costs of sets at places; the next that asks in this thread gets the same.

    Fresh memory costs five times as much as the sums that go into it.
    """
    room: FloatArray | None = getattr(_room, "kept", None)
    if room is None or room.size < sets * places:
        room = _room.kept = np.empty(max(ROOM_LEAST, sets * places), dtype=np.float64)
    return room[: sets * places].reshape(sets, places)


class Problem:
    """One order's wants, cut into pieces, and what each set of pieces costs from each place.

    Solve it before the next one is made: both use the same room.
    """

    def __init__(
        self, wants: Sequence[Want], pieces: Sequence[tuple[int, int]], places: Places, terms: Terms, costs: FloatArray
    ) -> None:
        self.wants, self.pieces, self.places, self.terms = wants, pieces, places, terms
        self.complete = True
        self.proven_below = NOT_SHIPPED
        """What left-out places could cost: a plan below it needs none of them."""
        self.columns: IntArray = np.arange(costs.shape[1])
        self.costs = costs
        self.count = len(pieces)
        self.full = (1 << self.count) - 1
        self.best_place = costs.argmin(axis=1)
        self.best = costs[np.arange(1 << self.count), self.best_place]
        self.layers: list[FloatArray] = []

    @classmethod
    def of(
        cls,
        wants: Sequence[Want],
        places: Places,
        shelves: Shelves,
        terms: Terms,
    ) -> "Problem | None":
        """Make the problem; None when the pieces would be too many."""
        arrays, holds, rare = arrays_of(places), shelves.holds, shelves.rare
        sizes = cut_into_pieces(wants, holds, by_weight=bool(arrays.groups))
        if sizes is None:
            return None
        pieces = [(index, size) for index, cut in enumerate(sizes) for size in cut]
        once = bool(arrays.groups) or len(pieces) > len(wants)
        needed = min(len(pieces), OUTDOING_NEEDED) if once else 2
        columns = arrays.not_outdone([want.quantity for want in wants], holds, rare, needed)
        holds = holds[:, columns]
        costs = _table(1 << len(pieces), len(columns))
        costs[0] = arrays.parcel[columns]
        weight = np.zeros(1, dtype=np.int64)
        unit, sets = arrays.unit[columns], 1
        for index, (want, cut) in enumerate(zip(wants, sizes, strict=True)):
            taken = _bits(len(cut)) @ np.array(cut, dtype=np.int64)
            each = unit if rare is None else unit + rare[index, columns]
            # Every set of the pieces so far, with every set of these; without any of these it stands there already.
            for number, units in enumerate(taken.tolist()[1:], 1):
                own = np.where(holds[index] < units, float(NOT_SHIPPED), units * each)
                np.add(costs[:sets], own, out=costs[number * sets : (number + 1) * sets])
            weight = (taken[:, None] * want.weight_grams + weight[None, :]).reshape(-1)
            sets *= len(taken)
        of = arrays.group_of[columns]
        for number, tariff in enumerate(arrays.groups, 1):
            # Columns of one tariff stand together.
            first, last = np.searchsorted(of, number), np.searchsorted(of, number, side="right")
            if first < last:
                costs[:, first:last] += cost_by_weight(tariff, weight)[:, None]
        problem = cls(wants, pieces, places, terms, costs)
        problem.columns = columns
        if once and needed < len(pieces):
            problem.proven_below = least_of(needed + 1, wants, places, terms)
        problem.complete = is_complete(wants, holds, sizes, by_weight=bool(arrays.groups))
        return problem

    def solve(self) -> Chosen | None:
        """Give the cheapest division, None when there is none."""
        self._divide()
        blocks = self._blocks(self.full, len(self.layers) - 1)
        if blocks is None:
            return None
        merged = _merge(blocks)
        cost = self._cost(merged)
        proven = self.complete
        if len(merged) < len(blocks) and cost > self.layers[-1][self.full]:
            # One place would do two parcels' worth that it cannot do, or not at that price: each place once, then.
            found, all_tried = self._each_place_once()
            proven = proven and all_tried
            if found is None:
                return None
            merged, cost = found, self._cost(found)
        # Every place that could do it alone was looked at: then nothing is cheaper than what no division can undercut.
        proven = (proven and cost <= self.proven_below) or cost <= least_of(2, self.wants, self.places, self.terms)
        return Chosen(self._taken(merged), int(cost), proven, self._runner_up(merged))

    def _divide(self) -> None:
        """Make the rounds: after round k, the least cost of each set in at most k + 1 parcels."""
        ways, penalty = _divisions(self.count), float(self.terms.split_penalty_minor)
        cheapest = self.best.copy()
        self.layers = [cheapest]
        rounds = min(self.terms.parcels_max or self.count, self.count)
        for _ in range(1, rounds):
            divided = np.minimum.reduceat(self.best[ways.taken] + cheapest[ways.rest] + penalty, ways.starts)
            further = cheapest.copy()
            further[ways.of] = np.minimum(cheapest[ways.of], divided)
            if np.array_equal(further, cheapest):
                break
            self.layers.append(further)
            cheapest = further

    def _blocks(self, whole: int, layer: int) -> list[tuple[int, int]] | None:
        """Give (set, place) of the best division of a set."""
        if self.layers[layer][whole] >= NOT_SHIPPED:
            return None
        blocks = []
        while True:
            while layer and self.layers[layer - 1][whole] <= self.layers[layer][whole]:
                layer -= 1
            if not layer:
                blocks.append((whole, int(self.best_place[whole])))
                return blocks
            taken, rest = self._parting(whole, self.layers[layer - 1])
            blocks.append((taken, int(self.best_place[taken])))
            whole, layer = rest, layer - 1

    def _parting(self, whole: int, below: FloatArray) -> tuple[int, int]:
        """Give the best first parcel of a set, and what is left for the others."""
        ways = _divisions(self.count)
        number = ways.sets.index(whole)
        start = int(ways.starts[number])
        end = int(ways.starts[number + 1]) if number + 1 < len(ways.sets) else len(ways.taken)
        costs = self.best[ways.taken[start:end]] + below[ways.rest[start:end]]
        at = start + int(costs.argmin())
        return int(ways.taken[at]), int(ways.rest[at])

    def _cost(self, blocks: Sequence[tuple[int, int]]) -> float:
        penalty = self.terms.split_penalty_minor * (len(blocks) - 1)
        return float(sum(self.costs[taken, place] for taken, place in blocks)) + penalty

    def _each_place_once(self) -> tuple[list[tuple[int, int]] | None, bool]:
        """Decide place by place what it sends, at most once each; gives also whether the answer is proven.

        Of each set only the `count` cheapest places matter: of these at least one is free, whatever the others send.
        """
        many = min(self.count, self.costs.shape[1])
        near = np.argpartition(self.costs, many - 1, axis=1)[1:, :many]
        usable = np.take_along_axis(self.costs[1:], near, axis=1) < NOT_SHIPPED
        candidates = np.unique(near[usable])
        proven = len(candidates) <= CANDIDATES_MAX
        if not proven:
            usefulness = self.costs[:, candidates].min(axis=0)
            candidates = candidates[np.argsort(usefulness, kind="stable")[:CANDIDATES_MAX]]
        ways, penalty = _subsets(self.count), float(self.terms.split_penalty_minor)
        # A row for each number of parcels, where it is limited; one for all otherwise.
        rounds = 0 if self.terms.parcels_max is None else min(self.terms.parcels_max, self.count)
        state = np.full((rounds + 1, 1 << self.count), np.inf)
        state[:, 0] = 0.0
        states = [state]
        for place in candidates:
            costs = self.costs[:, place] + penalty
            before = state[:-1] if rounds else state
            sent = np.minimum.reduceat(before[:, ways.rest] + costs[ways.taken], ways.starts, axis=1)
            state = state.copy()
            after = state[1:] if rounds else state
            np.minimum(after[:, 1:], sent, out=after[:, 1:])
            states.append(state)
        if state[rounds, self.full] >= NOT_SHIPPED:
            return None, proven
        return self._retrace(states, candidates, rounds), proven

    def _retrace(self, states: Sequence[FloatArray], candidates: IntArray, rounds: int) -> list[tuple[int, int]]:
        ways, penalty = _subsets(self.count), float(self.terms.split_penalty_minor)
        blocks = []
        whole, row, fewer = self.full, rounds, int(rounds > 0)
        for number in range(len(candidates) - 1, -1, -1):
            if not whole:
                break
            if states[number][row, whole] <= states[number + 1][row, whole]:
                continue
            start = int(ways.starts[whole - 1])
            end = int(ways.starts[whole]) if whole < self.full else len(ways.taken)
            place = int(candidates[number])
            costs = (
                states[number][row - fewer, ways.rest[start:end]] + self.costs[ways.taken[start:end], place] + penalty
            )
            at = start + int(costs.argmin())
            blocks.append((int(ways.taken[at]), place))
            whole, row = int(ways.rest[at]), row - fewer
        return blocks

    def _taken(self, blocks: Sequence[tuple[int, int]]) -> list[tuple[int, list[int]]]:
        """Give the units by want that each place sends, the cheapest place first."""
        found = []
        for taken, place in sorted(blocks, key=lambda block: block[1]):
            quantities = [0] * len(self.wants)
            for number, (index, size) in enumerate(self.pieces):
                if taken >> number & 1:
                    quantities[index] += size
            found.append((self._location_id(place), quantities))
        return found

    def _location_id(self, place: int) -> int:
        return self.places.ordered[int(self.columns[place])].location_id

    def _runner_up(self, blocks: Sequence[tuple[int, int]]) -> Alternative | None:
        """Give the cheapest of: all from another place, another division, the same with one place exchanged."""
        used = {place for _, place in blocks}
        found: list[tuple[float, tuple[int, ...]]] = []
        whole, at = self._cheapest_but(self.full, used if len(used) == 1 else set())
        if whole < NOT_SHIPPED:
            found.append((whole, (at,)))
        if len(blocks) == 1:
            found += self._best_division()
        else:
            total = self._cost(blocks)
            for taken, place in blocks:
                other, at = self._cheapest_but(taken, used)
                if other < NOT_SHIPPED:
                    cost = total - float(self.costs[taken, place]) + other
                    found.append((cost, tuple([at if p == place else p for _, p in blocks])))
        if not found:
            return None
        cost, chosen = min(found)
        return Alternative(tuple([self._location_id(place) for place in chosen]), int(cost))

    def _cheapest_but(self, taken: int, excluded: set[int]) -> tuple[float, int]:
        row = self.costs[taken]
        if not excluded:
            return float(self.best[taken]), int(self.best_place[taken])
        row = row.copy()
        row[list(excluded)] = np.inf
        at = int(row.argmin())
        return float(row[at]), at

    def _best_division(self) -> list[tuple[float, tuple[int, ...]]]:
        if self.count < 2 or self.terms.parcels_max == 1:
            return []
        layer = max(0, len(self.layers) - 2) if self.terms.parcels_max is not None else len(self.layers) - 1
        taken, rest = self._parting(self.full, self.layers[layer])
        others = self._blocks(rest, layer)
        if others is None or self.best[taken] >= NOT_SHIPPED:
            return []
        blocks = _merge([(taken, int(self.best_place[taken])), *others])
        cost = self._cost(blocks)
        if len(blocks) < 2 or cost >= NOT_SHIPPED:
            return []
        return [(cost, tuple([place for _, place in blocks]))]


def _merge(blocks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: dict[int, int] = {}
    for taken, place in blocks:
        merged[place] = merged.get(place, 0) | taken
    return [(taken, place) for place, taken in merged.items()]
