"""HTTP edge of carts. Placing a cart is a verb of orders: see `kanava.orders.api.from_cart`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from litestar import Response, delete, get, patch, post, put

from kanava.carts import service
from kanava.carts.model import AddLines, Cart, CartEdit, CartLineEdit, NewCart
from kanava.carts.service import Target
from kanava.platform.auth import Actor, requires
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, read, write
from kanava.sourcing.changing import change

CAN = [requires("carts:write")]
CartVerb = Callable[[Connection, Actor, Target, datetime], Awaitable[Cart]]


async def _change(request: AnyRequest, cart_id: UUID, verb: CartVerb, status: int = 200) -> Response[Cart]:
    return await change(request, partial(Target, cart_id), verb, status)


@post("/api/carts", guards=CAN, tags=["Carts"], summary="Make a cart")
async def create_cart(request: AnyRequest, data: NewCart) -> Response[Cart]:
    """Make a cart; with an id of the client's, a retry is a repeat."""

    async def verb(tx: Connection, _actor: Actor, now: datetime) -> Cart:
        return await service.create_cart(tx, data, await request.app.state.order_placer.config(tx), now)

    return await write(request, verb)


@get("/api/carts/{cart_id:uuid}", guards=[requires("carts:read")], tags=["Carts"], summary="Read a cart")
async def get_cart(request: AnyRequest, cart_id: UUID) -> Response[Cart]:
    """Give a cart with its prices, what can be had now, and what is held."""

    async def verb(connection: Connection, _actor: Actor, now: datetime) -> Cart:
        return await service.get_cart(connection, cart_id, await request.app.state.order_placer.config(connection), now)

    return await read(request, verb)


@patch("/api/carts/{cart_id:uuid}", guards=CAN, tags=["Carts"], summary="Change a cart or move it to another channel")
async def edit_cart(request: AnyRequest, cart_id: UUID, data: CartEdit) -> Response[Cart]:
    """Change what is sent; another channel means other prices."""
    return await _change(request, cart_id, lambda tx, actor, to, now: service.edit_cart(tx, actor, to, data, now))


@post("/api/carts/{cart_id:uuid}/lines", guards=CAN, tags=["Carts"], summary="Put lines into a cart")
async def add_lines(request: AnyRequest, cart_id: UUID, data: AddLines) -> Response[Cart]:
    """Put lines in, all or none."""
    return await _change(request, cart_id, lambda tx, actor, to, now: service.add_lines(tx, actor, to, data, now), 201)


@put(
    "/api/carts/{cart_id:uuid}/lines/{line_no:int}",
    guards=CAN,
    tags=["Carts"],
    summary="Set a line's quantity and hand-over",
)
async def set_line(request: AnyRequest, cart_id: UUID, line_no: int, data: CartLineEdit) -> Response[Cart]:
    """Set a line."""
    return await _change(
        request, cart_id, lambda tx, actor, to, now: service.set_line(tx, actor, to, line_no, data, now)
    )


@delete(
    "/api/carts/{cart_id:uuid}/lines/{line_no:int}",
    guards=CAN,
    tags=["Carts"],
    status_code=200,
    summary="Take a line out of a cart",
)
async def remove_line(request: AnyRequest, cart_id: UUID, line_no: int) -> Response[Cart]:
    """Take a line out."""
    return await _change(request, cart_id, lambda tx, actor, to, now: service.remove_line(tx, actor, to, line_no, now))


@post(
    "/api/carts/{cart_id:uuid}/hold",
    guards=CAN,
    tags=["Carts"],
    status_code=200,
    summary="Hold the cart's units for the channel's time",
)
async def hold_cart(request: AnyRequest, cart_id: UUID) -> Response[Cart]:
    """Hold every line that is shipped or picked up, all or nothing."""
    return await _change(request, cart_id, service.hold)


@post(
    "/api/carts/{cart_id:uuid}/release",
    guards=CAN,
    tags=["Carts"],
    status_code=200,
    summary="Give back what the cart holds",
)
async def release_cart(request: AnyRequest, cart_id: UUID) -> Response[Cart]:
    """Give everything back."""
    return await _change(request, cart_id, service.release)


routes = [create_cart, get_cart, edit_cart, add_lines, set_line, remove_line, hold_cart, release_cart]
