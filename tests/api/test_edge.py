"""The HTTP edge: health, metrics, errors, limits, access."""

import asyncio
import re

import httpx
import pytest

from factories.orders import make_shop
from kanava.platform.db import Database
from kanava.platform.openapi import OPEN_PATHS

pytestmark = pytest.mark.anyio


async def test_health_and_metrics_need_no_key(client: httpx.AsyncClient) -> None:
    client.headers.pop("Authorization")
    assert (await client.get("/health/live")).json() == {"status": "ok"}
    assert (await client.get("/health/ready")).json() == {"status": "ok"}
    assert "kanava_http_request_seconds_bucket" in (await client.get("/metrics")).text


async def test_every_answer_has_a_request_id_and_keeps_the_callers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).headers["x-request-id"]
    given = await client.get("/api/nothing", headers={"X-Request-ID": "trace-7"})
    assert given.headers["x-request-id"] == given.json()["request_id"] == "trace-7"


async def test_a_method_that_nobody_knows_makes_no_series_of_its_own(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.request(f"BREW{number}", "/health/live")
    series = [line for line in (await client.get("/metrics")).text.splitlines() if "kanava_http_request" in line]
    assert not [line for line in series if "BREW" in line]
    assert [line for line in series if 'method="other"' in line]


async def test_the_documentation_page_asks_nobody_but_us(client: httpx.AsyncClient) -> None:
    client.headers.pop("Authorization")
    page = await client.get("/api")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "//" not in policy
    named = re.findall(r'(?:src|href)="(.+?)"', page.text)
    assert len(named) == 5
    assert [address for address in named if not address.startswith(("/api/", "data:"))] == []
    for address in named:
        if address.startswith("/api/"):
            found = await client.get(address)
            assert (found.status_code, len(found.content) > 50) == (200, True), address
    assert (await client.get("/api/reference/swagger-ui.js")).headers["content-type"].startswith("text/javascript")
    assert (await client.get("/api/reference/__init__.py")).status_code == 404


async def test_errors_of_the_framework_are_problem_documents(client: httpx.AsyncClient) -> None:
    for answer, status, title in (
        (await client.get("/api/nothing"), 404, "There is nothing at this path."),
        (await client.delete("/api/orders"), 405, "This path does not know the method."),
        (
            await client.post("/api/orders", content=b"{", headers={"Content-Type": "application/json"}),
            400,
            "The request does not have the right form.",
        ),
    ):
        assert (answer.status_code, answer.json()["title"]) == (status, title)
        assert answer.json()["detail"]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].startswith("urn:kanava:problem:")


