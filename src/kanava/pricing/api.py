"""HTTP edge of pricing: price lists, prices, VAT rates. Carts are quoted by `channels`, which knows the channel."""

from datetime import date

from litestar import Response, delete, get, patch, post, put

from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write
from kanava.pricing import service
from kanava.pricing.records import (
    Instant,
    NewPriceList,
    Price,
    PriceList,
    PriceListChange,
    PriceRemoval,
    PricesRemoved,
    PricesWritten,
    PriceUpload,
    TaxRate,
    TaxRatesWritten,
    TaxRateUpload,
)

TAGS = ["Prices"]


@get("/api/price-lists", guards=[requires("prices:read")], tags=TAGS, summary="List price lists")
async def list_price_lists(request: AnyRequest, cursor: Cursor = None, limit: Limit = 50) -> Response[Page[PriceList]]:
    """Give price lists by code."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_price_lists(tx, cursor, limit))


@post("/api/price-lists", guards=[requires("prices:write")], tags=TAGS, summary="Make a price list")
async def create_price_list(request: AnyRequest, data: NewPriceList) -> Response[PriceList]:
    """Make a price list of one currency, for a channel or for a customer group."""
    return await write(request, lambda tx, actor, now: service.create_price_list(tx, actor, data, now))


@get("/api/price-lists/{code:str}", guards=[requires("prices:read")], tags=TAGS, summary="Get a price list")
async def get_price_list(request: AnyRequest, code: str) -> Response[PriceList]:
    """Give one price list."""
    return await read(request, lambda tx, _actor, _now: service.get_price_list(tx, code))


@patch(
    "/api/price-lists/{code:str}",
    guards=[requires("prices:write")],
    tags=TAGS,
    summary="Change a price list (If-Match)",
)
async def change_price_list(request: AnyRequest, code: str, data: PriceListChange) -> Response[PriceList]:
    """Change name or validity; send the ETag that was read as If-Match."""
    version = expected_version(request)
    return await write(request, lambda tx, actor, _now: service.change_price_list(tx, actor, code, data, version), 200)


@get("/api/price-lists/{code:str}/prices", guards=[requires("prices:read")], tags=TAGS, summary="List prices")
async def list_prices(
    request: AnyRequest,
    code: str,
    sku: str | None = None,
    in_force_at: Instant | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[Price]]:
    """Give the prices of a list: all, of one sku, or those in force at an instant."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_prices(tx, code, sku, in_force_at, cursor, limit))


@put(
    "/api/price-lists/{code:str}/prices",
    guards=[requires("prices:write")],
    tags=TAGS,
    summary="Store up to 10,000 prices",
)
async def put_prices(request: AnyRequest, code: str, data: PriceUpload) -> Response[PricesWritten]:
    """Store prices by sku, quantity break and beginning; all or nothing unless `partial`."""
    return await write(request, lambda tx, actor, now: service.put_prices(tx, actor, code, data, now), 200)


@post(
    "/api/price-lists/{code:str}/prices/remove",
    guards=[requires("prices:write")],
    tags=TAGS,
    status_code=200,
    summary="Remove up to 10,000 prices",
)
async def remove_prices(request: AnyRequest, code: str, data: PriceRemoval) -> Response[PricesRemoved]:
    """Remove prices of skus, of quantity breaks, or single windows."""
    return await write(request, lambda tx, actor, now: service.remove_prices(tx, actor, code, data, now), 200)


@get("/api/tax-rates", guards=[requires("prices:read")], tags=TAGS, summary="List VAT rates")
async def list_tax_rates(
    request: AnyRequest, country: str | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[TaxRate]]:
    """Give VAT rates by country, category and day."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_tax_rates(tx, country, cursor, limit))


@put("/api/tax-rates", guards=[requires("prices:write")], tags=TAGS, summary="Set VAT rates")
async def put_tax_rates(request: AnyRequest, data: TaxRateUpload) -> Response[TaxRatesWritten]:
    """Set rates by country and category, from a day on."""
    return await write(request, lambda tx, actor, now: service.put_tax_rates(tx, actor, data, now), 200)


@delete(
    "/api/tax-rates/{country:str}/{tax_category:str}",
    guards=[requires("prices:write")],
    tags=TAGS,
    status_code=204,
    summary="Remove a VAT rate",
)
async def remove_tax_rate(
    request: AnyRequest, country: str, tax_category: str, valid_from: date | None = None
) -> Response[None]:
    """Remove the rate that begins on a day, or the one since ever."""
    return await write(
        request, lambda tx, actor, _now: service.remove_tax_rate(tx, actor, country, tax_category, valid_from), 204
    )


routes = [
    list_price_lists,
    create_price_list,
    get_price_list,
    change_price_list,
    list_prices,
    put_prices,
    remove_prices,
    list_tax_rates,
    put_tax_rates,
    remove_tax_rate,
]
