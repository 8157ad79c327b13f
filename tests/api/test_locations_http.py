"""Locations over HTTP."""

import json
from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.anyio


def new(code="LJ-01", **fields):
    return {
        "code": code,
        "kind": "store",
        "name": "Ljubljana",
        "address": {"country": "SI", "city": "Ljubljana"},
        "position": {"latitude": 46.0511, "longitude": 14.5051},
        "opening_hours": "Mo-Sa 08:00-20:00",
        "services": ["returns", "pickup"],
        **fields,
    }


async def create(client, code="LJ-01", **fields):
    answer = await client.post("/api/locations", json=new(code, **fields))
    assert answer.status_code == 201, answer.text
    return answer


def fields_at_fault(answer):
    return [error["field"] for error in answer.json()["errors"]]


async def test_a_location_is_created_and_read_back(client):
    created = (await create(client)).json()
    assert created["time_zone"] == "Europe/Ljubljana"
    assert created["services"] == ["pickup", "returns"]
    answer = await client.get("/api/locations/LJ-01")
    assert answer.headers["etag"] == '"1"'
    assert answer.json()["address"]["city"] == "Ljubljana"
    assert isinstance(answer.json()["open_now"], bool)
    assert datetime.fromisoformat(answer.json()["next_opening"]) > datetime.now(UTC)


async def test_a_code_is_given_once(client):
    await create(client)
    for body in (new(), new(name="Other")):
        answer = await client.post("/api/locations", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:kanava:problem:location-code-taken")
    assert (await client.get("/api/locations/LJ-01")).json()["name"] == "Ljubljana"


async def test_the_same_key_creates_once(client):
    headers = {"Idempotency-Key": "one"}
    first = await client.post("/api/locations", json=new(), headers=headers)
    second = await client.post("/api/locations", json=new(), headers=headers)
    assert (first.status_code, second.status_code, first.content) == (201, 201, second.content)
    other = await client.post("/api/locations", json=new("B"), headers=headers)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"opening_hours": "Mo-Fr 8-"}, "opening_hours"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"address": {"country": "XX"}}, "address.country"),
        ({"code": "a b"}, "code"),
        ({"name": ""}, "name"),
        ({"position": {"latitude": 91, "longitude": 0}}, "position.latitude"),
        ({"handling_minutes": -1}, "handling_minutes"),
        ({"pick_capacity_per_hour": -5}, "pick_capacity_per_hour"),
        ({"position": None}, "time_zone"),
        ({"parcel_cost_abroad_minor": 2**70}, None),
        ({"services": ["spa"]}, None),
        ({"kind": "kiosk"}, None),
        ({"colour": "red"}, None),
        ({"name": "a\x00b"}, "name"),
    ],
)
async def test_bad_input_names_the_field(client, fields, at_fault):
    answer = await client.post("/api/locations", json=new(**fields))
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    if at_fault:
        assert fields_at_fault(answer) == [at_fault]
    else:
        assert next(iter(fields)) in answer.text
    assert (await client.get("/api/locations")).json()["items"] == []


async def test_hours_that_do_not_parse_say_where(client):
    answer = await client.post("/api/locations", json=new(opening_hours="Mo-Fr 08:00-20:00; Xx off"))
    assert (answer.json()["type"], answer.json()["position"]) == ("urn:kanava:problem:invalid-opening-hours", 20)


async def test_several_faults_are_told_at_once(client):
    answer = await client.post("/api/locations", json=new(opening_hours="x", handling_minutes=-1))
    assert sorted(fields_at_fault(answer)) == ["handling_minutes", "opening_hours"]


async def test_an_update_needs_the_version_it_changes(client):
    etag = (await create(client)).headers["etag"]
    change = {"name": "Ljubljana Center", "address": {"country": "SI", "street": "Trg 1"}}
    assert (await client.patch("/api/locations/LJ-01", json=change)).status_code == 428
    answer = await client.patch("/api/locations/LJ-01", json=change, headers={"If-Match": etag})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    updated = answer.json()
    assert (updated["name"], updated["address"]["street"], updated["position"]["latitude"]) == (
        "Ljubljana Center",
        "Trg 1",
        46.0511,
    )
    assert (await client.patch("/api/locations/LJ-01", json=change, headers={"If-Match": etag})).status_code == 412
    answer = await client.patch("/api/locations/LJ-01", json={"position": None}, headers={"If-Match": '"2"'})
    assert answer.json()["position"] is None
    bad = await client.patch("/api/locations/LJ-01", json={"opening_hours": "8-"}, headers={"If-Match": '"3"'})
    assert fields_at_fault(bad) == ["opening_hours"]
    unknown = await client.patch("/api/locations/NO", json=change, headers={"If-Match": '"1"'})
    assert (unknown.status_code, fields_at_fault(unknown)) == (404, ["code"])


