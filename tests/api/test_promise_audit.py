"""What was promised and what happened is counted from what the database stores."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import httpx
import pytest

from factories.boards import all_done, reject, resolve, work_of
from factories.carriers import make_carrier, service
from factories.fulfilments import ok, set_row
from factories.orders import Shop, line, make_shop, pickup, place
from kanava.fulfilment.service.promise_audit import audit_promises
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database, client: httpx.AsyncClient) -> Shop:
    shop = await make_shop(db)
    await make_carrier(client, post_home=service())
    return shop


async def counted(db: Database) -> set[tuple[str, str, str, int]]:
    now = clock.now()
    async with db.connection() as connection:
        audit = await audit_promises(connection, now - timedelta(days=1), now + timedelta(hours=1), now)
    assert audit.kept_share == pytest.approx(audit.units_kept / max(1, audit.units_kept + audit.units_broken), abs=1e-4)
    return {(row.kind, row.outcome, row.cause, row.units) for row in audit.rows}


async def test_every_unit_has_one_outcome_and_its_cause(client: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    assert await counted(db) == set()
    kept, late, moved, moved_late, waiting = [await place(client, line("CUP", 1)) for _ in range(5)]
    gone, asked = [await place(client, line("MUG", 2, pickup("LJ"))) for _ in range(2)]
    works = {}
    for name, order in {"kept": kept, "late": late, "moved": moved, "moved_late": moved_late, "gone": gone}.items():
        (works[name],) = await work_of(client, db, order)
        assert works[name]["first_promised_by"] is not None
    for name in ("moved", "moved_late"):
        await ok(await reject(client, works[name], "no_capacity"), 201)
    await all_done(db)
    for name, order in (("moved", moved), ("moved_late", moved_late)):
        works[name] = (await work_of(client, db, order))[-1]
    now = clock.now()
    for name, early in {"kept": True, "late": False, "moved": True, "moved_late": False}.items():
        by = now + timedelta(hours=1) if early else now - timedelta(hours=1)
        await set_row(db, works[name], state="delivered", settled_at=now, first_promised_by=by)
    await ok(await reject(client, works["gone"], "other", note="sold"), 201)
    stuck = (await work_of(client, db, gone))[-1]
    await ok(await resolve(client, stuck, "cancel"))
    (stuck,) = await work_of(client, db, asked)
    await ok(await reject(client, stuck, "no_capacity"), 201)
    assert waiting
    assert await counted(db) == {
        ("ship", "kept", "", 1),
        ("ship", "late", "place", 1),
        ("ship", "moved and kept", "no_capacity", 1),
        ("ship", "moved and late", "no_capacity", 1),
        ("ship", "under way", "", 1),
        ("pickup", "cancelled: nobody could", "other", 2),
        ("pickup", "customer asked", "no_capacity", 2),
    }


async def test_the_command_prints_it(client: httpx.AsyncClient, shop: Shop, db: Database, settings: Settings) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
    environment |= {"KANAVA_DATABASE_URL": settings.database_url, "KANAVA_DATA_DIR": str(settings.data_dir)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kanava.cli", "promises", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert "No promises" in run("audit").stdout
    order = await place(client, line("CUP", 3))
    await work_of(client, db, order)
    told = json.loads(run("audit", "--json").stdout)
    assert [(row["outcome"], row["units"]) for row in told["rows"]] == [("under way", 3)]
    assert "under way" in run("audit", "--days", "2").stdout
    wrong = run("audit", "--days", "0")
    assert wrong.returncode == 2
    assert "--days" in wrong.stderr
