"""What needs attention is shown by every reason that the doctor knows."""

import httpx
import pytest
from test_web_console import sign_in

from factories.incoming import add_supplier, ordered
from factories.orders import make_shop
from kanava.platform.db import Database
from kanava.platform.staff import Role

pytestmark = pytest.mark.anyio


async def test_a_purchase_order_that_is_overdue_is_shown(client: httpx.AsyncClient, db: Database) -> None:
    shop = await make_shop(db)
    await add_supplier(db, shop)
    await ordered(client, ("CUP", 2), days=2)
    async with db.transaction() as tx:
        await tx.execute("UPDATE purchase_order SET expected_on = current_date - 9")
    await sign_in(client, db, "ana@example.com", Role("admin"))
    assert "Purchase order is overdue" in (await client.get("/console/attention")).text
