"""Purchase orders over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, patch, post
from litestar.params import Parameter, QueryParameter

from kanava.inventory.messages import (
    Arrival,
    ExpectationChange,
    NewPurchaseOrder,
    PurchaseOrder,
    PurchaseOrderState,
)
from kanava.inventory.service import purchase_orders
from kanava.inventory.service.purchase_orders import PurchaseOrderFilter
from kanava.platform.auth import requires
from kanava.platform.http import LIMIT_DEFAULT, AnyRequest, Page, check_limit, expected_version, read, write

CAN_READ: list[Any] = [requires("stock:read")]
CAN_WRITE: list[Any] = [requires("stock:write")]
TAGS = ["Purchase orders"]
PATH = "/api/purchase-orders/{purchase_order_id:uuid}"


@post("/api/purchase-orders", guards=CAN_WRITE, tags=TAGS, summary="Draft a purchase order")
async def create_purchase_order(request: AnyRequest, data: NewPurchaseOrder) -> Response[PurchaseOrder]:
    """Write a purchase order down; nothing is on its way before it is ordered."""
    return await write(request, lambda tx, actor, now: purchase_orders.create_purchase_order(tx, actor, data, now))


@get("/api/purchase-orders", guards=CAN_READ, tags=TAGS, summary="List purchase orders")
async def list_purchase_orders(
    request: AnyRequest,
    *,
    in_state: Annotated[PurchaseOrderState | None, QueryParameter(name="state")] = None,
    supplier: str | None = None,
    location: str | None = None,
    sku: str | None = None,
    expected_until: date | None = None,
    cursor: Annotated[str | None, Parameter(max_length=500)] = None,
    limit: int = LIMIT_DEFAULT,
) -> Response[Page[PurchaseOrder]]:
    """Give purchase orders, by state, supplier, location, sku and expected date."""
    check_limit(limit)
    wanted = PurchaseOrderFilter(in_state, supplier, location, sku, expected_until)
    return await read(request, lambda c, _a, _n: purchase_orders.list_purchase_orders(c, wanted, cursor, limit))


@get(PATH, guards=CAN_READ, tags=TAGS, summary="Read a purchase order")
async def get_purchase_order(request: AnyRequest, purchase_order_id: UUID) -> Response[PurchaseOrder]:
    """Give a purchase order with its lines; the ETag is needed to change it."""
    return await read(request, lambda c, _a, _n: purchase_orders.get_purchase_order(c, purchase_order_id))


@patch(PATH, guards=CAN_WRITE, tags=TAGS, summary="Change when a purchase order is expected")
async def change_purchase_order(
    request: AnyRequest, purchase_order_id: UUID, data: ExpectationChange
) -> Response[PurchaseOrder]:
    """Change date or reference of the version named in If-Match; those who await its units are told."""
    version = expected_version(request)
    return await write(
        request,
        lambda tx, actor, now: purchase_orders.change_purchase_order(tx, actor, purchase_order_id, data, version, now),
        200,
    )


@post(f"{PATH}/order", guards=CAN_WRITE, tags=TAGS, status_code=200, summary="Order the goods")
async def order_goods(request: AnyRequest, purchase_order_id: UUID) -> Response[PurchaseOrder]:
    """Order: from now on the units are incoming."""
    return await write(
        request, lambda tx, actor, now: purchase_orders.order_goods(tx, actor, purchase_order_id, now), 200
    )


@post(
    f"{PATH}/receive",
    guards=CAN_WRITE,
    tags=TAGS,
    status_code=200,
    summary="Receive all or part of a purchase order",
)
async def receive_goods(request: AnyRequest, purchase_order_id: UUID, data: Arrival) -> Response[PurchaseOrder]:
    """Take in what arrived, first for those who wait for it; say why units are missing."""
    return await write(
        request, lambda tx, actor, now: purchase_orders.receive_goods(tx, actor, purchase_order_id, data, now), 200
    )


@post(f"{PATH}/cancel", guards=CAN_WRITE, tags=TAGS, status_code=200, summary="Cancel a purchase order")
async def cancel_purchase_order(request: AnyRequest, purchase_order_id: UUID) -> Response[PurchaseOrder]:
    """End a draft, or what has not arrived yet."""
    return await write(
        request, lambda tx, actor, now: purchase_orders.cancel_purchase_order(tx, actor, purchase_order_id, now), 200
    )


routes = [
    create_purchase_order,
    list_purchase_orders,
    get_purchase_order,
    change_purchase_order,
    order_goods,
    receive_goods,
    cancel_purchase_order,
]
