"""What routing decides with, and what it decides."""

from collections.abc import Mapping

import msgspec

from kanava.pricing.model import ApplicableList, TaxTable


class Need(msgspec.Struct, frozen=True, gc=False):
    """Units of one order line that have to come from somewhere; `location_id` None: to be shipped from anywhere."""

    line_no: int
    variant_id: int
    quantity: int
    location_id: int | None = None


class Part(msgspec.Struct, frozen=True, gc=False):
    """Units of a line that come from one location."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int


class Place(msgspec.Struct, frozen=True, gc=False):
    """A location that may ship, with what one parcel from there costs (minor units of the retailer's currency)."""

    location_id: int
    parcel_cost_minor: int


class Plan(msgspec.Struct, frozen=True):
    """The parts of an order; when `short` is not empty, what could be had of the variants that cannot be filled."""

    parts: tuple[Part, ...]
    short: Mapping[int, int] = {}


class Spot(msgspec.Struct, frozen=True):
    """A location as routing sees it."""

    location_id: int
    code: str
    kind: str
    country: str
    latitude: float | None
    longitude: float | None
    offers_pickup: bool
    offers_curbside: bool
    ships: bool
    active: bool
    parcel_cost_domestic_minor: int
    parcel_cost_abroad_minor: int


class ChannelRules(msgspec.Struct, frozen=True):
    """A channel as routing sees it; `thresholds` has the units to leave at each location that serves it."""

    channel_id: int
    code: str
    kind: str
    country: str
    currency: str
    price_list: ApplicableList
    assortment: str
    hold_seconds: int
    active: bool
    thresholds: Mapping[int, int]


class RoutingConfig(msgspec.Struct, frozen=True):
    """Every setting that placing and availability read, as one immutable snapshot.

    `ship_places[(channel_id, country)]` are the places that may ship to a country for a channel, cheapest first; it
    is filled as countries are asked for.
    """

    channels: Mapping[str, ChannelRules]
    spots: Mapping[int, Spot]
    location_ids: Mapping[str, int]
    location_codes: Mapping[int, str]
    ship_places: dict[tuple[int, str], tuple[Place, ...]]
    price_lists: tuple[ApplicableList, ...]
    taxes: TaxTable
    any_threshold: bool

    def places_to(self, channel: ChannelRules, country: str) -> tuple[Place, ...]:
        """Give the places that may ship for `channel` to `country`, cheapest first."""
        key = (channel.channel_id, country)
        places = self.ship_places.get(key)
        if places is None:
            found = []
            for location_id in channel.thresholds:
                spot = self.spots.get(location_id)
                if spot is not None and spot.active and spot.ships:
                    home = spot.country == country
                    cost = spot.parcel_cost_domestic_minor if home else spot.parcel_cost_abroad_minor
                    found.append(Place(location_id, cost))
            # Warehouses before stores at the same cost: a shop's last piece is worth more on its shelf.
            found.sort(
                key=lambda p: (p.parcel_cost_minor, self.spots[p.location_id].kind != "warehouse", p.location_id)
            )
            places = self.ship_places[key] = tuple(found)
        return places
