"""One API process: uvicorn's parser and this process's own uvloop, one thread.

Several such processes listen on one port; the kernel spreads the connections.
"""

import asyncio
import gc
import signal
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from kanava.platform.refusal import CannotRun
from kanava.settings import Settings, load_settings
from kanava.supervisor.lifeline import wait_for_go, watch_lifeline
from kanava.supervisor.one_write import OneWriteProtocol

if TYPE_CHECKING:
    from litestar import Litestar

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS = 8  # Less than the supervisor waits before it kills.


def _listen(settings: Settings) -> socket.socket:
    """Open the port so that other processes of ours may open it too."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise CannotRun(f"The address {settings.host}:{settings.port} cannot be opened: {error}") from error
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def _load(settings: Settings) -> "Litestar":
    """Load the application without the collector, which would look through all of it again and again meanwhile."""
    gc.disable()
    from kanava.app import create_app

    app = create_app(settings)
    # It stays for good: the collector need not look at it again. A page leaves hundreds of things that only the
    # collector can clear away: a little often, or a request in forty waits for 20 ms.
    gc.freeze()
    gc.set_threshold(2_000, 20, 500)
    gc.enable()
    return app


async def _main() -> None:
    settings = load_settings()
    config = uvicorn.Config(
        _load(settings),
        http=OneWriteProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",  # Its start and stop are the supervisor's to tell.
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    ending = False

    def stop() -> None:
        nonlocal ending
        ending = True
        server.should_exit = True

    wait_for_go()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    watch_lifeline(stop)
    listener = _listen(settings)
    await server._serve([listener])  # noqa: SLF001 - serve() would take the signals over
    if not server.started:
        raise CannotRun("The application did not start; the log above says why.")
    if not ending:
        raise CannotRun("The API stopped by itself; the log above says why.")


def main() -> None:
    """Run as a process of its own; ends 1 when it cannot go on."""
    try:
        uvloop.run(_main())
    except CannotRun as error:
        sys.exit(f"kanava api: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
