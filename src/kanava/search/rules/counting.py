"""Which products of a part answer a question, and how many there are of each value.

A product answers when one of its variants answers everything that is asked: blue and of size M is one variant, not two.
The values of a facet are counted as if nothing were chosen in it: what one could choose besides.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from kanava.search.rules.columns import Ints, Mask, Part, any_of

PRICE = -1
STOCK = -2
DEAREST = np.iinfo(np.int64).max


class Answer:
    """A part narrowed by choices.

    `chosen`: number of a facet → numbers of its values; several of one facet widen, those of several facets narrow.
    `prices`: lowest and highest, None for no limit. `stocked`: which variants (rows of the part) are in stock, None
    when it does not matter.
    """

    def __init__(
        self,
        part: Part,
        chosen: Mapping[int, Sequence[int]],
        prices: tuple[int | None, int | None] = (None, None),
        stocked: Mask | None = None,
    ) -> None:
        self.part, self.chosen = part, chosen
        self.passes: dict[int, Mask] = {facet: self._having(facet, values) for facet, values in chosen.items()}
        lowest, highest = prices
        if lowest is not None or highest is not None:
            amounts = part.amounts
            self.passes[PRICE] = (amounts >= (lowest or 0)) & (amounts <= (DEAREST if highest is None else highest))
        if stocked is not None:
            self.passes[STOCK] = stocked
        self.matching = self._but(None)

    def _having(self, facet: int, values: Sequence[int]) -> Mask:
        part = self.part
        columns = part.facet(facet)
        wanted = np.zeros(len(part.assortment.facet_of), dtype=bool)
        wanted[np.array(values, dtype=np.int64)] = True
        having = np.zeros(len(part.rows), dtype=bool)
        if len(columns.own_values):
            own = np.zeros(len(part.numbers), dtype=bool)
            own[columns.own_products[wanted[columns.own_values]]] = True
            having = own[part.product_of]
        having[columns.rows[wanted[columns.row_values]]] = True
        return having

    def _but(self, left_out: int | None) -> Mask:
        found = self.part.sold
        for name, passing in self.passes.items():
            if name != left_out:
                found = found & passing
        return found

    @cached_property
    def products(self) -> Ints:
        """The products that answer."""
        return np.flatnonzero(any_of(self.matching, self.part.starts))

    @cached_property
    def cheapest(self) -> Ints:
        """The lowest matching price of every product of the part; DEAREST where nothing matches."""
        if not len(self.matching):
            return np.zeros(0, dtype=np.int64)
        found: Ints = np.minimum.reduceat(np.where(self.matching, self.part.amounts, DEAREST), self.part.starts[:-1])
        return found

    def undecided(self) -> Mask:
        """Say which variants count anywhere: those that pass all choices, or all but one."""
        failed = np.zeros(len(self.part.rows), dtype=np.int8)
        for passing in self.passes.values():
            failed += ~passing
        return self.part.sold & (failed <= 1)

    def price_range(self) -> tuple[int, int] | None:
        """Give the lowest and the highest price, whatever range is chosen."""
        amounts = self.part.amounts[self._but(PRICE)]
        return (int(amounts.min()), int(amounts.max())) if len(amounts) else None

    def counts(self) -> Ints:
        """Give the number of products of every value, those of a chosen facet as if nothing were chosen in it."""
        part = self.part
        if not self.passes:
            return part.counts_of_all
        found = part.counts(self.matching, part.all_facets)
        for facet in self.chosen:
            others = part.counts(self._but(facet), part.facet(facet))
            own = part.assortment.facet_of == facet
            found[own] = others[own]
        return found
