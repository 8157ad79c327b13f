"""Structured logs, request ids and request metrics."""

import asyncio
import logging
import re
import sys
from contextlib import suppress
from time import perf_counter
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Histogram

from kanava.platform.ids import uuid7

REQUEST_SECONDS = Histogram(
    "kanava_http_request_seconds",
    "Time from the request's head to the end of its answer.",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
# Methods are whatever a caller writes: unbounded, each would make a time series of its own.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = structlog.get_logger()
SLOW_SECONDS = 1.0
HTTP_CONTENT_TOO_LARGE = 413
SWALLOWED_BYTES_MAX = 500_000_000
SWALLOW_SECONDS_MAX = 60


def configure_logs(level: str, json: bool) -> None:
    """Send structlog and the standard library's records to stderr, as JSON lines or in colours for people."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer] if json else [*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=level.upper(), stream=sys.stderr, force=True)


class _Body:
    """The body of a request while it is read; knows whether more of it is to come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.begun = self.ended = False

    async def receive(self) -> Any:
        """Give the next part."""
        self.begun = True
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def swallow(self) -> None:
        """Read on and forget what is still being sent: a client that is cut off in its body never sees the answer."""
        left = SWALLOWED_BYTES_MAX
        with suppress(TimeoutError):
            async with asyncio.timeout(SWALLOW_SECONDS_MAX):
                while left > 0 and not self.ended:
                    left -= len((await self.receive()).get("body", b""))


def observe_requests(app: ASGIApp) -> ASGIApp:
    """Wrap an application: a request id in and out, a histogram per route, a log line for what is slow."""
    children: dict[tuple[str, str, int], Any] = {}

    async def observed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        started = perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7()).encode()
        scope["request_id"] = request_id.decode()  # type: ignore[typeddict-unknown-key]
        status, answered = 500, 0.0
        body = _Body(receive)

        async def send_with_id(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = perf_counter()
                if body.begun or status == HTTP_CONTENT_TOO_LARGE:
                    await body.swallow()
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        try:
            await app(scope, body.receive, send_with_id)
        finally:
            # Until the answer begins: a stream of events goes on for hours, and is not slow for that.
            seconds = (answered or perf_counter()) - started
            route = scope.get("path_template") or "unmatched"
            method: str = scope["method"]
            key = (method if method in _METHODS else "other", str(route), status)
            child = children.get(key)
            if child is None:
                child = children[key] = REQUEST_SECONDS.labels(key[0], key[1], str(status))
            child.observe(seconds)
            if seconds > SLOW_SECONDS:
                log.warning("slow_request", method=key[0], route=key[1], status=status, seconds=round(seconds, 3))

    return observed
