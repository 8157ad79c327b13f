"""HTTP edge of availability."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter

from kanava.platform import clock
from kanava.platform.auth import Authenticator, Presumed, check_scope, presume
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, answer
from kanava.platform.intake import refuse_zero_bytes_in_url
from kanava.sourcing.availability import (
    SKUS_MAX,
    STORES_DEFAULT,
    STORES_MAX,
    Availability,
    AvailabilityReader,
    ConfirmCaller,
    Question,
)

PATH = "/api/availability"
SCOPE = "stock:read"


async def refuse_strangers(request: AnyRequest) -> None:
    """Look at the credentials before the parameters are read, as a guard would."""
    await refuse_zero_bytes_in_url(request)
    check_scope((await presume(request)).actor, SCOPE)


def confirm_with(authenticator: Authenticator, presumed: Presumed, now: datetime) -> ConfirmCaller:
    """Give what a reader calls with the access version it has read: it asks again who is calling when that moved."""

    async def confirm_caller(access_version: int | None) -> None:
        if access_version is None or not presumed.holds(access_version, now):
            check_scope(await authenticator.actor_of(presumed.token), SCOPE)

    return confirm_caller


async def confirming(request: AnyRequest, now: datetime) -> ConfirmCaller:
    """Give the same for whom a request is presumed to come from."""
    return confirm_with(request.app.state.authenticator, await presume(request), now)


@get(
    PATH,
    before_request=refuse_strangers,
    tags=["Availability"],
    summary="What a channel can promise: by shipping, and at the stores near a point",
)
async def get_availability(
    request: AnyRequest,
    channel: Annotated[str, Parameter(min_length=1, max_length=100)],
    sku: Annotated[list[str], Parameter(min_items=1, max_items=SKUS_MAX, description=f"Up to {SKUS_MAX}.")],
    latitude: Annotated[float | None, Parameter(ge=-90, le=90, description="Degrees.")] = None,
    longitude: Annotated[float | None, Parameter(ge=-180, le=180, description="Degrees.")] = None,
    locations: Annotated[int, Parameter(ge=1, le=STORES_MAX, description="How many near stores.")] = STORES_DEFAULT,
    country: Annotated[str | None, Parameter(pattern="^[A-Z]{2}$", description="Ship to; the channel's own.")] = None,
) -> Response[Availability]:
    """Give units of each variant as the channel sees them: exact below 20, `at_least` from there on."""
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise InvalidInput("A position has a latitude and a longitude.", field=missing)
    position = None if latitude is None or longitude is None else (latitude, longitude)
    question = Question(channel, sku, position, locations, country)
    now = clock.now()
    confirm_caller = await confirming(request, now)
    reader: AvailabilityReader = request.app.state.availability
    async with reader.db.connection() as connection:
        return answer(await reader.answer(connection, question, now, confirm_caller), 200)


routes = [get_availability]
