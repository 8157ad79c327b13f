"""Forms of the console that go wrong: the session is over, the page is sent twice, or what was asked is refused."""

import re
from urllib.parse import quote

import httpx
import pytest

from factories.desk import OURS, PASSWORD, head_office, send
from factories.orders import new_id
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
SECRET = re.compile(r"(?:knv_[0-9a-f]{12}_|whsec_)[\w+/=-]+")


@pytest.fixture
async def console(client: httpx.AsyncClient, db: Database) -> httpx.AsyncClient:
    """A client with an administrator's session, and with her key for /api."""
    return await head_office(client, db)


async def test_whose_session_ended_is_led_back_to_the_page_that_she_was_on(
    console: httpx.AsyncClient,
) -> None:
    console.cookies.clear()
    page = "/console/products/goods?tab=texts&language=sl"
    asked = await console.get(page)
    assert asked.headers["location"] == "/sign-in?next=" + quote(page, safe="/")
    headers = OURS | {"referer": f"{console.base_url}{page}"}
    sent = await console.post("/console/products/goods/texts", data={"title": "Čaša"}, headers=headers)
    assert sent.status_code == 401
    assert f'href="/sign-in?next={quote(page, safe="/")}"' in sent.text
    assert "data-signed-out" in sent.text
    assert sent.text.count("Please sign in") == 2  # the title and the heading, not the verb's own words besides
    part = await console.get("/console/orders?page=2", headers={"hx-request": "true", "hx-current-url": page})
    assert f'href="/sign-in?next={quote(page, safe="/")}"' in part.text
    elsewhere = OURS | {"referer": "https://evil.example//evil.example/x"}
    away = await console.post("/console/products/goods/texts", data={}, headers=elsewhere)
    assert 'href="/sign-in?next=/console"' in away.text


async def test_a_secret_is_made_once_however_often_its_page_is_sent(console: httpx.AsyncClient) -> None:
    key = {"form_id": new_id(), "name": "Till", "scope": "orders:read"}
    assert SECRET.search((await send(console, "/api-keys", **key)).text)
    again = await send(console, "/api-keys", **key)
    assert (again.status_code, SECRET.search(again.text)) == (200, None)
    assert "The secret was shown already" in again.text
    assert (await console.get("/console/api-keys")).text.count(">Till<") == 1
    # A form that was refused has made nothing: mended, it may be sent with the same id.
    wrong = {"form_id": new_id(), "name": "Kiosk", "scope": ""}
    assert (await send(console, "/api-keys", **wrong)).status_code == 422
    assert SECRET.search((await send(console, "/api-keys", **wrong | {"scope": "orders:read"})).text)
    assert (await send(console, "/api-keys", name="No id", scope="orders:read")).status_code == 422

    hook = {"form_id": new_id(), "url": "https://93.184.216.34/hook", "event_types": "order.placed"}
    made = await send(console, "/webhooks", **hook)
    assert SECRET.search(made.text)
    assert not SECRET.search((await send(console, "/webhooks", **hook)).text)
    found = re.findall(r'href="(/console/webhooks/[0-9a-f-]{36})"', (await console.get("/console/webhooks")).text)
    assert len(set(found)) == 1
    turn = {"form_id": new_id()}
    path = f"{found[0].removeprefix('/console')}/rotate-secret"
    assert SECRET.search((await send(console, path, **turn)).text)
    assert not SECRET.search((await send(console, path, **turn)).text)


async def test_who_may_try_no_more_passwords_is_told_how_long(
    console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kanava.platform.staff.ATTEMPTS_FREE", 1)
    form = {"email": "ana@example.com", "password": "wrong wrong wrong"}
    answers = [await console.post("/sign-in", data=form, headers=OURS) for _press in range(3)]
    assert answers[-1].status_code == 429
    assert re.search(r"Please try again in \d+ minutes?\.", answers[-1].text)


async def test_what_cannot_be_looked_for_is_said(console: httpx.AsyncClient) -> None:
    page = await console.get("/console/orders?from=2026-13-45")
    assert "“2026-13-45” cannot be looked for and is left out." in page.text
    assert "cannot be looked for" not in (await console.get("/console/orders?from=2026-12-05")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Somebody signs in as bor@example.com already."), ("pl", "Ktoś loguje się już jako bor@example.com.")],
)
async def test_a_refusal_is_said_as_it_is_where_it_was_asked(
    console: httpx.AsyncClient, language: str, words: str
) -> None:
    person = {"name": "Bor", "email": "bor@example.com", "password": PASSWORD, "role": "associate", "place": "LJ"}
    assert (await send(console, "/people", **person)).status_code == 303
    console.cookies.set("kanava_language", language)
    again = await send(console, "/people", **person)
    assert again.status_code == 409
    assert f"<p>{words}</p>" in again.text
    assert "quicker" not in again.text
    dialog = again.text[again.text.index('<dialog id="add-person"') :]
    assert "data-open" in dialog[: dialog.index(">")]
    field = dialog[dialog.index('id="person-email"') :]
    assert 'value="bor@example.com"' in field[: field.index(">")]
    assert 'aria-invalid="true"' in field[: field.index(">")]
