"""What head office looks at: goods that are gone, units of many variants at once."""

from collections.abc import Sequence

from kanava.inventory.store import overview as sql
from kanava.inventory.store.overview import ListedUnits, StockOuts, VariantUnits
from kanava.platform.db import Connection
from kanava.platform.http import Page, decode_cursor, encode_cursor

__all__ = ["ListedUnits", "StockOuts", "VariantUnits", "list_units", "stock_outs", "units_of"]


async def stock_outs(connection: Connection) -> StockOuts:
    """Count the variants on sale that have no free unit at any place. Reads every level: keep the answer a while."""
    return await sql.STOCK_OUTS.one(connection)


async def units_of(connection: Connection, skus: Sequence[str]) -> dict[str, VariantUnits]:
    """Give the units of up to 500 variants at all places together, by sku."""
    return {row.sku: row for row in await sql.UNITS_OF.all(connection, skus=list(skus)[:500])}


async def list_units(
    connection: Connection, least: int | None, most: int | None, cursor: str | None, limit: int
) -> Page[ListedUnits]:
    """Give variants on sale that were ever stocked and have `least` to `most` free units at all places together."""
    after = decode_cursor(cursor, int)[0] if cursor else 0
    rows = await sql.LIST_UNITS.all(connection, after=after, least=least, most=most, limit=limit)
    return Page(rows, encode_cursor(rows[-1].variant_id) if len(rows) == limit else None)
