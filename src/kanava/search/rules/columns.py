"""What products are narrowed and counted by, side by side in arrays: variants in the order of their products.

Everything here is immutable: a change makes new columns.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

NO_PRICE = -1
PARTS_KEPT = 12
"""Categories of a channel whose columns are kept: each has the size of its products' share of the whole."""


class ProductRow(msgspec.Struct, frozen=True):
    """A product as `search_product` has it; `created` in microseconds."""

    product_id: int
    category_id: int
    created: int
    variant_ids: list[int]
    value_ids: list[int]
    value_variants: list[int]


def ranges(starts: Ints, ends: Ints) -> Ints:
    """Give the numbers of many ranges, one after the other."""
    lengths = ends - starts
    offsets = np.cumsum(lengths) - lengths
    found: Ints = np.arange(int(lengths.sum()), dtype=np.int64) + np.repeat(starts - offsets, lengths)
    return found


def starts_of(counts: Ints) -> Ints:
    """Give where each of so many things begins, and where the last one ends."""
    starts: Ints = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return starts


def any_of(mask: Mask, starts: Ints) -> Mask:
    """Say of each run between two starts whether anything in it is true; three times as quick as `reduceat`."""
    passed = np.zeros(len(mask) + 1, dtype=np.int64)
    np.cumsum(mask, out=passed[1:])
    found: Mask = passed[starts[1:]] > passed[starts[:-1]]
    return found


class Flat(msgspec.Struct, frozen=True):
    """Rows of products one after the other, by product id; `counts` say how many entries belong to each product."""

    product_ids: Ints
    category_ids: Ints
    created: Ints
    variant_counts: Ints
    variant_ids: Ints
    value_counts: Ints
    value_ids: Ints
    value_variants: Ints

    @classmethod
    def of(cls, rows: Sequence[ProductRow]) -> "Flat":
        """Lay rows side by side; they come in the order of their ids."""

        def column(values: "chain[int] | Sequence[int]") -> Ints:
            return np.fromiter(values, dtype=np.int64)

        return cls(
            column([row.product_id for row in rows]),
            column([row.category_id for row in rows]),
            column([row.created for row in rows]),
            column([len(row.variant_ids) for row in rows]),
            column(chain.from_iterable([row.variant_ids for row in rows])),
            column([len(row.value_ids) for row in rows]),
            column(chain.from_iterable([row.value_ids for row in rows])),
            column(chain.from_iterable([row.value_variants for row in rows])),
        )

    def take(self, numbers: Ints) -> "Flat":
        """Give the products at these places, in this order."""
        variants, values = starts_of(self.variant_counts), starts_of(self.value_counts)
        of_variants = ranges(variants[numbers], variants[numbers + 1])
        of_values = ranges(values[numbers], values[numbers + 1])
        return Flat(
            self.product_ids[numbers],
            self.category_ids[numbers],
            self.created[numbers],
            self.variant_counts[numbers],
            self.variant_ids[of_variants],
            self.value_counts[numbers],
            self.value_ids[of_values],
            self.value_variants[of_values],
        )

    def with_rows(self, rows: Sequence[ProductRow]) -> "Flat":
        """Put rows in the place of those with the same ids; rows without variants go."""
        added = Flat.of([row for row in rows if row.variant_ids])
        if not len(self.product_ids):
            return added
        gone = np.isin(self.product_ids, np.array([row.product_id for row in rows], dtype=np.int64))
        kept = self.take(np.flatnonzero(~gone)) if gone.any() else self
        pairs = zip(msgspec.structs.astuple(kept), msgspec.structs.astuple(added), strict=True)
        both = Flat(*[np.concatenate(pair) for pair in pairs])
        return both.take(np.argsort(both.product_ids, kind="stable"))