async def test_a_body_of_a_hundred_megabytes_is_refused(server: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db)

    async def body():
        for _ in range(100):
            yield b" " * 1_000_000

    answer = await server.post("/api/orders", content=body(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (413, "body")
    assert answer.json()["title"] == "The body is too large."
    declared = await server.post("/api/orders", content=b" " * 100_000_000)
    assert declared.status_code == 413
    assert (await server.get("/health/ready")).status_code == 200


async def test_a_nul_byte_is_refused_and_not_a_fault(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    answer = await client.post(
        "/api/orders",
        json={
            "order_id": "01a200e0-d3a1-73e9-8af3-6a177336f917",
            "channel": "web",
            "lines": [{"sku": "CUP", "quantity": 1}],
            "ship_to": {"country": "SI", "name": "a\u0000b"},
        },
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "ship_to.name")


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/api/products?brand=a%00b", "brand"),
        ("GET", "/api/stock/a%00b", "sku"),
        ("GET", "/api/products?cursor=WyJcdTAwMDAiXQ", "cursor"),
        (
            "GET",
            "/api/events?cursor=WzExODA1OTE2MjA3MTc0MTEzMDM0MjQsICI0NDcxODc4YS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ",
            "cursor",
        ),
        ("GET", "/api/orders?placed_from=0001-01-01T00:00:00%2B14:00", "placed_from"),
        (
            "GET",
            "/api/orders?cursor=WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwIiwiMDFhMjAwZTAtZDNhMS03M2U5LThhZjMtNmExNzczMzZmOTE3Il0",
            "cursor",
        ),
    ],
)
async def test_what_no_column_holds_is_refused_by_name(
    client: httpx.AsyncClient, method: str, path: str, field: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("path", ["/api/orders", "/api/stock/updates", "/api/brands"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"source": "\xff"}',
        b"[" * 100_000,
        b'{"source": "e", "sequence": 1, "rows": [{"sku": 5}',
        "{}".encode("utf-16"),
    ],
)
async def test_a_body_that_is_no_json_is_refused(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    answer = await client.post(path, content=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body")


async def test_a_broken_row_of_a_message_is_refused_alone(client: httpx.AsyncClient) -> None:
    rows = b'{"sku": "\xff", "location": "x", "on_hand": 1}, {"sku": 5}, {"x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    answer = await client.post(
        "/api/stock/updates", content=b'{"source": "erp", "sequence": 1, "rows": [' + rows + b"]}"
    )
    assert answer.status_code == 400
    zero = {"source": "erp", "sequence": 1, "rows": [{"sku": "a\u0000", "location": "x", "on_hand": 1}]}
    answer = await client.post("/api/stock/updates", json=zero)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "rows[0].sku")


async def test_nothing_is_told_without_credentials(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    client.headers.pop("Authorization")
    told = []
    for path, operations in document["paths"].items():
        for method in operations:
            if path not in OPEN_PATHS:
                answer = await client.request(method, path.replace("{", "x").replace("}", "x"))
                # An id that is no id leads nowhere, whoever asks.
                told += [f"{method} {path} {answer.status_code}"] if answer.status_code not in {401, 404} else []
    assert told == []


async def test_five_wrong_passwords_and_the_account_waits(client: httpx.AsyncClient) -> None:
    person = {"email": "Maja@Example.com", "name": "Maja", "password": "correct horse", "roles": [{"role": "analyst"}]}
    assert (await client.post("/api/staff", json=person)).status_code == 201
    for _ in range(5):
        wrong = await client.post("/api/sessions", json={"email": "maja@example.com", "password": "wrong horse"})
        assert wrong.status_code == 401
    locked = await client.post("/api/sessions", json={"email": "maja@example.com", "password": "correct horse"})
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 0


async def test_roles_say_what_a_person_may_do_and_where(db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    person = {
        "email": "jan@example.com",
        "name": "Jan",
        "password": "a long password",
        "roles": [{"role": "associate", "location": "LJ"}],
    }
    assert (await client.post("/api/staff", json=person)).status_code == 201
    session = (
        await client.post("/api/sessions", json={"email": person["email"], "password": person["password"]})
    ).json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    me = (await client.get("/api/me", headers=headers)).json()
    assert me["every_location"] is False
    assert "orders:write" in me["scopes"]
    assert (await client.get("/api/staff", headers=headers)).status_code == 403
    order = {
        "channel": "till",
        "lines": [{"sku": "CUP", "quantity": 1, "fulfilment": {"kind": "carry_out", "location": "MB"}}],
    }
    elsewhere = await client.post(
        "/api/orders", json={**order, "order_id": "01a200e0-d3a1-73e9-8af3-6a177336f917"}, headers=headers
    )
    assert elsewhere.status_code == 403
    assert (await client.post("/api/sessions/end", headers=headers)).status_code == 204
    assert (await client.get("/api/me", headers=headers)).status_code == 401
    unknown = {**person, "email": "eva@example.com", "roles": [{"role": "emperor"}]}
    answer = await client.post("/api/staff", json=unknown)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "roles[0].role")


async def test_ready_says_so_when_the_database_is_busy_for_others(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*[client.get("/health/ready") for _ in range(40)])
    assert {answer.status_code for answer in answers} == {200}


async def test_the_openapi_document_describes_every_path(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert len(document["paths"]) > 60
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert operation.get("tags"), f"{method} {path}"


async def test_changes_by_keys_are_in_the_audit_log(client: httpx.AsyncClient) -> None:
    key = (await client.post("/api/api-keys", json={"name": "till", "scopes": ["orders:write"]})).json()["api_key"]
    entries = (await client.get("/api/audit", params={"subject": "api_key"})).json()["items"]
    assert entries[0]["subject_id"] == key["prefix"]
    assert entries[0]["actor"].startswith("api_key:")
    wrong = await client.get("/api/audit", params={"cursor": "nonsense"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "cursor")


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path, status in (("/health/ready", 200), ("/api/orders", 200), ("/api/orders/nothing", 404), ("/nowhere", 404)):
        asked = await client.get(path)
        head = await client.head(path)
        assert (head.status_code, head.content) == (asked.status_code, b""), path
        assert head.status_code == status, path
        assert head.headers["content-type"] == asked.headers["content-type"]
    counted = (await client.get("/metrics")).text
    assert 'kanava_http_request_seconds_count{method="HEAD",route="/api/orders",status="200"}' in counted


@pytest.mark.parametrize("path", ["/nowhere", "/kiosk", "/store/nothing/at/all"])
async def test_people_see_a_page_where_nothing_is_and_programs_a_problem(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers={"accept": "text/html,*/*", "accept-language": "sl"}, follow_redirects=True)
    assert page.headers["content-type"].startswith("text/html")
    assert 'lang="sl"' in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    problem = await client.get("/api/nothing", headers={"accept": "text/html"})
    assert (problem.status_code, problem.json()["type"]) == (404, "urn:kanava:problem:no-such-path")
    assert (await client.get("/nowhere")).headers["content-type"] == "application/problem+json"
