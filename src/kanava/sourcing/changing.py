"""What every change of a cart or an order needs at the edge: settings in force, If-Match, another try after a race."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from litestar import Response

from kanava.inventory.attempts import until_settled
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, expected_version, write
from kanava.sourcing.model import RoutingConfig

Target = TypeVar("Target")
Changed = TypeVar("Changed")


async def change(
    request: AnyRequest,
    target_of: Callable[[RoutingConfig, int | None], Target],
    verb: Callable[[Connection, Actor, Target, datetime], Awaitable[Changed]],
    status: int = 200,
) -> Response[Changed]:
    """Run a verb on what `target_of` makes of the settings and the version in If-Match (None: any), in one transaction.

    LevelsMoved by others lets the whole transaction run again.
    """
    expected = expected_version(request) if "if-match" in request.headers else None

    async def on_target(tx: Connection, actor: Actor, now: datetime) -> Changed:
        config = await request.app.state.order_placer.config(tx)
        return await verb(tx, actor, target_of(config, expected), now)

    return await until_settled(lambda: write(request, on_target, status))
