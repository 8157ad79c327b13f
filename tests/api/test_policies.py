"""Policies: written over the API and at the console, read in the shop; what is written never runs."""

import gzip
import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from factories.orders import Shop, make_shop
from factories.policies import write_policy
from kanava.platform import auth, staff
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
ORIGIN = {"Origin": "http://kanava.test"}
MakeKey = Callable[..., Awaitable[str]]


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


def faults(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json().get("errors", [])]


async def test_a_policy_is_made_replaced_by_version_listed_and_removed(client: httpx.AsyncClient) -> None:
    made = await write_policy(client, body="# Prvo\n")
    assert (made.status_code, made.headers["etag"], made.json()["body"]) == (200, '"1"', "# Prvo")
    assert (await write_policy(client)).status_code == 428
    assert (await write_policy(client, **{"If-Match": '"7"'})).status_code == 412
    again = await write_policy(client, title="Novo", **{"If-Match": '"1"'})
    assert (again.json()["version"], again.json()["title"]) == (2, "Novo")
    assert (await write_policy(client, "SI/privacy/sl", **{"If-Match": '"1"'})).status_code == 404
    await write_policy(client, "HR/terms/hr", "Uvjeti")
    of_all = (await client.get("/api/policies?limit=1")).json()
    assert [each["title"] for each in of_all["items"]] == ["Uvjeti"]
    rest = (await client.get("/api/policies", params={"cursor": of_all["next_cursor"]})).json()
    assert [(each["title"], "body" in each) for each in rest["items"]] == [("Novo", False)]
    of_country = (await client.get("/api/policies?country=SI")).json()["items"]
    assert [each["language"] for each in of_country] == ["sl"]
    assert (await client.delete("/api/policies/SI/terms/sl")).status_code == 204
    assert (await client.delete("/api/policies/SI/terms/sl")).status_code == 404
    assert (await client.get("/api/policies/SI/terms/sl")).status_code == 404
    audit = (await client.get("/api/audit", params={"subject": "policy", "subject_id": "SI/terms/sl"})).json()["items"]
    assert [each["action"] for each in audit] == ["delete", "change", "create"]
    assert audit[1]["detail"] == {"title": "Novo", "body": "Besedilo"}


@pytest.mark.parametrize(
    ("key", "text", "status", "field"),
    [
        ("ZZ/terms/sl", {}, 422, "country"),
        ("si/terms/sl", {}, 400, "country"),
        ("SI/cookies/sl", {}, 400, "kind"),
        ("SI/terms/qqx", {}, 422, "language"),
        ("SI/terms/Slovene", {}, 400, "language"),
        ("SI/terms/sl", {"title": " "}, 422, "title"),
        ("SI/terms/sl", {"body": "\n"}, 422, "body"),
        ("SI/terms/sl", {"body": "x" * 100_001}, 400, "body"),
    ],
)
async def test_what_cannot_be_a_policy_is_named(
    client: httpx.AsyncClient, key: str, text: dict[str, str], status: int, field: str
) -> None:
    answer = await write_policy(client, key, **text)
    assert (answer.status_code, faults(answer)) == (status, [field])


async def test_who_may_read_may_not_write(client: httpx.AsyncClient, make_api_key: MakeKey) -> None:
    await write_policy(client)
    client.headers["Authorization"] = f"Bearer {await make_api_key('channels:read')}"
    assert (await client.get("/api/policies/SI/terms/sl")).status_code == 200
    assert (await write_policy(client, **{"If-Match": '"1"'})).status_code == 403
    assert (await client.delete("/api/policies/SI/terms/sl")).status_code == 403
    client.headers["Authorization"] = f"Bearer {await make_api_key('catalog:read')}"
    assert (await client.get("/api/policies")).status_code == 403


BODY = """# First

See [returns](https://example.com/r) and [this](javascript:alert(1)).

<script>alert('x')</script>

<img src=x onerror=alert(2)> ![picture](https://tracker.example/p.png)

- one
- **two**
"""


async def test_nothing_of_a_body_runs(client: httpx.AsyncClient, shop: Shop) -> None:
    await write_policy(client, "SI/terms/en", "<script>alert('t')</script>", BODY)
    page = (await client.get("/si/en/policies/terms")).text
    for bad in (
        "<script>alert",
        "<img src=x",
        "<img src=&quot;https://tracker",
        'tracker.example/p.png"',
        'href="javascript',
    ):
        assert bad not in page, bad
    assert "&lt;script&gt;alert" in page
    assert "<h2>First</h2>" in page
    assert page.count("<h1") == 1
    assert '<a href="https://example.com/r" rel="noopener noreferrer">returns</a>' in page
    assert "<li><strong>two</strong></li>" in page


