"""HTTP edge of the channel registry, and quotes of prices on a channel."""

from litestar import Response, get, patch, post, put

from kanava.channels import service
from kanava.channels.model import (
    Channel,
    ChannelChange,
    Kind,
    Listing,
    ListingChange,
    ListingsChanged,
    NewChannel,
    Quote,
    QuoteRequest,
    ServingLocation,
    ServingLocations,
    ServingLocationsStored,
)
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write

TAGS = ["Channels"]


@get("/api/channels", guards=[requires("channels:read")], tags=TAGS, summary="List channels")
async def list_channels(
    request: AnyRequest, kind: Kind | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[Channel]]:
    """Give channels by code."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_channels(tx, kind, cursor, limit))


@post("/api/channels", guards=[requires("channels:write")], tags=TAGS, summary="Make a channel")
async def create_channel(request: AnyRequest, data: NewChannel) -> Response[Channel]:
    """Make a channel; its currency is that of its price list."""
    return await write(request, lambda tx, actor, now: service.create_channel(tx, actor, data, now))


@get("/api/channels/{code:str}", guards=[requires("channels:read")], tags=TAGS, summary="Get a channel")
async def get_channel(request: AnyRequest, code: str) -> Response[Channel]:
    """Give one channel."""
    return await read(request, lambda tx, _actor, _now: service.get_channel(tx, code))


@patch(
    "/api/channels/{code:str}", guards=[requires("channels:write")], tags=TAGS, summary="Change a channel (If-Match)"
)
async def change_channel(request: AnyRequest, code: str, data: ChannelChange) -> Response[Channel]:
    """Change what is sent; send the ETag that was read as If-Match."""
    version = expected_version(request)
    return await write(request, lambda tx, actor, now: service.change_channel(tx, actor, code, data, version, now), 200)


@get(
    "/api/channels/{code:str}/locations",
    guards=[requires("channels:read")],
    tags=TAGS,
    summary="List the locations that serve a channel",
)
async def list_serving_locations(
    request: AnyRequest, code: str, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[ServingLocation]]:
    """Give serving locations by code."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_serving_locations(tx, code, cursor, limit))


@put(
    "/api/channels/{code:str}/locations",
    guards=[requires("channels:write")],
    tags=TAGS,
    summary="Say which locations serve a channel",
)
async def put_serving_locations(
    request: AnyRequest, code: str, data: ServingLocations
) -> Response[ServingLocationsStored]:
    """Make the channel be served by these locations and no others."""
    return await write(request, lambda tx, actor, now: service.put_serving_locations(tx, actor, code, data, now), 200)


@get(
    "/api/channels/{code:str}/listings",
    guards=[requires("channels:read")],
    tags=TAGS,
    summary="List a channel's listings",
)
async def list_listings(
    request: AnyRequest, code: str, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[Listing]]:
    """Give the skus listed on a channel."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_listings(tx, code, cursor, limit))


@post(
    "/api/channels/{code:str}/listings/add",
    guards=[requires("channels:write")],
    tags=TAGS,
    status_code=200,
    summary="List up to 10,000 skus on a channel",
)
async def add_listings(request: AnyRequest, code: str, data: ListingChange) -> Response[ListingsChanged]:
    """List skus; those listed already stay so."""
    return await write(request, lambda tx, actor, now: service.add_listings(tx, actor, code, data, now), 200)


@post(
    "/api/channels/{code:str}/listings/remove",
    guards=[requires("channels:write")],
    tags=TAGS,
    status_code=200,
    summary="Take up to 10,000 skus off a channel",
)
async def remove_listings(request: AnyRequest, code: str, data: ListingChange) -> Response[ListingsChanged]:
    """Take skus off; those not listed stay so."""
    return await write(request, lambda tx, actor, now: service.remove_listings(tx, actor, code, data, now), 200)


@post(
    "/api/prices/quote",
    guards=[requires("prices:read")],
    tags=["Prices"],
    status_code=200,
    summary="Price a cart on a channel",
)
async def quote_prices(request: AnyRequest, data: QuoteRequest) -> Response[Quote]:
    """Price a cart for a customer group, a destination and an instant; nothing is written."""
    return await read(request, lambda tx, _actor, now: service.quote_prices(tx, data, now))


routes = [
    list_channels,
    create_channel,
    get_channel,
    change_channel,
    list_serving_locations,
    put_serving_locations,
    list_listings,
    add_listings,
    remove_listings,
    quote_prices,
]
