"""How an import shows itself in a terminal: a bar while it reads, a table of what was wrong."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kanava.platform.tables.model import RowError

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def progress_bar(console: "Console", name: str) -> Iterator[Callable[[float, int], None]]:
    """Show a bar; call what is given with the part of the file that is done, 0 to 1, and the rows so far."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=1.0, rows=0)
        yield lambda part, rows: bar.update(task, completed=part, rows=rows)


def print_errors(console: "Console", errors: Sequence[RowError], columns_ignored: Sequence[str]) -> None:
    """Print errors as a table, and the columns that nobody read."""
    from rich.markup import escape
    from rich.table import Table

    if errors:
        table = Table("row", "column", "reason", "value")
        for error in errors:
            table.add_row(str(error.row), escape(error.column), escape(error.reason), escape(error.value))
        console.print(table)
    if columns_ignored:
        console.print(f"Columns that are not imported: {escape(', '.join(columns_ignored))}")
