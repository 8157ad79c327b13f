"""Pricing decisions: pure, integers only, standard library only (the offline till runs this file)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from kanava.pricing.errors import CurrencyMismatch, PriceMissing, QuantityOutOfRange, TaxRateMissing
from kanava.pricing.model import (
    QUANTITY_MAX,
    ApplicableList,
    CartLine,
    CartToPrice,
    PricedCart,
    PricedLine,
    PricePoint,
    TaxTable,
    TaxTotal,
)

BASIS_POINTS = 10_000


def divide_half_away(numerator: int, denominator: int) -> int:
    """Quotient of two integers, a half rounded away from zero; `denominator` is positive."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def unit_price(price_points: Iterable[PricePoint], quantity: int) -> int | None:
    """The price of one unit when `quantity` are bought together: that of the highest break reached, None without."""
    reached, amount = 0, None
    for point in price_points:
        if reached < point.quantity_from <= quantity:
            reached, amount = point.quantity_from, point.amount_minor
    return amount


def price_cart(request: CartToPrice) -> PricedCart:
    """Price every line of a cart.

    The rounding rule (ADR-0003), the only one in Kanava: money is integers in the minor unit of the currency; tax is
    computed once per line on the line's amount (unit price times quantity, less reductions) and rounded half away
    from zero; tax-inclusive lines keep their total and net is the rest, tax-exclusive lines keep their net and total
    is the sum; the cart's totals and the summary by rate are sums of lines and are never rounded again.

    Lines of one variant count together for quantity breaks. The result of a line does not depend on the order.
    Promotions will come in between the unit price and the tax, as `Reduction`s of lines.
    Raises `PriceMissing`, `QuantityOutOfRange`, `CurrencyMismatch`, each naming the line and the variant.
    """
    together = _quantity_by_variant(request.lines)
    inclusive, currency = request.tax_inclusive, request.currency
    lines: list[PricedLine] = []
    taxes: dict[int, list[int]] = {}
    net_sum = tax_sum = 0
    for line in request.lines:
        if line.currency is not None and line.currency != currency:
            raise CurrencyMismatch(
                f"{line.variant} is priced in {line.currency}, the cart is in {currency}.",
                field=f"lines[{len(lines)}].sku",
                variant=line.variant,
            )
        unit = unit_price(line.price_points, together[line.variant])
        if unit is None:
            raise PriceMissing(
                f"{line.variant} has no price in {currency} for {together[line.variant]} units.",
                field=f"lines[{len(lines)}].sku",
                variant=line.variant,
            )
        amount, rate = unit * line.quantity, line.tax_rate_basis_points
        if inclusive:
            tax = divide_half_away(amount * rate, BASIS_POINTS + rate)
            net = amount - tax
        else:
            tax = divide_half_away(amount * rate, BASIS_POINTS)
            net = amount
        lines.append(PricedLine(line.key, line.variant, line.quantity, unit, net, tax, net + tax, rate))
        net_sum += net
        tax_sum += tax
        of_rate = taxes.get(rate)
        if of_rate is None:
            taxes[rate] = [net, tax]
        else:
            of_rate[0] += net
            of_rate[1] += tax
    return PricedCart(
        currency,
        inclusive,
        tuple(lines),
        net_sum,
        tax_sum,
        net_sum + tax_sum,
        tuple([TaxTotal(rate, *taxes[rate]) for rate in sorted(taxes)]),
    )


def _quantity_by_variant(lines: Sequence[CartLine]) -> dict[int | str, int]:
    together: dict[int | str, int] = {}
    for position, line in enumerate(lines):
        quantity = line.quantity
        if not 1 <= quantity <= QUANTITY_MAX:
            raise QuantityOutOfRange(
                f"The quantity of {line.variant} is {quantity}; it must be 1 to {QUANTITY_MAX}.",
                field=f"lines[{position}].quantity",
                variant=line.variant,
            )
        together[line.variant] = together.get(line.variant, 0) + quantity
    return together


def lists_that_apply(
    lists: Iterable[ApplicableList], channel_list: ApplicableList, customer_group: str | None, now: datetime
) -> tuple[ApplicableList, ...]:
    """The price lists that a customer of a group buys from on a channel, the one that beats the others first.

    A group's list applies where the channel's currency and way of stating tax are its own. The channel's own list
    comes last.
    """
    of_group = [
        candidate
        for candidate in lists
        if customer_group is not None
        and candidate.customer_group == customer_group
        and candidate.currency == channel_list.currency
        and candidate.tax_inclusive == channel_list.tax_inclusive
        and candidate.price_list_id != channel_list.price_list_id
        and candidate.in_force(now)
    ]
    return (*of_group, channel_list)


def merge_price_points(by_list: Sequence[Sequence[PricePoint]]) -> tuple[PricePoint, ...]:
    """One variant's price points from several lists, the best list first.

    A list beats those behind it from its lowest break on; below that they still say the price.
    """
    merged: list[PricePoint] = []
    lowest: int | None = None
    for points in by_list:
        merged += [point for point in points if lowest is None or point.quantity_from < lowest]
        if merged:
            lowest = min(point.quantity_from for point in merged)
    return tuple(merged)


def tax_rate_in_force(table: TaxTable, country: str, tax_category: str, on: date) -> int:
    """The rate in basis points for goods of a category delivered to a country on a day.

    Raises `TaxRateMissing`: a rate is never guessed.
    """
    for valid_from, rate in table.rates.get((country, tax_category), ()):
        if valid_from <= on:
            return rate
    raise TaxRateMissing(
        f"No tax rate is in force in {country} for {tax_category!r} on {on}; set one with PUT /api/tax-rates.",
        field="country",
        country=country,
    )
