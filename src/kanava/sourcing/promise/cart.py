"""What can be promised of a cart: how it is looked up and put together."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from math import asin

import msgspec

from kanava.carriers import service as carriers
from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput
from kanava.sourcing.awaiting import choose_incoming
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.nearest import EARTH_RADIUS_METRES
from kanava.sourcing.planning import Wanted
from kanava.sourcing.promise import reading
from kanava.sourcing.promise.asking import channel_of, check_address, position_of, settings_of
from kanava.sourcing.promise.model import (
    AskedLine,
    DeliveryOption,
    LineShort,
    NearPickupPoint,
    PlannedPart,
    PromiseAnswer,
    PromiseQuestion,
    ShipTo,
    StoreOption,
    Unfillable,
)
from kanava.sourcing.promise.offers import Basket, CartLine, delivery_options, store_option
from kanava.sourcing.promise.rules import Waits, ready_by
from kanava.sourcing.promise.store import AskedRow
from kanava.sourcing.promise.view import Levels, Position, View
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import Setting
from kanava.sourcing.routing.model import Need, Part, Plan, ScarcityPrices
from kanava.sourcing.routing.rules import route
from kanava.stores import hours

NEAR_METRES_MAX = 100_000
"""A pickup point further away is nobody's."""


class AskingCart:
    """One question about a cart, put with the settings of one moment."""

    def __init__(
        self, view: View, channel: ChannelRules, question: PromiseQuestion, lines: Sequence[AskedLine], now: datetime
    ) -> None:
        self.view, self.channel, self.question, self.lines, self.now = view, channel, question, lines, now
        self.position: Position | None = None
        self.setting: Setting | None = None
        self.distances: Sequence[tuple[int, int]] = ()
        self.basket = Basket((), {})
        self.levels = Levels({}, {}, {})

    @classmethod
    async def of(
        cls,
        connection: Connection,
        view: View,
        question: PromiseQuestion,
        lines: Sequence[AskedLine],
        now: datetime,
    ) -> "AskingCart":
        """Look up what does not depend on stock."""
        asking = cls(view, channel_of(view, question.channel), question, lines, now)
        if question.ship_to is None and question.position is None:
            raise InvalidInput("Say where it goes, or where the customer is.", field="ship_to")
        check_address(view, question.ship_to)
        asking.position = await position_of(connection, view, question.position, question.ship_to)
        if asking.position is not None and question.stores:
            asking.distances = view.nearest(asking.channel).nearest(*asking.position, question.stores)
        if question.ship_to is not None:
            (asking.setting,) = await settings_of(
                connection, view, asking.channel, question.ship_to, question.customer_group, [lines], now
            )
        return asking

    @property
    def first_ids(self) -> list[int]:
        """The shipping places that are looked at first."""
        if self.setting is None:
            return []
        return [place.location_id for place in self.setting.places.ordered[: reading.SHIP_FIRST]]

    async def read(self, connection: Connection) -> list[AskedRow]:
        """Read the variants with their levels where that is most likely enough."""
        place_ids = {location_id for location_id, _ in self.distances} | set(self.first_ids)
        skus = list(dict.fromkeys([line.sku for line in self.lines]))
        return await reading.ask(connection, self.channel, skus, place_ids, self.now)

    async def answer(self, connection: Connection, rows: Sequence[AskedRow]) -> PromiseAnswer:
        """Make the answer."""
        self._fill_basket({row.sku: row for row in rows})
        self.levels = reading.levels_of(rows, self.channel)
        held: Mapping[tuple[int, int], int] = {}
        if self.question.cart_id is not None:
            held = await reading.holds_of(connection, self.question.cart_id, self.now)
        # Every level of what the cart holds is counted at once: reading further places would forget the holds.
        holding = {variant_id for variant_id, _ in held}
        special = [row.variant_id for row in rows if row.for_sale and (row.special or row.variant_id in holding)]
        if special:
            self.levels = await reading.count_by_rule(connection, self.channel, special, self.levels, self.now)
        if held:
            self.levels = reading.with_holds(held, self.levels)
        for_sale = [row.variant_id for row in rows if row.for_sale]
        delivery, no_delivery, short = await self._delivery(connection, for_sale, frozenset(special))
        stores = [self._store(location_id, metres) for location_id, metres in self.distances]
        return PromiseAnswer(
            self.channel.code,
            self.channel.currency,
            self.now,
            delivery,
            no_delivery,
            short,
            stores,
            self._unfillable({row.variant_id for row in rows if not row.for_sale}, no_delivery, short),
        )

    def _fill_basket(self, known: Mapping[str, AskedRow]) -> None:
        prefix = "cart_id" if self.question.cart_id is not None else "lines"
        errors = [
            FieldError(f"{prefix}[{index}].sku", f"No variant has the sku {line.sku!r}.")
            for index, line in enumerate(self.lines)
            if line.sku not in known
        ]
        if errors:
            raise InvalidInput("; ".join(error.reason for error in errors[:3]), errors=errors)
        self.basket = Basket.of(
            [
                CartLine(number, line.sku, known[line.sku].variant_id, line.quantity, known[line.sku].weight_grams)
                for number, line in enumerate(self.lines, start=1)
            ]
        )

    async def _delivery(
        self, connection: Connection, for_sale: Sequence[int], special: frozenset[int]
    ) -> tuple[list[DeliveryOption], str | None, list[LineShort]]:
        address, setting = self.question.ship_to, self.setting
        if address is None or setting is None:
            return [], "not_asked", []
        scarcity = None
        if self.view.config.any_scarcity:
            scarcity = await routing.scarcity_of(connection, for_sale)
        plan = self._plan(setting, scarcity, known=self.first_ids)
        if not plan.proven or plan.short:
            ordinary = [variant_id for variant_id in for_sale if variant_id not in special]
            await self._look_wider(connection, setting, ordinary)
            plan = self._plan(setting, scarcity)
        parts = self._parts(plan.parts)
        waits: Waits = {}
        short = self.basket.short(plan.short)
        if short and self.channel.sells_incoming and len(for_sale) == len(self.basket.wanted):
            parts, waits, short = await self._with_incoming(connection, setting, scarcity, short)
        if short and not setting.places.ordered:
            # Without any place that goods leave from, stock is not what is missing.
            return [], self._why_none_ships(), []
        if short:
            return [], "not_in_stock", short
        looked_at = {location_id for location_id, _ in self.distances} | set(self.first_ids)
        further = {part.location_id for part in parts} - looked_at - self.levels.loads.keys()
        await reading.read_loads(connection, further, self.levels)
        to = ShipTo(address.country, address.postal_code, self.channel.currency)
        found = delivery_options(parts, to, self.view.terms, self.levels, self.now, waits)
        options = await self._with_points(connection, address.country, found)
        return options, None if options else "no_service", []

    def _why_none_ships(self) -> str:
        sites = self.view.config.router.sites
        ships = [sites[location_id] for location_id in self.channel.thresholds if location_id in sites]
        nobody_picks = bool(ships) and not any(site.pick_capacity_per_hour for site in ships)
        return "no_capacity" if nobody_picks else "no_service"

    async def _look_wider(self, connection: Connection, setting: Setting, variant_ids: Sequence[int]) -> None:
        """Read further places: those of the variants that few have, and all of them where that is not enough.

        Every plan takes the scarce ones from one of their own places; what else it takes comes from there, or from the
        cheapest places, which are known.
        """
        if not variant_ids:
            return
        left, wanted, first = self.levels.left, self.basket.wanted, self.first_ids
        scarce = [
            variant_id
            for variant_id in variant_ids
            if not any(left.get((variant_id, place), 0) >= wanted[variant_id] for place in first)
        ]
        others = [variant_id for variant_id in variant_ids if variant_id not in scarce]
        shippers = self.view.shippers(setting.places)
        if scarce and await reading.read_scarce(
            connection, self.view, self.channel, shippers, scarce, others, self.levels
        ):
            return
        await reading.read_wide(connection, self.view, self.channel, shippers, variant_ids, self.levels)

    def _plan(
        self,
        setting: Setting,
        scarcity: ScarcityPrices | None,
        known: Sequence[int] | None = None,
        without: Collection[int] = (),
    ) -> Plan:
        weights = self.view.config.router.carriers is not None
        needs = [
            Need(line.line_no, line.variant_id, line.quantity, None, _grams(line) if weights else 0)
            for line in self.basket.lines
            if line.line_no not in without
        ]
        return route(needs, setting.places, self.levels.left, setting.terms, scarcity, known=known)

    def _parts(self, parts: Sequence[Part]) -> list[PlannedPart]:
        weights = [line.weight_grams for line in self.basket.lines]
        return [
            PlannedPart(p.line_no, p.variant_id, p.location_id, p.quantity, "ship", weights[p.line_no - 1])
            for p in parts
        ]

    async def _with_incoming(
        self,
        connection: Connection,
        setting: Setting,
        scarcity: ScarcityPrices | None,
        short: Sequence[LineShort],
    ) -> tuple[list[PlannedPart], Waits, list[LineShort]]:
        """Let the lines that are short wait, whole, for what is on its way; the others come from what is there."""
        late = {line.line_no for line in short}
        wanted = [
            Wanted(line.line_no, line.variant_id, line.quantity, "ship")
            for line in self.basket.lines
            if line.line_no in late
        ]
        places = [place.location_id for place in setting.places.ordered]
        awaited = await choose_incoming(connection, wanted, places, self.now)
        if awaited.short:
            return [], {}, list(short)
        plan = self._plan(setting, scarcity, without=late)
        if plan.short:
            return [], {}, self.basket.short(plan.short)
        waits: dict[int, date] = {}
        for part in awaited.parts:
            waits[part.location_id] = max(part.expected_on, waits.get(part.location_id, part.expected_on))
        parts = [Part(part.line_no, part.variant_id, part.location_id, part.quantity) for part in awaited.parts]
        return self._parts([*plan.parts, *parts]), waits, []

    async def _with_points(
        self, connection: Connection, country: str, options: Sequence[DeliveryOption]
    ) -> list[DeliveryOption]:
        """Add the nearest pickup points to services that bring goods to one; without any they are left out."""
        view, count = self.view, self.question.pickup_points
        carrier_of = {
            option.carrier_service: view.terms.carriers.services[
                view.terms.carriers.ids[option.carrier_service]
            ].carrier_id
            for option in options
            if option.kind == "pickup_point" and option.carrier_service is not None
        }
        if not carrier_of:
            return list(options)
        points: dict[int, list[NearPickupPoint]] = {}
        if self.position is not None and count:
            ids = sorted(set(carrier_of.values()))
            for row in await carriers.near_points(connection, ids, country, *self.position, count):
                metres = round(2 * EARTH_RADIUS_METRES * asin(min(1.0, row.chord / 2)))
                if metres <= NEAR_METRES_MAX:
                    points.setdefault(row.carrier_id, []).append(_point(row, metres))
        found = []
        for option in options:
            if option.kind != "pickup_point":
                found.append(option)
            elif near := points.get(carrier_of.get(option.carrier_service or "", 0)):
                found.append(msgspec.structs.replace(option, pickup_points=near))
        return found

    def _store(self, location_id: int, metres: int) -> StoreOption:
        return store_option(location_id, metres, self.basket, self.view.terms, self.levels, self.now)

    def _unfillable(
        self,
        not_for_sale: Collection[int],
        no_delivery: str | None,
        short: Sequence[LineShort],
    ) -> list[Unfillable]:
        """Name the lines that can be had whole in no way that was asked about, and how many units can."""
        shippable = {line.line_no: line.available for line in short}
        ships = no_delivery is None or no_delivery == "not_in_stock"
        why = no_delivery if no_delivery in ("no_capacity", "no_service") else "not_in_stock"
        found = []
        for line in self.basket.lines:
            wanted = self.basket.wanted[line.variant_id]
            best = max([self._units_at(line.variant_id, number) for number, _ in self.distances], default=0)
            shipped = ships and line.line_no not in shippable
            if line.variant_id in not_for_sale:
                found.append(Unfillable(line.line_no, line.sku, line.quantity, 0, 0, "not_for_sale"))
            elif not shipped and best < wanted:
                lies = max([self.levels.left.get((line.variant_id, n), 0) for n, _ in self.distances], default=0)
                reason = "no_capacity" if why == "not_in_stock" and lies >= wanted else why
                units = shippable.get(line.line_no, 0)
                found.append(Unfillable(line.line_no, line.sku, line.quantity, units, best, reason))
        return found

    def _units_at(self, variant_id: int, location_id: int) -> int:
        """Give the units that the customer can have at a store: those that it can have ready, or on its shelves now."""
        key, terms, levels = (variant_id, location_id), self.view.terms, self.levels
        place, spot = terms.places[location_id], terms.config.spots[location_id]
        units = 0
        if (spot.offers_pickup or spot.offers_curbside) and ready_by(
            place, levels.loads.get(location_id, 0), self.now
        ) is not None:
            units = levels.left.get(key, 0)
        if spot.kind == "store" and hours.is_open(place.schedule, self.now):
            units = max(units, levels.carried.get(key, 0))
        return units


def _grams(line: CartLine) -> int:
    return UNKNOWN_WEIGHT_GRAMS if line.weight_grams is None else line.weight_grams


def _point(row: carriers.NearPoint, metres: int) -> NearPickupPoint:
    return NearPickupPoint(
        row.code,
        row.name,
        row.street,
        row.city,
        row.postal_code,
        row.country,
        row.latitude,
        row.longitude,
        row.opening_hours,
        metres,
    )
