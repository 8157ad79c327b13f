"""A place's board as it changes: one reader of the event feed for each process, whatever the number of listeners."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import asyncpg
import structlog

from kanava.fulfilment.events import BOARD_EVENTS
from kanava.platform import outbox
from kanava.platform.consumers import NEWEST
from kanava.platform.db import Connection, Database
from kanava.platform.errors import Overloaded
from kanava.platform.outbox import StoredEvent

LISTENERS_MAX = 500
WAITING_MAX = 500
"""Events that a slow listener may leave waiting; beyond, it has to read the board anew."""
REPLAYED_MAX = 1_000
BATCH_MAX = 200
IDLE_SECONDS = 0.1
TROUBLE_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0

log = structlog.get_logger()
Position = tuple[int, UUID]


class TooFarBehind(Exception):
    """So much has happened that reading the board anew is less than telling it all."""


class _Listener:
    def __init__(self, location: str) -> None:
        self.location = location
        self.waiting: asyncio.Queue[StoredEvent | None] = asyncio.Queue(WAITING_MAX)
        self.lost = False

    def tell(self, event: StoredEvent | None) -> None:
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.lost = True


class BoardFeed:
    """Tells listeners of what changes a place's board, in the order of the feed."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._listeners: set[_Listener] = set()
        self._reader: asyncio.Task[None] | None = None
        self._position: Position | None = None
        self._closed = False

    async def listen(self, location: str, after: Position | None) -> AsyncIterator[tuple[Position, StoredEvent | None]]:
        """Give what happens at a place, behind `after` or from now on.

        (position, None) comes first, and again whenever nothing has happened for a while. TooFarBehind: read the board
        anew, then listen from now on. Overloaded when too many listen already.
        """
        if self._closed or len(self._listeners) >= LISTENERS_MAX:
            raise Overloaded(f"{len(self._listeners)} listen to boards here already.")
        listener = _Listener(location)
        self._listeners.add(listener)
        try:
            position = after or await self._begin()
            if self._reader is None:
                self._reader = asyncio.create_task(self._read())
            yield position, None
            if after is not None:
                async for event in self._replay(location, after):
                    position = (event.tx_id, event.event_id)
                    yield position, event
            while not self._closed:
                found = await self._next(listener)
                if found is None:
                    yield position, None
                elif (found.tx_id, found.event_id) > position:
                    position = (found.tx_id, found.event_id)
                    yield position, found
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                await self._rest()

    async def close(self) -> None:
        """End every listening."""
        self._closed = True
        for listener in self._listeners:
            listener.tell(None)
        await self._rest()

    async def _rest(self) -> None:
        reader, self._reader, self._position = self._reader, None, None
        if reader is not None:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    async def _begin(self) -> Position:
        if self._position is None:
            async with self.db.connection() as connection:
                self._position = await _end_of_feed(connection)
        return self._position

    async def _next(self, listener: _Listener) -> StoredEvent | None:
        if listener.lost:
            raise TooFarBehind
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await listener.waiting.get()
        return None

    async def _replay(self, location: str, after: Position) -> AsyncIterator[StoredEvent]:
        """Give what happened behind a position until now."""
        told = 0
        while True:
            async with self.db.connection() as connection:
                events = await outbox.events_after(connection, *after, BOARD_EVENTS, BATCH_MAX)
            told += len(events)
            if told > REPLAYED_MAX:
                raise TooFarBehind
            for event in events:
                if _concerns(event, location):
                    yield event
            if len(events) < BATCH_MAX:
                return
            after = (events[-1].tx_id, events[-1].event_id)

    async def _read(self) -> None:
        """Read the feed for everybody who listens."""
        position = await self._begin()
        while True:
            try:
                async with self.db.connection() as connection:
                    newest = await _end_of_feed(connection)
                    events = []
                    if newest > position:
                        events = await outbox.events_after(connection, *position, BOARD_EVENTS, BATCH_MAX)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("board_feed_unreadable", error=str(error))
                await asyncio.sleep(TROUBLE_SECONDS)
                continue
            for event in events:
                for listener in self._listeners:
                    if _concerns(event, listener.location):
                        listener.tell(event)
            if events:
                position = (events[-1].tx_id, events[-1].event_id)
            if len(events) < BATCH_MAX:
                position = max(position, newest)
                self._position = position
                await asyncio.sleep(IDLE_SECONDS)


async def _end_of_feed(connection: Connection) -> Position:
    row = await NEWEST.one_or_none(connection)
    return (0, UUID(int=0)) if row is None else (row.tx_id, row.event_id)


def _concerns(event: StoredEvent, location: str) -> bool:
    return location in (event.data.get(name) for name in ("location", "from_location", "to_location"))
