"""Names and pictures of variants, for whoever shows lines of a cart or an order."""

from collections.abc import Iterable, Sequence

from kanava.catalog.model import VariantShown
from kanava.catalog.store import naming as store
from kanava.platform.db import Connection


async def show_variants(
    connection: Connection, skus: Iterable[str], languages: Sequence[str]
) -> dict[str, VariantShown]:
    """Give how variants are shown, by sku; texts in the first of the languages that has them. One statement."""
    wanted = sorted(set(skus))
    if not wanted:
        return {}
    found = await store.SHOWN.all(connection, skus=wanted, languages=list(dict.fromkeys(languages)))
    return {row.sku: row for row in found}
