"""Errors of an import in a file: CSV or JSON lines, by its name. The file appears with the first error."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import msgspec

from kanava.platform.tables.model import RowError


class ErrorFile:
    """Writes errors as they come; an old report of the same name is removed, unless a run goes on."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path, self.append = path, append
        self.file: TextIO | None = None
        self.as_json = path.suffix == ".jsonl"

    def __enter__(self) -> Self:
        if not self.append:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.file is not None:
            self.file.close()

    def write(self, errors: Sequence[RowError]) -> None:
        """Add errors."""
        if not errors:
            return
        if self.file is None:
            fresh = not self.path.exists()
            self.file = self.path.open("a", encoding="utf-8", newline="")
            if fresh and not self.as_json:
                csv.writer(self.file).writerow(("row", "column", "reason", "value"))
        if self.as_json:
            self.file.writelines(msgspec.json.encode(error).decode() + "\n" for error in errors)
        else:
            csv.writer(self.file).writerows(
                (error.row, _safe(error.column), error.reason, _safe(error.value)) for error in errors
            )


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell
