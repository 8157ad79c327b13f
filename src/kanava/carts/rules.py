"""What a cart shows: prices, problems and what can be had. Pure: no await, no clock, no random."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from kanava.carts.model import CartFulfilment, CartLine, CartProblem, StoredLine
from kanava.inventory.model import Key, Reservation
from kanava.platform.money import Money
from kanava.pricing.errors import TaxRateMissing
from kanava.pricing.model import CartLine as LineToPrice
from kanava.pricing.model import CartToPrice, PricedCart, PricedLine, PricePoint
from kanava.pricing.records import PriceInForce
from kanava.pricing.service import price_cart, tax_rate_in_force
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.serving import refusal


class Sight(msgspec.Struct, frozen=True):
    """What one look at a cart knows.

    `offers` is a row of each sku, `points` its prices in force. `units` is what the channel may take at
    (variant, location, whether the hand-over leaves the safety stock alone); `held` is what the cart itself holds at
    (variant, location).
    """

    config: RoutingConfig
    channel: ChannelRules
    country: str
    offers: Mapping[str, PriceInForce]
    points: Mapping[str, tuple[PricePoint, ...]]
    listed: frozenset[tuple[int, int]]
    units: Mapping[tuple[int, int, bool], int]
    held: Mapping[Key, int]
    on: date


def held_units(holds: Sequence[Reservation]) -> dict[Key, int]:
    """Add up what is held by level."""
    held: dict[Key, int] = {}
    for hold in holds:
        key = (hold.variant_id, hold.location_id)
        held[key] = held.get(key, 0) + hold.quantity
    return held


def price_lines(lines: Sequence[StoredLine], sight: Sight) -> tuple[PricedCart, dict[int, CartProblem]]:
    """Price the lines that can be sold, and say of the others why not."""
    together: dict[str, int] = {}
    for line in lines:
        together[line.sku] = together.get(line.sku, 0) + line.quantity
    problems: dict[int, CartProblem] = {}
    to_price = []
    for line in lines:
        row = sight.offers.get(line.sku)
        points = sight.points.get(line.sku, ())
        rate = _tax_rate(line, row, sight)
        problem = _not_sold(line, row, sight)
        if problem is None and not any(point.quantity_from <= together[line.sku] for point in points):
            problem = CartProblem("no_price", f"{line.sku} has no price on {sight.channel.code}.", blocks=True)
        if problem is None and rate is None:
            problem = CartProblem("no_price", f"There is no tax rate for {line.sku} where it goes.", blocks=True)
        if problem is not None or rate is None:
            problems[line.line_no] = problem or CartProblem("no_price", "", blocks=True)
        else:
            to_price.append(LineToPrice(line.line_no, line.sku, line.quantity, points, rate))
    return price_cart(
        CartToPrice(sight.channel.currency, sight.channel.price_list.tax_inclusive, tuple(to_price))
    ), problems


def _not_sold(line: StoredLine, row: PriceInForce | None, sight: Sight) -> CartProblem | None:
    channel = sight.channel
    detail = None
    if row is None:
        detail = f"No variant has the sku {line.sku!r}."
    elif row.status != "active":
        detail = f"{line.sku} is {row.status}, not for sale."
    elif channel.assortment == "listed" and (row.variant_id, channel.channel_id) not in sight.listed:
        detail = f"{line.sku} is not listed on {channel.code}."
    elif not channel.active:
        detail = f"{channel.code} is not active."
    return None if detail is None else CartProblem("not_sold_here", detail, blocks=True)


def _tax_rate(line: StoredLine, row: PriceInForce | None, sight: Sight) -> int | None:
    spot = sight.config.spots.get(line.location_id or 0)
    country = spot.country if spot is not None else sight.country
    try:
        return None if row is None else tax_rate_in_force(sight.config.taxes, country, row.tax_category, sight.on)
    except TaxRateMissing:
        return None


def available_to(line: StoredLine, sight: Sight) -> int:
    """Say how many units this cart can have for a line, its own holds among them."""
    leaves_safety = line.fulfilment_kind != "carry_out"
    if line.location_id is not None:
        location_ids = [line.location_id]
    else:
        location_ids = [place.location_id for place in sight.config.places_to(sight.channel, sight.country)]
    total = 0
    for location_id in location_ids:
        seen = sight.units.get((line.variant_id, location_id, leaves_safety), 0)
        total += max(0, seen + sight.held.get((line.variant_id, location_id), 0))
    return total


def show_lines(lines: Sequence[StoredLine], sight: Sight) -> tuple[PricedCart, list[CartLine]]:
    """Give the priced cart and its lines with all that is wrong with each."""
    priced, unsold = price_lines(lines, sight)
    money = {line.key: line for line in priced.lines}
    wanted: dict[tuple[int, int | None], int] = {}
    for line in lines:
        key = (line.variant_id, line.location_id)
        wanted[key] = wanted.get(key, 0) + line.quantity
    shown = []
    currency = sight.channel.currency
    for line in lines:
        problems = [unsold[line.line_no]] if line.line_no in unsold else []
        spot = sight.config.spots.get(line.location_id or 0)
        refused = refusal(line.fulfilment_kind, line.location, spot, sight.channel)
        available = 0
        if refused is not None:
            problems.append(CartProblem("place_refused", refused, blocks=True))
        elif not problems:
            available = available_to(line, sight)
            if available < wanted[line.variant_id, line.location_id]:
                detail = f"{available} of {line.sku} can be had here now."
                problems.append(CartProblem("insufficient_stock", detail, blocks=False))
        cost = money.get(line.line_no)
        shown.append(
            CartLine(
                line_no=line.line_no,
                sku=line.sku,
                quantity=line.quantity,
                fulfilment=CartFulfilment(line.fulfilment_kind, line.location),
                unit_price=None if cost is None else Money(cost.unit_price_minor, currency),
                net=None if cost is None else Money(cost.net_minor, currency),
                tax=None if cost is None else Money(cost.tax_minor, currency),
                total=None if cost is None else Money(cost.total_minor, currency),
                tax_rate_basis_points=None if cost is None else cost.tax_rate_basis_points,
                available=available,
                problems=problems,
                price_before=_price_before(line, cost, currency),
            )
        )
    return priced, shown


def _price_before(line: StoredLine, cost: PricedLine | None, currency: str) -> Money | None:
    seen = line.seen_price_minor
    return None if seen is None or cost is None or seen == cost.unit_price_minor else Money(seen, currency)


def is_over(expires_at: datetime | None, now: datetime) -> bool:
    """Say whether a hold has ended."""
    return expires_at is not None and expires_at <= now
