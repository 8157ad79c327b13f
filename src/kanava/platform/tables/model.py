"""What readers of tables give and what they refuse."""

from typing import ClassVar, Literal

import msgspec

from kanava.platform.errors import InvalidInput

FileFormat = Literal["csv", "jsonl", "xlsx"]
Record = tuple[int, list[str]]
"""A row's number, as a spreadsheet counts, and its cells in the order of the header."""


class RowError(msgspec.Struct, frozen=True):
    """Why a row of a file was not imported: `row` as a spreadsheet counts (the header is row 1)."""

    row: int
    column: str
    reason: str
    value: str = ""


class FileUnreadable(InvalidInput):
    """The file as a whole cannot be read: not a table, no header, no column that says what a row is about."""

    title: ClassVar[str] = "The file cannot be read."
