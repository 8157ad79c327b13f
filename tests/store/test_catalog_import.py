"""Importing catalogue files and rows on real PostgreSQL."""

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest

from kanava.catalog import service
from kanava.catalog.commands import run_import
from kanava.catalog.files import reading
from kanava.catalog.model import AttributeDefinition, AttributeFamilyInput, NativeRow
from kanava.platform.auth import SYSTEM
from kanava.platform.tables.model import FileUnreadable

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEADER = "handle,sku,title_en,status,brand,category,option1_name,option1_value,gtin,weight_grams,image_urls"
GOOD = "jacket,J-{n},Jacket,active,Northfold,outdoor/jackets,Size,{n},,500,/m/{n}.jpg"


def rows_of(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


async def run(db, tmp_path, content, name="c.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    errors = []
    run = await run_import(db, path, service.Options(**options), lambda p: errors.extend(p.errors))
    return run, [(e.row, e.column, e.reason) for e in errors]


async def one(db, sql, *values):
    async with db.connection() as connection:
        return await connection.fetchval(sql, *values)


async def product(db, handle):
    async with db.connection() as connection:
        return await service.get_product(connection, handle)


async def test_a_file_becomes_products_with_variants_barcodes_and_pictures(db, tmp_path):
    done, errors = await run(
        db,
        tmp_path,
        rows_of(
            "jacket,J-S,Jacket,active,Northfold,outdoor/jackets,Size,S,4006381333931,500,/m/s.jpg /m/s2.jpg",
            "jacket,J-M,,,,,,M,04006381333948,510,",
        ),
    )
    assert errors == []
    assert (done.status, done.products_created, done.variants_created, done.position) == ("completed", 1, 2, 3)
    jacket = await product(db, "jacket")
    assert (jacket.brand, jacket.category, jacket.option_axes, jacket.status) == (
        "Northfold",
        "jackets",
        ["Size"],
        "active",
    )
    assert [(v.sku, v.option_values, v.gtins, v.weight_grams) for v in jacket.variants] == [
        ("J-S", ["S"], ["4006381333931"], 500),
        ("J-M", ["M"], ["4006381333948"], 510),
    ]
    assert [m.url for m in jacket.variants[0].media] == ["/m/s.jpg", "/m/s2.jpg"]
    assert (
        await one(
            db, "SELECT p.code FROM category c JOIN category p ON p.category_id = c.parent_id WHERE c.code = 'jackets'"
        )
        == "outdoor"
    )


async def test_the_same_file_again_changes_nothing(db, tmp_path):
    content = rows_of(*(GOOD.format(n=n) for n in range(20)))
    await run(db, tmp_path, content)
    before = await product(db, "jacket")
    done, errors = await run(db, tmp_path, content)
    assert errors == []
    assert (done.products_created, done.products_updated, done.variants_created, done.variants_updated) == (0, 0, 0, 0)
    assert await product(db, "jacket") == before


async def test_columns_that_are_missing_leave_what_is_stored(db, tmp_path):
    await run(db, tmp_path, rows_of("jacket,J-S,Jacket,active,Northfold,outdoor,Size,S,4006381333931,500,/m/s.jpg"))
    done, errors = await run(db, tmp_path, rows_of("jacket,J-S,Jakna", header="handle,sku,title_sl"))
    assert errors == []
    assert (done.products_updated, done.variants_updated) == (1, 0)
    jacket = await product(db, "jacket")
    assert {tag: text.title for tag, text in jacket.texts.items()} == {"en": "Jacket", "sl": "Jakna"}
    assert (jacket.brand, jacket.variants[0].gtins, jacket.variants[0].weight_grams) == (
        "Northfold",
        ["4006381333931"],
        500,
    )
    await run(db, tmp_path, rows_of("jacket,J-S,,", header="handle,sku,gtin,weight_grams"))
    jacket = await product(db, "jacket")
    assert (jacket.variants[0].gtins, jacket.variants[0].weight_grams) == ([], None)


async def test_every_bad_row_is_one_error_and_the_good_rows_are_imported(db, tmp_path):
    await run(db, tmp_path, rows_of("other,O-1,Other,active,,,,,4006381333931,1,"), name="first.csv")
    done, errors = await run(
        db,
        tmp_path,
        rows_of(
            GOOD.format(n=2),
            GOOD.format(n=3).replace(",500,", ",-5,"),
            GOOD.format(n=4).replace(",,500", ",4006381333932,500"),
            GOOD.format(n=5).replace(",,500", ",4006381333931,500"),
            "jacket,O-1,Jacket,active,Northfold,outdoor/jackets,Size,XX,,1,",
            GOOD.format(n=2),
            "jacket,J-8",
            GOOD.format(n=9).replace("Jacket", '"Jacket"x'),
            GOOD.format(n=10).replace("Northfold", "Other Brand"),
            GOOD.format(n=11).replace("/m/11.jpg", "javascript:x"),
            GOOD.format(n=12).replace("Size,12", "Size,2"),
            GOOD.format(n=13).replace("J-13", "J" * 101),
            GOOD.format(n=14),
            "No Handle,J-15,X,active,,,,,,,",
            "cap,C-1,Cap,sold,,,,,,,",
            "hat,H-1,,active,,,,,,,",
        ),
    )
    found = {row: (column, reason) for row, column, reason in errors}
    assert len(found) == len(errors)
    assert found[3] == ("weight_grams", "must not be negative")
    assert found[4] == ("gtin", "the check digit of the GTIN is wrong")
    assert found[5] == ("gtin", "the GTIN belongs to the variant 'O-1'")
    assert found[6] == ("sku", "the sku belongs to the product 'other'")
    assert found[7] == ("sku", "stands in an earlier row of the file")
    assert found[8] == ("", "has 2 columns, the header 11")
    assert "quoting" in found[9][1]
    assert found[10] == ("brand", "differs from row 2, the first row of this product")
    assert found[11][0] == "image_urls"
    assert found[12] == ("option1_value", "has the options of variant 'J-2'")
    assert found[13] == ("sku", "longer than 100 characters (101)")
    assert found[15][0] == "handle"
    assert found[16] == ("status", "must be draft, active or archived")
    assert found[17] == ("title", "a product needs a title in one language at least, as in title_en")
    assert sorted(set(range(2, 18)) - set(found)) == [2, 14]
    assert [v.sku for v in (await product(db, "jacket")).variants] == ["J-2", "J-14"]
    assert (done.rows_read, done.rows_rejected, done.error_count) == (16, 14, 14)
    async with db.connection() as connection:
        report = await service.import_report(connection, done.import_run_id, 0, 100)
    assert len(report.errors) == 14


async def test_an_error_of_the_product_rejects_its_rows_and_says_why(db, tmp_path):
    _, errors = await run(
        db,
        tmp_path,
        rows_of(
            "cap,C-1,Cap,sold,,,Size,S,,,",
            "cap,C-2,,,,,,M,,,",
            "hat,H-1,Hat,active,,,,,,,",
        ),
    )
    assert errors == [
        (2, "status", "must be draft, active or archived"),
        (3, "handle", "row 2, the first row of this product, has an error"),
    ]
    assert await one(db, "SELECT string_agg(sku, ',') FROM variant") == "H-1"


async def test_an_open_quote_costs_one_row(db, tmp_path):
    rows = [GOOD.format(n=n) for n in range(5)]
    rows[1] = rows[1].replace("Jacket", '"Jacket')
    done, errors = await run(db, tmp_path, rows_of(*rows))
    assert [(row, reason) for row, _, reason in errors] == [(3, "a quote is opened and not closed")]
    assert done.variants_created == 4


async def test_wrong_bytes_are_named_by_position_and_row(db, tmp_path):
    rows = [GOOD.format(n=n) for n in range(4)]
    content = rows_of(*rows).encode()
    bad = content.replace(b"J-2,Jacket", b"J-2,Jack\xe9t")
    done, errors = await run(db, tmp_path, bad)
    assert errors == [(4, "title_en", f"is not UTF-8: byte {bad.index(0xE9)} is 0xE9; save the file as UTF-8")]
    assert done.variants_created == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
async def test_other_encodings_are_found_out(db, tmp_path, encoding):
    done, errors = await run(db, tmp_path, rows_of("jakna,J-1,Topla jakna z žepi,active,,,,,,,").encode(encoding))
    assert (errors, done.variants_created) == ([], 1)
    assert (await product(db, "jakna")).texts["en"].title == "Topla jakna z žepi"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
async def test_other_delimiters_are_found_out(db, tmp_path, delimiter):
    text = rows_of("jacket,J-1,Jacket,active,,,,,,,").replace(",", delimiter)
    done, errors = await run(db, tmp_path, text)
    assert (errors, done.variants_created) == ([], 1)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"sku,title_en\nx,y\n", b"handle,sku,sku\n", b"%PDF-1.4 x", b"PK\x03\x04rubbish"]
)
async def test_what_is_no_catalogue_is_refused_as_a_whole(db, tmp_path, content):
    with pytest.raises(FileUnreadable):
        await run(db, tmp_path, content)
    assert await one(db, "SELECT count(*) FROM import_run") == 0


