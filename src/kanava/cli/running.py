"""`kanava up`, `serve`, `worker`: the commands that stay."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kanava.settings import Settings

Port = Annotated[int | None, typer.Option(help="The port to listen on (KANAVA_PORT).", min=1, max=65535)]
Host = Annotated[str | None, typer.Option(help="The address to listen on (KANAVA_HOST).")]
Processes = Annotated[int | None, typer.Option(help="How many API processes (KANAVA_API_PROCESSES).", min=1, max=64)]
Demo = Annotated[
    bool | None, typer.Option("--demo/--no-demo", help="Load the demo retailer at the first start (KANAVA_DEMO).")
]


def up(port: Port = None, host: Host = None, processes: Processes = None, demo: Demo = None) -> None:
    """Run everything: PostgreSQL, the API, the worker. Ctrl-C stops it."""
    import uvloop

    from kanava.supervisor.up import run_installation

    uvloop.run(run_installation(_settings(port=port, host=host, api_processes=processes, demo=demo), _tell))


def serve(port: Port = None, host: Host = None, processes: Processes = None) -> None:
    """Run the API processes alone, on a database that is there and migrated."""
    import uvloop

    from kanava.supervisor.up import run_api

    uvloop.run(run_api(_with_running_database(_settings(port=port, host=host, api_processes=processes)), _tell))


def worker() -> None:
    """Run the worker alone: jobs and periodic duties."""
    import asyncio

    import uvloop

    from kanava.supervisor.parts import stop_signals
    from kanava.worker import run_worker

    settings = _with_running_database(_settings())

    async def run() -> None:
        stop = asyncio.Event()
        stop_signals(stop)
        await run_worker(settings, stop)

    uvloop.run(run())


def _settings(**given: Any) -> "Settings":
    import msgspec

    from kanava.platform.telemetry import configure_logs
    from kanava.settings import load_settings

    settings = msgspec.structs.replace(load_settings(), **{name: v for name, v in given.items() if v is not None})
    configure_logs(settings.log_level, settings.log_format == "json")
    return settings


def _with_running_database(settings: "Settings") -> "Settings":
    import msgspec

    from kanava.platform import embedded
    from kanava.platform.refusal import CannotRun

    url = settings.database_url or embedded.running_url(settings.data_dir)
    if url is None:
        raise CannotRun("No database runs; set KANAVA_DATABASE_URL, or use kanava up.")
    return msgspec.structs.replace(settings, database_url=url)


def _tell(sentence: str) -> None:
    typer.echo(sentence)
