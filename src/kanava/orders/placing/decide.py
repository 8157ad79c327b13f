"""Pricing and routing one order against the working stock of its group. Pure: no await, no clock, no random."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from kanava.inventory.errors import InsufficientStock
from kanava.orders.placing.prepare import LineOffer, Prepared, tax_rate_of
from kanava.platform.errors import FieldError
from kanava.pricing.model import CartLine, CartToPrice, PricedCart
from kanava.pricing.service import price_cart
from kanava.sourcing.model import Part, Place, RoutingConfig
from kanava.sourcing.planning import NEAREST_PLACES, Wanted


class Decided(msgspec.Struct, frozen=True):
    """An order that will be written: its prices, where each part comes from, and units out of ring-fences by part."""

    prepared: Prepared
    offers: list[LineOffer]
    priced: PricedCart
    parts: tuple[Part, ...]
    from_fence: Sequence[int]


def price(prepared: Prepared, offers: Sequence[LineOffer], config: RoutingConfig, today: date) -> PricedCart:
    """Price an order's lines; raises PriceMissing naming the line."""
    lines = []
    for index, (line, offer) in enumerate(zip(prepared.placing.order.lines, offers, strict=True)):
        rate = tax_rate_of(prepared, index, offer, config, today)
        lines.append(CartLine(index + 1, line.sku, line.quantity, offer.points, rate))
    price_list = prepared.channel.price_list
    return price_cart(CartToPrice(price_list.currency, price_list.tax_inclusive, tuple(lines)))


def wanted_of(prepared: Prepared, offers: Sequence[LineOffer]) -> list[Wanted]:
    """Give the units of an order's lines."""
    return [
        Wanted(
            index + 1,
            offer.variant_id,
            line.quantity,
            line.fulfilment.kind,
            None if spot is None else spot.location_id,
        )
        for index, (line, offer, spot) in enumerate(
            zip(prepared.placing.order.lines, offers, prepared.spots, strict=True)
        )
    ]


def places_looked_at(prepared: Prepared, config: RoutingConfig, wide: bool) -> tuple[Place, ...]:
    """Give the shipping places of an order: the cheapest few, or all of them."""
    if all(spot is not None for spot in prepared.spots):
        return ()
    places = config.places_to(prepared.channel, prepared.ship_country)
    return places if wide else places[:NEAREST_PLACES]


def shortage(prepared: Prepared, short: Mapping[int, int]) -> InsufficientStock:
    """Say which lines cannot be filled and how many units there are; `short` is line_no -> units."""
    errors = []
    lines = []
    for index, line in enumerate(prepared.placing.order.lines):
        there = short.get(index + 1)
        if there is not None:
            errors.append(FieldError(f"lines[{index}].quantity", f"{there} of {line.sku} can be had here."))
            lines.append({"line_no": index + 1, "sku": line.sku, "requested": line.quantity, "available": there})
    return InsufficientStock("; ".join(e.reason for e in errors[:3]), errors=errors, lines=lines)
