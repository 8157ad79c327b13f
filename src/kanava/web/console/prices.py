"""Price lists: prices with windows and quantity breaks, changed with the effect in view, and imported from a file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from kanava.channels import service as channels
from kanava.channels.model import QuoteLine, QuoteRequest
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.money import Money
from kanava.pricing import service as pricing
from kanava.pricing.records import NewPriceList, PriceEntry, PriceKey, PriceRemoval, PriceUpload
from kanava.web.common.pages import see_other
from kanava.web.console.channels_previews import try_out
from kanava.web.console.forms import transaction
from kanava.web.console.prices_amounts import read_amount, written_amount
from kanava.web.console.prices_files import read_prices
from kanava.web.console.products_forms import all_channels, read_fields, whole
from kanava.web.console.shell import Desk, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Rows, TableSpec, answer_table, sorted_page

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/prices"
LISTS_MAX = 500
PRICES_SHOWN = 50


@get(PATH, guards=may("prices:read"))
async def lists_page(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show every price list."""
    cells, text = Cells(desk), desk.text
    spec = TableSpec(
        name="price-lists",
        path=PATH,
        title=text(N("Prices")),
        columns=(
            Column("name", text(N("Price list")), sortable=True),
            Column("currency", text(N("Currency")), sortable=True),
            Column("tax", text(N("Tax")), sortable=True),
            Column("group", text(N("Customer group")), sortable=True),
            Column("channels", text(N("Channels"))),
            Column("from", text(N("In force from")), "moment"),
            Column("until", text(N("In force until")), "moment"),
        ),
        sort="name",
        views=False,
    )

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            lists = (await pricing.list_price_lists(connection, None, LISTS_MAX)).items
            found = await all_channels(connection)
        rows = [
            {
                "name": cells.text(each.name, f"{PATH}/{each.code}", each.code),
                "currency": cells.text(each.currency),
                "tax": cells.text(text(N("with tax")) if each.tax_inclusive else text(N("without tax"))),
                "group": cells.text(each.customer_group),
                "channels": cells.text(", ".join(c.name for c in found if c.price_list == each.code)),
                "from": cells.moment(each.valid_from),
                "until": cells.moment(each.valid_until),
            }
            for each in lists
        ]
        return sorted_page(rows, asked, limit, offset)

    return await answer_table(request, desk, "console/price_lists.html", spec, load)