async def test_a_dry_run_finds_the_same_errors_and_writes_nothing(db, tmp_path, monkeypatch):
    monkeypatch.setattr(reading.CatalogueFile.batches, "__defaults__", (0, 3))
    await run(db, tmp_path, rows_of("other,O-1,Other,active,,,,,4006381333931,1,"), name="first.csv")
    content = rows_of(
        *(GOOD.format(n=n) for n in range(12)),
        GOOD.format(n=12).replace(",,500", ",4006381333931,500"),
        GOOD.format(n=3),
    )
    dry, dry_errors = await run(db, tmp_path, content, dry_run=True)
    assert await one(db, "SELECT count(*) FROM variant") == 1
    wet, wet_errors = await run(db, tmp_path, content)
    assert dry_errors == wet_errors
    assert len(dry_errors) == 2
    assert (dry.variants_created, dry.products_created) == (wet.variants_created, wet.products_created) == (12, 1)


async def test_a_product_larger_than_a_chunk_is_one_product(db, tmp_path, monkeypatch):
    monkeypatch.setattr(reading.CatalogueFile.batches, "__defaults__", (0, 3))
    rows = (
        [GOOD.format(n=n) for n in range(40)]
        + ["cap,C-1,Cap,active,,,,,,,"]
        + [GOOD.format(n=40), GOOD.format(n=41).replace("Northfold", "X")]
    )
    done, errors = await run(db, tmp_path, rows_of(*rows))
    assert errors == [(44, "handle", "its product columns differ from row 2")]
    assert len((await product(db, "jacket")).variants) == 41
    assert (done.products_created, done.variants_created) == (2, 42)


