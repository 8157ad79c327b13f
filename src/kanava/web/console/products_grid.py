"""Products as a sheet: titles, status, weights and prices across rows, saved cell by cell."""

from typing import Any, cast

import msgspec
from litestar import Response, get, post

from kanava.catalog import service as catalog
from kanava.catalog.model import Product, ProductPatch, Text, VariantPatch
from kanava.catalog.service import ProductSearch
from kanava.platform import clock
from kanava.platform.auth import check_scope
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError, PreconditionFailed
from kanava.platform.http import AnyRequest, database_of
from kanava.pricing import service as pricing
from kanava.pricing.records import PriceEntry, PriceKey, PriceListRow, PriceRemoval, PriceUpload
from kanava.web.console.forms import transaction
from kanava.web.console.prices_amounts import read_amount, written_amount
from kanava.web.console.products import STATUSES, picture_of, title_of
from kanava.web.console.products_forms import all_channels, languages_of, read_fields, version_of, whole
from kanava.web.console.shell import Desk, console_page, may

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/product-grid"
PRODUCTS_SHOWN = 15


class Saved(msgspec.Struct, frozen=True):
    """What the sheet hears of a cell: what it holds now, the version that the next change starts from, or why not."""

    value: str
    version: str = ""
    reason: str = ""


@get(PATH, guards=may("catalog:read"))
async def grid_page(request: AnyRequest, desk: Desk) -> Response[str]:
    """Show a sheet of the products that a list was narrowed to."""
    asked = request.query_params
    number = asked.get("page", "1")
    page_number = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    without = asked.get("without", "")
    search = ProductSearch(
        text=asked.get("q", "")[:200] or None,
        status=cast(Any, asked.get("status") if asked.get("status") in STATUSES else None),
        category=asked.get("category") or None,
        brand=asked.get("brand", "")[:200] or None,
        without=cast(Any, without) if without in ("picture", "gtin", "category") else None,
        without_title=without.removeprefix("title:")[:10] if without.startswith("title:") else None,
        sort="title",
        language=desk.language,
    )
    async with database_of(request).connection() as connection:
        found = await all_channels(connection)
        products, total = await catalog.find_products(
            connection, search, PRODUCTS_SHOWN, (page_number - 1) * PRODUCTS_SHOWN
        )
        codes = sorted({channel.price_list for channel in found if channel.active})
        lists = [each for each in await pricing.all_price_lists(connection) if each.code in codes]
        wanted = asked.get("list", "")
        chosen = [each for each in lists if each.code == wanted] or lists[:1]
        prices = await _prices(connection, chosen[0].code if chosen else None, products, desk.language)
    return console_page(
        request,
        desk,
        "console/product_grid.html",
        products=products,
        total=total,
        page_number=page_number,
        pages=max(1, -(-total // PRODUCTS_SHOWN)),
        languages_spoken=languages_of(found),
        lists=lists,
        price_list=chosen[0] if chosen else None,
        prices=prices,
        statuses=STATUSES,
        title_of=title_of,
        picture_of=picture_of,
        asked=dict(asked),
    )


async def _prices(connection: Connection, code: str | None, products: list[Product], language: str) -> dict[str, str]:
    """Give the plain price (one unit, no window) of each sku as it is typed."""
    if code is None:
        return {}
    skus = [variant.sku for product in products for variant in product.variants]
    found = await pricing.plain_prices(connection, code, skus)
    return {price.sku: written_amount(price.amount_minor, price.currency, language) for price in found}


@post(f"{PATH}/cell", guards=may("catalog:write"), status_code=200)
async def save_cell(request: AnyRequest, desk: Desk) -> Response[Saved]:
    """Save one cell; a refusal says why and what the cell holds now."""
    typed = await read_fields(request)
    field, handle, sku = typed.get("field", ""), typed.get("handle", ""), typed.get("sku", "")
    try:
        async with transaction(request) as tx:
            if field.startswith("price."):
                check_scope(desk.actor, "prices:write")
                await _save_price(tx, desk, field.removeprefix("price."), sku, typed)
            elif field == "weight_grams":
                weight = whole(typed, "value", 0, 2_000_000_000)
                patch = VariantPatch(weight_grams=weight)
                await catalog.patch_variant(tx, desk.actor, sku, patch, clock.now(), version=version_of(typed))
            else:
                await _save_product(tx, desk, field, handle, typed)
            held = await _held(tx, desk, field, handle, sku)
    except PreconditionFailed as error:
        async with database_of(request).connection() as connection:
            held = await _held(connection, desk, field, handle, sku)
        words = desk.text(N("Somebody changed this meanwhile: it was “%s”. Leave the cell again to save yours."))
        return _json(Saved(held.value, held.version, words % held.value), error.status)
    except KanavaError as error:
        reason = error.errors[0].reason if error.errors else error.detail
        return _json(Saved(typed.get("was", ""), "", desk.worded(reason) or reason), error.status)
    return _json(held, 200)


async def _save_product(tx: Connection, desk: Desk, field: str, handle: str, typed: dict[str, str]) -> None:
    value = typed.get("value", "").strip()
    if field == "status":
        if value not in STATUSES:
            raise InvalidInput("must be draft, active or archived", field="status")
        patch = ProductPatch(status=cast(Any, value))
    elif field.startswith("title."):
        language = field.removeprefix("title.")
        product = await catalog.get_product(tx, handle)
        if len(value) > 500:
            raise InvalidInput(f"longer than 500 characters ({len(value)})", field=field)
        text = msgspec.structs.replace(product.texts.get(language, Text()), title=value)
        patch = ProductPatch(texts={language: text})
    else:
        raise InvalidInput("There is no such column.", field="field")
    await catalog.patch_product(tx, desk.actor, handle, patch, clock.now(), version=version_of(typed))


async def _save_price(tx: Connection, desk: Desk, code: str, sku: str, typed: dict[str, str]) -> None:
    price_list = await _price_list(tx, code)
    # A price has no version of its own: what the sheet showed is what it must still be.
    before = await pricing.plain_prices(tx, code, [sku])
    shown = written_amount(before[0].amount_minor, price_list.currency, desk.language) if before else ""
    if shown != typed.get("was", ""):
        raise PreconditionFailed("The price changed meanwhile.", field="value")
    value = typed.get("value", "")
    if not value.strip():
        await pricing.remove_prices(tx, desk.actor, code, PriceRemoval([PriceKey(sku, 1, None)]), clock.now())
        return
    entry = PriceEntry(sku, read_amount(value, price_list.currency, "value"))
    await pricing.put_prices(tx, desk.actor, code, PriceUpload([entry]), clock.now())


async def _price_list(tx: Connection, code: str) -> PriceListRow:
    found = await pricing.find_price_list(tx, code)
    if found is None:
        raise InvalidInput("There is no such price list.", field="field")
    return found


async def _held(tx: Connection, desk: Desk, field: str, handle: str, sku: str) -> Saved:
    if field.startswith("price."):
        found = await pricing.plain_prices(tx, field.removeprefix("price."), [sku])
        return Saved(written_amount(found[0].amount_minor, found[0].currency, desk.language) if found else "")
    product = await catalog.get_product(tx, handle)
    if field == "status":
        value: Any = product.status
    elif field == "weight_grams":
        value = next((each.weight_grams for each in product.variants if each.sku == sku), None)
    else:
        value = product.texts.get(field.removeprefix("title."), Text()).title
    return Saved("" if value is None else str(value), str(product.version))


def _json(saved: Saved, status: int) -> Response[Saved]:
    return Response(saved, status_code=status, media_type="application/json")


routes: list[Any] = [grid_page, save_cell]
