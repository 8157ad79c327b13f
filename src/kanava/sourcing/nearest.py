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
        ordered = sorted((latitude, longitude, location_id) for location_id, latitude, longitude in positions)
        self._latitudes = [latitude for latitude, _, _ in ordered]
        self._positions = [(longitude, radians(latitude), number) for latitude, longitude, number in ordered]
        self._cosines = [cos(radians(latitude)) for latitude in self._latitudes]

    def nearest(self, latitude: float, longitude: float, count: int) -> Sequence[tuple[int, int]]:
        """Give up to `count` (location_id, distance in whole metres), nearest first."""
        positions, latitudes, cosines = self._positions, self._latitudes, self._cosines
        here, cos_here, end = radians(latitude), cos(radians(latitude)), len(latitudes)
        metres_per_degree = radians(1) * EARTH_RADIUS_METRES
        north = bisect_left(latitudes, latitude)
        south = north - 1
        found: list[tuple[float, int]] = []
        # Of most stores only the square of half the chord is worked out: those above `chord_max` are too far.
        chord_max, degrees_max = 2.0, 180.5
        while count:
            to_north = latitudes[north] - latitude if north < end else 181.0
            to_south = latitude - latitudes[south] if south >= 0 else 181.0
            if min(to_north, to_south) > degrees_max:
                break
            if to_north <= to_south:
                index, north = north, north + 1
            else:
                index, south = south, south - 1
            to_longitude, there, location_id = positions[index]
            half_north, half_east = (there - here) / 2, radians(to_longitude - longitude) / 2
            chord = sin(half_north) ** 2 + cos_here * cosines[index] * sin(half_east) ** 2
            if chord > chord_max:
                continue
            insort(found, (2 * EARTH_RADIUS_METRES * asin(sqrt(min(1.0, chord))), location_id))
            if len(found) > count:
                found.pop()
            if len(found) == count:
                farthest = found[-1][0]
                # A hair more, so that of equal distances none is passed over.
                chord_max = sin(farthest / EARTH_RADIUS_METRES / 2) ** 2 * (1 + 1e-9) + 1e-300
                degrees_max = farthest / metres_per_degree * (1 + 1e-9) + 1e-9
        return [(location_id, round(metres)) for metres, location_id in found]
