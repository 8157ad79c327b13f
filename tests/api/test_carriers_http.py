"""Carriers over HTTP: written whole, read whole, and every mistake named."""

import json

import httpx
import pytest

from factories.carriers import POINT, make_carrier, put, service, zone
from factories.orders import make_shop
from kanava.carriers import service as carriers
from kanava.carriers.errors import CarrierTermsInvalid, UnreadableCarriersFile
from kanava.carriers.model import CarriersImported
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio

HOME = "/api/carriers/post/services/post-home"


def rate(up_to: int, **prices: int) -> dict:
    return {"weight_grams_up_to": up_to, "cost_minor": 300, "prices": prices or {"EUR": 490}}


async def refused(client: httpx.AsyncClient, body: dict) -> dict[str, str]:
    answer = await put(client, HOME, body, 422)
    return {error["field"]: error["reason"] for error in answer["errors"]}


async def test_a_carrier_is_made_read_and_replaced(client: httpx.AsyncClient) -> None:
    url = "https://post.example/{tracking_number}"
    made = await put(client, "/api/carriers/post", {"name": "Post", "tracking_url": url})
    assert (made["version"], made["active"]) == (1, True)
    await put(client, "/api/carriers/post", {"name": "Other"}, 428)
    changed = await put(client, "/api/carriers/post", {"name": "Other"}, version=1)
    assert (changed["name"], changed["tracking_url"], changed["version"]) == ("Other", "", 2)
    await put(client, "/api/carriers/post", {"name": "Third"}, 412, version=1)
    await put(client, "/api/carriers/nobody", {"name": "Third"}, 404, version=1)
    read = await client.get("/api/carriers/post")
    assert (read.json(), read.headers["etag"]) == (changed, '"2"')
    assert [c["code"] for c in (await client.get("/api/carriers")).json()["items"]] == ["post"]


@pytest.mark.parametrize(
    "url", ["ftp://post.example/{tracking_number}", "https://post.example/", "https://a b/{tracking_number}"]
)
async def test_a_tracking_page_needs_a_place_for_the_number(client: httpx.AsyncClient, url: str) -> None:
    answer = await put(client, "/api/carriers/post", {"name": "Post", "tracking_url": url}, 422)
    assert answer["errors"][0]["field"] == "tracking_url"


async def test_a_service_is_written_whole(client: httpx.AsyncClient) -> None:
    await make_carrier(client)
    made = await put(client, HOME, service())
    assert (made["carrier"], made["code"], made["version"]) == ("post", "post-home", 1)
    two = service("address", zone(), zone("abroad", destinations=[{"country": "HR", "postal_prefixes": ["10", "1"]}]))
    await put(client, HOME, two, 428)
    changed = await put(client, HOME, two, version=1)
    assert [each["code"] for each in changed["terms"]["zones"]] == ["home", "abroad"]
    assert (await client.get(HOME)).json() == changed
    assert (await client.get("/api/carriers/post/services")).json()["items"] == [changed]


async def test_a_service_code_is_one_carriers_only(client: httpx.AsyncClient) -> None:
    await make_carrier(client, post_home=service())
    await make_carrier(client, "bike")
    answer = await put(client, "/api/carriers/bike/services/post-home", service(), 409)
    assert answer["type"] == "urn:kanava:problem:service-code-taken"
    assert (await client.get("/api/carriers/bike/services/post-home")).status_code == 404
    assert (await client.get("/api/carriers/nobody/services")).status_code == 404


async def test_zones_that_overlap_are_named(client: httpx.AsyncClient) -> None:
    await make_carrier(client)
    errors = await refused(client, service("address", zone(), zone("second")))
    assert "already" in errors["terms.zones[1].destinations[0].country"]
    prefixed = [{"country": "SI", "postal_prefixes": ["1", "10-0", "100"]}]
    errors = await refused(client, service("address", zone(destinations=prefixed)))
    assert list(errors) == ["terms.zones[0].destinations[0].postal_prefixes[2]"]
    # A part of a country is no overlap: the longer prefix wins.
    part = zone("city", destinations=[{"country": "SI", "postal_prefixes": ["10"]}])
    await put(client, HOME, service("address", zone(), part))


