"""Bring a database to the schema of the migrations folder (dbmate), and write that schema down (pg_dump)."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from kanava.platform.embedded import binary
from kanava.platform.refusal import CannotRun

# Lines of pg_dump that differ from run to run or from release to release and say nothing of the schema.
_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$")


def migrations_folder() -> Path:
    """Give the folder of the migrations: in the package when installed, at the top of the repository otherwise."""
    installed = Path(__file__).parent.parent / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


def known_versions() -> frozenset[str]:
    """Give the versions that the migrations folder holds."""
    return frozenset(path.name.partition("_")[0] for path in migrations_folder().glob("*.sql"))


async def applied_versions(url: str) -> frozenset[str]:
    """Give the versions that the database has."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, ValueError, TimeoutError) as error:
        raise CannotRun(f"The database does not answer: {_one_line(str(error)) or type(error).__name__}.") from error
    try:
        rows = await connection.fetch("SELECT version FROM schema_migrations")
    except asyncpg.UndefinedTableError:
        return frozenset()
    finally:
        await connection.close()
    return frozenset(row["version"] for row in rows)


async def migrate(url: str) -> int:
    """Apply the migrations that the database lacks and give their number; costs one query when it lacks none."""
    missing = known_versions() - await applied_versions(url)
    if missing:
        run_dbmate(url)
    return len(missing)


def run_dbmate(url: str) -> None:
    """Apply what is missing, each migration in a transaction; processes that start together wait for each other."""
    command = [str(_dbmate()), "--url", dbmate_url(url), "--migrations-dir", str(migrations_folder())]
    command += ["--no-dump-schema", "--migration-lock", "migrate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotRun(f"The database could not be migrated: {_one_line(done.stderr or done.stdout)}")


def dbmate_url(url: str) -> str:
    """Write a libpq address as dbmate reads it: its own scheme and a unix socket as `socket`; TLS stays as given."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if query.get("host", "").startswith("/"):
        query["socket"] = query.pop("host")
        query.setdefault("sslmode", "disable")
    elif parts.hostname in {"localhost", "127.0.0.1", "::1"}:
        # dbmate insists on TLS unless told, libpq does not.
        query.setdefault("sslmode", "disable")
    return urlunsplit(("postgres", parts.netloc, parts.path, urlencode(query), ""))


def dump_schema(url: str) -> str:
    """Give the schema of a database as SQL, the same text for the same schema."""
    command = [str(binary("pg_dump")), "--schema-only", "--no-owner", "--no-privileges", "--dbname", url]
    command += ["--exclude-table=schema_migrations"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotRun(f"The schema could not be read: {_one_line(done.stderr)}")
    lines = [line.rstrip() for line in done.stdout.splitlines() if not _NOISE.match(line)]
    body = re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()
    return f"-- Made by `kanava db schema` from migrations/. Do not edit.\n\n{body}\n"


def _dbmate() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "dbmate"
    found = beside_python if beside_python.exists() else shutil.which("dbmate")
    if found is None:
        raise CannotRun("The program dbmate is not installed; run make install.")
    return Path(found)


def _one_line(text: str) -> str:
    return " ".join(text.split())[-500:]
