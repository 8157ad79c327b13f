"""Carriers as pure decisions: zones by the longest prefix, cut-offs by weekday, never a holiday."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanava.carriers.model import WEEKDAYS, Destination, Rate, ServiceTerms, Weekday, Zone
from kanava.carriers.snapshot import Carriers, LoadedService, ServiceQuote, main_time_zone, postal_key
from kanava.stores import hours
from kanava.stores.model import Schedule

LJUBLJANA = "Europe/Ljubljana"
HOME, LOCAL = 1, 2
"""Locations: the second has a week of its own."""


def rates(*bands: tuple[int, int, int]) -> list[Rate]:
    return [Rate(up_to, cost, {"EUR": price}) for up_to, cost, price in bands]


def carriers(
    cut_offs: dict[Weekday, str] | None = None,
    delivery_weekdays: list[Weekday] | None = None,
    zones: list[Zone] | None = None,
    local: dict[Weekday, str] | None = None,
) -> Carriers:
    workdays = WEEKDAYS[:5]
    terms = ServiceTerms(
        dict.fromkeys(workdays, "16:00") if cut_offs is None else cut_offs,
        list(workdays) if delivery_weekdays is None else delivery_weekdays,
        zones or [Zone("home", ["SI"], [Destination("SI")], 1, rates((2_000, 300, 390), (10_000, 500, 590)))],
        location_cut_offs={} if local is None else {"LOCAL": local},
    )
    service = LoadedService(7, 1, "post", "Post", "post-home", "Home", "address", 10_000, terms)
    return Carriers([service], {HOME: "SI", LOCAL: "SI"}, {"HOME": HOME, "LOCAL": LOCAL})


def quote(transit_days: int = 1) -> ServiceQuote:
    return ServiceQuote(7, "post-home", "post", "Home", "address", "home", transit_days, 10_000, 300, 390, "EUR")


def is_holiday(day: date) -> bool:
    schedule = Schedule("24/7", "UTC", "SI", keeps_public_holidays=True)
    return not hours.is_open(schedule, datetime.combine(day, time(12), UTC))


weeks = st.dictionaries(
    st.sampled_from(WEEKDAYS), st.times().map(lambda at: at.strftime("%H:%M")), min_size=1, max_size=7
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True)


def test_a_parcel_costs_what_its_weight_and_zone_say() -> None:
    found = carriers()
    for weight, cost in ((0, 300), (2_000, 300), (2_001, 500), (10_000, 500)):
        assert [each.cost_minor for each in found.quotes("SI", "SI", "1000", weight, "EUR")] == [cost]
    assert found.quotes("SI", "SI", "1000", 10_001, "EUR") == ()
    assert found.quotes("SI", "SI", "1000", 1, "PLN") == ()
    assert found.quotes("HR", "SI", "1000", 1, "EUR") == ()
    assert (found.reaches("SI", ""), found.reaches("HR", "10000")) == (True, False)
    assert (Carriers([], {}, {}).any, found.any) == (False, True)


@given(prefixes=st.sets(st.text("12", min_size=1, max_size=4), max_size=8), postal=st.text("12", max_size=5))
def test_the_longest_prefix_wins(prefixes: set[str], postal: str) -> None:
    zones = [Zone(f"z{prefix}", ["SI"], [Destination("PL", [prefix])], 1, rates((10_000, 1, 1))) for prefix in prefixes]
    zones.append(Zone("home", ["SI"], [Destination("SI")], 1, rates((10_000, 1, 1))))
    fitting = [prefix for prefix in prefixes if postal.startswith(prefix)]
    found = carriers(zones=zones).quotes("SI", "PL", postal, 1, "EUR")
    assert [each.zone for each in found] == [f"z{prefix}" for prefix in sorted(fitting, key=len)[-1:]]


def test_postal_codes_are_compared_without_what_stands_between() -> None:
    assert postal_key("00-510") == postal_key(" 00510 ") == "00510"
    assert postal_key("sw1a 1aa") == "SW1A1AA"


@settings(max_examples=200)
@given(week=weeks, ready_at=instants)
def test_a_parcel_leaves_on_the_first_day_that_the_cut_off_allows(week: dict[Weekday, str], ready_at: datetime) -> None:
    day = carriers(week).dispatch_on(7, HOME, ready_at, LJUBLJANA)
    local = ready_at.astimezone(ZoneInfo(LJUBLJANA))

    def leaves(on: date) -> bool:
        cut_off = week.get(WEEKDAYS[on.weekday()])
        if cut_off is None or is_holiday(on):
            return False
        return on > local.date() or local.time() <= time.fromisoformat(cut_off)

    assert day is not None
    assert leaves(day)
    assert not any(leaves(local.date() + timedelta(n)) for n in range((day - local.date()).days))


@settings(max_examples=100)
@given(week=weeks, ready_at=instants, later=st.timedeltas(timedelta(0), timedelta(days=5)))
def test_later_is_never_sooner(week: dict[Weekday, str], ready_at: datetime, later: timedelta) -> None:
    found = carriers(week)
    first = found.dispatch_on(7, HOME, ready_at, LJUBLJANA)
    second = found.dispatch_on(7, HOME, ready_at + later, LJUBLJANA)
    assert first is not None
    assert second is not None
    assert first <= second
    arrives, arrives_later = found.delivery_on(quote(), first, "SI"), found.delivery_on(quote(), second, "SI")
    assert arrives is not None
    assert arrives_later is not None
    assert arrives <= arrives_later


@settings(max_examples=200)
@given(delivers=weekdays, day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), transit=st.integers(0, 10))
def test_a_parcel_arrives_on_a_delivery_day_that_is_no_holiday(
    delivers: list[Weekday], day: date, transit: int
) -> None:
    arrives = carriers(delivery_weekdays=delivers).delivery_on(quote(transit), day, "SI")
    assert arrives is not None
    assert WEEKDAYS[arrives.weekday()] in delivers
    assert not is_holiday(arrives)
    begin = day if transit == 0 else day + timedelta(1)
    days = [begin + timedelta(n) for n in range((arrives - begin).days + 1)]
    worked = [each for each in days if WEEKDAYS[each.weekday()] in delivers and not is_holiday(each)]
    assert len(worked) == max(1, transit)


def test_a_location_has_a_week_of_its_own() -> None:
    found = carriers(local={"mo": "12:00"})
    at_one = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert found.dispatch_on(7, HOME, at_one, LJUBLJANA) == date(2026, 11, 23)
    assert found.dispatch_on(7, LOCAL, at_one, LJUBLJANA) == date(2026, 11, 30)
    assert found.cut_off_at(7, LOCAL, date(2026, 11, 30), LJUBLJANA) == datetime(2026, 11, 30, 11, tzinfo=UTC)
    nowhere = carriers(local={})
    assert nowhere.dispatch_on(7, LOCAL, at_one, LJUBLJANA) is None


def test_ready_at_the_cut_off_is_in_time_and_a_second_later_is_not() -> None:
    found = carriers()
    four = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert found.dispatch_on(7, HOME, four, LJUBLJANA) == date(2026, 11, 23)
    assert found.dispatch_on(7, HOME, four + timedelta(seconds=1), LJUBLJANA) == date(2026, 11, 24)


@pytest.mark.parametrize(("country", "zone"), [("SI", LJUBLJANA), ("US", "America/New_York"), ("ZZ", "UTC")])
def test_a_country_has_a_main_time_zone(country: str, zone: str) -> None:
    assert main_time_zone(country) == zone
    by = carriers().delivered_by(7, date(2026, 11, 24), country)
    assert by.astimezone(ZoneInfo(zone)).time() == time(20)
