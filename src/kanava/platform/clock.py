"""The one place that reads the wall clock; everything else is given `now`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_others: list[Callable[[], datetime]] = []


def now() -> datetime:
    """Give the present instant in UTC."""
    return _others[-1]() if _others else datetime.now(UTC)


@contextmanager
def told_by(read: Callable[[], datetime]) -> Iterator[None]:
    """Let another clock tell the time in this process for the time of the block: a replay's, in which weeks pass."""
    _others.append(read)
    try:
        yield
    finally:
        _others.remove(read)
