"""Messages in any order, any number of times, end in the state of the newest; the ledger equals the level."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kanava.inventory.messages import Receipt, ReceiptLine
from kanava.inventory.model import StockUpdate, UpdateRow
from kanava.inventory.service import receive_many
from kanava.inventory.service.movements import receive
from kanava.inventory.service.updates import update_stock
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Database
from kanava.platform.errors import Forbidden
from kanava.platform.ids import uuid7

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLACES = ("A", "B")
SOURCES = ("erp", "pos")

Said = tuple[str, int, str, str, int]
"""(source, sequence, location, absolute or delta, units)"""


async def open_shop(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO product (handle) VALUES ('p')")
        await tx.execute("INSERT INTO variant (product_id, sku) SELECT product_id, 'S' FROM product")
        await tx.execute(
            "INSERT INTO location (code, kind, name, country, time_zone) "
            "SELECT c, 'store', c, 'SI', 'UTC' FROM unnest('{A,B}'::text[]) AS c"
        )


async def say(db: Database, said: Said) -> None:
    source, sequence, location, kind, units = said
    row = UpdateRow(
        "S", location, on_hand=units if kind == "absolute" else None, delta=units if kind == "delta" else None
    )
    async with db.transaction() as tx:
        await update_stock(tx, SYSTEM, StockUpdate(source, sequence, [row]), NOW)


def expected_of_one_source(said: list[Said]) -> dict[str, int]:
    """The newest absolute of each level and the deltas after it."""
    levels = {}
    for place in PLACES:
        here = {message[1]: message for message in said if message[2] == place}
        last = max((n for n, message in here.items() if message[3] == "absolute"), default=-1)
        start = here[last][4] if last >= 0 else 0
        levels[place] = start + sum(m[4] for n, m in here.items() if m[3] == "delta" and n > last)
    return levels


@st.composite
def shuffled_messages(draw: st.DrawFn) -> tuple[list[Said], list[Said]]:
    """Messages of one source, each sequence once, and the order (with repeats) in which they arrive."""
    count = draw(st.integers(1, 8))
    said = [
        (
            "erp",
            n,
            draw(st.sampled_from(PLACES)),
            draw(st.sampled_from(("absolute", "absolute", "delta"))),
            draw(st.integers(0, 20)),
        )
        for n in range(count)
    ]
    arriving = draw(st.permutations(said)) + draw(st.lists(st.sampled_from(said), max_size=6))
    return said, list(arriving)


@pytest.fixture
def runner(cluster):
    """A loop of this test's own with a shop: Hypothesis calls its test many times in one fixture."""
    import asyncpg

    loop = asyncio.new_event_loop()

    async def make() -> Database:
        connection = await asyncpg.connect(cluster.url("postgres"))
        await connection.execute("DROP DATABASE IF EXISTS t_messages WITH (FORCE)")
        await connection.execute("CREATE DATABASE t_messages TEMPLATE kanava_template STRATEGY FILE_COPY")
        await connection.close()
        db = await Database.open(cluster.url("t_messages"), pool_size=2)
        await open_shop(db)
        return db

    db = loop.run_until_complete(make())
    yield loop, db
    loop.run_until_complete(db.close())
    loop.close()


async def levels_after(db: Database, arriving: list[Said]) -> dict[str, int]:
    async with db.transaction() as tx:
        await tx.execute(
            "TRUNCATE stock_level, stock_movement, stock_sync, stock_source_mark, stock_source, outbox_event"
        )
    for said in arriving:
        await say(db, said)
    async with db.connection() as c:
        assert not await c.fetch("SELECT * FROM invariant_level_equals_ledger")
        rows = await c.fetch("SELECT code, on_hand FROM stock_level JOIN location USING (location_id)")
    return {place: dict(rows).get(place, 0) for place in PLACES}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=shuffled_messages())
def test_any_order_ends_in_the_newest_state(runner, messages) -> None:
    loop, db = runner
    said, arriving = messages
    assert loop.run_until_complete(levels_after(db, arriving)) == expected_of_one_source(said)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arriving=st.lists(
        st.tuples(
            st.sampled_from(SOURCES),
            st.integers(0, 5),
            st.sampled_from(PLACES),
            st.sampled_from(("absolute", "delta")),
            st.integers(-5, 20),
        ),
        max_size=14,
    )
)
def test_whatever_sources_say_the_ledger_equals_the_level(runner, arriving) -> None:
    loop, db = runner
    loop.run_until_complete(levels_after(db, arriving))


