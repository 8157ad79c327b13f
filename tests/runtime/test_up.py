"""`kanava up` as a user sees it: real processes, real signals."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from kanava.platform import embedded
from tests_support import free_port, reachable_folder

COMMAND = [sys.executable, "-m", "kanava.cli"]


class Installation:
    """A `kanava up` on a data directory of its own."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.output = data_dir.with_suffix(".txt")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "up", "--no-demo", "--port", str(self.port), *arguments],
                env=environment(data_dir),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.answers():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    def wait_for_all(self, seconds: float = 60) -> None:
        """Wait until the worker, the last part, is there too."""
        self.wait(seconds)
        deadline = time.monotonic() + seconds
        while len(self.parts()) < 3:
            assert time.monotonic() < deadline, self.parts()
            time.sleep(0.05)

    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).status_code == 200
        return False

    def parts(self) -> dict[str, psutil.Process]:
        """The processes that it started: `postgres`, `kanava.worker`, `kanava.supervisor.api_process`."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                line = child.cmdline()
                if len(line) > 2:  # Neither a zombie nor a process that is not yet what it will be.
                    found["postgres" if line[0].endswith("postgres") else line[2]] = child
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
    return kept | {"KANAVA_DATA_DIR": str(data_dir), **more}


def run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment(data_dir), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def up() -> Iterator[Callable[..., Installation]]:
    with reachable_folder() as folder:
        started: list[Installation] = []

        def start(*arguments: str) -> Installation:
            started.append(Installation(folder / "installation", *arguments))
            return started[-1]

        yield start
        for installation in started:
            if installation.process.poll() is None:
                installation.process.kill()
                installation.process.wait()
        embedded.remove(folder / "installation")


def test_the_second_start_keeps_what_the_first_made_and_ctrl_c_ends_everything(up: Callable[..., Installation]) -> None:
    first = up()
    first.wait_for_all()
    key = (first.data_dir / "demo-api-key").read_text()
    assert (first.data_dir / "demo-api-key").stat().st_mode & 0o777 == 0o600
    assert key in first.output.read_text()
    parts = first.parts()
    assert first.stop() == 0
    assert not any(part.is_running() for part in parts.values())

    second = up()
    second.wait()
    answer = httpx.get(f"http://127.0.0.1:{second.port}/api/api-keys", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert second.stop(signal.SIGTERM) == 0
    assert "Applied" not in second.output.read_text()


@pytest.mark.slow
def test_a_busy_port_and_a_busy_data_directory_get_one_sentence(up: Callable[..., Installation]) -> None:
    running = up()
    running.wait()
    port = run(running.data_dir.with_name("other"), "up", "--port", str(running.port))
    assert (port.returncode, port.stdout) == (1, "")
    assert port.stderr == (
        f"kanava: Port {running.port} is already in use; stop what listens there or set KANAVA_PORT to another.\n"
    )
    owned = run(running.data_dir, "up", "--port", str(free_port()))
    assert (owned.returncode, owned.stdout) == (1, "")
    assert re.fullmatch(
        rf"kanava: Kanava already runs on \S+ \(process {running.process.pid}\); "
        r"stop it or set KANAVA_DATA_DIR to another\.\n",
        owned.stderr,
    )


@pytest.mark.slow
def test_a_part_that_is_killed_comes_back(up: Callable[..., Installation]) -> None:
    installation = up()
    for name in ("kanava.supervisor.api_process", "postgres", "kanava.worker"):
        # A worker whose PostgreSQL was killed ends too.
        installation.wait_for_all()
        old = installation.parts()[name]
        old.kill()
        deadline = time.monotonic() + 30
        while (new := installation.parts().get(name)) is None or new.pid == old.pid or not installation.answers():
            assert time.monotonic() < deadline, installation.output.read_text()
            time.sleep(0.05)
    assert installation.stop() == 0


@pytest.mark.slow
def test_after_the_supervisor_is_killed_its_parts_end_and_the_next_start_recovers(
    up: Callable[..., Installation],
) -> None:
    first = up()
    first.wait_for_all()
    parts = first.parts()
    first.process.kill()
    first.process.wait()
    _, alive = psutil.wait_procs([part for name, part in parts.items() if name != "postgres"], timeout=15)
    assert not alive
    assert parts["postgres"].is_running()
    second = up()
    second.wait()
    assert second.stop() == 0
    assert not parts["postgres"].is_running() or parts["postgres"].status() == psutil.STATUS_ZOMBIE


def test_a_postgres_that_was_killed_leaves_nothing_that_stops_the_next_start() -> None:
    with reachable_folder() as folder:
        cluster = embedded.cluster_at(folder)
        server = embedded.start(cluster)
        server.kill()
        server.wait()
        # The number of the dead server may belong to another program by now: to this one, say.
        lines = (cluster.folder / "postmaster.pid").read_text().splitlines()
        (cluster.folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
        again = embedded.start(cluster)
        assert embedded.running_url(folder) == cluster.url()
        embedded.stop(cluster)
        again.wait()
        assert embedded.running_url(folder) is None
        embedded.remove(folder)


def test_a_long_path_gets_a_short_socket() -> None:
    with reachable_folder() as folder:
        deep = folder / ("long" * 25)
        with embedded.session(deep, durable=False) as url:
            assert len(url.partition("host=")[2]) < 90
            assert embedded.running_url(deep) == url
        embedded.remove(deep)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "No such command"),
        (["up", "--port", "0"], 2, "--port"),
        (["up", "--colour", "red"], 2, "--colour"),
        (["key", "create"], 2, "Missing argument"),
        (["db", "url"], 1, "kanava: The embedded PostgreSQL does not run"),
        (["serve"], 1, "kanava: No database runs"),
        (["--version"], 0, ""),
    ],
)
def test_the_command_line_says_what_is_wrong(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    done = run(tmp_path / "nothing", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
