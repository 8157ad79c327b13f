"""The demo's carriers: everything of the EU is reached from each warehouse, and terms that the module accepts."""

import pytest

from kanava.carriers.rules.checks import check_carrier, check_points, check_service
from kanava.carriers.snapshot import Carriers, LoadedService
from kanava.demo.carriers import EUROPEAN_UNION, carriers
from kanava.demo.stores import locations

PLACES = locations()
DOCUMENT = carriers(PLACES)


def loaded() -> Carriers:
    services = [
        LoadedService(
            10 * index + number, index, one.code, one.carrier.name, each.code, each.service.name, each.service.kind,
            each.service.weight_grams_max, each.service.terms,
        )
        for index, one in enumerate(DOCUMENT.carriers)
        for number, each in enumerate(one.services)
    ]  # fmt: skip
    return Carriers(services, {}, {})


def test_every_rule_of_the_carriers_module_is_kept() -> None:
    codes = {place.code for place in PLACES}
    for one in DOCUMENT.carriers:
        check_carrier(one.carrier)
        check_points(one.pickup_points)
        for each in one.services:
            check_service(each.service, codes)
    assert len({each.code for one in DOCUMENT.carriers for each in one.services}) == 12


@pytest.mark.parametrize("currency", ["EUR", "PLN", "HUF"])
@pytest.mark.parametrize("origin", ["SI", "PL"])
def test_a_warehouse_reaches_all_of_the_union(origin: str, currency: str) -> None:
    found = loaded()
    for country in EUROPEAN_UNION:
        assert found.quotes(origin, country, "", 1_500, currency), (origin, country)


@pytest.mark.parametrize("country", ["SI", "HR", "PL", "HU"])
def test_at_home_there_are_three_services_and_lockers_near_every_store(country: str) -> None:
    quotes = loaded().quotes(country, country, "", 1_500, "EUR")
    assert [quote.code.partition("-")[2] for quote in quotes] == ["home", "express", "locker"]
    home, express, locker = quotes
    assert locker.price_minor < home.price_minor < express.price_minor
    assert all(quote.cost_minor < quote.price_minor for quote in quotes)
    points = [point for one in DOCUMENT.carriers for point in one.pickup_points if point.country == country]
    assert len(points) == 3 * sum(place.country == country and place.kind == "store" for place in PLACES)


def test_islands_take_longer() -> None:
    (bol,) = [quote for quote in loaded().quotes("HR", "HR", "21420", 500, "EUR") if quote.code == "bura-home"]
    assert (bol.zone, bol.transit_days) == ("islands", 3)
