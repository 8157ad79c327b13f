"""Settings held in memory, and known to be the ones in force.

Triggers raise `config_version` whenever a table of settings changes. A snapshot asks for that number in the caller's
own transaction and loads again when it has moved: it can be reused, but it cannot lie.
"""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from kanava.platform.db import Connection, Query

T = TypeVar("T")

CONFIG_VERSION = Query("SELECT version FROM config_version", int)


class Snapshot(Generic[T]):
    """The last loaded settings with the version they were loaded at."""

    def __init__(self, load: Callable[[Connection], Awaitable[T]]) -> None:
        self._load = load
        self._held: tuple[int, T] | None = None

    @property
    def held(self) -> tuple[int, T] | None:
        """The settings held and their version, for a caller that compares it with the one in force afterwards."""
        return self._held

    async def current(self, tx: Connection) -> T:
        """Give the settings in force at this statement of `tx`."""
        return await self.at_version(tx, await CONFIG_VERSION.one(tx))

    async def loaded(self, tx: Connection) -> tuple[int, T]:
        """Give the settings in force at this statement of `tx`, with their version."""
        version = await CONFIG_VERSION.one(tx)
        return version, await self.at_version(tx, version)

    async def at_version(self, tx: Connection, version: int) -> T:
        """Give the settings in force, for a caller that has read the version in `tx` itself."""
        if self._held is None or self._held[0] != version:
            # Read after the version: what is loaded may be newer than its number (then it is loaded again), not older.
            self._held = (version, await self._load(tx))
        return self._held[1]
