"""What the registry announces."""

from collections.abc import Iterator, Sequence

from kanava.platform.outbox import Event

SKUS_PER_EVENT_MAX = 500


def channel_changed(code: str, change: str, fields: Sequence[str] = ()) -> Event:
    """Say that a channel was `created`, `changed` (these fields), or is served by other `locations`."""
    return Event("channel.changed", "channel", code, {"code": code, "change": change, "fields": list(fields)})


def listings_changed(code: str, change: str, skus: Sequence[str]) -> Iterator[Event]:
    """Say which skus were `added` to a channel or `removed` from it, in as many events as needed."""
    for start in range(0, len(skus), SKUS_PER_EVENT_MAX):
        part = list(skus[start : start + SKUS_PER_EVENT_MAX])
        yield Event("listings.changed", "channel", code, {"code": code, "change": change, "skus": part})
