"""Tables as files: CSV for programs, XLSX for people. Texts that a spreadsheet would take for a formula stay texts."""

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from litestar import Response

from kanava.platform.money import Money, major_amount

if TYPE_CHECKING:
    from kanava.web.console.tables import Cell, Column

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def write_file(
    name: str, columns: "Sequence[Column]", rows: "Sequence[dict[str, Cell]]", wanted: str, time_zone: str
) -> Response[bytes]:
    """Answer with a file to be saved; made in a thread, for thousands of rows take a while."""
    make = _csv if wanted == "csv" else _xlsx
    body = await asyncio.to_thread(make, columns, rows, ZoneInfo(time_zone))
    headers = {"content-disposition": f'attachment; filename="kanava-{name}.{wanted}"'}
    return Response(body, media_type=CSV if wanted == "csv" else XLSX, headers=headers)


def _value(cell: "Cell", zone: ZoneInfo) -> Any:
    value = cell.text if cell.value is None else cell.value
    if isinstance(value, Money):
        return major_amount(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return value


def _csv(columns: "Sequence[Column]", rows: "Sequence[dict[str, Cell]]", zone: ZoneInfo) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in columns])
    writer.writerows([[_plain(_value(row[column.key], zone)) for column in columns] for row in rows])
    # With a byte order mark, or Excel takes it for another encoding.
    return ("\ufeff" + out.getvalue()).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(_FORMULA) else text


def _xlsx(columns: "Sequence[Column]", rows: "Sequence[dict[str, Cell]]", zone: ZoneInfo) -> bytes:
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        sheet = book.add_worksheet()
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, column.label, bold)
            sheet.set_column(index, index, 20)
        for number, row in enumerate(rows, 1):
            for index, column in enumerate(columns):
                value = _value(row[column.key], zone)
                if isinstance(value, datetime):
                    sheet.write_datetime(number, index, value, moment)
                elif isinstance(value, str):
                    sheet.write_string(number, index, value)
                else:
                    sheet.write(number, index, value)
    return out.getvalue()
