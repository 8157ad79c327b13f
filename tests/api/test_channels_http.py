"""The channel registry over HTTP."""

import httpx
import pytest

from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


def faults(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json().get("errors", [])]


def new(code: str = "WEB-SI", **fields: object) -> dict[str, object]:
    return {
        "code": code,
        "kind": "web",
        "name": "Web shop",
        "country": "SI",
        "currency": "EUR",
        "language": "sl",
        "price_list": "EUR",
        **fields,
    }


@pytest.fixture
async def lists(client: httpx.AsyncClient) -> None:
    for code, currency, group in (("EUR", "EUR", None), ("PLN", "PLN", None), ("CLUB", "EUR", "club")):
        body = {"code": code, "name": code, "currency": currency, "customer_group": group}
        assert (await client.post("/api/price-lists", json=body)).status_code == 201


async def add_locations(db: Database, *codes: str) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO location (code, kind, name, country, time_zone) "
            "SELECT c, 'store', c, 'SI', 'Europe/Ljubljana' FROM unnest($1::text[]) c",
            list(codes),
        )


async def test_a_channel_is_made_listed_and_changed_by_version(client: httpx.AsyncClient, lists: None) -> None:
    created = await client.post("/api/channels", json=new(threshold=2, fee_basis_points=250))
    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    assert created.json()["price_list"] == "EUR"
    await client.post("/api/channels", json=new("SHOP", kind="store"))
    assert [c["code"] for c in (await client.get("/api/channels")).json()["items"]] == ["SHOP", "WEB-SI"]
    assert [c["code"] for c in (await client.get("/api/channels?kind=web")).json()["items"]] == ["WEB-SI"]
    change = {"currency": "PLN", "price_list": "PLN", "hold_seconds": 60}
    assert (await client.patch("/api/channels/WEB-SI", json=change)).status_code == 428
    done = await client.patch("/api/channels/WEB-SI", json=change, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert (done.json()["currency"], done.json()["threshold"]) == ("PLN", 2)
    assert (await client.patch("/api/channels/WEB-SI", json=change, headers={"If-Match": '"1"'})).status_code == 412
    audit = (await client.get("/api/audit", params={"subject": "channel", "subject_id": "WEB-SI"})).json()["items"]
    assert audit[0]["detail"]["currency"] == ["EUR", "PLN"]
    told = (await client.get("/api/events", params={"type": "channel.changed"})).json()["items"]
    assert [(e["data"]["code"], e["data"]["change"]) for e in told] == [
        ("WEB-SI", "created"),
        ("SHOP", "created"),
        ("WEB-SI", "changed"),
    ]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"currency": "PLN"}, 422, "currency"),
        ({"currency": "XXX"}, 422, "currency"),
        ({"country": "ZZ"}, 422, "country"),
        ({"language": "qqx"}, 422, "language"),
        ({"price_list": "GHOST"}, 422, "price_list"),
        ({"price_list": "CLUB"}, 422, "price_list"),
        ({"kind": "fax"}, 400, "kind"),
        ({"threshold": -1}, 400, "threshold"),
        ({"hold_seconds": 0}, 400, "hold_seconds"),
        ({"hold_seconds": 10**30}, 400, "hold_seconds"),
        ({"fee_basis_points": 10_001}, 400, "fee_basis_points"),
        ({"assortment": "some"}, 400, "assortment"),
        ({"code": "a b"}, 400, "code"),
    ],
)
async def test_a_bad_channel_names_its_field(
    client: httpx.AsyncClient, lists: None, fields: dict[str, object], status: int, field: str
) -> None:
    answer = await client.post("/api/channels", json=new(**fields))
    assert (answer.status_code, faults(answer)) == (status, [field]), answer.text
    assert (await client.get("/api/channels")).json()["items"] == []


