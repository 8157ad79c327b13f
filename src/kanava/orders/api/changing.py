"""Changing orders: cancel, amend, hold, fulfil."""

from uuid import UUID

from litestar import Response, post

from kanava.orders import service
from kanava.orders.api.writing import change_order
from kanava.orders.model import Order
from kanava.orders.requests import AmendOrder, CancelOrder, FulfilOrder, HoldOrder
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest

CAN = [requires("orders:write")]


@post(
    "/api/orders/{order_id:uuid}/cancel",
    guards=CAN,
    tags=["Orders"],
    status_code=200,
    summary="Cancel what is open, whole or by line and quantity",
)
async def cancel_order(request: AnyRequest, order_id: UUID, data: CancelOrder) -> Response[Order]:
    """Cancel open units; `cancellation_id` or an Idempotency-Key makes a retry the same cancellation."""
    return await change_order(request, order_id, lambda tx, actor, to, now: service.cancel(tx, actor, to, data, now))


@post(
    "/api/orders/{order_id:uuid}/amendments",
    guards=CAN,
    tags=["Orders"],
    summary="Change quantities, lines, hand-over, address and contact together",
)
async def amend_order(request: AnyRequest, order_id: UUID, data: AmendOrder) -> Response[Order]:
    """Carry out a set of changes whole or not at all."""
    return await change_order(
        request, order_id, lambda tx, actor, to, now: service.amend(tx, actor, to, data, now), 201
    )


@post("/api/orders/{order_id:uuid}/hold", guards=CAN, tags=["Orders"], status_code=200, summary="Put an order on hold")
async def hold_order(request: AnyRequest, order_id: UUID, data: HoldOrder) -> Response[Order]:
    """Keep an order from being fulfilled."""
    return await change_order(request, order_id, lambda tx, actor, to, now: service.hold(tx, actor, to, data, now))


@post(
    "/api/orders/{order_id:uuid}/release-hold",
    guards=CAN,
    tags=["Orders"],
    status_code=200,
    summary="Let an order on hold go on",
)
async def release_hold(request: AnyRequest, order_id: UUID) -> Response[Order]:
    """Let an order go on."""
    return await change_order(request, order_id, service.release_hold)


@post("/api/orders/{order_id:uuid}/fulfilments", guards=CAN, tags=["Orders"], summary="Record that goods have left")
async def fulfil_order(request: AnyRequest, order_id: UUID, data: FulfilOrder) -> Response[Order]:
    """Turn reservations into sales."""
    return await change_order(
        request, order_id, lambda tx, actor, to, now: service.fulfil(tx, actor, to, data, now), 201
    )


routes = [cancel_order, amend_order, hold_order, release_hold, fulfil_order]
