"""What a channel can promise of many variants at once: by shipping, and at the stores near a point.

The numbers are those that placing works with: the same rule (`inventory.rules.available`), the same settings. They are
exact below 20 units and say `at_least` from there on, which is what lets a search stop early.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.inventory.service import available
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput
from kanava.platform.snapshot import Snapshot
from kanava.sourcing import store
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.nearest import NearestStores
from kanava.sourcing.service import load_config
from kanava.sourcing.store import PlaceLevel
from kanava.stores import hours
from kanava.stores import service as stores
from kanava.stores.model import Schedule

UNITS_SHOWN_MAX = 20
SKUS_MAX = 100
STORES_MAX = 50
STORES_DEFAULT = 10


class Question(msgspec.Struct, frozen=True):
    """What is asked; `position` is (latitude, longitude) in degrees, without it no stores are looked at."""

    channel: str
    skus: Sequence[str]
    position: tuple[float, float] | None = None
    stores: int = STORES_DEFAULT
    country: str | None = None


class Units(msgspec.Struct, frozen=True):
    """How many there are; with `at_least` there may be more."""

    quantity: int
    at_least: bool


class PickupUnits(msgspec.Struct, frozen=True):
    """Units that can be picked up at one of the stores of the answer."""

    location: str
    quantity: int
    at_least: bool


class VariantAvailability(msgspec.Struct, frozen=True):
    """What can be had of one variant; `total` counts a place once that ships and hands over too."""

    sku: str
    for_sale: bool
    ship: Units
    pickup: list[PickupUnits]
    total: Units


class NearStore(msgspec.Struct, frozen=True):
    """A store near the point, nearest first in the answer."""

    location: str
    distance_metres: int
    open_now: bool
    next_opening: datetime | None


class Availability(msgspec.Struct, frozen=True):
    """What a channel can promise now. It is no reservation: a hold or an order makes it one."""

    channel: str
    ship_country: str
    stores: list[NearStore]
    variants: list[VariantAvailability]


NONE = Units(0, at_least=False)


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


class _View:
    """The settings in force, with what is worth computing once from them."""

    def __init__(self, config: RoutingConfig, schedules: Mapping[int, Schedule]) -> None:
        self.config, self.schedules = config, schedules
        self._nearest: dict[str, NearestStores] = {}
        self._shippers: dict[tuple[str, str], Shippers] = {}

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


async def _load_view(tx: Connection) -> _View:
    rows = await stores.all_for_routing(tx)
    return _View(await load_config(tx), {row.location_id: row.schedule() for row in rows})


class AvailabilityReader:
    """Answers questions with the settings in force; one for each process."""

    def __init__(self) -> None:
        self._view: Snapshot[_View] = Snapshot(_load_view)

    async def answer(self, connection: Connection, question: Question, now: datetime) -> Availability:
        """Say what the channel can promise; InvalidInput names a channel or skus that do not exist."""
        view = await self._view.current(connection)
        channel = view.config.channels.get(question.channel)
        if channel is None or not channel.active:
            raise InvalidInput(f"No active channel has the code {question.channel!r}.", field="channel")
        country = question.country or channel.country
        near: Sequence[tuple[int, int]] = ()
        if question.position is not None:
            near = view.nearest(channel).nearest(*question.position, question.stores)
        variants = await _variants(connection, question, channel)
        for_sale = [variant.variant_id for variant in variants if variant.for_sale]
        units = _Units(channel, for_sale, [location_id for location_id, _ in near], view.shippers(channel, country))
        if for_sale:
            await units.read(connection, now)
        codes = view.config.location_codes
        return Availability(
            channel=channel.code,
            ship_country=country,
            stores=[_near_store(view, location_id, metres, now) for location_id, metres in near],
            variants=[units.of(variant, codes) for variant in variants],
        )


async def _variants(connection: Connection, question: Question, channel: ChannelRules) -> list[store.AskedVariant]:
    rows = await store.VARIANTS.all(
        connection,
        skus=list(question.skus),
        channel_id=channel.channel_id,
        listed_only=channel.assortment == "listed",
    )
    known = {row.sku: row for row in rows}
    errors = [
        FieldError(f"sku[{index}]", f"No variant has the sku {sku!r}.")
        for index, sku in enumerate(question.skus)
        if sku not in known
    ]
    if errors:
        raise InvalidInput("; ".join(error.reason for error in errors[:3]), errors=errors)
    return [known[sku] for sku in dict.fromkeys(question.skus)]


def _near_store(view: _View, location_id: int, metres: int, now: datetime) -> NearStore:
    schedule = view.schedules[location_id]
    return NearStore(
        location=view.config.location_codes[location_id],
        distance_metres=metres,
        open_now=hours.is_open(schedule, now),
        next_opening=hours.next_opening(schedule, now),
    )


class _Units:
    """The levels that one answer is made of."""

    def __init__(self, channel: ChannelRules, variant_ids: list[int], near_ids: list[int], shippers: Shippers) -> None:
        self.channel, self.variant_ids, self.near_ids, self.shippers = channel, variant_ids, near_ids, shippers
        # The least that any place leaves: what the search lets through is then checked by the rule, place by place.
        self.least = min(channel.thresholds.values(), default=0)
        self.thresholds: dict[tuple[int, int], int] = {}
        self.fences: dict[tuple[int, int], int] = {}
        self.expired: dict[tuple[int, int], int] = {}
        self.near: dict[tuple[int, int], int] = {}
        self.shipped: dict[int, int] = {}

    async def read(self, connection: Connection, now: datetime) -> None:
        """Read everything that counts; two statements, three when a variant has special circumstances."""
        circumstances = await store.CIRCUMSTANCES.all(
            connection, variant_ids=self.variant_ids, channel_id=self.channel.channel_id, now=now
        )
        kinds = {"threshold": self.thresholds, "fence": self.fences, "expired": self.expired}
        for row in circumstances:
            kinds[row.kind][(row.variant_id, row.location_id)] = row.units
        special = {row.variant_id for row in circumstances}
        places = {"ship_ids": self.shippers.only, "no_ship_ids": self.shippers.all_but}
        levels = await store.LEVELS.all(
            connection,
            variant_ids=self.variant_ids,
            near_ids=self.near_ids,
            threshold=self.least,
            units_enough=UNITS_SHOWN_MAX,
            **places,
        )
        special |= self._take(levels)
        if special:
            for variant_id in special:
                self.shipped[variant_id] = 0
            variant_ids = list(special)
            self._take(await store.ALL_LEVELS.all(connection, variant_ids=variant_ids, **places))

    def _take(self, levels: Sequence[PlaceLevel]) -> set[int]:
        """Count levels in; gives the variants whose search stopped at enough units of which the rule leaves too few."""
        searched: dict[int, int] = {}
        for level in levels:
            variant_id = level.variant_id
            key = (variant_id, level.location_id)
            units = self._available(level, key)
            if level.near:
                self.near[key] = units
            else:
                self.shipped[variant_id] = self.shipped.get(variant_id, 0) + units
                found = level.on_hand - level.reserved - level.ring_fenced - level.safety_stock - self.least
                searched[variant_id] = searched.get(variant_id, 0) + found
        return {v for v, found in searched.items() if found >= UNITS_SHOWN_MAX > self.shipped[v]}

    def _available(self, level: PlaceLevel, key: tuple[int, int]) -> int:
        threshold = self.channel.thresholds[key[1]]
        if self.thresholds:
            threshold = self.thresholds.get(key, self.thresholds.get((key[0], 0), threshold))
        own_fence = self.fences.get(key, 0) if self.fences else 0
        expired_held = self.expired.get(key, 0) if self.expired else 0
        return available(level, own_fence, threshold, True, expired_held)

    def of(self, variant: store.AskedVariant, codes: Mapping[int, str]) -> VariantAvailability:
        """Give the answer for one variant."""
        variant_id = variant.variant_id
        pickup = []
        besides = 0
        for location_id in self.near_ids:
            units = self.near.get((variant_id, location_id), 0)
            pickup.append(PickupUnits(codes[location_id], min(units, UNITS_SHOWN_MAX), units >= UNITS_SHOWN_MAX))
            if location_id not in self.shippers.ids:
                besides += units
        shipped = self.shipped.get(variant_id, 0)
        return VariantAvailability(
            sku=variant.sku,
            for_sale=variant.for_sale,
            ship=_shown(shipped),
            pickup=pickup,
            total=_shown(shipped + besides),
        )


def _shown(units: int) -> Units:
    # The search stops at 20: more may be there, whether it saw them or not.
    return Units(min(units, UNITS_SHOWN_MAX), units >= UNITS_SHOWN_MAX) if units else NONE
