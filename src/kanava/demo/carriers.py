"""Carriers of the demo retailer: made-up companies, one at home in each country, the same for every seed.

Each brings parcels to the door, by express and to its own lockers: at home, to the neighbours, to the rest of the EU,
and from the retailer's warehouses abroad into its own country. Costs are in euro cents, prices in the three currencies.
"""

from collections.abc import Iterator, Sequence

import msgspec

from kanava.carriers.model import (
    CarrierDocument,
    CarrierInput,
    CarriersDocument,
    CarrierServiceInput,
    Destination,
    PickupPoint,
    Rate,
    ServiceDocument,
    ServiceKind,
    ServiceTerms,
    Weekday,
    Zone,
)
from kanava.demo.model import DemoLocation


class _Company(msgspec.Struct, frozen=True):
    country: str
    code: str
    name: str
    locker: str
    neighbours: tuple[str, ...]
    # Postal codes of islands, where everything takes longer.
    islands: tuple[str, ...] = ()


COMPANIES = (
    _Company("SI", "lastovka", "Lastovka Dostava", "Lastovka paketnik", ("HR", "AT", "IT", "HU")),
    _Company(
        "HR", "bura", "Bura Ekspres", "Bura paketomat", ("SI", "HU"), ("20225", "20226", "20260", "214", "5128", "515")
    ),
    _Company("PL", "wilga", "Wilga Kurier", "Wilga skrytka", ("DE", "CZ", "SK", "LT")),
    _Company("HU", "furge", "Fürge Futár", "Fürge csomagpont", ("AT", "SK", "RO", "SI", "HR")),
)
EUROPEAN_UNION = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
WAREHOUSE_COUNTRIES = ("PL", "SI")
WAREHOUSES = ("WH-SI", "WH-PL")


class _Offer(msgspec.Struct, frozen=True):
    """A kind of service: (grams, cost, price) of its bands at home in euro cents; days by zone."""

    suffix: str
    name: str
    kind: ServiceKind
    bands: tuple[tuple[int, int, int], ...]
    days: dict[str, int]
    cut_off: str
    warehouse_cut_off: str
    saturdays: bool = False


OFFERS = (
    _Offer(
        "home", "", "address",
        ((2_000, 290, 390), (5_000, 340, 450), (15_000, 460, 590), (30_000, 720, 890)),
        {"domestic": 1, "islands": 3, "neighbour": 3, "eu": 5, "inbound": 2}, "16:00", "18:00",
    ),
    _Offer(
        "express", "Express 12:00", "address",
        ((2_000, 520, 790), (5_000, 610, 890), (20_000, 890, 1_290)),
        {"domestic": 1, "neighbour": 2, "eu": 3, "inbound": 1}, "13:00", "20:00", saturdays=True,
    ),
    _Offer(
        "locker", "Box 24/7", "pickup_point",
        ((5_000, 210, 290), (20_000, 330, 420)),
        {"domestic": 1, "inbound": 3}, "16:00", "18:00", saturdays=True,
    ),
)  # fmt: skip
# What a zone costs beside one at home, in percent.
_DEARER = {"domestic": 100, "islands": 150, "neighbour": 190, "eu": 260, "inbound": 170}
_WORKDAYS: tuple[Weekday, ...] = ("mo", "tu", "we", "th", "fr")
# Around a store, in degrees: three lockers a few minutes' walk away.
_AROUND = ((0.0031, -0.0042), (-0.0046, 0.0063), (0.0082, 0.0075))


def carriers(locations: Sequence[DemoLocation]) -> CarriersDocument:
    """Give the four carriers with their services, and three lockers near each store at home."""
    return CarriersDocument([_carrier(company, locations) for company in COMPANIES])


def _carrier(company: _Company, locations: Sequence[DemoLocation]) -> CarrierDocument:
    url = f"https://www.{company.code}.example/track/{{tracking_number}}"
    return CarrierDocument(
        company.code,
        CarrierInput(company.name, url),
        [ServiceDocument(f"{company.code}-{offer.suffix}", _service(company, offer, locations)) for offer in OFFERS],
        list(_points(company, [place for place in locations if place.country == company.country])),
    )


def _service(company: _Company, offer: _Offer, locations: Sequence[DemoLocation]) -> CarrierServiceInput:
    late: dict[Weekday, str] = dict.fromkeys(_WORKDAYS, offer.warehouse_cut_off)
    if offer.saturdays:
        late["sa"] = "11:00"
    here = {place.code for place in locations}
    return CarrierServiceInput(
        f"{company.name} {offer.name}".strip(),
        offer.kind,
        offer.bands[-1][0],
        ServiceTerms(
            dict.fromkeys(_WORKDAYS, offer.cut_off),
            [*_WORKDAYS, "sa"] if offer.saturdays else list(_WORKDAYS),
            list(_zones(company, offer)),
            "12:00" if offer.suffix == "express" else "20:00",
            {code: late for code in WAREHOUSES if code in here},
        ),
    )


def _zones(company: _Company, offer: _Offer) -> Iterator[Zone]:
    home = company.country
    others = [country for country in EUROPEAN_UNION if country != home and country not in company.neighbours]
    abroad = [country for country in WAREHOUSE_COUNTRIES if country != home]
    lanes = {
        "domestic": ([home], [Destination(home)]),
        "islands": ([home], [Destination(home, list(company.islands))]),
        "neighbour": ([home], [Destination(country) for country in company.neighbours]),
        "eu": ([home], [Destination(country) for country in others]),
        "inbound": (abroad, [Destination(home)]),
    }
    for code, (origins, destinations) in lanes.items():
        if code in offer.days and (code != "islands" or company.islands):
            yield Zone(code, origins, destinations, offer.days[code], _rates(offer, _DEARER[code]))


def _rates(offer: _Offer, percent: int) -> list[Rate]:
    found = []
    for grams, cost, price in offer.bands:
        cents = price * percent // 100 // 10 * 10
        prices = {
            "EUR": cents,
            # As shops write them: 16.99 zlotys, 1 590 forints.
            "PLN": cents * 43 // 1_000 * 100 + 99,
            "HUF": (cents * 4 // 100 * 100 + 90) * 100,
        }
        found.append(Rate(grams, cost * percent // 100, prices))
    return found


def _points(company: _Company, places: Sequence[DemoLocation]) -> Iterator[PickupPoint]:
    for place in places:
        if place.kind != "store":
            continue
        street = place.street.rstrip("0123456789abc").strip()
        for number, (north, east) in enumerate(_AROUND, start=1):
            yield PickupPoint(
                f"{place.code}-{number}",
                f"{company.locker} {place.city} {number}",
                place.country,
                round(place.latitude + north, 4),
                round(place.longitude + east, 4),
                f"{street} {number * 20}",
                place.city,
                place.postal_code,
                "24/7",
            )
