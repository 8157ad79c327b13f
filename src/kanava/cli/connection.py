"""How a command reaches the database: the one named, the running embedded one, or that one started for a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from kanava.platform.db import Database
from kanava.settings import Settings

T = TypeVar("T")


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Lend the database's address for the time of the block."""
    if settings.database_url:
        yield settings.database_url
        return
    from kanava.platform import embedded
    from kanava.supervisor.ownership import own_data_dir

    url = embedded.running_url(settings.data_dir)
    if url is not None:
        yield url
        return
    with own_data_dir(settings.data_dir), embedded.session(settings.data_dir) as url:
        yield url


def with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run `work` on an open database."""

    async def run(url: str) -> T:
        db = await Database.open(url, pool_size=4, application_name="kanava-cli")
        try:
            return await work(db)
        finally:
            await db.close()

    with database_url(settings) as url:
        return asyncio.run(run(url))
