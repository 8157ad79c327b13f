"""Codes, days and clocks of collecting. Pure: random numbers and instants are passed in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

CODES = 1_000_000
TRIES_MAX = 10
LOCK_MINUTES = 15
LOCK_MINUTES_MAX = 24 * 60


def code_of(number: int) -> str:
    """Give the collection code of a random number below CODES: six digits."""
    return f"{number:06d}"


def qr_text_of(fulfilment_id: UUID, code: str) -> str:
    """Give what the QR code says to the scanner at the counter."""
    return f"kanava:collect:{fulfilment_id}:{code}"


def locked_until(wrong_tries: int, now: datetime) -> datetime | None:
    """Say until when nothing is tried after so many wrong codes: ten lock for 15 minutes, ten more twice as long."""
    if wrong_tries == 0 or wrong_tries % TRIES_MAX:
        return None
    doublings = min(wrong_tries // TRIES_MAX - 1, 10)
    return now + timedelta(minutes=min(LOCK_MINUTES << doublings, LOCK_MINUTES_MAX))


def tries_left(wrong_tries: int) -> int:
    """Say how many wrong codes are left before it is locked."""
    return TRIES_MAX - wrong_tries % TRIES_MAX


def end_of_day(at: datetime, time_zone: str) -> datetime:
    """Give the end of the local day of an instant, for places that never close."""
    local = at.astimezone(ZoneInfo(time_zone))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(UTC)


def reminders_due(collect_by: datetime, days_before: Sequence[int], now: datetime) -> int:
    """Say how many reminders should have been sent by now."""
    return sum(collect_by - timedelta(days=days) <= now for days in days_before)


def waiting_seconds(arrived_at: datetime | None, now: datetime) -> int | None:
    """Say how long somebody has been waiting."""
    return None if arrived_at is None else max(0, int((now - arrived_at).total_seconds()))
