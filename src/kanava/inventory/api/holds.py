"""Holds over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from kanava.inventory.messages import Hold, HoldExtension, NewHold
from kanava.inventory.service import holds
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, read, write

CAN_READ: list[Any] = [requires("stock:read")]
CAN_WRITE: list[Any] = [requires("stock:write")]


@post("/api/reservations", guards=CAN_WRITE, tags=["Reservations"], summary="Hold units at a location")
async def hold(request: AnyRequest, data: NewHold) -> Response[Hold]:
    """Hold units for a channel for a while; the same reservation_id again gets the hold as it stands."""
    return await write(request, lambda tx, actor, now: holds.hold(tx, actor, data, now))


@get("/api/reservations/{reservation_id:uuid}", guards=CAN_READ, tags=["Reservations"], summary="Read a hold")
async def get_hold(request: AnyRequest, reservation_id: UUID) -> Response[Hold]:
    """Give a hold as it stands at this moment."""
    return await read(request, lambda c, _actor, now: holds.get_hold(c, reservation_id, now))


@post(
    "/api/reservations/{reservation_id:uuid}/commit",
    guards=CAN_WRITE,
    tags=["Reservations"],
    status_code=200,
    summary="Keep held units until they are released",
)
async def commit_hold(request: AnyRequest, reservation_id: UUID) -> Response[Hold]:
    """End the hold's clock."""
    return await write(request, lambda tx, actor, now: holds.commit_hold(tx, actor, reservation_id, now), 200)


@post(
    "/api/reservations/{reservation_id:uuid}/release",
    guards=CAN_WRITE,
    tags=["Reservations"],
    status_code=200,
    summary="Give held units back",
)
async def release_hold(request: AnyRequest, reservation_id: UUID) -> Response[Hold]:
    """Free the units at once."""
    return await write(request, lambda tx, actor, now: holds.release_hold(tx, actor, reservation_id, now), 200)


@post(
    "/api/reservations/{reservation_id:uuid}/extend",
    guards=CAN_WRITE,
    tags=["Reservations"],
    status_code=200,
    summary="Let a hold last longer",
)
async def extend_hold(request: AnyRequest, reservation_id: UUID, data: HoldExtension) -> Response[Hold]:
    """Let the hold last so many seconds from now."""
    return await write(
        request, lambda tx, actor, now: holds.extend_hold(tx, actor, reservation_id, data.seconds, now), 200
    )


routes = [hold, get_hold, commit_hold, release_hold, extend_hold]
