"""A till's or a web shop's connection to the API: kept open, one request at a time."""

import asyncio
from typing import Any

import msgspec

ANSWER_SECONDS_MAX = 60


class ApiConnection:
    """One connection; opened by the first request, opened anew when the server has closed it."""

    def __init__(self, host: str, port: int, api_key: str) -> None:
        self._host, self._port = host, port
        self._head = f"Host: {host}\r\nAuthorization: Bearer {api_key}\r\nContent-Type: application/json\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, key: str, body: object) -> tuple[int, Any]:
        """Send a request under an Idempotency-Key; gives the status and the decoded answer.

        A broken connection is no answer: the same request goes out once more, and the key makes that harmless.
        """
        content = msgspec.json.encode(body)
        head = f"POST {path} HTTP/1.1\r\n{self._head}Idempotency-Key: {key}\r\nContent-Length: {len(content)}\r\n\r\n"
        request = head.encode() + content
        try:
            return await self._exchange(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.close()
            return await self._exchange(request)

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            if self._streams is None:
                self._streams = await asyncio.open_connection(self._host, self._port)
            reader, writer = self._streams
            writer.write(request)
            status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines if line)
            length = int(headers.get("content-length", 0))
            content = await reader.readexactly(length)
        return int(status.split()[1]), msgspec.json.decode(content) if content else None

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
