"""What every change of an order needs at the edge: the settings in force, If-Match, and another try after a race."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from litestar import Response

from kanava.inventory.attempts import until_settled
from kanava.orders.model import Order
from kanava.orders.service import Target
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, expected_version, write

OrderVerb = Callable[[Connection, Actor, Target, datetime], Awaitable[Order]]


async def change_order(request: AnyRequest, order_id: UUID, verb: OrderVerb, status: int = 200) -> Response[Order]:
    """Run a verb on an order in one transaction; If-Match is honoured when it is sent."""
    expected = expected_version(request) if "if-match" in request.headers else None

    async def on_target(tx: Connection, actor: Actor, now: datetime) -> Order:
        config = await request.app.state.order_placer.config(tx)
        return await verb(tx, actor, Target(order_id, config, expected), now)

    return await until_settled(lambda: write(request, on_target, status))
