"""Who waits in a car, since when, and who is on the way."""

from typing import Any

from litestar import Response, get

from kanava.fulfilment.requests import WaitingCustomer
from kanava.fulfilment.service import curbside
from kanava.fulfilment.service.policy import policy_of
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.web.store.shell import Shift, store_page

SOON_SHARE = 0.6
"""From this share of the time that a customer may wait at most, her clock warns."""


def urgency(each: WaitingCustomer, sla_seconds: int) -> str:
    """Say how pressing it is: late, soon, fine."""
    if each.late:
        return "late"
    return "soon" if (each.waiting_seconds or 0) >= sla_seconds * SOON_SHARE else "fine"


async def _answer(request: AnyRequest, shift: Shift, template: str) -> Response[str]:
    policy = policy_of(request.app.state.settings)
    async with database_of(request).connection() as connection:
        found = (await curbside.waiting_at(connection, shift.actor, shift.code, policy, clock.now())).items
    return store_page(
        request,
        shift,
        template,
        "curbside",
        waiting=[each for each in found if each.arrived_at is not None],
        coming=[each for each in found if each.arrived_at is None],
        sla_seconds=policy.curbside_sla_minutes * 60,
        soon_seconds=int(policy.curbside_sla_minutes * 60 * SOON_SHARE),
        urgency=urgency,
    )


@get("/curbside")
async def curbside_page(request: AnyRequest, shift: Shift) -> Response[str]:
    """Show the queue."""
    return await _answer(request, shift, "store/curbside.html")


@get("/curbside/list")
async def curbside_list(request: AnyRequest, shift: Shift) -> Response[str]:
    """Show the part of the page that changes."""
    return await _answer(request, shift, "store/_curbside.html")


routes: list[Any] = [curbside_page, curbside_list]
