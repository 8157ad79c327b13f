"""Countries and time zones that exist, from the tzdata package; the zone of a position, from tzfpy.

Tables in packages, read when first asked for. tzfpy takes 34 MB, so only imports and new locations without a time
zone load it.
"""

from functools import cache
from importlib import resources


@cache
def countries() -> frozenset[str]:
    """Give the ISO 3166 alpha-2 codes."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


@cache
def time_zones() -> frozenset[str]:
    """Give the names of the time zones, such as `Europe/Ljubljana`."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def time_zone_at(latitude: float, longitude: float) -> str | None:
    """Give the time zone of a position in degrees; None where no zone is known."""
    from tzfpy import get_tz

    name = get_tz(longitude, latitude)
    return name if name in time_zones() else None
