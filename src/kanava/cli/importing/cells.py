"""Cells of tables as numbers and instants; WrongCell says what is wrong with one."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from kanava.cli.importing.running import WrongCell
from kanava.platform.intake import INT64
from kanava.platform.money import EXPONENTS

# Spreadsheets write whole numbers as 5.0 too.
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(?:[.,]0+)?")
_DECIMAL = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,6})?")


def text(cells: Mapping[str, str], column: str) -> str:
    """Give a text that must be there."""
    found = cells.get(column, "").strip()
    if not found:
        raise WrongCell(column, "is empty")
    if len(found) > 100 or not found.isprintable():
        raise WrongCell(column, "is one line of at most 100 characters")
    return found


def whole(cells: Mapping[str, str], column: str) -> int | None:
    """Give a whole number; None for an empty cell."""
    cell = cells.get(column, "").strip().removeprefix("'")
    if not cell:
        return None
    if not _WHOLE.fullmatch(cell) or (number := int(re.split("[.,]", cell)[0])) not in INT64:
        raise WrongCell(column, "is no whole number")
    return number


def instant(cells: Mapping[str, str], column: str) -> datetime | None:
    """Give an instant with its offset; None for an empty cell."""
    cell = cells.get(column, "").strip()
    if not cell:
        return None
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise WrongCell(column, "is no instant with an offset, such as 2026-12-01T00:00:00+01:00")
    return found


def minor_units(cells: Mapping[str, str], column: str, currency: str) -> int | None:
    """Give an amount of the main unit (`19.99`) in minor units, exactly; None for an empty cell."""
    cell = cells.get(column, "").strip()
    if not cell:
        return None
    if not _DECIMAL.fullmatch(cell):
        raise WrongCell(column, "is no amount such as 19.99, without a sign, a currency or marks between thousands")
    amount = Decimal(cell.replace(",", ".")).scaleb(EXPONENTS[currency])
    if amount != int(amount):
        raise WrongCell(column, f"has more decimals than {currency}, which has {EXPONENTS[currency]}")
    return int(amount)
