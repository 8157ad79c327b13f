"""The one truth about opening hours; pure: the instant is always passed in.

Hours are OpenStreetMap's `opening_hours` syntax, read by opening-hours-py. That package answers in wall-clock time;
here wall-clock time becomes instants, once, in windows of four weeks that are kept (a window is a pure function of the
schedule). Every question is then a search in a sorted array, and all questions agree with each other.

Wall clocks that jump: a time that does not exist (spring) is the moment of the jump; of a time that comes twice
(autumn) an opening is the first and a closing the second, so the place is never shut while its hours say open.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import (  # type: ignore[attr-defined]  # the stubs leave the errors out
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from kanava.stores.errors import InvalidOpeningHours
from kanava.stores.model import ClosedTooLong, HoursException, OpenInterval, Schedule

HORIZON_DAYS = 366
OPENING_HOURS_LENGTH_MAX = 500
WINDOW_SECONDS = 28 * 86_400
# 1,565 stores on 65 different weeks in 12 time zones need about 300 for each four weeks; one takes about 600 bytes.
WINDOWS_KEPT = 8_192

_WHERE = re.compile(r"--> (\d+):(\d+)")
_COMMENT = re.compile(r'"[^"]*"')
_NAMES_HOLIDAYS = re.compile(r"\bPH\b")
_BY_THE_SUN = re.compile(r"\b(sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
_CLOCK_TIMES = re.compile(r"\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}(\s*,\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})*")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ALWAYS = "24/7"


def check_opening_hours(text: str, field: str = "opening_hours") -> str:
    """Give the hours without spare white space; InvalidOpeningHours says at which character they make no sense."""
    tidy = " ".join(text.split())
    if len(tidy) > OPENING_HOURS_LENGTH_MAX:
        raise InvalidOpeningHours(f"Opening hours have at most {OPENING_HOURS_LENGTH_MAX} characters.", field=field)
    if not tidy:
        return tidy
    try:
        OpeningHours(tidy, auto_country=False, auto_timezone=False)
    except ParserError as error:
        where = _WHERE.search(str(error))
        position = int(where[2]) if where else 1
        rest = tidy[position - 1 : position + 29] or "the end"
        raise InvalidOpeningHours(
            f"These opening hours cannot be read at character {position} ({rest!r}); "
            "write them as in 'Mo-Fr 09:00-18:00; Sa 10:00-14:00'.",
            field=field,
            position=position,
        ) from error
    by_the_sun = _BY_THE_SUN.search(_COMMENT.sub("", tidy))
    if by_the_sun:
        raise InvalidOpeningHours(
            f"Hours by the sun ({by_the_sun[0]!r}) are not kept; write clock times.",
            field=field,
            position=tidy.find(by_the_sun[0]) + 1,
        )
    return tidy


def check_day_hours(text: str, field: str = "opening_hours") -> str:
    """Give the hours of one day tidied: clock times only; `off`, `closed` and nothing all mean closed (empty)."""
    tidy = " ".join(text.split())
    if tidy.lower() in ("", "off", "closed"):
        return ""
    if tidy == _ALWAYS:
        return "00:00-24:00"
    if len(tidy) > OPENING_HOURS_LENGTH_MAX or not _CLOCK_TIMES.fullmatch(tidy):
        raise InvalidOpeningHours(
            f"The hours of one day are clock times such as '10:00-14:00,15:00-18:00', not {tidy[:40]!r}.", field=field
        )
    return check_opening_hours(tidy, field)


def is_open(schedule: Schedule, at: datetime) -> bool:
    """Say whether the place is open at an instant; the closing time itself is closed."""
    second = _second(at)
    number = second // WINDOW_SECONDS
    # Edges alternate open, close, open, close …: an odd number of them behind us means open.
    return bisect_right(_window(schedule, number), second) % 2 == 1


def next_opening(schedule: Schedule, at: datetime, horizon_days: int = HORIZON_DAYS) -> datetime | None:
    """Give the next instant after `at` at which the place turns open; None when there is none within the horizon."""
    second = _second(at)
    for opens, _ in _spans(schedule, second, second + horizon_days * 86_400):
        if opens > second:
            return _instant(opens)
    return None


def next_closing(schedule: Schedule, at: datetime, horizon_days: int = HORIZON_DAYS) -> datetime | None:
    """Give the next instant after `at` at which the place turns closed; None when there is none within the horizon."""
    second = _second(at)
    until = second + horizon_days * 86_400
    for _, closes in _spans(schedule, second, until):
        return _instant(closes) if closes < until else None
    return None


def open_intervals(schedule: Schedule, since: datetime, until: datetime) -> list[OpenInterval]:
    """Give the open intervals between two instants, cut to them, in order, never touching one another."""
    return [
        OpenInterval(_instant(opens), _instant(closes))
        for opens, closes in _spans(schedule, _second(since), _second(until))
    ]


def whole_intervals(schedule: Schedule, since: datetime, until: datetime) -> list[OpenInterval]:
    """Give the open intervals that touch [since, until), each from its opening to its closing.

    One that has been open for more than a day, or will be, is cut there.
    """
    wide = open_intervals(schedule, since - timedelta(days=1), until + timedelta(days=1))
    return [each for each in wide if each.closes_at > since and each.opens_at < until]


def after_open_minutes(
    schedule: Schedule, at: datetime, minutes: int, horizon_days: int = HORIZON_DAYS
) -> datetime | ClosedTooLong:
    """Give the instant by which the place has been open for `minutes` since `at`.

    Zero minutes is `at` itself when open, else the next opening. When the place is closed for so long that the
    horizon comes first, the answer is `ClosedTooLong` and never a guess.
    """
    if minutes < 0:
        raise ValueError("minutes cannot be negative")
    second = _second(at)
    until = second + horizon_days * 86_400
    missing = wanted = minutes * 60
    for opens, closes in _spans(schedule, second, until):
        if closes - opens >= missing:
            return _instant(opens + missing)
        missing -= closes - opens
    return ClosedTooLong(horizon_at=_instant(until), open_minutes=(wanted - missing) // 60)


def _second(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return int(at.timestamp() // 1)


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _spans(schedule: Schedule, since: int, until: int) -> Iterator[tuple[int, int]]:
    """Give open spans cut to [since, until); spans that meet at the edge of a window are one."""
    opened: int | None = None
    closed = since
    for number in range(since // WINDOW_SECONDS, (until - 1) // WINDOW_SECONDS + 1):
        edges = _window(schedule, number)
        for index in range(bisect_right(edges, since) // 2 * 2, len(edges), 2):
            opens, closes = max(edges[index], since), min(edges[index + 1], until)
            if opens >= closes:
                continue
            if opened is None:
                opened = opens
            elif opens > closed:
                yield opened, closed
                opened = opens
            closed = closes
    if opened is not None:
        yield opened, closed


@lru_cache(maxsize=WINDOWS_KEPT)
def _window(schedule: Schedule, number: int) -> "array[int]":
    """Give the edges open, close, open, close … in seconds since 1970, within window `number`."""
    since, until = number * WINDOW_SECONDS, (number + 1) * WINDOW_SECONDS
    zone = ZoneInfo(schedule.time_zone)
    # A day more on either side: no zone is further than that from UTC.
    first = (_instant(since) - timedelta(days=1)).replace(tzinfo=None, hour=0)
    last = (_instant(until) + timedelta(days=2)).replace(tzinfo=None, hour=0)
    nearby = tuple(day for day in schedule.exceptions if first.date() - timedelta(days=1) <= day.on_date <= last.date())
    country = schedule.country if schedule.keeps_public_holidays else ""
    edges = array("q")
    for opens, closes, state, _ in _parse(_compose(schedule, nearby), country).intervals(first, last):
        if state != State.OPEN:
            continue
        start = max(_wall_to_second(opens, zone, 0), since)
        end = min(_wall_to_second(closes, zone, 1), until)
        if start >= end:
            continue
        if edges and start <= edges[-1]:
            # Two rules that meet, or differ in their comment only.
            edges[-1] = max(end, edges[-1])
        else:
            edges.extend((start, end))
    return edges


@lru_cache(maxsize=2_048)
def _parse(expression: str, country: str) -> OpeningHours:
    try:
        return OpeningHours(expression, country=country or None, auto_country=False, auto_timezone=False)
    except UnknownCountryError:
        # The package has no holidays for this country: none are kept.
        return OpeningHours(expression, auto_country=False, auto_timezone=False)


def _compose(schedule: Schedule, exceptions: tuple[HoursException, ...]) -> str:
    """Write the whole schedule as one expression: first the days that are taken out, then what is put in their place.

    What is put in is added with `,`, for `;` would cut hours past midnight off at the start of the next day.
    """
    hours = schedule.opening_hours
    if not hours.strip():
        parts = [_ALWAYS]
    elif schedule.keeps_public_holidays and not _NAMES_HOLIDAYS.search(_COMMENT.sub("", hours)):
        parts = [hours, "PH off"]
    else:
        parts = [hours]
    parts += [f"{_day(exception.on_date)} off" for exception in exceptions]
    special = [
        f"{_day(exception.on_date)} {exception.opening_hours}" for exception in exceptions if exception.opening_hours
    ]
    return ", ".join(["; ".join(parts), *special])


def _day(on_date: date) -> str:
    return f"{on_date.year:04} {_MONTHS[on_date.month - 1]} {on_date.day:02}"


def _wall_to_second(wall: datetime, zone: ZoneInfo, fold: int) -> int:
    local = wall.replace(tzinfo=zone, fold=0)
    later = local.replace(fold=1)
    before, after = local.utcoffset(), later.utcoffset()
    if before == after or before is None or after is None:
        return int(local.timestamp())
    if before > after:  # The clock was set back: this time comes twice.
        return int((later if fold else local).timestamp())
    return _jump(int(later.timestamp()), int(local.timestamp()), zone)


def _jump(early: int, late: int, zone: ZoneInfo) -> int:
    """Give the second in (early, late] at which the zone's offset changes."""
    offset = datetime.fromtimestamp(early, zone).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late
