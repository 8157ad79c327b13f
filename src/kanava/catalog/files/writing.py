"""Rows out: CSV and JSON lines as blocks of bytes, XLSX into a file."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kanava.catalog.rules.cells import split_list
from kanava.platform.tables.source import FORMULA_STARTS

XLSX_ROWS_MAX = 1_048_576
_NUMBERS = frozenset({"weight_grams", "length_mm", "width_mm", "height_mm", "position"})
_URLS = frozenset({"image_urls", "model_3d_url", "product_image_urls", "product_model_3d_url"})


class CsvBlocks:
    """Writes CSV. A cell that a spreadsheet would run as a formula gets an apostrophe, which the import takes away."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.first = True

    def block(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Give the bytes of some rows; the header comes with the first block."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        if self.first:
            writer.writerow(self.header)
            self.first = False
        writer.writerows([[f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row] for row in rows])
        return text.getvalue().encode()


class JsonBlocks:
    """Writes JSON lines: lists where a cell holds several, numbers for measures, null for nothing."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.encoder = msgspec.json.Encoder()

    def block(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Give the bytes of some rows."""
        return b"".join(
            self.encoder.encode({name: _json_value(name, cell) for name, cell in zip(self.header, row, strict=True)})
            + b"\n"
            for row in rows
        )


def _json_value(name: str, cell: str) -> object:
    if not cell:
        return None
    if name in _NUMBERS:
        return int(cell)
    if name == "gtin":
        return cell.split("|")
    if name in _URLS:
        return cell.split(" ")
    return split_list(cell) if name == "tags" or "_alt_" in name else cell


class Workbook:
    """Writes XLSX row by row; only one row is held in memory."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        import xlsxwriter

        self.book = xlsxwriter.Workbook(path, {"constant_memory": True, "in_memory": False})
        self.sheet = self.book.add_worksheet("catalogue")
        self.row = 0
        self.write([header])

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Write some rows, every cell as text."""
        if self.row + len(rows) > XLSX_ROWS_MAX:
            raise ValueError(f"a sheet holds {XLSX_ROWS_MAX} rows; export CSV or JSON lines")
        for row in rows:
            for column, cell in enumerate(row):
                if cell:
                    self.sheet.write_string(self.row, column, cell)
            self.row += 1

    def close(self) -> None:
        """Finish the file."""
        self.book.close()
