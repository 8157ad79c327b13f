"""Lists of the console that nobody has to type for: what is kept back, what runs out, what is sold out."""

import csv
import io
import re

import httpx
import pytest

from factories.desk import head_office
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def console(client: httpx.AsyncClient, db: Database) -> httpx.AsyncClient:
    """A client with an administrator's session, and with her key for /api."""
    return await head_office(client, db)


async def rows_of(client: httpx.AsyncClient, path: str) -> list[list[str]]:
    """Give the rows of a table's file, whatever the pages."""
    answer = await client.get(f"{path}{'&' if '?' in path else '?'}export=csv")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]


async def test_everything_that_is_kept_back_is_listed_filtered_and_exported(
    console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing is kept back" in (await console.get("/console/protections")).text
    for path, rows in {
        "thresholds": [
            {"sku": "CUP", "channel": "web", "threshold": 2, "location": None},
            {"sku": "MUG", "channel": "web", "threshold": 3, "location": "LJ"},
        ],
        "ring-fences": [
            {"sku": "CUP", "channel": "web", "location": "LJ", "remaining": 1},
            {"sku": "MUG", "channel": "web", "location": "LJ", "remaining": 0},
        ],
        "safety-stocks": [{"sku": "CUP", "location": "LJ", "safety_stock": 4}],
    }.items():
        answer = await console.post(f"/api/stock/{path}", json={"rows": rows})
        assert answer.status_code == 200, answer.text
    listed = await rows_of(console, "/console/protections")
    kinds = sorted((row[0], row[2], row[5]) for row in listed)
    assert kinds == [
        ("CUP", "ring_fence", "1"),
        ("CUP", "safety_stock", "4"),
        ("CUP", "threshold", "2"),
        ("MUG", "threshold", "3"),
    ]
    assert [row[0] for row in await rows_of(console, "/console/protections?kind=threshold&place=LJ")] == ["MUG"]
    assert len(await rows_of(console, "/console/protections?channel=web")) == 3
    assert len(await rows_of(console, "/console/protections?q=CUP")) == 3
    assert await rows_of(console, "/console/protections?q=nothing-like-it") == []
    page = await console.get("/console/protections")
    assert 'href="/console/protections?sku=CUP"' in page.text
    # Safety stock, of which there may be much, comes last; pages go on where the one before ended.
    assert [row[2] for row in listed] == ["threshold", "threshold", "ring_fence", "safety_stock"]
    monkeypatch.setattr("kanava.web.console.tables.EXPORT_STEP", 1)
    assert await rows_of(console, "/console/protections") == listed
    assert "4" in re.sub("<[^>]+>", "", (await console.get("/console/stock/CUP")).text)


async def test_what_is_sold_out_and_what_runs_out_is_listed_without_typing(
    console: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as tx:
        await tx.execute("""
            UPDATE stock_level SET on_hand = CASE v.sku WHEN 'CUP' THEN 0 WHEN 'MUG' THEN 3 ELSE 500 END
            FROM variant v WHERE v.variant_id = stock_level.variant_id AND reserved = 0
        """)
        await tx.execute("""
            UPDATE stock_level SET on_hand = 0 FROM variant v
            WHERE v.variant_id = stock_level.variant_id AND v.sku = 'MUG'
              AND location_id <> (SELECT min(location_id) FROM stock_level WHERE variant_id = v.variant_id)
        """)
    everything = await rows_of(console, "/console/stock")
    assert {"CUP", "MUG"} < {row[0] for row in everything}
    assert [row[0] for row in await rows_of(console, "/console/stock?left=none")] == ["CUP"]
    assert [(row[0], row[2]) for row in await rows_of(console, "/console/stock?left=few")] == [("MUG", "3")]
    assert "CUP" not in {row[0] for row in await rows_of(console, "/console/stock?left=some")}
    assert await rows_of(console, "/console/stock?q=MUG&left=none") == []
    assert [row[0] for row in await rows_of(console, "/console/stock?q=MUG&left=few")] == ["MUG"]
    overview = await console.get("/console")
    assert 'href="/console/stock?left=none"' in overview.text


async def test_a_list_goes_on_where_its_page_ended(console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kanava.web.console.tables.PAGE_ROWS", 1)
    seen, path = [], "/console/stock?col=sku"
    for _page in range(10):
        text = (await console.get(path)).text
        seen += re.findall(r'href="/console/stock/([\w-]+)"', text)
        more = re.search(r'href="(/console/stock\?[^"]*cursor=[^"]+)"', text)
        if not more:
            break
        path = more[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == len(await rows_of(console, "/console/stock"))
