"""Deciding anew when somebody else was quicker with a level."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from kanava.inventory.errors import LevelsMoved
from kanava.platform.errors import Overloaded

T = TypeVar("T")
ATTEMPTS_MAX = 20


async def until_settled(attempt: Callable[[], Awaitable[T]]) -> T:
    """Run a whole transaction again while a guard of stock refuses it; Overloaded after 20 attempts."""
    for _ in range(ATTEMPTS_MAX):
        try:
            return await attempt()
        except LevelsMoved:
            continue
    raise Overloaded("Others took the same stock at the same time, again and again; nothing was written.")
