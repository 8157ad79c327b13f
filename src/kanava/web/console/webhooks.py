"""Webhooks: where events go, what came back, and sending again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.pages import see_other
from kanava.web.console.forms import FORM, Long, Short, carry_out, run, run_once
from kanava.web.console.labels import Labels, N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table
from kanava.webhooks import service
from kanava.webhooks.model import Disabling, NewEndpoint, Rotation

PATH = "/console/webhooks"
ONE = "/console/webhooks/{endpoint_id:uuid}"
ENDPOINTS_MAX = 500
OVERLAP_HOURS = 24
STATES: Labels = {
    "pending": (N("Waiting"), "info"),
    "failed": (N("Is tried again"), "warning"),
    "delivered": (N("Delivered"), "success"),
    "dead": (N("Given up"), "error"),
}


class EndpointForm(msgspec.Struct, frozen=True):
    """An endpoint to make, once for each `form_id`; `event_types` has one in each line."""

    form_id: Short = ""
    url: Long = ""
    description: Annotated[str, msgspec.Meta(max_length=500)] = ""
    event_types: Long = ""


class SecretForm(msgspec.Struct, frozen=True):
    """A secret to make, once for each `form_id`."""

    form_id: Short = ""


class OffForm(msgspec.Struct, frozen=True):
    """Why an endpoint is switched off."""

    reason: Short = ""


def _private_allowed(request: AnyRequest) -> bool:
    allowed: bool = request.app.state.settings.webhook_private_addresses
    return allowed


@get(PATH, guards=may("webhooks:read"))
async def list_endpoints(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show where events are sent to."""
    return await _endpoints(request, desk)


async def _endpoints(
    request: AnyRequest, desk: Desk, problem: Refused | None = None, form: EndpointForm | None = None, status: int = 200
) -> Response[Any]:
    _ = desk.text
    spec = TableSpec(
        "webhooks",
        f"{BASE}/webhooks",
        _("Webhooks"),
        [
            Column("url", _("Address")),
            Column("types", _("Events"), "code"),
            Column("state", _("Status"), "badge"),
            Column("success", _("Last delivered"), "moment"),
            Column("failure", _("Last failed"), "moment"),
            Column("failures", _("Failures in a row"), "number"),
        ],
        views=False,
        empty=_("No program listens to events yet."),
    )
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            found = await service.list_endpoints(connection, limit, asked.cursor)
        rows = [
            {
                "url": cells.text(each.url, f"{BASE}/webhooks/{each.endpoint_id}", each.description),
                "types": cells.text(", ".join(each.event_types) or _(N("all"))),
                "state": cells.badge(_(N("On")), "success")
                if each.active
                else cells.badge(_(N("Switched off")), "error"),
                "success": cells.moment(each.last_success_at),
                "failure": cells.moment(each.last_failure_at),
                "failures": cells.number(each.failures_in_row, "error" if each.failures_in_row else None),
            }
            for each in found.items
        ]
        return Rows(rows, next_cursor=found.next_cursor)

    facts = {"problem": problem, "form": form or EndpointForm(), "new_id": str(uuid7())}
    response = await answer_table(request, desk, "console/webhooks.html", spec, load, **facts)
    response.status_code = status
    return response


@post(PATH, guards=may("webhooks:write"))
async def make_endpoint(request: AnyRequest, desk: Desk, data: Annotated[EndpointForm, FORM]) -> Response[Any]:
    """Make an endpoint and show its secret: this page alone has it."""
    types = data.event_types.replace(",", " ").split()[:100]
    try:
        await service.check_address(data.url.strip(), private_allowed=_private_allowed(request))
        asked = NewEndpoint(data.url.strip(), types, data.description.strip())
        made = await run_once(
            request, desk, data.form_id, lambda tx, actor, now: service.create_endpoint(tx, actor, asked, now)
        )
    except KanavaError as error:
        return await _endpoints(request, desk, refused(desk, error), data, error.status)
    back = f"{BASE}/webhooks/{made.endpoint.endpoint_id}" if made else f"{BASE}/webhooks"
    secret = made.secret if made else None
    return console_page(request, desk, "console/secret.html", name=asked.url, secret=secret, back=back)


@get(ONE, guards=may("webhooks:read"))
async def show_endpoint(request: AnyRequest, desk: Desk, endpoint_id: UUID) -> Response[Any]:
    """Show an endpoint with its deliveries."""
    return await _endpoint(request, desk, endpoint_id)


