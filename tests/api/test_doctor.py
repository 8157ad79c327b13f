"""Every order that waits on something is named, over HTTP and on the command line."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta

import httpx
import pytest

from factories.boards import all_done, reject, work_of
from factories.fulfilments import ok, set_row
from factories.orders import line, make_shop, pickup, place
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import Settings

pytestmark = pytest.mark.anyio


async def diagnosis(client: httpx.AsyncClient) -> dict[str, list[tuple[str, bool]]]:
    answer = await ok(await client.get("/api/doctor"))
    found: dict[str, list[tuple[str, bool]]] = {}
    for each in answer["waiting"]:
        found.setdefault(each["kind"], []).append((each["number"], each["overdue"]))
    assert {kind: total for kind, total in answer["counts"].items() if total} == {k: len(v) for k, v in found.items()}
    assert answer["healthy"] == (not any(overdue for each in found.values() for _, overdue in each))
    return found


async def test_everything_that_waits_is_named_with_its_reason(
    client: httpx.AsyncClient, db: Database, settings: Settings
) -> None:
    await make_shop(db)
    assert await diagnosis(client) == {}
    stuck, held, late, past, fetched = [
        await place(client, line("CUP", 1, how)) for how in (pickup("MB"), None, None, None, pickup("LJ"))
    ]
    works = [(await work_of(client, db, order))[0] for order in (stuck, held, late, past, fetched)]
    await all_done(db)
    await ok(await reject(client, works[0], "not_found"), 201)
    await ok(await client.post(f"/api/orders/{held['order_id']}/hold", json={"reason": "fraud?"}))
    await all_done(db)
    ago = clock.now() - timedelta(hours=3)
    number = {name: work["fulfilment_number"] for name, work in zip("shlpf", works, strict=True)}
    assert await diagnosis(client) == {"stuck": [(number["s"], False)], "on_hold": [(number["h"], False)]}
    await set_row(db, works[2], work_by=ago)
    await set_row(db, works[3], promised_by=ago)
    await set_row(db, works[4], state="ready", collect_by=ago)
    async with db.transaction() as tx:
        await tx.execute("UPDATE sales_order SET placed_at = $1", ago)
        await tx.execute(
            """INSERT INTO carrier_event (carrier, carrier_event_id, tracking_number, kind, occurred_at, received_at,
               applied) VALUES ('post', '1', 'T1', 'delivered', $1, $1, false)""",
            ago,
        )
        await tx.execute("INSERT INTO event_consumer_failure SELECT 'x', gen_random_uuid(), '1'::xid8, 'bad', $1", ago)
        await tx.execute("INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'failed', 'a_job')")
    fresh = await place(client, line("MUG", 1))
    async with db.transaction() as tx:
        await tx.execute("UPDATE sales_order SET placed_at = $1 WHERE number = $2", ago, fresh["number"])
    found = await diagnosis(client)
    assert found["late"] == [(number["l"], True)]
    assert found["promise_past"] == [(number["p"], True)]
    assert found["uncollected"] == [(number["f"], True)]
    assert found["unopened"] == [(str(fresh["number"]), True)]
    assert found["unknown_parcel"] == [("T1", True)]
    assert len(found["event_put_aside"]) == len(found["failed_job"]) == 1
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
    environment["KANAVA_DATABASE_URL"] = settings.database_url
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "kanava.cli", "doctor", "--json"],
        env=environment,
        cwd=settings.data_dir,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1, run.stderr
    assert json.loads(run.stdout)["counts"]["stuck"] == 1