async def test_a_day_may_have_hours_of_its_own(client):
    await create(client, opening_hours="24/7", keeps_public_holidays=False)
    day = datetime.now(UTC).date() + timedelta(days=3)
    path = f"/api/locations/LJ-01/hours-exceptions/{day}"
    answer = await client.put(path, json={"opening_hours": "10:00-14:00", "reason": "Stock-taking"})
    assert answer.json()["hours_exceptions"] == [
        {"on_date": str(day), "opening_hours": "10:00-14:00", "reason": "Stock-taking"}
    ]
    assert answer.json()["version"] == 2
    times = (await client.get("/api/locations/LJ-01/hours")).json()
    assert times["open_now"] is True
    assert len(times["intervals"]) == 3
    assert (await client.put(path, json={"opening_hours": "Mo 10:00"})).status_code == 422
    far = await client.put("/api/locations/LJ-01/hours-exceptions/2199-01-01", json={})
    assert fields_at_fault(far) == ["on_date"]
    assert (await client.delete(path)).json()["hours_exceptions"] == []
    assert (await client.delete(path)).status_code == 404


async def test_days_at_many_locations_have_hours_of_their_own_at_once(client):
    await create(client, code="LJ-01")
    await create(client, code="LJ-02")
    eve, last = (datetime.now(UTC).date() + timedelta(days=days) for days in (5, 12))
    rows = [
        {"location": code, "on_date": str(day), "opening_hours": "09:00-14:00", "reason": "Short day"}
        for code in ("LJ-02", "LJ-01")
        for day in (eve, last)
    ]
    answer = await client.post("/api/locations/hours-exceptions", json={"rows": rows})
    assert (answer.status_code, answer.json()) == (200, {"rows": 4, "changed": 4, "locations_changed": 2})
    rows[0]["opening_hours"] = ""
    answer = await client.post("/api/locations/hours-exceptions", json={"rows": rows})
    assert answer.json() == {"rows": 4, "changed": 1, "locations_changed": 1}
    first = (await client.get("/api/locations/LJ-01")).json()
    second = (await client.get("/api/locations/LJ-02")).json()
    assert [day["opening_hours"] for day in first["hours_exceptions"]] == ["09:00-14:00", "09:00-14:00"]
    assert [day["opening_hours"] for day in second["hours_exceptions"]] == ["", "09:00-14:00"]
    assert (first["version"], second["version"]) == (2, 3)


async def test_one_wrong_day_and_no_location_gets_other_hours(client):
    await create(client, code="LJ-01")
    day = str(datetime.now(UTC).date() + timedelta(days=5))
    wrong = [
        {"location": "LJ-01", "on_date": day},
        {"location": "LJ-01", "on_date": day, "opening_hours": "Mo 10:00"},
        {"location": "LJ-01", "on_date": "2199-01-01"},
    ]
    answer = await client.post("/api/locations/hours-exceptions", json={"rows": wrong})
    assert answer.status_code == 422
    assert fields_at_fault(answer) == ["rows[1].on_date", "rows[1].opening_hours", "rows[2].on_date"]
    unknown = [{"location": code, "on_date": day} for code in ("LJ-01", "NO")]
    answer = await client.post("/api/locations/hours-exceptions", json={"rows": unknown})
    assert (answer.status_code, fields_at_fault(answer)) == (422, ["rows[1].location"])
    start = datetime.now(UTC).date()
    many = [{"location": "LJ-01", "on_date": str(start + timedelta(days=days))} for days in range(401)]
    answer = await client.post("/api/locations/hours-exceptions", json={"rows": many})
    assert answer.status_code == 409
    assert (await client.get("/api/locations/LJ-01")).json()["hours_exceptions"] == []


async def test_hours_between_two_instants(client):
    await create(client)
    between = {"from": "2026-12-24T00:00:00Z", "until": "2026-12-29T00:00:00Z"}
    times = (await client.get("/api/locations/LJ-01/hours", params=between)).json()
    # Christmas and 26 December are holidays in Slovenia, the 27th is a Sunday.
    assert times["intervals"] == [
        {"opens_at": "2026-12-24T07:00:00Z", "closes_at": "2026-12-24T19:00:00Z"},
        {"opens_at": "2026-12-28T07:00:00Z", "closes_at": "2026-12-28T19:00:00Z"},
    ]
    for wrong, field in (
        ({"until": "2026-12-23T00:00:00Z"}, "until"),
        ({"until": "2027-12-23T00:00:00Z"}, "until"),
        ({"from": "1700-01-01T00:00:00Z"}, "from"),
        ({"from": "9999-12-31T00:00:00Z"}, "from"),
        ({"from": "2026-12-24T00:00:00"}, "from"),
    ):
        answer = await client.get("/api/locations/LJ-01/hours", params=between | wrong)
        assert (answer.status_code, fields_at_fault(answer)) == (422, [field]), answer.text
    assert (await client.get("/api/locations/LJ-01/hours", params={"from": "9999-12-31T23:00:00Z"})).status_code == 422


