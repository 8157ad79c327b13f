"""The demo retailer in a real database: everything is there, ledger and levels agree, a second time is refused."""

from pathlib import Path

import msgspec
import pytest

from kanava.demo.errors import ShopNotEmpty
from kanava.demo.load import load_demo
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio

COUNTS = {
    "location": 26,
    "product": 1_200,
    "variant": 9_000,
    "barcode": 9_000,
    "channel": 19,
    "price_list": 7,
    "transfer": 6,
    "carrier": 4,
    "carrier_service": 12,
    "pickup_point": 72,
    "policy": 32,
}


@pytest.mark.slow
async def test_the_whole_retailer_is_loaded_and_a_second_time_is_refused(db: Database, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    report = await load_demo(db, 1, lambda *step: steps.append(step), tmp_path)
    async with db.connection() as connection:
        for table, expected in COUNTS.items():
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == expected, table
        views = await connection.fetch("SELECT viewname FROM pg_views WHERE viewname LIKE 'invariant_%'")
        for view in views:
            assert await connection.fetch(f"SELECT * FROM {view['viewname']} LIMIT 3") == [], view["viewname"]
        on_hand, incoming = await connection.fetchrow("SELECT sum(on_hand), sum(incoming) FROM stock_level")
        assert on_hand + incoming == report.units
        found = await connection.fetchval("SELECT count(*) FROM search_product WHERE variant_ids <> '{}'")
        assert found == await connection.fetchval("SELECT count(*) FROM product WHERE status = 'active'")
        assert incoming > 0
        rates = dict(
            await connection.fetch(
                """SELECT country, rate_basis_points FROM tax_rate
               WHERE tax_category = 'standard' AND country IN ('SI', 'HR', 'PL', 'HU')"""
            )
        )
        assert rates == {"SI": 2200, "HR": 2500, "PL": 2300, "HU": 2700}
        # Everything that has a word for a name has it in five languages, and every picture says what it shows.
        unnamed = await connection.fetchval(
            """SELECT count(*) FROM product p JOIN variant v USING (product_id),
                      unnest(p.option_axes, v.option_values) AS o (axis, value)
               WHERE NOT EXISTS (SELECT FROM option_name n WHERE n.axis = o.axis AND n.value = '' AND n.names ?& $1)
                  OR (o.axis IN ('colour', 'scent')
                      AND NOT EXISTS (SELECT FROM option_name n WHERE n.axis = o.axis AND n.value = o.value
                                      AND n.names ?& $1))""",
            ["en", "sl", "pl", "hr", "hu"],
        )
        assert unnamed == 0
        languages = ["en", "sl", "pl", "hr", "hu"]
        assert await connection.fetchval("SELECT bool_and(alt ?& $1) FROM media WHERE kind = 'image'", languages)
        urls = [row["url"] for row in await connection.fetch("SELECT DISTINCT url FROM media")]
    assert urls
    assert all((tmp_path / "demo" / url.removeprefix("/media/demo/")).is_file() for url in urls)
    assert report.pictures == len(list((tmp_path / "demo").glob("*.svg")))
    assert any(url.endswith(".glb") for url in urls)
    assert all(0 <= done <= total for _, done, total in steps)
    assert msgspec.json.decode(msgspec.json.encode(report))["variants"] == 9_000
    with pytest.raises(ShopNotEmpty, match="products already"):
        await load_demo(db)
