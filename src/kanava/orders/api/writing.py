"""A verb on an order, as every change of one goes through the edge."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from litestar import Response

from kanava.orders.model import Order
from kanava.orders.service import Target
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest
from kanava.sourcing.changing import change

OrderVerb = Callable[[Connection, Actor, Target, datetime], Awaitable[Order]]


async def change_order(request: AnyRequest, order_id: UUID, verb: OrderVerb, status: int = 200) -> Response[Order]:
    """Run a verb on an order in one transaction."""
    return await change(request, partial(Target, order_id), verb, status)
