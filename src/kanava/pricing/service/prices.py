"""Store, remove and read prices, many at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.pricing import events, store
from kanava.pricing.errors import PriceListNotFound, PricesRejected
from kanava.pricing.model import AMOUNT_MINOR_MAX
from kanava.pricing.records import (
    Overlap,
    Price,
    PriceEntry,
    PriceInForce,
    PriceListRow,
    PriceRemoval,
    PricesRemoved,
    PricesWritten,
    PriceUpload,
)
from kanava.pricing.service.price_lists import YEARS, price_list_row

QUANTITY_FROM_MAX = 1_000_000
ERRORS_SHOWN_MAX = 1_000

Rejections = dict[int, list[FieldError]]


async def put_prices(
    tx: Connection,
    actor: Actor,
    code: str,
    request: PriceUpload,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> PricesWritten:
    """Store prices of one list, replacing those with the same sku, quantity break and beginning.

    Without `partial` one wrong row raises PricesRejected and nothing is written. With it, a wrong row takes along the
    other rows of its sku and quantity break, because their windows follow one another.
    """
    price_list = await _locked(tx, code)
    entries = request.prices
    rejected = _check_entries(entries, price_list.currency)
    variants = await _variant_ids(tx, {entry.sku for entry in entries})
    for position, entry in enumerate(entries):
        if entry.sku not in variants:
            _reject(rejected, position, "sku", f"There is no variant {entry.sku!r}.")
    if not rejected or request.partial:
        await _check_overlaps(tx, price_list, entries, variants, rejected)
    if rejected and not request.partial:
        raise _refusal(rejected)
    bad = {(entries[position].sku, entries[position].quantity_from) for position in rejected}
    good = []
    for position, entry in enumerate(entries):
        if (entry.sku, entry.quantity_from) not in bad:
            good.append(entry)
        elif position not in rejected:
            _reject(rejected, position, "sku", "Another row of this sku and quantity break is wrong.")
    changed = await store.UPSERT_PRICES.all(
        tx,
        price_list_id=price_list.price_list_id,
        variant_ids=[variants[entry.sku] for entry in good],
        quantities_from=[entry.quantity_from for entry in good],
        valid_froms=[entry.valid_from for entry in good],
        valid_untils=[entry.valid_until for entry in good],
        amounts_minor=[entry.amount_minor for entry in good],
    )
    await _announce(tx, actor, "put_prices", code, _skus_of(changed, variants), len(changed))
    return PricesWritten(
        written=len(changed),
        unchanged=len(good) - len(changed),
        rejected=len(entries) - len(good),
        errors=list(_errors(rejected)),
    )


async def remove_prices(
    tx: Connection,
    actor: Actor,
    code: str,
    request: PriceRemoval,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> PricesRemoved:
    """Remove prices of one list; what is not there is no error, a sku nobody knows is."""
    price_list = await _locked(tx, code)
    variants = await _variant_ids(tx, {key.sku for key in request.prices})
    rejected: Rejections = {}
    for position, key in enumerate(request.prices):
        if key.sku not in variants:
            _reject(rejected, position, "sku", f"There is no variant {key.sku!r}.")
    if rejected:
        raise _refusal(rejected)
    removed = await store.REMOVE_PRICES.all(
        tx,
        price_list_id=price_list.price_list_id,
        variant_ids=[variants[key.sku] for key in request.prices],
        quantities_from=[key.quantity_from for key in request.prices],
        every_window=[key.valid_from is UNSET for key in request.prices],
        valid_froms=[None if key.valid_from is UNSET else key.valid_from for key in request.prices],
    )
    await _announce(tx, actor, "remove_prices", code, _skus_of(removed, variants), len(removed))
    return PricesRemoved(len(removed))


async def list_prices(
    tx: Connection, code: str, sku: str | None, in_force_at: datetime | None, cursor: str | None, limit: int
) -> Page[Price]:
    """Give the prices of a list, a variant's together, its breaks and windows in order."""
    price_list = await price_list_row(tx, code)
    variant_id, quantity_from, valid_from = decode_cursor(cursor, int, int, datetime | None) if cursor else (0, 0, None)
    rows = await store.PRICES_AFTER.all(
        tx,
        price_list_id=price_list.price_list_id,
        sku=sku,
        in_force_at=in_force_at,
        after_variant_id=variant_id,
        after_quantity_from=quantity_from,
        after_valid_from=valid_from,
        limit=limit,
    )
    items = [
        Price(row.sku, row.quantity_from, row.amount_minor, price_list.currency, row.valid_from, row.valid_until)
        for row in rows
    ]
    more = len(rows) == limit
    last = rows[-1] if rows else None
    return Page(items, encode_cursor(last.variant_id, last.quantity_from, last.valid_from) if more and last else None)


async def plain_prices(tx: Connection, code: str, skus: Sequence[str]) -> list[Price]:
    """Give the prices of one unit that have no beginning, of these skus; what has none is missing."""
    price_list = await price_list_row(tx, code)
    rows = await store.PLAIN_PRICES.all(tx, price_list_id=price_list.price_list_id, skus=list(skus))
    return [
        Price(row.sku, row.quantity_from, row.amount_minor, price_list.currency, row.valid_from, row.valid_until)
        for row in rows
    ]


