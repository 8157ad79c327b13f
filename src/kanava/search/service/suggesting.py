"""Suggestions while one types."""

from datetime import datetime

import numpy as np

from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.search.model import SUGGESTIONS_MAX, TEXT_LENGTH_MAX, ProductQuery, Suggestion, Suggestions
from kanava.search.rules.words import fold, raw_words
from kanava.search.service import words
from kanava.search.service.asking import ask
from kanava.search.service.searching import ProductSearch, found_in
from kanava.search.store import asked, matching

QUERIES_MAX = 3
CATEGORIES_MAX = 3
BRANDS_MAX = 2
TIMES_MIN = 3
"""How often a question must have been put before others see it."""


async def suggest(
    search: ProductSearch, connection: Connection, beginning: str, channel: str, language: str | None, now: datetime
) -> Suggestions:
    """Give what somebody may be typing: questions of others, categories, brands, products."""
    if len(beginning) > TEXT_LENGTH_MAX:
        raise InvalidInput(f"A text has at most {TEXT_LENGTH_MAX} characters.", field="q")
    settings, held = await search.holder.current(connection, now)
    asking = ask(ProductQuery(channel, text=beginning, language=language), settings, held, now)
    folded = fold(" ".join(raw_words(beginning)))
    if not folded:
        return Suggestions([])
    queries = await asked.QUERIES_LIKE.all(
        connection,
        channel_id=asking.channel.row.channel_id,
        language=asking.language,
        beginning=folded,
        times_min=TIMES_MIN,
        limit=QUERIES_MAX,
    )
    assortment = await search.holder.assortment(connection, held, asking.channel, now)
    whole = assortment.within(None)
    counts = whole.counts_of_all
    sold_in = set(assortment.columns.flat.category_ids[whole.numbers].tolist())
    taxonomy = held.taxonomy
    items = [Suggestion("query", query) for query in queries]
    items += [
        Suggestion("category", name, code)
        for code, name in taxonomy.categories_beginning(folded, asking.language)
        if taxonomy.within(taxonomy.categories[code].category_id) & sold_in
    ][:CATEGORIES_MAX]
    items += [
        Suggestion("brand", brand, brand)
        for brand in taxonomy.brands_beginning(folded)
        if counts[taxonomy.value_ids["brand", brand]]
    ][:BRANDS_MAX]
    found = await words.find(connection, held, asking.language, beginning, names_only=True)
    part, ranks = found_in(held, whole, found)
    sold = np.zeros(len(part.numbers), dtype=bool)
    sold[part.product_of[part.sold]] = True
    best = [place for place in np.argsort(-ranks, kind="stable").tolist() if sold[place]]
    wanted = SUGGESTIONS_MAX - len(items)
    product_ids = assortment.columns.product_ids[part.numbers[best[:wanted]]].tolist()
    titles = {
        row.product_id: row
        for row in await matching.TITLES.all(connection, product_ids=product_ids, language=asking.language)
    }
    items += [
        Suggestion("product", titles[number].title, titles[number].handle) for number in product_ids if number in titles
    ]
    return Suggestions(items[:SUGGESTIONS_MAX])
