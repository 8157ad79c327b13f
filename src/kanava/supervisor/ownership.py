"""What an installation owns while it runs: its data directory and its port."""

import contextlib
import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from kanava.platform.refusal import CannotRun


@contextlib.contextmanager
def own_data_dir(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; the system lets go of the lock when the process ends, so it is never stale."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("a+")
    except OSError as error:
        raise CannotRun(
            f"The data directory {data_dir} cannot be used ({error.strerror}); set KANAVA_DATA_DIR to another."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise CannotRun(
                f"Kanava already runs on {data_dir} (process {owner}); stop it or set KANAVA_DATA_DIR to another."
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def own_port(host: str, port: int) -> Iterator[None]:
    """Hold a port that nobody listens on, so that our API processes may share it and nobody else takes it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotRun(f"KANAVA_HOST is {host!r}, which is no address of this machine.") from error
    try:
        with socket.socket(family) as probe:
            # Without this a port is taken for a minute after its last connection; a listener is seen all the same.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"Port {port} is already in use; stop what listens there or set KANAVA_PORT to another."
        else:
            reason = f"The address {host}:{port} cannot be opened: {error.strerror}."
        raise CannotRun(reason) from error
    with held:
        yield
