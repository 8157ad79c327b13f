"""One API process: Granian with one worker in this process's own uvloop, and HTTP in a thread of Rust's.

Several such processes listen on one port; the kernel spreads the connections.
"""

import asyncio
import signal
import sys

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.log import LogLevels
from granian.server.embed import Server

from kanava.app import create_app
from kanava.platform.refusal import CannotRun
from kanava.settings import load_settings
from kanava.supervisor.lifeline import wait_for_go, watch_lifeline

BACKLOG = 2048


async def _main() -> None:
    settings = load_settings()
    server = Server(
        create_app(settings),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        # Its warnings say that embedding is new; its errors say why the application did not start.
        log_level=LogLevels.error,
    )
    ending = False

    def stop() -> None:
        nonlocal ending
        ending = True
        server.stop()  # type: ignore[no-untyped-call]

    wait_for_go()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    watch_lifeline(stop)
    try:
        await server.serve()
    except FatalError as error:
        raise CannotRun("The application did not start; the log above says why.") from error
    except RuntimeError as error:
        raise CannotRun(f"The address {settings.host}:{settings.port} cannot be opened: {error}") from error
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
