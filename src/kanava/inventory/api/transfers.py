"""Transfers over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, patch, post
from litestar.params import Parameter, QueryParameter

from kanava.inventory.messages import Arrival, ExpectationChange, NewTransfer, Transfer, TransferState
from kanava.inventory.service import transfers
from kanava.platform.auth import requires
from kanava.platform.http import LIMIT_DEFAULT, AnyRequest, Page, check_limit, expected_version, read, write

CAN_READ: list[Any] = [requires("stock:read")]
CAN_WRITE: list[Any] = [requires("stock:write")]


@post("/api/transfers", guards=CAN_WRITE, tags=["Transfers"], summary="Draft a transfer")
async def create_transfer(request: AnyRequest, data: NewTransfer) -> Response[Transfer]:
    """Write a transfer down; nothing moves before it is shipped."""
    return await write(request, lambda tx, actor, now: transfers.create_transfer(tx, actor, data, now))


@get("/api/transfers", guards=CAN_READ, tags=["Transfers"], summary="List transfers")
async def list_transfers(
    request: AnyRequest,
    in_state: Annotated[TransferState | None, QueryParameter(name="state")] = None,
    location: str | None = None,
    cursor: Annotated[str | None, Parameter(max_length=500)] = None,
    limit: int = LIMIT_DEFAULT,
) -> Response[Page[Transfer]]:
    """Give transfers, by state and by the location where they start or end."""
    check_limit(limit)
    return await read(request, lambda c, _a, _n: transfers.list_transfers(c, in_state, location, cursor, limit))


@get("/api/transfers/{transfer_id:uuid}", guards=CAN_READ, tags=["Transfers"], summary="Read a transfer")
async def get_transfer(request: AnyRequest, transfer_id: UUID) -> Response[Transfer]:
    """Give a transfer with its lines; the ETag is needed to change it."""
    return await read(request, lambda c, _a, _n: transfers.get_transfer(c, transfer_id))


@patch(
    "/api/transfers/{transfer_id:uuid}",
    guards=CAN_WRITE,
    tags=["Transfers"],
    summary="Change when a transfer is expected",
)
async def change_transfer(request: AnyRequest, transfer_id: UUID, data: ExpectationChange) -> Response[Transfer]:
    """Change date or reference of the version named in If-Match; those who await its units are told."""
    version = expected_version(request)
    return await write(
        request, lambda tx, actor, now: transfers.change_transfer(tx, actor, transfer_id, data, version, now), 200
    )


@post(
    "/api/transfers/{transfer_id:uuid}/ship",
    guards=CAN_WRITE,
    tags=["Transfers"],
    status_code=200,
    summary="Ship a transfer",
)
async def ship_transfer(request: AnyRequest, transfer_id: UUID) -> Response[Transfer]:
    """Let the goods leave; reserved units are not shipped."""
    return await write(request, lambda tx, actor, now: transfers.ship_transfer(tx, actor, transfer_id, now), 200)


@post(
    "/api/transfers/{transfer_id:uuid}/receive",
    guards=CAN_WRITE,
    tags=["Transfers"],
    status_code=200,
    summary="Receive all or part of a transfer",
)
async def receive_transfer(request: AnyRequest, transfer_id: UUID, data: Arrival) -> Response[Transfer]:
    """Take in what arrived; say why units are missing."""
    return await write(
        request, lambda tx, actor, now: transfers.receive_transfer(tx, actor, transfer_id, data, now), 200
    )


@post(
    "/api/transfers/{transfer_id:uuid}/cancel",
    guards=CAN_WRITE,
    tags=["Transfers"],
    status_code=200,
    summary="Cancel a transfer",
)
async def cancel_transfer(request: AnyRequest, transfer_id: UUID) -> Response[Transfer]:
    """End a draft, or call goods back that are on their way."""
    return await write(request, lambda tx, actor, now: transfers.cancel_transfer(tx, actor, transfer_id, now), 200)


routes = [
    create_transfer,
    list_transfers,
    get_transfer,
    change_transfer,
    ship_transfer,
    receive_transfer,
    cancel_transfer,
]
