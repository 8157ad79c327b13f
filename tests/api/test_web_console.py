"""The console over HTTP: who gets in, what is escaped, tables with filters, views and files, and what is refused."""

import csv
import html
import io
import re
from pathlib import Path
from typing import get_args

import httpx
import pytest

from factories.boards import all_done, reject, work_of
from factories.desk import PASSWORD, head_office, send, sign_in
from factories.fulfilments import followed
from factories.orders import line, make_shop, new_id, payment, pickup, place
from kanava.inventory.model import StepCode
from kanava.inventory.rules import ThresholdOf, WhyNot
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.platform.errors import InvalidInput
from kanava.platform.staff import Role
from kanava.sourcing.routing import decisions
from kanava.sourcing.routing.model import Charge, ChargeKind
from kanava.web.common.translations import LANGUAGES
from kanava.web.console import stock_words
from kanava.web.console.charge_words import words_of
from kanava.web.console.order_actions import read_amount
from kanava.web.console.week import Day, Week, week_of, written
from tests_support import settled

pytestmark = pytest.mark.anyio
SCRIPT = "<script>alert(1)</script>"
PAGES = ("", "/orders", "/customers", "/attention", "/messages", "/stock?q=CUP", "/stock/CUP?channel=web", "/transfers",
         "/purchase-orders", "/locations", "/locations/LJ", "/locations/new", "/people", "/people/ana@example.com",
         "/api-keys", "/devices", "/webhooks", "/jobs", "/audit", "/search?q=nothing-like-it", "/messages/preview/shipped")  # fmt: skip


@pytest.fixture
async def console(client: httpx.AsyncClient, db: Database) -> httpx.AsyncClient:
    """A client with an administrator's session, and with her key for /api."""
    return await head_office(client, db, f"Ana {SCRIPT}")


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/console/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/console/orders")


async def test_one_sees_and_does_what_her_role_allows(client: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db)
    await sign_in(client, db, "bo@example.com", Role("analyst"))
    page = await client.get("/console")
    assert page.status_code == 200
    assert 'href="/console/orders"' in page.text
    assert 'href="/console/people"' not in page.text
    for path in ("/console/people", "/console/api-keys", "/console/audit", "/console/jobs"):
        assert (await client.get(path)).status_code == 403, path
    order = await place(client, line("CUP"))
    assert (await send(client, f"/orders/{order['order_id']}/hold", reason="mine")).status_code == 403
    assert "Put on hold" not in (await client.get(f"/console/orders/{order['order_id']}")).text


async def test_every_page_answers_and_escapes_what_people_wrote(console: httpx.AsyncClient, db: Database) -> None:
    customer = {"email": "maja@example.com", "name": SCRIPT, "phone": "+386 40 123 456"}
    order = await place(console, line("CUP", 2), customer=customer, payments=[payment(9999)])
    await send(console, f"/orders/{order['order_id']}/hold", reason=SCRIPT)
    await followed(db)
    for path in (*PAGES, f"/orders/{order['order_id']}"):
        page = await console.get(f"/console{path}")
        assert page.status_code == 200, (path, page.text[:500])
        assert SCRIPT not in page.text, path
        assert "style=" not in page.text, path
        assert page.headers["content-security-policy"].startswith("default-src 'self'")


