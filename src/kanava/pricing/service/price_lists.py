"""Make, change and read price lists."""

from datetime import datetime

from msgspec import UNSET

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, PreconditionFailed
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.money import check_currency
from kanava.pricing import events, store
from kanava.pricing.errors import PriceListExists, PriceListNotFound
from kanava.pricing.model import ApplicableList
from kanava.pricing.records import NewPriceList, PriceList, PriceListChange, PriceListRow


async def create_price_list(
    tx: Connection,
    actor: Actor,
    request: NewPriceList,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> PriceList:
    """Make a price list; PriceListExists when the code is taken."""
    check_currency(request.currency)
    _check_window(request.valid_from, request.valid_until)
    row = await store.INSERT_PRICE_LIST.one_or_none(
        tx,
        code=request.code,
        name=request.name,
        currency=request.currency,
        tax_inclusive=request.tax_inclusive,
        customer_group=request.customer_group,
        valid_from=request.valid_from,
        valid_until=request.valid_until,
    )
    if row is None:
        if await find_price_list(tx, request.code) is None:
            raise PriceListExists(
                f"The group {request.customer_group!r} has a price list in {request.currency} already.",
                field="customer_group",
            )
        raise PriceListExists(f"There is a price list {request.code!r} already.", field="code")
    await audit.record(tx, actor, "create", "price_list", row.code, {"currency": row.currency})
    await outbox.publish(tx, [events.price_list_changed(row.code, "created")])
    return row.public()


async def change_price_list(
    tx: Connection, actor: Actor, code: str, change: PriceListChange, version: int
) -> PriceList:
    """Change what was sent of a price list that is still at `version`."""
    row = await store.PRICE_LIST_FOR_WRITING.one_or_none(tx, code=code)
    if row is None:
        raise _not_found(code)
    if row.version != version:
        raise PreconditionFailed(f"The price list is at version {row.version}, not {version}.", field="If-Match")
    valid_from = row.valid_from if change.valid_from is UNSET else change.valid_from
    valid_until = row.valid_until if change.valid_until is UNSET else change.valid_until
    _check_window(valid_from, valid_until)
    changed = await store.UPDATE_PRICE_LIST.one(
        tx,
        price_list_id=row.price_list_id,
        name=row.name if change.name is UNSET else change.name,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    detail = {
        name: [getattr(row, name), getattr(changed, name)]
        for name in ("name", "valid_from", "valid_until")
        if getattr(row, name) != getattr(changed, name)
    }
    await audit.record(tx, actor, "change", "price_list", code, detail)
    await outbox.publish(tx, [events.price_list_changed(code, "changed")])
    return changed.public()


async def get_price_list(tx: Connection, code: str) -> PriceList:
    """Give a price list; PriceListNotFound without one."""
    return (await price_list_row(tx, code)).public()


async def find_price_list(tx: Connection, code: str) -> PriceListRow | None:
    """Give a price list with its id, for modules that refer to it."""
    return await store.PRICE_LIST.one_or_none(tx, code=code)


async def price_list_row(tx: Connection, code: str) -> PriceListRow:
    """Give a price list with its id; PriceListNotFound without one."""
    row = await find_price_list(tx, code)
    if row is None:
        raise _not_found(code)
    return row


async def list_price_lists(tx: Connection, cursor: str | None, limit: int) -> Page[PriceList]:
    """Give price lists by code."""
    after = decode_cursor(cursor, str)[0] if cursor else ""
    rows = await store.PRICE_LISTS_AFTER.all(tx, after=after, limit=limit)
    return Page([row.public() for row in rows], encode_cursor(rows[-1].code) if len(rows) == limit else None)


async def all_price_lists(tx: Connection) -> tuple[ApplicableList, ...]:
    """Give every price list, for a snapshot in memory guarded by `config_version`."""
    return tuple(
        ApplicableList(
            row.price_list_id,
            row.code,
            row.currency,
            row.tax_inclusive,
            row.customer_group,
            row.valid_from,
            row.valid_until,
        )
        for row in await store.ALL_PRICE_LISTS.all(tx)
    )


def _not_found(code: str) -> PriceListNotFound:
    return PriceListNotFound(f"There is no price list {code!r}.", field="code")


YEARS = range(1900, 9999)
"""Instants outside are taken for a slip; the driver also reads year 1 as infinity."""


def _check_window(valid_from: datetime | None, valid_until: datetime | None) -> None:
    for field, instant in (("valid_from", valid_from), ("valid_until", valid_until)):
        if instant is not None and instant.year not in YEARS:
            raise InvalidInput(f"The year {instant.year} is not within {YEARS[0]} and {YEARS[-1]}.", field=field)
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        raise InvalidInput(f"valid_until {valid_until} is not after valid_from {valid_from}.", field="valid_until")
