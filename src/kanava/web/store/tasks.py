"""One fulfilment: whose it is, what is to be found, and what comes next."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.carriers.service import Carriers, load_carriers
from kanava.catalog import service as catalog
from kanava.fulfilment.errors import OutOfReach
from kanava.fulfilment.model import Fulfilment, PickUnits, TakeFulfilment
from kanava.fulfilment.requests import Parcel
from kanava.fulfilment.service import parcels, picking, reading
from kanava.orders.service import reading as orders
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, Forbidden, InvalidInput, KanavaError, TooManyAttempts
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.platform.snapshot import Snapshot
from kanava.web.common.errors import N
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff
from kanava.web.store import words
from kanava.web.store.forms import Incomplete
from kanava.web.store.shell import Shift, carry_out, store_page
from kanava.web.store.views import Task, tasks_of

CAN = [requires_staff("fulfilment:write")]
CARRIER_SERVICES_MAX = 100
SHOWN_REFUSALS = (Conflict, InvalidInput, Forbidden, TooManyAttempts)
"""What is said on the page of the task, where the person can do something about it."""

_carriers: Snapshot[Carriers] = Snapshot(load_carriers)


class TakeForm(msgspec.Struct, frozen=True):
    """Whether to take it from whoever has it."""

    take_over: bool = False


class PickForm(msgspec.Struct, frozen=True):
    """What was scanned, typed, or pressed; the id was made when the form was shown."""

    pick_id: UUID
    code: Annotated[str, msgspec.Meta(max_length=100)] = ""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    line_no: Annotated[int, msgspec.Meta(ge=1, le=32_767)] | None = None


class TaskFacts(msgspec.Struct, frozen=True):
    """A task with what its page says besides."""

    task: Task
    customer: str
    parcels: list[Parcel]
    carrier_services: list[tuple[str, str]]
    mine: bool
    somebodys: bool


async def facts_of(connection: Connection, shift: Shift, fulfilment_id: UUID) -> TaskFacts:
    """Read a task; FulfilmentNotFound, OutOfReach also when it is another place's than the one chosen."""
    found = await reading.get_fulfilment(connection, shift.actor, fulfilment_id)
    if found.location != shift.code:
        raise OutOfReach(f"This is work of {found.location}.", field="location")
    (task,) = await tasks_of(connection, shift, [found])
    order = await orders.get_order(connection, found.order_id)
    packed: list[Parcel] = []
    services: list[tuple[str, str]] = []
    if task.by_post:
        packed = (await parcels.parcels_of_fulfilment(connection, shift.actor, fulfilment_id)).items
        if found.state in ("picked", "packed", "picking"):
            services = await _carrier_services(connection)
    mine = found.assigned_to == shift.actor.label
    return TaskFacts(
        task,
        order.customer.name or "",
        [each for each in packed if each.state != "cancelled"],
        services,
        mine,
        found.assigned_to is not None and not mine,
    )


async def _carrier_services(connection: Connection) -> list[tuple[str, str]]:
    """Give code and name of the services that parcels may go with."""
    known = (await _carriers.current(connection)).services.values()
    named = [(each.code, f"{each.carrier_name} · {each.name}") for each in known]
    return sorted(named, key=lambda each: each[1])[:CARRIER_SERVICES_MAX]


async def task_page(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    error: KanavaError | None = None,
    template: str = "store/task.html",
    **more: Any,
) -> Response[str]:
    """Show a task as it stands now, with what was refused in words and what was typed still there."""
    async with database_of(request).connection() as connection:
        facts = await facts_of(connection, shift, fulfilment_id)
        refusal = "" if error is None else await _in_words(connection, shift, error)
    return store_page(
        request,
        shift,
        template,
        "work",
        status=200 if error is None else error.status,
        facts=facts,
        task=facts.task,
        work=facts.task.work,
        refusal=refusal,
        wrong=[each.field for each in error.errors] if error else [],
        said=words.SAID.get(request.query_params.get("said", "")) if error is None else None,
        new_id=uuid7,
        words=words,
        typed=more.pop("typed", {}),
        **more,
    )


async def _in_words(connection: Connection, shift: Shift, error: KanavaError) -> str:
    skus = [str(error.extra.get("scanned", "")), *[str(each) for each in _listed(error.extra.get("wanted"))]]
    shown = await catalog.show_variants(connection, [sku for sku in skus if sku], shift.languages)

    def titles(wanted: Sequence[str]) -> str:
        return ", ".join(
            " · ".join([shown[sku].title or sku, *shown[sku].options]) if sku in shown else sku for sku in wanted
        )

    return words.in_words(error, shift.language, titles)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


async def attempt(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    verb: Callable[[Connection, Actor, datetime], Awaitable[Any]],
    said: str | Callable[[Any], str] = "",
    **more: Any,
) -> Response[Any]:
    """Carry out a verb and show the task anew; what it refuses is said on its page."""
    try:
        done = await carry_out(request, verb)
    except SHOWN_REFUSALS as error:
        return await task_page(request, shift, fulfilment_id, error, **more)
    word = said(done) if callable(said) else said
    return see_other(f"/store/tasks/{fulfilment_id}" + (f"?said={word}" if word else ""))


@get("/tasks/{fulfilment_id:uuid}")
async def show_task(request: AnyRequest, shift: Shift, fulfilment_id: UUID) -> Response[str]:
    """Show a task."""
    return await task_page(request, shift, fulfilment_id)


@post("/tasks/{fulfilment_id:uuid}/take", guards=CAN)
async def take(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[TakeForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Take a task, or take it over."""
    wanted = TakeFulfilment(data.take_over)
    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: picking.take(tx, actor, fulfilment_id, wanted, now),
        "taken",
    )


@post("/tasks/{fulfilment_id:uuid}/release", guards=CAN)
async def release(request: AnyRequest, shift: Shift, fulfilment_id: UUID) -> Response[Any]:
    """Put a task back on the board."""
    return await attempt(
        request, shift, fulfilment_id, lambda tx, actor, now: picking.release(tx, actor, fulfilment_id, now), "released"
    )


@post("/tasks/{fulfilment_id:uuid}/pick", guards=CAN)
async def pick(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[PickForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Record units that were found."""
    code = data.code.strip()
    if not code:
        empty = Incomplete(N("Scan or type something first."), field="code")
        return await task_page(request, shift, fulfilment_id, empty)
    wanted = PickUnits(data.pick_id, code, data.quantity, data.line_no)

    def said(now_is: Fulfilment) -> str:
        return "picked" if now_is.state == "picked" else ""

    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: picking.pick(tx, actor, fulfilment_id, wanted, now),
        said,
        typed={"code": code},
    )


routes: list[Any] = [show_task, take, release, pick]
