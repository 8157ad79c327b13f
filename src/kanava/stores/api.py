"""HTTP edge of the stores module."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from litestar import Response, delete, get, patch, post, put
from litestar.params import QueryParameter

from kanava.platform import clock
from kanava.platform.auth import requires
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, Page, check_limit, expected_version, read, write
from kanava.platform.openapi import FileUpload
from kanava.stores import service
from kanava.stores.model import (
    DayHours,
    HoursExceptionRows,
    HoursExceptionsSet,
    ImportReport,
    Location,
    LocationChange,
    LocationFilter,
    NewLocation,
    OpeningTimes,
    Position,
    Switches,
)

IMPORT_ROWS_MAX = 5_000
HOURS_DAYS_DEFAULT = 14


def _near(text: str | None) -> Position | None:
    """Read `46.05,14.51`: latitude, longitude."""
    if text is None:
        return None
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput("Write a position as latitude,longitude in degrees: 46.05,14.51.", field="near") from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidInput("A latitude is between -90 and 90 degrees, a longitude between -180 and 180.", field="near")
    return Position(latitude, longitude)


@get(
    "/api/locations",
    guards=[requires("locations:read")],
    tags=["Locations"],
    summary="List locations, by code or nearest first",
)
async def list_locations(  # noqa: PLR0917 - one parameter for each filter
    request: AnyRequest,
    kind: str | None = None,
    country: str | None = None,
    service_offered: Annotated[str | None, QueryParameter(name="service")] = None,
    active: bool | None = None,
    fulfils_online: bool | None = None,
    open_now: bool | None = None,
    near: Annotated[str | None, QueryParameter(description="latitude,longitude in degrees")] = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Response[Page[Location]]:
    """Give a page of locations."""
    wanted = LocationFilter(kind, country, service_offered, active, fulfils_online, open_now, _near(near))
    check_limit(limit)
    return await read(request, lambda c, _, now: service.list_locations(c, wanted, limit, cursor, now))


@post("/api/locations", guards=[requires("locations:write")], tags=["Locations"], summary="Create a location")
async def create_location(request: AnyRequest, data: NewLocation) -> Response[Location]:
    """Create a location."""
    return await write(request, lambda tx, actor, now: service.create_location(tx, actor, data, now))


@post(
    "/api/locations/import",
    guards=[requires("locations:write")],
    tags=["Locations"],
    status_code=200,
    operation_class=FileUpload,
    summary="Import up to 5,000 locations as JSON, JSONL or CSV; every good row is taken",
)
async def import_locations(request: AnyRequest, dry_run: bool = False) -> Response[ImportReport]:
    """Import a file sent as the body; 200 also when rows were rejected, the report names them."""
    body = await request.body()
    # Reading thousands of rows takes a while; other requests go on meanwhile.
    file = await asyncio.to_thread(service.read_locations, body, IMPORT_ROWS_MAX)
    return await write(
        request, lambda tx, actor, now: service.import_locations(tx, actor, file, now, dry_run=dry_run), status=200
    )


@get("/api/locations/{code:str}", guards=[requires("locations:read")], tags=["Locations"], summary="Get a location")
async def get_location(request: AnyRequest, code: str) -> Response[Location]:
    """Give a location with whether it is open now."""
    return await read(request, lambda c, _, now: service.get_location(c, code, now))


@patch(
    "/api/locations/{code:str}",
    guards=[requires("locations:write")],
    tags=["Locations"],
    summary="Change a location (If-Match)",
)
async def update_location(request: AnyRequest, code: str, data: LocationChange) -> Response[Location]:
    """Change the fields that the body names."""
    version = expected_version(request)
    return await write(
        request, lambda tx, actor, now: service.update_location(tx, actor, code, data, version, now), status=200
    )


@put(
    "/api/locations/{code:str}/switches",
    guards=[requires("locations:write")],
    tags=["Locations"],
    summary="Turn a location, or its online orders, on or off",
)
async def switch_location(request: AnyRequest, code: str, data: Switches) -> Response[Location]:
    """Turn the switches that the body names."""
    return await write(request, lambda tx, actor, now: service.switch_location(tx, actor, code, data, now), status=200)


@get(
    "/api/locations/{code:str}/hours",
    guards=[requires("locations:read")],
    tags=["Locations"],
    summary="When a location is open (two weeks from now, or between `from` and `until`)",
)
async def get_hours(
    request: AnyRequest,
    code: str,
    since: Annotated[datetime | None, QueryParameter(name="from")] = None,
    until: datetime | None = None,
) -> Response[OpeningTimes]:
    """Give the open intervals between two instants."""
    begin = clock.now() if since is None else _instant(since, "from")
    try:
        end = begin + timedelta(days=HOURS_DAYS_DEFAULT) if until is None else _instant(until, "until")
    except OverflowError as error:
        raise InvalidInput("Hours are known from the year 2000 to 2199.", field="from") from error
    return await read(request, lambda c, _, now: service.get_hours(c, code, begin, end, now))


@put(
    "/api/locations/{code:str}/hours-exceptions/{on_date:date}",
    guards=[requires("locations:write")],
    tags=["Locations"],
    summary="Give one day other hours; empty hours close it",
)
async def put_hours_exception(request: AnyRequest, code: str, on_date: date, data: DayHours) -> Response[Location]:
    """Replace the hours of a day."""
    return await write(
        request, lambda tx, actor, now: service.put_hours_exception(tx, actor, code, on_date, data, now), status=200
    )


@post(
    "/api/locations/hours-exceptions",
    guards=[requires("locations:write")],
    tags=["Locations"],
    status_code=200,
    summary="Give days at many locations other hours, all or none",
)
async def put_hours_exceptions(request: AnyRequest, data: HoursExceptionRows) -> Response[HoursExceptionsSet]:
    """Replace the hours of up to 10,000 days; empty hours close the place for the day."""
    return await write(request, lambda tx, actor, now: service.put_hours_exceptions(tx, actor, data, now), status=200)


@delete(
    "/api/locations/{code:str}/hours-exceptions/{on_date:date}",
    guards=[requires("locations:write")],
    tags=["Locations"],
    status_code=200,
    summary="Give a day its usual hours back",
)
async def remove_hours_exception(request: AnyRequest, code: str, on_date: date) -> Response[Location]:
    """Remove the special hours of a day."""
    return await write(
        request, lambda tx, actor, now: service.remove_hours_exception(tx, actor, code, on_date, now), status=200
    )


def _instant(value: datetime, field: str) -> datetime:
    if value.tzinfo is None:
        raise InvalidInput("An instant has an offset: 2026-12-24T08:00:00Z.", field=field)
    return value


routes: list[Any] = [
    list_locations,
    create_location,
    import_locations,
    get_location,
    update_location,
    switch_location,
    get_hours,
    put_hours_exception,
    put_hours_exceptions,
    remove_hours_exception,
]
