"""Resolving what a caller wrote: channel, places, currencies. Pure; the errors name the fields."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from kanava.orders.errors import OrderLinesInvalid, UnknownChannel
from kanava.orders.model import NewLine, PlaceOrder
from kanava.orders.placing.request import Placing
from kanava.platform.errors import FieldError, Forbidden, InvalidInput
from kanava.pricing.errors import CurrencyMismatch, TaxRateMissing
from kanava.pricing.model import ApplicableList, PricePoint
from kanava.pricing.records import PriceInForce
from kanava.pricing.service import lists_that_apply, merge_price_points, tax_rate_in_force
from kanava.sourcing.model import ChannelRules, RoutingConfig, Spot
from kanava.sourcing.serving import refusal

CHANNELS_THAT_PRICE = frozenset({"marketplace", "store", "call_centre"})
"""Kinds of channels whose orders may come with the price that was agreed there."""


class Prepared(msgspec.Struct):
    """A request with its codes resolved; `spots[i]` is the place of line i, None for shipping."""

    placing: Placing
    channel: ChannelRules
    spots: list[Spot | None]
    ship_country: str
    price_lists: tuple[ApplicableList, ...]


class LineOffer(msgspec.Struct, frozen=True):
    """What the catalogue says of one line: the variant, its tax category and its prices in force."""

    variant_id: int
    tax_category: str
    points: tuple[PricePoint, ...]
    weight_grams: int | None


class Sellable(msgspec.Struct):
    """What the catalogue says of the lines' skus, and the carriers of the points named: their countries."""

    prices: dict[tuple[int, str], PriceInForce]
    listed: set[tuple[int, int]]
    points: dict[tuple[int, str], str] = {}


def prepare(placing: Placing, config: RoutingConfig, now: datetime) -> Prepared:
    """Resolve channel, currency and places; raises what is wrong with the request itself."""
    order = placing.order
    channel = config.channels.get(order.channel)
    if channel is None or not channel.active:
        raise UnknownChannel(f"No active channel has the code {order.channel!r}.", field="channel")
    if order.currency is not None and order.currency != channel.currency:
        raise CurrencyMismatch(
            f"The channel {channel.code} sells in {channel.currency}, not in {order.currency}.", field="currency"
        )
    _check_payments(order, channel)
    spots, errors = _places(order, channel, config)
    ships = any(line.fulfilment.kind == "ship" for line in order.lines)
    if ships and order.ship_to is None and not errors:
        errors.append(FieldError("ship_to", "A shipped line needs an address with at least its country."))
    if errors:
        raise OrderLinesInvalid("; ".join(f"{e.field}: {e.reason}" for e in errors[:3]), errors=errors)
    for spot, line in zip(spots, order.lines, strict=True):
        reach = placing.actor.location_ids
        if line.fulfilment.kind == "carry_out" and spot and reach is not None and spot.location_id not in reach:
            raise Forbidden("Your role is bound to other locations.", field="lines.fulfilment.location")
    lists = lists_that_apply(config.price_lists, channel.price_list, order.customer.group, now)
    country = order.ship_to.country if order.ship_to else channel.country
    return Prepared(placing, channel, spots, country, lists)


def _check_payments(order: PlaceOrder, channel: ChannelRules) -> None:
    seen = set()
    for index, payment in enumerate(order.payments):
        if payment.currency is not None and payment.currency != channel.currency:
            raise CurrencyMismatch(
                f"The order is in {channel.currency}, the payment in {payment.currency}.",
                field=f"payments[{index}].currency",
            )
        if payment.captured_minor > payment.authorised_minor:
            raise InvalidInput("More is captured than authorised.", field=f"payments[{index}].captured_minor")
        if payment.payment_id in seen:
            raise InvalidInput("The payment id stands twice.", field=f"payments[{index}].payment_id")
        seen.add(payment.payment_id)


def _places(
    order: PlaceOrder, channel: ChannelRules, config: RoutingConfig
) -> tuple[list[Spot | None], list[FieldError]]:
    spots: list[Spot | None] = []
    errors: list[FieldError] = []
    for index, line in enumerate(order.lines):
        kind, code = line.fulfilment.kind, line.fulfilment.location
        spot = None if kind == "ship" else config.spots.get(config.location_ids.get(code or "", 0))
        reason = refusal(kind, code, spot, channel)
        if reason is not None:
            errors.append(FieldError(f"lines[{index}].fulfilment.location", reason))
        spots.append(spot)
    return spots, errors


def resolve_lines(prepared: Prepared, sellable: Sellable) -> list[LineOffer]:
    """Give what the catalogue says of each line; raises with every sku that is unknown or not for sale here."""
    found: list[LineOffer] = []
    errors = []
    channel = prepared.channel
    for index, line in enumerate(prepared.placing.order.lines):
        rows = [sellable.prices.get((each.price_list_id, line.sku)) for each in prepared.price_lists]
        row = rows[-1]
        if row is None:
            errors.append(FieldError(f"lines[{index}].sku", f"No variant has the sku {line.sku!r}."))
            continue
        if row.status != "active":
            errors.append(FieldError(f"lines[{index}].sku", f"{line.sku} is {row.status}, not for sale."))
        elif channel.assortment == "listed" and (row.variant_id, channel.channel_id) not in sellable.listed:
            errors.append(FieldError(f"lines[{index}].sku", f"{line.sku} is not listed on {channel.code}."))
        elif line.unit_price_minor is not None and channel.kind not in CHANNELS_THAT_PRICE:
            errors.append(FieldError(f"lines[{index}].unit_price_minor", f"{channel.code} does not set prices itself."))
        found.append(LineOffer(row.variant_id, row.tax_category, _points(line, rows), row.weight_grams))
    if errors:
        raise OrderLinesInvalid("; ".join(e.reason for e in errors[:3]), errors=errors)
    return found


def _points(line: NewLine, rows: Sequence[PriceInForce | None]) -> tuple[PricePoint, ...]:
    if line.unit_price_minor is not None:
        return (PricePoint(1, line.unit_price_minor),)
    by_list = [tuple(map(PricePoint, row.quantities_from, row.amounts_minor)) for row in rows if row is not None]
    return by_list[0] if len(by_list) == 1 else merge_price_points(by_list)


def tax_rate_of(prepared: Prepared, index: int, offer: LineOffer, config: RoutingConfig, today: date) -> int:
    """Give the VAT rate of a line: where the goods are handed over, or where they are shipped to."""
    spot = prepared.spots[index]
    country = spot.country if spot is not None else prepared.ship_country
    try:
        return tax_rate_in_force(config.taxes, country, offer.tax_category, today)
    except TaxRateMissing as error:
        field = "ship_to.country" if spot is None else f"lines[{index}].fulfilment.location"
        error.errors = (FieldError(field, error.detail),)
        raise
