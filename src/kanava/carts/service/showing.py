"""Showing a cart: its prices now, what can be had now, what is held."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kanava.carts import rules, store
from kanava.carts.errors import CartNotFound
from kanava.carts.model import Cart, CartHold, StoredCart, StoredLine
from kanava.channels import service as channels
from kanava.inventory import service as inventory
from kanava.inventory.model import Reservation
from kanava.inventory.service.portions import holds_of_cart
from kanava.platform.db import Connection
from kanava.platform.money import Money
from kanava.pricing import service as pricing
from kanava.pricing.model import PricePoint
from kanava.pricing.records import PriceInForce
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.stock import WorkingStock


async def get_cart(connection: Connection, cart_id: UUID, config: RoutingConfig, now: datetime) -> Cart:
    """Give a cart with its prices and what can be had; CartNotFound."""
    row = await stored_cart(connection, cart_id)
    lines = await store.LINES.all(connection, cart_id=cart_id)
    holds = await holds_of_cart(connection, cart_id)
    sight = await look(connection, row, lines, holds, config, now)
    priced, shown = rules.show_lines(lines, sight)
    currency = sight.channel.currency
    skus = {line.variant_id: line.sku for line in lines}
    return Cart(
        cart_id=row.cart_id,
        channel=row.channel,
        currency=currency,
        tax_inclusive=sight.channel.price_list.tax_inclusive,
        customer_email=row.customer_email,
        customer_group=row.customer_group,
        ship_country=row.ship_country,
        order_id=row.order_id,
        placeable=bool(lines) and row.order_id is None and not any(p.blocks for line in shown for p in line.problems),
        net=Money(priced.net_minor, currency),
        tax=Money(priced.tax_minor, currency),
        total=Money(priced.total_minor, currency),
        version=row.version,
        lines=shown,
        holds=[
            CartHold(
                hold.line_no or 0,
                skus.get(hold.variant_id, ""),
                config.location_codes[hold.location_id],
                hold.quantity,
                hold.expires_at or now,
                rules.is_over(hold.expires_at, now),
            )
            for hold in holds
        ],
    )


async def stored_cart(connection: Connection, cart_id: UUID) -> StoredCart:
    """Give a cart's row; CartNotFound."""
    row = await store.CART.one_or_none(connection, cart_id=cart_id)
    if row is None:
        raise CartNotFound(f"No cart has the id {cart_id}.", field="cart_id")
    return row


async def look(
    connection: Connection,
    row: StoredCart,
    lines: Sequence[StoredLine],
    holds: Sequence[Reservation],
    config: RoutingConfig,
    now: datetime,
) -> rules.Sight:
    """Read everything that prices and problems of a cart depend on."""
    channel = config.channels[row.channel]
    country = row.ship_country or channel.country
    lists = pricing.lists_that_apply(config.price_lists, channel.price_list, row.customer_group, now)
    list_ids = [each.price_list_id for each in lists]
    skus = sorted({line.sku for line in lines})
    pairs = [(price_list_id, sku) for price_list_id in list_ids for sku in skus]
    found: list[PriceInForce] = []
    if pairs:
        found = await pricing.prices_in_force(connection, [p[0] for p in pairs], [p[1] for p in pairs], now)
    by_list = {(price.price_list_id, price.sku): price for price in found}
    listed: set[tuple[int, int]] = set()
    if channel.assortment == "listed" and lines:
        listed = await channels.listed_pairs(connection, list({line.variant_id for line in lines}))
    return rules.Sight(
        config=config,
        channel=channel,
        country=country,
        offers={price.sku: price for price in found},
        points={sku: _points([by_list.get((list_id, sku)) for list_id in list_ids]) for sku in skus},
        listed=frozenset(listed),
        units=await _units(connection, lines, holds, channel),
        held=rules.held_units(holds),
        on=now.date(),
    )


def _points(rows: Sequence[PriceInForce | None]) -> tuple[PricePoint, ...]:
    by_list = [tuple(map(PricePoint, row.quantities_from, row.amounts_minor)) for row in rows if row is not None]
    return pricing.merge_price_points(by_list)


async def _units(
    connection: Connection, lines: Sequence[StoredLine], holds: Sequence[Reservation], channel: ChannelRules
) -> dict[tuple[int, int, bool], int]:
    if not lines:
        return {}
    stock = WorkingStock()
    variant_ids = list({line.variant_id for line in lines})
    named = {(line.variant_id, line.location_id) for line in lines if line.location_id is not None}
    named |= {(hold.variant_id, hold.location_id) for hold in holds}
    levels = await inventory.levels_at(connection, named) if named else {}
    if any(line.location_id is None for line in lines):
        levels |= await inventory.levels_of(connection, variant_ids)
    stock.set_thresholds(await inventory.thresholds_of(connection, variant_ids))
    fenced = stock.add_levels(levels)
    if fenced:
        stock.set_fences(await inventory.ring_fences_at(connection, fenced))
    units = {}
    for key in levels:
        if key[1] in channel.thresholds:
            threshold = stock.threshold(key, channel.channel_id, channel.thresholds[key[1]])
            for leaves_safety in (True, False):
                units[*key, leaves_safety] = stock.available(key, channel.channel_id, threshold, leaves_safety)
    return units
