"""A question with everything that it names, found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput
from kanava.search.model import ProductQuery
from kanava.search.service.holding import Held, SearchChannel, Settings
from kanava.search.store import cards as stock

NO_FACET: list[int] = [0]
"""The value that no product has: numbers begin at 1."""


class Asking(msgspec.Struct, frozen=True):
    """A question with everything that it names, found."""

    query: ProductQuery
    settings: Settings
    held: Held
    channel: SearchChannel
    language: str
    category_ids: frozenset[int] | None
    location_id: int | None
    chosen: dict[int, list[int]]
    unknown_facet: bool
    now: datetime

    @property
    def sort(self) -> str:
        """The order that was asked for, or the usual one."""
        return self.query.sort or ("relevance" if self.query.text.strip() else "newest")


def ask(query: ProductQuery, settings: Settings, held: Held, now: datetime) -> Asking:
    """Find what a question names; InvalidInput says what is not there."""
    errors = []
    channel = settings.channels.get(query.channel)
    if channel is None or not channel.row.active:
        raise InvalidInput(f"No active channel has the code {query.channel!r}.", field="channel")
    category_ids = None
    if query.category is not None:
        category = held.taxonomy.categories.get(query.category)
        if category is None:
            errors.append(FieldError("category", f"There is no category {query.category!r}."))
        else:
            category_ids = held.taxonomy.within(category.category_id)
    location_id = None
    if query.location is not None:
        location_id = settings.location_ids.get(query.location)
        if location_id not in channel.location_ids:
            errors.append(FieldError("location", f"{query.location!r} does not sell on {query.channel}."))
    if errors:
        raise InvalidInput("; ".join(error.reason for error in errors), errors=errors)
    wanted = query.language or channel.row.language
    language = wanted if wanted in held.languages else channel.row.language
    taxonomy = held.taxonomy
    chosen: dict[int, list[int]] = {}
    unknown = False
    for facet, values in query.facets.items():
        ids = [taxonomy.value_ids[facet, value] for value in values if (facet, value) in taxonomy.value_ids]
        number = taxonomy.facet_numbers.get(facet)
        if number is None:
            # Nothing has such a value (any more): the answer is empty, and an old link is no error.
            unknown = unknown or bool(values)
        elif values:
            chosen[number] = ids or NO_FACET
    return Asking(query, settings, held, channel, language, category_ids, location_id, chosen, unknown, now)


def stock_rule(asking: Asking) -> dict[str, Any]:
    """Give what `store.cards` needs to know of the channel and the place asked for to say what is in stock."""
    row, own = asking.channel.row, asking.channel.own_thresholds
    return {
        "channel_id": row.channel_id,
        "location_ids": asking.channel.location_ids,
        "location_id": asking.location_id,
        "threshold": row.threshold,
        "own_location_ids": list(own),
        "own_thresholds": list(own.values()),
        "any_threshold": asking.settings.any_threshold,
        "now": asking.now,
    }


async def stocked(connection: Connection, asking: Asking, variant_ids: Sequence[int]) -> list[int]:
    """Give those of the variants that the channel can sell from stock, at the place asked for or else anywhere."""
    where = stock.STOCKED if asking.location_id is None else stock.STOCKED_AT
    return await where.all(connection, variant_ids=list(variant_ids), **stock_rule(asking))
