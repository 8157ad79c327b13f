"""Count a shelf: tally by scan or number, alone or with others, look at the differences, book."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.inventory.count_sheets import CountSheet, NewCountSheet, Tally
from kanava.inventory.errors import CountSheetBooked, CountSheetNotFound
from kanava.inventory.service import sheets
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.errors import N
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff
from kanava.web.store.counter import articles, find_exactly, translator
from kanava.web.store.forms import UNITS_MAX
from kanava.web.store.shell import Shift, carry_out, store_page

CAN = [requires_staff("stock:write")]
Form = RequestEncodingType.URL_ENCODED
TO_COUNT_MAX = 50
SAID = {"booked": N("Booked. The stock is as you counted it.")}
Short = Annotated[str, msgspec.Meta(max_length=100)]


class StartForm(msgspec.Struct, frozen=True):
    """A new sheet; `code`: what is to be counted first."""

    count_sheet_id: UUID
    name: Short = ""
    blind: Annotated[str, msgspec.Meta(max_length=10)] = ""
    code: Short = ""


class TallyForm(msgspec.Struct, frozen=True):
    """What was scanned or typed; `units` empty: one more. The id makes a second press the same entry."""

    entry_id: UUID
    code: Short = ""
    units: Annotated[str, msgspec.Meta(max_length=10)] = ""


class StrikeForm(msgspec.Struct, frozen=True):
    """What is to be taken off the sheet."""

    code: Short = ""


@get("/count", guards=CAN)
async def count_page(request: AnyRequest, shift: Shift, code: Short = "") -> Response[str]:
    """Show what is to be counted, the sheets that are being counted on, and begin one."""
    code = code.strip()
    async with database_of(request).connection() as connection:
        wanted = await sheets.to_count(connection, shift.code, TO_COUNT_MAX)
        under_way = await sheets.open_sheets(connection, shift.code, clock.now())
        known = await articles(connection, shift, [*(each.sku for each in wanted), *([code] if code else [])])
    return store_page(
        request,
        shift,
        "store/count.html",
        "count",
        wanted=wanted,
        under_way=under_way,
        articles=known,
        code=code,
        new_id=uuid7(),
    )


@post("/count", guards=CAN)
async def start(request: AnyRequest, shift: Shift, data: Annotated[StartForm, Body(media_type=Form)]) -> Response[Any]:
    """Begin a sheet."""
    new = NewCountSheet(data.count_sheet_id, shift.code, data.name.strip(), bool(data.blind))
    await carry_out(request, lambda tx, actor, now: sheets.open_sheet(tx, actor, new, now))
    query = "?" + urlencode({"code": data.code.strip()}) if data.code.strip() else ""
    return see_other(f"/store/count/{new.count_sheet_id}{query}")


@get("/count/{sheet_id:uuid}", guards=CAN)
async def sheet_page(request: AnyRequest, shift: Shift, sheet_id: UUID, code: Short = "") -> Response[str]:
    """Show a sheet."""
    return await _sheet(request, shift, sheet_id, code=code)


@get("/count/{sheet_id:uuid}/review", guards=CAN)
async def review_page(request: AnyRequest, shift: Shift, sheet_id: UUID) -> Response[str]:
    """Show what differs from what is expected."""
    return await _sheet(request, shift, sheet_id, template="store/count_review.html")


@post("/count/{sheet_id:uuid}/tally", guards=CAN)
async def tally(
    request: AnyRequest, shift: Shift, sheet_id: UUID, data: Annotated[TallyForm, Body(media_type=Form)]
) -> Response[Any]:
    """Write down what was found."""
    _ = translator(shift)
    code, typed = data.code.strip(), data.units.strip()
    if typed and not (typed.isascii() and typed.isdigit() and int(typed) <= UNITS_MAX):
        return await _sheet(request, shift, sheet_id, refusal=_("Please enter a whole number."), code=code, status=422)
    async with database_of(request).connection() as connection:
        found = await find_exactly(connection, shift, code)
    if found is None:
        said = _("Nothing has this barcode or article number.")
        return await _sheet(request, shift, sheet_id, refusal=said, code=code, status=422)
    entry = Tally(data.entry_id, found.sku, int(typed) if typed else 1, bool(typed))
    return await _attempt(
        request, shift, sheet_id, lambda tx, actor, now: sheets.tally(tx, actor, sheet_id, entry, now)
    )


@post("/count/{sheet_id:uuid}/strike", guards=CAN)
async def strike(
    request: AnyRequest, shift: Shift, sheet_id: UUID, data: Annotated[StrikeForm, Body(media_type=Form)]
) -> Response[Any]:
    """Take an article off the sheet."""
    return await _attempt(
        request, shift, sheet_id, lambda tx, actor, _now: sheets.strike(tx, actor, sheet_id, data.code)
    )


@post("/count/{sheet_id:uuid}/book", guards=CAN)
async def book(request: AnyRequest, shift: Shift, sheet_id: UUID) -> Response[Any]:
    """Make it the stock."""
    try:
        await carry_out(request, lambda tx, actor, now: sheets.book_sheet(tx, actor, sheet_id, now))
    except InvalidInput as error:
        said = translator(shift)("Nothing has been counted yet.")
        return await _sheet(request, shift, sheet_id, refusal=said, status=error.status)
    return see_other(f"/store/count/{sheet_id}?said=booked")


async def _attempt(
    request: AnyRequest, shift: Shift, sheet_id: UUID, verb: Callable[[Connection, Actor, datetime], Awaitable[None]]
) -> Response[Any]:
    try:
        await carry_out(request, verb)
    except CountSheetBooked as error:
        said = translator(shift)("Somebody has booked this count already. Begin another one for what is left.")
        return await _sheet(request, shift, sheet_id, refusal=said, status=error.status)
    return see_other(f"/store/count/{sheet_id}")


async def _sheet(
    request: AnyRequest,
    shift: Shift,
    sheet_id: UUID,
    *,
    template: str = "store/count_sheet.html",
    refusal: str = "",
    code: str = "",
    status: int = 200,
) -> Response[str]:
    async with database_of(request).connection() as connection:
        sheet = await sheets.get_sheet(connection, sheet_id)
        if sheet.location != shift.code:
            raise CountSheetNotFound("That sheet is of another location.", field="count_sheet_id")
        wanted = await sheets.to_count(connection, shift.code, TO_COUNT_MAX) if sheet.booked_at is None else []
        counted = {line.sku for line in sheet.lines}
        wanted = [each for each in wanted if each.sku not in counted]
        found = await find_exactly(connection, shift, code) if code and not refusal else None
        known = await articles(
            connection, shift, [*counted, *(each.sku for each in wanted), *([found.sku] if found else [])]
        )
    return store_page(
        request,
        shift,
        "store/count_done.html" if sheet.booked_at is not None else template,
        "count",
        status=status,
        sheet=sheet,
        differing=_differing(sheet),
        wanted=wanted,
        first=known[found.sku] if found is not None and found.sku not in counted else None,
        articles=known,
        code=code,
        refusal=refusal,
        said=SAID.get(request.query_params.get("said", "")),
        new_id=uuid7,
        units_max=UNITS_MAX,
    )


def _differing(sheet: CountSheet) -> int:
    return sum(line.counted != line.expected_on_hand for line in sheet.lines)


routes: list[Any] = [count_page, start, sheet_page, review_page, tally, strike, book]
