"""uvicorn's protocol with one write for the head of an answer and its body.

uvicorn writes them one after the other, and each write is a system call that wakes the reader: some 50 µs of a request.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1.1 "


class _OneWrite:
    """A transport that keeps the head of an answer until the body comes, or until the loop has nothing before it."""

    __slots__ = ("_call_soon", "_head", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._call_soon, self._head = transport, loop.call_soon, b""

    def write(self, data: bytes) -> None:
        head, self._head = self._head, b""
        if data.startswith(_HEAD):
            # What streams sends its head alone: it must not wait for a body that comes later.
            self._head = head + data
            self._call_soon(self._flush)
        else:
            self._transport.write(head + data if head else data)

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head:
            self._transport.write(head)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class OneWriteProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, an answer in one write."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(_OneWrite(transport, self.loop))  # type: ignore[arg-type]
