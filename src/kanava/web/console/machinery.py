"""Jobs and events that were put aside, the audit log, messages, and what waits longer than it should."""

from datetime import datetime
from typing import Annotated, Any, cast, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post

from kanava.engagement import service as messages
from kanava.engagement.model import KINDS, State
from kanava.fulfilment.service.doctor import diagnose
from kanava.platform import audit, clock, consumers, jobs
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of, decode_cursor, encode_cursor
from kanava.web.common.pages import see_other
from kanava.web.common.translations import LANGUAGES
from kanava.web.console import labels
from kanava.web.console.forms import FORM, Short, carry_out, read_id, run
from kanava.web.console.labels import Labels, N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may
from kanava.web.console.tables import (
    Asked,
    Cell,
    Cells,
    Column,
    Filter,
    Rows,
    TableSpec,
    answer_table,
    midnight,
    sorted_page,
)

ASIDE_MAX = 200
JOBS: Labels = {
    "queued": (N("Waiting"), "info"),
    "picked": (N("Running"), "info"),
    "failed": (N("Failed"), "error"),
    "exception": (N("Failed"), "error"),
}
WAITING = {
    "stuck": N("No place can do it"),
    "on_hold": N("On hold"),
    "late": N("Late"),
    "promise_past": N("Promise is past"),
    "uncollected": N("Not collected"),
    "unopened": N("Not opened as work"),
    "parcel_returned": N("Parcel came back"),
    "delivery_failed": N("Delivery failed"),
    "staged_not_ready": N("Staged and not ready"),
    "unknown_parcel": N("Unknown parcel"),
    "awaited_without_date": N("Awaited without a date"),
    "awaited_overdue": N("Awaited longer than said"),
    "purchase_order_overdue": N("Purchase order is overdue"),
    "event_put_aside": N("Event put aside"),
    "failed_job": N("Failed job"),
}


class JobForm(msgspec.Struct, frozen=True):
    """A job to try again; empty: all that failed."""

    job_id: Annotated[str, msgspec.Meta(max_length=19)] = ""


class EventForm(msgspec.Struct, frozen=True):
    """An event to take again; empty: all that were put aside."""

    consumer: Short = ""
    event_id: Annotated[str, msgspec.Meta(max_length=36)] = ""


