"""Levels, the ledger, protections, and why a channel sees what it sees."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import Parameter

from kanava.inventory.messages import (
    Explanation,
    Protections,
    ProtectionsSet,
    RingFences,
    SafetyStocks,
    Thresholds,
    VariantStock,
)
from kanava.inventory.model import FulfilmentKind, LevelView, MovementKind, MovementView
from kanava.inventory.service import explain as explaining
from kanava.inventory.service import protections, reading
from kanava.platform.auth import requires
from kanava.platform.http import LIMIT_DEFAULT, AnyRequest, Page, check_limit, read, write

CAN_READ: list[Any] = [requires("stock:read")]
CAN_WRITE: list[Any] = [requires("stock:write")]
Cursor = Annotated[str | None, Parameter(max_length=500)]


@get("/api/stock/levels", guards=CAN_READ, tags=["Stock"], summary="List stock levels")
async def list_levels(
    request: AnyRequest,
    location: str | None = None,
    short: bool = False,
    cursor: Cursor = None,
    limit: int = LIMIT_DEFAULT,
) -> Response[Page[LevelView]]:
    """Give levels of one location or all; `short=true`: only those where reserved units are missing."""
    check_limit(limit)
    return await read(request, lambda c, _actor, _now: reading.list_levels(c, location, short, cursor, limit))


@get("/api/stock/movements", guards=CAN_READ, tags=["Stock"], summary="Read the ledger of a variant, newest first")
async def list_movements(
    request: AnyRequest,
    sku: str,
    location: str | None = None,
    kind: MovementKind | None = None,
    cursor: Cursor = None,
    limit: int = LIMIT_DEFAULT,
) -> Response[Page[MovementView]]:
    """Give movements; their deltas add up to the levels."""
    check_limit(limit)
    wanted = reading.MovementFilter(sku, location, kind)
    return await read(request, lambda c, _actor, _now: reading.list_movements(c, wanted, cursor, limit))


@get("/api/stock/{sku:str}", guards=CAN_READ, tags=["Stock"], summary="Read the stock of a variant by location")
async def get_stock(request: AnyRequest, sku: str) -> Response[VariantStock]:
    """Give what is on hand, reserved and incoming at each location."""
    return await read(request, lambda c, _actor, _now: reading.stock_of(c, sku))


@get(
    "/api/stock/{sku:str}/explain",
    guards=CAN_READ,
    tags=["Stock"],
    summary="Say why a channel sees what it sees of a variant",
)
async def explain_stock(
    request: AnyRequest,
    sku: str,
    channel: str,
    location: str | None = None,
    fulfilment_kind: FulfilmentKind | None = None,
) -> Response[Explanation]:
    """Explain in words and in steps that add up, by location and in total."""
    question = explaining.Question(sku, channel, location, fulfilment_kind)
    return await read(request, lambda c, _actor, now: explaining.explain(c, question, now))


@get(
    "/api/stock/{sku:str}/protections",
    guards=CAN_READ,
    tags=["Stock"],
    summary="Read the thresholds and ring-fences of a variant",
)
async def get_protections(request: AnyRequest, sku: str) -> Response[Protections]:
    """Give what is kept back for or from channels."""
    return await read(request, lambda c, _actor, _now: protections.get_protections(c, sku))


@post("/api/stock/safety-stocks", guards=CAN_WRITE, tags=["Stock"], status_code=200, summary="Set safety stock")
async def set_safety_stocks(request: AnyRequest, data: SafetyStocks) -> Response[ProtectionsSet]:
    """Set the units that only carry-out may take; in force at once."""
    return await write(request, lambda tx, actor, now: protections.set_safety_stocks(tx, actor, data, now), 200)


@post("/api/stock/thresholds", guards=CAN_WRITE, tags=["Stock"], status_code=200, summary="Set thresholds per channel")
async def set_thresholds(request: AnyRequest, data: Thresholds) -> Response[ProtectionsSet]:
    """Set the last units that a channel may not sell; null takes a threshold away; in force at once."""
    return await write(request, lambda tx, actor, now: protections.set_thresholds(tx, actor, data, now), 200)


@post("/api/stock/ring-fences", guards=CAN_WRITE, tags=["Stock"], status_code=200, summary="Set ring-fences")
async def set_ring_fences(request: AnyRequest, data: RingFences) -> Response[ProtectionsSet]:
    """Set the units that only one channel may sell, never more than are free; in force at once."""
    return await write(request, lambda tx, actor, now: protections.set_ring_fences(tx, actor, data, now), 200)


routes = [
    list_levels,
    list_movements,
    get_stock,
    explain_stock,
    get_protections,
    set_safety_stocks,
    set_thresholds,
    set_ring_fences,
]
