"""Stock of the demo retailer: which shop carries what, how much of each size, what is kept back, what is on its way."""

from collections.abc import Iterator, Sequence
from random import Random

from kanava.demo.model import (
    DemoLocation,
    DemoProduct,
    DemoRingFence,
    DemoStock,
    DemoThreshold,
    DemoTransfer,
    DemoVariant,
)

STORE_QUANTITY_MAX = 12
# size of the shop: (part of the range it carries, pieces of a middling variant).
_SHOPS = {"S": (0.20, 1.6), "M": (0.30, 2.3), "L": (0.46, 3.4)}
_WAREHOUSE_PIECES = 55
_NEVER_IN_WAREHOUSE = 0.06


def size_curve(variant: DemoVariant) -> float:
    """Say how well a size sells: the middle ones most, the outer ones about a third of that."""
    if variant.size_count < 3:
        return 1.0 if variant.size_index == 0 else 0.8
    middle = (variant.size_count - 1) / 2
    return 1.25 - 0.85 * abs(variant.size_index - middle) / middle


def popularity(seed: int, product: DemoProduct) -> float:
    """Say how well a product sells, around 1: a few do four times as well, many half."""
    return min(4.0, 0.35 + Random(f"{seed}:popular:{product.handle}").expovariate(1.5))


def stock(seed: int, locations: Sequence[DemoLocation], products: Sequence[DemoProduct]) -> Iterator[DemoStock]:
    """Give what was received where; a variant that a place carries but has none of just now is not there."""
    active = [(product, popularity(seed, product)) for product in products if product.status == "active"]
    for place in locations:
        rng = Random(f"{seed}:stock:{place.code}")
        if place.kind == "warehouse":
            yield from _warehouse(place, active, rng)
        else:
            yield from _shop(place, active, rng)


def _shop(place: DemoLocation, active: Sequence[tuple[DemoProduct, float]], rng: Random) -> Iterator[DemoStock]:
    part, pieces = _SHOPS[place.size]
    for product, popular in active:
        if rng.random() > part * (0.6 + 0.4 * popular):
            continue
        keeps_one = rng.random() < 0.2
        for variant in product.variants:
            mean = pieces * popular * size_curve(variant)
            quantity = min(STORE_QUANTITY_MAX, int(rng.expovariate(1.0) * mean + rng.random()))
            if quantity:
                yield DemoStock(variant.sku, place.code, quantity, 1 if keeps_one and quantity > 2 else 0)


def _warehouse(place: DemoLocation, active: Sequence[tuple[DemoProduct, float]], rng: Random) -> Iterator[DemoStock]:
    for product, popular in active:
        for variant in product.variants:
            if rng.random() < _NEVER_IN_WAREHOUSE:
                continue
            mean = _WAREHOUSE_PIECES * popular * size_curve(variant)
            quantity = int(mean * rng.uniform(0.4, 1.6)) + rng.randrange(8)
            if quantity:
                yield DemoStock(variant.sku, place.code, quantity, 5 if popular > 2 and quantity > 40 else 0)


def ring_fences(seed: int, stocked: Sequence[DemoStock]) -> tuple[DemoRingFence, ...]:
    """Keep some units in the Slovenian warehouse for the app (a launch) and in the Polish one for the marketplace."""
    rng = Random(f"{seed}:fences")
    kept = {"WH-SI": ("app-si", 12), "WH-PL": ("marketplace", 20)}
    plenty = [row for row in stocked if row.location in kept and row.quantity >= 80]
    return tuple(
        DemoRingFence(row.sku, row.location, *kept[row.location]) for row in sorted(rng.sample(plenty, 12), key=_key)
    )


def thresholds(seed: int, products: Sequence[DemoProduct]) -> tuple[DemoThreshold, ...]:
    """Let the marketplace see bulky goods only while there are at least six: a late cancellation costs rank there."""
    rng = Random(f"{seed}:thresholds")
    bulky = [product for product in products if product.type in ("tent", "rug", "table-lamp")]
    chosen = rng.sample(bulky, 8)
    return tuple(DemoThreshold(product.variants[0].sku, "marketplace", 5) for product in chosen)


def transfers(seed: int, locations: Sequence[DemoLocation], stocked: Sequence[DemoStock]) -> tuple[DemoTransfer, ...]:
    """Give six transfers in transit, from a warehouse to shops that it supplies."""
    rng = Random(f"{seed}:transfers")
    source = {"SI": "WH-SI", "HR": "WH-SI", "PL": "WH-PL", "HU": "WH-PL"}
    available = {
        code: [row for row in stocked if row.location == code and row.quantity >= 40] for code in ("WH-SI", "WH-PL")
    }
    shops = rng.sample([place for place in locations if place.kind == "store"], 6)
    found = []
    for place in shops:
        rows = sorted(rng.sample(available[source[place.country]], rng.randint(5, 12)), key=_key)
        lines = tuple((row.sku, rng.randint(2, 6)) for row in rows)
        found.append(DemoTransfer(source[place.country], place.code, rng.randint(1, 4), lines))
    return tuple(found)


def _key(row: DemoStock) -> tuple[str, str]:
    return row.location, row.sku
