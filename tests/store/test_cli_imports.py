"""`kanava import stock` and `kanava import prices` as a person or a script runs them."""

import json
import os
import subprocess
import sys

import msgspec
import pytest
import xlsxwriter

from factories.orders import make_shop
from kanava.cli.importing import running
from kanava.cli.importing.prices import PriceRows
from kanava.cli.importing.stock import StockRows
from kanava.platform.tables.model import FileUnreadable

pytestmark = pytest.mark.anyio


def kanava(database_url, file, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "kanava.cli", "import", arguments[0], str(file), *arguments[1:]],
        cwd=file.parent,
        capture_output=True,
        text=True,
        env={"KANAVA_DATABASE_URL": database_url, "PATH": os.environ["PATH"], "COLUMNS": "150"},
        timeout=60,
        check=False,
    )


async def load(db, file, kind, *, dry_run=False):
    """Import without a terminal; give the report and its errors as `(row, column, reason)`."""
    errors = []
    report = running.Report(file.name, dry_run)
    await running.import_table(db, running.Table(file, kind), report, lambda _part, _rows, more: errors.extend(more))
    return report, [(error.row, error.column, error.reason) for error in errors]


async def prices_of(db):
    async with db.connection() as connection:
        rows = await connection.fetch(
            "SELECT sku, quantity_from, amount_minor FROM price JOIN variant USING (variant_id) ORDER BY 1, 2, 3"
        )
    return [tuple(row) for row in rows]


STOCK = "sku,location,on_hand,note\nCUP,LJ,7,a\nMUG,LJ,3.0,b\n"


async def test_stock_is_imported_once_and_again_changes_nothing(db, database_url, tmp_path):
    shop = await make_shop(db, stock=0)
    file = tmp_path / "stock.csv"
    file.write_text(STOCK)
    dry = kanava(database_url, file, "stock", "--dry-run")
    assert (dry.returncode, "2 applied" in dry.stdout, "Nothing was written" in dry.stdout) == (0, True, True), dry
    assert "note" in dry.stdout
    assert await shop.level("CUP", "LJ") == (0, 0)
    done = kanava(database_url, file, "stock", "--json")
    assert (done.returncode, json.loads(done.stdout)["counts"]["applied"]) == (0, 2), done
    assert (await shop.level("CUP", "LJ"), await shop.level("MUG", "LJ")) == ((7, 0), (3, 0))
    again = json.loads(kanava(database_url, file, "stock", "--json").stdout)
    assert (again["counts"]["applied"], again["counts"]["repeated"], again["rows_rejected"]) == (0, 2, 0)
    await shop.all_sound()


async def test_bad_rows_of_stock_are_named_and_the_good_ones_are_in(db, database_url, tmp_path):
    shop = await make_shop(db, stock=0)
    file = tmp_path / "stock.csv"
    rows = ["CUP,LJ,7", "CUP,LJ,8", "NONE,LJ,1", "MUG,MOON,1", "MUG,LJ,many", "COAT,LJ,-1", "COAT", "MUG,MB,4", ",LJ,1"]
    file.write_text("sku,location,on_hand\n" + "\n".join(rows) + "\n")
    done = kanava(database_url, file, "stock")
    assert done.returncode == 1
    assert "2 applied" in done.stdout
    report = (tmp_path / "stock.csv.errors.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in report] == [
        ["row", "column"],
        ["3", "sku"],
        ["4", "sku"],
        ["5", "location"],
        ["6", "on_hand"],
        ["7", "on_hand"],
        ["8", ""],
        ["10", "sku"],
    ]
    assert (await shop.level("CUP", "LJ"), await shop.level("MUG", "MB")) == ((7, 0), (4, 0))


async def test_deltas_of_a_file_count_once(db, tmp_path):
    shop = await make_shop(db, stock=10)
    file = tmp_path / "deltas.jsonl"
    file.write_text('{"sku": "CUP", "location": "LJ", "delta": -2}\n{"sku": "MUG", "location": "LJ", "delta": -90}\n')
    with pytest.raises(FileUnreadable, match="--sequence"):
        running.Table(file, StockRows("pos", None, 1))
    for applied, refused in ((1, 1), (0, 1)):
        report, errors = await load(db, file, StockRows("pos", 5, 1))
        assert (report.counts["applied"], report.counts["refused"]) == (applied, refused)
        assert errors == [(2, "delta", "there are only 10 on hand")]
    assert await shop.level("CUP", "LJ") == (8, 0)