async def test_switches_take_effect_without_a_version(client):
    await create(client)
    answer = await client.put("/api/locations/LJ-01/switches", json={"fulfils_online": False})
    assert (answer.json()["active"], answer.json()["fulfils_online"], answer.json()["version"]) == (True, False, 2)
    again = await client.put("/api/locations/LJ-01/switches", json={"fulfils_online": False})
    assert again.json()["version"] == 2


async def test_the_list_is_filtered_and_sorted(client):
    await create(client)
    await create(client, "MB-01", position={"latitude": 46.5547, "longitude": 15.6459}, services=[])
    near = (await client.get("/api/locations", params={"near": "46.5,15.6", "limit": 1})).json()
    assert [location["code"] for location in near["items"]] == ["MB-01"]
    assert near["items"][0]["distance_metres"] < 10_000
    rest = (await client.get("/api/locations", params={"near": "46.5,15.6", "cursor": near["next_cursor"]})).json()
    assert [location["code"] for location in rest["items"]] == ["LJ-01"]
    picked = (await client.get("/api/locations", params={"service": "pickup"})).json()
    assert [location["code"] for location in picked["items"]] == ["LJ-01"]
    for wrong in (
        {"near": "north"},
        {"near": "99,0"},
        {"near": "nan,0"},
        {"kind": "tent"},
        {"country": "XX"},
        {"service": "spa"},
        {"limit": "0"},
        {"cursor": "%%"},
        {"cursor": near["next_cursor"]},
    ):
        answer = await client.get("/api/locations", params=wrong)
        assert (answer.status_code, fields_at_fault(answer)) == (422, [next(iter(wrong))]), wrong


async def test_a_file_is_imported_and_its_bad_rows_are_named(client):
    rows = [new(), new("B/2"), new("KR-01", opening_hours="8-"), new("MB-01")]
    answer = await client.post("/api/locations/import", content=json.dumps(rows))
    report = answer.json()
    assert (answer.status_code, report["created"], report["rejected"]) == (200, 2, 2)
    assert [(error["row"], error["column"]) for error in report["errors"]] == [(2, "code"), (3, "opening_hours")]
    csv = "code,name,country,time_zone\nKR-01,Kranj,SI,Europe/Ljubljana\n"
    dry = await client.post("/api/locations/import", params={"dry_run": "true"}, content=csv)
    assert (dry.json()["created"], dry.json()["dry_run"]) == (1, True)
    assert (await client.get("/api/locations/KR-01")).status_code == 404
    for content in (b"", b"\xff\xfe", b"[1,", b"code,name,country\n" + b"A,B,SI\n" * 5001):
        answer = await client.post("/api/locations/import", content=content)
        assert (answer.status_code, fields_at_fault(answer)) == (422, ["file"])


async def test_changes_are_announced_and_audited(client):
    await create(client)
    await client.put("/api/locations/LJ-01/switches", json={"active": False})
    await client.patch("/api/locations/LJ-01", json={"name": "New"}, headers={"If-Match": '"2"'})
    events = (await client.get("/api/events")).json()["items"]
    assert [(event["type"], event["aggregate_id"], event["data"]["fields"]) for event in events] == [
        ("location.changed", "LJ-01", ["*"]),
        ("location.changed", "LJ-01", ["active"]),
        ("location.changed", "LJ-01", ["name"]),
    ]


async def test_reading_and_writing_need_their_scopes(make_api_key, client):
    await create(client)
    reader = {"Authorization": f"Bearer {await make_api_key('locations:read')}"}
    stranger = {"Authorization": f"Bearer {await make_api_key('stock:read')}"}
    assert (await client.get("/api/locations", headers=reader)).status_code == 200
    assert (await client.get("/api/locations", headers=stranger)).status_code == 403
    assert (await client.post("/api/locations", json=new("B"), headers=reader)).status_code == 403
    assert (await client.post("/api/locations/import", content="[]", headers=reader)).status_code == 403
