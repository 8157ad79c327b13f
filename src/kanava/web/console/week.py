"""A week of opening hours as a grid of clock times, to and from OpenStreetMap's syntax; pure."""

import re
from collections.abc import Sequence

import msgspec

from kanava.platform.errors import InvalidInput

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_TIME = re.compile(r"([01]?\d|2[0-4]):[0-5]\d")
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_RULE = re.compile(r"(?P<days>[A-Z][a-z](?:\s*[-,]\s*[A-Z][a-z])*)\s+(?P<times>off|closed|[\d:,\s-]+)")
# A comma after a time and before a day adds a rule; any other is a part of one.
_BETWEEN_RULES = re.compile(r"(;|(?<=\d),(?=\s*[A-Z]))")
SPANS_MAX = 2


class Day(msgspec.Struct, frozen=True):
    """Up to two spans of a day, such as 09:00-12:00 and 13:00-18:00; none: closed."""

    spans: tuple[tuple[str, str], ...] = ()

    def time(self, span: int, end: int) -> str:
        """Give a time of the grid, empty where there is none."""
        return self.spans[span][end] if span < len(self.spans) else ""


class Week(msgspec.Struct, frozen=True):
    """Seven days, Monday first."""

    days: tuple[Day, ...]

    @classmethod
    def of_form(
        cls, opens: Sequence[str], closes: Sequence[str], opens_again: Sequence[str], closes_again: Sequence[str]
    ) -> "Week":
        """Read the grid of a form; InvalidInput where a time lacks its other end."""
        days = []
        for index in range(len(DAYS)):
            spans = []
            for starts, ends in ((opens, closes), (opens_again, closes_again)):
                start, end = (listed[index].strip() if index < len(listed) else "" for listed in (starts, ends))
                if not start and not end:
                    continue
                if not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
                    raise InvalidInput(f"{DAYS[index]}: write both times, such as 09:00 and 18:00.", field="opens")
                spans.append((start.rjust(5, "0"), end.rjust(5, "0")))
            days.append(Day(tuple(spans)))
        return cls(tuple(days))


def written(week: Week) -> str:
    """Write a week: days in a row with the same hours are one rule (`Mo-Fr 09:00-18:00; Sa 10:00-14:00`)."""
    rules: list[tuple[int, int, Day]] = []
    for index, day in enumerate(week.days):
        if rules and rules[-1][2] == day:
            rules[-1] = (rules[-1][0], index, day)
        else:
            rules.append((index, index, day))
    parts = []
    for first, last, day in rules:
        if not day.spans:
            continue
        days = DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
        parts.append(f"{days} {','.join(f'{opens}-{closes}' for opens, closes in day.spans)}")
    # `;` would cut the hours of a night off where the next rule names the morning after it.
    separator = ", " if nights_of(week) else "; "
    # Nothing at all would mean: not stated, so always open.
    return separator.join(parts) or "off"


class Night(msgspec.Struct, frozen=True):
    """A span that ends on the day after; `day` counts from Monday, 0."""

    day: int
    opens: str
    closes: str


def nights_of(week: Week) -> list[Night]:
    """Give the spans that go over midnight; one that closes at midnight does not."""
    return [
        Night(index, opens, closes)
        for index, day in enumerate(week.days)
        for opens, closes in day.spans
        if closes <= opens and closes != "00:00"
    ]


def week_of(text: str) -> Week | None:
    """Read what the grid can show; None when there is more to it than the hours of each day."""
    tidy = " ".join(text.split())
    if not tidy or tidy == "off":
        return Week(tuple(Day() for _ in DAYS))
    days = [Day() for _ in DAYS]
    parts = [";", *_BETWEEN_RULES.split(tidy.rstrip(";"))]
    for follows, rule in zip(parts[::2], parts[1::2], strict=True):
        match = _RULE.fullmatch(rule.strip())
        if match is None:
            return None
        named = _days(match["days"])
        spans = () if match["times"] in ("off", "closed") else _spans(match["times"])
        if named is None or spans is None:
            return None
        for index in named:
            # A rule after `;` is instead of what was said of the day, one after a comma is added to it.
            days[index] = Day(spans if follows == ";" else (*days[index].spans, *spans))
            if len(days[index].spans) > SPANS_MAX:
                return None
    return Week(tuple(days))


def _days(text: str) -> list[int] | None:
    named: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            return None
        start, end = DAYS.index(first), DAYS.index(last or first)
        if end < start:
            return None
        named += range(start, end + 1)
    return named


def _spans(text: str) -> tuple[tuple[str, str], ...] | None:
    parts = [part.strip() for part in text.split(",")]
    found = [_SPAN.fullmatch(part) for part in parts]
    if len(parts) > SPANS_MAX or not all(found):
        return None
    return tuple((match[1].rjust(5, "0"), match[2].rjust(5, "0")) for match in found if match)
