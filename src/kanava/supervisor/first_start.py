"""What a new installation is given once: a first administrator, a key, and the demo retailer."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from kanava.platform.db import Connection, Database, Query
from kanava.settings import Settings, environment_of

KEY_FILE = "demo-api-key"
# There while the demo retailer is wanted and not all loaded: a load that was interrupted is taken up again.
DEMO_FILE = "demo-pending"
ADMIN_EMAIL = "admin@kanava.local"

Tell = Callable[[str], None]


class Emptiness(msgspec.Struct, frozen=True):
    """What the database lacks."""

    has_key: bool
    has_staff: bool


EMPTINESS = Query("SELECT EXISTS (SELECT FROM api_key) AS has_key, EXISTS (SELECT FROM staff) AS has_staff", Emptiness)


async def first_start(settings: Settings, tell: Tell) -> bool:
    """Make what a new database lacks and say whether it was new; costs one query when it lacks nothing."""
    db = await Database.open(settings.database_url, pool_size=4, application_name="kanava-first-start")
    try:
        async with db.connection() as connection:
            found = await EMPTINESS.one(connection)
        if not found.has_staff:
            async with db.transaction() as tx:
                await _first_administrator(tx, tell)
        if not found.has_key:
            async with db.transaction() as tx:
                await _first_key(tx, settings.data_dir / KEY_FILE, tell)
        return not found.has_key
    finally:
        await db.close()


async def load_demo(settings: Settings, tell: Tell, *, is_new: bool) -> None:
    """Load the demo retailer into a new database, in a process of its own: its memory goes when it is done."""
    pending = settings.data_dir / DEMO_FILE
    if is_new and settings.demo:
        await asyncio.to_thread(pending.touch)
    if not settings.demo or not await asyncio.to_thread(pending.exists):
        return
    tell("Loading the demo retailer (once; --no-demo leaves it out) …")
    command = [sys.executable, "-m", "kanava.cli", "demo", "load"]
    process = await asyncio.create_subprocess_exec(*command, env=environment_of(settings), start_new_session=True)
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    if code == 0:
        await asyncio.to_thread(pending.unlink)
    else:
        tell("The demo retailer is not loaded; the next start, or kanava demo load, tries again.")


async def _first_administrator(tx: Connection, tell: Tell) -> None:
    # Imported here: Litestar comes with them, and a start that is not the first need not wait for it.
    from kanava.platform import auth, staff

    password = secrets.token_urlsafe(12)
    await staff.add_staff(tx, auth.SYSTEM, ADMIN_EMAIL, "Administrator", password, [staff.Role("admin")])
    tell(f"First administrator: {ADMIN_EMAIL} with the password {password} (shown this once).")


async def _first_key(tx: Connection, file: Path, tell: Tell) -> None:
    from kanava.platform import auth

    _, secret = await auth.create_api_key(tx, "first", sorted(auth.SCOPES))
    _write_secret(file, secret)
    tell(f"First API key: {secret} (kept in {file}).")


def _write_secret(file: Path, secret: str) -> None:
    """Write a file that only its owner may read, from the first byte on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(secret)
