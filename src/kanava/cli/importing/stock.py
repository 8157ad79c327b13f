"""`kanava import stock FILE`: a file as one message of an outside system, sent in parts."""

from collections.abc import Hashable, Mapping
from typing import Annotated

import typer

from kanava.cli.importing.cells import text, whole
from kanava.cli.importing.running import (
    LINES_SHOWN_MAX,
    AsJson,
    DryRun,
    ErrorsPath,
    FileArgument,
    Lines,
    Written,
    run_import,
)
from kanava.inventory.model import StockUpdate, UpdateRow
from kanava.inventory.service import updates
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection

app = typer.Typer(help="Import stock.", no_args_is_help=True)
SEQUENCE_MAX = 2**63 - 1


class StockRows:
    """Rows of levels: `sku`, `location`, and `on_hand` or `delta`."""

    columns = ("sku", "location", "on_hand", "delta", "expected_on_hand", "safety_stock", "sequence")

    def __init__(self, source: str, sequence: int | None, file_written_at_ms: int) -> None:
        self.source, self.given = source, sequence
        self.sequence = file_written_at_ms if sequence is None else sequence

    def check_header(self, header: frozenset[str]) -> str | None:
        """Say what is missing."""
        if not {"sku", "location"} <= header or not header & {"on_hand", "delta"}:
            return "A file of stock has the columns sku, location, and on_hand or delta."
        if "delta" in header and "sequence" not in header and self.given is None:
            # A corrected file has another time: its deltas would count a second time.
            return "Deltas need --sequence or a column sequence, by which a repeated file is recognised."
        return None

    def read(self, cells: Mapping[str, str]) -> UpdateRow:
        """Make a row of its cells."""
        return UpdateRow(
            sku=text(cells, "sku"),
            location=text(cells, "location"),
            on_hand=whole(cells, "on_hand"),
            delta=whole(cells, "delta"),
            expected_on_hand=whole(cells, "expected_on_hand"),
            safety_stock=whole(cells, "safety_stock"),
            sequence=whole(cells, "sequence"),
        )

    def key(self, row: UpdateRow) -> Hashable:
        """Give the level; two deltas of a level are two only under two sequences."""
        return (row.sku, row.location, row.sequence)

    def stays_with(self, _row: UpdateRow) -> Hashable:
        """Any two rows may be parted."""
        return None

    async def begin(self, tx: Connection) -> None:
        """Nothing is to be known before."""

    async def write(self, tx: Connection, rows: list[UpdateRow]) -> Written:
        """Apply a part of the message."""
        found = await updates.update_stock(tx, SYSTEM, StockUpdate(self.source, self.sequence, rows), clock.now())
        # A repeated row is what it should be already.
        errors = [(row.row, row.field, row.reason) for row in found.results if row.outcome != "repeated"]
        counts = {"applied": found.applied, "repeated": found.repeated, "stale": found.stale, "refused": found.refused}
        return Written(counts, errors)


@app.callback()
def imports() -> None:
    """Import files; a single command alone would lose its name."""


@app.command("stock")
def import_stock(
    file: FileArgument,
    source: Annotated[str, typer.Option(help="The system whose stock this is.")] = "file",
    sequence: Annotated[
        int | None,
        typer.Option(
            help="The message's number; unless given, the time of the file in milliseconds.", min=0, max=SEQUENCE_MAX
        ),
    ] = None,
    dry_run: DryRun = False,
    errors: ErrorsPath = None,
    lines: Lines = LINES_SHOWN_MAX,
    as_json: AsJson = False,
) -> None:
    """Set stock levels from a file; good rows are applied, the others reported."""
    if not 1 <= len(source) <= 100:
        raise typer.BadParameter("1 to 100 characters", param_hint="--source")
    kind = StockRows(source, sequence, file.stat().st_mtime_ns // 1_000_000)
    run_import(file, kind, dry_run=dry_run, errors=errors, lines=lines, as_json=as_json)
