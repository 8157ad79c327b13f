"""Money, dates, times, distances and numbers as people of a language write them (Babel); `f` in templates."""

import datetime as dt
import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, match_skeleton
from babel.numbers import format_decimal, format_percent, get_currency_symbol
from babel.units import format_unit

from kanava.platform.money import Money, format_money, in_coins, major_amount


class Format:
    """Writes values in one language. Instants are shown in the time zone of the place they concern."""

    def __init__(self, language: str) -> None:
        # English here is that of Europe: day before month.
        self.language = "en_GB" if language == "en" else language

    def money(self, value: Money) -> str:
        """Write an amount: 19,99 €."""
        return _money(value.amount_minor, value.currency, self.language)

    def tax(self, value: Money) -> str:
        """Write the tax in an amount, as exactly as there are coins: 5.313 Ft."""
        return self.money(in_coins(value))

    def minor(self, amount_minor: int, currency: str) -> str:
        """Write an amount given in minor units."""
        return _money(amount_minor, currency, self.language)

    def number(self, value: float) -> str:
        """Write a number: 1.234."""
        return _number(value, self.language)

    def major(self, amount_minor: int, currency: str) -> str:
        """Write an amount without its currency, as a field of a form shows it: 19,99."""
        amount = major_amount(Money(amount_minor, currency))
        return str(format_decimal(amount, locale=self.language, group_separator=False))

    def plain(self, value: Money) -> str:
        """Write an amount for programs: 19.99."""
        return str(major_amount(value))

    def currency_sign(self, currency: str) -> str:
        """Write a currency as people of the language do: €, Ft, zł."""
        return str(get_currency_symbol(currency, locale=self.language))

    def scaled(self, value: str | int, scale: int) -> str:
        """Write a number that is stored as an integer in units of 10^-scale; other text as it is."""
        text = str(value)
        if not text.removeprefix("-").isdecimal():
            return text
        return _scaled(text, scale, self.language)

    def percent(self, share: float) -> str:
        """Write a share of one: 0.125 is 12.5 %."""
        return str(format_percent(share, format="#,##0.#%", locale=self.language))

    def day(self, value: dt.date, time_zone: str = "UTC") -> str:
        """Write a day as one says it: Tuesday, 24 November."""
        return str(format_date(self._day(value, time_zone), _whole_day(self.language), locale=self.language))

    def short_day(self, value: dt.date, time_zone: str = "UTC") -> str:
        """Write a day where room is short: Tue, 24 Nov."""
        return _short_day(self._day(value, time_zone), self.language)

    def date(self, value: dt.date, time_zone: str = "UTC") -> str:
        """Write a date with its year: 24 Nov 2026."""
        return str(format_date(self._day(value, time_zone), format="medium", locale=self.language))

    def time(self, value: datetime, time_zone: str = "UTC") -> str:
        """Write a time of the day: 16:30."""
        return str(format_time(value.astimezone(_zone(time_zone)).time(), "HH:mm", locale=self.language))

    def moment(self, value: datetime, time_zone: str = "UTC") -> str:
        """Write an instant with date and time: 24 Nov 2026, 16:30."""
        joined = str(Locale.parse(self.language).datetime_formats["medium"])
        return joined.replace("{1}", self.date(value, time_zone)).replace("{0}", self.time(value, time_zone))

    def since(self, value: datetime, now: datetime) -> str:
        """Write how long ago or ahead an instant is: 5 minutes ago."""
        return str(format_timedelta(value - now, add_direction=True, locale=self.language))

    def duration(self, value: timedelta) -> str:
        """Write a span of time: 3 hours."""
        return str(format_timedelta(value, locale=self.language))

    def days_until(self, value: datetime, now: datetime, time_zone: str = "UTC") -> int:
        """Give how many days lie between now and an instant as people count them: 0 is today."""
        return (self._day(value, time_zone) - self._day(now, time_zone)).days

    def distance(self, metres: int) -> str:
        """Write a distance: 350 m, 4.2 km."""
        if metres < 1000:
            return _unit(round(metres, -1), "length-meter", self.language)
        kilometres = metres / 1000
        shown = round(kilometres, 1) if kilometres < 10 else round(kilometres)
        return _unit(shown, "length-kilometer", self.language)

    def weight(self, grams: int) -> str:
        """Write a weight: 450 g, 1.2 kg."""
        if grams < 1000:
            return _unit(grams, "mass-gram", self.language)
        return _unit(round(grams / 1000, 2), "mass-kilogram", self.language)

    def country(self, code: str) -> str:
        """Write the name of a country by its ISO 3166 code: Slovenia."""
        return _country(code, self.language)

    def _day(self, value: Any, time_zone: str) -> dt.date:
        if isinstance(value, datetime):
            return value.astimezone(_zone(time_zone)).date()
        day: dt.date = value
        return day


# The same few hundred amounts, counts and days stand on every page, and Babel takes 50 to 100 µs for each.
@lru_cache(maxsize=16_384)
def _money(amount_minor: int, currency: str, language: str) -> str:
    return format_money(Money(amount_minor, currency), language)


def _unit(value: float, unit: str, language: str) -> str:
    """Write a number with its unit, which no line break parts."""
    return str(format_unit(value, unit, length="short", locale=language)).replace(" ", "\u00a0")


@lru_cache(maxsize=8_192)
def _number(value: float, language: str) -> str:
    return str(format_decimal(value, locale=language))


@lru_cache(maxsize=8_192)
def _scaled(text: str, scale: int, language: str) -> str:
    return str(format_decimal(Decimal(text).scaleb(-scale), locale=language))


@lru_cache(maxsize=1_024)
def _short_day(day: dt.date, language: str) -> str:
    return str(format_skeleton("MMMEd", day, locale=language))


@lru_cache(maxsize=1_024)
def _country(code: str, language: str) -> str:
    return str(Locale.parse(language).territories.get(code, code))


@cache
def _whole_day(language: str) -> str:
    """Give the pattern of a day with the whole names of weekday and month: CLDR has it with short ones only."""
    patterns = Locale.parse(language).datetime_skeletons
    found = match_skeleton("MMMMEd", patterns) or "MMMEd"
    return re.sub("M{3,}", "MMMM", re.sub("E+", "EEEE", str(patterns[found].pattern)))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
