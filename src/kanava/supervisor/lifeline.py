"""A pipe from the supervisor to each part.

A byte in it says that the database is there: parts are started early and load their code meanwhile. Its end says that
the supervisor is gone, however it died, and the part stops.
"""

import asyncio
import os
import sys
from collections.abc import Callable

FLAG = "--lifeline="
GO = b"+"


def wait_for_go() -> None:
    """Block until the supervisor says that the database is there; returns at once when no supervisor started this."""
    number = _number()
    if number is not None and os.read(number, 1) != GO:
        sys.exit(0)


def watch_lifeline(stop: Callable[[], None]) -> None:
    """Call `stop` when the supervisor that started this process is gone; does nothing when none did."""
    number = _number()
    if number is None:
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(number)
        os.close(number)
        stop()

    loop.add_reader(number, gone)


def _number() -> int | None:
    return next((int(word.removeprefix(FLAG)) for word in sys.argv if word.startswith(FLAG)), None)
