"""A real installation for browsers: demo retailer, API and worker processes, Debian's Chromium, axe on what it shows.

One installation serves every journey of a test process; a journey makes what it needs (its own cart, order, staff).
"""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import asyncpg
import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from factories.visitors import ADMIN, DESKTOP, Installation, Visitor
from kanava.demo.load import load_demo
from kanava.platform import auth, embedded, staff
from kanava.platform.db import Database
from kanava.settings import Settings, environment_of
from tests_support import free_port

DATABASE = "kanava_browser"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--no-first-run")  # fmt: skip
TEMPLATE = "kanava_template"


async def _create(cluster: embedded.Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    await connection.close()


async def _furnish(settings: Settings) -> str:
    """Load the demo retailer, add an administrator, and give a key that may do everything."""
    db = await Database.open(settings.database_url, pool_size=4, application_name="kanava-test")
    await load_demo(db, media_dir=settings.data_dir / "media")
    async with db.transaction() as tx:
        await staff.add_staff(tx, auth.SYSTEM, ADMIN[0], "Anna Novak", ADMIN[1], [staff.Role("admin")])
        _, key = await auth.create_api_key(tx, "browser tests", sorted(auth.SCOPES))
    await db.close()
    return key


def until_ready(url: str, seconds: float) -> None:
    """Wait until a server can do its work."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.05)


def keep_running(name: str, settings: Settings, ended: threading.Event) -> None:
    """Do as the supervisor does: a worker whose database did not answer in time ends, and is started anew."""
    while not ended.is_set():
        command = [sys.executable, "-m", "kanava.cli", name]
        process = subprocess.Popen(command, env=environment_of(settings), cwd=settings.data_dir)
        while process.poll() is None and not ended.wait(0.2):
            pass
        process.terminate()
        process.wait(30)


def until_searchable(installation: Installation, seconds: float) -> None:
    """Wait until the worker has taken in what loading the retailer announced: a journey is not about the first minute."""
    deadline = time.monotonic() + seconds
    wanted = {"channel": "web-si", "q": "jakna"}
    with installation.api() as api:
        while not api.get("/api/search/products", params=wanted).json()["total"]:
            assert time.monotonic() < deadline, "the search stays empty"
            time.sleep(0.2)


@pytest.fixture(scope="session")
def installation(cluster: embedded.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo retailer, running."""
    asyncio.run(_create(cluster))
    settings = Settings(
        database_url=cluster.url(DATABASE),
        data_dir=tmp_path_factory.mktemp("browser"),
        port=free_port(),
        log_level="warning",
    )
    key = asyncio.run(_furnish(settings))
    ended = threading.Event()
    keepers = [threading.Thread(target=keep_running, args=(name, settings, ended)) for name in ("serve", "worker")]
    for keeper in keepers:
        keeper.start()
    url = f"http://127.0.0.1:{settings.port}"
    try:
        until_ready(url, 60)
        until_searchable(Installation(url, key, settings.data_dir), 120)
        yield Installation(url, key, settings.data_dir)
    finally:
        ended.set()
        for keeper in keepers:
            keeper.join(40)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a screen."""
    path = os.environ.get("KANAVA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "The browser tests need Chromium: apt-get install chromium, or set KANAVA_CHROMIUM."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture
def visitor(installation: Installation, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make people: `visitor(size=PHONE, locale="sl-SI")`."""
    made: list[Visitor] = []

    def make(size: tuple[int, int] = DESKTOP, locale: str = "en-GB", **options: object) -> Visitor:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            timezone_id="Europe/Ljubljana",
            has_touch=size != DESKTOP,
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        made.append(Visitor(context, installation.url))
        return made[-1]

    yield make
    complaints = [complaint for each in made for complaint in each.complaints]
    for each in made:
        each.context.close()
    assert not complaints, "\n".join(complaints)
