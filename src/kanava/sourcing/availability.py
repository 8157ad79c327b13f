"""What a channel can promise of many variants at once: by shipping, and at the stores near a point.

The numbers are those that placing works with: the same rule (`inventory.rules.available`), the same settings. They are
exact below 20 units and say `at_least` from there on, which is what lets a search stop early.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from kanava.inventory.service import available
from kanava.platform.db import Connection, Database
from kanava.platform.errors import FieldError, InvalidInput
from kanava.platform.snapshot import Snapshot
from kanava.sourcing import store
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.nearest import NearestStores
from kanava.sourcing.service import load_config
from kanava.sourcing.store import AskedVariant
from kanava.stores import hours
from kanava.stores import service as stores
from kanava.stores.model import Schedule

UNITS_SHOWN_MAX = 20
LEVELS_FIRST = 12
SKUS_MAX = 100
STORES_MAX = 50
STORES_DEFAULT = 10
HOURS_KEPT = timedelta(minutes=10)
ConfirmCaller = Callable[[int | None], Awaitable[None]]


class Question(msgspec.Struct, frozen=True):
    """What is asked; `position` is (latitude, longitude) in degrees, without it no stores are looked at."""

    channel: str
    skus: Sequence[str]
    position: tuple[float, float] | None = None
    stores: int = STORES_DEFAULT
    country: str | None = None


class Units(msgspec.Struct, frozen=True, gc=False):
    """How many there are; with `at_least` there may be more."""

    quantity: int
    at_least: bool


class PickupUnits(msgspec.Struct, frozen=True, gc=False):
    """Units that can be picked up at one of the stores of the answer."""

    location: str
    quantity: int
    at_least: bool


class VariantAvailability(msgspec.Struct, frozen=True, gc=False):
    """What can be had of one variant; `total` counts a place once that ships and hands over too."""

    sku: str
    for_sale: bool
    ship: Units
    pickup: list[PickupUnits]
    total: Units


class NearStore(msgspec.Struct, frozen=True, gc=False):
    """A store near the point, nearest first in the answer."""

    location: str
    distance_metres: int
    open_now: bool
    next_opening: datetime | None


class Availability(msgspec.Struct, frozen=True, gc=False):
    """What a channel can promise now. It is no reservation: a hold or an order makes it one."""

    channel: str
    ship_country: str
    stores: list[NearStore]
    variants: list[VariantAvailability]


# What is shown of 0 … 20 units: from 20 on more may be there, whether the search saw them or not.
SHOWN = [Units(units, units >= UNITS_SHOWN_MAX) for units in range(UNITS_SHOWN_MAX + 1)]


class Shippers(msgspec.Struct, frozen=True):
    """The places that ship for a channel to a country; for SQL the shorter of two lists: these, or all but those."""

    ids: frozenset[int]
    only: list[int] | None
    all_but: list[int]

    @classmethod
    def among(cls, every_id: Iterable[int], ids: frozenset[int]) -> "Shippers":
        """Choose the shorter list."""
        others = [location_id for location_id in every_id if location_id not in ids]
        return cls(ids, None, others) if len(others) < len(ids) else cls(ids, list(ids), [])


class _Hours(msgspec.Struct, frozen=True):
    """Whether a store is open, and when it opens next: true at every instant in [since, until)."""

    since: datetime
    until: datetime
    open_now: bool
    next_opening: datetime | None


class _Near(msgspec.Struct, frozen=True):
    """A near store as each variant's units are counted at it; `shown` is what the answer says of 0 … 20 units."""

    location_id: int
    threshold: int
    ships: bool
    shown: list[PickupUnits]