async def test_every_bad_row_of_many_chunks_has_its_own_row_number(db, tmp_path):
    shop = await make_shop(db, stock=0)
    file = tmp_path / "stock.csv"
    rows = [f"GHOST-{number},LJ,1" if number % 2 else f"GHOST-{number},LJ,x" for number in range(2_500)]
    file.write_text("sku,location,on_hand\n" + "\n".join([*rows, "CUP,LJ,5"]) + "\n")
    report, errors = await load(db, file, StockRows("erp", 1, 1))
    assert [row for row, _, _ in errors] == list(range(2, 2_502))
    assert (report.rows_read, report.rows_rejected, report.counts["applied"]) == (2_501, 2_500, 1)
    assert await shop.level("CUP", "LJ") == (5, 0)


async def test_prices_of_a_spreadsheet(db, tmp_path):
    await make_shop(db)
    file = tmp_path / "prices.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["sku", "amount", "quantity_from", "valid_until"])
        sheet.write_row(1, 0, ["CUP", 9.9])
        sheet.write_row(2, 0, ["CUP", 7, 10])
        sheet.write_row(3, 0, ["MUG", "1,299"])
        sheet.write_row(4, 0, ["MUG", 3, 2, "2026-12-01"])
        sheet.write_row(5, 0, ["NONE", 1])
    before = await prices_of(db)
    report, errors = await load(db, file, PriceRows("eur"), dry_run=True)
    assert (report.counts["written"], report.rows_rejected) == (2, 3)
    assert await prices_of(db) == before
    report, errors = await load(db, file, PriceRows("eur"))
    assert [error[:2] for error in errors] == [(4, "amount"), (5, "valid_until"), (6, "sku")]
    assert await prices_of(db) == [("COAT", 1, 9999), ("CUP", 1, 990), ("CUP", 10, 700), ("MUG", 1, 2440)]
    report, errors = await load(db, file, PriceRows("eur"))
    assert (report.counts["written"], report.counts["unchanged"]) == (0, 2)


async def test_prices_of_several_lists_and_windows_that_overlap(db, database_url, tmp_path):
    await make_shop(db)
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO price_list (code, name, currency) VALUES ('huf', 'HUF', 'HUF')")
    columns = ["price_list", "sku", "amount_minor", "currency", "valid_from", "valid_until"]
    rows = [
        ["huf", "CUP", 499_000, "HUF", None, "2026-12-01T00:00:00+01:00"],
        ["huf", "CUP", 399_000, "HUF", "2026-12-01T00:00:00+01:00", None],
        ["eur", "MUG", 1_500, None, None, "2026-12-01T00:00:00+01:00"],
        ["eur", "MUG", 1_200, None, "2026-11-01T00:00:00+01:00", None],
        ["eur", "COAT", 1_200, "PLN", None, None],
        ["none", "COAT", 1_200, None, None, None],
    ]
    file = tmp_path / "prices.jsonl"
    file.write_bytes(msgspec.json.Encoder().encode_lines([dict(zip(columns, row, strict=True)) for row in rows]))
    report, errors = await load(db, file, PriceRows(None))
    assert report.counts["written"] == 2
    assert [error[:2] for error in errors] == [
        (3, "sku"), (4, "valid_from"), (5, "currency"), (6, "price_list")
    ]  # fmt: skip
    assert "that of row 3" in errors[1][2]
    assert ("CUP", 1, 399_000) in await prices_of(db)
    for arguments, sentence in ((("--list", "nowhere"), "no price list 'nowhere'"), ((), "")):
        done = kanava(database_url, file, "prices", *arguments)
        assert (done.returncode, "Traceback" in done.stderr, sentence in done.stderr) == (1, False, True), done


async def test_a_file_that_is_no_table_of_its_kind_is_refused_in_a_sentence(db, database_url, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("name,colour\nCup,blue\n")
    for kind, named in (("stock", "sku, location"), ("prices", "sku, and either")):
        done = kanava(database_url, file, kind)
        assert (done.returncode, named in done.stderr) == (1, True), done
