"""Money, dates, times, distances and numbers as people of a language write them (Babel); `f` in templates."""

import datetime as dt
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from kanava.platform.money import Money, format_money


class Format:
    """Writes values in one language. Instants are shown in the time zone of the place they concern."""

    def __init__(self, language: str) -> None:
        self.language = language

    def money(self, value: Money) -> str:
        """Write an amount: 19,99 €."""
        return format_money(value, self.language)

    def minor(self, amount_minor: int, currency: str) -> str:
        """Write an amount given in minor units."""
        return format_money(Money(amount_minor, currency), self.language)

    def number(self, value: float) -> str:
        """Write a number: 1.234."""
        return str(format_decimal(value, locale=self.language))

    def percent(self, share: float) -> str:
        """Write a share of one: 0.125 is 12.5 %."""
        return str(format_percent(share, format="#,##0.#%", locale=self.language))

    def day(self, value: dt.date, time_zone: str = "UTC") -> str:
        """Write a day as one says it: Tuesday, 24 November."""
        return str(format_skeleton("MMMMEEEEd", self._day(value, time_zone), locale=self.language))

    def short_day(self, value: dt.date, time_zone: str = "UTC") -> str:
        """Write a day where room is short: Tue, 24 Nov."""
        return str(format_skeleton("MMMEd", self._day(value, time_zone), locale=self.language))

    def date(self, value: dt.date, time_zone: str = "UTC") -> str:
        """Write a date with its year: 24 Nov 2026."""
        return str(format_date(self._day(value, time_zone), format="medium", locale=self.language))

    def time(self, value: datetime, time_zone: str = "UTC") -> str:
        """Write a time of the day: 16:30."""
        return str(format_time(value.astimezone(_zone(time_zone)).time(), "HH:mm", locale=self.language))

    def moment(self, value: datetime, time_zone: str = "UTC") -> str:
        """Write an instant with date and time: 24 Nov 2026, 16:30."""
        local = value.astimezone(_zone(time_zone))
        return str(format_datetime(local, format="medium", locale=self.language, tzinfo=_zone(time_zone)))

    def since(self, value: datetime, now: datetime) -> str:
        """Write how long ago or ahead an instant is: 5 minutes ago."""
        return str(format_timedelta(value - now, add_direction=True, locale=self.language))

    def duration(self, value: timedelta) -> str:
        """Write a span of time: 3 hours."""
        return str(format_timedelta(value, locale=self.language))

    def distance(self, metres: int) -> str:
        """Write a distance: 350 m, 4.2 km."""
        if metres < 1000:
            return str(format_unit(round(metres, -1), "length-meter", length="short", locale=self.language))
        kilometres = metres / 1000
        shown = round(kilometres, 1) if kilometres < 10 else round(kilometres)
        return str(format_unit(shown, "length-kilometer", length="short", locale=self.language))

    def weight(self, grams: int) -> str:
        """Write a weight: 450 g, 1.2 kg."""
        if grams < 1000:
            return str(format_unit(grams, "mass-gram", length="short", locale=self.language))
        return str(format_unit(round(grams / 1000, 2), "mass-kilogram", length="short", locale=self.language))

    def _day(self, value: Any, time_zone: str) -> dt.date:
        if isinstance(value, datetime):
            return value.astimezone(_zone(time_zone)).date()
        day: dt.date = value
        return day


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
