"""XLSX: the first sheet, every cell read as text. The library is loaded only when such a file comes."""

from collections.abc import Iterator

from kanava.platform.tables.model import FileUnreadable, Record, RowError
from kanava.platform.tables.source import Source

SLICE_ROWS = 5_000


class WorkbookReader:
    """Reads the first sheet: `header`, then records by iteration."""

    def __init__(self, source: Source) -> None:
        import fastexcel

        try:
            workbook = fastexcel.read_excel(source.path)
            sheet = workbook.load_sheet(0, header_row=None, dtypes="string")
            self.table = sheet.to_polars()
        except (fastexcel.FastExcelError, OSError) as error:
            raise FileUnreadable(f"The workbook cannot be read: {error}.", field="file") from error
        if self.table.height == 0:
            raise FileUnreadable("The first sheet is empty.", field="file")
        self.header = [str(name or "").strip() for name in self.table.row(0)]
        while self.header and not self.header[-1]:
            self.header.pop()
        self.done = 1

    def progress(self) -> float:
        """Say what part of the sheet is read, 0 to 1."""
        return self.done / self.table.height

    def close(self) -> None:
        """Let the sheet go."""
        self.table = self.table.clear()

    def __iter__(self) -> Iterator[Record | RowError]:
        width = len(self.header)
        for start in range(1, self.table.height, SLICE_ROWS):
            for offset, row in enumerate(self.table.slice(start, SLICE_ROWS).rows()):
                cells = ["" if cell is None else cell for cell in row[:width]]
                if any(cells):
                    yield start + offset + 1, cells
            self.done = min(start + SLICE_ROWS, self.table.height)