@pytest.mark.anyio
async def test_receive_many_adds_up_rows_of_one_level(db: Database) -> None:
    await open_shop(db)
    async with db.transaction() as tx:
        ids = await tx.fetchrow("SELECT (SELECT variant_id FROM variant), (SELECT min(location_id) FROM location)")
        assert await receive_many(tx, SYSTEM, [(*ids, 3), (*ids, 4)], "demo", NOW) == 1
        assert await tx.fetchval("SELECT on_hand FROM stock_level") == 7
        assert not await tx.fetch("SELECT * FROM invariant_level_equals_ledger")
        assert await tx.fetchval("SELECT data -> 'columns' -> 'on_hand' ->> 0 FROM outbox_event") == "7"


@pytest.mark.anyio
async def test_a_role_bound_to_one_place_reports_for_that_place_only(db: Database) -> None:
    await open_shop(db)
    async with db.transaction() as tx:
        here = await tx.fetchval("SELECT location_id FROM location WHERE code = 'A'")
        associate = msgspec.structs.replace(SYSTEM, kind="staff", id=7, location_ids=frozenset([here]))
        rows = [UpdateRow("S", "A", on_hand=3), UpdateRow("S", "B", on_hand=3)]
        report = await update_stock(tx, associate, StockUpdate("pos", 1, rows), NOW)
        assert (report.applied, report.refused) == (1, 1)
        assert report.results[0].field == "location"
        receipt = Receipt(uuid7(), "B", [ReceiptLine("S", 1)])
        with pytest.raises(Forbidden):
            await receive(tx, associate, receipt, NOW)


@pytest.mark.anyio
async def test_messages_of_every_shape_leave_a_ledger_that_equals_the_levels(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO product (handle) VALUES ('p')")
        await tx.execute(
            "INSERT INTO variant (product_id, sku) SELECT product_id, 'S' || n FROM product, generate_series(1, 6) n"
        )
        await tx.execute(
            "INSERT INTO location (code, kind, name, country, time_zone) "
            "SELECT 'L' || n, 'store', 'L' || n, 'SI', 'UTC' FROM generate_series(1, 40) n"
        )
    every = [(f"S{sku}", f"L{place}") for place in range(40, 0, -1) for sku in (3, 1, 6, 2)]
    one_place = [(f"S{sku}", "L7") for sku in (6, 2, 1, 3)]
    some_new = [(f"S{sku}", f"L{place}") for sku in (4, 1) for place in range(1, 31)]
    known: dict[tuple[str, str], int] = {}
    for sequence, keys in enumerate((every, every, one_place, some_new, every), 1):
        # Now and then a level stays as it is, or is 0.
        units = {key: (number * 7 + sequence * (number % 3)) % 5 for number, key in enumerate(keys)}
        rows = [UpdateRow(sku, place, on_hand=number) for (sku, place), number in units.items()]
        async with db.transaction() as tx:
            await tx.execute("TRUNCATE outbox_event")
            report = await update_stock(tx, SYSTEM, StockUpdate("erp", sequence, rows), NOW)
            assert report.applied == len(keys)
            told = await tx.fetch("SELECT data -> 'columns' AS columns FROM outbox_event ORDER BY event_id")
            found = await tx.fetch(
                "SELECT v.sku, p.code, l.on_hand FROM stock_level l JOIN variant v USING (variant_id) "
                "JOIN location p USING (location_id)"
            )
            broken = await tx.fetch("SELECT * FROM invariant_level_equals_ledger")
        moved = {key: number for key, number in units.items() if known.get(key, 0) != number}
        known |= units
        assert not broken
        assert {(sku, place): number for sku, place, number in found} == known
        columns = [event["columns"] for event in told]
        assert {
            (sku, place): number
            for event in columns
            for sku, place, number in zip(event["sku"], event["location"], event["on_hand"], strict=True)
        } == moved
