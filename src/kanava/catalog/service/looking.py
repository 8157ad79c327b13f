"""A look into a file before it is imported: its layout, its columns and its first rows."""

from itertools import islice
from pathlib import Path

import msgspec

from kanava.catalog.files.shopify import is_shopify
from kanava.catalog.model import Layout
from kanava.catalog.rules import mapping
from kanava.catalog.service.taxonomy import list_families
from kanava.platform.db import Connection
from kanava.platform.tables.model import RowError
from kanava.platform.tables.reading import open_table
from kanava.platform.tables.source import ENCODINGS, guess_encoding, inspect

ROWS_SHOWN = 20
CELL_SHOWN = 120
FAMILIES_MAX = 500


class FileLook(msgspec.Struct, frozen=True):
    """What a file holds. `layout` None: neither of ours, so its columns need to be said to be something.

    `encoding`: what a text file was read as, of `ENCODINGS`; None for a workbook.
    """

    format: str
    encoding: str | None
    bytes: int
    layout: Layout | None
    header: list[str]
    rows: list[list[str]]


def look_into(path: Path, encoding: str | None = None) -> FileLook:
    """Read the header and the first rows; FileUnreadable. `encoding` None: it is guessed. To be run in a thread."""
    source = inspect(path, encoding=encoding or guess_encoding(path))
    reader = open_table(source, lambda _column, items: ", ".join(items))
    try:
        rows = []
        for record in islice(reader, ROWS_SHOWN):
            cells = [] if isinstance(record, RowError) else record[1]
            rows.append([cell[:CELL_SHOWN] for cell in cells])
        header = [name.strip() for name in reader.header]
    finally:
        reader.close()
    layout: Layout | None = None
    if is_shopify(reader.header):
        layout = "shopify"
    elif {"handle", "sku"} <= set(header):
        layout = "native"
    read_as = next((each for each in ENCODINGS if source.encoding.startswith(each)), None)
    return FileLook(source.format, read_as, source.bytes, layout, header, rows)


async def importable_fields(tx: Connection, languages: list[str]) -> list[str]:
    """Give what a column of a file may be said to be, the attributes of every family among them."""
    families = await list_families(tx, "", FAMILIES_MAX)
    return mapping.fields_for(languages, {name for family in families for name in family.attributes})


def suggest_columns(look: FileLook, fields: list[str], language: str) -> dict[str, str]:
    """Guess which field each column is; texts without a language are in `language`."""
    return mapping.suggest(look.header, fields, language)
