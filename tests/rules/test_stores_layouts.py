"""Files of locations: every good row, and a reason for every other."""

import json
from pathlib import Path

import pytest

from kanava.stores.errors import UnreadableImport
from kanava.stores.model import RowError
from kanava.stores.rules.layouts import read_locations
from kanava.stores.rules.weekly_text import weekly_text_to_osm

CHAIN_FILE = Path("/work/shared/data/stores.json")


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        (
            "Mon: 10-9:30; Tue: 10-9:30; Wed: 10-9:30; Thurs: 10-9:30; Fri: 10-10; Sat: 10-10; Sun: 11-7",
            "Mo-Th 10:00-21:30; Fr-Sa 10:00-22:00; Su 11:00-19:00",
        ),
        ("; ".join(f"{day}: 0-11:59" for day in ("Mon", "Tue", "Wed", "Thurs", "Fri", "Sat", "Sun")), "24/7"),
        ("Mon: 9:30-9; Sun: 12:30-5:30", "Mo 09:30-21:00; Su 12:30-17:30"),
        ("Sun: 1-5:30", "Su 13:00-17:30"),
        ("Mon: 12-11:59; Sun: closed", "Mo 12:00-24:00"),
    ],
)
def test_american_weeks_become_openstreetmap_hours(text, osm):
    assert weekly_text_to_osm(text) == osm


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "No day"),
        ("Mon 10-9", "day"),
        ("Xyz: 10-9", "day"),
        ("Mon: 10-9; Monday: 9-5", "twice"),
        ("Mon: ten-9", "not like"),
        ("Mon: 10-12", "noon or midnight"),
        ("Mon: 13-9", "twelve"),
        ("Mon: 10:75-9", "twelve"),
        ("Mon: 4-3", "before it opens"),
    ],
)
def test_a_week_that_is_unclear_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        weekly_text_to_osm(text)


def row(**cells):
    return {"code": "LJ-01", "name": "Ljubljana", "country": "SI", "time_zone": "Europe/Ljubljana", **cells}


def problems(*rows):
    file = read_locations(json.dumps(rows).encode())
    return [(error.row, error.column) for error in file.errors]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"opening_hours": "Mo-Fr 8-"}, "opening_hours"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"country": "XX"}, "country"),
        ({"services": ["pickup", "massage"]}, "services"),
        ({"latitude": 91, "longitude": 14}, "latitude"),
        ({"latitude": 46, "longitude": -180.5}, "longitude"),
        ({"latitude": 46}, "longitude"),
        ({"latitude": "north", "longitude": 14}, "latitude"),
        ({"pick_capacity_per_hour": -1}, "pick_capacity_per_hour"),
        ({"handling_minutes": 1.5}, "handling_minutes"),
        ({"code": "LJ/01"}, "code"),
        ({"code": "import"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 51}, "code"),
        ({"name": "  "}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"kind": "kiosk"}, "kind"),
        ({"active": "perhaps"}, "active"),
        ({"parcel_cost_domestic_minor": 10**12}, "parcel_cost_domestic_minor"),
        ({"colour": "red"}, "colour"),
        ({"latitude": "NaN", "longitude": "inf"}, "latitude"),
    ],
)
def test_bad_input_names_its_column(cells, column):
    assert (1, column) in problems(row(**cells))


def test_a_code_twice_in_a_file_is_taken_once():
    file = read_locations(json.dumps([row(), row(name="Again"), row(code="LJ-02")]).encode())
    assert [good.draft.code for good in file.rows] == ["LJ-01", "LJ-02"]
    assert file.errors == [RowError(2, "code", "'LJ-01' is in row 1 already.")]


