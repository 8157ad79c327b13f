"""Placing a cart as an order."""

from uuid import UUID

from litestar import Response, post

from kanava.orders.model import Order
from kanava.orders.requests import PlaceCart
from kanava.orders.service import from_cart
from kanava.platform import idempotency
from kanava.platform.auth import actor_of, requires
from kanava.platform.http import AnyRequest, database_of, encoded, request_digest


@post(
    "/api/carts/{cart_id:uuid}/place",
    guards=[requires("carts:write"), requires("orders:write")],
    tags=["Carts", "Orders"],
    summary="Place the cart as an order, whole or not at all",
)
async def place_cart(request: AnyRequest, cart_id: UUID, data: PlaceCart) -> Response[Order]:
    """Place a cart; what it holds goes to its order in the same transaction. Sent again it gives the same answer."""
    key = request.headers.get("idempotency-key")
    asked = from_cart.CartPlacing(
        actor=actor_of(request),
        cart_id=cart_id,
        order=data,
        request_hash=await request_digest(request),
        idempotency_key=idempotency.check_key(key) if key is not None else None,
    )
    return encoded(await from_cart.place_cart(request.app.state.order_placer, database_of(request), asked), 201, 1)


routes = [place_cart]
