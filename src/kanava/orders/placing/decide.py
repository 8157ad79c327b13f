"""Pricing and routing one order against the working stock of its group. Pure: no await, no clock, no random."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from kanava.inventory.errors import InsufficientStock
from kanava.orders.placing.prepare import NEAREST_PLACES, LineOffer, Prepared, tax_rate_of
from kanava.platform.errors import FieldError
from kanava.pricing.model import CartLine, CartToPrice, PricedCart
from kanava.pricing.service import price_cart
from kanava.sourcing.model import Need, Part, Place, Plan, RoutingConfig
from kanava.sourcing.service import plan_order
from kanava.sourcing.stock import WorkingStock


class Decided(msgspec.Struct, frozen=True):
    """An order that will be written: its prices, where each part comes from, and units out of ring-fences by part."""

    prepared: Prepared
    offers: list[LineOffer]
    priced: PricedCart
    parts: tuple[Part, ...]
    from_fence: tuple[int, ...]


def price(prepared: Prepared, offers: Sequence[LineOffer], config: RoutingConfig, today: date) -> PricedCart:
    """Price an order's lines; raises PriceMissing naming the line."""
    lines = []
    for index, (line, offer) in enumerate(zip(prepared.placing.order.lines, offers, strict=True)):
        rate = tax_rate_of(prepared, index, offer, config, today)
        lines.append(CartLine(index + 1, line.sku, line.quantity, offer.points, rate))
    price_list = prepared.channel.price_list
    return price_cart(CartToPrice(price_list.currency, price_list.tax_inclusive, tuple(lines)))


def places_looked_at(prepared: Prepared, config: RoutingConfig, wide: bool) -> tuple[Place, ...]:
    """Give the shipping places of an order: the cheapest few, or all of them."""
    if all(spot is not None for spot in prepared.spots):
        return ()
    places = config.places_to(prepared.channel, prepared.ship_country)
    return places if wide else places[:NEAREST_PLACES]


def plan(prepared: Prepared, offers: Sequence[LineOffer], stock: WorkingStock, places: Sequence[Place]) -> Plan:
    """Decide where an order's units come from; nothing is taken yet."""
    channel = prepared.channel
    needs: list[Need] = []
    units: dict[tuple[int, int], int] = {}
    for index, (line, offer, spot) in enumerate(zip(prepared.placing.order.lines, offers, prepared.spots, strict=True)):
        location_id = spot.location_id if spot is not None else None
        needs.append(Need(index + 1, offer.variant_id, line.quantity, location_id))
        leaves_safety = line.fulfilment.kind != "carry_out"
        location_ids = [location_id] if location_id is not None else [place.location_id for place in places]
        for there in location_ids:
            key = (offer.variant_id, there)
            threshold = stock.threshold(key, channel.channel_id, channel.thresholds[there])
            seen = stock.available(key, channel.channel_id, threshold, leaves_safety)
            units[key] = min(units[key], seen) if key in units else seen
    return plan_order(needs, places, units)


def take(prepared: Prepared, chosen: Plan, stock: WorkingStock) -> tuple[int, ...]:
    """Take the units of a plan out of the working stock; gives the units out of ring-fences, part by part."""
    channel = prepared.channel
    lines = prepared.placing.order.lines
    used = []
    for part in chosen.parts:
        key = (part.variant_id, part.location_id)
        threshold = stock.threshold(key, channel.channel_id, channel.thresholds[part.location_id])
        sold = lines[part.line_no - 1].fulfilment.kind == "carry_out"
        used.append(stock.take(key, channel.channel_id, part.quantity, threshold, sold=sold))
    return tuple(used)


def shortage(prepared: Prepared, offers: Sequence[LineOffer], short: Mapping[int, int]) -> InsufficientStock:
    """Say which lines cannot be filled and how many units there are."""
    errors = []
    lines = []
    for index, (line, offer) in enumerate(zip(prepared.placing.order.lines, offers, strict=True)):
        if offer.variant_id in short:
            there = max(0, short[offer.variant_id])
            errors.append(FieldError(f"lines[{index}].quantity", f"{there} of {line.sku} can be had here."))
            lines.append({"line_no": index + 1, "sku": line.sku, "requested": line.quantity, "available": there})
    return InsufficientStock("; ".join(e.reason for e in errors[:3]), errors=errors, lines=lines)
