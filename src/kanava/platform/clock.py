"""The one place that reads the wall clock; everything else is given `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """Give the present instant in UTC."""
    return datetime.now(UTC)
