"""Answering: which products, in which order, with what they can be narrowed by."""

from datetime import datetime

import numpy as np

from kanava.platform.db import Connection
from kanava.platform.money import Money
from kanava.search.model import FACET_VALUES_MAX, ExactHit, Facet, FacetValue, PriceRange, ProductPage, ProductQuery
from kanava.search.rules.checks import check
from kanava.search.rules.columns import Ints, Part
from kanava.search.rules.counting import Answer
from kanava.search.rules.documents import in_language
from kanava.search.service import words
from kanava.search.service.asked import Asked
from kanava.search.service.asking import NO_FACET, Asking, ask, stocked
from kanava.search.service.cards import cards
from kanava.search.service.holding import Held, Holder
from kanava.search.service.words import Found

STOCK_VARIANTS_MAX = 1_500
"""Variants whose stock is looked up for one question; a broader one is answered for its first products."""


class ProductSearch:
    """Search of one process; it holds what it counts with."""

    def __init__(self) -> None:
        self.holder = Holder()
        self.asked = Asked()

    async def search(
        self, connection: Connection, query: ProductQuery, now: datetime, *, counted: bool = True
    ) -> ProductPage:
        """Answer a question; InvalidInput names what does not exist or is out of bounds.

        `counted`: with what the products can be narrowed by, which a row of a few of them does without.
        """
        check(query)
        settings, held = await self.holder.current(connection, now)
        asking = ask(query, settings, held, now)
        assortment = await self.holder.assortment(connection, held, asking.channel, now)
        whole = assortment.within(asking.category_ids)
        found, part, ranks = await _matching(connection, asking, whole)
        cut_off = found is not None and found.cut_off
        order = await self._order(connection, asking, ranks)
        if query.in_stock:
            answer, order, cut = await _in_stock(connection, asking, part, order)
            cut_off = cut_off or cut
        else:
            answer = Answer(part, asking.chosen, (query.price_from_minor, query.price_until_minor))
        part = answer.part
        hits = np.zeros(len(part.numbers), dtype=bool)
        if not asking.unknown_facet:
            hits[answer.products] = True
        ordered = order(answer)
        ordered = ordered[hits[ordered]]
        total = len(ordered)
        shown = ordered[(query.page - 1) * query.limit : query.page * query.limit]
        if found is not None and query.page == 1:
            self.asked.note(asking.channel.row.channel_id, asking.language, query.text, found, total)
        return ProductPage(
            channel=query.channel,
            language=asking.language,
            currency=asking.channel.row.currency,
            sort=asking.sort,
            total=total,
            total_at_least=cut_off,
            page=query.page,
            pages=-(-total // query.limit),
            items=await cards(connection, asking, answer, shown),
            categories=_categories(asking, part, ordered) if counted else [],
            facets=_facets(asking, answer) if counted else [],
            prices=_prices(asking, answer) if counted else None,
            exact=ExactHit(found.exact.handle, found.exact.sku) if found is not None and found.exact else None,
            corrections=found.corrections if found is not None else {},
            relaxed=found is not None and found.relaxed,
        )

    async def _order(self, connection: Connection, asking: Asking, ranks: Ints | None) -> "Order":
        names = (
            await self.holder.name_order(connection, asking.held, asking.language) if asking.sort == "name" else None
        )
        return Order(asking.sort, ranks, names)


class Order:
    """An order of products: best first; equals newest first, then by id, so that pages never overlap."""

    def __init__(self, sort: str, ranks: Ints | None, names: Ints | None) -> None:
        self.sort, self.ranks, self.names = sort, ranks, names

    def __call__(self, answer: Answer) -> Ints:
        """Give every product of the answer's part in order."""
        part = answer.part
        newest = -part.assortment.columns.flat.created[part.numbers]
        keys: list[Ints] = [newest]
        if self.sort == "relevance" and self.ranks is not None:
            keys.append(-self.ranks)
        elif self.sort == "price_up":
            keys.append(answer.cheapest)
        elif self.sort == "price_down":
            keys.append(-answer.cheapest)
        elif self.sort == "name" and self.names is not None:
            keys.append(self.names[part.numbers])
        return np.lexsort(keys)

    def only(self, products: Ints) -> "Order":
        """Give the order for some of the products."""
        return Order(self.sort, None if self.ranks is None else self.ranks[products], self.names)


async def _matching(connection: Connection, asking: Asking, whole: Part) -> tuple[Found | None, Part, Ints | None]:
    """Give the products of the part that the text is about, with their ranks; all of them without a text."""
    text = asking.query.text
    if not text.strip():
        return None, whole, None
    found = await words.find(connection, asking.held, asking.language, text)
    part, ranks = found_in(asking.held, whole, found)
    if not part.sold.any() and found.exact is None:
        relaxed = await words.find(connection, asking.held, asking.language, text, every=False)
        more, more_ranks = found_in(asking.held, whole, relaxed)
        if more.sold.any():
            return relaxed, more, more_ranks
    return found, part, ranks


def found_in(held: Held, whole: Part, found: Found) -> tuple[Part, Ints]:
    ids = np.array(found.product_ids, dtype=np.int64)
    numbers, known = held.columns.numbers_of(ids)
    rank_of = np.full(len(held.columns.product_ids), -1.0)
    rank_of[numbers[known]] = np.array(found.ranks, dtype=np.float64)[known]
    ranks = rank_of[whole.numbers]
    matching = np.flatnonzero(ranks >= 0)
    # In steps of a thousandth: of products that fit equally well the newest comes first.
    return whole.only(matching), np.round(ranks[matching] * 1000).astype(np.int64)


async def _in_stock(connection: Connection, asking: Asking, part: Part, order: Order) -> tuple[Answer, Order, bool]:
    """Narrow to what is in stock, looking at the first products only where there are too many."""
    prices = (asking.query.price_from_minor, asking.query.price_until_minor)
    without = Answer(part, asking.chosen, prices)
    undecided = without.undecided()
    cut_off = int(undecided.sum()) > STOCK_VARIANTS_MAX
    if cut_off:
        first = order(without)
        # Products that answer come before those that only count for a facet.
        hits = np.zeros(len(part.numbers), dtype=bool)
        hits[without.products] = True
        first = np.concatenate((first[hits[first]], first[~hits[first]]))
        per_product = np.bincount(part.product_of[undecided], minlength=len(part.numbers))
        enough = np.cumsum(per_product[first]) <= STOCK_VARIANTS_MAX
        kept = np.sort(first[enough])
        part, order = part.only(kept), order.only(kept)
        undecided = Answer(part, asking.chosen, prices).undecided()
    rows = np.flatnonzero(undecided)
    variant_ids = part.assortment.columns.variant_ids[part.rows[rows]]
    there = await stocked(connection, asking, variant_ids.tolist())
    passing = np.zeros(len(part.rows), dtype=bool)
    passing[rows[np.isin(variant_ids, np.array(there, dtype=np.int64))]] = True
    return Answer(part, asking.chosen, prices, passing), order, cut_off


def _categories(asking: Asking, part: Part, products: Ints) -> list[FacetValue]:
    """Count the products of the answer in each category right below the one that is looked at."""
    taxonomy = asking.held.taxonomy
    ids, counts = np.unique(part.assortment.columns.flat.category_ids[part.numbers[products]], return_counts=True)
    count_of = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    chosen = taxonomy.categories[asking.query.category].category_id if asking.query.category else None
    found = []
    for child in taxonomy.children.get(chosen, ()):
        count = sum(count_of.get(number, 0) for number in taxonomy.within(child.category_id))
        if count:
            name = in_language(child.names, asking.language) or child.code
            found.append(FacetValue(child.code, name, count, chosen=False))
    return found


def _facets(asking: Asking, answer: Answer) -> list[Facet]:
    taxonomy, language = asking.held.taxonomy, asking.language
    if asking.unknown_facet:
        return []
    counts = answer.counts()
    chosen = {number for ids in answer.chosen.values() for number in ids}
    by_facet: dict[str, list[tuple[int, FacetValue]]] = {}
    for number in np.flatnonzero((counts > 0) | np.isin(np.arange(len(counts)), list(chosen))).tolist():
        if number == NO_FACET[0]:
            continue
        facet, value = taxonomy.facets[taxonomy.facet_of[number]], taxonomy.values[number]
        name = taxonomy.value_name(facet, value, language)
        shown = FacetValue(value, name, int(counts[number]), number in chosen)
        by_facet.setdefault(facet, []).append((number, shown))
    found = []
    for facet, values in by_facet.items():
        kind, unit, scale = taxonomy.kind(facet)
        if kind == "number":
            values.sort(key=lambda pair: int(pair[1].value) if pair[1].value.lstrip("-").isdigit() else 0)
        elif not facet.startswith("option.") or facet.endswith((".colour", ".color")):
            values.sort(key=lambda pair: (-pair[1].count, pair[1].name))
        # Sizes stay in the order in which products have them.
        shown_values = [value for _, value in values[:FACET_VALUES_MAX]]
        found.append(Facet(facet, taxonomy.facet_name(facet, language), kind, unit, scale, shown_values))
    return sorted(
        found,
        key=lambda facet: {"brand": 0}.get(facet.code, 1 + (facet.code < "option")),
    )


def _prices(asking: Asking, answer: Answer) -> PriceRange | None:
    found = answer.price_range()
    if found is None or asking.unknown_facet:
        return None
    currency = asking.channel.row.currency
    return PriceRange(Money(found[0], currency), Money(found[1], currency))
