"""Price lists, prices, VAT rates and quotes over HTTP."""

import json

import httpx
import pytest

from kanava.platform.db import Database
from kanava.pricing import service

pytestmark = pytest.mark.anyio


def faults(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json().get("errors", [])]


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["type"].removeprefix("urn:kanava:problem:")


async def add_variants(db: Database, *skus: str, tax_category: str = "standard", status: str = "active") -> None:
    async with db.transaction() as tx:
        product_id = await tx.fetchval(
            "INSERT INTO product (handle, status, tax_category) VALUES ($1, $2, $3) RETURNING product_id",
            f"of-{skus[0].lower()}",
            status,
            tax_category,
        )
        await tx.execute("INSERT INTO variant (product_id, sku) SELECT $1, unnest($2::text[])", product_id, list(skus))


async def add_list(client: httpx.AsyncClient, code: str = "EUR-RETAIL", **fields: object) -> None:
    body = {"code": code, "name": code, "currency": "EUR", **fields}
    answer = await client.post("/api/price-lists", json=body)
    assert answer.status_code == 201, answer.text


async def put(client: httpx.AsyncClient, code: str, *prices: dict[str, object], **fields: object) -> httpx.Response:
    return await client.put(f"/api/price-lists/{code}/prices", json={"prices": prices, **fields})


async def shop(client: httpx.AsyncClient, db: Database, **channel: object) -> None:
    """A shop in Slovenia with a tent (22 %) and a book (5 %), and cheaper tents for the club."""
    await add_variants(db, "TENT", "SOCK")
    await add_variants(db, "BOOK", tax_category="books")
    async with db.transaction() as tx:
        await service.seed_tax_rates(tx)
    await add_list(client)
    await add_list(client, "EUR-CLUB", customer_group="club")
    retail = [{"sku": "TENT", "amount_minor": 19900}, {"sku": "BOOK", "amount_minor": 2100}]
    socks = [{"sku": "SOCK", "amount_minor": 1000}, {"sku": "SOCK", "amount_minor": 800, "quantity_from": 10}]
    assert (await put(client, "EUR-RETAIL", *retail, *socks)).json()["written"] == 4
    club = [{"sku": "TENT", "amount_minor": 17900}, {"sku": "SOCK", "amount_minor": 600, "quantity_from": 20}]
    assert (await put(client, "EUR-CLUB", *club)).json()["written"] == 2
    body = {
        "code": "WEB-SI",
        "kind": "web",
        "name": "Web",
        "country": "SI",
        "currency": "EUR",
        "language": "sl",
        "price_list": "EUR-RETAIL",
        **channel,
    }
    answer = await client.post("/api/channels", json=body)
    assert answer.status_code == 201, answer.text


async def quote(client: httpx.AsyncClient, *lines: tuple[str, int], **fields: object) -> httpx.Response:
    body = {"channel": "WEB-SI", "lines": [{"sku": sku, "quantity": n} for sku, n in lines], **fields}
    return await client.post("/api/prices/quote", json=body)


async def test_a_price_list_is_made_read_and_changed_by_version(client: httpx.AsyncClient) -> None:
    await add_list(client)
    read = await client.get("/api/price-lists/EUR-RETAIL")
    assert (read.headers["etag"], read.json()["tax_inclusive"], read.json()["valid_until"]) == ('"1"', True, None)
    change = {"name": "Retail", "valid_until": "2027-01-01T00:00:00Z"}
    unversioned = await client.patch("/api/price-lists/EUR-RETAIL", json=change)
    assert problem(unversioned) == (428, "precondition-required")
    done = await client.patch("/api/price-lists/EUR-RETAIL", json=change, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"], done.json()["name"]) == (200, '"2"', "Retail")
    late = await client.patch("/api/price-lists/EUR-RETAIL", json={"name": "x"}, headers={"If-Match": '"1"'})
    assert problem(late) == (412, "precondition-failed")
    events = (await client.get("/api/events", params={"type": "price_list.changed"})).json()["items"]
    assert [event["data"]["change"] for event in events] == ["created", "changed"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"code": "A", "name": "A", "currency": "XXX"}, 422, "currency"),
        ({"code": "A", "name": "A", "currency": "euro"}, 400, "currency"),
        ({"code": "A b", "name": "A", "currency": "EUR"}, 400, "code"),
        ({"code": "A", "name": "", "currency": "EUR"}, 400, "name"),
        ({"code": "A", "name": "A", "currency": "EUR", "customer_group": "g" * 101}, 400, "customer_group"),
        ({"code": "A", "name": "A", "currency": "EUR", "valid_from": "2026-01-01T00:00:00"}, 400, "valid_from"),
        (
            {
                "code": "A",
                "name": "A",
                "currency": "EUR",
                "valid_from": "2026-02-01T00:00:00Z",
                "valid_until": "2026-01-01T00:00:00Z",
            },
            422,
            "valid_until",
        ),
    ],
)
async def test_a_bad_price_list_names_its_field(
    client: httpx.AsyncClient, body: dict[str, object], status: int, field: str
) -> None:
    answer = await client.post("/api/price-lists", json=body)
    assert (answer.status_code, faults(answer)) == (status, [field])
    assert (await client.get("/api/price-lists")).json()["items"] == []


