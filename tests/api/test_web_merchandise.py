"""The merchandiser's pages: importing, editing, uploading; what is typed comes back as text, never as markup."""

import asyncio
import io
import re
import struct
import zlib
from collections.abc import Awaitable, Callable
from html import unescape
from pathlib import Path

import httpx
import msgspec
import pytest
from PIL import Image

from factories.orders import make_shop
from kanava.catalog.jobs import HANDLERS
from kanava.platform import auth, clock, staff
from kanava.platform.db import Database
from kanava.settings import Settings

pytestmark = pytest.mark.anyio
ORIGIN = {"Origin": "http://kanava.test"}
EVIL = "\"><script>alert('x')</script>"
ROWS = "koda;sifra izdelka;naziv;ean\nA-1;cup;{title};4006381333931\nA-2;jug;Jug;4006381333930\nA-3;bowl;Bowl;\n"

Desk = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def desk(client: httpx.AsyncClient, db: Database) -> Desk:
    """Sign somebody in: `await desk("merchandiser")`."""

    async def sign_in(role: str = "merchandiser", name: str = "Mira Kos") -> httpx.AsyncClient:
        email = f"{name.split(maxsplit=1)[0].lower()}@kanava.test"
        async with db.transaction() as tx:
            await staff.add_staff(tx, auth.SYSTEM, email, name, "a long enough password", [staff.Role(role)])
        client.cookies.clear()
        client.headers.pop("Authorization", None)
        form = {"email": email, "password": "a long enough password", "next": "/console/products"}
        answer = await client.post("/sign-in", data=form, headers=ORIGIN)
        assert answer.status_code == 303
        return client

    return sign_in


async def post(
    client: httpx.AsyncClient, path: str, status: int = 303, files: object = None, **form: object
) -> httpx.Response:
    answer = await client.post(path, data=form, files=files, headers=ORIGIN)  # type: ignore[arg-type]
    said = answer.text.partition('role="alert"')[2][:600]
    assert answer.status_code == status, said or answer.text[:1000]
    return answer


async def work(db: Database) -> None:
    """Do what the worker would: the imports that wait."""
    async with db.transaction() as tx:
        rows = await tx.fetch("DELETE FROM pgqueuer WHERE entrypoint = 'catalog.import_file' RETURNING payload")
    for row in rows:
        await HANDLERS["catalog.import_file"](db, msgspec.json.decode(row["payload"]), clock.now())


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 64), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


async def test_a_file_of_its_own_layout_is_mapped_checked_and_imported(desk: Desk, db: Database) -> None:
    client = await desk()
    file = {"file": ("izdelki.csv", ROWS.format(title="<script>alert(1)</script>").encode())}
    answer = await post(client, "/console/imports", files=file)
    path = answer.headers["location"]
    columns = await client.get(path)
    assert "<script>alert" not in columns.text
    assert "<script>alert" in unescape(columns.text)
    form = {"layout": "columns", "language": "sl", "column": ["koda", "sifra izdelka", "naziv", "ean"]}
    answer = await post(client, path, **form, field=["sku", "handle", "title_sl", "gtin"])
    run = answer.headers["location"]
    assert "1 row" not in (await client.get(run)).text  # nothing is read before the worker looks
    await work(db)
    report = unescape((await client.get(run)).text)
    assert "1 row has a mistake and would be left out." in report
    assert "check digit" in report
    assert await db_count(db) == 0
    answer = await post(client, run)
    await work(db)
    done = unescape((await client.get(answer.headers["location"])).text)
    assert "The file is imported." in done
    assert await db_count(db) == 2
    errors = await client.get(f"/console/import-runs/{answer.headers['location'].rpartition('/')[2]}/errors.csv")
    assert "4006381333930" in errors.text
    # A second delivery of the same job does nothing more.
    product = await client.get("/console/products/cup")
    assert "<script>alert(1)" not in product.text
    assert (await client.get("/console/products?q=cup")).status_code == 200


async def db_count(db: Database) -> int:
    async with db.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM product"))


