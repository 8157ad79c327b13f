"""What is exported comes back as it was, in every format."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import anyio
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stdnum.ean import calc_check_digit

from kanava.catalog import service
from kanava.catalog.commands import run_import
from kanava.catalog.model import (
    AttributeDefinition,
    AttributeFamilyInput,
    CategoryInput,
    Media,
    ProductInput,
    Text,
    VariantInput,
)
from kanava.catalog.rules.cells import check_short
from kanava.catalog.rules.gtin import shortest_form
from kanava.catalog.rules.texts import check_description, check_plain
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from tests_support import THOROUGH

pytestmark = pytest.mark.anyio
PHASES = (Phase.explicit, Phase.generate)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TABLES = "media, barcode, variant, product, brand, category, import_error, import_run, outbox_event, audit_entry"

FAMILY = AttributeFamilyInput(
    {
        "material": AttributeDefinition("choice", choices=["wool", "=cotton", "50 | 50"]),
        "care": AttributeDefinition("text"),
        "organic": AttributeDefinition("boolean"),
        "litres": AttributeDefinition("measure", unit="l", scale=2, level="variant"),
        "pieces": AttributeDefinition("integer", level="variant"),
        "score": AttributeDefinition("decimal", scale=1),
    }
)


def kept(check, *arguments):
    """Only what the rules take, as they store it."""

    def apply(text):
        try:
            return check(text, *arguments)
        except ValueError:
            return ""

    return apply


SHORT = st.one_of(
    st.sampled_from(["=1+1", "'quoted", "+x", "a|b", "a\\b", 'say "x"', "a,b;c", "_x000D_", "-5"]), st.text(max_size=12)
).map(kept(check_short))
NAMED = SHORT.filter(bool)
PLAIN = st.one_of(SHORT, st.text(max_size=40)).map(kept(check_plain, 400))
HTML = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["<p>Warm, <b>dry</b>.</p>\n<ul><li>x</li></ul>", "a\r\nb", "a & b < c", "<a href=/x>y</a>"]),
).map(kept(check_description))
URL = st.builds("https://img.example/{}.jpg?a=1,2&b={}".format, st.integers(0, 999), st.integers(0, 9))
MEASURE = st.one_of(st.none(), st.integers(0, 2_000_000_000))
LANGUAGES = st.sampled_from(["en", "sl", "pl", "hr", "hu", "sr-Latn"])


def media():
    item = st.builds(
        Media,
        url=URL,
        kind=st.sampled_from(["image", "model_3d"]),
        alt=st.dictionaries(LANGUAGES, PLAIN.filter(bool), max_size=2),
    )
    return st.lists(item, max_size=3, unique_by=lambda m: m.url)


def without_nothing(values):
    return {name: value for name, value in values.items() if value is not None}


@st.composite
def products(draw):
    axes = draw(st.lists(NAMED, max_size=3, unique=True))
    values = draw(st.lists(st.tuples(*(NAMED for _ in axes)), min_size=1, max_size=3, unique=True)) if axes else [()]
    in_family = draw(st.booleans())
    number = st.integers(-(10**6), 10**6)
    variants = [
        VariantInput(
            sku="",
            status=draw(st.sampled_from(["active", "archived"])),
            option_values=list(options),
            attributes=without_nothing(
                {"litres": draw(st.one_of(st.none(), number)), "pieces": draw(st.one_of(st.none(), number))}
            )
            if in_family
            else {},
            weight_grams=draw(MEASURE),
            length_mm=draw(MEASURE),
            width_mm=draw(MEASURE),
            height_mm=draw(MEASURE),
            media=draw(media()),
        )
        for options in values
    ]
    attributes = (
        without_nothing(
            {
                "material": draw(st.sampled_from([None, *FAMILY.attributes["material"].choices])),
                "care": draw(st.one_of(st.none(), PLAIN.filter(bool))),
                "organic": draw(st.sampled_from([None, True, False])),
                "score": draw(st.one_of(st.none(), number)),
            }
        )
        if in_family
        else {}
    )
    text = st.builds(Text, title=PLAIN.filter(bool), description=HTML, seo_title=PLAIN, seo_description=PLAIN)
    return ProductInput(
        texts=draw(st.dictionaries(LANGUAGES, text, min_size=1, max_size=3)),
        variants=variants,
        status=draw(st.sampled_from(["draft", "active", "archived"])),
        brand=draw(st.one_of(st.none(), NAMED)),
        category=draw(st.sampled_from([None, "top", "leaf"])),
        family="things" if in_family else None,
        tax_category=draw(st.sampled_from(["standard", "reduced"])),
        tags=draw(st.lists(NAMED, max_size=3, unique=True)),
        option_axes=axes,
        attributes=attributes,
        media=draw(media()),
    )


def gtin_of(number):
    body = f"{number:012d}"
    return shortest_form(body + calc_check_digit(body))


async def save(db, wanted):
    async with db.transaction() as tx:
        await service.put_family(tx, SYSTEM, "things", FAMILY, NOW)
        await service.put_category(tx, SYSTEM, "top", CategoryInput(names={"en": "Top"}), NOW)
        await service.put_category(tx, SYSTEM, "leaf", CategoryInput(parent="top"), NOW)
        for place, item in enumerate(wanted):
            variants = [
                msgspec.structs.replace(
                    variant, sku=f"={place}/{number}", gtins=[gtin_of(place * 10 + number + 1)] if number % 2 else []
                )
                for number, variant in enumerate(item.variants)
            ]
            await service.put_product(tx, SYSTEM, f"p-{place}", msgspec.structs.replace(item, variants=variants), NOW)


async def export(db, path, layout="native"):
    async with db.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await service.export_file(await service.export_catalogue(connection, layout), path.suffix[1:], path)


async def everything(db, count):
    found = []
    async with db.connection() as connection:
        for place in range(count):
            item = msgspec.to_builtins(await service.get_product(connection, f"p-{place}"))
            for part in (item, *item["variants"]):
                for name in ("version", "created_at", "updated_at"):
                    part.pop(name, None)
            found.append(item)
    return found


async def round_trip(url, wanted, file_format):
    db = await Database.open(url, pool_size=2)
    folder = Path(tempfile.mkdtemp())
    try:
        async with db.connection() as connection:
            await connection.execute(f"TRUNCATE {TABLES} CASCADE")
        await save(db, wanted)
        before = await everything(db, len(wanted))
        path = folder / f"catalogue.{file_format}"
        await export(db, path)
        again = await run_import(db, path, service.Options())
        assert (again.error_count, again.products_updated, again.variants_updated) == (0, 0, 0)
        async with db.connection() as connection:
            await connection.execute(f"TRUNCATE {TABLES} CASCADE")
            await connection.execute("INSERT INTO category (code, names) VALUES ('top', '{\"en\": \"Top\"}')")
        errors = []
        run = await run_import(db, path, service.Options(), lambda progress: errors.extend(progress.errors))
        assert errors == []
        assert run.products_created == len(wanted)
        assert await everything(db, len(wanted)) == before
    finally:
        await db.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "xlsx"])
async def test_an_export_comes_back_as_it_was(database_url, file_format):
    @given(st.lists(products(), min_size=1, max_size=3))
    @settings(
        max_examples=25 if THOROUGH else 8,
        phases=PHASES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def check(wanted):
        anyio.run(round_trip, database_url, wanted, file_format)

    await anyio.to_thread.run_sync(check)


async def test_a_shopify_export_comes_back_as_far_as_the_layout_reaches(db, tmp_path):
    shirt = ProductInput(
        texts={"en": Text("Shirt", "<p>Soft</p>", "Buy", "Now"), "sl": Text("Srajca")},
        status="active",
        brand="Northfold",
        category="leaf",
        tags=["new", "soft"],
        option_axes=["Size"],
        media=[
            Media("https://x.example/1.jpg", alt={"en": "Front"}),
            Media("https://x.example/2.jpg"),
            Media("https://x.example/3.jpg"),
        ],
        variants=[
            VariantInput("", option_values=["S"], weight_grams=200, media=[Media("https://x.example/s.jpg")]),
            VariantInput("", option_values=["M"]),
        ],
    )
    mug = ProductInput(texts={"en": Text("Mug")}, variants=[VariantInput("")])
    wide = ProductInput(
        texts={"en": Text("Wide")},
        option_axes=["a", "b", "c", "d"],
        variants=[VariantInput("", option_values=["1", "2", "3", "4"])],
    )
    await save(db, [shirt, mug, wide])
    before = await everything(db, 3)
    path = tmp_path / "shop.csv"
    await export(db, path, "shopify")
    run = await run_import(db, path, service.Options())
    assert (run.layout, run.error_count, run.products_updated, run.variants_updated) == ("shopify", 0, 0, 0)
    assert await everything(db, 3) == before
    async with db.connection() as connection:
        await connection.execute(f"TRUNCATE {TABLES} CASCADE")
    run = await run_import(db, path, service.Options())
    assert (run.products_created, run.variants_created, run.error_count) == (2, 3, 0)
    again = tmp_path / "again.csv"
    await export(db, again, "shopify")
    assert again.read_bytes() == path.read_bytes()


async def test_an_empty_catalogue_exports_its_header(db, tmp_path):
    for file_format in ("csv", "xlsx"):
        path = tmp_path / f"empty.{file_format}"
        await export(db, path)
        assert path.stat().st_size > 50
