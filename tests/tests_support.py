"""What several tests of running processes share."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kanava.platform.db import Database

THOROUGH = os.environ.get("KANAVA_TEST_THOROUGH") == "1"
"""Try everything that is drawn by chance as often as before a release, and not as often as before a commit."""


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


async def settled(db: Database) -> None:
    """Wait until all that is committed by now is in the event feed.

    The feed stops before the oldest transaction in flight on the whole server: those of the tests beside us count too.
    """
    async with db.connection() as connection, asyncio.timeout(30):
        now = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
        horizon = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        # PostgreSQL tells nobody when its horizon moves.
        while await connection.fetchval(horizon) <= now:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