class Columns:
    """Products with their variants and values, ready to be counted.

    A value of a product stands once (`own_*`). A value of variants stands once for each product (`shared_*`), with the
    variants that have it behind it (`shared_rows`, from `shared_starts` on).
    """

    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.product_ids, self.variant_ids = flat.product_ids, flat.variant_ids
        self.starts = starts_of(flat.variant_counts)
        self.product_of = np.repeat(np.arange(len(flat.product_ids), dtype=np.int64), flat.variant_counts)
        owner = np.repeat(np.arange(len(flat.product_ids), dtype=np.int64), flat.value_counts)
        own = flat.value_variants < 0
        self.own_values, owners = flat.value_ids[own], owner[own]
        self.own_starts = starts_of(np.bincount(owners, minlength=len(flat.product_ids)))
        self._share(owner[~own], flat.value_ids[~own], flat.value_variants[~own])
        self.by_id = np.argsort(self.variant_ids, kind="stable")
        self.ids_sorted = self.variant_ids[self.by_id]

    def _share(self, owner: Ints, values: Ints, variants: Ints) -> None:
        order = np.lexsort((values, owner))
        owner, values = owner[order], values[order]
        self.shared_rows = (self.starts[owner] + variants[order]).astype(np.int64)
        first = np.ones(len(owner), dtype=bool)
        first[1:] = (owner[1:] != owner[:-1]) | (values[1:] != values[:-1])
        begins = np.flatnonzero(first)
        self.shared_values = values[begins]
        self.shared_starts = np.concatenate((begins, [len(owner)])).astype(np.int64)
        counts = np.bincount(owner[begins], minlength=len(self.product_ids))
        self.product_shared = starts_of(counts)

    def rows_of(self, variant_ids: Ints) -> tuple[Ints, Mask]:
        """Give the row of each variant, and which of them have one."""
        if not len(self.ids_sorted):
            return np.zeros(len(variant_ids), dtype=np.int64), np.zeros(len(variant_ids), dtype=bool)
        at = np.minimum(np.searchsorted(self.ids_sorted, variant_ids), len(self.ids_sorted) - 1)
        return self.by_id[at], self.ids_sorted[at] == variant_ids

    def numbers_of(self, product_ids: Ints) -> tuple[Ints, Mask]:
        """Give the place of each product, and which of them have one."""
        if not len(self.product_ids):
            return np.zeros(len(product_ids), dtype=np.int64), np.zeros(len(product_ids), dtype=bool)
        at = np.minimum(np.searchsorted(self.product_ids, product_ids), len(self.product_ids) - 1)
        return at, self.product_ids[at] == product_ids


class Prices(msgspec.Struct, frozen=True):
    """The prices of one unit on a list, each with its window in microseconds; the ends of time are int64's."""

    variant_ids: Ints
    amounts: Ints
    since: Ints
    until: Ints

    def with_changes(self, variant_ids: Ints, changed: "Prices") -> "Prices":
        """Put the prices of some variants in the place of those they had."""
        kept = ~np.isin(self.variant_ids, variant_ids)
        return Prices(
            np.concatenate((self.variant_ids[kept], changed.variant_ids)),
            np.concatenate((self.amounts[kept], changed.amounts)),
            np.concatenate((self.since[kept], changed.since)),
            np.concatenate((self.until[kept], changed.until)),
        )

    def at(self, columns: Columns, now: int) -> tuple[Ints, int]:
        """Give the price of every variant's row at an instant, and until when they hold."""
        amounts = np.full(len(columns.variant_ids), NO_PRICE, dtype=np.int64)
        in_force = (self.since <= now) & (now < self.until)
        rows, known = columns.rows_of(self.variant_ids[in_force])
        amounts[rows[known]] = self.amounts[in_force][known]
        ahead = np.concatenate((self.since[self.since > now], self.until[self.until > now]))
        return amounts, int(ahead.min()) if len(ahead) else np.iinfo(np.int64).max