@post(PATH, guards=may("prices:write"))
async def make_list(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Make a price list."""
    typed = await read_fields(request)
    try:
        wanted = msgspec.convert(
            {
                "code": typed.get("code", "").strip(),
                "name": typed.get("name", "").strip(),
                "currency": typed.get("currency", "").strip().upper(),
                "tax_inclusive": typed.get("tax") != "without",
                "customer_group": typed.get("group", "").strip() or None,
            },
            NewPriceList,
        )
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{error}.", field="code") from None
    async with database_of(request).transaction() as tx:
        made = await pricing.create_price_list(tx, desk.actor, wanted, clock.now())
    return see_other(f"{PATH}/{made.code}")


class Effect(msgspec.Struct, frozen=True):
    """What a channel would charge for so many units at an instant, before and after; None: not for sale."""

    channel: str
    quantity: int
    at: datetime
    before: tuple[Money, Money, Money] | None
    after: tuple[Money, Money, Money] | None
    tax_inclusive: bool


async def _show(
    request: AnyRequest, desk: Desk, code: str, *, status: int = 200, typed: dict[str, str] | None = None, **facts: Any
) -> Response[str]:
    asked = request.query_params
    sku = asked.get("sku", "").strip()[:100] or (typed or {}).get("sku", "")
    async with database_of(request).connection() as connection:
        price_list = await pricing.get_price_list(connection, code)
        cursor = asked.get("cursor") or None
        page = await pricing.list_prices(connection, code, sku or None, None, cursor, PRICES_SHOWN)
        found = [each for each in await all_channels(connection) if each.price_list == code]
    everything: dict[str, Any] = {
        "price_list": price_list,
        "prices": page.items,
        "next_cursor": page.next_cursor,
        "cursor": cursor,
        "sku": sku,
        "channels": found,
        "typed": typed or {},
        "effects": None,
        "imported": None,
        "written_amount": written_amount,
        "saved": asked.get("saved") == "yes",
        **facts,
    }
    return console_page(request, desk, "console/price_list.html", status=status, **everything)


@get(f"{PATH}/{{code:str}}", guards=may("prices:read"))
async def list_page(request: AnyRequest, desk: Desk, code: str) -> Response[str]:
    """Show the prices of a list."""
    return await _show(request, desk, code)


def _instant(typed: dict[str, str], field: str, zone: str) -> datetime | None:
    text = typed.get(field, "").strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput("is a day with a time", field=field) from None
    return local.replace(tzinfo=local.tzinfo or ZoneInfo(zone))


def _entry(typed: dict[str, str], currency: str, zone: str) -> PriceEntry:
    return PriceEntry(
        typed.get("sku", "").strip(),
        read_amount(typed.get("amount", ""), currency, "amount"),
        whole(typed, "quantity_from", 1, 1_000_000) or 1,
        _instant(typed, "valid_from", zone),
        _instant(typed, "valid_until", zone),
    )


async def _charged(
    tx: Connection, code: str, sku: str, quantity: int, at: datetime
) -> tuple[tuple[Money, Money, Money] | None, bool]:
    try:
        quote = await channels.quote_prices(tx, QuoteRequest(code, [QuoteLine(sku, quantity)], at=at), at)
    except KanavaError:
        return None, True
    line = quote.lines[0]
    return (line.unit_price, line.net, line.total), quote.tax_inclusive


@post(f"{PATH}/{{code:str}}", guards=may("prices:write"))
async def save_price(request: AnyRequest, desk: Desk, code: str) -> Response[Any]:
    """Store or remove a price, or show what channels would charge then."""
    typed = await read_fields(request)
    now, db = clock.now(), database_of(request)
    try:
        async with db.connection() as connection:
            price_list = await pricing.get_price_list(connection, code)
            found = [each.code for each in await all_channels(connection) if each.price_list == code and each.active]
        if typed.get("do") == "remove":
            valid_from = _instant(typed, "valid_from", desk.time_zone)
            key = PriceKey(typed.get("sku", ""), whole(typed, "quantity_from", 1, 1_000_000) or 1, valid_from)
            async with transaction(request) as tx:
                await pricing.remove_prices(tx, desk.actor, code, PriceRemoval([key]), now)
            return see_other(f"{PATH}/{code}?saved=yes")
        entry = _entry(typed, price_list.currency, desk.time_zone)
        upload = PriceUpload([entry])
        if typed.get("do") == "preview":
            at = _instant(typed, "at", desk.time_zone) or max(now, entry.valid_from or now)

            async def attempt(tx: Connection) -> list[Effect]:
                return await _effects(tx, desk, code, found, upload, at)

            return await _show(request, desk, code, typed=typed, effects=await try_out(db, attempt))
        async with transaction(request) as tx:
            await pricing.put_prices(tx, desk.actor, code, upload, now)
    except KanavaError as error:
        return await _show(request, desk, code, status=error.status, typed=typed, problem=refused(desk, error))
    return see_other(f"{PATH}/{code}?saved=yes&sku={quote(entry.sku, safe='')}")


async def _effects(
    tx: Connection, desk: Desk, code: str, found: Sequence[str], upload: PriceUpload, at: datetime
) -> list[Effect]:
    entry = upload.prices[0]
    asked = [(channel, quantity) for channel in found[:10] for quantity in sorted({1, entry.quantity_from})]
    before = [await _charged(tx, channel, entry.sku, quantity, at) for channel, quantity in asked]
    await pricing.put_prices(tx, desk.actor, code, upload, clock.now())
    after = [await _charged(tx, channel, entry.sku, quantity, at) for channel, quantity in asked]
    return [
        Effect(channel, quantity, at, old[0], new[0], new[1])
        for (channel, quantity), old, new in zip(asked, before, after, strict=True)
    ]


@post(f"{PATH}/{{code:str}}/import", guards=may("prices:write"), request_max_body_size=None)
async def import_prices(request: AnyRequest, desk: Desk, code: str) -> Response[Any]:
    """Store the good rows of a file and name the others."""
    try:
        async with database_of(request).connection() as connection:
            price_list = await pricing.get_price_list(connection, code)
        rows, wrong = await read_prices(request, price_list.currency, desk.time_zone)
        written = None
        if rows:
            async with transaction(request) as tx:
                upload = PriceUpload([entry for _row, entry in rows], partial=True)
                written = await pricing.put_prices(tx, desk.actor, code, upload, clock.now())
            wrong += [(rows[_position(each.field)][0], each.field.rpartition(".")[2], each.reason)
                      for each in written.errors]  # fmt: skip
    except KanavaError as error:
        return await _show(request, desk, code, status=error.status, problem=refused(desk, error))
    imported = {"written": written.written if written else 0, "unchanged": written.unchanged if written else 0}
    return await _show(request, desk, code, imported=imported, mistakes=sorted(wrong)[:200], all_mistakes=len(wrong))


def _position(field: str) -> int:
    return int(field.partition("[")[2].partition("]")[0])


routes: list[Any] = [lists_page, make_list, list_page, save_price, import_prices]
