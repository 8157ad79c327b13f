"""A place's board, waves, picking, rejecting, answering: what people at places do with a device in the hand."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter

from kanava.fulfilment.model import (
    BoardEntry,
    Fulfilment,
    Kind,
    PickUnits,
    RejectUnits,
    ResolveStuck,
    State,
    TakeFulfilment,
    TakeWave,
    Wave,
)
from kanava.fulfilment.service import board, picking, reading, rejecting
from kanava.fulfilment.service.board import BoardFilter
from kanava.inventory.attempts import until_settled
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write

MAY_READ = [requires("fulfilment:read")]
CAN = [requires("fulfilment:write")]
TAGS = ["Fulfilment"]


def _version(request: AnyRequest) -> int | None:
    return expected_version(request) if "if-match" in request.headers else None


@get("/api/locations/{code:str}/board", guards=MAY_READ, tags=TAGS, summary="What a place has to do, most urgent first")
async def get_board(  # noqa: PLR0917 - one parameter for each filter
    request: AnyRequest,
    code: str,
    states: Annotated[list[State] | None, QueryParameter(name="state", max_items=5)] = None,
    kind: Kind | None = None,
    stuck: bool = False,
    waiting: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[BoardEntry]]:
    """Give the work of a place by the time by which it has to be done, with its pick tasks."""
    check_limit(limit)
    wanted = BoardFilter(states, kind, stuck, waiting)
    return await read(request, lambda c, actor, now: board.board(c, actor, code, wanted, limit, cursor, now))


@get("/api/fulfilments/{fulfilment_id:uuid}", guards=MAY_READ, tags=TAGS, summary="Read a fulfilment")
async def get_fulfilment(request: AnyRequest, fulfilment_id: UUID) -> Response[Fulfilment]:
    """Give a fulfilment; its ETag is what If-Match takes."""
    return await read(request, lambda c, actor, _now: reading.get_fulfilment(c, actor, fulfilment_id))


@post("/api/locations/{code:str}/waves", guards=CAN, tags=TAGS, summary="Take the most urgent work that nobody has")
async def take_wave(request: AnyRequest, code: str, data: TakeWave) -> Response[Wave]:
    """Give work to the caller, with one list of what to fetch; the same `wave_id` again is the same wave."""
    return await write(request, lambda tx, actor, now: board.take_wave(tx, actor, code, data, now))


@get("/api/waves/{wave_id:uuid}", guards=MAY_READ, tags=TAGS, summary="Read a wave with its pick list")
async def get_wave(request: AnyRequest, wave_id: UUID) -> Response[Wave]:
    """Give what is to be fetched in one walk."""
    return await read(request, lambda c, actor, _now: board.get_wave(c, actor, wave_id))


@post(
    "/api/waves/{wave_id:uuid}/release",
    guards=CAN,
    tags=TAGS,
    status_code=200,
    summary="Put back what of a wave is not picked",
)
async def release_wave(request: AnyRequest, wave_id: UUID) -> Response[Wave]:
    """End a wave."""
    return await write(request, lambda tx, actor, now: board.release_wave(tx, actor, wave_id, now), 200)


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/take",
    guards=CAN,
    tags=TAGS,
    status_code=200,
    summary="Take a fulfilment, or take it over",
)
async def take_fulfilment(request: AnyRequest, fulfilment_id: UUID, data: TakeFulfilment) -> Response[Fulfilment]:
    """Give a fulfilment to the caller; who has it already is named."""
    return await write(request, lambda tx, actor, now: picking.take(tx, actor, fulfilment_id, data, now), 200)


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/release",
    guards=CAN,
    tags=TAGS,
    status_code=200,
    summary="Put a fulfilment back on the board",
)
async def release_fulfilment(request: AnyRequest, fulfilment_id: UUID) -> Response[Fulfilment]:
    """Let others have it."""
    return await write(request, lambda tx, actor, now: picking.release(tx, actor, fulfilment_id, now), 200)


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/picks",
    guards=CAN,
    tags=TAGS,
    summary="Record units found, by barcode or sku",
)
async def pick_units(request: AnyRequest, fulfilment_id: UUID, data: PickUnits) -> Response[Fulfilment]:
    """Record units; another item than wanted is named in the problem."""
    version = _version(request)
    return await write(request, lambda tx, actor, now: picking.pick(tx, actor, fulfilment_id, data, now, version))


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/rejections",
    guards=CAN,
    tags=TAGS,
    summary="Say what the place cannot give, and why",
)
async def reject_units(request: AnyRequest, fulfilment_id: UUID, data: RejectUnits) -> Response[Fulfilment]:
    """Move units to another place in the same transaction; when nobody can, the customer is asked."""
    version = _version(request)
    return await until_settled(
        lambda: write(request, lambda tx, actor, now: rejecting.reject(tx, actor, fulfilment_id, data, now, version))
    )


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/resolve",
    guards=CAN,
    tags=TAGS,
    status_code=200,
    summary="What the customer says when nobody can: wait, cancel, fetch it elsewhere",
)
async def resolve_stuck(request: AnyRequest, fulfilment_id: UUID, data: ResolveStuck) -> Response[Fulfilment]:
    """Carry out the customer's answer."""
    version = _version(request)
    return await until_settled(
        lambda: write(
            request, lambda tx, actor, now: rejecting.resolve(tx, actor, fulfilment_id, data, now, version), 200
        )
    )


routes = [
    get_board,
    get_fulfilment,
    take_wave,
    get_wave,
    release_wave,
    take_fulfilment,
    release_fulfilment,
    pick_units,
    reject_units,
    resolve_stuck,
]
