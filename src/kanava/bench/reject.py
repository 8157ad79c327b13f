"""From a rejection to the units reserved elsewhere and both places told, while 50 orders a second come in.

The API and the worker are real processes. The streams of all boards are open; work that a stream announces is rejected
some seconds later, as people do. The time runs from the request being sent until it was answered, the reservation is
found at the other place, and the streams of both places have told of the move, whichever comes last.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import httptools
import msgspec

from kanava.bench import retailer
from kanava.bench.installation import Api, Installation
from kanava.bench.load import http_request
from kanava.bench.model import BenchContext, Measure, at_most, figure, median
from kanava.bench.orders import check
from kanava.platform.ids import uuid7
from kanava.platform.refusal import CannotRun

ORDERS_PER_SECOND = 50
REJECTIONS_PER_SECOND = 10
P99_SECONDS_MAX = 2.0
WARM_UP_SECONDS = 3.0
AGE_SECONDS = 1.0
"""How long work has been on a board when its place says no."""
WAIT_SECONDS_MAX = 30.0
REASONS = ("not_found", "no_capacity")
PLACES_OF_LINES = """
    SELECT r.line_no, l.code
    FROM fulfilment_rejection j
    JOIN reservation r ON r.order_id = j.order_id AND r.line_no = j.line_no AND r.state = 'committed'
    JOIN location l ON l.location_id = r.location_id
    WHERE j.order_id = $1 AND j.rejection_id = $2 AND j.outcome = 'moved'
"""


T = TypeVar("T")


class _Work(msgspec.Struct, frozen=True):
    """A fulfilment as its place's stream announced it."""

    order_id: UUID
    fulfilment_id: UUID
    location: str
    seen: float


class _Times(msgspec.Struct, frozen=True):
    """Seconds from a rejection being sent: until it was answered, reserved elsewhere, told to the one and the other."""

    answered: float
    reserved: float
    told_old: float
    told_new: float

    @property
    def whole(self) -> float:
        return max(self.reserved, self.told_old, self.told_new)


async def run(context: BenchContext) -> list[Measure]:
    """Reject for a while under load, three rounds."""
    seconds = 8.0 if context.quick else 20.0
    rounds: list[list[_Times]] = []
    async with context.installation() as installation:
        with context.step("26 locations, 5,000 variants, 130,000 levels"):
            await retailer.seed(installation)
        async with (
            installation.api() as api,
            installation.worker(),
            _Boards.open(installation, api) as boards,
            asyncpg.create_pool(installation.url, min_size=1, max_size=4) as database,
        ):
            bench = _Bench(installation, api, boards, database)
            with context.step("warming up"):
                await bench.round(WARM_UP_SECONDS, seed=0)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: {seconds:.0f} s at {ORDERS_PER_SECOND} orders/s"):
                    rounds.append(await bench.round(seconds, seed=number))
                context.note(f"Round {number}: {_told(rounds[-1])}.")
            context.note(f"{bench.stuck} were stuck; {bench.short} orders were for what had just been rejected there.")
            bench.close()
        await check(context, installation)
    name = f"rejected to reserved elsewhere and both places told, {ORDERS_PER_SECOND} orders/s"
    whole = [[each.whole for each in times] for times in rounds]
    answered = [[each.answered for each in times] for times in rounds]
    return [
        at_most("reject", f"{name}, p99", median([_at(t, 0.99) for t in whole]), "s", goal=P99_SECONDS_MAX),
        figure("reject", f"{name}, p50", median([_at(t, 0.5) for t in whole]), "s"),
        figure("reject", "of it, until the answer, p99", median([_at(t, 0.99) for t in answered]), "s"),
    ]


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def _told(times: list[_Times]) -> str:
    parts = (
        ("answered", [each.answered for each in times]),
        ("the old place told", [each.told_old for each in times]),
        ("the new place told", [each.told_new for each in times]),
    )
    stages = ", ".join(f"{name} {_at(of, 0.99) * 1000:.0f} ms" for name, of in parts)
    return f"{len(times)} rejections, p99 of each: {stages}"


class _Boards:
    """The streams of every place: what they announced, and when they told of each move."""

    def __init__(self) -> None:
        self.work: dict[str, list[_Work]] = {}
        self.moves: dict[tuple[UUID, int], dict[str, float]] = {}
        self.waiting: dict[UUID, asyncio.Event] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, installation: Installation, api: Api) -> "AsyncIterator[_Boards]":
        boards = cls()
        loop, connections = asyncio.get_running_loop(), []
        for code in retailer.places():
            connection = _Connection(boards.taking(code))
            await loop.create_connection(lambda made=connection: made, api.host, api.port)  # type: ignore[misc]
            headers = {"Authorization": f"Bearer {installation.api_key}"}
            connection.send(http_request("GET", f"/api/locations/{code}/board/stream", headers))
            connections.append(connection)
        try:
            yield boards
        finally:
            for connection in connections:
                connection.transport.close()

    def taking(self, place: str) -> Callable[[str, dict[str, Any]], None]:
        """Give what takes the events of one place's stream."""
        of_place = self.work.setdefault(place, [])

        def take(kind: str, facts: dict[str, Any]) -> None:
            now = perf_counter()
            order_id = UUID(facts["order_id"]) if "order_id" in facts else None
            if order_id is not None and kind == "fulfilment.opened" and facts["kind"] == "ship":
                of_place.append(_Work(order_id, UUID(facts["fulfilment_id"]), place, now))
            elif order_id is not None and kind == "fulfilment.moved":
                for line in facts["lines"]:
                    self.moves.setdefault((order_id, line["line_no"]), {})[place] = now
                if order_id in self.waiting:
                    self.waiting[order_id].set()

        return take

    def some(self, chance: random.Random) -> _Work | None:
        """Take away work that has been on a board for a while; None when there is none."""
        ready = [each for each in self.work.values() if each and each[0].seen < perf_counter() - AGE_SECONDS]
        return chance.choice(ready).pop(0) if ready else None

    async def told(self, order_id: UUID, moves: set[tuple[int, str]], since: float) -> float:
        """Wait until the streams of places have told that lines were moved; gives when the last one did.

        `moves`: pairs of a line and a place; what was told before `since` is of an earlier move.
        """
        grown = self.waiting.setdefault(order_id, asyncio.Event())
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while True:
                times = [self.moves.get((order_id, line_no), {}).get(place, 0.0) for line_no, place in moves]
                if min(times) >= since:
                    return max(times)
                grown.clear()
                await grown.wait()