async def test_a_run_that_broke_goes_on_where_it_stopped(db, tmp_path, monkeypatch):
    monkeypatch.setattr(reading.CatalogueFile.batches, "__defaults__", (0, 10))
    rows = [
        f"p{n // 5},S-{n},Thing,active,,,Size,{n},,-1," if n == 3 else f"p{n // 5},S-{n},Thing,active,,,Size,{n},,1,"
        for n in range(60)
    ]
    path = tmp_path / "c.csv"
    path.write_text(rows_of(*rows, "p99,S-1,Thing,active,,,,,,,"))
    stopped = 0

    def stop(progress):
        nonlocal stopped
        stopped += 1
        if stopped == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run_import(db, path, service.Options(), stop)
    assert 0 < await one(db, "SELECT count(*) FROM variant") < 59
    errors = []
    done = await run_import(db, path, service.Options(resume=True), lambda p: errors.extend(p.errors))
    assert await one(db, "SELECT count(*) FROM import_run") == 1
    assert await one(db, "SELECT count(*) FROM variant") == 59
    assert (done.status, done.rows_read, done.variants_created, done.error_count) == ("completed", 61, 59, 2)
    # The sku that the file had before the break is still known as doubled after it.
    assert [(e.row, e.column) for e in errors] == [(62, "sku")]


