"""What the stores module announces."""

from collections.abc import Sequence

from kanava.platform.outbox import Event


def location_changed(code: str, fields: Sequence[str]) -> Event:
    """Announce that a location was created (`fields` is `["*"]`) or which of its fields changed."""
    return Event(
        type="location.changed", aggregate="location", aggregate_id=code, data={"code": code, "fields": list(fields)}
    )
