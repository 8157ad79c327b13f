"""Which stores are nearest. Pure.

The stores lie sorted by latitude. The difference in latitude alone is a lower bound of the distance (at the poles and
across the date line too), so a search that goes outwards from the point's latitude may stop as soon as that bound
passes the farthest store it would keep: of 1,565 stores a few dozen are measured.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_METRES = 6_371_008.8


def distance_metres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Give the great-circle distance of two positions in degrees (haversine formula, mean radius of the earth)."""
    here, there = radians(latitude), radians(to_latitude)
    half_north, half_east = (there - here) / 2, radians(to_longitude - longitude) / 2
    chord = sin(half_north) ** 2 + cos(here) * cos(there) * sin(half_east) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(sqrt(min(1.0, chord)))


class NearestStores:
    """An index of positions, made once for each channel and snapshot of the settings."""

    def __init__(self, positions: Iterable[tuple[int, float, float]]) -> None:
        """Take (location_id, latitude, longitude) in degrees."""
        self._positions = sorted((latitude, longitude, location_id) for location_id, latitude, longitude in positions)
        self._latitudes = [position[0] for position in self._positions]

    def nearest(self, latitude: float, longitude: float, count: int) -> Sequence[tuple[int, int]]:
        """Give up to `count` (location_id, distance in whole metres), nearest first."""
        metres_per_degree = radians(1) * EARTH_RADIUS_METRES
        north = bisect_left(self._latitudes, latitude)
        south = north - 1
        found: list[tuple[float, int]] = []
        while count and (south >= 0 or north < len(self._positions)):
            to_north = self._latitudes[north] - latitude if north < len(self._positions) else 181.0
            to_south = latitude - self._latitudes[south] if south >= 0 else 181.0
            if len(found) == count and min(to_north, to_south) * metres_per_degree > found[-1][0]:
                break
            if to_north <= to_south:
                position, north = self._positions[north], north + 1
            else:
                position, south = self._positions[south], south - 1
            metres = distance_metres(latitude, longitude, position[0], position[1])
            if len(found) < count:
                insort(found, (metres, position[2]))
            elif (metres, position[2]) < found[-1]:
                found.pop()
                insort(found, (metres, position[2]))
        return [(location_id, round(metres)) for metres, location_id in found]
