"""What several tests of running processes share."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """Lend a folder that PostgreSQL's own user may enter; pytest's tmp_path is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="kanava-test-run-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