class _View:
    """The settings in force, with what is worth computing once from them."""

    def __init__(self, config: RoutingConfig, schedules: Mapping[int, Schedule]) -> None:
        self.config, self.schedules = config, schedules
        self._nearest: dict[str, NearestStores] = {}
        self._shippers: dict[tuple[str, str], Shippers] = {}
        self._least: dict[str, tuple[int, bool]] = {}
        self._hours: dict[int, _Hours] = {}
        self._shown: dict[int, list[PickupUnits]] = {}

    def channel(self, code: str) -> ChannelRules | None:
        """Give the channel when it is there and active."""
        channel = self.config.channels.get(code)
        return channel if channel is not None and channel.active else None

    def nearest(self, channel: ChannelRules) -> NearestStores:
        """Give the index of the stores that hand over for a channel."""
        index = self._nearest.get(channel.code)
        if index is None:
            spots = (self.config.spots[location_id] for location_id in channel.thresholds)
            index = self._nearest[channel.code] = NearestStores(
                (spot.location_id, spot.latitude, spot.longitude)
                for spot in spots
                if spot.active and spot.offers_pickup and spot.latitude is not None and spot.longitude is not None
            )
        return index

    def shippers(self, channel: ChannelRules, country: str) -> Shippers:
        """Give the places that ship to a country for a channel."""
        key = (channel.code, country)
        found = self._shippers.get(key)
        if found is None:
            ids = frozenset(place.location_id for place in self.config.places_to(channel, country))
            found = self._shippers[key] = Shippers.among(self.config.spots, ids)
        return found

    def least(self, channel: ChannelRules) -> tuple[int, bool]:
        """Give the least that any place leaves for the channel, and whether some leave more."""
        found = self._least.get(channel.code)
        if found is None:
            least = min(channel.thresholds.values(), default=0)
            uneven = any(threshold != least for threshold in channel.thresholds.values())
            found = self._least[channel.code] = (least, uneven)
        return found

    def shown(self, location_id: int) -> list[PickupUnits]:
        """Give what an answer says of 0 … 20 units at a store."""
        found = self._shown.get(location_id)
        if found is None:
            code = self.config.location_codes[location_id]
            found = self._shown[location_id] = [PickupUnits(code, units.quantity, units.at_least) for units in SHOWN]
        return found

    def hours(self, location_id: int, now: datetime) -> _Hours:
        """Give a store's hours at `now`: those of the last answer while nothing opens or closes in between."""
        found = self._hours.get(location_id)
        if found is None or not found.since <= now < found.until:
            schedule = self.schedules[location_id]
            opening, closing = hours.next_opening(schedule, now), hours.next_closing(schedule, now)
            # What lies beyond the horizon comes nearer all the time: without an opening it is soon asked again.
            soon = now + HOURS_KEPT if opening is not None else now
            until = min(instant for instant in (soon, opening, closing) if instant is not None)
            found = _Hours(now, until, hours.is_open(schedule, now), opening)
            self._hours[location_id] = found
        return found


async def _load_view(tx: Connection) -> _View:
    rows = await stores.all_for_routing(tx)
    return _View(await load_config(tx, rows), {row.location_id: row.schedule() for row in rows})


class AvailabilityReader:
    """Answers questions with the settings in force; one for each process."""

    def __init__(self, db: Database) -> None:
        """Take a pool whose statements are planned once."""
        self.db = db
        self._view: Snapshot[_View] = Snapshot(_load_view)

    async def answer(
        self, connection: Connection, question: Question, now: datetime, confirm_caller: ConfirmCaller
    ) -> Availability:
        """Say what the channel can promise; InvalidInput names a channel or skus that do not exist.

        `confirm_caller` is given the access version that was read with the levels, None when nothing was read.
        """
        presumed = self._view.held
        if presumed is not None and presumed[1].channel(question.channel) is not None:
            # The statement gives the version in force with its rows: as a rule it is the one that was asked with.
            asking = _Asking(presumed[1], question, now)
            rows = await asking.read(connection)
            if rows and rows[0].version == presumed[0]:
                await confirm_caller(rows[0].access_version)
                return await asking.answer(connection, rows)
        await confirm_caller(None)
        asking = _Asking(await self._view.current(connection), question, now)
        return await asking.answer(connection, await asking.read(connection))


