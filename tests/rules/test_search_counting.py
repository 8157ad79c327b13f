"""Counts of facets equal those of counting one product after the other, whatever is chosen."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kanava.search.rules.columns import NO_PRICE, Assortment, Columns, Flat, Prices, ProductRow
from kanava.search.rules.counting import Answer

# Values 1 to 3 are facet 0, 4 to 6 facet 1, 7 to 9 facet 2; 0 is nobody's.
FACET_OF = np.array([-1, 0, 0, 0, 1, 1, 1, 2, 2, 2], dtype=np.int64)
ALWAYS = (np.iinfo(np.int64).min, np.iinfo(np.int64).max)


@st.composite
def rows(draw: st.DrawFn) -> list[ProductRow]:
    found = []
    variant_id = 0
    for product_id in range(1, draw(st.integers(0, 8)) + 1):
        count = draw(st.integers(1, 4))
        own = draw(st.sets(st.integers(1, 9), max_size=3))
        pairs = [(value, -1) for value in sorted(own)]
        for number in range(count):
            values = draw(st.sets(st.integers(1, 9).filter(lambda v, own=own: v not in own), max_size=3))
            pairs += [(value, number) for value in sorted(values)]
        ids = list(range(variant_id + 1, variant_id + count + 1))
        variant_id += count
        category = draw(st.integers(1, 3))
        found.append(
            ProductRow(product_id, category, product_id, ids, [value for value, _ in pairs], [n for _, n in pairs])
        )
    return found


choices = st.dictionaries(
    st.integers(0, 2), st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True), max_size=3
).map(lambda found: {facet: [1 + 3 * facet + value for value in values] for facet, values in found.items()})


def variants_of(row: ProductRow) -> Iterator[tuple[int, set[int]]]:
    own = {value for value, number in zip(row.value_ids, row.value_variants, strict=True) if number < 0}
    for place, variant_id in enumerate(row.variant_ids):
        shared = {v for v, number in zip(row.value_ids, row.value_variants, strict=True) if number == place}
        yield variant_id, own | shared


class OneByOne:
    """The same question, answered variant by variant."""

    def __init__(self, rows, amounts, stocked, chosen, prices) -> None:  # type: ignore[no-untyped-def]
        self.rows, self.amounts, self.stocked, self.chosen, self.prices = rows, amounts, stocked, chosen, prices

    def passes(self, variant_id: int, values: set[int], but: object = None) -> bool:
        amount = self.amounts.get(variant_id, NO_PRICE)
        low, high = self.prices
        return (
            amount != NO_PRICE
            and all(values & set(wanted) for facet, wanted in self.chosen.items() if facet != but)
            and (but == "price" or ((low is None or amount >= low) and (high is None or amount <= high)))
            and (self.stocked is None or variant_id in self.stocked)
        )

    def products(self, but: object = None, value: int | None = None) -> list[int]:
        return [
            row.product_id
            for row in self.rows
            if any(
                self.passes(variant_id, values, but) and (value is None or value in values)
                for variant_id, values in variants_of(row)
            )
        ]

    def count(self, value: int) -> int:
        facet = int(FACET_OF[value])
        return len(self.products(facet if facet in self.chosen else None, value))

    def price_range(self) -> tuple[int, int] | None:
        found = [
            self.amounts[variant_id]
            for row in self.rows
            for variant_id, values in variants_of(row)
            if self.passes(variant_id, values, "price")
        ]
        return (min(found), max(found)) if found else None


def assortment_of(made: list[ProductRow], amounts: dict[int, int]) -> Assortment:
    columns = Columns(Flat.of(made))
    prices = Prices(
        np.array(list(amounts), dtype=np.int64),
        np.array(list(amounts.values()), dtype=np.int64),
        np.full(len(amounts), ALWAYS[0]),
        np.full(len(amounts), ALWAYS[1]),
    )
    return Assortment(columns, FACET_OF, prices.at(columns, 0)[0], None)


@settings(max_examples=150, deadline=None)
@given(
    made=rows(),
    amounts=st.dictionaries(st.integers(1, 20), st.integers(0, 5)),
    stocked=st.none() | st.sets(st.integers(1, 20)),
    chosen=choices,
    low=st.none() | st.integers(0, 3),
    high=st.none() | st.integers(2, 5),
    category=st.none() | st.integers(1, 3),
)
def test_counts_are_those_of_counting_one_by_one(made, amounts, stocked, chosen, low, high, category) -> None:  # type: ignore[no-untyped-def]
    part = assortment_of(made, amounts).within(None if category is None else frozenset({category}))
    ids = part.assortment.columns.variant_ids[part.rows]
    there = None if stocked is None else np.isin(ids, np.array(sorted(stocked), dtype=np.int64))
    answer = Answer(part, chosen, (low, high), there)
    within = [row for row in made if category is None or row.category_id == category]
    expected = OneByOne(within, amounts, stocked, chosen, (low, high))
    got = part.assortment.columns.product_ids[part.numbers[answer.products]].tolist()
    assert got == expected.products()
    counts = answer.counts()
    assert {value: counts[value] for value in range(1, 10)} == {value: expected.count(value) for value in range(1, 10)}
    assert answer.price_range() == expected.price_range()


@settings(max_examples=60, deadline=None)
@given(made=rows(), changed=rows(), gone=st.sets(st.integers(1, 8)))
def test_columns_with_changed_rows_are_those_made_of_all_rows(
    made: list[ProductRow], changed: list[ProductRow], gone: set[int]
) -> None:
    empty = [ProductRow(number, 0, 0, [], [], []) for number in sorted(gone)]
    news = [row for row in changed if row.product_id not in gone] + empty
    wanted = {row.product_id: row for row in made} | {row.product_id: row for row in news}
    got = Flat.of(made).with_rows(sorted(news, key=lambda row: row.product_id))
    expected = Flat.of([wanted[number] for number in sorted(wanted) if wanted[number].variant_ids])
    for name in Flat.__struct_fields__:
        assert getattr(got, name).tolist() == getattr(expected, name).tolist(), name


def test_a_price_counts_from_its_beginning_to_its_end() -> None:
    columns = Columns(Flat.of([ProductRow(1, 0, 0, [5, 6], [], [])]))
    prices = Prices(
        *[np.array(column, dtype=np.int64) for column in ([5, 5, 6], [100, 80, 7], [0, 10, 3], [10, 20, 99])]
    )
    assert prices.at(columns, 1)[0].tolist() == [100, NO_PRICE]
    assert prices.at(columns, 1)[1] == 3
    assert prices.at(columns, 10)[0].tolist() == [80, 7]
    assert prices.at(columns, 20)[0].tolist() == [NO_PRICE, 7]
