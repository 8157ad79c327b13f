"""The stores module on real PostgreSQL."""

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from kanava.platform.auth import SYSTEM
from kanava.platform.errors import Forbidden
from kanava.stores import service, store
from kanava.stores.model import DayHours, LocationFilter, Position
from kanava.stores.rules.layouts import read_locations

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHAIN_FILE = Path("/work/shared/data/stores.json")
# The project works without that folder.
CHAIN_BYTES = CHAIN_FILE.read_bytes() if CHAIN_FILE.exists() else None

TOWNS = [
    ("LJ-01", "SI", 46.0511, 14.5051),
    ("KR-01", "SI", 46.2389, 14.3556),
    ("MB-01", "SI", 46.5547, 15.6459),
    ("ZG-01", "HR", 45.8150, 15.9819),
    ("WA-01", "PL", 52.2297, 21.0122),
    ("FJ-01", "FJ", -16.78, 179.98),
    ("FJ-02", "FJ", -16.78, -179.98),
]


def file_of(*rows):
    return read_locations(msgspec.json.encode(list(rows)))


def town(code, country, latitude, longitude, **cells):
    return {
        "code": code,
        "name": code,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
        "opening_hours": "Mo-Fr 08:00-20:00",
        **cells,
    }


async def load(db, *rows, dry_run=False):
    async with db.transaction() as tx:
        return await service.import_locations(tx, SYSTEM, file_of(*rows), NOW, dry_run=dry_run)


async def count(db, table):
    async with db.connection() as connection:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_an_import_creates_updates_and_leaves_alone(db):
    first = await load(db, *(town(*place) for place in TOWNS))
    assert (first.created, first.updated, first.unchanged, first.rejected) == (7, 0, 0, 0)
    again = await load(db, *(town(*place) for place in TOWNS))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 7)
    changed = await load(db, town(*TOWNS[0], phone="+386 1 234"), town(*TOWNS[1]))
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    async with db.connection() as connection:
        location = await service.get_location(connection, "LJ-01", NOW)
    assert (location.version, location.phone, location.handling_minutes) == (2, "+386 1 234", 60)
    assert await count(db, "outbox_event") == 8
    assert await count(db, "audit_entry") == 2


async def test_what_a_row_does_not_say_stays(db):
    await load(db, town(*TOWNS[0], services=["pickup"], handling_minutes=15, active=False, time_zone="Europe/Zagreb"))
    report = await load(db, {"code": "LJ-01", "name": "Renamed", "country": "SI"})
    assert (report.updated, report.errors) == (1, [])
    async with db.connection() as connection:
        location = await service.get_location(connection, "LJ-01", NOW)
    assert (location.name, location.services, location.handling_minutes, location.active) == (
        "Renamed",
        ["pickup"],
        15,
        False,
    )
    assert (location.time_zone, location.opening_hours) == ("Europe/Zagreb", "Mo-Fr 08:00-20:00")


async def test_a_dry_run_says_the_same_and_writes_nothing(db):
    report = await load(db, *(town(*place) for place in TOWNS), dry_run=True)
    assert (report.created, report.dry_run) == (7, True)
    for table in ("location", "outbox_event", "audit_entry"):
        assert await count(db, table) == 0


async def test_a_new_location_that_nobody_can_place_in_time_is_reported(db):
    report = await load(db, {"code": "A", "name": "A", "country": "SI"}, town(*TOWNS[0]))
    assert (report.created, report.rejected) == (1, 1)
    assert [(error.row, error.column) for error in report.errors] == [(1, "time_zone")]


async def test_only_people_of_no_one_place_import(db):
    bound = msgspec.structs.replace(SYSTEM, location_ids=frozenset({1}))
    with pytest.raises(Forbidden):
        async with db.transaction() as tx:
            await service.import_locations(tx, bound, file_of(town(*TOWNS[0])), NOW)


async def test_nearest_first_is_by_distance_on_the_globe(db):
    await load(db, *(town(*place) for place in TOWNS))
    async with db.connection() as connection:
        near_celje = LocationFilter(near=Position(46.2309, 15.2604))
        page = await service.list_locations(connection, near_celje, 4, None, NOW)
        assert [location.code for location in page.items] == ["MB-01", "LJ-01", "KR-01", "ZG-01"]
        # 46.6 km by Vincenty's formula on the ellipsoid; the globe is good to half a per cent.
        assert page.items[0].distance_metres == pytest.approx(46_600, rel=0.01)
        rest = await service.list_locations(connection, near_celje, 4, page.next_cursor, NOW)
        assert [location.code for location in rest.items][:1] == ["WA-01"]
        assert rest.next_cursor is None
        # Across the date line, four kilometres are four kilometres.
        page = await service.list_locations(connection, LocationFilter(near=Position(-16.78, 179.99)), 2, None, NOW)
        assert [location.code for location in page.items] == ["FJ-01", "FJ-02"]
        assert page.items[1].distance_metres < 4_000