async def test_codes_are_given_once_and_a_group_has_one_list_per_currency(client: httpx.AsyncClient) -> None:
    await add_list(client)
    again = await client.post("/api/price-lists", json={"code": "EUR-RETAIL", "name": "x", "currency": "EUR"})
    assert (problem(again), faults(again)) == ((409, "price-list-exists"), ["code"])
    await add_list(client, "CLUB", customer_group="club")
    await add_list(client, "CLUB-PLN", customer_group="club", currency="PLN")
    other = await client.post(
        "/api/price-lists", json={"code": "CLUB-2", "name": "x", "currency": "EUR", "customer_group": "club"}
    )
    assert (problem(other), faults(other)) == ((409, "price-list-exists"), ["customer_group"])


async def test_bad_rows_are_named_over_http_and_nothing_is_half_written(
    client: httpx.AsyncClient, db: Database
) -> None:
    await add_variants(db, "TENT")
    await add_list(client)
    answer = await put(
        client,
        "EUR-RETAIL",
        {"sku": "TENT", "amount_minor": 1},
        {"sku": "GHOST", "amount_minor": 1},
        {"sku": "TENT", "amount_minor": 1, "valid_from": "2027-01-01T00:00:00Z"},
    )
    assert (problem(answer), answer.json()["rejected"]) == ((422, "prices-rejected"), 1)
    assert faults(answer) == ["prices[1].sku"]
    overlap = await put(
        client,
        "EUR-RETAIL",
        {"sku": "TENT", "amount_minor": 1},
        {"sku": "TENT", "amount_minor": 1, "valid_from": "2027-01-01T00:00:00Z"},
    )
    assert faults(overlap) == ["prices[1].valid_from"]
    assert "prices[0]" in overlap.json()["errors"][0]["reason"]
    assert (await client.get("/api/price-lists/EUR-RETAIL/prices")).json()["items"] == []


async def test_the_form_of_a_request_is_checked(client: httpx.AsyncClient) -> None:
    await add_list(client)
    for prices, field in (
        ([], "prices"),
        ([{"sku": "A", "amount_minor": 1.5}], "prices[0].amount_minor"),
        ([{"sku": "A", "amount_minor": 1}] * 10_001, "prices"),
        ([{"sku": "A", "amount_minor": 1, "amount": 2}], "prices[0].amount"),
    ):
        answer = await client.put("/api/price-lists/EUR-RETAIL/prices", json={"prices": prices})
        assert (answer.status_code, faults(answer)) == (400, [field]), answer.text
    missing = await put(client, "NOWHERE", {"sku": "A", "amount_minor": 1})
    assert problem(missing) == (404, "price-list-not-found")


async def test_prices_are_listed_and_removed(client: httpx.AsyncClient, db: Database) -> None:
    await add_variants(db, "TENT", "SOCK")
    await add_list(client)
    await put(client, "EUR-RETAIL", {"sku": "TENT", "amount_minor": 19900}, {"sku": "SOCK", "amount_minor": 900})
    first = (await client.get("/api/price-lists/EUR-RETAIL/prices", params={"limit": 1})).json()
    rest = (await client.get("/api/price-lists/EUR-RETAIL/prices", params={"cursor": first["next_cursor"]})).json()
    assert [item["sku"] for item in first["items"] + rest["items"]] == ["TENT", "SOCK"]
    assert first["items"][0]["currency"] == "EUR"
    unknown = await client.post("/api/price-lists/EUR-RETAIL/prices/remove", json={"prices": [{"sku": "GHOST"}]})
    assert (unknown.status_code, faults(unknown)) == (422, ["prices[0].sku"])
    gone = await client.post("/api/price-lists/EUR-RETAIL/prices/remove", json={"prices": [{"sku": "SOCK"}]})
    assert (gone.status_code, gone.json()) == (200, {"removed": 1})


async def test_a_cart_is_quoted_with_its_taxes(client: httpx.AsyncClient, db: Database) -> None:
    await shop(client, db)
    answer = await quote(client, ("TENT", 1), ("BOOK", 2))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["total"] == {"amount_minor": 24100, "currency": "EUR"}
    assert body["lines"][0]["tax"] == {"amount_minor": 3589, "currency": "EUR"}
    rates = [
        (tax["tax_rate_basis_points"], tax["net"]["amount_minor"], tax["tax"]["amount_minor"]) for tax in body["taxes"]
    ]
    assert rates == [(500, 4000, 200), (2200, 16311, 3589)]


async def test_the_destination_decides_the_tax_and_the_group_the_price(client: httpx.AsyncClient, db: Database) -> None:
    await shop(client, db)
    abroad = (await quote(client, ("TENT", 1), country="HU")).json()
    assert (abroad["total"]["amount_minor"], abroad["lines"][0]["tax_rate_basis_points"]) == (19900, 2700)
    club = (await quote(client, ("TENT", 1), ("BOOK", 1), customer_group="club")).json()
    assert [line["unit_price"]["amount_minor"] for line in club["lines"]] == [17900, 2100]


