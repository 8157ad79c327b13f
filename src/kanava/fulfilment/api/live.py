"""A place's board by server-sent events."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from litestar import get
from litestar.response import Stream

from kanava.fulfilment.service import board
from kanava.fulfilment.service.live import BoardFeed, Position, TooFarBehind
from kanava.platform.auth import actor_of, bearer_token, check_scope, requires
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of, decode_cursor, encode_cursor
from kanava.platform.outbox import StoredEvent

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
RETRY_MILLISECONDS = 1_000


@get(
    "/api/locations/{code:str}/board/stream",
    guards=[requires("fulfilment:read")],
    tags=["Fulfilment"],
    summary="What changes a place's board, by server-sent events",
    media_type="text/event-stream",
)
async def stream_board(request: AnyRequest, code: str) -> Stream:
    """Send events as they happen; `Last-Event-ID` goes on behind it. `reset`: read the board anew, then go on."""
    last = request.headers.get("last-event-id")
    after: Position | None = None
    if last:
        try:
            after = decode_cursor(last, int, UUID)
        except InvalidInput as error:
            raise InvalidInput("Last-Event-ID is the id of an event of this stream.", field="Last-Event-ID") from error
    async with database_of(request).connection() as connection:
        await board.place_of(connection, actor_of(request), code)
    feed: BoardFeed = request.app.state.board_feed
    events = feed.listen(code, after)
    # Asked for the first time here, so that a refusal is an answer and not a stream.
    position, _ = await anext(events)
    return Stream(_told(request, position, events), media_type="text/event-stream", headers=HEADERS)


async def _told(
    request: AnyRequest, position: Position, events: AsyncIterator[tuple[Position, StoredEvent | None]]
) -> AsyncIterator[bytes]:
    """Write events down as the stream has them."""
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n".encode() + _message(position, "listening", {})
        async for at, event in events:
            if event is not None:
                yield _message(at, event.type, {"occurred_at": event.occurred_at, **event.data})
                continue
            # A key that was revoked meanwhile, or a session that has ended, hears nothing more.
            actor = await request.app.state.authenticator.actor_of(bearer_token(request))
            check_scope(actor, "fulfilment:read")
            yield b": nothing new\n\n"
    except TooFarBehind:
        yield b"event: reset\ndata: {}\n\n"
    except KanavaError as error:
        problem = {"type": error.problem_type(), "detail": error.detail}
        yield b"event: ended\ndata: " + msgspec.json.encode(problem) + b"\n\n"
    finally:
        await events.aclose()  # type: ignore[attr-defined]


def _message(position: Position, kind: str, facts: dict[str, object]) -> bytes:
    return f"id: {encode_cursor(*position)}\nevent: {kind}\ndata: ".encode() + msgspec.json.encode(facts) + b"\n\n"


routes = [stream_board]
