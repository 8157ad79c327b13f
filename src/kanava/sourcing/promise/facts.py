"""What rules of routing ask of an order, worked out for carts that are asked about as placing does for orders."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kanava.platform.db import Connection
from kanava.pricing import service as pricing
from kanava.pricing.errors import PriceMissing, TaxRateMissing
from kanava.pricing.model import ApplicableList, CartLine, CartToPrice, PricePoint
from kanava.pricing.records import PriceInForce
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.promise.model import AskedAddress, AskedLine
from kanava.sourcing.promise.view import View
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import OrderFacts


async def facts_of(
    connection: Connection,
    view: View,
    channel: ChannelRules,
    address: AskedAddress,
    customer_group: str | None,
    carts: Sequence[Sequence[AskedLine]],
    now: datetime,
) -> list[OrderFacts]:
    """Give for each cart what placing would know of it; nothing is read where no rule goes by value or category."""
    router = view.config.router
    facts = OrderFacts(channel.code, address.country, address.region, address.postal_code, currency=channel.currency)
    if not (router.needs_value or router.needs_categories):
        return [facts] * len(carts)
    lists = pricing.lists_that_apply(view.config.price_lists, channel.price_list, customer_group, now)
    skus = list(dict.fromkeys([line.sku for lines in carts for line in lines]))
    rows = await pricing.prices_in_force(
        connection,
        [each.price_list_id for each in lists for _ in skus],
        skus * len(lists),
        now,
    )
    known = {(row.price_list_id, row.sku): row for row in rows}
    variant_ids = {row.sku: row.variant_id for row in rows}
    categories: dict[int, frozenset[str]] = {}
    if router.needs_categories:
        categories = await routing.categories_of(connection, sorted(set(variant_ids.values())))
    priced = _Priced(view, channel, address.country, lists, known, now)
    return [
        msgspec.structs.replace(
            facts,
            value_minor=priced.value_of(lines) if router.needs_value else 0,
            categories=frozenset[str]().union(
                *[categories.get(variant_ids.get(line.sku, 0), frozenset()) for line in lines]
            ),
        )
        for lines in carts
    ]


class _Priced:
    """Prices in force for whoever asks, with the taxes where the goods go."""

    def __init__(
        self,
        view: View,
        channel: ChannelRules,
        country: str,
        lists: Sequence[ApplicableList],
        known: dict[tuple[int, str], PriceInForce],
        now: datetime,
    ) -> None:
        self.taxes, self.channel, self.country = view.config.taxes, channel, country
        self.lists, self.known, self.today = lists, known, now.date()

    def value_of(self, lines: Sequence[AskedLine]) -> int:
        """Give what the customer pays for the goods; 0 where placing would refuse them for want of a price or rate."""
        price_list = self.channel.price_list
        try:
            priced = pricing.price_cart(
                CartToPrice(
                    price_list.currency,
                    price_list.tax_inclusive,
                    tuple([self._line(number, line) for number, line in enumerate(lines, 1)]),
                )
            )
        except (PriceMissing, TaxRateMissing):
            return 0
        return priced.total_minor

    def _line(self, number: int, line: AskedLine) -> CartLine:
        rows = [row for each in self.lists if (row := self.known.get((each.price_list_id, line.sku))) is not None]
        if not rows:
            return CartLine(number, line.sku, line.quantity, (), 0)
        points = pricing.merge_price_points(
            [tuple(map(PricePoint, row.quantities_from, row.amounts_minor)) for row in rows]
        )
        rate = pricing.tax_rate_in_force(self.taxes, self.country, rows[0].tax_category, self.today)
        return CartLine(number, line.sku, line.quantity, points, rate)