class _Bench:
    """The load and the rejections, on one installation."""

    def __init__(self, installation: Installation, api: Api, boards: _Boards, database: asyncpg.Pool) -> None:
        self.installation, self.api, self.boards, self.database = installation, api, boards, database
        self.stuck = self.short = 0
        self._idle: list[_Connection] = []

    def close(self) -> None:
        """Close connections."""
        for connection in self._idle:
            connection.transport.close()

    async def round(self, seconds: float, *, seed: int) -> list[_Times]:
        """Place orders and reject at their rates for a time; gives the times of what was moved."""
        requests = retailer.order_requests(
            self.installation.api_key, int(seconds * ORDERS_PER_SECOND), seed_=1_000 + seed
        )
        chance = random.Random(seed)
        _, times = await asyncio.gather(
            _at_rate(ORDERS_PER_SECOND, seconds, lambda: self._place(next(requests))),
            _at_rate(REJECTIONS_PER_SECOND, seconds, lambda: self._reject(chance)),
        )
        return [each for each in times if each is not None]

    async def _place(self, request: bytes) -> None:
        status, content = await self._ask(request)
        if b"insufficient-stock" in content:
            self.short += 1  # She wanted to fetch it where somebody has just said that it is not there.
        elif status != 201:
            raise CannotRun(f"An order was not taken: {status} {content[:300]!r}")

    async def _reject(self, chance: random.Random) -> _Times | None:
        work = self.boards.some(chance)
        if work is None:
            return None
        rejection_id = uuid7()
        body = msgspec.json.encode({"rejection_id": rejection_id, "reason": chance.choice(REASONS)})
        path = f"/api/fulfilments/{work.fulfilment_id}/rejections"
        request = http_request("POST", path, {"Authorization": f"Bearer {self.installation.api_key}"}, body)
        sent = perf_counter()
        status, content = await self._ask(request)
        answered = perf_counter()
        if status == 409:
            return None  # Its units were moved already: another rejection has left the place without the goods.
        if status != 201:
            raise CannotRun(f"A rejection was not taken: {status} {content[:300]!r}")
        if msgspec.json.decode(content)["stuck_since"] is not None:
            self.stuck += 1
            return None
        rows = await self.database.fetch(PLACES_OF_LINES, work.order_id, rejection_id)
        reserved = perf_counter()
        there = {(line_no, code) for line_no, code in rows}
        if not there or work.location in {code for _, code in there}:
            raise CannotRun(f"Rejected units of order {work.order_id} are reserved so: {sorted(there)}.")
        here = {(line_no, work.location) for line_no, _ in there}
        told = [await self.boards.told(work.order_id, moves, sent) - sent for moves in (here, there)]
        return _Times(answered - sent, reserved - sent, told[0], told[1])

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._idle:
            connection = self._idle.pop()
        else:
            connection = _Connection(None)
            await asyncio.get_running_loop().create_connection(lambda: connection, self.api.host, self.api.port)
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            answer = await connection.ask(request)
        self._idle.append(connection)
        return answer


async def _at_rate(rate: float, seconds: float, verb: Callable[[], Awaitable[T]]) -> list[T]:
    """Begin a verb so many times a second, whether or not the last one has ended; gives all outcomes."""
    started, tasks = perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - perf_counter()))
        tasks.append(asyncio.ensure_future(verb()))
    return list(await asyncio.gather(*tasks))


class _Connection(asyncio.Protocol):
    """One connection to the API: for requests in turn, or, with `take`, for a stream of server-sent events."""

    def __init__(self, take: Callable[[str, dict[str, Any]], None] | None) -> None:
        self.take = take
        self.transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._content = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, request: bytes) -> None:
        """Send a request."""
        self.transport.write(request)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and give the status and content of its answer."""
        self._content, self._answer = b"", asyncio.get_running_loop().create_future()
        self.send(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._content += body
        if self.take is None:
            return
        *messages, self._content = self._content.split(b"\n\n")
        for kind, facts in _events(messages):
            self.take(kind, facts)

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), self._content))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("The API has closed the connection."))


def _events(messages: list[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    for message in messages:
        fields = dict(line.split(b": ", 1) for line in message.split(b"\n") if b": " in line)
        with suppress(KeyError):
            yield fields[b"event"].decode(), msgspec.json.decode(fields[b"data"])
