"""Commands that live in the modules: each module's own Typer application, imported when it is called."""

import importlib
from collections.abc import Callable
from typing import NamedTuple

import typer

from kanava.platform.refusal import CannotRun


class Forwarded(NamedTuple):
    """A command and where its application is: `module` has an attribute `attribute`, a typer.Typer."""

    name: str
    module: str
    attribute: str
    help: str


COMMANDS = (
    Forwarded("demo", "kanava.demo.commands", "app", "The demo retailer, and real baskets replayed."),
    Forwarded("doctor", "kanava.fulfilment.commands", "app", "Every order that waits on something, and why."),
    Forwarded("events", "kanava.cli.events", "app", "What consumers of the event feed could not take."),
    Forwarded("jobs", "kanava.cli.jobs", "app", "Jobs that failed."),
    Forwarded("bench", "kanava.bench.commands", "app", "Measure against PostgreSQL on this machine."),
    Forwarded("search", "kanava.search.commands", "app", "What products are found by."),
    Forwarded("promises", "kanava.cli.promises", "app", "What was promised against what happened."),
    Forwarded("routing", "kanava.cli.routing", "app", "Try routing rules; look at open orders again."),
)
# In these the application has a command of the same name: `kanava import locations FILE`.
IMPORTS = (
    Forwarded("catalog", "kanava.catalog.commands", "import_app", "Products and variants: CSV, JSONL, XLSX."),
    Forwarded("locations", "kanava.stores.commands", "app", "Stores, warehouses and suppliers: CSV, JSON, JSONL."),
    Forwarded("carriers", "kanava.carriers.commands", "import_app", "Carriers, services, pickup points: JSON."),
    Forwarded("prices", "kanava.cli.importing.prices", "app", "Prices of one list or several: CSV, JSONL, XLSX."),
    Forwarded("stock", "kanava.cli.importing.stock", "app", "Stock as an outside system knows it: CSV, JSONL, XLSX."),
)
EXPORTS = (
    Forwarded("catalog", "kanava.catalog.commands", "export_app", "Products and variants: CSV, JSONL, XLSX."),
    Forwarded("carriers", "kanava.carriers.commands", "export_app", "Carriers, services, pickup points: JSON."),
)

EVERYTHING = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def add_to(app: typer.Typer) -> None:
    """Add the commands; what stands behind the name goes to the module's application untouched, `--help` too."""
    for forwarded in COMMANDS:
        runner = _runner(forwarded, f"kanava {forwarded.name}", [])
        app.command(forwarded.name, help=forwarded.help, context_settings=EVERYTHING)(runner)
    for group, title, members in (("import", "Import files.", IMPORTS), ("export", "Export to files.", EXPORTS)):
        inner = typer.Typer(help=title, no_args_is_help=True)
        inner.callback()(lambda: None)  # A single command alone would lose its name.
        for forwarded in members:
            runner = _runner(forwarded, f"kanava {group}", [forwarded.name])
            inner.command(forwarded.name, help=forwarded.help, context_settings=EVERYTHING)(runner)
        app.add_typer(inner, name=group)


def _runner(forwarded: Forwarded, shown_as: str, before: list[str]) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        try:
            module = importlib.import_module(forwarded.module)
        except ModuleNotFoundError as error:
            if not forwarded.module.startswith(str(error.name)):
                raise CannotRun(f"This needs the package {error.name}, which is not installed.") from error
            raise CannotRun(f"This installation has no command {forwarded.name}.") from error
        command = typer.main.get_command(getattr(module, forwarded.attribute))
        code = command.main(args=[*before, *context.args], prog_name=shown_as, standalone_mode=False)
        raise typer.Exit(code if isinstance(code, int) else 0)

    return run
