"""What head office looks at: goods that are gone, units of many variants at once."""

from collections.abc import Sequence

from kanava.inventory.store import overview as sql
from kanava.inventory.store.overview import StockOuts, VariantUnits
from kanava.platform.db import Connection

__all__ = ["StockOuts", "VariantUnits", "stock_outs", "units_of"]


async def stock_outs(connection: Connection) -> StockOuts:
    """Count the variants on sale that have no free unit at any place. Reads every level: keep the answer a while."""
    return await sql.STOCK_OUTS.one(connection)


async def units_of(connection: Connection, skus: Sequence[str]) -> dict[str, VariantUnits]:
    """Give the units of up to 500 variants at all places together, by sku."""
    return {row.sku: row for row in await sql.UNITS_OF.all(connection, skus=list(skus)[:500])}
