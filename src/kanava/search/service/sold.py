"""All that a channel sells, for those who read it from the beginning to the end: search engines."""

from datetime import datetime

import numpy as np

from kanava.platform.db import Connection
from kanava.search.model import ProductQuery, SoldProduct, SoldProducts
from kanava.search.service.asking import ask
from kanava.search.service.searching import ProductSearch
from kanava.search.store import reading


async def sold_products(
    search: ProductSearch, connection: Connection, channel: str, first: int, limit: int, now: datetime
) -> SoldProducts:
    """Give products that have a price on a channel, oldest first, from number `first` on, and how many there are."""
    settings, held = await search.holder.current(connection, now)
    asking = ask(ProductQuery(channel), settings, held, now)
    whole = (await search.holder.assortment(connection, held, asking.channel, now)).within(None)
    numbers = whole.numbers[np.unique(whole.product_of[whole.sold])]
    ids = np.sort(whole.assortment.columns.product_ids[numbers])
    rows: list[SoldProduct] = []
    if limit:
        rows = await reading.HANDLES.all(connection, product_ids=ids[first : first + limit].tolist())
    return SoldProducts(len(ids), rows)
