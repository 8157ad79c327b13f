"""Placing a cart as an order: the one way for every face, whoever asks."""

from uuid import UUID

import msgspec

from kanava.carts import service as carts
from kanava.carts.errors import CartEmpty, CartPlaced
from kanava.carts.model import Cart
from kanava.carts.service import CartToPlace
from kanava.inventory.errors import InsufficientStock
from kanava.orders.errors import OrderExists
from kanava.orders.model import Customer, Fulfilment, NewLine, PlaceOrder
from kanava.orders.placing.decide import price_delivery
from kanava.orders.placing.group import OrderPlacer
from kanava.orders.placing.request import Placing
from kanava.orders.requests import PlaceCart
from kanava.orders.service import reading
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Database
from kanava.platform.money import Money


class CartPlacing(msgspec.Struct, frozen=True):
    """Which cart is placed, by whom, as what; `request_hash` makes the same request sent again a repeat.

    Without a key of the caller's the order id is the key.
    """

    actor: Actor
    cart_id: UUID
    order: PlaceCart
    request_hash: bytes
    idempotency_key: str | None = None


async def place_cart(placer: OrderPlacer, db: Database, asked: CartPlacing) -> bytes:
    """Place a cart; what it holds goes to its order in the same transaction. Gives the order as JSON.

    CartNotFound, CartEmpty, CartPlaced, CartChanged, and all that placing refuses. InsufficientStock says when the
    cart's hold had expired (`hold_expired_at`).
    """
    wanted = asked.order
    async with db.connection() as connection:
        found = await carts.cart_to_place(connection, asked.cart_id)
    if found.cart.order_id not in (None, wanted.order_id):
        raise CartPlaced(f"The cart has become the order {found.cart.order_id}.", order_id=str(found.cart.order_id))
    if not found.lines:
        raise CartEmpty("The cart has no lines to place.", field="lines")
    placing = Placing(
        actor=asked.actor,
        idempotency_key=asked.idempotency_key or f"order:{wanted.order_id}",
        request_hash=asked.request_hash,
        order=_order_of(found, wanted),
        cart_id=asked.cart_id,
        cart_version=found.cart.version,
    )
    try:
        return (await placer.place(placing)).body
    except OrderExists:
        if found.cart.order_id != wanted.order_id:
            raise
        # The same cart as the same order under another key: the order as it is by now.
        async with db.connection() as connection:
            return msgspec.json.encode(await reading.get_order(connection, wanted.order_id))
    except InsufficientStock as error:
        expired_at = found.cart.hold_expires_at
        if expired_at is not None and expired_at <= clock.now():
            error.detail += f" The cart's hold expired at {expired_at.isoformat()}."
            error.extra["hold_expired_at"] = expired_at.isoformat()
        raise


def _order_of(found: CartToPlace, wanted: PlaceCart) -> PlaceOrder:
    cart, customer = found.cart, wanted.customer
    return PlaceOrder(
        order_id=wanted.order_id,
        channel=cart.channel,
        lines=[
            NewLine(line.sku, line.quantity, Fulfilment(line.fulfilment_kind, line.location)) for line in found.lines
        ],
        customer=Customer(
            customer.email or cart.customer_email, customer.name, customer.phone, customer.group or cart.customer_group
        ),
        ship_to=wanted.ship_to,
        payments=wanted.payments,
        external_reference=wanted.external_reference,
        delivery=wanted.delivery,
        expected_total_minor=wanted.expected_total_minor,
    )


class CartTotals(msgspec.Struct, frozen=True):
    """What a cart costs with a delivery."""

    net: Money
    tax: Money
    total: Money


def total_with(cart: Cart, delivery_price: Money | None) -> CartTotals:
    """Say what a cart will cost as an order with a delivery of this price, VAT as placing counts it."""
    shipped = [line for line in cart.lines if line.fulfilment.kind == "ship" and line.total is not None]
    if delivery_price is None or not shipped:
        return CartTotals(cart.net, cart.tax, cart.total)
    dearest = max(shipped, key=lambda line: line.total.amount_minor if line.total else 0)
    charge = price_delivery(
        delivery_price.amount_minor, dearest.tax_rate_basis_points or 0, cart.currency, tax_inclusive=cart.tax_inclusive
    )
    return CartTotals(
        Money(cart.net.amount_minor + charge.net_minor, cart.currency),
        Money(cart.tax.amount_minor + charge.tax_minor, cart.currency),
        Money(cart.total.amount_minor + charge.total_minor, cart.currency),
    )
