"""What a cart would cost on a channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kanava.channels import store
from kanava.channels.errors import NotSoldOnChannel
from kanava.channels.model import ChannelRow, Quote, QuotedLine, QuotedTax, QuoteRequest
from kanava.channels.service.assortment import listed_pairs
from kanava.platform.countries import check_country
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput
from kanava.platform.money import Money
from kanava.pricing import service as pricing
from kanava.pricing.model import ApplicableList, CartLine, CartToPrice, PricedCart, PricePoint
from kanava.pricing.records import PriceInForce


async def quote_prices(tx: Connection, request: QuoteRequest, now: datetime) -> Quote:
    """Price a cart for a customer group, a destination country and an instant; nothing is written.

    Raises NotSoldOnChannel (every wrong line at once), PriceMissing, QuantityOutOfRange, TaxRateMissing.
    """
    channel = await store.CHANNEL.one_or_none(tx, code=request.channel)
    if channel is None:
        raise InvalidInput(f"There is no channel {request.channel!r}.", field="channel")
    country = channel.country if request.country is None else check_country(request.country)
    at = now if request.at is None else request.at
    lists = await _lists(tx, channel, request.customer_group, at)
    skus = list(dict.fromkeys(line.sku for line in request.lines))
    rows = await pricing.prices_in_force(
        tx, [one.price_list_id for one in lists for _ in skus], [sku for _ in lists for sku in skus], at
    )
    of_sku: dict[str, dict[int, PriceInForce]] = {}
    for row in rows:
        of_sku.setdefault(row.sku, {})[row.price_list_id] = row
    await _check_sold(tx, channel, [line.sku for line in request.lines], of_sku)
    table = await pricing.tax_table(tx)
    lines = []
    for position, line in enumerate(request.lines):
        by_list = of_sku[line.sku]
        points = [
            [PricePoint(*point) for point in zip(row.quantities_from, row.amounts_minor, strict=True)]
            for row in (by_list[one.price_list_id] for one in lists)
        ]
        category = next(iter(by_list.values())).tax_category
        rate = pricing.tax_rate_in_force(table, country, category, at.date())
        lines.append(CartLine(position, line.sku, line.quantity, pricing.merge_price_points(points), rate))
    priced = pricing.price_cart(CartToPrice(channel.currency, lists[-1].tax_inclusive, tuple(lines)))
    return _quote(priced, channel.code, country, at)


async def _lists(
    tx: Connection, channel: ChannelRow, customer_group: str | None, at: datetime
) -> tuple[ApplicableList, ...]:
    lists = await pricing.all_price_lists(tx)
    of_channel = next(one for one in lists if one.price_list_id == channel.price_list_id)
    return pricing.lists_that_apply(lists, of_channel, customer_group, at)


async def _check_sold(
    tx: Connection, channel: ChannelRow, skus: Sequence[str], of_sku: Mapping[str, Mapping[int, PriceInForce]]
) -> None:
    variants = {sku: next(iter(rows.values())) for sku, rows in of_sku.items()}
    listed = None
    if channel.assortment == "listed":
        listed = await listed_pairs(tx, [row.variant_id for row in variants.values()])
    errors = []
    for position, sku in enumerate(skus):
        row = variants.get(sku)
        if row is None:
            reason = f"There is no variant {sku!r}."
        elif row.status != "active":
            reason = f"{sku} is {row.status}."
        elif listed is not None and (row.variant_id, channel.channel_id) not in listed:
            reason = f"{sku} is not listed on {channel.code}."
        else:
            continue
        errors.append(FieldError(f"lines[{position}].sku", reason))
    if errors:
        raise NotSoldOnChannel(f"{errors[0].field}: {errors[0].reason}", errors=errors)


def _quote(priced: PricedCart, channel: str, country: str, at: datetime) -> Quote:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, priced.currency)

    return Quote(
        channel=channel,
        country=country,
        currency=priced.currency,
        tax_inclusive=priced.tax_inclusive,
        at=at,
        lines=[
            QuotedLine(
                sku=str(line.variant),
                quantity=line.quantity,
                unit_price=money(line.unit_price_minor),
                net=money(line.net_minor),
                tax=money(line.tax_minor),
                total=money(line.total_minor),
                tax_rate_basis_points=line.tax_rate_basis_points,
            )
            for line in priced.lines
        ],
        net=money(priced.net_minor),
        tax=money(priced.tax_minor),
        total=money(priced.total_minor),
        taxes=[QuotedTax(t.tax_rate_basis_points, money(t.net_minor), money(t.tax_minor)) for t in priced.taxes],
    )
