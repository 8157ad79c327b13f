"""A real HTTP server that receives webhooks and answers as a test wants."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from standardwebhooks import Webhook


@dataclass
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    server_name: str | None

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found

    @property
    def number(self) -> int:
        """`data.number`, by which tests tell events apart."""
        return int(self.event["data"]["number"])

    def verified(self, secret: str) -> dict[str, Any]:
        """The event, by the reference library."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return found


@dataclass
class Reply:
    """What is answered; `wait_seconds` before the first byte, `body_seconds` spent on dripping the body."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait_seconds: float = 0
    body_seconds: float = 0


class Receiver:
    """Listens on a free port; `reply` decides what a request is answered with."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.received: list[Received] = []
        self.reply: Callable[[Received], Reply] = lambda _: Reply()
        self.port = 0
        self.open_now = self.open_max = self.connections = self.bytes_sent = 0
        self._names: list[str | None] = []
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    @property
    def numbers(self) -> list[int]:
        return [request.number for request in self.received]

    async def until(self, count: int, seconds: float = 20) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        self.connections += 1
        name = self._names.pop() if self._names else None
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer, name):
                pass
        writer.close()
        self._running.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str | None) -> bool:
        line = await reader.readline()
        if not line:
            return False
        headers: dict[str, str] = {}
        while (text := (await reader.readline()).decode().strip()) != "":
            key, _, value = text.partition(":")
            headers[key.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Received(line.split()[1].decode(), headers, body, time.time(), name)
        self.received.append(request)
        # A sender that gave one up and came with the next is seen in either order: those given up are counted out first.
        await asyncio.sleep(0.01)
        self.open_now += 1
        self.open_max = max(self.open_max, self.open_now)
        try:
            await self._answer(self.reply(request), reader, writer)
        finally:
            self.open_now -= 1
        return True

    async def _answer(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._pause(reply.wait_seconds, reader)
        lines = [f"HTTP/1.1 {reply.status} Said"]
        lines += [f"{key}: {value}" for key, value in reply.headers.items()]
        if reply.status != 204:
            lines.append(f"content-length: {len(reply.body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        pieces = 10 if reply.body_seconds else 1
        size = -(-len(reply.body) // pieces) or 1
        for start in range(0, len(reply.body), size):
            writer.write(reply.body[start : start + size])
            await writer.drain()
            self.bytes_sent += size
            await self._pause(reply.body_seconds / pieces, reader)
        await writer.drain()

    async def _pause(self, seconds: float, reader: asyncio.StreamReader) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if reader.at_eof():
                raise ConnectionError("the sender hung up")
            await asyncio.sleep(min(0.01, seconds))

    async def stop(self) -> None:
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run a receiver for the time of the block."""
    receiver = Receiver(tls)
    if tls is not None:

        def note(_socket: object, name: str | None, _context: object) -> None:
            receiver._names.append(name)

        tls.sni_callback = note
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.stop()