@get("/console/jobs", guards=may("admin:read"))
async def list_jobs(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show jobs that are not done, and events that were put aside."""
    _ = desk.text
    async with database_of(request).connection() as connection:
        counts = await jobs.count_jobs(connection)
        aside = await consumers.list_put_aside(connection, ASIDE_MAX)
        standings = await consumers.standings(connection)
    names = sorted({count.name for count in counts})
    spec = TableSpec(
        "jobs",
        f"{BASE}/jobs",
        _("Jobs and events"),
        [
            Column("name", _("Job"), "code"),
            Column("state", _("Status"), "badge"),
            Column("attempts", _("Attempts"), "number"),
            Column("due", _("Due"), "moment"),
            Column("created", _("Made"), "moment"),
            Column("error", _("Error")),
            Column("payload", _("About"), "code", shown=False),
        ],
        [
            Filter("state", _("Status"), "select", choices({s: label for s, (label, _tone) in JOBS.items()}, desk)[:3]),
            Filter("name", _("Job"), "select", [(name, name) for name in names]),
        ],
        views=False,
        empty=_("No job waits."),
    )
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        before = decode_cursor(asked.cursor, int)[0] if asked.cursor else None
        async with database_of(request).connection() as connection:
            found = await jobs.list_jobs(connection, asked.get("state"), asked.get("name"), before, limit)
        rows = [
            {
                "name": cells.text(job.name),
                "state": cells.badge(
                    _(JOBS[job.state][0]) if job.state in JOBS else job.state,
                    JOBS.get(job.state, ("", "ghost"))[1],
                    job.state,
                ),
                "attempts": cells.number(job.attempts),
                "due": cells.moment(job.due_at),
                "created": cells.moment(job.created_at),
                "error": cells.text(job.error),
                "payload": cells.text(job.payload),
            }
            for job in found
        ]
        return Rows(rows, next_cursor=encode_cursor(found[-1].job_id) if len(found) == limit else None)

    failed = sum(count.jobs for count in counts if count.state in ("failed", "exception"))
    return await answer_table(
        request, desk, "console/jobs.html", spec, load, aside=aside, standings=standings, failed=failed
    )


@post("/console/jobs/retry", guards=may("admin:write"))
async def retry_jobs(request: AnyRequest, desk: Desk, data: Annotated[JobForm, FORM]) -> Response[Any]:
    """Let jobs that failed try again."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        wanted = int(data.job_id) if data.job_id.isascii() and data.job_id.isdigit() else None
        tried = await jobs.retry_failed(tx, wanted)
        await audit.record(tx, actor, "retry", "job", data.job_id or "*", {"jobs": tried})
        return tried

    await run(request, desk, verb)
    return see_other(f"{BASE}/jobs")


@post("/console/jobs/replay", guards=may("admin:write"))
async def replay_events(request: AnyRequest, desk: Desk, data: Annotated[EventForm, FORM]) -> Response[Any]:
    """Let consumers take events that were put aside; what fails again stays, with the new error."""
    event_id = read_id(data.event_id, "event_id") if data.event_id else None
    retaken = await consumers.replay(database_of(request), request.app.state.consumers, data.consumer or None, event_id)

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        detail = {"taken": retaken.taken, "failed": len(retaken.failed)}
        await audit.record(tx, actor, "replay", "event", data.event_id or "*", detail)
        return retaken

    await run(request, desk, verb)
    return see_other(f"{BASE}/jobs")


@get("/console/audit", guards=may("admin:read"))
async def list_audit(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show who changed what, the newest first."""
    _ = desk.text
    spec = TableSpec(
        "audit",
        f"{BASE}/audit",
        _("Audit log"),
        [
            Column("at", _("When"), "moment"),
            Column("actor", _("Who")),
            Column("action", _("What"), "code"),
            Column("subject", _("Kind"), "code"),
            Column("subject_id", _("Which"), "code"),
            Column("detail", _("Details")),
        ],
        [
            Filter("actor", _("Who"), placeholder=_("Name or staff:3")),
            Filter("action", _("What")),
            Filter("subject", _("Kind"), placeholder="order, location, staff"),
            Filter("subject_id", _("Which")),
            Filter("from", _("From"), "date"),
            Filter("until", _("Until"), "date"),
        ],
    )
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        before = decode_cursor(asked.cursor, UUID)[0] if asked.cursor else None
        wanted = audit.AuditFilter(
            asked.get("subject"),
            asked.get("subject_id"),
            asked.get("actor"),
            asked.get("action"),
            midnight(asked.get("from"), desk.time_zone),
            midnight(asked.get("until"), desk.time_zone, 1),
        )
        async with database_of(request).connection() as connection:
            found = await audit.search(connection, wanted, before, limit)
        rows = [
            {
                "at": cells.moment(each.occurred_at),
                "actor": cells.text(each.actor_name or each.actor, note=each.actor if each.actor_name else ""),
                "action": cells.text(each.action),
                "subject": cells.text(each.subject),
                "subject_id": cells.text(each.subject_id, _path_of(each)),
                "detail": Cell(told(each.detail), msgspec.json.encode(each.detail).decode() if each.detail else ""),
            }
            for each in found
        ]
        return Rows(rows, next_cursor=encode_cursor(found[-1].audit_entry_id) if len(found) == limit else None)

    return await answer_table(request, desk, "console/list.html", spec, load)


def told(detail: Any) -> str:
    """Write what an entry holds for reading: `name: value`, one inside another in brackets."""
    if isinstance(detail, dict):
        inner = (
            f"{name}: {f'({told(value)})' if isinstance(value, dict) else told(value)}"
            for name, value in detail.items()
        )
        return "; ".join(inner)
    if isinstance(detail, list):
        return ", ".join(told(each) for each in detail)
    return "\u2013" if detail is None else str(detail)


def _path_of(entry: audit.NamedEntry) -> str | None:
    place = {
        "order": "orders",
        "customer": "customers",
        "location": "locations",
        "staff": "people",
        "api_key": "api-keys",
        "device": "devices",
    }.get(entry.subject)
    return f"{BASE}/{place}/{entry.subject_id}" if place and entry.subject_id != "*" else None


@get("/console/messages", guards=may("messages:read", everywhere=True))
async def list_messages(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show what people were told."""
    return await _messages(request, desk)


async def _messages(
    request: AnyRequest, desk: Desk, problem: Refused | None = None, status: int = 200
) -> Response[Any]:
    _ = desk.text
    states = choices({state: label for state, (label, _tone) in labels.MESSAGE.items()}, desk)
    spec = TableSpec(
        "messages",
        f"{BASE}/messages",
        _("Messages"),
        [
            Column("created", _("Written"), "moment"),
            Column("kind", _("Message")),
            Column("recipient", _("To")),
            Column("language", _("Language")),
            Column("state", _("Status"), "badge"),
            Column("sent", _("Sent"), "moment"),
            Column("attempts", _("Attempts"), "number", shown=False),
            Column("error", _("Error")),
            Column("order", _("Order")),
        ],
        [Filter("state", _("Status"), "select", states)],
        views=False,
    )
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        wanted = asked.get("state")
        state = cast("Any", wanted if wanted in get_args(State) else None)
        async with database_of(request).connection() as connection:
            found = await messages.list_messages(connection, None, state, asked.cursor, limit)
        rows = [
            {
                "created": cells.moment(each.created_at),
                "kind": cells.text(
                    _(labels.MESSAGES.get(each.kind, each.kind)), f"{BASE}/messages/preview/{each.kind}"
                ),
                "recipient": cells.text(each.recipient),
                "language": cells.text(each.language),
                "state": cells.badge(_(labels.MESSAGE[each.state][0]), labels.MESSAGE[each.state][1], each.state),
                "sent": cells.moment(each.sent_at),
                "attempts": cells.number(each.attempts),
                "error": cells.text(each.error),
                "order": cells.text("")
                if each.order_id is None
                else cells.text(_(N("Open the order")), f"{BASE}/orders/{each.order_id}"),
            }
            for each in found.items
        ]
        return Rows(rows, next_cursor=found.next_cursor)

    response = await answer_table(
        request, desk, "console/messages.html", spec, load, problem=problem,
        kinds=[(kind, _(labels.MESSAGES.get(kind, kind))) for kind in KINDS],
    )  # fmt: skip
    response.status_code = status
    return response


@post("/console/messages/{message_id:uuid}/send-again", guards=may("messages:write", everywhere=True))
async def send_again(request: AnyRequest, desk: Desk, message_id: UUID) -> Response[Any]:
    """Send a message once more."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        return await messages.send_again(tx, actor, message_id, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _messages(request, desk, problem, status)

    return await carry_out(request, desk, verb, f"{BASE}/messages", again)


@get("/console/messages/preview/{kind:str}", guards=may("messages:read", everywhere=True))
async def preview(request: AnyRequest, desk: Desk, kind: str) -> Response[str]:
    """Show how a kind of message is written, from made-up facts."""
    wanted = request.query_params.get("language") or desk.language
    language = wanted if wanted in LANGUAGES else "en"
    written = messages.preview(kind, language, request.app.state.settings.retailer_name)
    title = desk.text(labels.MESSAGES.get(kind, kind))
    return console_page(
        request, desk, "console/message.html", kind=kind, title=title, written=written, shown_language=language
    )


@get("/console/attention", guards=may("fulfilment:read", everywhere=True))
async def attention(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show everything that waits, and what waits longer than it should."""
    _ = desk.text
    async with database_of(request).connection() as connection:
        found = await diagnose(connection, clock.now())
    spec = TableSpec(
        "attention",
        f"{BASE}/attention",
        _("Needs attention"),
        [
            Column("kind", _("Why it waits"), "badge", sortable=True),
            Column("number", _("Number")),
            Column("location", _("Place"), sortable=True),
            Column("since", _("Since"), "moment", sortable=True),
            Column("why", _("Details")),
        ],
        [
            Filter("kind", _("Why it waits"), "select", choices(WAITING, desk)),
            Filter("overdue", _("Only what waits too long"), "flag"),
        ],
        sort="since",
        empty=_("Nothing waits. All is well."),
    )
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        rows = [
            {
                "kind": cells.badge(_(WAITING[each.kind]), "error" if each.overdue else "warning"),
                "number": cells.text(each.number, None if each.order_id is None else f"{BASE}/orders/{each.order_id}"),
                "location": cells.text(each.location),
                "since": cells.moment(each.since),
                "why": cells.text(_(labels.REJECTED.get(each.why, each.why)) if each.why else ""),
            }
            for each in found.waiting
            if (not asked.get("kind") or each.kind == asked.get("kind")) and (each.overdue or not asked.get("overdue"))
        ]
        return sorted_page(rows, asked, limit, offset)

    return await answer_table(request, desk, "console/list.html", spec, load)


routes = [
    list_jobs,
    retry_jobs,
    replay_events,
    list_audit,
    list_messages,
    send_again,
    preview,
    attention,
]