async def test_a_form_of_another_site_changes_nothing(console: httpx.AsyncClient) -> None:
    order = await place(console, line("CUP"))
    path = f"/console/orders/{order['order_id']}/hold"
    answer = await console.post(path, data={"reason": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert (await console.get(f"/api/orders/{order['order_id']}")).json()["status"] == "placed"


@pytest.mark.parametrize("text", ["maja@EXAMPLE.com", "040 123 456", "maja kov", "{number}"])
async def test_an_order_is_found_by_number_email_telephone_and_name(console: httpx.AsyncClient, text: str) -> None:
    customer = {"email": "Maja@example.com", "name": "Maja Kovač", "phone": "+386 (0)40 123-456".replace("(0)", "")}
    order = await place(console, line("CUP"), customer=customer)
    await place(console, line("MUG"), customer={"email": "other@example.com"})
    asked = text.replace("{number}", str(order["number"]))
    found = await console.get("/console/search", params={"q": asked})
    assert (found.status_code, found.headers.get("location")) == (303, f"/console/orders/{order['order_id']}")
    listed = await console.get("/console/orders", params={"q": asked}, headers={"hx-request": "true"})
    assert listed.text.count("/console/orders/0") == 1
    assert "<html" not in listed.text


async def test_a_table_is_filtered_sorted_and_kept_as_a_view(console: httpx.AsyncClient) -> None:
    cheap, dear = await place(console, line("CUP")), await place(console, line("COAT", 3))
    page = await console.get("/console/orders?sort=total.desc&status=placed&col=number&col=total")
    numbers = re.findall(r"/console/orders/[0-9a-f-]{36}\">(\d+)<", page.text)
    assert numbers == [str(dear["number"]), str(cheap["number"])]
    assert 'aria-sort="descending"' in page.text
    form = {"view_id": new_id(), "table": "orders", "name": f"Dear {SCRIPT}", "question": "sort=total.desc"}
    assert (await send(console, "/views", **form, next="//evil.example")).headers["location"] == "/console"
    again = await console.get("/console/orders")
    assert 'href="/console/orders?sort=total.desc"' in again.text
    assert SCRIPT not in again.text
    nonsense = await console.get("/console/orders?sort=password&page=-1&status=lost&from=yesterday&col=nothing")
    assert nonsense.status_code == 200
    await send(console, f"/views/{form['view_id']}/remove", next="/console/orders")
    assert "Dear" not in (await console.get("/console/orders")).text


async def test_exports_hold_every_row_and_no_formula(console: httpx.AsyncClient) -> None:
    for number in range(3):
        await place(console, line("CUP"), customer={"name": f"=1+{number}", "email": "a@example.com"})
    answer = await console.get("/console/orders?export=csv&q=a@example.com")
    assert answer.headers["content-disposition"] == 'attachment; filename="kanava-orders.csv"'
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 4
    assert rows[1][2] == "'=1+2"
    workbook = await console.get("/console/orders?export=xlsx")
    assert workbook.content.startswith(b"PK")
    assert (await console.get("/console/orders?export=exe")).status_code == 422


async def test_an_order_is_held_amended_cancelled_and_its_money_taken(console: httpx.AsyncClient) -> None:
    tender = payment(2440)
    order = await place(console, line("CUP", 2), payments=[tender])
    path = f"/orders/{order['order_id']}"
    assert (await send(console, f"{path}/hold", reason="Fraud check")).status_code == 303
    assert "Fraud check" in (await console.get(f"/console{path}")).text
    assert (await send(console, f"{path}/release-hold")).status_code == 303
    await send(console, f"{path}/amend", change_id=new_id(), name="Eva", email="eva@example.com", phone="",
               to_name="Eva", street="Nova 2", postal_code="2000", city="Maribor")  # fmt: skip
    money = {"payment_id": tender["payment_id"], "change_id": new_id()}
    refused = await send(console, f"{path}/capture", **money, amount="24,400")
    assert refused.status_code == 422
    assert "no amount of EUR" in refused.text
    too_much = await send(console, f"{path}/capture", **money, amount="99,00")
    assert too_much.status_code == 409
    for _press in range(2):
        assert (await send(console, f"{path}/capture", **money, amount="24,40")).status_code == 303
    cut = {"change_id": new_id(), "line_no": "1", "line": "1", "reason": "One is enough"}
    assert (await send(console, f"{path}/cancel", **cut)).status_code == 303
    money["change_id"] = new_id()
    assert (await send(console, f"{path}/refund", **money, amount="12.20", reason="Cancelled")).status_code == 303
    stored = (await console.get(f"/api{path}")).json()
    assert stored["customer"]["name"] == "Eva"
    assert stored["ship_to"]["city"] == "Maribor"
    assert stored["lines"][0]["quantity_cancelled"] == 1
    assert stored["payments"][0]["captured"]["amount_minor"] == 2440
    assert stored["payments"][0]["refunded"]["amount_minor"] == 1220


async def test_what_no_place_can_do_is_moved_to_the_place_that_the_customer_names(
    console: httpx.AsyncClient, db: Database
) -> None:
    order = await place(console, line("CUP", 1, pickup("LJ")))
    work = (await work_of(console, db, order))[0]
    await reject(console, work, "not_found")
    await followed(db)
    assert str(order["number"]) in (await console.get("/console/attention?kind=stuck")).text
    path = f"/orders/{order['order_id']}"
    assert "Move to a place" in (await console.get(f"/console{path}")).text
    answer = {"fulfilment_id": work["fulfilment_id"], "answer": "move_to"}
    nowhere = await send(console, f"{path}/resolve", **answer, resolution_id=new_id(), location="WH")
    assert nowhere.status_code == 409
    moved = await send(console, f"{path}/resolve", **answer, resolution_id=new_id(), location="MB")
    assert moved.status_code == 303
    assert {each["location"] for each in await work_of(console, db, order)} >= {"MB"}


async def test_stock_is_corrected_once_however_often_the_button_is_pressed(console: httpx.AsyncClient) -> None:
    form = {"adjustment_id": new_id(), "location": "LJ", "delta": "-3", "reason": "damaged", "note": "wet"}
    for _press in range(2):
        assert (await send(console, "/stock/CUP/adjust", **form)).status_code == 303
    page = await console.get("/console/stock/CUP")
    assert "−3" in page.text
    too_many = await send(console, "/stock/CUP/adjust", **{**form, "adjustment_id": new_id(), "delta": "-99"})
    assert too_many.status_code == 409
    assert (await send(console, "/stock/CUP/adjust", **{**form, "delta": "many"})).status_code == 422
    assert (await console.get("/console/stock/NO-SUCH-SKU")).status_code == 404


async def test_a_week_of_hours_is_shown_before_it_is_kept(console: httpx.AsyncClient) -> None:
    version = (await console.get("/api/locations/LJ")).json()["version"]
    grid = {
        "version": str(version),
        "how": "grid",
        "opens": ["09:00"] * 5 + ["", ""],
        "closes": ["18:00"] * 5 + ["", ""],
    }
    shown = await send(console, "/locations/LJ/hours-preview", **grid)
    assert "Mo-Fr 09:00-18:00" in shown.text
    assert "<html" not in shown.text
    assert (await send(console, "/locations/LJ/hours", **grid)).status_code == 303
    assert (await console.get("/api/locations/LJ")).json()["opening_hours"] == "Mo-Fr 09:00-18:00"
    stale = await send(console, "/locations/LJ/hours", **grid)
    assert stale.status_code == 412
    wrong = await send(console, "/locations/LJ/hours-preview", how="text", text="Mo-Fr nine to five")
    assert "cannot be read" in wrong.text
    day = {"on_date": "2026-12-24", "opening_hours": "09:00-12:00", "reason": SCRIPT}
    await send(console, "/locations/LJ/days", **day)
    assert SCRIPT not in (await console.get("/console/locations/LJ")).text


def hidden_fields(page: httpx.Response, way: str) -> dict[str, list[str]]:
    """Give the fields that a yes would send."""
    (form,) = re.findall(
        rf'<form method="post" action="[^"]*{way}" class="flex flex-wrap gap-2">(.*?)</form>', page.text
    )
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


async def test_reasons_of_stock_and_routing_are_said_in_the_readers_language(
    console: httpx.AsyncClient, db: Database
) -> None:
    order = await place(console, line("CUP", 2), line("MUG", 1, pickup("LJ")))
    threshold = {"rows": [{"sku": "CUP", "channel": "web", "threshold": 1}]}
    assert (await console.post("/api/stock/thresholds", json=threshold)).status_code == 200
    await settled(db)
    await drain(db, [decisions.CONSUMER])
    console.cookies.set("kanava_language", "sl")
    told = (await console.get("/console/stock/CUP?channel=web")).text
    numbers = await console.get(f"/api/orders/{order['order_id']}")
    assert f"Rezervirano (naročila {numbers.json()['number']})" in told
    assert "Prag različice" in told
    assert "Lokacija ne pošilja paketov" in told
    assert "on hand" not in told
    console.cookies.set("kanava_language", "pl")
    shown = html.unescape((await console.get(f"/console/orders/{order['order_id']}")).text)
    assert "Paczka w kraju" in shown
    assert re.search(r"Koszt 3,00\s€", shown), "costs are money"


def test_every_reason_has_words() -> None:
    assert set(stock_words.WORDS) | {"threshold", "location_excluded"} == set(get_args(StepCode))
    assert set(stock_words.THRESHOLDS) == set(get_args(ThresholdOf))
    assert set(stock_words.EXCLUDED) == set(get_args(WhyNot))
    for kind in get_args(ChargeKind):
        said = {words_of(Charge(100, "in English", kind, 2, "Rule"), language) for language in LANGUAGES}
        assert len(said) >= len(LANGUAGES) - 1, said  # sl and hr share words


async def test_who_closes_a_place_with_open_work_is_told_and_asked_first(
    console: httpx.AsyncClient, db: Database
) -> None:
    order = await place(console, line("CUP", 2, pickup("LJ")))
    await all_done(db)
    before = (await console.get("/api/locations/LJ")).json()
    closed = {"version": str(before["version"]), "how": "text", "text": "off"}
    said = "1 open pickup (units: 2) cannot be done here any more"
    assert said in (await send(console, "/locations/LJ/hours-preview", **closed)).text
    question = await send(console, "/locations/LJ/hours", **closed)
    assert question.status_code == 200
    assert said in question.text
    assert "Nothing is saved yet" in question.text
    assert (await console.get("/api/locations/LJ")).json() == before
    switched = await send(console, "/locations/LJ/switch", which="active", on="no")
    assert said in switched.text
    day = await send(console, "/locations/LJ/switch", which="fulfils_online", on="no", confirmed="[1,0,0]")
    assert said in day.text, "a yes to something else is none"
    await all_done(db)
    assert [each["stuck_reason"] for each in await work_of(console, db, order)] == [None]
    assert (await send(console, "/locations/LJ/hours", **hidden_fields(question, "/hours"))).status_code == 303
    after = (await console.get("/api/locations/LJ")).json()
    assert after["opening_hours"] == "off"
    # What it could not do before either is not asked about again.
    again = {**closed, "version": str(after["version"])}
    assert (await send(console, "/locations/LJ/hours", **again)).status_code == 303
    await all_done(db)
    assert [each["stuck_reason"] for each in await work_of(console, db, order)] == ["closed"]
    # Nobody is asked when nothing hangs on it.
    assert (await send(console, "/locations/MB/switch", which="active", on="no")).status_code == 303


async def test_a_day_that_ends_before_it_begins_is_asked_about(console: httpx.AsyncClient) -> None:
    version = (await console.get("/api/locations/LJ")).json()["version"]
    grid = {
        "version": str(version),
        "how": "grid",
        "opens": ["19:00"] + ["09:00"] * 4 + ["", ""],
        "closes": ["09:00"] + ["19:00"] * 4 + ["", ""],
    }
    said = "Monday closes at 09:00 and opens at 19:00. Is it open over midnight"
    assert said in (await send(console, "/locations/LJ/hours-preview", **grid)).text
    question = await send(console, "/locations/LJ/hours", **grid)
    assert said in question.text
    fields = hidden_fields(question, "/hours")
    assert (await send(console, "/locations/LJ/hours", **fields)).status_code == 303
    # The morning belongs to Monday's night, whatever Tuesday says.
    assert (await console.get("/api/locations/LJ")).json()["opening_hours"] == "Mo 19:00-09:00, Tu-Fr 09:00-19:00"
    page = await console.get("/console/locations/LJ")
    assert re.search(r"19:00–Tue[^<]* 19:00", page.text), "the night and the day after are one"
    again = {**grid, "version": str(version + 1), "closes": ["09:00"] + ["18:00"] * 4 + ["", ""]}
    assert (await send(console, "/locations/LJ/hours", **again)).status_code == 303, "the night is known by now"


async def test_people_keys_and_webhooks(console: httpx.AsyncClient, db: Database) -> None:
    person = {"name": "Bor", "email": "bor@example.com", "password": PASSWORD, "role": "associate", "place": "LJ"}
    assert (await send(console, "/people", **person)).status_code == 303
    assert (await send(console, "/people", **person)).status_code == 409
    assert (await send(console, "/people/bor@example.com/active", active="no")).status_code == 303
    assert (await send(console, "/people/ana@example.com/active", active="no")).status_code == 422
    assert (await send(console, "/people/ana@example.com/roles", role="analyst", place="")).status_code == 422
    made = await send(console, "/api-keys", form_id=new_id(), name=SCRIPT, days="30", scope=["orders:read"])
    secret = re.search(r"knv_[0-9a-f]{12}_[\w-]+", made.text)
    assert secret
    assert SCRIPT not in made.text
    assert secret[0] not in (await console.get("/console/api-keys")).text
    prefix = secret[0].split("_")[1]
    await send(console, f"/api-keys/{prefix}/revoke")
    answer = await console.get("/api/me", headers={"Authorization": f"Bearer {secret[0]}"})
    assert answer.status_code == 401
    inside = await send(console, "/webhooks", form_id=new_id(), url="http://169.254.169.254/latest")
    assert inside.status_code in (400, 422)
    entries = await console.get("/console/audit?action=revoke")
    assert prefix in entries.text


def test_the_console_has_no_sql() -> None:
    folder = Path(str(written.__code__.co_filename)).parent
    for path in folder.glob("*.py"):
        assert not re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+\w+", path.read_text()), path.name


def test_amounts_as_people_write_them() -> None:
    assert read_amount("1 234,50", "EUR") == 123450
    assert read_amount("4990", "HUF") == 499000
    for text in ("", "abc", "0", "-1", "1,234", "NaN", "Infinity", "1e99"):
        with pytest.raises(InvalidInput):
            read_amount(text, "EUR")


def test_a_week_is_written_and_read_again() -> None:
    for text in ("Mo-Fr 09:00-18:00; Sa 10:00-14:00", "Mo 08:00-12:00,13:00-17:00; We-Th 08:00-12:00", "off"):
        week = week_of(text)
        assert week is not None
        assert written(week) == text
    assert week_of("Mo-Fr 09:00-18:00; Dec 24 off") is None
    assert week_of("24/7") is None
    nights = Week((Day((("18:00", "02:00"),)),) * 7)
    assert written(nights) == "Mo-Su 18:00-02:00"
    for text in ("Mo-Th 20:00-02:00, Fr-Sa 20:00-04:00", "Mo 19:00-09:00, Tu,We 10:00-12:00"):
        week = week_of(text)
        assert week is not None
        assert week_of(written(week)) == week
    assert week_of("Mo-Su 09:00-18:00; Su off") == week_of("Mo-Sa 09:00-18:00")
    assert week_of("Mo 09:00-10:00, Mo 11:00-12:00") == week_of("Mo 09:00-10:00,11:00-12:00")
