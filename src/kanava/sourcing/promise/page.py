"""What can be promised of one unit of each variant on a page of products."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput
from kanava.platform.money import Money
from kanava.sourcing.availability import Shippers
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.promise import reading
from kanava.sourcing.promise.asking import channel_of, check_address, position_of, settings_of
from kanava.sourcing.promise.model import (
    AskedLine,
    PageAnswer,
    PageDelivery,
    PagePickup,
    PageQuestion,
    PageVariant,
)
from kanava.sourcing.promise.rules import Leg, leg_of, ready_by
from kanava.sourcing.promise.store import AskedRow
from kanava.sourcing.promise.view import Levels, Position, View
from kanava.sourcing.routing.costing import Setting

STORES_LOOKED_AT = 6
SHIP_FIRST = 4
LEVELS_EACH = 12
"""Levels of a variant that are read where the first places have none."""


class AskingPage:
    """One question about a page, put with the settings of one moment."""

    def __init__(
        self,
        view: View,
        channel: ChannelRules,
        question: PageQuestion,
        settings: Mapping[str, Setting],
        position: Position | None,
        now: datetime,
    ) -> None:
        self.view, self.channel, self.question, self.now = view, channel, question, now
        self.settings = settings
        """By sku, where goods are shipped: as a rule one and the same."""
        self.distances: Sequence[tuple[int, int]] = ()
        if position is not None:
            self.distances = view.nearest(channel).nearest(*position, STORES_LOOKED_AT)
        self.levels = Levels({}, {}, {})
        self._deliveries: dict[tuple[int, int], PageDelivery | None] = {}
        self._ready: dict[int, datetime | None] = {}
        self._legs: dict[tuple[int, int, int], Leg | None] = {}

    @classmethod
    async def of(cls, connection: Connection, view: View, question: PageQuestion, now: datetime) -> "AskingPage":
        """Look up what does not depend on stock."""
        channel = channel_of(view, question.channel)
        if question.ship_to is None and question.position is None:
            raise InvalidInput("Say where it goes, or where the customer is.", field="country")
        check_address(view, question.ship_to, prefix="")
        settings: dict[str, Setting] = {}
        if question.ship_to is not None:
            skus = list(dict.fromkeys(question.skus))
            carts = [[AskedLine(sku)] for sku in skus]
            made = await settings_of(connection, view, channel, question.ship_to, question.customer_group, carts, now)
            settings = dict(zip(skus, made, strict=True))
        position = await position_of(connection, view, question.position, question.ship_to)
        return cls(view, channel, question, settings, position, now)

    @property
    def _looked_at(self) -> set[int]:
        """The places whose levels are read with the first statement."""
        kinds = {id(setting.places): setting.places for setting in self.settings.values()}
        first = {place.location_id for places in kinds.values() for place in places.ordered[:SHIP_FIRST]}
        return first | {location_id for location_id, _ in self.distances}

    async def read(self, connection: Connection) -> list[AskedRow]:
        """Read the variants with their levels where that is most likely enough."""
        skus = list(dict.fromkeys(self.question.skus))
        return await reading.ask(connection, self.channel, skus, self._looked_at, self.now)

    async def answer(self, connection: Connection, rows: Sequence[AskedRow]) -> PageAnswer:
        """Make the answer."""
        known = {row.sku: row for row in rows}
        errors = [
            FieldError(f"sku[{index}]", f"No variant has the sku {sku!r}.")
            for index, sku in enumerate(self.question.skus)
            if sku not in known
        ]
        if errors:
            raise InvalidInput("; ".join(error.reason for error in errors[:3]), errors=errors)
        self.levels = reading.levels_of(rows, self.channel)
        special = [row.variant_id for row in rows if row.special and row.for_sale]
        if special:
            self.levels = await reading.count_by_rule(connection, self.channel, special, self.levels, self.now)
        chosen = await self._choose(connection, rows, frozenset(special))
        variants = [self._variant(known[sku], chosen.get(known[sku].variant_id)) for sku in self.question.skus]
        return PageAnswer(self.channel.code, self.now, variants)

    async def _choose(
        self, connection: Connection, rows: Sequence[AskedRow], special: frozenset[int]
    ) -> dict[int, int]:
        """Give the cheapest place that has each variant, as routing would choose it for one unit."""
        if not self.settings:
            return {}
        left = self.levels.left
        found: dict[int, int] = {}
        missing = []
        for row in rows:
            if row.for_sale and row.variant_id not in special:
                first = self.settings[row.sku].places.ordered[:SHIP_FIRST]
                here = next((place for place in first if (row.variant_id, place.location_id) in left), None)
                if here is not None:
                    found[row.variant_id] = here.location_id
                else:
                    missing.append(row.variant_id)
        await reading.read_scarce(
            connection, self.view, self.channel, self._shippers(), missing, (), self.levels, levels_max=LEVELS_EACH
        )
        wide = special.union(missing)
        index_of = {row.variant_id: self.settings[row.sku].places.index for row in rows if row.variant_id in wide}
        for (variant_id, location_id), units in left.items():
            index = index_of.get(variant_id)
            if units > 0 and index is not None and location_id in index:
                best = found.get(variant_id)
                if best is None or index[location_id] < index[best]:
                    found[variant_id] = location_id
        further = set(found.values()) - self._looked_at - self.levels.loads.keys()
        await reading.read_loads(connection, further, self.levels)
        return found

    def _shippers(self) -> Shippers:
        """Give the places that ship any of the variants."""
        kinds = {id(setting.places): setting.places for setting in self.settings.values()}
        if len(kinds) == 1:
            return self.view.shippers(next(iter(kinds.values())))
        return Shippers.among(self.view.config.spots, frozenset().union(*[each.index for each in kinds.values()]))

    def _variant(self, row: AskedRow, ships_from: int | None) -> PageVariant:
        delivery = None if ships_from is None else self._delivery(ships_from, row)
        return PageVariant(row.sku, row.for_sale, delivery, self._pickup(row.variant_id))

    def _delivery(self, location_id: int, row: AskedRow) -> PageDelivery | None:
        weight = UNKNOWN_WEIGHT_GRAMS if row.weight_grams is None else row.weight_grams
        key = (location_id, weight)
        if key not in self._deliveries:
            self._deliveries[key] = self._earliest(location_id, weight)
        return self._deliveries[key]

    def _earliest(self, location_id: int, weight_grams: int) -> PageDelivery | None:
        """Give the earliest way to bring one unit from a place: to the door, as long as anybody brings it there."""
        address, terms = self.question.ship_to, self.view.terms
        place, ready = terms.places[location_id], self._ready_at(location_id)
        if address is None or ready is None:
            return None
        if not terms.carriers.any:
            return PageDelivery(None, None, None)
        quotes = terms.carriers.quotes(
            place.country, address.country, address.postal_code, weight_grams, self.channel.currency
        )
        best: tuple[bool, date, int, str] | None = None
        for quote in quotes:
            key = (location_id, quote.carrier_service_id, quote.transit_days)
            if key not in self._legs:
                self._legs[key] = leg_of(place, ready, quote, terms.carriers, address.country)
            leg = self._legs[key]
            if leg is not None:
                found = (quote.kind != "address", leg.deliver_on, quote.price_minor, quote.code)
                best = found if best is None else min(best, found)
        if best is None:
            return None
        _, deliver_on, price_minor, code = best
        return PageDelivery(code, deliver_on, Money(price_minor, self.channel.currency))

    def _ready_at(self, location_id: int) -> datetime | None:
        if location_id not in self._ready:
            place = self.view.terms.places[location_id]
            self._ready[location_id] = ready_by(place, self.levels.loads.get(location_id, 0), self.now)
        return self._ready[location_id]

    def _pickup(self, variant_id: int) -> PagePickup | None:
        for location_id, metres in self.distances:
            spot = self.view.config.spots[location_id]
            if not (spot.offers_pickup or spot.offers_curbside):
                continue
            if self.levels.left.get((variant_id, location_id), 0) <= 0:
                continue
            ready = self._ready_at(location_id)
            if ready is not None:
                return PagePickup(spot.code, metres, ready)
        return None
