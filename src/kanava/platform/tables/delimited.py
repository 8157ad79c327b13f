"""CSV: records with row numbers; broken quoting, wrong bytes and wrong numbers of columns become errors of one row."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from kanava.platform.tables.model import FileUnreadable, Record, RowError
from kanava.platform.tables.source import Source, invalid_positions

_ESCAPED = re.compile("[\udc80-\udcff]")


class _Lines:
    """Lines of the file that can be given back, so that a quote left open costs one row and not the rest."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.waiting, self.taken = file, deque[str](), list[str]()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.file)
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """Give back every line of the last record but its first."""
        self.waiting.extendleft(reversed(self.taken[1:]))


class DelimitedReader:
    """Reads a CSV file: `header`, then records and errors by iteration."""

    def __init__(self, source: Source) -> None:
        self.source = source
        errors = "surrogateescape" if source.encoding.startswith("utf-8") else "replace"
        self.raw = source.path.open("rb")
        self.file = io.TextIOWrapper(self.raw, encoding=source.encoding, errors=errors, newline="")
        self.lines = _Lines(self.file)
        self.positions = invalid_positions(source) if source.invalid_bytes else iter(())
        first = next(self.lines, "")
        self.lines.waiting.append(first)
        self.delimiter = max(",;\t|", key=_outside_quotes(first).count)
        self.reader = csv.reader(self.lines, delimiter=self.delimiter, strict=True)
        self.number = 1
        try:
            self.header = next(self.reader, [])
        except csv.Error as error:
            raise FileUnreadable(f"The header cannot be read: {error}.", field="row 1") from None
        if any(_ESCAPED.search(name) for name in self.header):
            raise FileUnreadable(f"The header is not {source.encoding.upper()}: {self._wrong_byte(1)}.", field="row 1")

    def progress(self) -> float:
        """Say what part of the file is read, 0 to 1."""
        return min(self.raw.tell() / self.source.bytes, 1.0) if not self.file.closed else 1.0

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __iter__(self) -> Iterator[Record | RowError]:
        width, lines, reader, checked = len(self.header), self.lines, self.reader, self.source.invalid_bytes
        number = self.number
        while True:
            lines.taken.clear()
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield RowError(number, "", self._quoting_error(error))
                continue
            if checked and (wrong := self._wrong_cell(cells)) is not None:
                yield RowError(number, *wrong)
            elif len(cells) == width:
                yield number, cells
            elif cells and (len(cells) > 1 or cells[0].strip()):
                if len(lines.taken) > 1:
                    lines.give_back()
                yield RowError(number, "", f"has {len(cells)} columns, the header {width}", ",".join(cells)[:80])

    def _quoting_error(self, error: csv.Error) -> str:
        spans = len(self.lines.taken)
        self.lines.give_back()
        if "field limit" in str(error):
            return "a cell is longer than 131072 characters, or a quote is never closed"
        if "unexpected end" in str(error) or spans > 1:
            return "a quote is opened and not closed"
        return "broken quoting: text stands after a closing quote"

    def _wrong_cell(self, cells: list[str]) -> tuple[str, str, str] | None:
        for index, cell in enumerate(cells):
            count = len(_ESCAPED.findall(cell)) if self.source.encoding.startswith("utf-8") else cell.count("\ufffd")
            if count:
                column = self.header[index] if index < len(self.header) else ""
                shown = cell.encode("utf-8", "backslashreplace").decode()[:100]
                at = self._wrong_byte(count)
                for rest in cells[index + 1 :]:
                    self._skip(len(_ESCAPED.findall(rest)))
                return (
                    column,
                    f"is not {self.source.encoding.removesuffix('-sig').upper()}: {at}; save the file as UTF-8",
                    shown,
                )
        return None

    def _wrong_byte(self, count: int) -> str:
        first = next(self.positions, None)
        self._skip(count - 1)
        return "wrong bytes" if first is None else f"byte {first[0]} is 0x{first[1]:02X}"

    def _skip(self, count: int) -> None:
        for _ in range(count):
            next(self.positions, None)


def _outside_quotes(line: str) -> str:
    return re.sub('"[^"]*"', "", line)
