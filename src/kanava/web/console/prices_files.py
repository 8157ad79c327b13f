"""A file of prices: columns sku, amount, quantity_from, valid_from, valid_until; amounts as people write them."""

import asyncio
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest
from kanava.platform.tables.model import RowError
from kanava.platform.tables.reading import open_table
from kanava.platform.tables.source import guess_encoding, inspect
from kanava.pricing.records import PRICES_PER_REQUEST_MAX, PriceEntry
from kanava.web.common.receiving import receive_form
from kanava.web.console.prices_amounts import read_amount

BYTES_MAX = 8 << 20
COLUMNS = ("sku", "amount", "quantity_from", "valid_from", "valid_until")

Row = tuple[int, PriceEntry]
Mistake = tuple[int, str, str]


async def read_prices(request: AnyRequest, currency: str, zone: str) -> tuple[list[Row], list[Mistake]]:
    """Read the file of a form: (row, price) of good rows and (row, column, reason) of the others."""
    folder = Path(tempfile.mkdtemp(prefix="kanava-prices-"))
    try:
        received = await receive_form(request, folder, BYTES_MAX)
        if not received.files:
            raise InvalidInput("Choose a file first.", field="file")
        path = folder / Path(received.files[0].name).with_stem("prices").name
        received.files[0].path.rename(path)
        return await asyncio.to_thread(_read, path, currency, ZoneInfo(zone))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path, currency: str, zone: ZoneInfo) -> tuple[list[Row], list[Mistake]]:
    reader = open_table(inspect(path, encoding=guess_encoding(path)), lambda _column, items: ", ".join(items))
    rows: list[Row] = []
    wrong: list[Mistake] = []
    try:
        at = {name.strip().lower(): place for place, name in enumerate(reader.header)}
        missing = [name for name in COLUMNS[:2] if name not in at]
        if missing:
            raise InvalidInput(f"The file has no column {missing[0]!r}.", field="file")
        for record in reader:
            if isinstance(record, RowError):
                wrong.append((record.row, record.column, record.reason))
                continue
            number, cells = record
            cell = {name: cells[at[name]].strip() if name in at else "" for name in COLUMNS}
            try:
                rows.append((number, _entry(cell, currency, zone)))
            except InvalidInput as error:
                wrong.append((number, error.errors[0].field if error.errors else "", error.detail))
            if len(rows) > PRICES_PER_REQUEST_MAX:
                raise InvalidInput(f"A file has at most {PRICES_PER_REQUEST_MAX} prices.", field="file")
    finally:
        reader.close()
    return rows, wrong


def _entry(cell: dict[str, str], currency: str, zone: ZoneInfo) -> PriceEntry:
    if not 1 <= len(cell["sku"]) <= 100:
        raise InvalidInput("must have 1 to 100 characters", field="sku")
    quantity = cell["quantity_from"] or "1"
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) < 8):
        raise InvalidInput("must be a whole number", field="quantity_from")
    return PriceEntry(
        cell["sku"],
        read_amount(cell["amount"], currency, "amount"),
        int(quantity),
        _instant(cell["valid_from"], "valid_from", zone),
        _instant(cell["valid_until"], "valid_until", zone),
    )


def _instant(text: str, field: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput("must be a day, such as 2026-12-01 or 2026-12-01T08:00", field=field) from None
    return found.replace(tzinfo=found.tzinfo or zone)
