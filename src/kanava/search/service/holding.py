"""What a process holds in memory to count with, and how it stays the same as the tables.

Every question asks for two numbers: the version of the settings and that of the search rows. When they have not moved,
what is held is in force; when they have, the rows that changed since are read, no others.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np

from kanava.channels import service as channels
from kanava.channels.model import RoutingChannel
from kanava.inventory import service as inventory
from kanava.platform.db import Connection
from kanava.search.rules.columns import Assortment, Columns, Flat, Ints, Prices, ProductRow
from kanava.search.rules.taxonomy import Taxonomy
from kanava.search.store import reading, sources
from kanava.stores import service as stores

ROWS_AT_ONCE = 2_000
CHANGED_MAX = 20_000
"""Variants whose prices are read by name; when more have changed, a whole list is read again."""
ASSORTMENTS_KEPT = 16

CARRIED_OUT = ("store", "kiosk")
"""Kinds of channels whose goods are taken from the shelf of the place itself."""


class SearchChannel(msgspec.Struct, frozen=True):
    """A channel with the places whose stock it sells; `own_thresholds`: those of places where it is another."""

    row: RoutingChannel
    location_ids: list[int]
    own_thresholds: dict[int, int]


class Settings(msgspec.Struct, frozen=True):
    """Channels and places."""

    version: int
    channels: Mapping[str, SearchChannel]
    location_ids: Mapping[str, int]
    any_threshold: bool


class Held(msgspec.Struct):
    """All that is held at one version of the search rows; prices, listings and orders of names come when asked for."""

    version: int
    columns: Columns
    taxonomy: Taxonomy
    synonyms: Mapping[str, Mapping[str, list[str]]]
    languages: frozenset[str]
    prices: dict[int, Prices] = {}
    listed: dict[int, Ints] = {}
    assortments: dict[tuple[int, int], tuple[int, Assortment]] = {}
    name_orders: dict[str, Ints] = {}


class Holder:
    """The settings and columns of one process."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._held: Held | None = None
        self._reading = asyncio.Lock()

    async def current(self, connection: Connection, now: datetime) -> tuple[Settings, Held]:
        """Give what is in force, reading what has changed."""
        versions = await reading.VERSIONS.one(connection)
        if not self._in_force(versions):
            async with self._reading:
                if self._settings is None or self._settings.version != versions.config:
                    self._settings = await _settings(connection, versions.config)
                if self._held is None or self._held.version < versions.search:
                    self._held = await _read_on(connection, self._held, versions.search, now)
        assert self._settings is not None and self._held is not None  # noqa: S101, PT018 -- set above
        return self._settings, self._held

    def _in_force(self, versions: reading.Versions) -> bool:
        return (
            self._settings is not None
            and self._held is not None
            and self._settings.version == versions.config
            and self._held.version >= versions.search
        )

    async def assortment(self, connection: Connection, held: Held, channel: SearchChannel, now: datetime) -> Assortment:
        """Give what a channel sells at an instant; made again when a price begins or ends."""
        row = channel.row
        instant = micros(now)
        key = (row.price_list_id, row.channel_id if row.assortment == "listed" else 0)
        kept = held.assortments.get(key)
        if kept is not None and instant < kept[0]:
            return kept[1]
        async with self._reading:
            prices = held.prices.get(row.price_list_id)
            if prices is None:
                prices = held.prices[row.price_list_id] = await _prices(connection, row.price_list_id, now, None)
            listed = None
            if row.assortment == "listed":
                listed = held.listed.get(row.channel_id)
                if listed is None:
                    found = await reading.LISTED.one(connection, channel_id=row.channel_id)
                    listed = held.listed[row.channel_id] = np.array(found, dtype=np.int64)
        amounts, until = prices.at(held.columns, instant)
        made = Assortment(held.columns, held.taxonomy.facet_of, amounts, listed)
        while len(held.assortments) >= ASSORTMENTS_KEPT:
            del held.assortments[next(iter(held.assortments))]
        held.assortments[key] = (until, made)
        return made

    async def name_order(self, connection: Connection, held: Held, language: str) -> Ints:
        """Give each product's place in the order of names; those without a name in the language come last."""
        found = held.name_orders.get(language)
        if found is None:
            product_ids = np.array(await reading.NAME_ORDER.one(connection, language=language), dtype=np.int64)
            found = np.full(len(held.columns.product_ids), len(product_ids), dtype=np.int64)
            numbers, known = held.columns.numbers_of(product_ids)
            found[numbers[known]] = np.flatnonzero(known)
            held.name_orders[language] = found
        return found