async def test_a_mapping_without_a_sku_is_refused_in_words_and_kept(desk: Desk) -> None:
    client = await desk()
    answer = await post(client, "/console/imports", files={"file": ("a.csv", b"x,y\n1,2\n")})
    form = {"layout": "columns", "column": ["x", "y"], "field": ["handle", ""]}
    page = await post(client, answer.headers["location"], 422, **form)
    assert "<p>Say which column is the sku of the variant.</p>" in page.text
    form["field"] = ["handle", "handle"]
    page = await post(client, answer.headers["location"], 422, **form)
    assert "Two columns are said to be handle" in page.text


@pytest.mark.parametrize(
    ("encoding", "title", "recognised"),
    [("cp1250", "Šálka žlutá – čaša", True), ("cp1250", "Żółty kubek", True), ("utf-16", "Őszi bögre", True),
     ("iso-8859-2", "Rdeča žaba", True), ("cp852", "Čaša", False)],
)  # fmt: skip
async def test_a_file_that_is_not_utf_8_is_recognised_or_its_letters_are_chosen(
    desk: Desk, db: Database, encoding: str, title: str, recognised: bool
) -> None:
    client = await desk()
    file = f"koda;sifra izdelka;naziv\nJUG-1;jug;{title}\n".encode(encoding)
    answer = await post(client, "/console/imports", files={"file": ("vrči.csv", file)})
    path = answer.headers["location"]
    columns = unescape((await client.get(path)).text)
    assert (title in columns) is recognised
    chosen = columns if recognised else unescape((await client.get(f"{path}?encoding={encoding}")).text)
    assert title in chosen
    assert f'name="encoding" value="{encoding}"' in chosen
    form = {"layout": "columns", "language": "sl", "encoding": encoding}
    columns = {"column": ["koda", "sifra izdelka", "naziv"], "field": ["sku", "handle", "title_sl"]}
    run = (await post(client, path, **form, **columns)).headers["location"]
    await work(db)
    assert "Every row is good." in (await client.get(run)).text
    await post(client, run)
    await work(db)
    assert title in unescape((await client.get("/console/products/jug?tab=texts&language=sl")).text)


async def test_what_a_column_may_be_is_named_in_words(desk: Desk) -> None:
    client = await desk()
    answer = await post(client, "/console/imports", files={"file": ("a.csv", b"x,y\n1,2\n")})
    client.cookies.set("kanava_language", "hu")
    page = unescape((await client.get(answer.headers["location"])).text)
    assert re.search(r'<option value="weight_grams"[^>]*>Tömeg \(g\)</option>', page)
    assert re.search(r'<option value="title_en"[^>]*>[^<]* · English</option>', page)
    assert "attribute." not in re.sub(r'value="[^"]*"', "", page)


