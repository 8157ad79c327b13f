"""What variants of a product cost on a market, as the cart will price them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.platform.db import Connection
from kanava.platform.money import Money
from kanava.pricing import service as pricing
from kanava.pricing.errors import PriceMissing, TaxRateMissing
from kanava.pricing.model import CartLine, CartToPrice, PricePoint
from kanava.sourcing.model import RoutingConfig


class VariantPrice(msgspec.Struct, frozen=True):
    """The price of one unit with its tax; `breaks`: from so many units on each costs so much."""

    price: Money
    tax: Money
    tax_inclusive: bool
    tax_rate_basis_points: int
    breaks: list[tuple[int, Money]]

    @property
    def total(self) -> Money:
        """What one pays for one unit, tax included."""
        return (
            self.price
            if self.tax_inclusive
            else Money(self.price.amount_minor + self.tax.amount_minor, self.price.currency)
        )


async def prices_of(
    connection: Connection, config: RoutingConfig, channel_code: str, skus: Sequence[str], now: datetime
) -> Mapping[str, VariantPrice]:
    """Price one unit of each; a sku without a price there, or that is not on sale, is missing. One statement."""
    channel = config.channels.get(channel_code)
    if channel is None or not skus:
        return {}
    lists = pricing.lists_that_apply(config.price_lists, channel.price_list, None, now)
    ids = [each.price_list_id for each in lists for _ in skus]
    points: dict[str, dict[int, list[PricePoint]]] = {}
    categories: dict[str, str] = {}
    for row in await pricing.prices_in_force(connection, ids, list(skus) * len(lists), now):
        if row.status != "active":
            continue
        categories[row.sku] = row.tax_category
        of_list = [PricePoint(*point) for point in zip(row.quantities_from, row.amounts_minor, strict=True)]
        points.setdefault(row.sku, {})[row.price_list_id] = of_list
    found = {}
    for sku, by_list in points.items():
        merged = pricing.merge_price_points([by_list[each.price_list_id] for each in lists])
        try:
            rate = pricing.tax_rate_in_force(config.taxes, channel.country, categories[sku], now.date())
            line = CartLine(0, sku, 1, merged, rate)
            priced = pricing.price_cart(CartToPrice(channel.currency, channel.price_list.tax_inclusive, (line,)))
        except (PriceMissing, TaxRateMissing):
            continue
        breaks = [
            (point.quantity_from, Money(point.amount_minor, channel.currency))
            for point in sorted(merged, key=lambda each: each.quantity_from)
            if point.quantity_from > 1
        ]
        found[sku] = VariantPrice(
            Money(priced.lines[0].unit_price_minor, channel.currency),
            Money(priced.tax_minor, channel.currency),
            channel.price_list.tax_inclusive,
            rate,
            breaks,
        )
    return found
