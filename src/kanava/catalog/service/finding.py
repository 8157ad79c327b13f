"""Finding a variant by whatever somebody has of it."""

from kanava.catalog.rules.gtin import check_gtin
from kanava.catalog.store import finding as store
from kanava.catalog.store.finding import FoundVariant
from kanava.platform.db import Connection

__all__ = ["FoundVariant", "find_variants"]

TEXT_LENGTH_MAX = 100


async def find_variants(connection: Connection, text: str, language: str, limit: int) -> list[FoundVariant]:
    """Give variants by sku, barcode, the beginning of a sku, or part of the title; the likeliest first."""
    text = text.strip()[:TEXT_LENGTH_MAX]
    if not text:
        return []
    try:
        gtin = check_gtin(text)
    except ValueError:
        gtin = ""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return await store.FIND.all(
        connection, text=text, gtin=gtin, language=language, pattern=f"%{escaped}%", limit=limit
    )
