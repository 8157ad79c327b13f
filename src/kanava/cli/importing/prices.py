"""`kanava import prices FILE`: prices of one list, or of the list that each row names."""

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated

import msgspec
import typer

from kanava.cli.importing.cells import instant, minor_units, text, whole
from kanava.cli.importing.running import (
    LINES_SHOWN_MAX,
    AsJson,
    DryRun,
    ErrorsPath,
    FileArgument,
    Lines,
    Written,
    WrongCell,
    run_import,
)
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection
from kanava.pricing import service as pricing
from kanava.pricing.errors import PriceListNotFound
from kanava.pricing.records import PriceEntry, PriceUpload

app = typer.Typer(help="Import prices.", no_args_is_help=True)
_OTHER_PRICE = re.compile(r"prices\[(\d+)\]")


class PriceOfList(msgspec.Struct, frozen=True):
    """A price and the list that it belongs to."""

    price_list: str
    entry: PriceEntry


class PriceRows:
    """Rows of prices: `sku`, and `amount` (19.99) or `amount_minor` (1999)."""

    columns = (
        "sku", "price_list", "amount", "amount_minor", "currency", "quantity_from", "valid_from", "valid_until"
    )  # fmt: skip

    def __init__(self, price_list: str | None) -> None:
        self.price_list = price_list
        self.currencies: dict[str, str] = {}
        self.amount_column = "amount_minor"

    def check_header(self, header: frozenset[str]) -> str | None:
        """Say what is missing."""
        if "sku" not in header or len(header & {"amount", "amount_minor"}) != 1:
            return "A file of prices has the columns sku, and either amount or amount_minor."
        if self.price_list is None and "price_list" not in header:
            return "Name the price list with --list or in a column price_list."
        self.amount_column = "amount" if "amount" in header else "amount_minor"
        return None

    def read(self, cells: Mapping[str, str]) -> PriceOfList:
        """Make a row of its cells."""
        code = self.price_list if self.price_list is not None else text(cells, "price_list")
        currency = self.currencies.get(code)
        if currency is None:
            raise WrongCell("price_list", "is no price list")
        in_main_units = self.amount_column == "amount"
        amount = minor_units(cells, "amount", currency) if in_main_units else whole(cells, "amount_minor")
        if amount is None:
            raise WrongCell(self.amount_column, "is empty")
        quantity_from = whole(cells, "quantity_from")
        entry = PriceEntry(
            sku=text(cells, "sku"),
            amount_minor=amount,
            quantity_from=1 if quantity_from is None else quantity_from,
            valid_from=instant(cells, "valid_from"),
            valid_until=instant(cells, "valid_until"),
            currency=cells.get("currency", "").strip() or None,
        )
        return PriceOfList(code, entry)

    def key(self, row: PriceOfList) -> Hashable:
        """Give what a price replaces another by."""
        return (row.price_list, row.entry.sku, row.entry.quantity_from, row.entry.valid_from)

    def stays_with(self, row: PriceOfList) -> Hashable:
        """Keep the windows of a sku together: the end of one is the beginning of the next."""
        return (row.price_list, row.entry.sku)

    async def begin(self, tx: Connection) -> None:
        """Read which lists there are."""
        self.currencies = {found.code: found.currency for found in await pricing.all_price_lists(tx)}
        if self.price_list is not None and self.price_list not in self.currencies:
            raise PriceListNotFound(f"There is no price list {self.price_list!r}.", field="list")

    async def write(self, tx: Connection, rows: list[PriceOfList]) -> Written:
        """Store the good prices, a list at a time."""
        counts: Counter[str] = Counter()
        errors = []
        for code in sorted({row.price_list for row in rows}):
            positions = [position for position, row in enumerate(rows) if row.price_list == code]
            upload = PriceUpload([rows[position].entry for position in positions], partial=True)
            found = await pricing.put_prices(tx, SYSTEM, code, upload, clock.now())
            counts.update({"written": found.written, "unchanged": found.unchanged})
            for error in found.errors:
                at, _, field = error.field.removeprefix("prices[").partition("].")
                reason = _by_position(error.reason, positions)
                column = self.amount_column if field == "amount_minor" else field
                errors.append((positions[int(at)], column, reason))
        return Written(counts, errors)


def _by_position(reason: str, positions: Sequence[int]) -> str:
    return _OTHER_PRICE.sub(lambda other: f"rows[{positions[int(other[1])]}]", reason)


@app.callback()
def imports() -> None:
    """Import files; a single command alone would lose its name."""


@app.command("prices")
def import_prices(
    file: FileArgument,
    price_list: Annotated[str | None, typer.Option("--list", help="The price list, unless a column names it.")] = None,
    dry_run: DryRun = False,
    errors: ErrorsPath = None,
    lines: Lines = LINES_SHOWN_MAX,
    as_json: AsJson = False,
) -> None:
    """Store prices from a file; good rows are stored, the others reported."""
    run_import(file, PriceRows(price_list), dry_run=dry_run, errors=errors, lines=lines, as_json=as_json)
