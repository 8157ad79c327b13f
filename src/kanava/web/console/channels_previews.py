"""What a change would do, shown before it is made: it is carried out, looked at and undone in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from kanava.catalog import service as catalog
from kanava.catalog.service import ProductSearch
from kanava.inventory import service as inventory
from kanava.platform.db import Connection, Database

T = TypeVar("T")
SAMPLE_MAX = 20


class Seen(msgspec.Struct, frozen=True):
    """Units of a sku that a channel sees, before and after."""

    sku: str
    channel: str
    on_hand: int
    before: int
    after: int


async def try_out(db: Database, attempt: Callable[[Connection], Awaitable[T]]) -> T:
    """Run an attempt in a transaction that is never committed, and give what it gave."""
    async with db.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            return await attempt(connection)
        finally:
            await transaction.rollback()


async def effect_on(
    db: Database,
    channels: Sequence[str],
    skus: Sequence[str],
    now: datetime,
    change: Callable[[Connection], Awaitable[object]],
) -> list[Seen]:
    """Say how many units each channel sees of each sku, before and after a change that is then undone."""

    async def attempt(tx: Connection) -> list[Seen]:
        before = {code: await inventory.units_seen(tx, code, skus, now) for code in channels}
        await change(tx)
        after = {code: await inventory.units_seen(tx, code, skus, now) for code in channels}
        return [
            Seen(one.sku, code, one.on_hand, one.seen, other.seen)
            for code in channels
            for one, other in zip(before[code], after[code], strict=True)
        ]

    return await try_out(db, attempt)


async def sample_of(connection: Connection, typed: str, language: str) -> list[str]:
    """Give the skus that were typed, else some that are on sale."""
    skus = list(dict.fromkeys(part for part in typed.replace(",", " ").split() if len(part) <= 100))
    if skus:
        return skus[:SAMPLE_MAX]
    search = ProductSearch(status="active", sort="changed", descending=True, language=language)
    products, _total = await catalog.find_products(connection, search, 8, 0)
    first = (next((v.sku for v in product.variants if v.status == "active"), None) for product in products)
    return [sku for sku in first if sku]
