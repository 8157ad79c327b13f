"""What routing decides with, and what it decides."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kanava.pricing.model import ApplicableList, TaxTable
from kanava.sourcing.routing.costing import OrderFacts, Router
from kanava.sourcing.routing.model import Need, Part, Place, Plan

__all__ = ["ChannelRules", "Need", "Part", "Place", "Plan", "RoutingConfig", "Spot"]


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
    sells_incoming: bool = False

    def facts(self, country: str, ship_to: Mapping[str, Any] | None = None) -> OrderFacts:
        """Give what is known of any order of the channel that goes to a country, or to an address as stored."""
        address = ship_to or {}
        region, postal_code = str(address.get("region") or ""), str(address.get("postal_code") or "")
        return OrderFacts(self.code, country, region, postal_code, currency=self.currency)


class RoutingConfig(msgspec.Struct, frozen=True):
    """Every setting that placing and availability read, as one immutable snapshot.

    `router` knows what each place costs an order; what it has worked out it keeps.
    """

    channels: Mapping[str, ChannelRules]
    spots: Mapping[int, Spot]
    location_ids: Mapping[str, int]
    location_codes: Mapping[int, str]
    router: Router
    price_lists: tuple[ApplicableList, ...]
    taxes: TaxTable
    any_threshold: bool
    any_scarcity: bool = False

    def places_to(self, channel: ChannelRules, country: str) -> Sequence[Place]:
        """Give the places that may ship for `channel` to `country`, cheapest first."""
        return self.router.places_for(channel.thresholds, channel.facts(country)).ordered