async def test_the_nearest_are_found_in_the_index(db):
    await load(
        db, *(town(f"P-{number}", "SI", 40 + number % 100 / 10, 10 + number // 100 / 10) for number in range(5000))
    )
    async with db.connection() as connection:
        await connection.execute("ANALYZE location")
        plan = await connection.fetch(
            "EXPLAIN SELECT code FROM location l WHERE l.latitude IS NOT NULL "
            "ORDER BY globe_point(l.latitude, l.longitude) <-> globe_point(46, 14), l.code LIMIT 20"
        )
    assert "location_position" in "\n".join(line[0] for line in plan)


async def test_filters(db):
    await load(
        db,
        town(*TOWNS[0], services=["pickup"]),
        town(*TOWNS[3], kind="warehouse"),
        town(*TOWNS[4], active=False, fulfils_online=False, opening_hours="Sa 10:00-12:00"),
    )

    async def codes(**wanted):
        async with db.connection() as connection:
            page = await service.list_locations(connection, LocationFilter(**wanted), 10, None, NOW)
        return [location.code for location in page.items]

    assert await codes() == ["LJ-01", "WA-01", "ZG-01"]
    assert await codes(kind="warehouse") == ["ZG-01"]
    assert await codes(country="PL") == await codes(active=False) == await codes(fulfils_online=False) == ["WA-01"]
    assert await codes(service="pickup") == ["LJ-01"]
    assert await codes(open_now=True) == ["LJ-01", "ZG-01"]
    assert await codes(open_now=False) == ["WA-01"]


async def test_pages_follow_one_another(db):
    await load(db, *(town(f"P-{number:02}", "SI", 46, 14) for number in range(25)))
    for wanted in (LocationFilter(), LocationFilter(near=Position(46, 14)), LocationFilter(open_now=True)):
        seen, cursor = [], None
        while True:
            async with db.connection() as connection:
                page = await service.list_locations(connection, wanted, 10, cursor, NOW)
            seen += [location.code for location in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [f"P-{number:02}" for number in range(25)]


async def test_routing_is_given_every_location_with_its_hours(db):
    await load(db, *(town(*place) for place in TOWNS))
    async with db.transaction() as tx:
        await service.put_hours_exception(tx, SYSTEM, "LJ-01", date(2026, 11, 24), DayHours("", "Inventory"), NOW)
        places = await service.all_for_routing(tx)
    assert [place.code for place in places] == [place[0] for place in sorted(TOWNS)] or len(places) == len(TOWNS)
    ljubljana = next(place for place in places if place.code == "LJ-01")
    assert ljubljana.exception_dates == [date(2026, 11, 24)]
    assert ljubljana.schedule().exceptions[0].opening_hours == ""


async def test_two_imports_at_once_do_not_lock_each_other_out(db):
    import anyio

    rows = [town(f"P-{number:03}", "SI", 46, 14) for number in range(300)]
    async with anyio.create_task_group() as group:
        for turn in range(6):
            shuffled = rows[turn * 50 :] + rows[: turn * 50]
            group.start_soon(lambda rows=shuffled, turn=turn: load(db, *({**row, "phone": str(turn)} for row in rows)))
    assert await count(db, "location") == 300


async def test_all_1565_real_stores_are_imported(db):
    if CHAIN_BYTES is None:
        return
    async with db.transaction() as tx:
        report = await service.import_locations(tx, SYSTEM, read_locations(CHAIN_BYTES), NOW)
    assert (report.rows, report.created, report.errors) == (1565, 1565, [])


async def test_every_statement_fits_the_schema(db):
    async with db.connection() as connection:
        for name, query in vars(store).items():
            if hasattr(query, "text"):
                statement = await connection.prepare(query.text)
                columns = tuple(attribute.name for attribute in statement.get_attributes())
                if getattr(query, "is_record", False):
                    assert columns == query.row.__struct_fields__, name