async def test_weights_without_a_rate_are_named(client: httpx.AsyncClient) -> None:
    await make_carrier(client)
    errors = await refused(client, service("address", zone(rates=[rate(5_000)])))
    assert errors["terms.zones[0].rates"] == "Parcels of 5001 to 10000 g have no rate."
    errors = await refused(client, service("address", zone(rates=[rate(10_000), rate(5_000)])))
    assert list(errors) == ["terms.zones[0].rates[1].weight_grams_up_to"]
    errors = await refused(client, service("address", zone(rates=[rate(20_000)])))
    assert "up to 10000 g" in errors["terms.zones[0].rates[0].weight_grams_up_to"]
    errors = await refused(client, service("address", zone(rates=[rate(5_000, EUR=1, PLN=2), rate(10_000, EUR=2)])))
    assert errors["terms.zones[0].rates[1].prices"].startswith("PLN has a price")


async def test_what_does_not_exist_is_named(client: httpx.AsyncClient) -> None:
    await make_carrier(client)
    wrong = zone(origins=["SI", "ZZ", "SI"], destinations=[{"country": "QQ"}], rates=[rate(10_000, XQX=1)])
    errors = await refused(client, service("address", wrong, location_cut_offs={"NOWHERE": {}}))
    assert set(errors) == {
        "terms.location_cut_offs.NOWHERE",
        "terms.zones[0].origins[1]",
        "terms.zones[0].origins[2]",
        "terms.zones[0].destinations[0].country",
        "terms.zones[0].rates[0].prices.XQX",
    }
    errors = await refused(client, service(cut_offs={}))
    assert list(errors) == ["terms.cut_offs"]
    for body in (service(cut_offs={"mo": "25:00"}), service(cut_offs={"monday": "16:00"}), service("drone")):
        assert (await client.put(HOME, json=body)).status_code in (400, 422)


async def test_pickup_points_are_written_replaced_and_removed(client: httpx.AsyncClient) -> None:
    await make_carrier(client)
    path = "/api/carriers/post/pickup-points"
    points = [POINT, POINT | {"code": "P-2", "country": "HR"}]
    assert await put(client, path, {"points": points}) == {"points": 2, "changed": 2, "removed": 0}
    assert (await put(client, path, {"points": points}))["changed"] == 0
    assert [p["code"] for p in (await client.get(path, params={"country": "HR"})).json()["items"]] == ["P-2"]
    replaced = await put(client, path, {"points": [POINT | {"code": "P-3"}], "replace": True})
    assert replaced == {"points": 1, "changed": 1, "removed": 2}
    assert (await client.delete(f"{path}/P-3")).status_code == 204
    assert (await client.delete(f"{path}/P-3")).status_code == 404
    twice = await put(client, path, {"points": [POINT, POINT]}, 422)
    assert twice["errors"][0]["field"] == "points[1].code"


async def test_only_those_who_may_change_carriers_do(client: httpx.AsyncClient, make_api_key: object) -> None:
    reader = {"Authorization": f"Bearer {await make_api_key('carriers:read')}"}  # type: ignore[operator]
    assert (await client.get("/api/carriers", headers=reader)).status_code == 200
    assert (await client.put("/api/carriers/post", json={"name": "Post"}, headers=reader)).status_code == 403


async def test_what_is_exported_can_be_imported(client: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db)
    await make_carrier(client, post_home=service(location_cut_offs={"LJ": {"mo": "12:00"}}))
    await put(client, "/api/carriers/post/pickup-points", {"points": [POINT]})
    async with db.transaction() as tx:
        document = await carriers.export_carriers(tx)
        assert await carriers.import_carriers(tx, SYSTEM, document, clock.now()) == CarriersImported(0, 0, 0)
        await tx.execute("DELETE FROM pickup_point")
        await tx.execute("DELETE FROM carrier_service")
        await tx.execute("DELETE FROM carrier")
        assert await carriers.import_carriers(tx, SYSTEM, document, clock.now()) == CarriersImported(1, 1, 1)
        assert await carriers.export_carriers(tx) == document


async def test_a_file_that_is_no_document_is_refused_with_the_place(client: httpx.AsyncClient, db: Database) -> None:
    with pytest.raises(UnreadableCarriersFile, match=r"carriers\[0\]"):
        carriers.read_carriers(json.dumps({"carriers": [{"code": "post", "carrier": {"name": 7}}]}).encode())
    wrong = {"code": "post", "carrier": {"name": "Post"}, "services": [{"code": "a", "service": service(cut_offs={})}]}
    document = carriers.read_carriers(json.dumps({"carriers": [wrong]}).encode())
    async with db.transaction() as tx:
        with pytest.raises(CarrierTermsInvalid) as raised:
            await carriers.import_carriers(tx, SYSTEM, document, clock.now())
    assert raised.value.errors[0].field == "carriers[0].services[0].terms.cut_offs"
