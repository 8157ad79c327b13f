"""Reading orders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get

from kanava.orders import service
from kanava.orders.model import Order, Status
from kanava.orders.requests import OrderFilter, TimelineEntry
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Page, check_limit, read

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


@get("/api/orders/{order_id:uuid}", guards=[requires("orders:read")], tags=["Orders"], summary="Read an order")
async def get_order(request: AnyRequest, order_id: UUID) -> Response[Order]:
    """Give an order; its ETag is what If-Match takes."""
    return await read(request, lambda c, _actor, _now: service.get_order(c, order_id))


@get("/api/orders", guards=[requires("orders:read")], tags=["Orders"], summary="List orders, the latest first")
async def list_orders(  # noqa: PLR0917 - query parameters are named, never positional
    request: AnyRequest,
    channel: Text | None = None,
    status: Status | None = None,
    number: Number | None = None,
    email: Text | None = None,
    external_reference: Text | None = None,
    location: Text | None = None,
    placed_from: Instant | None = None,
    placed_until: Instant | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Response[Page[Order]]:
    """Give orders by cursor; `location` is where units of a line come from, `placed_until` is not included."""
    check_limit(limit)
    wanted = OrderFilter(channel, status, number, email, external_reference, location, placed_from, placed_until)
    return await read(request, lambda c, _actor, _now: service.list_orders(c, wanted, cursor, limit))


@get(
    "/api/orders/{order_id:uuid}/timeline",
    guards=[requires("orders:read")],
    tags=["Orders"],
    summary="What happened to an order, and who did it",
)
async def order_timeline(request: AnyRequest, order_id: UUID) -> Response[Page[TimelineEntry]]:
    """Give events and audit entries, oldest first."""
    return await read(request, lambda c, _actor, _now: service.timeline(c, order_id))


routes = [get_order, list_orders, order_timeline]
