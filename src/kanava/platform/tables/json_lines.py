"""JSON lines: one object a line, its names are the columns.

The first object names the columns. Values are texts, numbers, booleans, null, or lists of texts.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kanava.platform.tables.model import FileUnreadable, Record, RowError
from kanava.platform.tables.source import Source

_DECODER = msgspec.json.Decoder(dict[str, Any])


class JsonLinesReader:
    """Reads JSON lines: `header`, then records and errors by iteration. Row 1 is the first line."""

    def __init__(self, source: Source, join: Callable[[str, list[str]], str]) -> None:
        self.source, self.join = source, join
        self.file = source.path.open("rb") if source.encoding.startswith("utf-8") else None
        if self.file is None:
            raise FileUnreadable("JSON lines are UTF-8.", field="file")
        self.number = 0
        self.first = self.file.readline().removeprefix(b"\xef\xbb\xbf")
        try:
            self.header = list(_DECODER.decode(self.first))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FileUnreadable(f"The first line is no JSON object: {error}.", field="row 1") from None

    def progress(self) -> float:
        """Say what part of the file is read, 0 to 1."""
        return min(self.file.tell() / self.source.bytes, 1.0) if self.file and not self.file.closed else 1.0

    def close(self) -> None:
        """Close the file."""
        if self.file:
            self.file.close()

    def __iter__(self) -> Iterator[Record | RowError]:
        at, names, width, join = 0, self.header, len(self.header), self.join
        known = frozenset(names)
        number = 0
        line = self.first
        while line:
            number += 1
            start, at = at, at + len(line)
            try:
                row = _DECODER.decode(line)
                extra = row.keys() - known if len(row) != width or row.keys() != known else ()
                if extra:
                    yield RowError(number, min(extra), "the first line does not name this column")
                else:
                    yield number, [_cell(name, row.get(name), join) for name in names]
            except msgspec.DecodeError as error:
                if line.strip():
                    yield RowError(number, "", f"is no JSON object: {error}", line[:80].decode("utf-8", "replace"))
            except UnicodeDecodeError as error:
                yield RowError(number, "", f"is not UTF-8: byte {start + error.start} is 0x{line[error.start]:02X}")
            except ValueError as error:
                yield RowError(number, "", str(error))
            line = self.file.readline() if self.file else b""


def _cell(name: str, value: Any, join: Callable[[str, list[str]], str]) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return join(name, value)
    raise ValueError(f"the value of {name} is neither text, number, boolean nor a list of texts")