async def prices_in_force(
    tx: Connection, price_list_ids: Sequence[int], skus: Sequence[str], now: datetime
) -> list[PriceInForce]:
    """Give what lists say about skus at `now`, in one statement.

    The two arrays go together, one element each per wanted pair: to ask two lists about a sku, send it twice. Skus that
    nobody knows give no row; a sku without a price in that list gives a row with empty arrays.
    """
    return await store.PRICES_IN_FORCE.all(tx, price_list_ids=list(price_list_ids), skus=list(skus), now=now)


def _check_entries(entries: Sequence[PriceEntry], currency: str) -> Rejections:
    rejected: Rejections = {}
    seen: dict[tuple[str, int, datetime | None], int] = {}
    for position, entry in enumerate(entries):
        if not 0 <= entry.amount_minor <= AMOUNT_MINOR_MAX:
            _reject(rejected, position, "amount_minor", f"An amount is 0 to {AMOUNT_MINOR_MAX} minor units.")
        if not 1 <= entry.quantity_from <= QUANTITY_FROM_MAX:
            _reject(rejected, position, "quantity_from", f"A quantity break is 1 to {QUANTITY_FROM_MAX}.")
        if entry.currency is not None and entry.currency != currency:
            _reject(rejected, position, "currency", f"The list is in {currency}, the row in {entry.currency!r}.")
        if entry.valid_from is not None and entry.valid_until is not None and entry.valid_until <= entry.valid_from:
            _reject(rejected, position, "valid_until", "The window ends before it begins.")
        for field, instant in (("valid_from", entry.valid_from), ("valid_until", entry.valid_until)):
            if instant is not None and instant.year not in YEARS:
                _reject(rejected, position, field, f"The year {instant.year} is not within {YEARS[0]} and {YEARS[-1]}.")
        first = seen.setdefault((entry.sku, entry.quantity_from, entry.valid_from), position)
        if first != position:
            reason = f"prices[{first}] has the same sku, quantity_from and valid_from."
            _reject(rejected, position, "sku", reason)
    return rejected


async def _check_overlaps(
    tx: Connection,
    price_list: PriceListRow,
    entries: Sequence[PriceEntry],
    variants: Mapping[str, int],
    rejected: Rejections,
) -> None:
    sound = [(position, entry) for position, entry in enumerate(entries) if position not in rejected]
    overlaps = await store.OVERLAPS.all(
        tx,
        price_list_id=price_list.price_list_id,
        positions=[position for position, _ in sound],
        variant_ids=[variants[entry.sku] for _, entry in sound],
        quantities_from=[entry.quantity_from for _, entry in sound],
        valid_froms=[entry.valid_from for _, entry in sound],
        valid_untils=[entry.valid_until for _, entry in sound],
    )
    for overlap in overlaps:
        entry = entries[overlap.position]
        field = "valid_from" if entry.valid_from is not None else "valid_until"
        _reject(rejected, overlap.position, field, _overlap_reason(overlap))


def _overlap_reason(overlap: Overlap) -> str:
    begins = "the beginning" if overlap.other_valid_from is None else overlap.other_valid_from.isoformat()
    ends = "no end" if overlap.other_valid_until is None else overlap.other_valid_until.isoformat()
    other = "the stored price" if overlap.other_position is None else f"prices[{overlap.other_position}]"
    return f"The window overlaps that of {other}, from {begins} to {ends}."


def _reject(rejected: Rejections, position: int, field: str, reason: str) -> None:
    rejected.setdefault(position, []).append(FieldError(f"prices[{position}].{field}", reason))


def _errors(rejected: Rejections) -> Iterator[FieldError]:
    shown = 0
    for position in sorted(rejected):
        for error in rejected[position]:
            if shown == ERRORS_SHOWN_MAX:
                return
            shown += 1
            yield error


def _refusal(rejected: Rejections) -> PricesRejected:
    errors = list(_errors(rejected))
    rows = "1 row is" if len(rejected) == 1 else f"{len(rejected)} rows are"
    return PricesRejected(
        f"{rows} wrong, first {errors[0].field}: {errors[0].reason}", errors=errors, rejected=len(rejected)
    )


async def _locked(tx: Connection, code: str) -> PriceListRow:
    row = await store.PRICE_LIST_FOR_WRITING.one_or_none(tx, code=code)
    if row is None:
        raise PriceListNotFound(f"There is no price list {code!r}.", field="code")
    return row


async def _variant_ids(tx: Connection, skus: set[str]) -> dict[str, int]:
    return {row.sku: row.variant_id for row in await store.VARIANTS_BY_SKU.all(tx, skus=list(skus))}


def _skus_of(variant_ids: Sequence[int], variants: Mapping[str, int]) -> list[str]:
    sku_of = {variant_id: sku for sku, variant_id in variants.items()}
    return sorted({sku_of[variant_id] for variant_id in variant_ids})


async def _announce(tx: Connection, actor: Actor, action: str, code: str, skus: Sequence[str], rows: int) -> None:
    if not rows:
        return
    detail = {"rows": rows, "skus": len(skus), "first_skus": list(skus[:20])}
    await audit.record(tx, actor, action, "price_list", code, detail)
    await outbox.publish(tx, list(events.prices_changed(code, skus)))
