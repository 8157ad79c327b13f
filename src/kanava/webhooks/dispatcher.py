"""The part of the worker that sends: claims what is due, posts it, records what came back.

Two loops hold a database connection each: one claims as many lanes as there are places free, the other records all
attempts that are over. Sending goes on beside them, outside any transaction. The busier it is, the more a turn takes.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from kanava.platform import clock
from kanava.platform.db import Database
from kanava.webhooks.gateway import Gateway
from kanava.webhooks.model import Answer, Attempt, Due
from kanava.webhooks.rules.sending import body_of, headers_of
from kanava.webhooks.service import sending

AT_ONCE_MAX = 120
"""Requests in flight of one worker."""
PER_ENDPOINT_MAX = 20
"""Of them to one endpoint: a slow one leaves the others their places."""
IDLE_SECONDS = 0.5
"""How often is looked for what became due, or was asked for in another process."""
TROUBLE_SECONDS = 1.0
STOP_SECONDS = 4.0
"""How long requests in flight may go on when the worker is stopped; the supervisor waits for ten."""

log = structlog.get_logger()


def dispatcher_of(db: Database, *, private_allowed: bool) -> "Dispatcher":
    """Make the dispatcher of a worker; `private_allowed` is the setting webhook_private_addresses."""
    return Dispatcher(db, Gateway(private_allowed=private_allowed))


class Dispatcher:
    """Sends what is due until it is stopped."""

    def __init__(self, db: Database, gateway: Gateway) -> None:
        self.db, self.gateway = db, gateway
        self._woken, self._ended = asyncio.Event(), asyncio.Event()
        self._busy: Counter[UUID] = Counter()
        self._sending: set[asyncio.Task[None]] = set()
        self._over: list[Attempt] = []
        self._stopped = False

    def wake(self) -> None:
        """Look at once for what is due."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; requests in flight are given a moment, and what is broken off is tried again."""
        claiming, recording = asyncio.create_task(self._claim_on()), asyncio.create_task(self._record_on())
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopping, claiming, recording], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()
            # Not cancelled: what is claimed in this moment is in nobody else's hands.
            self._stopped = True
            self._woken.set()
            await claiming
            if self._sending:
                await asyncio.wait(self._sending, timeout=STOP_SECONDS)
        finally:
            await _end(stopping, claiming, *self._sending)
            await _end(recording)
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                # Where this fails, leases end by themselves and the endpoints get these events once more.
                await self._record()
            await self.gateway.close()

    async def _claim_on(self) -> None:
        while not self._stopped:
            self._woken.clear()
            if not await self._tried(self._claim()):
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._woken.wait()

    async def _record_on(self) -> None:
        while True:
            await self._ended.wait()
            self._ended.clear()
            if not await self._tried(self._record()):
                self._ended.set()

    async def _tried(self, step: Awaitable[None]) -> bool:
        try:
            await step
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("webhooks_database_trouble", error=repr(error))
            await asyncio.sleep(TROUBLE_SECONDS)
            return False
        return True

    async def _claim(self) -> None:
        room = AT_ONCE_MAX - len(self._sending)
        if room <= 0:
            return
        async with self.db.transaction() as tx:
            claim_id, due = await sending.claim(tx, self._busy, room, PER_ENDPOINT_MAX, clock.now())
        for each in due:
            self._busy[each.endpoint_id] += 1
            task = asyncio.create_task(self._send(each, claim_id))
            self._sending.add(task)

    async def _record(self) -> None:
        over = self._over[:]
        if not over:
            return
        async with self.db.transaction() as tx:
            recorded = await sending.record(tx, over, clock.now())
        del self._over[: len(over)]
        if recorded.lanes_open:
            self._woken.set()
        for endpoint in recorded.switched_off:
            log.warning("webhook_endpoint_switched_off", url=endpoint.url, reason=endpoint.disabled_reason)

    async def _send(self, due: Due, claim_id: UUID) -> None:
        answer: Answer | None = None
        try:
            body = body_of(due)
            answer = await self.gateway.post(due.url, headers_of(due, body, clock.now()), body)
        except Exception as error:
            # Counted as a failure: otherwise it would be tried again at once, for ever.
            log.exception("webhook_not_sent", event_id=str(due.event_id))
            answer = Answer(None, None, f"It could not be sent: {type(error).__name__}.", 0)
        finally:
            self._over.append(Attempt(due, claim_id, answer, clock.now()))
            self._leave(due.endpoint_id)

    def _leave(self, endpoint_id: UUID) -> None:
        task = asyncio.current_task()
        if self._busy[endpoint_id] >= PER_ENDPOINT_MAX or len(self._sending) >= AT_ONCE_MAX:
            # Somebody may have waited for this place.
            self._woken.set()
        self._busy[endpoint_id] -= 1
        if not self._busy[endpoint_id]:
            del self._busy[endpoint_id]
        if task is not None:
            self._sending.discard(task)
        self._ended.set()


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