async def test_a_gtin_may_move_between_variants_of_one_file(db, tmp_path):
    await run(db, tmp_path, rows_of("a,A-1,A,active,,,,,4006381333931,1,", "b,B-1,B,active,,,,,,1,"))
    _, errors = await run(db, tmp_path, rows_of("a,A-1,A,active,,,,,,1,", "b,B-1,B,active,,,,,4006381333931,1,"))
    assert errors == []
    assert await one(db, "SELECT sku FROM barcode JOIN variant USING (variant_id)") == "B-1"


async def test_attributes_have_the_types_of_their_family(db, tmp_path):
    family = AttributeFamilyInput(
        {
            "material": AttributeDefinition("choice", choices=["wool", "cotton"]),
            "waterproof": AttributeDefinition("measure", unit="mm", level="variant"),
        }
    )
    async with db.transaction() as tx:
        await service.put_family(tx, SYSTEM, "clothing", family, NOW)
    header = "handle,sku,title_en,family,attribute.material,attribute.waterproof"
    _, errors = await run(
        db,
        tmp_path,
        rows_of(
            "a,A-1,A,clothing,wool,5000 mm",
            "b,B-1,B,clothing,silk,1",
            "c,C-1,C,clothing,wool,wet",
            "d,D-1,D,shoes,,",
            "e,E-1,E,,wool,",
            header=header,
        ),
    )
    assert [(row, column) for row, column, _ in errors] == [
        (3, "attribute.material"),
        (4, "attribute.waterproof"),
        (5, "family"),
        (6, "attribute.material"),
    ]
    a = await product(db, "a")
    assert (a.attributes, a.variants[0].attributes) == ({"material": "wool"}, {"waterproof": 5000})


async def test_scripts_stay_text_in_titles_and_go_from_descriptions(db, tmp_path):
    header = "handle,sku,title_en,description_en"
    await run(db, tmp_path, rows_of("a,A-1,<script>x</script>,<p>Fine</p><script>alert(1)</script>", header=header))
    text = (await product(db, "a")).texts["en"]
    assert (text.title, text.description) == ("<script>x</script>", "<p>Fine</p>")


async def test_huge_cells_are_refused(db, tmp_path):
    header = "handle,sku,title_en,description_en"
    content = rows_of(
        f"a,A-1,A,{'x' * 40_000}", f"b,B-1,{'y' * 600},", f'c,C-1,C,"{"z" * 200_000}"', "d,D-1,D,fine", header=header
    )
    done, errors = await run(db, tmp_path, content)
    assert [(row, column) for row, column, _ in errors] == [(2, "description_en"), (3, "title_en"), (4, "")]
    assert done.variants_created == 1


async def test_json_lines_and_their_errors(db, tmp_path):
    lines = [
        {
            "handle": "a",
            "sku": "A-1",
            "title_en": "A",
            "weight_grams": 5,
            "gtin": ["4006381333931"],
            "image_urls": ["/a.jpg", "/b.jpg"],
        },
        {"handle": "b", "sku": "B-1", "title_en": "B"},
        {"handle": "c", "sku": "C-1", "colour": "red"},
    ]
    content = (
        "\n".join(msgspec.json.encode(line).decode() for line in lines)
        + '\n{"handle": \n[1]\n{"handle":"d","sku":"D-1","title_en":{}}\n'
    )
    done, errors = await run(db, tmp_path, content, name="c.jsonl")
    assert [(row, column) for row, column, _ in errors] == [(3, "colour"), (4, ""), (5, ""), (6, "")]
    assert done.variants_created == 2
    assert len((await product(db, "a")).variants[0].media) == 2


