"""The settings in force, with what is worth computing once from them."""

from bisect import bisect_left
from collections.abc import Mapping

import msgspec

from kanava.carriers.snapshot import postal_key
from kanava.platform.db import Connection
from kanava.sourcing.availability import Shippers
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.nearest import NearestStores
from kanava.sourcing.promise import store
from kanava.sourcing.promise.model import Terms
from kanava.sourcing.promise.store import PostalPlace
from kanava.sourcing.promise.terms import load_terms
from kanava.sourcing.routing.model import Places

POSITIONS_KEPT_MAX = 20_000
SHIPPERS_KEPT_MAX = 200
Position = tuple[float, float]


class View:
    """One snapshot of the settings, for whoever asks what is promised."""

    def __init__(self, terms: Terms, postal: list[PostalPlace]) -> None:
        self.terms = terms
        self._nearest: dict[str, NearestStores] = {}
        self._shippers: dict[int, tuple[Places, Shippers]] = {}
        self._least: dict[str, int] = {}
        self._postal = sorted(
            (f"{row.postal_code[:2]} {postal_key(row.postal_code[3:])}", row.latitude, row.longitude) for row in postal
        )
        self._positions: dict[tuple[str, str], Position | None] = {}
        self.point_carriers = {
            service.carrier_service_id: service.carrier_id
            for service in terms.carriers.services.values()
            if service.kind == "pickup_point"
        }

    @property
    def config(self) -> RoutingConfig:
        """What placing decides with."""
        return self.terms.config

    def channel(self, code: str | None) -> ChannelRules | None:
        """Give the channel when it is there and active."""
        channel = self.config.channels.get(code or "")
        return channel if channel is not None and channel.active else None

    def nearest(self, channel: ChannelRules) -> NearestStores:
        """Give the index of the stores that customers of a channel can come to."""
        index = self._nearest.get(channel.code)
        if index is None:
            spots = [self.config.spots[location_id] for location_id in channel.thresholds]
            index = self._nearest[channel.code] = NearestStores(
                (spot.location_id, spot.latitude, spot.longitude)
                for spot in spots
                if spot.active
                and (spot.offers_pickup or spot.offers_curbside or spot.kind == "store")
                and spot.latitude is not None
                and spot.longitude is not None
            )
        return index

    def shippers(self, places: Places) -> Shippers:
        """Give the places that ship as SQL wants them, in the shorter of two lists."""
        # Kept with its places, so that nothing else can come to have their id.
        known = self._shippers.get(id(places))
        if known is None:
            if len(self._shippers) >= SHIPPERS_KEPT_MAX:
                self._shippers.clear()
            known = (places, Shippers.among(self.config.spots, frozenset(places.index)))
            self._shippers[id(places)] = known
        return known[1]

    def least(self, channel: ChannelRules) -> int:
        """Give the least that any place leaves for the channel."""
        least = self._least.get(channel.code)
        if least is None:
            least = self._least[channel.code] = min(channel.thresholds.values(), default=0)
        return least

    async def position_of(self, connection: Connection, country: str, postal_code: str) -> Position | None:
        """Say where an address is, more or less: beside the store or pickup point whose postal code is most like it.

        None when there is none in the country, or nothing in common.
        """
        key = (country, postal_key(postal_code))
        if key not in self._positions:
            if len(self._positions) >= POSITIONS_KEPT_MAX:
                self._positions.clear()
            self._positions[key] = await self._find(connection, *key) if key[1] else None
        return self._positions[key]

    async def _find(self, connection: Connection, country: str, postal: str) -> Position | None:
        wanted = f"{country} {postal}"
        index = bisect_left(self._postal, (wanted,))
        beside = self._postal[max(0, index - 1) : index + 1]
        if self.point_carriers and not any(code == wanted for code, _, _ in beside):
            for row in await store.POINTS_BESIDE.all(connection, country=country, postal_code=postal):
                beside.append((f"{country} {postal_key(row.postal_code)}", row.latitude, row.longitude))
        best = max(beside, key=lambda place: _in_common(place[0], wanted), default=None)
        # The country and the space are no likeness.
        if best is None or _in_common(best[0], wanted) < len(country) + 2:
            return None
        return best[1], best[2]


def _in_common(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


async def load_view(tx: Connection) -> View:
    """Read it all."""
    return View(await load_terms(tx), await store.LOCATION_POSTAL_CODES.all(tx))


class Levels(msgspec.Struct, frozen=True):
    """Units that may be taken at places, by (variant_id, location_id), and work that waits at places.

    `left` is for what is shipped or picked, `carried` for what is carried out of the shop.
    """

    left: dict[tuple[int, int], int]
    carried: Mapping[tuple[int, int], int]
    loads: dict[int, int]
