"""A working copy of the levels that one group of orders takes from; pure, no I/O.

Orders of the group are decided one after the other against this copy. For each level it keeps how many free units the
whole sequence needs to find at the moment of writing, so that the guarded statement refuses exactly when one of the
orders would no longer have been accepted.
"""

from collections.abc import Iterable, Mapping

from kanava.inventory.model import Key, Level, LevelChange

FenceKey = tuple[int, int, int]
"""(variant_id, location_id, channel_id)"""


class _Shelf:
    __slots__ = ("change", "free", "lent", "safety_stock", "taken")

    def __init__(self, level: Level) -> None:
        self.free = level.free
        self.safety_stock = level.safety_stock
        self.taken = 0
        self.lent = 0
        self.change: LevelChange | None = None


class WorkingStock:
    """Levels, ring-fences and thresholds of one group, with what its orders have taken so far."""

    def __init__(self) -> None:
        self._shelves: dict[Key, _Shelf] = {}
        self._fences: dict[FenceKey, int] = {}
        self._fences_lent: dict[FenceKey, int] = {}
        self._thresholds: Mapping[tuple[int, int, int], int] = {}
        self.fences_used: dict[FenceKey, int] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._shelves

    def add_levels(self, levels: Mapping[Key, Level]) -> list[Key]:
        """Take levels in that are not known yet; gives those with ring-fences, which the caller has to add."""
        fenced = []
        for key, level in levels.items():
            if key not in self._shelves:
                self._shelves[key] = _Shelf(level)
                if level.ring_fenced:
                    fenced.append(key)
        return fenced

    def renew(self, levels: Mapping[Key, Level]) -> None:
        """Take in levels that this transaction itself has changed since they were read (holds that it expired)."""
        for key, level in levels.items():
            shelf = self._shelves.get(key)
            if shelf is None:
                self._shelves[key] = _Shelf(level)
            else:
                shelf.free = level.free - shelf.taken + shelf.lent

    def set_fences(self, fences: Mapping[FenceKey, int]) -> None:
        """Take in what is left of ring-fences."""
        for key, units in fences.items():
            self._fences[key] = units - self.fences_used.get(key, 0) + self._fences_lent.get(key, 0)

    def set_thresholds(self, thresholds: Mapping[tuple[int, int, int], int]) -> None:
        """Take in the thresholds set on variants."""
        self._thresholds = thresholds

    def threshold(self, key: Key, channel_id: int, of_location: int) -> int:
        """Give the units that the channel must leave: the most specific rule wins."""
        if not self._thresholds:
            return of_location
        specific = self._thresholds.get((key[0], channel_id, key[1]))
        if specific is None:
            specific = self._thresholds.get((key[0], channel_id, 0))
        return of_location if specific is None else specific

    def available(self, key: Key, channel_id: int, threshold: int, leaves_safety_stock: bool) -> int:
        """Give the units that the channel may take here now."""
        shelf = self._shelves.get(key)
        if shelf is None:
            return 0
        own = self._fences.get((key[0], key[1], channel_id), 0) if self._fences else 0
        return shelf.free + own - threshold - (shelf.safety_stock if leaves_safety_stock else 0)

    def take(self, key: Key, channel_id: int, quantity: int, threshold: int, *, sold: bool) -> int:
        """Take units that `available` has shown; `sold`: they leave at once (and may use the safety stock).

        Gives how many came out of the channel's ring-fence.
        """
        shelf = self._shelves[key]
        fence = (key[0], key[1], channel_id)
        own = self._fences.get(fence, 0) if self._fences else 0
        from_fence = min(own, quantity)
        change = shelf.change
        if change is None:
            change = shelf.change = LevelChange(key[0], key[1])
        need = quantity + threshold - own + shelf.taken - shelf.lent
        if sold:
            change.need = need if change.need is None else max(change.need, need)
            change.on_hand_delta -= quantity
        else:
            change.need_above_safety = need if change.need_above_safety is None else max(change.need_above_safety, need)
            change.reserved_delta += quantity
        if from_fence:
            change.ring_fenced_delta -= from_fence
            self._fences[fence] = own - from_fence
            self.fences_used[fence] = self.fences_used.get(fence, 0) + from_fence
        shelf.free -= quantity - from_fence
        shelf.taken += quantity - from_fence
        return from_fence

    def lend(self, key: Key, channel_id: int, quantity: int, from_fence: int) -> None:
        """Let the next order see units that its own cart holds, `from_fence` of them out of the ring-fence.

        The caller ends the hold in the same transaction before it writes the changes, or takes the units back with
        negative numbers when the order is refused. Levels of holds have to be known.
        """
        shelf = self._shelves[key]
        shelf.free += quantity - from_fence
        shelf.lent += quantity - from_fence
        if from_fence:
            fence = (key[0], key[1], channel_id)
            self._fences[fence] = self._fences.get(fence, 0) + from_fence
            self._fences_lent[fence] = self._fences_lent.get(fence, 0) + from_fence

    def changes(self) -> Iterable[LevelChange]:
        """Give the change of every level that was taken from.

        Needs were counted without what was lent; when the changes are written, the holds behind it have ended.
        """
        found = []
        for shelf in self._shelves.values():
            change = shelf.change
            if change is None:
                continue
            if shelf.lent:
                change.need = None if change.need is None else change.need + shelf.lent
                above = change.need_above_safety
                change.need_above_safety = None if above is None else above + shelf.lent
            found.append(change)
        return found
