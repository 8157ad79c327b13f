"""`kill -9` under load: every acknowledged order is there, once, and the invariants hold."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from conftest import Server
from factories.orders import SHIP_TO, Shop, line, make_shop, new_id
from kanava.platform import auth, embedded, migrate
from kanava.platform.db import Database
from kanava.settings import Settings

pytestmark = pytest.mark.anyio

STARTED: list[subprocess.Popen[bytes]] = []


class Buyer:
    """Places one order after the other, each repeated under its id until it is answered."""

    def __init__(self, url: str, secret: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        self.client = httpx.AsyncClient(base_url=url, headers=headers, timeout=5)
        self.acknowledged: list[str] = []
        self.unanswered = 0

    async def buy(self, until: asyncio.Event) -> None:
        while not until.is_set():
            order = {"order_id": new_id(), "channel": "web", "ship_to": SHIP_TO, "lines": [line("CUP"), line("MUG")]}
            while True:
                try:
                    answer = await self.client.post("/api/orders", json=order)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code == 201:
                    self.acknowledged.append(order["order_id"])
                    break
                assert answer is None or answer.status_code in (500, 503), answer.text
                self.unanswered += 1
                if until.is_set():
                    return
                await asyncio.sleep(0.05)


async def buy_while(url: str, secret: str, fault: Callable[[], None]) -> list[Buyer]:
    buyers = [Buyer(url, secret) for _ in range(12)]
    done = asyncio.Event()
    tasks = [asyncio.create_task(buyer.buy(done)) for buyer in buyers]
    await asyncio.sleep(1.0)
    before = sum(len(buyer.acknowledged) for buyer in buyers)
    # In a thread: the buyers go on while it lasts.
    await asyncio.to_thread(fault)
    for _ in range(200):
        await asyncio.sleep(0.1)
        if sum(len(buyer.acknowledged) for buyer in buyers) > before + 60:
            break
    done.set()
    await asyncio.gather(*tasks)
    for buyer in buyers:
        await buyer.client.aclose()
    assert sum(len(buyer.acknowledged) for buyer in buyers) > before + 60, "orders flow again after the fault"
    assert before > 20
    return buyers


async def check(url: str, buyers: list[Buyer], shop: Shop) -> None:
    acknowledged = [order_id for buyer in buyers for order_id in buyer.acknowledged]
    connection = await asyncpg.connect(url)
    stored = [str(row[0]) for row in await connection.fetch("SELECT order_id FROM sales_order")]
    events = await connection.fetchval("SELECT count(*) FROM outbox_event WHERE type = 'order.placed'")
    await connection.close()
    assert set(acknowledged) <= set(stored)
    assert len(acknowledged) == len(set(acknowledged))
    # An order that was written but not answered belongs to a buyer who was still repeating it when the test ended.
    assert len(stored) - len(acknowledged) <= len(buyers)
    assert events == len(stored)
    reserved = sum([(await shop.level("CUP", place))[1] for place in ("WH", "LJ", "MB")])
    assert reserved == len(stored)
    await shop.all_sound()


def api_processes(server: Server) -> list[psutil.Process]:
    root = psutil.Process(server.process.pid)
    return [root, *root.children(recursive=True)]


async def test_the_api_is_killed_and_started_again(db: Database, settings: Settings, make_api_key) -> None:
    shop = await make_shop(db, stock=100_000)
    secret = await make_api_key()
    first = Server(settings, processes=2)
    first.wait()
    port = first.port
    second: list[Server] = []

    def fault() -> None:
        for process in reversed(api_processes(first)):
            process.send_signal(signal.SIGKILL)
        first.process.wait()
        second.append(Server(settings, processes=2, port=port))
        second[0].wait()

    try:
        buyers = await buy_while(first.url, secret, fault)
    finally:
        for server in [first, *second]:
            if server.process.poll() is None:
                server.stop()
    assert sum(buyer.unanswered for buyer in buyers) > 0
    await check(settings.database_url, buyers, shop)


@pytest.fixture
async def own_postgres() -> AsyncIterator[embedded.Cluster]:
    """A durable PostgreSQL of this test's own: killing it must not take the other tests along."""
    folder = Path(tempfile.mkdtemp(prefix="kanava-kill-"))
    folder.chmod(0o755)  # noqa: ASYNC240 - one call on a folder of ours, before anything waits
    cluster = embedded.cluster_at(folder)
    STARTED.append(embedded.start(cluster, durable=True))
    migrate.run_dbmate(cluster.url())
    yield cluster
    embedded.remove(folder)
    for server in STARTED:
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)


async def test_postgres_is_killed_and_recovers(own_postgres: embedded.Cluster, tmp_path: Path) -> None:
    url = own_postgres.url()
    db = await Database.open(url, pool_size=4)
    shop = await make_shop(db, stock=100_000)
    async with db.transaction() as tx:
        _, secret = await auth.create_api_key(tx, "test", sorted(auth.SCOPES))
    await db.close()
    server = Server(Settings(database_url=url, data_dir=tmp_path, demo=False), processes=1)
    server.wait()

    def fault() -> None:
        postmaster = int((own_postgres.folder / "postmaster.pid").read_text().splitlines()[0])
        children = psutil.Process(postmaster).children()
        os.kill(postmaster, signal.SIGKILL)
        for child in children:
            child.send_signal(signal.SIGKILL)
        STARTED.append(embedded.start(own_postgres, durable=True))

    try:
        buyers = await buy_while(server.url, secret, fault)
    finally:
        server.stop()
    assert sum(buyer.unanswered for buyer in buyers) > 0
    shop.db = await Database.open(url, pool_size=4)
    await check(url, buyers, shop)
    await shop.db.close()