def micros(instant: datetime) -> int:
    """Give an instant in microseconds, as prices have it."""
    return int(instant.timestamp() * 1_000_000)


async def _settings(connection: Connection, version: int) -> Settings:
    places = await stores.all_for_routing(connection)
    on_shelf = {place.location_id for place in places if place.active}
    online = {
        place.location_id
        for place in places
        if place.active and place.fulfils_online and (place.kind == "warehouse" or place.services)
    }
    sold_from = {
        row.code: SearchChannel(
            row,
            [number for number in row.location_ids if number in (on_shelf if row.kind in CARRIED_OUT else online)],
            {
                number: threshold
                for number, threshold in zip(row.location_ids, row.location_thresholds, strict=True)
                if threshold != row.threshold
            },
        )
        for row in await channels.all_for_routing(connection)
    }
    return Settings(
        version,
        sold_from,
        {place.code: place.location_id for place in places},
        await inventory.any_threshold(connection),
    )


async def _read_on(connection: Connection, before: Held | None, version: int, now: datetime) -> Held:
    seen = before.version if before is not None else 0
    rows: list[ProductRow] = []
    while True:
        after = rows[-1].product_id if rows else 0
        chunk = await reading.WRITTEN.all(connection, seen=seen, after=after, limit=ROWS_AT_ONCE)
        rows += chunk
        if len(chunk) < ROWS_AT_ONCE:
            break
    if before is None:
        columns = await asyncio.to_thread(lambda: Columns(Flat.of(rows)))
    elif rows:
        flat = before.columns.flat
        columns = await asyncio.to_thread(lambda: Columns(flat.with_rows(rows)))
    else:
        columns = before.columns
    taxonomy = Taxonomy(
        values=await reading.VALUES.all(connection, after=0),
        categories=await sources.CATEGORIES.all(connection),
        options=await sources.OPTION_NAMES.all(connection),
        attributes=await reading.ATTRIBUTES.all(connection),
    )
    held = Held(
        version,
        columns,
        taxonomy,
        _by_key(await reading.SYNONYMS.all(connection)),
        frozenset(await reading.LANGUAGES.all(connection)),
    )
    if before is not None:
        changed = await reading.CHANGED_VARIANTS.one(connection, seen=seen, limit=CHANGED_MAX)
        held.prices = await _prices_after(connection, before.prices, changed, now)
    return held


async def _prices_after(
    connection: Connection, before: Mapping[int, Prices], changed: Sequence[int], now: datetime
) -> dict[int, Prices]:
    if not changed:
        return dict(before)
    if len(changed) >= CHANGED_MAX:
        return {}
    variant_ids = np.array(changed, dtype=np.int64)
    return {
        price_list_id: prices.with_changes(variant_ids, await _prices(connection, price_list_id, now, list(changed)))
        for price_list_id, prices in before.items()
    }


async def _prices(connection: Connection, price_list_id: int, now: datetime, variant_ids: list[int] | None) -> Prices:
    found = await reading.PRICES.one(connection, price_list_id=price_list_id, now=now, variant_ids=variant_ids)
    columns = (found.variant_ids, found.amounts, found.since, found.until)
    return Prices(*[np.array(column, dtype=np.int64) for column in columns])


def _by_key(rows: Sequence[reading.SynonymRow]) -> dict[str, dict[str, list[str]]]:
    """Give language → key of a term → the other terms of its sets."""
    sets: dict[tuple[str, int], list[reading.SynonymRow]] = {}
    for row in rows:
        sets.setdefault((row.language, row.set_no), []).append(row)
    found: dict[str, dict[str, list[str]]] = {}
    for (language, _), terms in sets.items():
        of_language = found.setdefault(language, {})
        for row in terms:
            of_language.setdefault(row.term_key, []).extend(other.term for other in terms if other is not row)
    return found