async def test_a_policy_is_shown_in_the_language_that_there_is_and_a_missing_one_is_no_dead_link(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    assert "/policies/" not in (await client.get("/si/en")).text
    assert (await client.get("/si/en/policies/terms")).status_code == 404
    assert (await client.get("/si/en/policies/nonsense")).status_code == 404
    await write_policy(client, "SI/terms/hu", "Feltételek")
    await write_policy(client, "HR/privacy/hr", "Privatnost")
    home = (await client.get("/si/en")).text
    assert re.findall(r'href="/si/en/policies/(\w+)" lang="hu">Feltételek<', home) == ["terms"]
    assert "policies/privacy" not in home
    await write_policy(client, "SI/terms/en", "Terms of sale")
    assert ">Terms of sale</a>" in (await client.get("/si/pl")).text, "English before any"
    await write_policy(client, "SI/terms/sl", "Pogoji prodaje")
    for language, title in (("sl", "Pogoji prodaje"), ("pl", "Pogoji prodaje"), ("en", "Terms of sale")):
        assert f">{title}</a>" in (await client.get(f"/si/{language}")).text, language
        page = (await client.get(f"/si/{language}/policies/terms")).text
        assert f">{title}</h1>" in page
    polish = (await client.get("/si/pl/policies/terms")).text
    assert '<article class="mt-1" lang="sl">' in polish
    assert '<link rel="canonical" href="http://kanava.test/si/sl/policies/terms">' in polish
    assert sorted(re.findall(r'hreflang="([^"]+)" href="[^"]*/policies', polish)) == ["en-SI", "hu-SI", "sl-SI"]
    urls = gzip.decompress((await client.get("/sitemaps/si-0.xml.gz")).content).decode()
    assert "/si/sl/policies/terms<" in urls
    assert "policies/privacy" not in urls
    await client.delete("/api/policies/SI/terms/sl")
    assert ">Terms of sale</h1>" in (await client.get("/si/sl/policies/terms")).text


async def test_the_checkout_leads_to_what_it_asks_to_agree_to(client: httpx.AsyncClient, shop: Shop) -> None:
    form = {"sku": "CUP", "quantity": "1", "kind": "ship", "location": ""}
    await client.post("/si/en/cart/lines", data=form, headers=ORIGIN)
    bare = (await client.get("/si/en/checkout")).text
    assert "I agree to the terms of sale and have read how my data is used." in bare
    await write_policy(client, "SI/terms/en", "Terms of sale")
    page = (await client.get("/si/en/checkout")).text
    assert re.search(r'<a class="link" href="/si/en/policies/terms" target="_blank">terms of sale</a>', page)
    assert "and have read how my data is used." in page
    assert '<dialog id="policy-' not in page


async def sign_in(client: httpx.AsyncClient, db: Database, role: str, name: str = "Mira Kos") -> None:
    email = f"{name.split(maxsplit=1)[0].lower()}@kanava.test"
    async with db.transaction() as tx:
        await staff.add_staff(tx, auth.SYSTEM, email, name, "a long enough password", [staff.Role(role)])
    client.cookies.clear()
    client.headers.pop("Authorization", None)
    form = {"email": email, "password": "a long enough password", "next": "/console/policies"}
    assert (await client.post("/sign-in", data=form, headers=ORIGIN)).status_code == 303


async def test_head_office_writes_a_policy_and_two_people_do_not_lose_each_other_s_words(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    await sign_in(client, db, "merchandiser")
    assert "No policy is written yet" in (await client.get("/console/policies")).text
    assert 'href="/console/policies"' in (await client.get("/console/channels")).text
    new = {"country": "SI", "kind": "terms", "language": "sl", "title": "Pogoji", "body": "Eno\r\ndve"}
    wrong = await client.post(
        "/console/policies/new", data={**new, "title": "", "body": "</textarea><b>"}, headers=ORIGIN
    )
    assert wrong.status_code == 422
    assert "&lt;/textarea&gt;&lt;b&gt;" in wrong.text
    long = await client.post("/console/policies/new", data={**new, "title": "P" * 201}, headers=ORIGIN)
    assert 'id="p-title-note" class="text-sm text-error">longer than 200 characters (201)' in long.text
    assert (await client.get("/console/policies/new")).status_code == 200
    made = await client.post("/console/policies/new", data=new, headers=ORIGIN)
    here = "/console/policies/SI/terms/sl"
    assert (made.status_code, made.headers["location"]) == (303, f"{here}?saved=yes")
    assert (await client.post("/console/policies/new", data=new, headers=ORIGIN)).status_code == 409
    page = (await client.get(here)).text
    assert 'href="/si/sl/policies/terms"' in page
    assert "Eno\ndve</textarea>" in page
    change = {"version": "1", "title": "Pogoji", "body": "Tri"}
    assert (await client.post(here, data=change, headers=ORIGIN)).status_code == 303
    late = await client.post(here, data={**change, "body": "Moje"}, headers=ORIGIN)
    assert late.status_code == 412
    assert "Mira Kos saved this policy while you were writing" in late.text
    assert ">\nMoje</textarea>" in late.text
    assert 'name="version" value="2"' in late.text
    assert "Pogoji" in (await client.get("/console/policies")).text
    assert (await client.post(f"{here}/delete", headers=ORIGIN)).headers["location"] == "/console/policies"
    assert (await client.get(here)).status_code == 404
    assert (await client.get("/console/policies/SI/cookies/sl")).status_code in (404, 422)
    await sign_in(client, db, "analyst", "Ana Lis")
    assert (await client.get("/console/policies")).status_code == 200
    assert (await client.post("/console/policies/new", data=new, headers=ORIGIN)).status_code == 403
