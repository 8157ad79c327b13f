"""Opening hours as American chains write them: `Mon: 10-9:30; Tue: 10-9; …`, closing times in the afternoon."""

import re

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY_WORDS = {
    word: index
    for index, words in enumerate(
        (
            "mon monday",
            "tue tues tuesday",
            "wed weds wednesday",
            "thu thur thurs thursday",
            "fri friday",
            "sat saturday",
            "sun sunday",
        )
    )
    for word in words.split()
}
_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?")
# No shop opens between one and four in the morning for the day: `1-5:30` is an afternoon.
_OPENS_AFTER_NOON = range(1, 5)


def weekly_text_to_osm(text: str) -> str:
    """Translate a week such as `Mon: 10-9:30; Sun: 12:30-6` to OpenStreetMap syntax; ValueError says what is unclear.

    0 is midnight, an opening at 12 is noon, openings from 1 to 4 are after noon, and a closing at 11:59 means the end
    of the day. A day that is not named is closed.
    """
    week: list[str | None] = [None] * 7
    for part in text.split(";"):
        if not part.strip():
            continue
        word, colon, hours = part.partition(":")
        day = _DAY_WORDS.get(word.strip().rstrip(".").lower())
        if not colon or day is None:
            raise ValueError(f"{part.strip()[:40]!r} does not start with a day such as 'Mon:'.")
        if week[day] is not None:
            raise ValueError(f"{word.strip()} is there twice.")
        week[day] = _day_to_osm(hours.strip(), word.strip())
    if not any(week):
        raise ValueError("No day has hours.")
    if all(hours == "00:00-24:00" for hours in week):
        return "24/7"
    return "; ".join(_runs([hours or "" for hours in week]))


def _day_to_osm(hours: str, day: str) -> str:
    if hours.lower() == "closed":
        return ""
    match = _HOURS.fullmatch(hours)
    if match is None:
        raise ValueError(f"The hours of {day}, {hours[:40]!r}, are not like '10-9:30'.")
    open_hour, open_minute = int(match[1]), int(match[2] or 0)
    close_hour, close_minute = int(match[3]), int(match[4] or 0)
    if open_hour > 12 or close_hour > 12 or open_minute > 59 or close_minute > 59:
        raise ValueError(f"The hours of {day}, {hours!r}, are not on a clock of twelve hours.")
    if close_hour in (0, 12):
        raise ValueError(f"The closing time of {day}, {hours!r}, can be noon or midnight.")
    if open_hour in _OPENS_AFTER_NOON:
        open_hour += 12
    opens, closes = open_hour * 60 + open_minute, (close_hour + 12) * 60 + close_minute
    if closes == 23 * 60 + 59:
        closes += 1
    if opens >= closes:
        raise ValueError(f"On {day}, {hours!r} closes before it opens.")
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def _runs(week: list[str]) -> list[str]:
    """Write days in a row with the same hours as one rule."""
    rules: list[str] = []
    first = 0
    for day in range(1, 8):
        if day < 7 and week[day] == week[first]:
            continue
        if week[first]:
            days = _DAYS[first] if day - first == 1 else f"{_DAYS[first]}-{_DAYS[day - 1]}"
            rules.append(f"{days} {week[first]}")
        first = day
    return rules