class _Asking:
    """One question, put with the settings of one moment."""

    def __init__(self, view: _View, question: Question, now: datetime) -> None:
        channel = view.channel(question.channel)
        if channel is None:
            raise InvalidInput(f"No active channel has the code {question.channel!r}.", field="channel")
        self.view, self.question, self.now, self.channel = view, question, now, channel
        self.country = question.country or channel.country
        self.shippers = view.shippers(channel, self.country)
        # The least that any place leaves: what the search lets through is then checked by the rule, place by place.
        self.least, self.uneven = view.least(channel)
        self.distances: Sequence[tuple[int, int]] = ()
        if question.position is not None:
            self.distances = view.nearest(channel).nearest(*question.position, question.stores)
        self.near_ids = [location_id for location_id, _ in self.distances]
        self.near = [
            _Near(number, channel.thresholds[number], number in self.shippers.ids, view.shown(number))
            for number in self.near_ids
        ]

    async def read(self, connection: Connection) -> list[AskedVariant]:
        """Read the variants with their levels; skus that do not exist are missing."""
        return await store.ASKED.all(
            connection,
            skus=list(self.question.skus),
            channel_id=self.channel.channel_id,
            listed_only=self.channel.assortment == "listed",
            now=self.now,
            near_ids=self.near_ids,
            least=self.least,
            by_level=self.uneven,
            ship_ids=self.shippers.only,
            no_ship_ids=self.shippers.all_but,
            levels_first=LEVELS_FIRST,
            units_enough=UNITS_SHOWN_MAX,
        )

    async def answer(self, connection: Connection, rows: Sequence[AskedVariant]) -> Availability:
        """Make the answer; reads once more for variants whose levels only the rule knows how to count."""
        known = {row.sku: row for row in rows}
        skus = self.question.skus
        errors = [
            FieldError(f"sku[{index}]", f"No variant has the sku {sku!r}.")
            for index, sku in enumerate(skus)
            if sku not in known
        ]
        if errors:
            raise InvalidInput("; ".join(error.reason for error in errors[:3]), errors=errors)
        variants = {sku: self._ordinary(known[sku]) for sku in skus}
        special = [known[sku] for sku, variant in variants.items() if variant is None]
        if special:
            units = _ByRule(self)
            await units.read(connection, [row.variant_id for row in special])
            variants |= {row.sku: self._variant(row, units.near_of(row), units.shipped(row)) for row in special}
        return Availability(
            channel=self.channel.code,
            ship_country=self.country,
            stores=[self._store(location_id, metres) for location_id, metres in self.distances],
            variants=[variant for variant in variants.values() if variant is not None],
        )

    def _store(self, location_id: int, metres: int) -> NearStore:
        opened = self.view.hours(location_id, self.now)
        code = self.view.config.location_codes[location_id]
        return NearStore(code, metres, opened.open_now, opened.next_opening)

    def _ordinary(self, row: AskedVariant) -> VariantAvailability | None:
        """Give the answer of a variant without special circumstances; None when it takes the rule and every level."""
        if not row.for_sale:
            return self._variant(row, {}, 0)
        if row.special:
            return None
        shipped = row.ship_units
        if row.ship_location_ids and row.ship_level_units:
            thresholds = self.channel.thresholds
            levels = zip(row.ship_location_ids, row.ship_level_units, strict=True)
            shipped = sum(max(0, units - thresholds[location_id]) for location_id, units in levels)
        if row.ship_stopped and shipped < UNITS_SHOWN_MAX:
            # The search stopped at enough levels, of which the rule leaves too few units.
            return None
        near = dict(zip(row.near_ids, row.near_units, strict=True)) if row.near_ids and row.near_units else {}
        return self._variant(row, near, shipped)

    def _variant(self, row: AskedVariant, near: Mapping[int, int], shipped: int) -> VariantAvailability:
        """Give the answer of a variant; `near` has each store's units before its threshold is left."""
        pickup = []
        besides = 0
        for place in self.near:
            units = near.get(place.location_id, 0) - place.threshold
            units = max(units, 0)
            if not place.ships:
                besides += units
            pickup.append(place.shown[min(UNITS_SHOWN_MAX, units)])
        return VariantAvailability(
            row.sku,
            row.for_sale,
            SHOWN[min(shipped, UNITS_SHOWN_MAX)],
            pickup,
            SHOWN[min(shipped + besides, UNITS_SHOWN_MAX)],
        )


class _ByRule:
    """Every level of variants with special circumstances, counted by the rule that placing counts with."""

    def __init__(self, asking: _Asking) -> None:
        self.asking = asking
        self._near: dict[int, dict[int, int]] = {}
        self._shipped: dict[int, int] = {}

    async def read(self, connection: Connection, variant_ids: list[int]) -> None:
        """Read their levels, then what counts besides: a hold that is tidied up in between makes it less, not more."""
        asking = self.asking
        levels = await store.ALL_LEVELS.all(
            connection,
            variant_ids=variant_ids,
            near_ids=asking.near_ids,
            ship_ids=asking.shippers.only,
            no_ship_ids=asking.shippers.all_but,
        )
        circumstances = await store.CIRCUMSTANCES.all(
            connection, variant_ids=variant_ids, channel_id=asking.channel.channel_id, now=asking.now
        )
        kinds: dict[str, dict[tuple[int, int], int]] = {"threshold": {}, "fence": {}, "expired": {}}
        for row in circumstances:
            kinds[row.kind][(row.variant_id, row.location_id)] = row.units
        thresholds, fences, expired = kinds.values()
        near_ids = frozenset(asking.near_ids)
        for level in levels:
            variant_id, location_id = key = level.variant_id, level.location_id
            threshold = thresholds.get(key, thresholds.get((variant_id, 0), asking.channel.thresholds[location_id]))
            units = available(level, fences.get(key, 0), threshold, True, expired.get(key, 0))
            if location_id in near_ids:
                self._near.setdefault(variant_id, {})[location_id] = units
            if location_id in asking.shippers.ids:
                self._shipped[variant_id] = self._shipped.get(variant_id, 0) + units

    def near_of(self, row: AskedVariant) -> Mapping[int, int]:
        """Give the units that can be picked up at each near store, with the channel's threshold there added again."""
        thresholds = self.asking.channel.thresholds
        return {number: units + thresholds[number] for number, units in self._near.get(row.variant_id, {}).items()}

    def shipped(self, row: AskedVariant) -> int:
        """Give the units that can be shipped."""
        return self._shipped.get(row.variant_id, 0)
