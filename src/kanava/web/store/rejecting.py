"""What a place cannot give, and the customer's answer where nobody can."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.fulfilment.model import Answer, Fulfilment, RejectedLine, RejectReason, RejectUnits, ResolveStuck
from kanava.fulfilment.service import rejecting
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace
from kanava.web.common.errors import N
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff
from kanava.web.store.forms import Incomplete, fields_of, units_of
from kanava.web.store.shell import Shift, carry_out
from kanava.web.store.tasks import SHOWN_REFUSALS, attempt, task_page

CAN = [requires_staff("fulfilment:write")]
PLACES_OFFERED_MAX = 200


class RejectForm(msgspec.Struct, frozen=True):
    """Why; which units stand in fields of their own."""

    rejection_id: UUID
    reason: RejectReason | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ResolveForm(msgspec.Struct, frozen=True):
    """What the customer says."""

    resolution_id: UUID
    answer: Answer
    location: Annotated[str, msgspec.Meta(max_length=100)] = ""
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get("/tasks/{fulfilment_id:uuid}/cannot")
async def reject_page(request: AnyRequest, shift: Shift, fulfilment_id: UUID, line: int | None = None) -> Response[str]:
    """Ask which units cannot be given, and why."""
    return await task_page(request, shift, fulfilment_id, template="store/reject.html", line=line)


@post("/tasks/{fulfilment_id:uuid}/cannot", guards=CAN)
async def reject(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[RejectForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Give units up; another place has them at once, or the customer is to be asked."""
    fields = await fields_of(request)
    again: dict[str, Any] = {"template": "store/reject.html", "line": None, "typed": fields}
    try:
        units = units_of(fields, "units_")
    except InvalidInput as error:
        return await task_page(request, shift, fulfilment_id, error, **again)
    if data.reason is None or not units:
        what = N("Please say why.") if data.reason is None else N("Please say how many units.")
        missing = Incomplete(what, field="reason" if data.reason is None else "lines")
        return await task_page(request, shift, fulfilment_id, missing, **again)
    lines = [RejectedLine(number, quantity) for number, quantity in units.items()]
    wanted = RejectUnits(data.rejection_id, data.reason, lines, data.note.strip())
    try:
        done: Fulfilment = await carry_out(
            request, lambda tx, actor, now: rejecting.reject(tx, actor, fulfilment_id, wanted, now)
        )
    except SHOWN_REFUSALS as error:
        return await task_page(request, shift, fulfilment_id, error, **again)
    return see_other(f"/store/tasks/{fulfilment_id}?said={_outcome(done, units)}")


def _outcome(done: Fulfilment, units: dict[int, int]) -> str:
    if done.stuck_since is not None:
        return "stuck"
    ended = {line.line_no: line.quantity_ended for line in done.lines}
    return "moved" if any(ended.get(number) for number in units) else "again"


async def places_offered(request: AnyRequest, shift: Shift, service: str) -> list[NamedPlace]:
    """Give the other places of the country that hand over in this way."""
    async with database_of(request).connection() as connection:
        routing = await stores.all_for_routing(connection)
        codes = [
            each.code
            for each in routing
            if each.active and each.country == shift.place.country and service in each.services
        ]
        named = await stores.name_places(connection, [code for code in codes if code != shift.code])
    return sorted(named.values(), key=lambda each: each.name)[:PLACES_OFFERED_MAX]


@get("/tasks/{fulfilment_id:uuid}/ask")
async def ask_page(request: AnyRequest, shift: Shift, fulfilment_id: UUID) -> Response[str]:
    """Show what the customer may decide."""
    return await _asked(request, shift, fulfilment_id)


async def _asked(request: AnyRequest, shift: Shift, fulfilment_id: UUID, **more: Any) -> Response[str]:
    places = await places_offered(request, shift, "pickup")
    return await task_page(request, shift, fulfilment_id, template="store/ask.html", places=places, **more)


@post("/tasks/{fulfilment_id:uuid}/ask", guards=CAN)
async def resolve(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[ResolveForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Do what the customer decided."""
    where = (data.location or None) if data.answer == "move_to" else None
    wanted = ResolveStuck(data.resolution_id, data.answer, where, data.note.strip())
    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: rejecting.resolve(tx, actor, fulfilment_id, wanted, now),
        "answered",
        template="store/ask.html",
        places=await places_offered(request, shift, "pickup"),
        typed=msgspec.to_builtins(data),
    )


routes: list[Any] = [reject_page, reject, ask_page, resolve]
