"""HTTP edge of promises."""

from typing import Annotated

from litestar import Response, get, post
from litestar.params import Parameter

from kanava.platform import clock
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, answer
from kanava.sourcing.api import confirming, refuse_strangers
from kanava.sourcing.promise.model import (
    PAGE_SKUS_MAX,
    AskedAddress,
    AskedPosition,
    PageAnswer,
    PageQuestion,
    PromiseAnswer,
    PromiseQuestion,
)
from kanava.sourcing.promise.service import PromiseReader

TAGS = ["Promises"]


@post(
    "/api/promises",
    before_request=refuse_strangers,
    tags=TAGS,
    status_code=200,
    summary="What a cart can be promised: dated deliveries with prices, and the stores near by",
)
async def post_promises(request: AnyRequest, data: PromiseQuestion) -> Response[PromiseAnswer]:
    """Give what placing would promise now. It is no reservation: a hold or an order makes it one."""
    reader: PromiseReader = request.app.state.promises
    now = clock.now()
    confirm_caller = await confirming(request, now)
    async with reader.db.connection() as connection:
        return answer(await reader.promise(connection, data, now, confirm_caller), 200)


@get(
    "/api/promises/page",
    before_request=refuse_strangers,
    tags=TAGS,
    summary="The earliest delivery and the nearest store of each variant on a page of products",
)
async def get_page(
    request: AnyRequest,
    channel: Annotated[str, Parameter(min_length=1, max_length=100)],
    sku: Annotated[list[str], Parameter(min_items=1, max_items=PAGE_SKUS_MAX, description=f"Up to {PAGE_SKUS_MAX}.")],
    *,
    country: Annotated[str | None, Parameter(pattern="^[A-Z]{2}$", description="Ship to.")] = None,
    postal_code: Annotated[str, Parameter(max_length=20)] = "",
    region: Annotated[str, Parameter(max_length=100)] = "",
    latitude: Annotated[float | None, Parameter(ge=-90, le=90, description="Degrees.")] = None,
    longitude: Annotated[float | None, Parameter(ge=-180, le=180, description="Degrees.")] = None,
    customer_group: Annotated[str | None, Parameter(min_length=1, max_length=100)] = None,
) -> Response[PageAnswer]:
    """Answer for one unit of each."""
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise InvalidInput("A position has a latitude and a longitude.", field=missing)
    position = None if latitude is None or longitude is None else AskedPosition(latitude, longitude)
    address = None if country is None else AskedAddress(country, postal_code, region)
    reader: PromiseReader = request.app.state.promises
    now = clock.now()
    confirm_caller = await confirming(request, now)
    async with reader.db.connection() as connection:
        question = PageQuestion(channel, sku, address, position, customer_group)
        found = await reader.page(connection, question, now, confirm_caller)
        return answer(found, 200)


routes = [post_promises, get_page]