def test_an_unknown_column_is_told_once_and_costs_no_row():
    file = read_locations(json.dumps([row(opening_hour="24/7"), row(code="B", opening_hour="24/7")]).encode())
    assert len(file.rows) == 2
    assert [(error.row, error.column) for error in file.errors] == [(1, "opening_hour")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_usual_delimiter(delimiter):
    lines = [
        ["code", "name", "country", "latitude", "longitude", "services", "active"],
        ["LJ-01", "Ljubljana", "si", "46.05", "14.51", "pickup|returns", "yes"],
        ["", "", "", "", "", "", ""],
        ["LJ-02", "Kranj", "SI", "46.24", "14.36", "", "no"],
        ["LJ-03", "short"],
    ]
    file = read_locations("\ufeff".encode() + "\r\n".join(delimiter.join(line) for line in lines).encode())
    first, second = (good.draft for good in file.rows)
    assert (first.country, first.time_zone, first.services, first.active) == (
        "SI",
        "Europe/Ljubljana",
        ["pickup", "returns"],
        True,
    )
    assert (second.services, second.active) == (None, False)
    assert [(error.row, error.column) for error in file.errors] == [(5, "")]


def test_a_broken_quote_keeps_the_rows_before_it():
    file = read_locations(b'code,name,country,time_zone\nA,Aa,SI,Europe/Ljubljana\nB,"Bb,SI,Europe/Ljubljana\n')
    assert [good.draft.code for good in file.rows] == ["A"]
    assert len(file.errors) == 1


def test_jsonl_reports_the_line_that_is_broken():
    file = read_locations(
        b"\n".join([json.dumps(row()).encode(), b'{"code": ', b"", json.dumps(row(code="B")).encode()])
    )
    assert file.layout == "jsonl"
    assert [good.row for good in file.rows] == [1, 4]
    assert [error.row for error in file.errors] == [2]


def test_a_listing_may_be_sent_back():
    listed = row(
        address={"country": "SI", "street": "Trg 1"},
        position={"latitude": 46.05, "longitude": 14.5},
        version=3,
        open_now=True,
        hours_exceptions=[],
    )
    file = read_locations(json.dumps({"items": [listed], "next_cursor": None}).encode())
    assert file.errors == []
    assert (file.rows[0].draft.street, file.rows[0].draft.latitude) == ("Trg 1", 46.05)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        "code;name\nA;\u010cakovec".encode("cp1250"),
        b"[1, 2",
        b"name,country\nA,SI\n",
        b"code,code,name\n",
        b"\xff\xfe\x00",
    ],
)
def test_a_file_that_is_no_file_of_locations(content):
    with pytest.raises(UnreadableImport):
        read_locations(content)


def test_a_file_has_a_longest_length():
    content = b"code,name,country\n" + b"".join(b"A%d,B,SI\n" % number for number in range(11))
    with pytest.raises(UnreadableImport, match="more than 10"):
        read_locations(content, rows_max=10)


def chain_row(**cells):
    return {
        "id": 7,
        "type": "Mobile",
        "name": "Salem",
        "address": "1 Main St",
        "address2": "Unit 2",
        "city": "Salem",
        "state": "MA",
        "zip": "1970",
        "location": {"lat": 42.52, "lon": -70.9},
        "hours": "Mon: 10-9",
        "services": [],
        **cells,
    }


def test_the_chains_layout_is_told_by_its_columns():
    file = read_locations(json.dumps([chain_row()]).encode())
    (good,) = file.rows
    assert file.layout == "chain_json"
    assert (good.draft.code, good.draft.street, good.draft.postal_code) == ("7", "1 Main St Unit 2", "01970")
    assert (good.draft.time_zone, good.draft.opening_hours) == ("America/New_York", "Mo 10:00-21:00")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"hours": "Mon: noon"}, "hours"),
        ({"type": "Tent"}, "type"),
        ({"location": {"lat": 99, "lon": 0}}, "location.lat"),
        ({"location": {"lat": "x", "lon": 0}}, "location.lat"),
        ({"id": "a b"}, "id"),
        ({"name": ""}, "name"),
    ],
)
def test_a_bad_row_of_the_chain_is_reported_in_the_files_own_words(cells, column):
    file = read_locations(json.dumps([chain_row(**cells), chain_row(id=8)]).encode())
    assert [good.draft.code for good in file.rows] == ["8"]
    assert [(error.row, error.column) for error in file.errors] == [(1, column)]


def test_all_1565_real_stores_are_read():
    if not CHAIN_FILE.exists():  # The project works without that folder.
        return
    file = read_locations(CHAIN_FILE.read_bytes())
    assert (file.count, len(file.rows), file.errors) == (1565, 1565, [])
    assert {good.draft.time_zone for good in file.rows} >= {
        "America/New_York",
        "Pacific/Honolulu",
        "America/Puerto_Rico",
    }
    assert sum(good.draft.opening_hours == "24/7" for good in file.rows) == 189
