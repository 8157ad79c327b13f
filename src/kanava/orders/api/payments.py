"""Payments of orders, recorded as tenders."""

from uuid import UUID

from litestar import Response, post

from kanava.orders import service
from kanava.orders.api.writing import change_order
from kanava.orders.model import NewPayment, Order
from kanava.orders.requests import CapturePayment, RefundPayment, VoidPayment
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest

CAN = [requires("orders:write")]


@post("/api/orders/{order_id:uuid}/payments", guards=CAN, tags=["Payments"], summary="Record a tender")
async def record_payment(request: AnyRequest, order_id: UUID, data: NewPayment) -> Response[Order]:
    """Record a tender; the payment id makes a retry the same payment."""
    return await change_order(
        request, order_id, lambda tx, actor, to, now: service.record_payment(tx, actor, to, data, now), 201
    )


@post(
    "/api/orders/{order_id:uuid}/payments/{payment_id:uuid}/capture",
    guards=CAN,
    tags=["Payments"],
    status_code=200,
    summary="Take authorised money",
)
async def capture_payment(
    request: AnyRequest, order_id: UUID, payment_id: UUID, data: CapturePayment
) -> Response[Order]:
    """Take an amount, or all of the rest."""
    return await change_order(
        request, order_id, lambda tx, actor, to, now: service.capture(tx, actor, to, payment_id, data, now)
    )


@post(
    "/api/orders/{order_id:uuid}/payments/{payment_id:uuid}/void",
    guards=CAN,
    tags=["Payments"],
    status_code=200,
    summary="Give up authorised money",
)
async def void_payment(request: AnyRequest, order_id: UUID, payment_id: UUID, data: VoidPayment) -> Response[Order]:
    """Give up an amount, or all of the rest."""
    return await change_order(
        request, order_id, lambda tx, actor, to, now: service.void(tx, actor, to, payment_id, data, now)
    )


@post(
    "/api/orders/{order_id:uuid}/payments/{payment_id:uuid}/refunds",
    guards=CAN,
    tags=["Payments"],
    summary="Give captured money back",
)
async def refund_payment(request: AnyRequest, order_id: UUID, payment_id: UUID, data: RefundPayment) -> Response[Order]:
    """Give an amount back, once per refund id."""
    return await change_order(
        request, order_id, lambda tx, actor, to, now: service.refund(tx, actor, to, payment_id, data, now), 201
    )


routes = [record_payment, capture_payment, void_payment, refund_payment]
