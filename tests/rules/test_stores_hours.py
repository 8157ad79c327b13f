"""The one truth about opening hours."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanava.stores import hours
from kanava.stores.errors import InvalidOpeningHours
from kanava.stores.model import ClosedTooLong, HoursException, Schedule

LJUBLJANA = ZoneInfo("Europe/Ljubljana")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def shop(
    expression="Mo-Fr 08:00-20:00; Sa 09:00-17:00", *, holidays=True, days=(), zone="Europe/Ljubljana", country="SI"
):
    return Schedule(expression, zone, country, holidays, tuple(HoursException(on, text) for on, text in days))


def local(*parts, zone=LJUBLJANA, fold=0):
    return datetime(*parts, tzinfo=zone, fold=fold)


def test_opening_time_is_open_and_closing_time_is_closed():
    assert hours.is_open(shop(), local(2026, 11, 23, 8))
    assert hours.is_open(shop(), local(2026, 11, 23, 19, 59, 59))
    assert not hours.is_open(shop(), local(2026, 11, 23, 20))
    assert not hours.is_open(shop(), local(2026, 11, 23, 7, 59, 59))


def test_an_instant_is_the_same_in_every_time_zone():
    at = local(2026, 11, 23, 8)
    assert hours.is_open(shop(), at.astimezone(UTC))
    assert hours.is_open(shop(), at.astimezone(ZoneInfo("Asia/Tokyo")))
    with pytest.raises(ValueError, match="time zone"):
        hours.is_open(shop(), datetime(2026, 11, 23, 8))  # noqa: DTZ001


def test_next_opening_skips_the_night_and_sunday():
    assert hours.next_opening(shop(), local(2026, 11, 21, 18)) == local(2026, 11, 23, 8)
    assert hours.next_opening(shop(), local(2026, 11, 23, 8)) == local(2026, 11, 24, 8)
    assert hours.next_closing(shop(), local(2026, 11, 21, 18)) == local(2026, 11, 23, 20)
    assert hours.next_closing(shop(), local(2026, 11, 23, 8)) == local(2026, 11, 23, 20)


def test_public_holidays_of_the_country_are_kept_when_the_place_keeps_them():
    christmas = local(2026, 12, 25, 12)
    assert not hours.is_open(shop(), christmas)
    assert hours.is_open(shop(holidays=False), christmas)
    assert hours.is_open(shop("Mo-Fr 08:00-20:00; PH 10:00-14:00"), christmas)
    # 11 November is a holiday in Poland only.
    at = local(2026, 11, 11, 12)
    assert hours.is_open(shop(), at)
    assert not hours.is_open(shop(zone="Europe/Warsaw", country="PL"), at)


def test_the_word_ph_in_a_comment_names_no_holiday():
    assert not hours.is_open(shop('Mo-Fr 08:00-20:00 open "ask for PH"'), local(2026, 12, 25, 12))


def test_a_country_without_known_holidays_has_none():
    assert hours.is_open(shop("24/7", country="IN", zone="Asia/Kolkata"), local(2026, 12, 25, 12))


def test_an_exception_replaces_its_day_and_no_other():
    schedule = shop(
        days=[
            (date(2026, 11, 24), "10:00-12:00,15:00-16:00"),
            (date(2026, 11, 25), ""),
            (date(2026, 11, 29), "10:00-14:00"),
        ]
    )
    intervals = hours.open_intervals(schedule, local(2026, 11, 23), local(2026, 11, 30))
    assert [(i.opens_at, i.closes_at) for i in intervals] == [
        (local(2026, 11, 23, 8), local(2026, 11, 23, 20)),
        (local(2026, 11, 24, 10), local(2026, 11, 24, 12)),
        (local(2026, 11, 24, 15), local(2026, 11, 24, 16)),
        (local(2026, 11, 26, 8), local(2026, 11, 26, 20)),
        (local(2026, 11, 27, 8), local(2026, 11, 27, 20)),
        (local(2026, 11, 28, 9), local(2026, 11, 28, 17)),
        (local(2026, 11, 29, 10), local(2026, 11, 29, 14)),
    ]


def test_an_exception_on_a_holiday_opens_the_place():
    schedule = shop(days=[(date(2026, 12, 25), "10:00-12:00")])
    assert hours.is_open(schedule, local(2026, 12, 25, 11))
    assert not hours.is_open(schedule, local(2026, 12, 25, 13))


def test_an_exception_past_midnight_runs_into_a_day_that_has_its_own_hours():
    schedule = shop("Mo-Su 10:00-20:00", days=[(date(2026, 11, 24), "22:00-03:00")])
    assert hours.is_open(schedule, local(2026, 11, 25, 2, 59))
    assert not hours.is_open(schedule, local(2026, 11, 25, 3))
    assert hours.is_open(schedule, local(2026, 11, 25, 10))


def test_hours_past_midnight_are_one_interval():
    schedule = shop("Mo-Su 20:00-02:00", holidays=False)
    (first, *_) = hours.open_intervals(schedule, local(2026, 11, 23, 12), local(2026, 11, 25))
    assert (first.opens_at, first.closes_at) == (local(2026, 11, 23, 20), local(2026, 11, 24, 2))
    assert hours.is_open(schedule, local(2026, 11, 24, 1, 59))


def test_always_open_has_no_opening_and_no_closing():
    for expression in ("24/7", ""):
        schedule = shop(expression, holidays=False)
        assert hours.is_open(schedule, local(2026, 11, 23, 3))
        assert hours.next_opening(schedule, local(2026, 11, 23, 3)) is None
        assert hours.next_closing(schedule, local(2026, 11, 23, 3)) is None
        assert hours.after_open_minutes(schedule, local(2026, 11, 23, 3), 90) == local(2026, 11, 23, 4, 30)


def test_hours_not_stated_ignore_holidays_but_keep_exceptions():
    schedule = shop("", days=[(date(2026, 12, 28), "")])
    assert hours.is_open(schedule, local(2026, 12, 25, 12))
    assert not hours.is_open(schedule, local(2026, 12, 28, 12))


def test_open_minutes_are_counted_over_closed_time():
    assert hours.after_open_minutes(shop(), local(2026, 11, 20, 19), 60) == local(2026, 11, 20, 20)
    assert hours.after_open_minutes(shop(), local(2026, 11, 20, 19), 61) == local(2026, 11, 21, 9, 1)
    assert hours.after_open_minutes(shop(), local(2026, 11, 22, 12), 0) == local(2026, 11, 23, 8)
    assert hours.after_open_minutes(shop(), local(2026, 11, 23, 12), 0) == local(2026, 11, 23, 12)


def test_a_place_closed_for_months_says_so():
    seasonal = shop("Jun-Aug Mo-Su 10:00-18:00", holidays=False)
    outcome = hours.after_open_minutes(seasonal, local(2026, 11, 23), 30, horizon_days=60)
    assert outcome == ClosedTooLong(horizon_at=local(2026, 11, 23) + timedelta(days=60), open_minutes=0)
    assert hours.next_opening(seasonal, local(2026, 11, 23), horizon_days=60) is None
    assert hours.next_opening(seasonal, local(2026, 11, 23)) == local(2027, 6, 1, 10)
    assert hours.next_opening(shop("off"), local(2026, 11, 23)) is None
    assert isinstance(hours.after_open_minutes(shop("off"), local(2026, 11, 23), 0), ClosedTooLong)


def test_the_night_the_clock_is_set_forward_is_an_hour_shorter():
    night = shop("Mo-Su 01:00-05:00", holidays=False)
    (interval,) = hours.open_intervals(night, local(2026, 3, 29), local(2026, 3, 30))
    assert interval.closes_at - interval.opens_at == timedelta(hours=3)
    in_the_gap = shop("Mo-Su 02:15-02:45", holidays=False)
    assert hours.open_intervals(in_the_gap, local(2026, 3, 29), local(2026, 3, 30)) == []
    opens_in_the_gap = shop("Mo-Su 02:30-05:00", holidays=False)
    (interval,) = hours.open_intervals(opens_in_the_gap, local(2026, 3, 29), local(2026, 3, 30))
    assert interval.opens_at == local(2026, 3, 29, 3)


def test_the_night_the_clock_is_set_back_is_an_hour_longer():
    night = shop("Mo-Su 01:00-05:00", holidays=False)
    (interval,) = hours.open_intervals(night, local(2026, 10, 25), local(2026, 10, 26))
    assert interval.closes_at - interval.opens_at == timedelta(hours=5)
    twice = shop("Mo-Su 02:15-02:45", holidays=False)
    (interval,) = hours.open_intervals(twice, local(2026, 10, 25), local(2026, 10, 26))
    assert interval.opens_at == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert interval.closes_at == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("Mo-Fr 8-", 7),
        ("hello", 1),
        ("Mo-Fr 25:00-26:00", 7),
        ("Mo-Fr 08:00-20:00; Xx off", 20),
        ("Mo 10:00", 9),
        ("Mo-Fr sunrise-18:00", 7),
    ],
)
def test_hours_that_do_not_parse_say_where(text, position):
    with pytest.raises(InvalidOpeningHours) as caught:
        hours.check_opening_hours(text)
    assert caught.value.extra["position"] == position
    assert caught.value.errors[0].field == "opening_hours"


def test_hours_are_tidied():
    assert hours.check_opening_hours("  Mo-Fr   08:00-20:00 ") == "Mo-Fr 08:00-20:00"
    assert hours.check_opening_hours("   ") == ""
    with pytest.raises(InvalidOpeningHours):
        hours.check_opening_hours("Mo-Fr 08:00-20:00, " * 40)


def test_the_hours_of_a_day_are_clock_times():
    assert hours.check_day_hours("10:00-14:00, 15:00-18:00") == "10:00-14:00, 15:00-18:00"
    assert hours.check_day_hours("closed") == hours.check_day_hours("off") == hours.check_day_hours(" ") == ""
    assert hours.check_day_hours("24/7") == "00:00-24:00"
    for text in ("Mo 10:00-14:00", "10-14", "30:00-31:00", "10:00-14:00; off", "PH off"):
        with pytest.raises(InvalidOpeningHours):
            hours.check_day_hours(text)


times = st.integers(0, 95).map(lambda quarter: quarter * 15)
weeks = st.lists(
    st.one_of(st.none(), st.tuples(times, times).filter(lambda pair: pair[0] < pair[1])), min_size=7, max_size=7
)
zones = st.sampled_from(["Europe/Ljubljana", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
instants = st.integers(
    int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2027, 6, 1, tzinfo=UTC).timestamp())
).map(lambda second: datetime.fromtimestamp(second, UTC))


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


def expression_of(week):
    return "; ".join(f"{DAYS[day]} {clock(span[0])}-{clock(span[1])}" for day, span in enumerate(week) if span) or "off"


@given(week=weeks, zone=zones, at=instants)
@settings(max_examples=150, deadline=None)
def test_open_is_what_the_clock_on_the_wall_says(week, zone, at):
    wall = at.astimezone(ZoneInfo(zone))
    if wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset():
        return  # The hour that comes twice has tests of its own.
    span = week[wall.weekday()]
    minute = wall.hour * 60 + wall.minute
    expected = span is not None and span[0] <= minute < span[1]
    assert hours.is_open(shop(expression_of(week), holidays=False, zone=zone), at) == expected


@given(week=weeks, zone=zones, at=instants, closed_on=st.lists(st.integers(-3, 20), max_size=4, unique=True))
@settings(max_examples=100, deadline=None)
def test_every_question_gives_the_same_truth(week, zone, at, closed_on):
    schedule = shop(
        expression_of(week),
        zone=zone,
        days=[(at.date() + timedelta(days=day), "" if day % 2 else "11:00-23:30") for day in closed_on],
    )
    until = at + timedelta(days=40)
    intervals = hours.open_intervals(schedule, at, until)
    second = timedelta(seconds=1)
    for earlier, later in pairwise(intervals):
        assert earlier.closes_at < later.opens_at
    for interval in intervals:
        assert at <= interval.opens_at < interval.closes_at <= until
        assert hours.is_open(schedule, interval.opens_at)
        assert hours.is_open(schedule, interval.closes_at - second)
        if interval.closes_at < until:
            assert not hours.is_open(schedule, interval.closes_at)
            assert hours.next_closing(schedule, interval.opens_at) == interval.closes_at
        if interval.opens_at > at:
            assert not hours.is_open(schedule, interval.opens_at - second)
            assert hours.next_opening(schedule, interval.opens_at - second) == interval.opens_at
    assert hours.is_open(schedule, at) == bool(intervals and intervals[0].opens_at == at)


@given(week=weeks, zone=zones, at=instants, minutes=st.integers(0, 6000), more=st.integers(0, 500))
@settings(max_examples=100, deadline=None)
def test_n_open_minutes_from_now_are_n_open_minutes(week, zone, at, minutes, more):
    schedule = shop(expression_of(week), zone=zone)
    reached = hours.after_open_minutes(schedule, at, minutes, horizon_days=90)
    if isinstance(reached, ClosedTooLong):
        found = hours.open_intervals(schedule, at, reached.horizon_at)
        assert (
            sum((i.closes_at - i.opens_at for i in found), timedelta()) // timedelta(minutes=1) == reached.open_minutes
        )
        assert reached.open_minutes <= minutes
        return
    found = hours.open_intervals(schedule, at, reached)
    assert sum((i.closes_at - i.opens_at for i in found), timedelta()) == timedelta(minutes=minutes)
    further = hours.after_open_minutes(schedule, at, minutes + more, horizon_days=90)
    assert isinstance(further, ClosedTooLong) or further >= reached


@given(text=st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_hours_or_a_named_error(text):
    try:
        tidy = hours.check_opening_hours(text)
    except InvalidOpeningHours as error:
        fields = [problem.field for problem in error.errors]
    else:
        fields = ["opening_hours"]
        hours.is_open(shop(tidy), datetime.combine(date(2026, 11, 23), time(12), UTC))
    assert fields == ["opening_hours"]
