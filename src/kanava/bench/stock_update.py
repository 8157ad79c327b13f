"""Benchmark: 1,000,000 variant × location rows through the API, against COPY of the same rows into a bare table.

20,000 variants at 50 locations, sent as an ERP exports them (article by article) in 100 messages of 10,000 rows, three
of them in flight. Measured twice each round: when no level exists yet, and when every level exists and every row
changes it. Each row becomes a level, a movement in the ledger and a line in an event.
"""

import asyncio
import io
import sys
import time
from collections.abc import Iterator

import asyncpg
import httpx
import msgspec

from kanava.bench.installation import Api, Installation
from kanava.bench.model import Advance, BenchContext, Measure, compared, figure, median
from kanava.platform.refusal import CannotRun

NAME = "stock_update"
VARIANTS = 20_000
VARIANTS_QUICK = 2_000
LOCATIONS = 50
ROWS_A_MESSAGE = 10_000
IN_FLIGHT = 3
GOAL = 0.3
BARE = """
    DROP TABLE IF EXISTS bare_level;
    CREATE TABLE bare_level (variant_id bigint, location_id bigint, on_hand integer,
                             PRIMARY KEY (variant_id, location_id))
"""
SEED = (
    "INSERT INTO product (handle, status) SELECT 'product-' || n, 'active' FROM generate_series(1, {variants} / 5) n",
    """
    INSERT INTO variant (product_id, sku)
    SELECT p.product_id, 'SKU-' || lpad(n::text, 6, '0')
    FROM generate_series(1, {variants}) n JOIN product p ON p.handle = 'product-' || (n - 1) / 5 + 1 ORDER BY n
    """,
    f"""
    INSERT INTO location (code, kind, name, country, time_zone)
    SELECT 'L-' || lpad(n::text, 3, '0'), 'store', 'Store ' || n, 'SI', 'Europe/Ljubljana'
    FROM generate_series(1, {LOCATIONS}) n
    """,
)
EMPTY = "TRUNCATE stock_level, stock_movement, stock_sync, stock_source_mark, outbox_event"


async def run(context: BenchContext) -> list[Measure]:
    """Run it: some 20 seconds a round."""
    variants = VARIANTS_QUICK if context.quick else VARIANTS
    copies: list[float] = []
    inserts: list[float] = []
    updates: list[float] = []
    async with context.installation() as installation:
        await installation.run(*(statement.format(variants=variants) for statement in SEED))
        rows = variants * LOCATIONS
        file = await _rows_as_text(installation)
        async with installation.api() as api:
            for number in range(context.rounds):
                await installation.run(EMPTY)
                await installation.settle()
                copies.append(rows / await _copy(installation, file))
                for pass_number, (speeds, title) in enumerate(((inserts, "new levels"), (updates, "known levels"))):
                    with context.step(f"Round {number + 1}: {rows:,} rows, {title}", rows) as advance:
                        messages = _messages(variants, 2 * number + pass_number)
                        speeds.append(rows / await _send(api, installation.api_key, messages, advance))
                    await installation.run("VACUUM (ANALYZE) stock_level")
                copies.append(rows / await _copy(installation, file))
        broken = await installation.value("SELECT count(*) FROM invariant_level_equals_ledger")
        moved = await installation.value("SELECT count(*) FROM stock_ledger")
    if broken or moved != 2 * rows:
        raise CannotRun(f"{broken} levels differ from the ledger, which has {moved} of {2 * rows} movements.")
    context.note(
        f"{rows:,} rows in messages of {ROWS_A_MESSAGE:,}, {IN_FLIGHT} in flight, one API process, fsync on; "
        "every level equals its ledger."
    )
    reference = median(copies)
    return [
        compared(
            NAME,
            title,
            median(speeds),
            "rows/s",
            reference="COPY into a bare table with the same key",
            reference_value=reference,
            at_least=GOAL,
        )
        for title, speeds in (("new levels", inserts), ("known levels, all changed", updates))
    ] + [figure(NAME, "slowest round of new levels", min(inserts), "rows/s")]


def _messages(variants: int, turn: int) -> Iterator[bytes]:
    """Make the bodies of one pass; a later turn has higher sequences and other quantities in every row."""
    each = ROWS_A_MESSAGE // LOCATIONS
    for first in range(1, variants + 1, each):
        rows = [
            {"sku": f"SKU-{variant:06d}", "location": f"L-{place:03d}", "on_hand": (variant + place) % 90 + 1 + turn}
            for variant in range(first, first + each)
            for place in range(1, LOCATIONS + 1)
        ]
        yield msgspec.json.encode({"source": "erp", "sequence": turn + 1, "rows": rows})


async def _send(api: Api, key: str, messages: Iterator[bytes], advance: Advance) -> float:
    """Send every message and give the seconds from the first byte to the last answer."""
    bodies = list(messages)
    waiting = iter(bodies)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=api.url, headers=headers, timeout=120) as client:

        async def lane() -> None:
            for body in waiting:
                answer = await client.post("/api/stock/updates", content=body)
                if answer.status_code != 200 or answer.json()["applied"] != ROWS_A_MESSAGE:
                    raise CannotRun(f"The API answered {answer.status_code}: {answer.text[:300]}")
                advance(ROWS_A_MESSAGE)

        started = time.perf_counter()
        await asyncio.gather(*[lane() for _ in range(IN_FLIGHT)])
        return time.perf_counter() - started


async def _rows_as_text(installation: Installation) -> bytes:
    connection = await installation.connect()
    try:
        text = io.BytesIO()
        query = f"""
            SELECT v.variant_id, l.location_id, ((v.variant_id + l.location_id) % 90)::int AS on_hand
            FROM variant v, location l ORDER BY 1, 2 LIMIT {VARIANTS * LOCATIONS}
        """
        await connection.copy_from_query(query, output=text)
        return text.getvalue()
    finally:
        await connection.close()


async def _copy(installation: Installation, rows: bytes) -> float:
    """Give the seconds that COPY takes into a bare table with the same primary key."""
    connection: asyncpg.Connection = await installation.connect()
    try:
        await connection.execute(BARE)
        await connection.execute("CHECKPOINT")
        started = time.perf_counter()
        await connection.copy_to_table("bare_level", source=io.BytesIO(rows))
        seconds = time.perf_counter() - started
        await connection.execute("DROP TABLE bare_level")
        return seconds
    finally:
        await connection.close()


if __name__ == "__main__":
    from kanava.bench.commands import app

    app([NAME, *sys.argv[1:]])