async def _endpoint(
    request: AnyRequest, desk: Desk, endpoint_id: UUID, problem: Refused | None = None, status: int = 200
) -> Response[Any]:
    _ = desk.text
    async with database_of(request).connection() as connection:
        endpoint = await service.get_endpoint(connection, endpoint_id)
    path = f"{BASE}/webhooks/{endpoint_id}"
    states = choices({state: label for state, (label, _tone) in STATES.items()}, desk)
    spec = TableSpec(
        "deliveries",
        path,
        _("Deliveries"),
        [
            Column("event", _("Event")),
            Column("about", _("About"), "code"),
            Column("state", _("Status"), "badge"),
            Column("attempts", _("Attempts"), "number"),
            Column("answer", _("Answer")),
            Column("last", _("Last attempt"), "moment"),
            Column("next", _("Next attempt"), "moment"),
        ],
        [Filter("state", _("Status"), "select", states), Filter("type", _("Event"))],
        views=False,
    )
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            found = await service.list_deliveries(
                connection, endpoint_id, asked.get("state"), asked.get("type"), limit, asked.cursor
            )
        rows = [
            {
                "event": cells.text(each.type, f"{path}/deliveries/{each.event_id}"),
                "about": cells.text(f"{each.aggregate} {each.aggregate_id}"),
                "state": cells.badge(_(STATES[each.state][0]), STATES[each.state][1], each.state),
                "attempts": cells.number(each.attempts),
                "answer": cells.text(each.error or (str(each.response_status) if each.response_status else "")),
                "last": cells.moment(each.last_attempt_at),
                "next": cells.moment(each.next_attempt_at),
            }
            for each in found.items
        ]
        return Rows(rows, next_cursor=found.next_cursor)

    response = await answer_table(
        request, desk, "console/webhook.html", spec, load, endpoint=endpoint, self_path=path, problem=problem,
        new_id=str(uuid7()),
    )  # fmt: skip
    response.status_code = status
    return response


async def _change(request: AnyRequest, desk: Desk, endpoint_id: UUID, verb: Any, then: str = "") -> Response[Any]:
    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _endpoint(request, desk, endpoint_id, problem, status)

    return await carry_out(request, desk, verb, then or f"{BASE}/webhooks/{endpoint_id}", again)


@post(f"{ONE}/rotate-secret", guards=may("webhooks:write"))
async def rotate_secret(
    request: AnyRequest, desk: Desk, endpoint_id: UUID, data: Annotated[SecretForm, FORM]
) -> Response[Any]:
    """Give a new secret and show it; the old one signs beside it for a day."""
    made = await run_once(
        request,
        desk,
        data.form_id,
        lambda tx, actor, now: service.rotate_secret(tx, actor, endpoint_id, Rotation(OVERLAP_HOURS), now),
    )
    name, secret = (made.endpoint.url, made.secret) if made else ("", None)
    back = f"{BASE}/webhooks/{endpoint_id}"
    return console_page(request, desk, "console/secret.html", name=name, secret=secret, back=back)


@post(f"{ONE}/enable", guards=may("webhooks:write"))
async def enable(request: AnyRequest, desk: Desk, endpoint_id: UUID) -> Response[Any]:
    """Switch an endpoint on."""
    return await _change(
        request, desk, endpoint_id, lambda tx, actor, now: service.enable_endpoint(tx, actor, endpoint_id, now)
    )


@post(f"{ONE}/disable", guards=may("webhooks:write"))
async def disable(request: AnyRequest, desk: Desk, endpoint_id: UUID, data: Annotated[OffForm, FORM]) -> Response[Any]:
    """Switch an endpoint off."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        why = Disabling(data.reason.strip()) if data.reason.strip() else Disabling()
        return await service.disable_endpoint(tx, actor, endpoint_id, why, now)

    return await _change(request, desk, endpoint_id, verb)


@post(f"{ONE}/test", guards=may("webhooks:write"))
async def send_test(request: AnyRequest, desk: Desk, endpoint_id: UUID) -> Response[Any]:
    """Send an event that means nothing."""
    return await _change(
        request, desk, endpoint_id, lambda tx, actor, now: service.send_test(tx, actor, endpoint_id, now)
    )


@post(f"{ONE}/remove", guards=may("webhooks:write"))
async def remove(request: AnyRequest, desk: Desk, endpoint_id: UUID) -> Response[Any]:
    """Remove an endpoint with its deliveries."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        await service.delete_endpoint(tx, actor, endpoint_id)
        return None

    return await _change(request, desk, endpoint_id, verb, f"{BASE}/webhooks")


@get(ONE + "/deliveries/{event_id:uuid}", guards=may("webhooks:read"))
async def show_delivery(request: AnyRequest, desk: Desk, endpoint_id: UUID, event_id: UUID) -> Response[str]:
    """Show what was sent, and what came back."""
    async with database_of(request).connection() as connection:
        delivery = await service.get_delivery(connection, endpoint_id, event_id)
    path = f"{BASE}/webhooks/{endpoint_id}"
    return console_page(
        request, desk, "console/delivery.html", delivery=delivery, endpoint_path=path, state=STATES[delivery.state]
    )


@post(ONE + "/deliveries/{event_id:uuid}/replay", guards=may("webhooks:write"))
async def replay(request: AnyRequest, desk: Desk, endpoint_id: UUID, event_id: UUID) -> Response[Any]:
    """Send one event again."""
    await run(request, desk, lambda tx, actor, now: service.replay(tx, actor, endpoint_id, event_id, now))
    return see_other(f"{BASE}/webhooks/{endpoint_id}/deliveries/{event_id}")


routes = [
    list_endpoints,
    make_endpoint,
    show_endpoint,
    rotate_secret,
    enable,
    disable,
    send_test,
    remove,
    show_delivery,
    replay,
]
