"""Placing a cart as an order."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post

from kanava.carts import service as carts
from kanava.carts.errors import CartEmpty, CartPlaced
from kanava.carts.service import CartToPlace
from kanava.inventory.errors import InsufficientStock
from kanava.orders import service
from kanava.orders.errors import OrderExists
from kanava.orders.model import (
    PAYMENTS_MAX,
    ChosenDelivery,
    Customer,
    Fulfilment,
    NewLine,
    NewPayment,
    Order,
    PlaceOrder,
    PostalAddress,
    ShortText,
)
from kanava.orders.placing.request import Placing
from kanava.platform import clock, idempotency
from kanava.platform.auth import actor_of, requires
from kanava.platform.http import AnyRequest, answer, database_of, encoded, request_digest


class PlaceCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an order needs beyond the cart's channel and lines. The order's id is the client's."""

    order_id: UUID
    customer: Customer = Customer()
    ship_to: PostalAddress | None = None
    payments: Annotated[list[NewPayment], msgspec.Meta(max_length=PAYMENTS_MAX)] = []
    external_reference: ShortText | None = None
    delivery: ChosenDelivery | None = None


@post(
    "/api/carts/{cart_id:uuid}/place",
    guards=[requires("carts:write"), requires("orders:write")],
    tags=["Carts", "Orders"],
    summary="Place the cart as an order, whole or not at all",
)
async def place_cart(request: AnyRequest, cart_id: UUID, data: PlaceCart) -> Response[Order]:
    """Place a cart; what it holds goes to its order in the same transaction. Sent again it gives the same answer."""
    key = request.headers.get("idempotency-key")
    async with database_of(request).connection() as connection:
        found = await carts.cart_to_place(connection, cart_id)
    if found.cart.order_id not in (None, data.order_id):
        raise CartPlaced(f"The cart has become the order {found.cart.order_id}.", order_id=str(found.cart.order_id))
    if not found.lines:
        raise CartEmpty("The cart has no lines to place.", field="lines")
    placing = Placing(
        actor=actor_of(request),
        idempotency_key=idempotency.check_key(key) if key is not None else f"order:{data.order_id}",
        request_hash=await request_digest(request),
        order=_order_of(found, data),
        cart_id=cart_id,
        cart_version=found.cart.version,
    )
    try:
        placed = await request.app.state.order_placer.place(placing)
    except OrderExists:
        if found.cart.order_id != data.order_id:
            raise
        # The same cart as the same order under another key: the order as it is by now.
        async with database_of(request).connection() as connection:
            return answer(await service.get_order(connection, data.order_id), 201)
    except InsufficientStock as error:
        expired_at = found.cart.hold_expires_at
        if expired_at is not None and expired_at <= clock.now():
            error.detail += f" The cart's hold expired at {expired_at.isoformat()}."
            error.extra["hold_expired_at"] = expired_at.isoformat()
        raise
    return encoded(placed.body, 201, 1)


def _order_of(found: CartToPlace, data: PlaceCart) -> PlaceOrder:
    cart, customer = found.cart, data.customer
    return PlaceOrder(
        order_id=data.order_id,
        channel=cart.channel,
        lines=[
            NewLine(line.sku, line.quantity, Fulfilment(line.fulfilment_kind, line.location)) for line in found.lines
        ],
        customer=Customer(
            customer.email or cart.customer_email, customer.name, customer.phone, customer.group or cart.customer_group
        ),
        ship_to=data.ship_to,
        payments=data.payments,
        external_reference=data.external_reference,
        delivery=data.delivery,
    )


routes = [place_cart]
