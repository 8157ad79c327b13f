"""HTTP edge of the carriers module."""

from typing import Annotated

from litestar import Response, delete, get, put
from litestar.params import Parameter

from kanava.carriers import service
from kanava.carriers.model import (
    Carrier,
    CarrierInput,
    CarrierService,
    CarrierServiceInput,
    PickupPoint,
    PickupPoints,
    PickupPointsStored,
)
from kanava.platform.auth import requires
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write

TAGS = ["Carriers"]
CODE_LENGTH_MAX = 100


def _code(code: str, field: str) -> str:
    """Give a code that stands in a path back; what is made under it can be named in a path again."""
    allowed = len(code) <= CODE_LENGTH_MAX and code[:1].isalnum() and all(c.isalnum() or c in "._-" for c in code)
    if not (allowed and code.isascii()):
        raise InvalidInput("A code has letters, digits, '.', '_' and '-', 100 at most.", field=field)
    return code


def _version(request: AnyRequest) -> int | None:
    return expected_version(request) if "if-match" in request.headers else None


@get("/api/carriers", guards=[requires("carriers:read")], tags=TAGS, summary="List carriers")
async def list_carriers(request: AnyRequest, cursor: Cursor = None, limit: Limit = 50) -> Response[Page[Carrier]]:
    """Give carriers by code."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_carriers(tx, cursor, limit))


@get("/api/carriers/{code:str}", guards=[requires("carriers:read")], tags=TAGS, summary="Get a carrier")
async def get_carrier(request: AnyRequest, code: str) -> Response[Carrier]:
    """Give one carrier."""
    return await read(request, lambda tx, _actor, _now: service.get_carrier(tx, code))


@put(
    "/api/carriers/{code:str}",
    guards=[requires("carriers:write")],
    tags=TAGS,
    summary="Make a carrier, or replace it (If-Match)",
)
async def put_carrier(request: AnyRequest, code: str, data: CarrierInput) -> Response[Carrier]:
    """Make it when there is none of this code; to replace one, send the ETag that was read as If-Match."""
    version = _version(request)
    _code(code, "code")
    return await write(request, lambda tx, actor, now: service.put_carrier(tx, actor, code, data, version, now), 200)


@get(
    "/api/carriers/{code:str}/services",
    guards=[requires("carriers:read")],
    tags=TAGS,
    summary="List the services of a carrier",
)
async def list_services(
    request: AnyRequest, code: str, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[CarrierService]]:
    """Give services by code, each with its zones and rates."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_services(tx, code, cursor, limit))


@get(
    "/api/carriers/{code:str}/services/{service_code:str}",
    guards=[requires("carriers:read")],
    tags=TAGS,
    summary="Get a carrier service",
)
async def get_service(request: AnyRequest, code: str, service_code: str) -> Response[CarrierService]:
    """Give one service."""
    return await read(request, lambda tx, _actor, _now: service.get_service(tx, code, service_code))


@put(
    "/api/carriers/{code:str}/services/{service_code:str}",
    guards=[requires("carriers:write")],
    tags=TAGS,
    summary="Make a carrier service, or replace it with its zones and rates (If-Match)",
)
async def put_service(
    request: AnyRequest, code: str, service_code: str, data: CarrierServiceInput
) -> Response[CarrierService]:
    """Write the whole service; errors name zones that overlap and weights without a rate."""
    version = _version(request)
    _code(service_code, "service_code")
    return await write(
        request,
        lambda tx, actor, now: service.put_service(tx, actor, code, service_code, data, version, now),
        200,
    )


@get(
    "/api/carriers/{code:str}/pickup-points",
    guards=[requires("carriers:read")],
    tags=TAGS,
    summary="List the pickup points of a carrier",
)
async def list_points(
    request: AnyRequest,
    code: str,
    country: Annotated[str | None, Parameter(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[PickupPoint]]:
    """Give pickup points by code."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_points(tx, code, country, cursor, limit))


@put(
    "/api/carriers/{code:str}/pickup-points",
    guards=[requires("carriers:write")],
    tags=TAGS,
    summary="Write up to 10,000 pickup points of a carrier",
)
async def put_points(request: AnyRequest, code: str, data: PickupPoints) -> Response[PickupPointsStored]:
    """Make or change points; with `replace` the carrier has these and no others afterwards."""
    return await write(request, lambda tx, actor, now: service.put_points(tx, actor, code, data, now), 200)


@delete(
    "/api/carriers/{code:str}/pickup-points/{point_code:str}",
    guards=[requires("carriers:write")],
    tags=TAGS,
    status_code=204,
    summary="Remove a pickup point",
)
async def remove_point(request: AnyRequest, code: str, point_code: str) -> Response[None]:
    """Remove one point."""
    return await write(request, lambda tx, actor, now: service.remove_point(tx, actor, code, point_code, now), 204)


routes = [
    list_carriers,
    get_carrier,
    put_carrier,
    list_services,
    get_service,
    put_service,
    list_points,
    put_points,
    remove_point,
]
