"""Group commit: requests that arrive while a write is in flight share the next transaction.

There is no timer. An idle lane writes a request at once; a busy one gathers what comes in meanwhile. The writer is
given the whole group and answers each member with a result or with the exception that is its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog
from prometheus_client import Histogram

from kanava.platform.errors import Overloaded

Request = TypeVar("Request")
Result = TypeVar("Result")

log = structlog.get_logger()
GROUP_SIZE = Histogram(
    "kanava_group_commit_size",
    "Requests that shared one transaction.",
    ["lane"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
)


class GroupCommit(Generic[Request, Result]):
    """A bounded queue in front of a writer of groups; `lanes` groups may be in flight at once."""

    def __init__(
        self,
        name: str,
        write: Callable[[Sequence[Request]], Awaitable[Sequence[Result | Exception]]],
        *,
        group_max: int = 500,
        queue_max: int = 5_000,
        lanes: int = 1,
    ) -> None:
        self.name = name
        self.write = write
        self.group_max = group_max
        self.queue_max = queue_max
        self.lanes = lanes
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Request, asyncio.Future[Result]]] = deque()
        self._closed = False
        self._size = GROUP_SIZE.labels(name)

    async def submit(self, request: Request) -> Result:
        """Write `request` with whatever else is waiting and give its own result; Overloaded when the queue is full."""
        if self._closed or len(self._waiting) >= self.queue_max:
            raise Overloaded(f"{len(self._waiting)} requests are waiting already; nothing was written.")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        self._start()
        return await future

    def _start(self) -> None:
        if self._waiting and self._running < self.lanes:
            self._running += 1
            task = asyncio.create_task(self._lane())
            # The loop keeps only weak references to tasks.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _lane(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self.group_max))]
                # A caller that has gone away before its turn is not written.
                group = [(request, future) for request, future in group if not future.cancelled()]
                if group:
                    await self._write_group(group)
        finally:
            # Counted here and not when the task is done: between the two, a request would find no lane to wake.
            self._running -= 1

    async def _write_group(self, group: list[tuple[Request, asyncio.Future[Result]]]) -> None:
        self._size.observe(len(group))
        try:
            results: Sequence[Result | Exception] = await self.write([request for request, _ in group])
        except Exception as error:
            log.exception("group_commit_failed", lane=self.name, size=len(group))
            results = [error] * len(group)
        for (_, future), result in zip(group, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    async def close(self) -> None:
        """Write what is waiting, then take nothing more."""
        self._closed = True
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