async def test_who_saves_second_is_told_and_keeps_her_text(desk: Desk, db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    await desk()
    page = "/console/products/goods"
    first = await client.get(page)
    version = first.text.partition('name="version" value="')[2].partition('"')[0]
    form = {"version": version, "language": "sl", "description": "", "seo_title": "", "seo_description": ""}
    await post(client, f"{page}/texts", **form, title="Skodelica")
    answer = await post(client, f"{page}/texts", 412, **form, title=EVIL)
    shown = unescape(answer.text)
    assert "Mira Kos saved this product while you were writing." in shown
    assert "Skodelica" in shown
    assert EVIL in shown
    assert "<script>alert('x')" not in answer.text
    newer = answer.text.partition('name="version" value="')[2].partition('"')[0]
    await post(client, f"{page}/texts", **(form | {"version": newer}), title="Lonček")
    history = unescape((await client.get(f"{page}?tab=history")).text)
    assert "Title (Slovenščina)" in history
    assert "Lonček" in history


async def test_every_tab_and_page_answers(desk: Desk, db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    await desk()
    tabs = ("texts", "details", "variants", "media", "channels", "completeness", "history")
    pages = [f"/console/products/goods?tab={tab}" for tab in tabs]
    pages += ["/console/product-grid", "/console/categories", "/console/prices", "/console/prices/eur"]
    pages += ["/console/channels", "/console/channels/web", "/console/protections?sku=CUP", "/console/routing"]
    pages += ["/console/imports", "/console/imports/new", "/console/products?without=picture&sort=changed.desc"]
    for path in pages:
        answer = await client.get(path)
        assert answer.status_code == 200, path
    assert (await client.get("/console/products/none")).status_code == 404


async def test_a_cell_is_saved_with_its_version_and_a_refusal_says_why(
    desk: Desk, db: Database, client: httpx.AsyncClient
) -> None:
    await make_shop(db)
    await desk()
    cell = {"field": "title.sl", "handle": "goods", "version": "1", "was": "", "value": "Blago"}
    saved = (await post(client, "/console/product-grid/cell", 200, **cell)).json()
    assert saved["value"] == "Blago"
    stale = (await post(client, "/console/product-grid/cell", 412, **cell)).json()
    assert "Blago" in stale["reason"]
    assert stale["version"] == saved["version"]
    cell |= {"field": "weight_grams", "sku": "CUP", "version": saved["version"], "value": "heavy"}
    assert (await post(client, "/console/product-grid/cell", 422, **cell)).json()["reason"] == "must be a whole number"
    client.cookies.set("kanava_language", "sl")
    said = (await post(client, "/console/product-grid/cell", 422, **cell)).json()["reason"]
    assert said.startswith("vpišite celo število")
    client.cookies.set("kanava_language", "en")
    price = {"field": "price.eur", "sku": "CUP", "was": "1.00", "value": "12,50"}
    refused = (await post(client, "/console/product-grid/cell", 412, **price)).json()
    price["was"] = refused["value"]
    assert (await post(client, "/console/product-grid/cell", 200, **price)).json()["value"] == "12.50"


async def test_a_product_is_made_once_and_is_a_draft(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk()
    new = {"language": "en", "title": EVIL + " Čaša", "sku": "GLASS-S", "gtins": "4006381333931", "weight_grams": "320"}
    new |= {"axis_1": "size", "value_1": "S"}
    made = await post(client, "/console/products/new", **new)
    path = made.headers["location"].partition("?")[0]
    assert path == "/console/products/script-alert-x-script-casa", "the handle is made of the title"
    page = (await client.get(path)).text
    assert "Draft" in page
    assert EVIL not in page
    again = await post(client, "/console/products/new", **new)
    assert again.headers["location"] == made.headers["location"], "the button pressed twice is one product"
    other = await post(client, "/console/products/new", 409, **{**new, "sku": "GLASS-X", "gtins": ""})
    assert "There is another product with this handle." in other.text
    wrong = {**new, "handle": "other", "weight_grams": "heavy", "gtins": "12"}
    heavy = await post(client, "/console/products/new", 422, **wrong)
    assert re.search(r'id="new-weight-note"[^>]*>must be a whole number', heavy.text)
    short = await post(client, "/console/products/new", 422, **{**wrong, "weight_grams": ""})
    assert "GTIN: a GTIN has 8, 12" in short.text
    assert re.search(r'id="new-gtins-note"[^>]*>a GTIN has 8, 12, 13 or 14 digits, not 2', short.text)
    assert 'value="heavy"' in heavy.text, "what was typed is still there"


async def test_a_variant_is_added_and_a_product_duplicated(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk()
    new = {"language": "sl", "title": "Čaša", "sku": "GLASS", "gtins": "4006381333931"}
    path = (await post(client, "/console/products/new", **new)).headers["location"].partition("?")[0]
    size = {"version": "1", "sku": "GLASS-L", "axis_1": "size", "first_value": "S", "value_1": "L"}
    await post(client, f"{path}/new-variant", **size)
    await post(client, f"{path}/new-variant", **size)
    stale = await post(client, f"{path}/new-variant", 412, **{**size, "sku": "GLASS-M", "value_1": "M"})
    assert 'value="GLASS-M"' in stale.text
    taken = await post(client, f"{path}/new-variant", 422, version="2", sku="GLASS-M", value_1="L")
    assert re.search(r"id=\"vn-value_1-note\"[^>]*>has the options of variant &#39;GLASS-L&#39;", taken.text)
    await post(client, f"{path}/new-variant", version="2", sku="GLASS-M", value_1="M")
    like = await client.get(f"/console/products/new?like={path.rpartition('/')[2]}")
    assert 'value="Čaša"' in like.text
    copy = {"copied": "casa", "language": "sl", "title": "Čaša 2", "sku_suffix": "-2"}
    twin = (await post(client, "/console/products/new", **copy)).headers["location"].partition("?")[0]
    page = (await client.get(f"{twin}?tab=variants")).text
    assert re.findall(r"<code class=\"font-medium\">([^<]+)", page) == ["GLASS-2", "GLASS-L-2", "GLASS-M-2"]
    assert page.count("no GTIN") == 3
    await desk("associate", "Ana")
    for path in ("/console/products/new", "/console/products/casa/new-variant"):
        assert (await client.post(path, data=new, headers=ORIGIN)).status_code == 403


async def test_two_who_take_one_code_at_the_same_time(desk: Desk, db: Database, client: httpx.AsyncClient) -> None:
    await desk()
    for title, sku in (("Glass", "GLASS"), ("Jug", "JUG")):
        await post(client, "/console/products/new", language="en", title=title, sku=sku)
    size = {"version": "1", "sku": "GLASS-L", "axis_1": "size", "first_value": "S", "value_1": "L"}
    async with db.transaction() as other:
        await other.execute(
            "INSERT INTO variant (product_id, sku, option_values, position) "
            "SELECT product_id, 'GLASS-L', '{}', 7 FROM product WHERE handle = 'jug'"
        )
        ours = asyncio.create_task(post(client, "/console/products/glass/new-variant", 409, **size))
        async with db.connection() as connection:
            waits = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            for _ in range(500):
                if await connection.fetchval(waits):
                    break
                await asyncio.sleep(0.02)
            else:
                pytest.fail("nobody waits for the code")
        assert not ours.done()
    refused = (await ours).text
    assert "Somebody else has just saved one with the same code, so nothing was saved." in refused
    assert 'value="GLASS-L"' in refused, "what was typed is still there"


async def test_the_history_names_files_and_fields_and_brings_a_version_back(
    desk: Desk, db: Database, client: httpx.AsyncClient
) -> None:
    await desk()
    rows = b"handle,sku,title_en,brand\ncup,CUP,Cup,Kos\n"
    await import_file(client, db, rows)
    page = "/console/products/cup"
    long = "<p>" + "A cup for the morning. " * 20 + "And the evening.</p>"
    await post(client, f"{page}/texts", version="1", language="en", title="Mug", description=long)
    details = {"version": "2", "status": "active", "brand": "Muc", "tax_category": "standard"}
    assert (await client.post(f"{page}/details", data=details, headers=ORIGIN)).status_code == 303
    await import_file(client, db, rows.replace(b"Cup,Kos", b"Beaker,Kos"))
    history = (await client.get(f"{page}?tab=history")).text
    assert history.count("From the file goods.csv") == 2
    assert "Title (English)" in history
    assert "texts.en" not in history
    assert "And the evening." in history, "the whole text is there"
    assert '<del class="text-base-content/75">Draft</del>' in history
    await post(client, f"{page}/restore", version="4", wanted="2")
    now = (await client.get(page)).text
    assert 'value="Mug"' in now
    assert "And the evening." in now
    details = (await client.get(f"{page}?tab=details")).text
    assert 'value="Kos"' in details
    assert re.search(r'<option value="active" selected', details), "an old text does not take it off sale"
    await post(client, f"{page}/restore", version="5", wanted="1")
    assert 'value="Cup"' in (await client.get(page)).text
    await post(client, f"{page}/restore", 422, version="6", wanted="17")


async def import_file(client: httpx.AsyncClient, db: Database, content: bytes) -> None:
    """Import a file of the native layout."""
    sent = await post(client, "/console/imports", files={"file": ("goods.csv", content, "text/csv")})
    checked = await post(client, sent.headers["location"], layout="native", language="en")
    await work(db)
    await post(client, checked.headers["location"])
    await work(db)


async def test_pictures_are_written_anew_and_what_is_none_is_refused(
    desk: Desk, db: Database, client: httpx.AsyncClient, settings: Settings
) -> None:
    await make_shop(db)
    await desk()
    # A product that somebody saves has a title; that of the factory has none yet.
    await post(client, "/console/products/goods/texts", version="1", language="sl", title="Blago")
    path = "/console/products/goods/media/upload"
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    await post(client, path, files={"file": ("a.jpg", picture("JPEG", exif=exif))})
    stored = list((Path(settings.data_dir) / "media" / "uploads").rglob("*.webp"))
    assert len(stored) == 1
    assert b"taken at home" not in stored[0].read_bytes()
    svg = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    for name, body, words in (
        ("a.png", svg, "SVG drawings can hold programs"),
        ("b.png", b"MZ" + b"\0" * 200, "neither a JPEG"),
        ("c.png", picture()[:60], "damaged"),
        ("d.png", bomb(), "50 million pixels"),
        ("e.glb", b"glTF" + struct.pack("<II", 2, 999), "no GLB"),
        ("f.png", b"\x89PNG" + bytes(51 << 20), "at most 12 MB"),
    ):
        async with asyncio.timeout(10):  # What was read whole is not waited for.
            answer = await post(client, path, 413 if name == "f.png" else 422, files={"file": (name, body)})
        assert words in unescape(answer.text), name
    assert len(list((Path(settings.data_dir) / "media" / "uploads").rglob("*.*"))) == 1
    assert not list((Path(settings.data_dir) / "tmp").iterdir())


def bomb() -> bytes:
    """A PNG whose header promises 100,000 × 100,000 pixels."""
    good = picture()
    header = b"IHDR" + struct.pack(">II", 100_000, 100_000) + good[24:29]
    return good[:12] + header + struct.pack(">I", zlib.crc32(header)) + good[33:]


async def test_effects_are_shown_and_nothing_is_saved(desk: Desk, db: Database, client: httpx.AsyncClient) -> None:
    await make_shop(db)
    await desk()
    page = await client.get("/console/channels/web")
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    form = {
        "version": version, "name": "Web", "assortment": "all", "price_list": "eur", "threshold": "3",
        "hold_minutes": "15", "active": "yes", "serves": ["WH"], "sample": "CUP", "do": "preview",
    }  # fmt: skip
    answer = await post(client, "/console/channels/web", 200, **form)
    assert "What this would change now" in answer.text
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT threshold FROM channel WHERE code = 'web'") == 0
    await post(client, "/console/channels/web", **(form | {"do": "save"}))
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT threshold FROM channel WHERE code = 'web'") == 3
    price = {"sku": "CUP", "amount": "5,00", "quantity_from": "1", "do": "preview"}
    assert "What channels would charge" in (await post(client, "/console/prices/eur", 200, **price)).text
    fence = {"sku": "CUP", "kind": "fence", "channel": "web", "location": "WH", "units": "1", "do": "preview"}
    assert "What this would change now" in (await post(client, "/console/protections", 200, **fence)).text


async def test_a_draft_of_rules_is_edited_simulated_and_published(
    desk: Desk, db: Database, client: httpx.AsyncClient
) -> None:
    await make_shop(db)
    await desk()
    draft = (await post(client, "/console/routing", of="0")).headers["location"]
    form = {
        "version": "1", "ruleset_name": EVIL, "cut_off": "16:00", "rule": ["0"], "name.0": "Warehouse first",
        "effect.0": "prefer", "amount.0": "1,50", "kinds.0": "warehouse", "countries.0": "si",
    }  # fmt: skip
    more = await post(client, draft, 200, **form, do="add")
    assert "Warehouse first" in more.text
    wrong = await post(client, draft, 422, **(form | {"amount.0": ""}), do="save")
    assert "Say how much it counts" in unescape(wrong.text)
    shown = (await post(client, draft, **form, do="save")).headers["location"]
    page = await client.get(shown)
    assert "Prefer warehouses" in page.text
    assert "<script>alert" not in page.text
    number = shown.rpartition("/")[2].partition("?")[0]
    simulated = await post(client, f"/console/routing/{number}/simulate", 200, days="7")
    assert "No order of the last 7 days can be compared." in simulated.text
    version = page.text.rpartition('name="version" value="')[2].partition('"')[0]
    await post(client, f"/console/routing/{number}/publish", version=version)
    assert "Prefer warehouses" in (await client.get("/console/routing")).text


async def test_forms_of_other_sites_and_of_people_who_may_not_are_refused(
    desk: Desk, db: Database, client: httpx.AsyncClient
) -> None:
    await make_shop(db)
    await desk("analyst", "Ana Lyst")
    answer = await client.post("/console/imports", files={"file": ("a.csv", b"x")}, headers=ORIGIN)
    assert answer.status_code == 403
    answer = await client.post("/console/categories", data={"code": "x"}, headers={"Origin": "http://evil.test"})
    assert answer.status_code == 403
    assert (await client.get("/console/products/goods")).status_code == 200
