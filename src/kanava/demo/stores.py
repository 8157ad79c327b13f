"""Stores and warehouses of the demo retailer, with the shop-closing laws of four countries as opening hours."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources

from kanava.demo.model import DemoException, DemoLocation

YEARS = (2026, 2027)
EASTER = {2026: date(2026, 4, 5), 2027: date(2027, 3, 28)}
TIME_ZONES = {"SI": "Europe/Ljubljana", "HR": "Europe/Zagreb", "PL": "Europe/Warsaw", "HU": "Europe/Budapest"}
RETAILER = "Jelovir"

# Slovenia: shops are closed on Sundays (Trade Act 2020). Croatia: sixteen Sundays a year, as exceptions below.
# Poland: eight trading Sundays a year, as exceptions below. Hungary: Sundays are free again since 2016; short hours.
HOURS = {
    ("SI", "street"): "Mo-Fr 09:00-19:00; Sa 09:00-14:00",
    ("SI", "mall"): "Mo-Sa 09:00-20:00",
    ("HR", "street"): "Mo-Fr 09:00-20:00; Sa 09:00-15:00",
    ("HR", "coast"): "Mo-Sa 09:00-20:00; Jun-Sep Mo-Sa 09:00-22:00",
    ("HR", "mall"): "Mo-Sa 09:00-21:00",
    ("PL", "street"): "Mo-Fr 10:00-20:00; Sa 10:00-18:00",
    ("PL", "mall"): "Mo-Sa 09:00-21:00",
    ("HU", "street"): "Mo-Fr 10:00-19:00; Sa 10:00-16:00; Su 10:00-14:00",
    ("HU", "mall"): "Mo-Sa 10:00-20:00; Su 10:00-18:00",
    ("SI", "warehouse"): "Mo-Fr 06:00-22:00; Sa 06:00-14:00",
    ("PL", "warehouse"): "Mo-Sa 06:00-22:00",
}
_SERVICES = ("pickup", "curbside", "ship_from_store", "returns")
_HANDLING_MINUTES = {"S": 120, "M": 90, "L": 60, "W": 240}
_PICKS_PER_HOUR = {"S": 8, "M": 15, "L": 30, "W": 400}
# What a parcel costs us from each country, in euro cents: at home, abroad.
_PARCEL_COSTS = {"SI": (390, 890), "HR": (420, 990), "PL": (310, 1090), "HU": (360, 990)}


def locations() -> tuple[DemoLocation, ...]:
    """Give the 24 stores and the two warehouses; they are the same for every seed."""
    text = resources.files("kanava.demo").joinpath("texts", "places.toml").read_text(encoding="utf-8")
    places = tomllib.loads(text)
    warehouses = places.pop("warehouses")
    found = [_location(code, "store", country, row) for country, rows in places.items() for code, row in rows.items()]
    found += [
        _location(code, "warehouse", country, row) for country, rows in warehouses.items() for code, row in rows.items()
    ]
    return tuple(found)


def _location(code: str, kind: str, country: str, row: list[str | float]) -> DemoLocation:
    name, street, city, region, postal_code, latitude, longitude, phone, size, site = row
    domestic, abroad = _PARCEL_COSTS[country]
    cheaper = 60 if kind == "warehouse" else 0
    return DemoLocation(
        code=code,
        kind=kind,
        name=f"{RETAILER} {name}",
        street=str(street),
        city=str(city),
        region=str(region),
        postal_code=str(postal_code),
        country=country,
        latitude=float(latitude),
        longitude=float(longitude),
        time_zone=TIME_ZONES[country],
        phone=str(phone),
        opening_hours=HOURS[country, str(site)],
        services=_services(str(size), str(site)),
        handling_minutes=_HANDLING_MINUTES[str(size)],
        pick_capacity_per_hour=_PICKS_PER_HOUR[str(size)],
        parcel_cost_domestic_minor=domestic - cheaper,
        parcel_cost_abroad_minor=abroad - cheaper,
        fulfils_online=size != "S",
        size=str(size),
        exceptions=() if kind == "warehouse" else tuple(_exceptions(country, str(site), code)),
    )


def _services(size: str, site: str) -> tuple[str, ...]:
    """Small shops do not ship; there is room for a car in front of a mall only."""
    if site == "warehouse":
        return ("ship_from_store", "returns")
    left_out = {"ship_from_store"} if size == "S" else set()
    if site != "mall":
        left_out.add("curbside")
    return tuple(service for service in _SERVICES if service not in left_out)


def _exceptions(country: str, site: str, code: str) -> Iterator[DemoException]:
    days: dict[date, DemoException] = {}
    for year in YEARS:
        if country == "PL":
            for day in trading_sundays(year):
                days[day] = DemoException(day, "10:00-20:00", "Trading Sunday")
        if country == "HR":
            for day in open_sundays(year, coast=site == "coast"):
                days[day] = DemoException(day, "09:00-21:00" if site == "coast" else "10:00-18:00", "Open Sunday")
        eve = date(year, 12, 24)
        days[eve] = DemoException(eve, "" if country in ("PL", "HU") else "09:00-14:00", "Christmas Eve")
        last = date(year, 12, 31)
        days[last] = DemoException(last, "09:00-15:00", "New Year's Eve")
    if code in ("KR-01", "WR-01", "SZ-01"):
        count = date(2027, 1, 4)
        days[count] = DemoException(count, "", "Stocktaking")
    return iter(sorted(days.values(), key=lambda exception: exception.on_date))


def trading_sundays(year: int) -> list[date]:
    """Give the Sundays on which Polish shops may open (act of 10 January 2018 as amended in 2024).

    They are the last of January, April, June and August, the one before Easter and the three before Christmas Eve.
    """
    last_days = (date(year, 1, 31), date(year, 4, 30), date(year, 6, 30), date(year, 8, 31))
    found = [_sunday_up_to(day) for day in last_days]
    before_christmas = _sunday_up_to(date(year, 12, 23))
    found += [EASTER[year] - timedelta(days=7)]
    found += [before_christmas - timedelta(weeks=weeks) for weeks in (0, 1, 2)]
    return sorted(found)


def open_sundays(year: int, *, coast: bool) -> list[date]:
    """Give the Sundays that a Croatian shop of ours chooses: at most sixteen a year, summer first on the coast."""
    before_christmas = _sunday_up_to(date(year, 12, 23))
    found = [before_christmas - timedelta(weeks=weeks) for weeks in range(4)]
    if coast:
        end_of_summer = _sunday_up_to(date(year, 8, 31))
        found += [end_of_summer - timedelta(weeks=weeks) for weeks in range(12)]
    else:
        found += [EASTER[year] - timedelta(days=7), _sunday_up_to(date(year, 9, 7))]
    return sorted(found)


def _sunday_up_to(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)
