"""The store app: work of a place, for associates with a phone or a tablet."""

from typing import Any

routes: list[Any] = []
