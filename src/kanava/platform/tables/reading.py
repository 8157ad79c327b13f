"""Any table, opened by its format."""

from collections.abc import Callable, Iterator

from kanava.platform.tables.delimited import DelimitedReader
from kanava.platform.tables.json_lines import JsonLinesReader
from kanava.platform.tables.model import Record, RowError
from kanava.platform.tables.source import FORMULA_STARTS, Source
from kanava.platform.tables.workbook import WorkbookReader

Reader = DelimitedReader | JsonLinesReader | WorkbookReader


def open_table(
    source: Source, join: Callable[[str, list[str]], str] = lambda _column, items: "|".join(items)
) -> Reader:
    """Open a file; `join` writes a list of JSON lines into the cell of a column. FileUnreadable."""
    if source.format == "xlsx":
        return WorkbookReader(source)
    return JsonLinesReader(source, join) if source.format == "jsonl" else DelimitedReader(source)


def records(source: Source, reader: Reader) -> Iterator[Record | RowError]:
    """Give every row with its cells as they were before anybody kept a spreadsheet from running them."""
    if source.format != "csv" or not source.escapes:
        yield from reader
        return
    for record in reader:
        yield record if isinstance(record, RowError) else (record[0], unescaped(record[1]))


def unescaped(cells: list[str]) -> list[str]:
    """Take the apostrophe away that stands before a cell which a spreadsheet would run."""
    return [cell[1:] if cell.startswith("'") and cell.startswith(FORMULA_STARTS, 1) else cell for cell in cells]
