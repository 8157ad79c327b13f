"""What may be taken where, for routing many orders one after the other outside of placing: read once, kept in step."""

from collections.abc import Iterable, Mapping, Sequence

from kanava.inventory import service as inventory
from kanava.platform.db import Connection
from kanava.sourcing.routing import service
from kanava.sourcing.routing.service import ServedChannel
from kanava.sourcing.routing.store import goods as goods_sql

Key = tuple[int, int]


class Book:
    """Units by variant and place as channels see them, scarcity prices and categories of the variants read so far."""

    def __init__(self, *, with_categories: bool) -> None:
        self.with_categories = with_categories
        self.categories: dict[int, frozenset[str]] = {}
        self._stock: dict[int, dict[int, int]] = {}
        self._thresholds: dict[tuple[int, int, int], int] = {}
        self._scarcity: dict[int, dict[Key, int]] = {}
        self._seen: dict[tuple[int, int], dict[Key, int]] = {}

    async def read(self, connection: Connection, variant_ids: Iterable[int]) -> None:
        """Read variants that are not known yet, in three or four statements."""
        new = [variant_id for variant_id in set(variant_ids) if variant_id not in self._stock]
        if not new:
            return
        self._stock |= {variant_id: {} for variant_id in new}
        self._scarcity |= {variant_id: {} for variant_id in new}
        for row in await goods_sql.STOCK_OF.all(connection, variant_ids=new):
            self._stock[row.variant_id] = dict(zip(row.location_ids, row.units, strict=True))
        self._thresholds |= await inventory.thresholds_of(connection, new)
        for key, price in (await service.scarcity_of(connection, new)).items():
            self._scarcity[key[0]][key] = price
        if self.with_categories:
            self.categories |= await service.categories_of(connection, new)

    def forget(self) -> None:
        """Forget everything: what was read is old."""
        self._stock.clear()
        self._thresholds.clear()
        self._scarcity.clear()
        self._seen.clear()
        self.categories.clear()

    def units(self, channel: ServedChannel, variant_ids: Iterable[int]) -> dict[Key, int]:
        """Give what a channel may take of variants where."""
        found: dict[Key, int] = {}
        for variant_id in variant_ids:
            found |= self._seen_by(channel, variant_id)
        return found

    def scarcity(self, variant_ids: Iterable[int]) -> dict[Key, int]:
        """Give the scarcity prices of variants."""
        found: dict[Key, int] = {}
        for variant_id in variant_ids:
            found |= self._scarcity[variant_id]
        return found

    def categories_of(self, variant_ids: Iterable[int]) -> frozenset[str]:
        """Give all categories of variants."""
        return frozenset().union(*[self.categories.get(variant_id, frozenset()) for variant_id in variant_ids])

    def move(self, variant_id: int, location_id: int, units: int) -> None:
        """Take note of units that were taken there (negative: given back)."""
        stock = self._stock[variant_id]
        stock[location_id] = stock.get(location_id, 0) - units
        for (_, of), seen in self._seen.items():
            if of == variant_id:
                key = (variant_id, location_id)
                seen[key] = seen.get(key, 0) - units

    def _seen_by(self, channel: ServedChannel, variant_id: int) -> dict[Key, int]:
        known = self._seen.get((channel.channel_id, variant_id))
        if known is None:
            known = {}
            for location_id, units in self._stock[variant_id].items():
                left = channel.shipping.get(location_id)
                if left is not None:
                    if self._thresholds:
                        left = self._threshold(channel.channel_id, variant_id, location_id, left)
                    known[(variant_id, location_id)] = units - left
            self._seen[(channel.channel_id, variant_id)] = known
        return known

    def _threshold(self, channel_id: int, variant_id: int, location_id: int, of_location: int) -> int:
        thresholds: Mapping[tuple[int, int, int], int] = self._thresholds
        specific = thresholds.get((variant_id, channel_id, location_id), thresholds.get((variant_id, channel_id, 0)))
        return of_location if specific is None else specific


def variants_of(orders: Iterable[Sequence[int]]) -> set[int]:
    """Give the variants of many orders."""
    return {variant_id for order in orders for variant_id in order}
