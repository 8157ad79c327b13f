"""An installation for a while: PostgreSQL with production settings in a fresh folder, and real API processes.

Benchmarks and replays measure on it what an installation that stays would do.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg
import psutil

from kanava.platform import auth, embedded, migrate
from kanava.platform.db import prepare_connection
from kanava.platform.refusal import CannotRun

READY_SECONDS_MAX = 30
STOP_SECONDS_MAX = 20


class Api:
    """A running `kanava serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log
        self.host = "127.0.0.1"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}:{self.port}"

    def workers(self) -> list[psutil.Process]:
        """Give the API processes themselves, without their supervisor."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if any("api_process" in word for word in child.cmdline())]

    async def wait(self) -> None:
        """Wait until it answers; CannotRun says why it does not."""
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with suppress(OSError, TimeoutError, ValueError):
                if await _status(self.host, self.port, "/health/ready") == 200:
                    return
            await asyncio.sleep(0.05)
        # The last line of a trace says what it was; the file goes with its folder.
        said = self.log.read_text(errors="replace").splitlines()
        raise CannotRun(f"The API process does not answer: {said[-1] if said else 'it says nothing'}.")

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Installation:
    """A migrated database on a server of its own, with an API key that may do everything."""

    def __init__(self, folder: Path, url: str, api_key: str) -> None:
        self.folder, self.url, self.api_key = folder, url, api_key

    async def connect(self) -> asyncpg.Connection:
        """Open a connection; the caller closes it."""
        connection = await asyncpg.connect(self.url, command_timeout=3600)
        await prepare_connection(connection)
        return connection

    async def run(self, *statements: str) -> None:
        """Run statements one after the other."""
        connection = await self.connect()
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def value(self, statement: str) -> int:
        """Give the one number that a query gives."""
        connection = await self.connect()
        try:
            return int(await connection.fetchval(statement))
        finally:
            await connection.close()

    async def settle(self) -> None:
        """Leave no work of the past behind: statistics up to date, dirty pages written."""
        await self.run("VACUUM (ANALYZE)", "CHECKPOINT")

    async def copy(self, name: str) -> "Installation":
        """Make a copy of the database on the same server; nobody may be connected to it."""
        connection = await asyncpg.connect(self.url.replace("/kanava?", "/postgres?"))
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE kanava")
        finally:
            await connection.close()
        folder = self.folder / name
        folder.mkdir()
        return Installation(folder, self.url.replace("/kanava?", f"/{name}?"), self.api_key)

    @asynccontextmanager
    async def api(self, *, processes: int = 1, **settings: str) -> AsyncIterator[Api]:
        """Run `kanava serve` for the time of the block; `settings` as in POOL_SIZE="20"."""
        port = _free_port()
        environment = self._environment(PORT=str(port), API_PROCESSES=str(processes), **settings)
        log = self.folder / "api.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                [sys.executable, "-m", "kanava.cli", "serve"],
                env=environment,
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
        api = Api(process, port, log)
        try:
            await api.wait()
            yield api
        finally:
            api.stop()

    @asynccontextmanager
    async def worker(self, **settings: str) -> AsyncIterator[None]:
        """Run a worker for the time of the block; CannotRun when it did not last that long."""
        log = self.folder / "worker.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                [sys.executable, "-m", "kanava.worker"],
                env=self._environment(**settings),
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
        try:
            yield
            if process.poll() is not None:
                raise CannotRun(f"The worker ended: {log.read_text(errors='replace')[-500:]}")
        finally:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _environment(self, **settings: str) -> dict[str, str]:
        """Give a process's environment: this installation, and nothing of ours but `settings`."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
        ours = {"DATABASE_URL": self.url, "DATA_DIR": str(self.folder), "LOG_LEVEL": "warning", **settings}
        return environment | {f"KANAVA_{name}": value for name, value in ours.items()}


@asynccontextmanager
async def fresh_installation(parent: Path, name: str = "bench") -> AsyncIterator[Installation]:
    """Make a cluster with fsync on below `parent`, migrate it, and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"kanava-{name}-", dir=parent))
    # The database's own user has to reach its folder when this runs as root.
    folder.chmod(0o755)  # noqa: ASYNC240
    cluster = await asyncio.to_thread(embedded.cluster_at, folder)
    try:
        with _ended_by_sigterm():
            server = await asyncio.to_thread(embedded.start, cluster, durable=True)
            try:
                await migrate.migrate(cluster.url())
                yield Installation(folder, cluster.url(), await _api_key(cluster.url()))
            finally:
                await asyncio.to_thread(embedded.stop, cluster)
                server.wait()
    finally:
        embedded.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C would: no server is left behind."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked = False

    def end() -> None:
        nonlocal asked
        asked = True
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        yield
    except asyncio.CancelledError:
        if asked:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def _api_key(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return (await auth.create_api_key(connection, "temporary", sorted(auth.SCOPES)))[1]
    finally:
        await connection.close()


async def _status(host: str, port: int, path: str) -> int:
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
