"""A part of an installation, as the supervisor sees it: started, watched, started again when it dies, stopped."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import structlog

from kanava.platform import embedded
from kanava.platform.refusal import CannotRun
from kanava.supervisor.lifeline import FLAG, GO

STOP_SECONDS_MAX = 10
BACKOFF_SECONDS_FIRST = 0.2
BACKOFF_SECONDS_MAX = 15.0
# A part that lived this long was well: its next end is a new story.
WELL_SECONDS = 30.0
FAILURES_MAX = 8

log = structlog.get_logger()


class Backoff:
    """How long to wait before a part is started again, and when to give up."""

    def __init__(self, name: str) -> None:
        self.name, self.failures, self.started = name, 0, time.monotonic()

    async def wait(self) -> None:
        """Wait longer each time; CannotRun after too many ends in a row."""
        self.failures = 1 if time.monotonic() - self.started > WELL_SECONDS else self.failures + 1
        if self.failures > FAILURES_MAX:
            raise CannotRun(f"{self.name} ended {self.failures} times in a row; the log above says why.")
        await asyncio.sleep(min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_FIRST * 2 ** (self.failures - 1)))
        self.started = time.monotonic()


class Part:
    """A Python process of ours: an API process or the worker."""

    def __init__(self, name: str, module: str, environment: Mapping[str, str]) -> None:
        self.name, self.module, self.environment = name, module, dict(environment)
        self.process: asyncio.subprocess.Process | None = None
        self._lifeline: int | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start the process; it loads its code and waits for `go`."""
        theirs, self._lifeline = os.pipe()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.module,
            f"{FLAG}{theirs}",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs,),
            # A session of its own: Ctrl-C reaches the supervisor alone, which stops the parts in order.
            start_new_session=True,
        )
        os.close(theirs)

    def go(self) -> None:
        """Let the process do its work: the database is there."""
        if self._lifeline is not None:
            with suppress(BrokenPipeError):
                os.write(self._lifeline, GO)

    async def ended(self) -> None:
        """Wait until the process has ended."""
        if self.process is not None:
            await self.process.wait()

    async def keep(self) -> None:
        """Start the process again whenever it ends; returns once it is stopped on purpose."""
        backoff = Backoff(self.name)
        while self.process is not None:
            code = await self.process.wait()
            self._let_go()
            if self.is_stopping():
                return
            log.warning("part_ended", part=self.name, exit_code=code)
            await backoff.wait()
            if self.is_stopping():
                return
            await self.start()
            self.go()

    async def stop(self) -> None:
        """Ask the process to end, and end it when it does not."""
        self._stopping = True
        if self.process is None or self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), STOP_SECONDS_MAX)
            except TimeoutError:
                log.warning("part_killed", part=self.name)
                self.process.kill()
                await self.process.wait()

    def is_stopping(self) -> bool:
        """Say whether the end is wanted."""
        return self._stopping

    def _let_go(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


class Postgres:
    """The embedded PostgreSQL, as a part."""

    name = "PostgreSQL"

    def __init__(self, cluster: embedded.Cluster) -> None:
        self.cluster = cluster
        self.process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.process = await asyncio.to_thread(embedded.start, self.cluster)

    async def keep(self) -> None:
        """Start it again whenever it ends: it recovers from its log."""
        backoff = Backoff(self.name)
        while self.process is not None:
            await _ended(self.process)
            if self.is_stopping():
                return
            log.warning("part_ended", part=self.name, exit_code=self.process.returncode)
            await backoff.wait()
            if self.is_stopping():
                return
            await self.start()

    async def stop(self) -> None:
        """Stop it with a checkpoint."""
        self._stopping = True
        if self.process is not None:
            await asyncio.to_thread(embedded.stop, self.cluster)
            self.process.wait()

    def is_stopping(self) -> bool:
        """Say whether the end is wanted."""
        return self._stopping


async def _ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process that asyncio did not start."""
    try:
        handle = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # Not Linux, or it ended already.
        while process.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)
    process.poll()


def stop_signals(stop: asyncio.Event) -> None:
    """Set `stop` on Ctrl-C, on SIGTERM and when the terminal closes (not under nohup)."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)
