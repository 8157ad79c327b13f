"""Placing an order that its caller captured."""

from litestar import Response, post

from kanava.orders.model import Order, PlaceOrder
from kanava.orders.placing.request import Placing
from kanava.platform import idempotency
from kanava.platform.auth import presume
from kanava.platform.http import AnyRequest, encoded, request_digest
from kanava.platform.intake import refuse_zero_bytes_in_url


async def _refuse_strangers(request: AnyRequest) -> None:
    """Look at the credentials before the body is read, as a guard would."""
    await refuse_zero_bytes_in_url(request)
    await presume(request)


@post("/api/orders", before_request=_refuse_strangers, tags=["Orders"], summary="Place an order, whole or not at all")
async def place_order(request: AnyRequest, data: PlaceOrder) -> Response[Order]:
    """Place an order; sent again it gives the same answer."""
    refused: Exception | None = request.scope.get("placing_refused")  # type: ignore[assignment]
    if refused is not None:
        raise refused
    presumed = await presume(request)
    key = request.headers.get("idempotency-key")
    placing = Placing(
        actor=presumed.actor,
        # Without a key of the caller's, the order id is the key: a retry is a repeat either way.
        idempotency_key=idempotency.check_key(key) if key is not None else f"order:{data.order_id}",
        request_hash=await request_digest(request),
        order=data,
        presumed=presumed,
    )
    placed = await request.app.state.order_placer.place(placing)
    return encoded(placed.body, 201, 1)


routes = [place_order]
