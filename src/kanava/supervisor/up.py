"""`kanava up` and `kanava serve`: start the parts in order, keep them, stop them in the opposite order."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import msgspec

from kanava.platform import embedded, migrate
from kanava.platform.refusal import CannotRun
from kanava.settings import Settings, environment_of
from kanava.supervisor.first_start import first_start, load_demo
from kanava.supervisor.ownership import own_data_dir, own_port
from kanava.supervisor.parts import Part, Postgres, stop_signals

READY_SECONDS_MAX = 60

Tell = Callable[[str], None]


async def run_installation(settings: Settings, tell: Tell) -> None:
    """Run everything until Ctrl-C or SIGTERM: PostgreSQL (unless another is named), API processes, worker."""
    stop = asyncio.Event()
    stop_signals(stop)
    async with AsyncExitStack() as stack:
        stack.enter_context(own_port(settings.host, settings.port))
        stack.enter_context(own_data_dir(settings.data_dir))
        keepers: list[asyncio.Task[None]] = []
        starting = asyncio.create_task(_start_everything(settings, stack, keepers, tell))
        await _until_stopped(starting, stop, keepers)
        tell("Stopping …")


async def run_api(settings: Settings, tell: Tell) -> None:
    """Run the API processes alone until Ctrl-C or SIGTERM, on a database that is there and migrated."""
    stop = asyncio.Event()
    stop_signals(stop)
    async with AsyncExitStack() as stack:
        stack.enter_context(own_port(settings.host, settings.port))
        keepers: list[asyncio.Task[None]] = []
        starting = asyncio.create_task(_start_api(settings, stack, keepers, tell))
        await _until_stopped(starting, stop, keepers)


async def _start_api(settings: Settings, stack: AsyncExitStack, keepers: list[asyncio.Task[None]], tell: Tell) -> None:
    parts = await _load_api(settings, stack)
    missing = migrate.known_versions() - await migrate.applied_versions(settings.database_url)
    if missing:
        raise CannotRun(f"The database lacks {len(missing)} migrations; run kanava db migrate.")
    await _go(parts, keepers, settings, tell)


async def _start_everything(
    settings: Settings, stack: AsyncExitStack, keepers: list[asyncio.Task[None]], tell: Tell
) -> None:
    postgres: Postgres | None = None
    if not settings.database_url:
        postgres = Postgres(embedded.cluster_at(settings.data_dir))
        settings = msgspec.structs.replace(settings, database_url=postgres.cluster.url())
        stack.push_async_callback(postgres.stop)
    # The stack is undone from its end: the API stops first, then the worker, PostgreSQL last.
    worker = Part("the worker", "kanava.worker", environment_of(settings))
    stack.push_async_callback(worker.stop)
    api = await _load_api(settings, stack)
    if postgres is not None:
        if not (postgres.cluster.folder / "PG_VERSION").exists():
            tell(f"Making a database in {postgres.cluster.folder} …")
        await postgres.start()
        keepers.append(asyncio.create_task(postgres.keep()))
    applied = await migrate.migrate(settings.database_url)
    if applied:
        tell(f"Applied {applied} migrations.")
    is_new = await first_start(settings, tell)
    if postgres is not None:
        await load_demo(settings, tell, is_new=is_new)
    await _go(api, keepers, settings, tell)
    # After the first answer: the worker is in nobody's way while somebody waits for the page.
    await worker.start()
    worker.go()
    keepers.append(asyncio.create_task(worker.keep()))


async def _load_api(settings: Settings, stack: AsyncExitStack) -> list[Part]:
    """Start the API processes; they load their code while the database starts."""
    environment = environment_of(settings)
    count = settings.api_processes
    parts = [
        Part(f"API process {n + 1} of {count}", "kanava.supervisor.api_process", environment) for n in range(count)
    ]

    async def stop_all() -> None:
        await asyncio.gather(*(part.stop() for part in parts))

    stack.push_async_callback(stop_all)
    for part in parts:
        await part.start()
    return parts


async def _go(parts: Sequence[Part], keepers: list[asyncio.Task[None]], settings: Settings, tell: Tell) -> None:
    for part in parts:
        part.go()
    # One that cannot even start will not start the eighth time: only what has worked once is started again.
    answered = asyncio.create_task(_answers(settings))
    ends = [asyncio.create_task(part.ended()) for part in parts]
    try:
        done, _ = await asyncio.wait({answered, *ends}, return_when=asyncio.FIRST_COMPLETED)
        if answered not in done:
            raise CannotRun("An API process ended while it started; the log above says why.")
        await answered
    finally:
        for task in (answered, *ends):
            task.cancel()
    keepers.extend(asyncio.create_task(part.keep()) for part in parts)
    shown = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else settings.host  # noqa: S104
    tell(f"Kanava is at http://{shown}:{settings.port}/api (the API and its documentation). Ctrl-C stops it.")


async def _until_stopped(starting: asyncio.Task[None], stop: asyncio.Event, keepers: list[asyncio.Task[None]]) -> None:
    """Wait for the stop; what a part's keeper or the start raises comes out here."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        while not stopping.done():
            await starting
            await asyncio.wait({stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            for keeper in [keeper for keeper in keepers if keeper.done()]:
                keeper.result()
                keepers.remove(keeper)
    finally:
        for task in (starting, stopping):
            task.cancel()
        with suppress(asyncio.CancelledError, CannotRun):
            await starting
        for keeper in keepers:
            keeper.add_done_callback(lambda task: task.cancelled() or task.exception())


async def _answers(settings: Settings) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    request = f"GET /health/ready HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(timedelta(seconds=5).total_seconds()):
                reader, writer = await asyncio.open_connection(host, settings.port)
                writer.write(request)
                line = await reader.readline()
                writer.close()
                if b" 200 " in line:
                    return
        await asyncio.sleep(0.02)
    raise CannotRun(f"The API does not answer within {READY_SECONDS_MAX} seconds; the log above says why.")