async def test_quantity_breaks_count_lines_together_and_the_groups_break_beats(
    client: httpx.AsyncClient, db: Database
) -> None:
    await shop(client, db)
    for group, quantities, unit in [
        (None, (9,), 1000),
        (None, (6, 4), 800),
        ("club", (6, 4), 800),
        ("club", (15, 5), 600),
        (None, (15, 5), 800),
    ]:
        answer = await quote(client, *[("SOCK", n) for n in quantities], customer_group=group)
        assert {line["unit_price"]["amount_minor"] for line in answer.json()["lines"]} == {unit}


async def test_a_quote_can_look_into_the_future(client: httpx.AsyncClient, db: Database) -> None:
    await shop(client, db)
    begins = "2030-12-01T00:00:00Z"
    await put(
        client,
        "EUR-RETAIL",
        {"sku": "TENT", "amount_minor": 19900, "valid_until": begins},
        {"sku": "TENT", "amount_minor": 9900, "valid_from": begins},
    )
    before = (await quote(client, ("TENT", 1), at="2030-11-30T23:59:59Z")).json()
    after = (await quote(client, ("TENT", 1), at="2030-12-01T01:00:00+01:00")).json()
    assert (before["total"]["amount_minor"], after["total"]["amount_minor"]) == (19900, 9900)


async def test_what_cannot_be_quoted_is_named(client: httpx.AsyncClient, db: Database) -> None:
    await shop(client, db)
    await add_variants(db, "FREE", "SAIL")
    await add_variants(db, "DRAFT", status="draft")
    cases: list[tuple[list[tuple[str, int]], dict[str, object], int, str, list[str]]] = [
        ([("TENT", 1), ("GHOST", 1), ("DRAFT", 1)], {}, 422, "not-sold-on-channel", ["lines[1].sku", "lines[2].sku"]),
        ([("TENT", 1), ("FREE", 1)], {}, 422, "price-missing", ["lines[1].sku"]),
        ([("TENT", 0)], {}, 422, "quantity-out-of-range", ["lines[0].quantity"]),
        ([("TENT", 10**20)], {}, 422, "quantity-out-of-range", ["lines[0].quantity"]),
        ([("TENT", 1)], {"country": "ZZ"}, 422, "invalid-input", ["country"]),
        ([("TENT", 1)], {"country": "US"}, 422, "tax-rate-missing", ["country"]),
        ([("TENT", 1)], {"channel": "GHOST"}, 422, "invalid-input", ["channel"]),
        ([("TENT", 1)], {"customer_group": "g" * 101}, 400, "malformed-request", ["customer_group"]),
        ([], {}, 400, "malformed-request", ["lines"]),
    ]
    for lines, fields, status, slug, named in cases:
        answer = await quote(client, *lines, **fields)
        assert (problem(answer), faults(answer)) == ((status, slug), named), json.dumps(fields)


async def test_a_listed_channel_quotes_only_what_it_lists(client: httpx.AsyncClient, db: Database) -> None:
    await shop(client, db, assortment="listed")
    assert faults(await quote(client, ("TENT", 1))) == ["lines[0].sku"]
    listed = await client.post("/api/channels/WEB-SI/listings/add", json={"skus": ["TENT"]})
    assert listed.json() == {"changed": 1, "unchanged": 0}
    assert (await quote(client, ("TENT", 1))).status_code == 200


async def test_vat_rates_are_set_listed_and_removed(client: httpx.AsyncClient) -> None:
    wrong = {"rates": [{"country": "ZZ", "tax_category": "books", "rate_basis_points": 1}]}
    answer = await client.put("/api/tax-rates", json=wrong)
    assert (answer.status_code, faults(answer)) == (422, ["rates[0].country"])
    rates = [
        {"country": "US", "tax_category": "standard", "rate_basis_points": 0},
        {"country": "US", "tax_category": "standard", "rate_basis_points": 100, "valid_from": "2027-01-01"},
    ]
    assert (await client.put("/api/tax-rates", json={"rates": rates})).json() == {"written": 2}
    seen = (await client.get("/api/tax-rates", params={"country": "US"})).json()["items"]
    assert [(rate["valid_from"], rate["source"]) for rate in seen] == [(None, "api"), ("2027-01-01", "api")]
    path = "/api/tax-rates/US/standard"
    assert (await client.delete(path, params={"valid_from": "2027-01-01"})).status_code == 204
    assert problem(await client.delete(path, params={"valid_from": "2027-01-01"})) == (404, "not-found")


async def test_prices_need_their_scope(client: httpx.AsyncClient, make_api_key) -> None:
    headers = {"Authorization": f"Bearer {await make_api_key('prices:read')}"}
    assert (await client.get("/api/price-lists", headers=headers)).status_code == 200
    body = {"code": "A", "name": "A", "currency": "EUR"}
    assert problem(await client.post("/api/price-lists", json=body, headers=headers)) == (403, "forbidden")
