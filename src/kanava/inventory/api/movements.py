"""Receipts, adjustments, counts and returns over HTTP."""

from typing import Any

from litestar import Response, post

from kanava.inventory.messages import Adjustment, Count, Receipt, ReturnToStock, StockDocument
from kanava.inventory.service import counts, movements
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, write

CAN_WRITE: list[Any] = [requires("stock:write")]


@post("/api/stock/receipts", guards=CAN_WRITE, tags=["Stock"], summary="Receive goods")
async def receive(request: AnyRequest, data: Receipt) -> Response[StockDocument]:
    """Put goods on hand; the same receipt_id again gets the first answer."""
    return await write(request, lambda tx, actor, now: movements.receive(tx, actor, data, now))


@post("/api/stock/adjustments", guards=CAN_WRITE, tags=["Stock"], summary="Correct stock, with a reason")
async def adjust(request: AnyRequest, data: Adjustment) -> Response[StockDocument]:
    """Correct what is on hand; reserved and ring-fenced units stay."""
    return await write(request, lambda tx, actor, now: movements.adjust(tx, actor, data, now))


@post("/api/stock/counts", guards=CAN_WRITE, tags=["Stock"], summary="Record a count")
async def count(request: AnyRequest, data: Count) -> Response[StockDocument]:
    """Set what was found; a line with expected_on_hand is left out when stock has moved since."""
    return await write(request, lambda tx, actor, now: counts.count_stock(tx, actor, data, now))


@post("/api/stock/returns", guards=CAN_WRITE, tags=["Stock"], summary="Take goods back to stock")
async def return_to_stock(request: AnyRequest, data: ReturnToStock) -> Response[StockDocument]:
    """Take goods back; only those with the disposition restock can be sold again."""
    return await write(request, lambda tx, actor, now: movements.return_to_stock(tx, actor, data, now))


routes = [receive, adjust, count, return_to_stock]
