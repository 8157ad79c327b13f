"""The promise as a pure decision: never sooner than cut-offs and hours allow, never on a closed day, never a miracle."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanava.carriers.model import WEEKDAYS, Destination, Rate, ServiceTerms, Zone
from kanava.carriers.snapshot import Carriers, LoadedService
from kanava.sourcing.promise.model import PlaceTerms, PlannedPart, ShipTo, Terms
from kanava.sourcing.promise.rules import by_place, deliveries, parcel_weights, promise_of, readiness, ready_by
from kanava.stores import hours
from kanava.stores.model import HoursException, Schedule

LJUBLJANA = "Europe/Ljubljana"
HOURS = "Mo-Fr 09:00-18:00; Sa 09:00-13:00"
TO = ShipTo("SI", "1000", "EUR")


def place_terms(location_id: int = 1, **more: Any) -> PlaceTerms:
    values: dict[str, Any] = {
        "code": f"P-{location_id}",
        "country": "SI",
        "time_zone": LJUBLJANA,
        "schedule": Schedule(HOURS, LJUBLJANA, "SI", exceptions=more.pop("exceptions", ())),
        "handling_minutes": 60,
        "pick_capacity_per_hour": 20,
    }
    return PlaceTerms(location_id, **values | more)


def home(code: str = "post-home", number: int = 7, weight_grams_max: int = 10_000, price: int = 490) -> LoadedService:
    workdays = list(WEEKDAYS[:5])
    zone = Zone("home", ["SI"], [Destination("SI")], 1, [Rate(weight_grams_max, 310, {"EUR": price})])
    terms = ServiceTerms(dict.fromkeys(workdays, "16:00"), workdays, [zone])
    return LoadedService(number, 1, "post", "Post", code, "Home", "address", weight_grams_max, terms)


def terms_of(*places: PlaceTerms, services: tuple[LoadedService, ...] = (home(),)) -> Terms:
    carriers = Carriers(services, {each.location_id: each.country for each in places}, {})
    config: Any = None  # Promises look at places and carriers only.
    return Terms(config, carriers, {each.location_id: each for each in places})


def part(kind: str = "ship", location_id: int = 1, line_no: int = 1, **more: Any) -> PlannedPart:
    return PlannedPart(line_no, 10 + line_no, location_id, more.get("quantity", 1), kind, more.get("weight_grams", 500))


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001
closed_days = st.lists(st.dates(date(2026, 1, 1), date(2027, 6, 30)), max_size=30, unique=True).map(
    lambda days: tuple(HoursException(day) for day in sorted(days))
)
loads = st.integers(0, 200)


@settings(max_examples=200)
@given(now=instants, load=loads, exceptions=closed_days)
def test_goods_are_ready_while_the_place_is_open_and_after_its_minutes(
    now: datetime, load: int, exceptions: tuple[HoursException, ...]
) -> None:
    place = place_terms(exceptions=exceptions)
    ready = ready_by(place, load, now)
    assert ready is not None
    opened = hours.open_intervals(place.schedule, now, ready)
    minutes = sum((each.closes_at - each.opens_at).total_seconds() for each in opened) / 60
    assert minutes >= 60 + load * 60 / 20 - 0.1
    assert hours.is_open(place.schedule, ready - timedelta(seconds=1))


@settings(max_examples=150)
@given(now=instants, later=st.timedeltas(timedelta(0), timedelta(days=4)), load=loads, exceptions=closed_days)
def test_who_asks_later_is_never_promised_more(
    now: datetime, later: timedelta, load: int, exceptions: tuple[HoursException, ...]
) -> None:
    terms = terms_of(place_terms(exceptions=exceptions))
    parts = [part(), part("pickup", line_no=2)]
    first = promise_of(parts, TO, None, terms, {1: load}, now)
    second = promise_of(parts, TO, None, terms, {1: load}, now + later)
    for before, after in zip(first, second, strict=True):
        assert before.promised_by is not None
        assert after.promised_by is not None
        assert before.promised_by <= after.promised_by
        assert before.work_by["P-1"] <= after.work_by["P-1"]


@settings(max_examples=150)
@given(now=instants, load=loads, exceptions=closed_days)
def test_a_parcel_leaves_an_open_place_before_its_cut_off(
    now: datetime, load: int, exceptions: tuple[HoursException, ...]
) -> None:
    terms = terms_of(place_terms(exceptions=exceptions))
    ready_at = readiness([1], terms, {1: load}, now)
    (found,) = deliveries(by_place([part()]), TO, terms, ready_at)
    leg = found.places[0].leg
    assert ready_at[1] <= leg.work_by
    assert leg.work_by.astimezone(ZoneInfo(LJUBLJANA)).date() == leg.dispatch_on
    assert leg.dispatch_on not in {each.on_date for each in exceptions}
    for day in (leg.dispatch_on, leg.deliver_on):
        assert day.weekday() < 5
        assert not terms.carriers.is_holiday("SI", day)
    assert leg.dispatch_on < leg.deliver_on


def test_a_parcel_does_not_leave_on_the_second_of_two_closed_days() -> None:
    closed = tuple(HoursException(date(2026, 6, day)) for day in (1, 2))
    terms = terms_of(place_terms(exceptions=closed))
    # Friday, ready three minutes after the cut-off.
    ready_at = readiness([1], terms, {1: 121}, datetime(2026, 5, 29, tzinfo=UTC))
    (found,) = deliveries(by_place([part()]), TO, terms, ready_at)
    assert found.places[0].leg.dispatch_on == date(2026, 6, 3)


def test_more_load_is_never_sooner_and_no_capacity_is_never() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    times = [ready_by(place_terms(), load, now) for load in range(0, 500, 7)]
    assert times == sorted(times)  # type: ignore[type-var]
    assert ready_by(place_terms(pick_capacity_per_hour=0), 0, now) is None


def test_an_order_has_a_promise_for_its_parcels_and_one_for_each_other_place() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    terms = terms_of(place_terms(), place_terms(2, handling_minutes=600))
    parts = [
        part(),
        part(location_id=2, line_no=2),
        part("pickup", 1, 3),
        part("pickup", 1, 4),
        part("curbside", 2, 5),
        part("carry_out", 1, 6),
    ]
    shipped, fetched, driven = promise_of(parts, TO, None, terms, {}, now)
    assert (shipped.kind, shipped.line_nos, shipped.carrier_service) == ("ship", (1, 2), "post-home")
    assert set(shipped.work_by) == {"P-1", "P-2"}
    # The second place is ready after ten open hours: its parcel leaves on Tuesday.
    assert shipped.promised_by == datetime(2026, 11, 25, 19, tzinfo=UTC)
    assert (fetched.promise_no, fetched.kind, fetched.location, fetched.line_nos) == (2, "pickup", "P-1", (3, 4))
    assert fetched.promised_by == now + timedelta(hours=1)
    assert (driven.kind, driven.location, driven.price_minor) == ("curbside", "P-2", 0)


def test_the_cheapest_service_is_promised_unless_another_was_chosen() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    terms = terms_of(place_terms(), services=(home(), home("express", 8, price=990)))
    assert promise_of([part()], TO, None, terms, {}, now)[0].carrier_service == "post-home"
    chosen = promise_of([part()], TO, "express", terms, {}, now)[0]
    assert (chosen.carrier_service, chosen.price_minor) == ("express", 990)
    unknown = promise_of([part()], TO, "pigeon", terms, {}, now)[0]
    assert (unknown.carrier_service, unknown.promised_by) == (None, None)


def test_without_carriers_there_is_work_and_no_date() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    (promise,) = promise_of([part()], TO, None, terms_of(place_terms(), services=()), {}, now)
    assert (promise.promised_by, promise.price_minor) == (None, None)
    assert promise.work_by == {"P-1": now + timedelta(hours=1)}


def test_what_is_on_its_way_is_packed_when_it_is_there() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    terms = terms_of(place_terms())
    (promise,) = promise_of([part("pickup")], None, None, terms, {}, now, {1: date(2026, 11, 26)})
    assert promise.promised_by == datetime(2026, 11, 26, 9, tzinfo=UTC)


@given(
    units=st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 8)), min_size=1, max_size=6),
    limit=st.integers(1_000, 10_000),
)
def test_parcels_hold_everything_and_none_is_too_heavy(units: list[tuple[int, int]], limit: int) -> None:
    found = parcel_weights(units, limit)
    total = sum(weight * quantity for weight, quantity in units)
    if found is None:
        assert max(weight for weight, _ in units) > limit or total > limit
        return
    assert sum(found) == total
    assert all(weight <= limit for weight in found)
    # First fit: no two parcels would go into one.
    assert all(one + other > limit for n, one in enumerate(found) for other in found[:n]) or len(found) < 2


@pytest.mark.parametrize(("quantity", "parcels"), [(4, 1), (5, 2), (8, 2), (81, None)])
def test_what_is_too_heavy_for_one_parcel_goes_in_several(quantity: int, parcels: int | None) -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    terms = terms_of(place_terms(), services=(home(weight_grams_max=2_000),))
    found = deliveries(by_place([part(quantity=quantity)]), TO, terms, readiness([1], terms, {}, now))
    assert [each.parcels for each in found] == ([] if parcels is None else [parcels])
    if parcels is not None:
        assert found[0].price_minor == 490 * parcels
