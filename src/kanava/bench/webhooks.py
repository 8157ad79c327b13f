"""From the commit of an event to the first attempt at an endpoint, 200 events a second, a real worker and receiver.

The receiver is a process of its own that notes when each request was whole, by the clock that both processes share.
Every two events in a row are of one aggregate, so that every second one waits for an answer. Then the same beside a
second endpoint that takes every connection and never answers.
"""

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import httptools
import msgspec

from kanava.bench.model import BenchContext, Measure, at_most, figure, median
from kanava.platform import clock, outbox
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from kanava.platform.outbox import Event
from kanava.platform.refusal import CannotRun
from kanava.webhooks import service
from kanava.webhooks.model import NewEndpoint

EVENTS_PER_SECOND = 200
P99_MS_MAX = 250.0
STAGES = """
    SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM d.created_at - o.occurred_at)),
           percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM d.first_attempt_at - d.created_at))
    FROM webhook_delivery d JOIN outbox_event o USING (tx_id, event_id)
    WHERE d.endpoint_id = $1 AND d.state = 'delivered' AND d.created_at >= $2
"""
WARM_UP_SECONDS = 2.0
WAIT_SECONDS_MAX = 30.0
TYPE = "bench.happened"


async def run(context: BenchContext) -> list[Measure]:
    """Measure alone, and beside an endpoint that hangs."""
    seconds = 6.0 if context.quick else 20.0
    async with (
        context.installation() as installation,
        _receiver() as receiver,
        installation.worker(WEBHOOK_PRIVATE_ADDRESSES="true"),
    ):
        db = await Database.open(installation.url, pool_size=6, application_name="kanava-bench")
        try:
            endpoint_id = await _register(db, f"http://127.0.0.1:{receiver.port}/")
            await _first_sign_of_life(db, receiver)
            alone, beside = [], []
            with context.step("warming up"):
                await _round(db, receiver, WARM_UP_SECONDS)
            for number in range(1, context.rounds + 1):
                since = clock.now()
                with context.step(f"round {number}: {seconds:.0f} s at {EVENTS_PER_SECOND}/s"):
                    alone.append(await _round(db, receiver, seconds))
                stages = await _stages(db, endpoint_id, since)
                context.note(f"Round {number}: p99 {_percentile(alone[-1], 0.99):.0f} ms; {stages}.")
            await _register(db, f"http://127.0.0.1:{receiver.port}/hang")
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: beside an endpoint that hangs"):
                    beside.append(await _round(db, receiver, seconds))
                context.note(f"Round {number}, beside one that hangs: p99 {_percentile(beside[-1], 0.99):.0f} ms.")
        finally:
            await db.close()
    context.note(f"{len(alone[0]):,} events a round, each in a transaction of its own, two of each aggregate.")
    name = f"commit to first attempt, {EVENTS_PER_SECOND} events/s"
    return [
        at_most("webhooks", f"{name}, p99", median([_percentile(t, 0.99) for t in alone]), "ms", goal=P99_MS_MAX),
        figure("webhooks", f"{name}, p50", median([_percentile(t, 0.5) for t in alone]), "ms"),
        at_most("webhooks", f"{name}, beside an endpoint that hangs, p99",
                median([_percentile(t, 0.99) for t in beside]), "ms", goal=P99_MS_MAX),
    ]  # fmt: skip


def _percentile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] * 1000


async def _round(db: Database, receiver: "_Process", seconds: float) -> list[float]:
    """Publish at the rate for a time; gives the seconds from each commit to its first attempt."""
    committed: dict[str, float] = {}
    await receiver.take()

    async def publish(number: int) -> None:
        rows = outbox.rows_of([Event(TYPE, "thing", str(number // 2), {"number": number, "said": "x" * 400})])
        async with db.transaction() as tx:
            await outbox.INSERT_EVENTS.write(tx, rows)
        committed[str(rows[0][0])] = time.time()

    started, tasks = time.monotonic(), []
    for number in range(int(seconds * EVENTS_PER_SECOND)):
        await asyncio.sleep(max(0.0, started + number / EVENTS_PER_SECOND - time.monotonic()))
        tasks.append(asyncio.create_task(publish(number)))
    await asyncio.gather(*tasks)
    arrived: dict[str, float] = {}
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while len(arrived) < len(committed):
        if time.monotonic() > deadline:
            raise CannotRun(f"Only {len(arrived):,} of {len(committed):,} events arrived.")
        await asyncio.sleep(0.2)
        arrived |= {name: at for name, at in await receiver.take() if name in committed and name not in arrived}
    return [arrived[name] - at for name, at in committed.items()]


async def _stages(db: Database, endpoint_id: UUID, since: datetime) -> str:
    """Say where the time goes; both are clocks of the worker, the first from the beginning of the transaction."""
    async with db.connection() as connection:
        opened, sent = await connection.fetchrow(STAGES, endpoint_id, since)
    return f"p99 until the feed's reader had it {opened * 1000:.0f} ms, from there to the attempt {sent * 1000:.0f} ms"


async def _register(db: Database, url: str) -> UUID:
    async with db.transaction() as tx:
        made = await service.create_endpoint(tx, SYSTEM, NewEndpoint(url), clock.now())
    return made.endpoint.endpoint_id


async def _first_sign_of_life(db: Database, receiver: "_Process") -> None:
    """Wait until the worker takes events: it begins with those that come after its first start."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        async with db.transaction() as tx:
            await outbox.publish(tx, [Event(TYPE, "thing", "first", {})])
        await asyncio.sleep(0.5)
        if await receiver.take():
            return
    raise CannotRun("The worker sends nothing.")


class _Process:
    """The receiver, seen from here: a line in, a line out."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.port = process, port

    async def take(self) -> list[tuple[str, float]]:
        """Give what came since the last time: event ids and instants."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        return msgspec.json.decode(await self.process.stdout.readline(), type=list[tuple[str, float]])


@asynccontextmanager
async def _receiver() -> AsyncIterator[_Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kanava.bench.webhooks", stdin=pipe, stdout=pipe, limit=2**26
    )
    assert process.stdout is not None
    try:
        yield _Process(process, int(await process.stdout.readline()))
    finally:
        process.terminate()
        await process.wait()


class _Connection(asyncio.Protocol):
    """Takes requests and says 204 to each; below /hang it says nothing."""

    came: ClassVar[list[tuple[str, float]]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.parser = httptools.HttpRequestParser(self)
        self.name, self.hangs = "", False

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.hangs = url == b"/hang"

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"webhook-id":
            self.name = value.decode()

    def on_message_complete(self) -> None:
        if self.hangs:
            return
        self.came.append((self.name, time.time()))
        self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


async def _receive() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while await loop.run_in_executor(None, sys.stdin.readline):
        came = _Connection.came[:]
        del _Connection.came[: len(came)]
        sys.stdout.buffer.write(msgspec.json.encode(came) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_receive())
