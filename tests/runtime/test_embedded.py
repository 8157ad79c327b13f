"""The embedded server stops whoever started it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kanava.platform import embedded
from tests_support import reachable_folder

# A starter that lives on and never collects its child, as a busy supervisor or a test worker does.
STARTER = """
import sys, time
from pathlib import Path
from kanava.platform import embedded
server = embedded.start(embedded.cluster_at(Path(sys.argv[1])), durable=False)
print(server.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data directory that PostgreSQL's own user may enter."""
    with reachable_folder() as place:
        yield place


def test_stop_does_not_wait_for_the_starter_to_collect_the_server(folder: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert starter.stdout is not None
        assert starter.stdout.readline().strip().isdigit()
        assert embedded.running_url(folder) is not None
        began = time.monotonic()
        embedded.remove(folder)
        assert time.monotonic() - began < embedded.STOP_SECONDS_MAX / 2
        assert embedded.running_url(folder) is None
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()
