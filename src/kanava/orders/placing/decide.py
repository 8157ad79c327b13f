"""Pricing and routing one order against the working stock of its group. Pure: no await, no clock, no random."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from kanava.carriers.snapshot import Carriers
from kanava.inventory.errors import InsufficientStock
from kanava.orders.errors import DeliveryNotOffered, PromiseNotPossible, TotalChanged
from kanava.orders.model import ChosenDelivery
from kanava.orders.placing.prepare import CHANNELS_THAT_PRICE, LineOffer, Prepared, tax_rate_of
from kanava.platform.errors import FieldError
from kanava.pricing.model import CartLine, CartToPrice, PricedCart, PricedLine, PricePoint
from kanava.pricing.service import price_cart
from kanava.sourcing.awaiting import AwaitedPart
from kanava.sourcing.model import Part, Place, RoutingConfig
from kanava.sourcing.planning import NEAREST_PLACES, Wanted
from kanava.sourcing.promise.model import PROMISE_DAYS_MAX, PlannedPart, Promise, ShipTo, Terms
from kanava.sourcing.promise.rules import promise_of
from kanava.sourcing.routing.costing import OrderFacts
from kanava.sourcing.routing.decisions import Decision


class Decided(msgspec.Struct, frozen=True):
    """An order that will be written: its prices, where each part comes from, and units out of ring-fences by part.

    `awaited`: lines that wait for what is on its way.
    """

    prepared: Prepared
    offers: list[LineOffer]
    priced: PricedCart
    parts: tuple[Part, ...]
    from_fence: Sequence[int]
    promises: list[Promise]
    delivery: PricedLine | None = None
    """What the customer pays for the delivery that she chose."""
    decision: Decision | None = None
    awaited: tuple[AwaitedPart, ...] = ()

    @property
    def totals(self) -> tuple[int, int, int]:
        """Give net, tax and total of the lines and the delivery."""
        priced, delivery = self.priced, self.delivery
        if delivery is None:
            return priced.net_minor, priced.tax_minor, priced.total_minor
        return (
            priced.net_minor + delivery.net_minor,
            priced.tax_minor + delivery.tax_minor,
            priced.total_minor + delivery.total_minor,
        )


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


def places_looked_at(prepared: Prepared, config: RoutingConfig) -> Sequence[Place]:
    """Give the cheapest few of the places that may ship an order; none when nothing is shipped."""
    if all(spot is not None for spot in prepared.spots):
        return ()
    facts = facts_of(prepared, 0, frozenset())
    return config.router.places_for(prepared.channel.thresholds, facts).ordered[:NEAREST_PLACES]


def facts_of(prepared: Prepared, value_minor: int, categories: frozenset[str]) -> OrderFacts:
    """Give what the rules of routing ask of an order."""
    address, channel = prepared.placing.order.ship_to, prepared.channel
    region, postal_code = (address.region, address.postal_code) if address is not None else ("", "")
    return OrderFacts(
        channel.code, prepared.ship_country, region, postal_code, value_minor, categories, channel.currency
    )


def promise(
    prepared: Prepared,
    offers: Sequence[LineOffer],
    parts: Sequence[Part | AwaitedPart],
    terms: Terms,
    now: datetime,
) -> list[Promise]:
    """Give what the customer is promised of the parts that her order takes."""
    lines = prepared.placing.order.lines
    planned = [
        PlannedPart(
            part.line_no,
            part.variant_id,
            part.location_id,
            part.quantity,
            lines[part.line_no - 1].fulfilment.kind,
            offers[part.line_no - 1].weight_grams,
        )
        for part in parts
    ]
    address, chosen = prepared.placing.order.ship_to, prepared.placing.order.delivery
    to = None if address is None else ShipTo(address.country, address.postal_code, prepared.channel.currency)
    service = None if chosen is None else chosen.carrier_service
    waits: dict[int, date] = {}
    for part in parts:
        if isinstance(part, AwaitedPart):
            waits[part.location_id] = max(waits.get(part.location_id, part.expected_on), part.expected_on)
    return promise_of(planned, to, service, terms, terms.config.router.waiting, now, waits)


def refuse_unready(prepared: Prepared, promises: Sequence[Promise], terms: Terms) -> None:
    """Raise PromiseNotPossible where nobody can say when goods are ready that the customer wants to fetch.

    What was sold elsewhere already is taken all the same: a marketplace's orders, and those that come with a reference.
    """
    order = prepared.placing.order
    if prepared.channel.kind == "marketplace" or order.external_reference is not None:
        return
    errors = []
    for promise in promises:
        if promise.kind == "ship" or promise.promised_by is not None or promise.location is None:
            continue
        place = terms.places[terms.config.location_ids[promise.location]]
        closed = f"{place.code} is closed for the next {PROMISE_DAYS_MAX} days."
        reason = closed if place.pick_capacity_per_hour > 0 else f"{place.code} has nobody who picks orders at present."
        errors += [FieldError(f"lines[{line_no - 1}].fulfilment.location", reason) for line_no in promise.line_nos]
    if errors:
        raise PromiseNotPossible(_sentences(errors), errors=errors)


def _sentences(errors: Iterable[FieldError]) -> str:
    """Put reasons together, each once however many lines it is about."""
    return "; ".join(list(dict.fromkeys([error.reason for error in errors]))[:3])


def delivery_charge(
    prepared: Prepared,
    priced: PricedCart,
    promises: Sequence[Promise],
    carriers: Carriers,
    points: Mapping[tuple[int, str], str],
) -> PricedLine | None:
    """Price the delivery that the customer chose; DeliveryNotOffered when its service cannot bring the goods.

    `points`: the countries of the pickup points that are named, by carrier and code. The VAT rate is that of the
    dearest shipped line: a delivery is taxed as the goods that it brings.
    """
    order, channel = prepared.placing.order, prepared.channel
    chosen = order.delivery
    if chosen is None:
        return None
    offered = next((each for each in promises if each.kind == "ship"), None)
    if offered is None:
        raise DeliveryNotOffered("Nothing in this order is shipped.", field="delivery")
    if offered.carrier_service != chosen.carrier_service or offered.price_minor is None:
        raise DeliveryNotOffered(
            f"{chosen.carrier_service} does not bring these goods to this address.", field="delivery.carrier_service"
        )
    _check_point(chosen, prepared.ship_country, carriers, points)
    minor = offered.price_minor
    if chosen.price_minor is not None:
        if channel.kind not in CHANNELS_THAT_PRICE:
            raise DeliveryNotOffered(f"{channel.code} does not set prices itself.", field="delivery.price_minor")
        minor = chosen.price_minor
    shipped = [money for line, money in zip(order.lines, priced.lines, strict=True) if line.fulfilment.kind == "ship"]
    rate = max(shipped, key=lambda money: money.total_minor).tax_rate_basis_points
    return price_delivery(minor, rate, priced.currency, tax_inclusive=priced.tax_inclusive)


def price_delivery(price_minor: int, rate_basis_points: int, currency: str, *, tax_inclusive: bool) -> PricedLine:
    """Give what a delivery of this price costs with its VAT."""
    line = CartLine("delivery", "delivery", 1, (PricePoint(1, price_minor),), rate_basis_points)
    return price_cart(CartToPrice(currency, tax_inclusive, (line,))).lines[0]


def refuse_other_total(prepared: Prepared, priced: PricedCart, delivery: PricedLine | None) -> None:
    """Raise TotalChanged when the order would cost something else than its customer was shown."""
    expected = prepared.placing.order.expected_total_minor
    total = priced.total_minor + (delivery.total_minor if delivery is not None else 0)
    if expected is not None and expected != total:
        raise TotalChanged(
            "Prices have changed since the total was shown.",
            field="expected_total_minor",
            total={"amount_minor": total, "currency": priced.currency},
        )


def points_named(orders: Iterable[Prepared], carriers: Carriers) -> set[tuple[int, str]]:
    """Give the pickup points that orders name, by carrier and code, of services that are in force."""
    chosen = [order.placing.order.delivery for order in orders]
    return {
        (carriers.services[carriers.ids[each.carrier_service]].carrier_id, each.pickup_point)
        for each in chosen
        if each is not None and each.pickup_point is not None and each.carrier_service in carriers.ids
    }


def _check_point(
    chosen: ChosenDelivery, country: str, carriers: Carriers, points: Mapping[tuple[int, str], str]
) -> None:
    """Raise DeliveryNotOffered unless a point is named where one is needed, and the carrier brings goods there."""
    service, point = carriers.services[carriers.ids[chosen.carrier_service]], chosen.pickup_point
    there = points.get((service.carrier_id, point)) if point is not None else None
    if service.kind != "pickup_point" and point is not None:
        told = f"{service.code} does not bring goods to pickup points."
    elif service.kind == "pickup_point" and point is None:
        told = f"{service.code} brings goods to a pickup point: name it."
    elif point is not None and there is None:
        told = f"{service.carrier} has no pickup point {point!r} that is open."
    elif point is not None and there != country:
        told = f"The pickup point {point} is in {there}, the address in {country}."
    else:
        return
    raise DeliveryNotOffered(told, field="delivery.pickup_point")


def shortage(prepared: Prepared, short: Mapping[int, int]) -> InsufficientStock:
    """Say which lines cannot be filled and how many units there are; `short` is line_no -> units."""
    errors = []
    lines = []
    for index, line in enumerate(prepared.placing.order.lines):
        there = short.get(index + 1)
        if there is not None:
            errors.append(FieldError(f"lines[{index}].quantity", f"{there} of {line.sku} can be had here."))
            lines.append({"line_no": index + 1, "sku": line.sku, "requested": line.quantity, "available": there})
    return InsufficientStock(_sentences(errors), errors=errors, lines=lines)
