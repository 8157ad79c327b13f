"""A real installation for browsers: demo retailer, API and worker processes, Debian's Chromium, axe on what it shows.

One installation serves every journey of a test process; a journey makes what it needs (its own cart, order, staff).
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import asyncpg
import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from factories.visitors import ADMIN, DESKTOP, Installation, Visitor
from kanava.consumers import CONSUMERS, register_consumers
from kanava.demo.load import load_demo
from kanava.platform import auth, embedded, staff
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.settings import Settings, environment_of
from tests_support import free_port, settled

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
    await register_consumers(db)
    await load_demo(db, media_dir=settings.data_dir / "media")
    # A journey is not about the first minute: what loading announced is taken in before anybody comes.
    await settled(db)
    await drain(db, CONSUMERS)
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


@pytest.fixture(scope="session")
def installation(cluster: embedded.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo retailer, running."""
    asyncio.run(_create(cluster))
    settings = Settings(
        database_url=cluster.url(DATABASE),
        data_dir=tmp_path_factory.mktemp("browser"),
        port=free_port(),
        log_level="warning",
        webhook_private_addresses=True,
    )
    key = asyncio.run(_furnish(settings))
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "kanava.cli", name], env=environment_of(settings), cwd=settings.data_dir
        )
        for name in ("serve", "worker")
    ]
    url = f"http://127.0.0.1:{settings.port}"
    try:
        until_ready(url, 60)
        yield Installation(url, key, settings.data_dir)
        assert [process.poll() for process in processes] == [None, None], "a part ended while people were at work"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Debian's Chromium is."""
    path = os.environ.get("KANAVA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "The browser tests need Chromium: apt-get install chromium, or set KANAVA_CHROMIUM."
    return path


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM))
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
