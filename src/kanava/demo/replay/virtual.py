"""An API in this process, whose time is told by the replay: weeks of orders and work pass in minutes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import uvicorn

from kanava.app import create_app
from kanava.platform import clock
from kanava.platform.refusal import CannotRun
from kanava.settings import Settings
from kanava.supervisor.temporary import Installation

CONNECTIONS = 100


class VirtualClock:
    """An instant that the replay moves on."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def read(self) -> datetime:
        """Give the instant."""
        return self.at


@asynccontextmanager
async def api_here(installation: Installation, time: VirtualClock) -> AsyncIterator[tuple[str, int]]:
    """Serve the API on a free port for the time of the block; gives host and port."""
    settings = Settings(
        database_url=installation.url, data_dir=installation.folder, currency="USD", log_level="warning", demo=False
    )
    with clock.told_by(time.read), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(CONNECTIONS)
        listener.setblocking(False)
        config = uvicorn.Config(
            create_app(settings), http="httptools", ws="none", lifespan="on", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))  # noqa: SLF001 - serve() would take the signals over
        try:
            while not server.started:
                if serving.done():
                    raise CannotRun("The API did not start; the log above says why.")
                await asyncio.sleep(0.01)
            yield "127.0.0.1", listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