async def test_a_field_that_is_missing_or_unknown_is_named_itself(client: httpx.AsyncClient, lists: None) -> None:
    async def refused(path: str, body: object) -> list[str]:
        answer = await client.post(path, json=body)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:kanava:problem:malformed-request")
        return faults(answer)

    assert await refused("/api/channels", {"code": "WEB-SI"}) == ["kind"]
    assert await refused("/api/channels", new(colour="red")) == ["colour"]
    assert await refused("/api/channels", []) == ["body"]
    quote = {"channel": "WEB-SI", "lines": [{"sku": "CUP", "quantity": 1, "colour": "red"}]}
    assert await refused("/api/prices/quote", quote) == ["lines[0].colour"]


async def test_a_code_is_given_once_and_an_unknown_one_is_not_found(client: httpx.AsyncClient, lists: None) -> None:
    await client.post("/api/channels", json=new())
    again = await client.post("/api/channels", json=new())
    assert (again.status_code, faults(again)) == (409, ["code"])
    for path in ("GHOST", "GHOST/locations", "GHOST/listings"):
        assert (await client.get(f"/api/channels/{path}")).json()["type"] == "urn:kanava:problem:channel-not-found"


async def test_serving_locations_are_replaced_as_a_whole(client: httpx.AsyncClient, lists: None, db: Database) -> None:
    await client.post("/api/channels", json=new())
    await add_locations(db, "LJ", "MB", "KP")
    path = "/api/channels/WEB-SI/locations"
    first = await client.put(path, json={"locations": [{"location": "LJ"}, {"location": "MB", "threshold": 3}]})
    assert first.json() == {"serving": 2, "added_or_changed": 2, "removed": 0}
    second = await client.put(path, json={"locations": [{"location": "KP"}, {"location": "MB", "threshold": 3}]})
    assert second.json() == {"serving": 2, "added_or_changed": 1, "removed": 1}
    bad = {"locations": [{"location": "LJ"}, {"location": "GHOST"}, {"location": "LJ"}]}
    refused = await client.put(path, json=bad)
    assert (refused.status_code, faults(refused)) == (422, ["locations[1].location", "locations[2].location"])
    seen = (await client.get(path)).json()["items"]
    assert seen == [{"location": "KP", "threshold": None}, {"location": "MB", "threshold": 3}]
    assert (await client.put(path, json={"locations": []})).json()["removed"] == 2


async def test_listings_are_added_paged_and_removed(client: httpx.AsyncClient, lists: None, db: Database) -> None:
    await client.post("/api/channels", json=new(assortment="listed"))
    async with db.transaction() as tx:
        product_id = await tx.fetchval("INSERT INTO product (handle) VALUES ('p') RETURNING product_id")
        await tx.execute(
            "INSERT INTO variant (product_id, sku) SELECT $1, 'S' || lpad(i::text, 3, '0') FROM generate_series(1, 600) i",
            product_id,
        )
    skus = [f"S{number:03}" for number in range(1, 601)]
    path = "/api/channels/WEB-SI/listings"
    refused = await client.post(f"{path}/add", json={"skus": ["S001", "GHOST"]})
    assert (refused.status_code, faults(refused)) == (422, ["skus[1]"])
    assert (await client.post(f"{path}/add", json={"skus": [*skus, "S001"]})).json() == {"changed": 600, "unchanged": 0}
    assert (await client.post(f"{path}/add", json={"skus": skus[:2]})).json() == {"changed": 0, "unchanged": 2}
    assert (await client.post(f"{path}/remove", json={"skus": skus[:2]})).json() == {"changed": 2, "unchanged": 0}
    page = (await client.get(path, params={"limit": 500})).json()
    rest = (await client.get(path, params={"limit": 500, "cursor": page["next_cursor"]})).json()
    assert [item["sku"] for item in page["items"] + rest["items"]] == skus[2:]
    told = (await client.get("/api/events", params={"type": "listings.changed"})).json()["items"]
    assert [(e["data"]["change"], len(e["data"]["skus"])) for e in told] == [
        ("added", 500),
        ("added", 100),
        ("removed", 2),
    ]


async def test_channels_need_their_scope(client: httpx.AsyncClient, lists: None, make_api_key) -> None:
    headers = {"Authorization": f"Bearer {await make_api_key('channels:read')}"}
    assert (await client.get("/api/channels", headers=headers)).status_code == 200
    assert (await client.post("/api/channels", json=new(), headers=headers)).status_code == 403
