"""The work of a place, most urgent first, live."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from kanava.fulfilment.model import Kind, State
from kanava.fulfilment.service import board
from kanava.fulfilment.service.board import BoardFilter
from kanava.fulfilment.service.live import BoardFeed, Position, TooFarBehind
from kanava.platform import clock
from kanava.platform.auth import check_scope
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of, decode_cursor, encode_cursor
from kanava.platform.ids import uuid7
from kanava.platform.outbox import StoredEvent
from kanava.web.common.sessions import read_token
from kanava.web.store import words
from kanava.web.store.shell import Shift, store_page
from kanava.web.store.views import Task, grouped, tasks_of

TASKS_MAX = 100
TO_DO: tuple[State, ...] = ("open", "picking", "picked", "packed")
READY: tuple[State, ...] = ("ready",)
RETRY_MILLISECONDS = 1_000
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def _facts(
    request: AnyRequest, shift: Shift, kind: Kind | None, ready: bool, cursor: str | None
) -> dict[str, Any]:
    wanted = BoardFilter(states=list(READY if ready else TO_DO), kind=kind)
    now = clock.now()
    async with database_of(request).connection() as connection:
        found = await board.board(connection, shift.actor, shift.code, wanted, TASKS_MAX, cursor, now)
        tasks = await tasks_of(connection, shift, [each.fulfilment for each in found.items])
    entries = {each.fulfilment.fulfilment_id: each for each in found.items}
    tasks = [Task(each.work, each.lines, entries[each.work.fulfilment_id]) for each in tasks]
    groups = [("ready", tasks)] if ready and tasks else grouped(tasks, now, shift.place.time_zone)
    return {
        "groups": groups,
        "kind": kind,
        "ready": ready,
        "count": len(tasks),
        "next_cursor": found.next_cursor,
        "free": sum(each.work.assigned_to is None and each.work.state == "open" for each in tasks),
        "wave_id": uuid7(),
        "words": words,
    }


KindWanted = Annotated[Kind | None, QueryParameter(name="kind")]


@get("/work")
async def board_page(
    request: AnyRequest, shift: Shift, kind: KindWanted = None, ready: bool = False, cursor: str | None = None
) -> Response[str]:
    """Show what there is to do."""
    facts = await _facts(request, shift, kind, ready, cursor)
    return store_page(request, shift, "store/board.html", "work", **facts)


@get("/work/list")
async def board_list(
    request: AnyRequest, shift: Shift, kind: KindWanted = None, ready: bool = False, cursor: str | None = None
) -> Response[str]:
    """Show the part of the page that changes."""
    facts = await _facts(request, shift, kind, ready, cursor)
    return store_page(request, shift, "store/_board.html", "work", **facts)


@get("/live", opt={"not_compressed": True})
async def stream(request: AnyRequest, shift: Shift) -> Stream:
    """Say when something changes the board of the place, by server-sent events; `reset`: read the page anew."""
    last = request.headers.get("last-event-id")
    after: Position | None = None
    if last:
        try:
            after = cast("Position", decode_cursor(last, int, UUID))
        except InvalidInput:
            after = None
    feed: BoardFeed = request.app.state.board_feed
    events = feed.listen(shift.code, after)
    # Asked for the first time here, so that a refusal is an answer and not a stream.
    position, _ = await anext(events)
    return Stream(_told(request, position, events), media_type="text/event-stream", headers=STREAM_HEADERS)


async def _told(
    request: AnyRequest, position: Position, events: AsyncIterator[tuple[Position, StoredEvent | None]]
) -> AsyncIterator[bytes]:
    """Write down that something changed; the page asks for what it shows, in its own language."""
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n".encode() + _message(position, "listening", {})
        async for at, event in events:
            if event is not None:
                yield _message(at, "changed", {"type": event.type, "fulfilment_id": event.data.get("fulfilment_id")})
                continue
            # A session that has ended hears nothing more.
            actor = await request.app.state.authenticator.actor_of(read_token(request))
            check_scope(actor, "fulfilment:read")
            yield b": nothing new\n\n"
    except TooFarBehind:
        yield b"event: reset\ndata: {}\n\n"
    except KanavaError:
        yield b"event: ended\ndata: {}\n\n"
    finally:
        await events.aclose()  # type: ignore[attr-defined]


def _message(position: Position, kind: str, facts: dict[str, object]) -> bytes:
    return f"id: {encode_cursor(*position)}\nevent: {kind}\ndata: ".encode() + msgspec.json.encode(facts) + b"\n\n"


routes: list[Any] = [board_page, board_list, stream]