class Assortment:
    """What one channel sells at which price, while nothing changes: the columns with prices beside them."""

    def __init__(self, columns: Columns, facet_of: Ints, amounts: Ints, listed: Ints | None) -> None:
        self.columns, self.facet_of, self.amounts = columns, facet_of, amounts
        self.sold: Mask = amounts != NO_PRICE
        if listed is not None:
            of_channel = np.zeros(len(amounts), dtype=bool)
            rows, known = columns.rows_of(listed)
            of_channel[rows[known]] = True
            self.sold = self.sold & of_channel
        self._parts: dict[frozenset[int] | None, Part] = {}

    def within(self, category_ids: frozenset[int] | None) -> "Part":
        """Give the products of categories, or all of them; the last few are kept: people look at the same pages."""
        part = self._parts.pop(category_ids, None)
        if part is None:
            flat = self.columns.flat
            if category_ids is None:
                numbers = np.arange(len(flat.product_ids), dtype=np.int64)
            else:
                wanted = np.fromiter(category_ids, dtype=np.int64)
                numbers = np.flatnonzero(np.isin(flat.category_ids, wanted))
            part = Part(self, numbers)
            while len(self._parts) >= PARTS_KEPT:
                del self._parts[next(iter(self._parts))]
        self._parts[category_ids] = part
        return part


class FacetColumns(msgspec.Struct, frozen=True):
    """The values of one facet in a part, or of all: `values` of whole products, and of groups of variants."""

    own_products: Ints
    own_values: Ints
    group_values: Ints
    group_starts: Ints
    rows: Ints
    row_values: Ints


class Part:
    """Some products of an assortment with their variants and values, counted from 0."""

    def __init__(self, assortment: Assortment, numbers: Ints) -> None:
        columns = assortment.columns
        self.assortment, self.numbers = assortment, numbers
        begins, ends = columns.starts[numbers], columns.starts[numbers + 1]
        self.rows = ranges(begins, ends)
        self.starts = starts_of(ends - begins)
        places = np.arange(len(numbers), dtype=np.int64)
        self.product_of = np.repeat(places, ends - begins)
        self.amounts, self.sold = assortment.amounts[self.rows], assortment.sold[self.rows]
        own_begins, own_ends = columns.own_starts[numbers], columns.own_starts[numbers + 1]
        first, last = columns.product_shared[numbers], columns.product_shared[numbers + 1]
        groups = ranges(first, last)
        sizes = columns.shared_starts[groups + 1] - columns.shared_starts[groups]
        rows = columns.shared_rows[ranges(columns.shared_starts[groups], columns.shared_starts[groups + 1])]
        # From rows of the whole to rows of the part: they keep their place in their product.
        moved = np.repeat(np.repeat(self.starts[:-1] - begins, last - first), sizes)
        values = columns.shared_values[groups]
        self.all_facets = FacetColumns(
            own_products=np.repeat(places, own_ends - own_begins),
            own_values=columns.own_values[ranges(own_begins, own_ends)],
            group_values=values,
            group_starts=starts_of(sizes),
            rows=rows + moved,
            row_values=np.repeat(values, sizes),
        )
        self._facets: dict[int, FacetColumns] = {}

    def only(self, products: Ints) -> "Part":
        """Give some of these products, counted from 0 again."""
        return Part(self.assortment, self.numbers[products])

    def facet(self, number: int) -> FacetColumns:
        """Give the values of one facet."""
        found = self._facets.get(number)
        if found is None:
            every, facet_of = self.all_facets, self.assortment.facet_of
            own = facet_of[every.own_values] == number
            groups = np.flatnonzero(facet_of[every.group_values] == number)
            begins, ends = every.group_starts[groups], every.group_starts[groups + 1]
            rows = ranges(begins, ends)
            found = self._facets[number] = FacetColumns(
                every.own_products[own],
                every.own_values[own],
                every.group_values[groups],
                starts_of(ends - begins),
                every.rows[rows],
                every.row_values[rows],
            )
        return found

    @cached_property
    def counts_of_all(self) -> Ints:
        """How many products there are of each value while nothing is chosen."""
        return self.counts(self.sold, self.all_facets)

    def counts(self, matching: Mask, facets: FacetColumns) -> Ints:
        """Give how many products have a matching variant of each value."""
        size = len(self.assortment.facet_of)
        products = any_of(matching, self.starts)
        own = np.bincount(facets.own_values, weights=products[facets.own_products], minlength=size)
        groups = any_of(matching[facets.rows], facets.group_starts)
        return (own + np.bincount(facets.group_values, weights=groups, minlength=size)).astype(np.int64)