async def test_shopify_files_are_recognised(db, tmp_path):
    rows = [
        [
            "Handle",
            "Title",
            "Body (HTML)",
            "Vendor",
            "Product Category",
            "Type",
            "Tags",
            "Published",
            "Option1 Name",
            "Option1 Value",
            "Variant SKU",
            "Variant Grams",
            "Variant Price",
            "Variant Barcode",
            "Image Src",
            "Image Position",
            "Image Alt Text",
            "Variant Image",
            "Status",
        ],
        [
            "tee",
            "Tee",
            "<p>Soft</p>",
            "Northfold",
            "Clothing > Shirts",
            "T-Shirt",
            "new, soft",
            "TRUE",
            "Size",
            "S",
            "T-S",
            "200.0",
            "19.90",
            "'4006381333931",
            "https://x.example/1.jpg",
            "1",
            "Front",
            "",
            "active",
        ],
        [
            "tee",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "M",
            "T-M",
            "210",
            "19.90",
            "",
            "https://x.example/2.jpg",
            "2",
            "",
            "https://x.example/m.jpg",
            "",
        ],
        ["tee", "", "", "", "", "", "", "", "", "", "", "", "", "", "https://x.example/0.jpg", "0", "Cover", "", ""],
        [
            "mug",
            "Mug",
            "",
            "",
            "",
            "",
            "",
            "FALSE",
            "Title",
            "Default Title",
            "MUG",
            "300",
            "9",
            "",
            "",
            "",
            "",
            "",
            "",
        ],
        [
            "bad",
            "Bad",
            "",
            "",
            "",
            "",
            "",
            "TRUE",
            "Title",
            "Default Title",
            "",
            "-3",
            "9",
            "123",
            "",
            "",
            "",
            "",
            "active",
        ],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    done, errors = await run(db, tmp_path, text.getvalue())
    assert (done.layout, done.products_created, done.variants_created) == ("shopify", 2, 3)
    assert {(row, column) for row, column, _ in errors} == {
        (6, "Variant SKU"),
        (6, "Variant Grams"),
        (6, "Variant Barcode"),
    }
    assert done.columns_ignored == ["Variant Price"]
    tee = await product(db, "tee")
    assert (tee.status, tee.category, tee.tags, tee.option_axes) == (
        "active",
        "clothing-shirts",
        ["new", "soft"],
        ["Size"],
    )
    assert [(m.url[-5:], m.alt) for m in tee.media] == [
        ("0.jpg", {"en": "Cover"}),
        ("1.jpg", {"en": "Front"}),
        ("2.jpg", {}),
    ]
    assert [(v.sku, v.weight_grams, v.gtins) for v in tee.variants] == [
        ("T-S", 200, ["4006381333931"]),
        ("T-M", 210, []),
    ]
    mug = await product(db, "mug")
    assert (mug.status, mug.option_axes, mug.variants[0].option_values) == ("draft", [], [])


async def test_rows_of_a_program_are_imported_in_sets(db):
    rows = [
        NativeRow(
            f"p-{n // 4}",
            f"S-{n}",
            titles={"en": "Thing", "sl": "Stvar"},
            brand="B",
            category="x/y",
            options={"Size": str(n)},
            gtins=[],
            weight_grams=5,
            status="active",
            image_urls=[f"/{n}.svg"],
        )
        for n in range(100)
    ]
    rows.append(NativeRow("p-0", "S-100", options={"Size": "100"}, weight_grams=-1))
    async with db.transaction() as tx:
        outcome = await service.import_rows(tx, rows, NOW)
        ids = await service.variant_ids_by_sku(tx, ["S-0", "S-99", "none"])
    assert [(e.row, e.column) for e in outcome.errors] == [(101, "weight_grams")]
    assert (outcome.counts.products_created, outcome.counts.variants_created) == (25, 100)
    assert set(ids) == {"S-0", "S-99"}


async def test_variants_are_never_deleted(db, tmp_path):
    await run(db, tmp_path, rows_of("a,A-1,A,active,,,,,,1,"))
    with pytest.raises(Exception, match="never deleted"):
        await one(db, "DELETE FROM variant")
