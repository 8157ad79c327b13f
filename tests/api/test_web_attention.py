"""What needs attention is shown, for every reason that the doctor knows."""

import httpx
import pytest

from factories.desk import ANA, sign_in
from factories.incoming import add_supplier, ordered
from factories.orders import make_shop
from kanava.fulfilment.service.doctor import KINDS
from kanava.platform.db import Database
from kanava.platform.staff import Role
from kanava.web.console.machinery import WAITING

pytestmark = pytest.mark.anyio


def test_every_reason_has_words() -> None:
    assert sorted(WAITING) == sorted(KINDS)


async def test_a_purchase_order_that_is_overdue_is_shown(client: httpx.AsyncClient, db: Database) -> None:
    await add_supplier(db, await make_shop(db))
    await sign_in(client, db, ANA, Role("admin"))
    await ordered(client, ("CUP", 2), days=2)
    async with db.transaction() as tx:
        await tx.execute("UPDATE purchase_order SET expected_on = current_date - 9")
    assert "Purchase order is overdue" in (await client.get("/console/attention")).text
