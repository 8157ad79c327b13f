"""Channels of the demo retailer: web, app, store and kiosk in each country, call centre, marketplace and agent."""

from collections.abc import Iterator, Sequence
from random import Random

from kanava.demo.model import DemoChannel, DemoLocation, DemoProduct
from kanava.demo.policies import COMPANIES

COUNTRIES = {"SI": ("EUR", "sl"), "HR": ("EUR", "hr"), "PL": ("PLN", "pl"), "HU": ("HUF", "hu")}
_NAMES = {"web": "Web shop", "app": "Mobile app", "store": "Stores", "kiosk": "Kiosks in the stores"}
# kind: (threshold, hold seconds). The till sells what the customer holds in hand: no threshold.
_RULES = {"web": (1, 1800), "app": (1, 1800), "store": (0, 600), "kiosk": (0, 900)}


def channels(seed: int, locations: Sequence[DemoLocation], products: Sequence[DemoProduct]) -> tuple[DemoChannel, ...]:
    """Give every channel with the places that serve it."""
    return (*_per_country(locations), *_across_countries(seed, locations, products))


def on_marketplace(seed: int, products: Sequence[DemoProduct]) -> list[DemoProduct]:
    """Give the products that are listed on the marketplace: about 40 % of those on sale."""
    rng = Random(f"{seed}:listings")
    return [product for product in products if product.status == "active" and rng.random() < 0.4]


def _per_country(locations: Sequence[DemoLocation]) -> Iterator[DemoChannel]:
    for kind, (threshold, hold_seconds) in _RULES.items():
        for country, (currency, language) in COUNTRIES.items():
            # Small shops have little of everything, so online they keep two pieces back.
            online = kind in ("web", "app")
            serving = tuple(
                (place.code, 2 if online and place.size == "S" else 0 if place.kind == "warehouse" else None)
                for place in locations
                if place.country == country or place.kind == "warehouse"
            )
            company = COMPANIES[country]
            yield DemoChannel(
                code=f"{kind}-{country.lower()}",
                kind=kind,
                name=f"{_NAMES[kind]} {country}",
                country=country,
                currency=currency,
                language=language,
                price_list=currency.lower(),
                threshold=threshold,
                hold_seconds=hold_seconds,
                fee_basis_points=0,
                fee_fixed_minor=0,
                locations=serving,
                bank_holder=company.name,
                bank_iban=company.iban,
                bank_bic=company.bic,
            )


def _across_countries(
    seed: int, locations: Sequence[DemoLocation], products: Sequence[DemoProduct]
) -> Iterator[DemoChannel]:
    everywhere = tuple((place.code, None) for place in locations)
    warehouses = tuple((place.code, None) for place in locations if place.kind == "warehouse")
    listed = tuple(variant.sku for product in on_marketplace(seed, products) for variant in product.variants)
    seat = COMPANIES["SI"]
    account = (seat.name, seat.iban, seat.bic)
    yield DemoChannel(
        "call-centre", "call_centre", "Call centre", "SI", "EUR", "sl", "eur", 0, 3600, 0, 0, everywhere, None, *account
    )
    # Who pays for what a marketplace sells pays the marketplace: it has no account of ours.
    yield DemoChannel(
        "marketplace", "marketplace", "Marketplace", "PL", "PLN", "pl", "marketplace-pln",
        2, 900, 1200, 150, warehouses, listed,
    )  # fmt: skip
    yield DemoChannel(
        "agent", "agent", "Shopping agents", "SI", "EUR", "en", "eur", 1, 600, 0, 0, everywhere, None, *account
    )
