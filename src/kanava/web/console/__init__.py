"""The console: what head office sees and sets."""

from typing import Any

routes: list[Any] = []
