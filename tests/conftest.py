"""Real PostgreSQL for every test that wants it: one server per process, a fresh copy of the migrated schema per test."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import httpx
import hypothesis
import psutil
import pytest

from kanava.platform import auth, embedded, migrate
from kanava.platform.db import Database
from kanava.settings import Settings
from kanava.web.common import pages
from tests_support import free_port, settled

if TYPE_CHECKING:
    from litestar import Litestar

TEMPLATE = "kanava_template"
SEARCH_SHOP = "kanava_search_shop"
IN_MEMORY = Path("/dev/shm")
IN_MEMORY_BYTES = 4 << 30
# Its address is the same for every test of a process: what was made for it, such as the application, is made once.
DATABASE = "kanava_test"
APPLICATIONS: dict[Settings, "Litestar"] = {}
APPLICATIONS_MAX = 4

# A busy machine makes examples slowly; that says nothing of the code.
hypothesis.settings.register_profile("kanava", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
hypothesis.settings.load_profile("kanava")


def refuse_missing_icon(face: str, name: str) -> None:
    """Outside tests the page goes without it."""
    raise LookupError(f'The {face} has no icon {name}; name it as icon("{name}") or icon_name="{name}".')


pages.without_icon = refuse_missing_icon

QUICK = os.environ.get("KANAVA_TEST_QUICK") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With KANAVA_TEST_QUICK=1 leave out what is slow, and all but the first variant of each journey in a browser."""
    if not QUICK:
        return
    kept: list[pytest.Item] = []
    journeys: set[tuple[Path, str]] = set()
    for item in items:
        journey = (item.path, getattr(item, "originalname", item.name))
        again = item.path.parent.name == "browser" and journey in journeys
        journeys.add(journey)
        if not again and item.get_closest_marker("slow") is None:
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run async tests on the loop that production runs on."""
    return "asyncio", {"use_uvloop": True}


def folder_of_clusters() -> Path:
    """Give the place for the tests' servers: memory where there is enough, for a database is made for every test."""
    roomy = os.access(IN_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(IN_MEMORY).free >= IN_MEMORY_BYTES
    return IN_MEMORY if roomy else Path(tempfile.gettempdir())


def sweep_dead_runs(folders: Path) -> None:
    """Remove the servers of test runs that were killed."""
    with (folders / f"kanava-sweep-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for folder in folders.glob("kanava-test-*-*"):
            process = folder.name.split("-")[2]
            if process.isdigit() and not psutil.pid_exists(int(process)) and folder.stat().st_uid == os.getuid():
                embedded.remove(folder)
                shutil.rmtree(folder, ignore_errors=True)


async def make_template(url: str) -> None:
    """Migrate the database that every test's own is a copy of."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[embedded.Cluster]:
    """The PostgreSQL of this process: xdist's workers have one each, so that none holds up another's event feed."""
    folders = folder_of_clusters()
    sweep_dead_runs(folders)
    folder = folders / f"kanava-test-{os.getpid()}-{time.time_ns()}"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    cluster = embedded.cluster_at(folder)
    server = embedded.start(cluster, durable=False)
    asyncio.run(make_template(cluster.url("postgres")))
    migrate.run_dbmate(cluster.url(TEMPLATE))
    yield cluster
    embedded.remove(folder)
    shutil.rmtree(folder, ignore_errors=True)
    server.wait()


async def make_search_shop(cluster: embedded.Cluster, connection: asyncpg.Connection) -> None:
    """Make the database of the tests marked `search_shop`, once in a process: it takes seconds."""
    # Here and not above: the tests of one module do not wait for the others to import.
    from factories.search import open_search_shop

    if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", SEARCH_SHOP):
        return
    await connection.execute(f"CREATE DATABASE {SEARCH_SHOP} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    database = await Database.open(cluster.url(SEARCH_SHOP), pool_size=2, application_name="kanava-test")
    await open_search_shop(database)
    await database.close()


@pytest.fixture
async def database_url(
    cluster: embedded.Cluster, request: pytest.FixtureRequest, anyio_backend: object
) -> AsyncIterator[str]:
    """The address of a database that this test has to itself, with the schema and no rows, or those of its mark."""
    connection = await asyncpg.connect(cluster.url("postgres"))
    template = TEMPLATE
    if request.node.get_closest_marker("search_shop"):
        await make_search_shop(cluster, connection)
        template = SEARCH_SHOP
    await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {template} STRATEGY FILE_COPY")
    yield cluster.url(DATABASE)
    await connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A pool on the test's own database."""
    database = await Database.open(database_url, pool_size=10, application_name="kanava-test")
    yield database
    await database.close()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of every test of this process, one after the other."""
    return tmp_path_factory.mktemp("data", numbered=False)


@pytest.fixture
def settings(database_url: str, data_dir: Path) -> Iterator[Settings]:
    """The settings of the processes under test."""
    yield Settings(database_url=database_url, data_dir=data_dir, log_level="warning", demo=False)
    for entry in data_dir.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@pytest.fixture
async def make_api_key(db: Database) -> Callable[..., Awaitable[str]]:
    """Make an API key: `await make_api_key("stock:read")`; without scopes it may do everything."""

    async def make(*scopes: str, name: str = "test") -> str:
        async with db.transaction() as tx:
            _, secret = await auth.create_api_key(tx, name, list(scopes) or sorted(auth.SCOPES))
        return secret

    return make


def waiting_for_the_feed(db: Database) -> dict[str, list[Callable[[httpx.Request], Awaitable[None]]]]:
    """Make a client wait, before it reads the feed, until all that is committed by now is in it."""

    async def wait(request: httpx.Request) -> None:
        if request.url.path == "/api/events":
            await settled(db)

    return {"request": [wait]}


def application(settings: Settings) -> "Litestar":
    """Give the application with these settings; making one takes longer than most tests, so it is kept.

    What belongs to one run of it, its connections and what it remembers, is made when its lifespan begins.
    """
    from kanava.app import create_app

    if settings not in APPLICATIONS:
        while len(APPLICATIONS) >= APPLICATIONS_MAX:
            del APPLICATIONS[next(iter(APPLICATIONS))]
        APPLICATIONS[settings] = create_app(settings)
    (settings.data_dir / "media").mkdir(exist_ok=True)
    return APPLICATIONS[settings]


@pytest.fixture
async def client(
    settings: Settings, db: Database, make_api_key: Callable[..., Awaitable[str]]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application in this process, with an admin's key."""
    app = application(settings)
    headers = {"Authorization": f"Bearer {await make_api_key()}"}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.lifespan())
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        yield await stack.enter_async_context(
            httpx.AsyncClient(
                transport=transport,
                base_url="http://kanava.test",
                headers=headers,
                timeout=30,
                event_hooks=waiting_for_the_feed(db),
            )
        )


class Server:
    """A running `kanava serve`: one or more API processes on one port."""

    def __init__(self, settings: Settings, processes: int, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
        environment |= {
            "KANAVA_DATABASE_URL": settings.database_url,
            "KANAVA_DATA_DIR": str(settings.data_dir),
            "KANAVA_PORT": str(self.port),
            "KANAVA_API_PROCESSES": str(processes),
            "KANAVA_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "kanava.cli", "serve"]
        self.process = subprocess.Popen(command, env=environment, cwd=settings.data_dir)

    def wait(self, seconds: float = 60) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, "the server ended"
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def start_server(settings: Settings) -> Iterator[Callable[..., Server]]:
    """Start real API processes over HTTP: `start_server(processes=2)`; stopped when the test ends."""
    running: list[Server] = []

    def start(processes: int = 1) -> Server:
        server = Server(settings, processes)
        running.append(server)
        server.wait()
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
async def server(
    start_server: Callable[..., Server], make_api_key: Callable[..., Awaitable[str]]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of one real API process, with an admin's key."""
    running = start_server()
    headers = {"Authorization": f"Bearer {await make_api_key()}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=30) as client:
        yield client
