"""Price lists of the demo retailer in EUR, PLN and HUF, tax-inclusive, with the endings that shops there use."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from kanava.demo.channels import on_marketplace
from kanava.demo.model import DemoPrice, DemoPriceList, DemoProduct
from kanava.demo.products import size_factor
from kanava.demo.words import product_types

CLUB = "club"
CURRENCIES = ("EUR", "PLN", "HUF")
_PLN_PER_EUR = 4.35
_HUF_PER_EUR = 392
BREAKS = ((6, 0.92), (12, 0.85))
"""From so many units on, this part of the price."""


def price_lists(seed: int, products: Sequence[DemoProduct]) -> tuple[DemoPriceList, ...]:
    """Give a shelf list and a club list per currency, and one for the marketplace in Poland, which is dearer."""
    rng = Random(f"{seed}:prices")
    sold = [product for product in products if product.status != "draft"]
    club = {product.handle: rng.choice((0.85, 0.88, 0.9, 0.92)) for product in sold if rng.random() < 0.35}
    found = [
        DemoPriceList(currency.lower(), f"Shelf prices {currency}", currency, None, tuple(_prices(sold, currency)))
        for currency in CURRENCIES
    ]
    for currency in CURRENCIES:
        members = [product for product in sold if product.handle in club]
        prices = tuple(_prices(members, currency, club, breaks=False))
        found.append(DemoPriceList(f"{CLUB}-{currency.lower()}", f"Club prices {currency}", currency, CLUB, prices))
    listed = on_marketplace(seed, products)
    dearer = dict.fromkeys((product.handle for product in listed), 1.08)
    prices = tuple(_prices(listed, "PLN", dearer, breaks=False))
    found.append(DemoPriceList("marketplace-pln", "Marketplace prices PLN", "PLN", None, prices))
    return tuple(found)


def _prices(
    products: Iterable[DemoProduct], currency: str, factors: dict[str, float] | None = None, *, breaks: bool = True
) -> Iterator[DemoPrice]:
    sizes = {kind.code: kind.sizes for kind in product_types()}
    for product in products:
        base = product.price_eur_minor * (factors[product.handle] if factors else 1.0)
        for variant in product.variants:
            euro_minor = base * size_factor(sizes[product.type], variant.size_index)
            amount = shelf_price(euro_minor, currency)
            yield DemoPrice(variant.sku, 1, amount)
            if breaks and product.breaks:
                for quantity_from, part in BREAKS:
                    yield DemoPrice(variant.sku, quantity_from, shelf_price(euro_minor * part, currency))


def shelf_price(euro_minor: float, currency: str) -> int:
    """Give a price as a shop would print it, in minor units: 37,99 €, 164,99 zł, 14 990 Ft (= 1499000)."""
    if currency == "HUF":
        forints = euro_minor * _HUF_PER_EUR / 100
        step = 100 if forints < 3_000 else 500 if forints < 10_000 else 1_000
        return (max(step, round(forints / step) * step) - 10) * 100
    if currency == "PLN":
        return max(1, round(euro_minor * _PLN_PER_EUR / 100)) * 100 - 1
    cents = round(euro_minor)
    if cents >= 1_000:
        return round((cents + 1) / 100) * 100 - 1
    return max(49, round((cents + 1) / 50) * 50 - 1)
