"""HTTP load from a process of its own that costs little: raw protocols, ready-made bytes, connections kept open.

Every connection sends its next request when the answer to the last one is complete. Every answer is counted by its
status, whenever it came; times are kept of those that fell into the measured window.
"""

import asyncio
import math
import struct
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import httptools
import msgspec

SAMPLES_MAX = 3
_LENGTH = struct.Struct("<I")


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send: the requests of `file` in turn, again from the start with `cycle`, for a time or until used up."""

    host: str
    port: int
    file: str
    connections: int
    seconds: float
    warm_up_seconds: float = 0.0
    cycle: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `statuses` and `refusals` are of all answers, the rest is of the measured window."""

    seconds: float
    answers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    statuses: dict[int, int]
    broken_connections: int
    used_up: bool
    refusals: list[str]

    @property
    def failures(self) -> int:
        """Answers other than 2xx, and connections that broke."""
        return sum(n for status, n in self.statuses.items() if not 200 <= status < 300) + self.broken_connections

    @property
    def accepted(self) -> int:
        """Answers of 2xx."""
        return sum(n for status, n in self.statuses.items() if 200 <= status < 300)


def write_requests(path: Path, requests: Iterable[bytes]) -> int:
    """Write ready-made requests to a file, each behind its length; gives how many."""
    count = 0
    with path.open("wb") as file:
        for request in requests:
            file.write(_LENGTH.pack(len(request)))
            file.write(request)
            count += 1
    return count


def read_requests(path: Path) -> list[bytes]:
    """Read them back."""
    content = path.read_bytes()
    requests, position = [], 0
    while position < len(content):
        (length,) = _LENGTH.unpack_from(content, position)
        position += _LENGTH.size
        requests.append(content[position : position + length])
        position += length
    return requests


def http_request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Make the bytes of a request that keeps its connection open."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def run_load(load: Load) -> Outcome:
    """Run a load in a process of its own and wait for its outcome."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kanava.bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate(msgspec.json.encode(load))
    if process.returncode != 0:
        raise RuntimeError(f"the load process ended with {process.returncode}")
    return msgspec.json.decode(output, type=Outcome)


class _Run:
    """One run in this process."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.requests = read_requests(Path(load.file))
        self.position = 0
        self.times = array("d")
        self.statuses: Counter[int] = Counter()
        self.refusals: list[str] = []
        self.broken = 0
        self.open = 0
        self.done = asyncio.Event()
        self.window_from = self.window_to = self.last = math.inf

    def next(self) -> bytes | None:
        if perf_counter() >= self.window_to:
            return None
        if self.position >= len(self.requests):
            if not self.load.cycle:
                return None
            self.position = 0
        request = self.requests[self.position]
        self.position += 1
        return request

    async def measure(self) -> Outcome:
        loop = asyncio.get_running_loop()
        started = perf_counter()
        self.window_from = started + self.load.warm_up_seconds
        self.window_to = self.window_from + self.load.seconds
        self.open = self.load.connections
        for _ in range(self.load.connections):
            await loop.create_connection(lambda: _Connection(self), self.load.host, self.load.port)
        await self.done.wait()
        return self._outcome()

    def closed(self) -> None:
        self.open -= 1
        if self.open == 0:
            self.done.set()

    def _outcome(self) -> Outcome:
        times = sorted(self.times)
        used_up = self.position >= len(self.requests) and not self.load.cycle
        # Requests that ran out before the time did: the window ends with the last answer.
        seconds = (min(self.last, self.window_to) if used_up else self.window_to) - self.window_from
        return Outcome(
            seconds=seconds,
            answers=len(times),
            per_second=len(times) / seconds if times and seconds > 0 else 0.0,
            p50_ms=_percentile(times, 0.50),
            p95_ms=_percentile(times, 0.95),
            p99_ms=_percentile(times, 0.99),
            max_ms=_percentile(times, 1.0),
            statuses=dict(self.statuses),
            broken_connections=self.broken,
            used_up=used_up,
            refusals=self.refusals,
        )


def _percentile(times: list[float], share: float) -> float:
    if not times:
        return 0.0
    return times[min(len(times) - 1, math.ceil(share * len(times)) - 1)] * 1000


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self.run = run
        self.parser = httptools.HttpResponseParser(self)
        self.sent = 0.0
        self.waiting = False
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        request = self.run.next()
        if request is None:
            self.transport.close()
            return
        self.waiting = True
        self.sent = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if self.parser.get_status_code() >= 300 and len(self.run.refusals) < SAMPLES_MAX:
            self.run.refusals.append(body[:500].decode(errors="replace"))

    def on_message_complete(self) -> None:
        now = perf_counter()
        run = self.run
        run.statuses[self.parser.get_status_code()] += 1
        if run.window_from <= now <= run.window_to:
            run.times.append(now - self.sent)
        run.last = now
        self.waiting = False
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        if self.waiting:
            self.run.broken += 1
        self.run.closed()


async def _main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    outcome = await _Run(load).measure()
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main())
