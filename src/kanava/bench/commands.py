"""`kanava bench NAME|all`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

BENCHES = {
    "orders": "orders of two lines over HTTP against a hand-written transaction",
    "hot": "the same, every order for one variant",
    "single": "one order alone",
    "full": "orders with 1,000,000 orders already there",
    "memory": "memory of the API process",
    "availability": "24 variants near a point, 100,000 variants and 1,565 stores",
    "promise": "a cart of 3 lines and a page of 24 products, 1,565 stores",
    "search": "a page of products found by words, facets and stock, 100,000 variants, five languages",
    "pages": "the shop's category and product pages, 100,000 variants, five languages",
    "stock_update": "a stock update of 1,000,000 rows against COPY",
    "routing": "routing of one order against the exact optimum by HiGHS, 26 and 1,565 places",
    "reroute": "20,000 open orders looked at again",
    "reject": "a rejection until it is reserved elsewhere and both places are told, 50 orders/s",
    "catalogue_import": "a catalogue of 100,000 variants against COPY",
    "webhooks": "an event committed until its first webhook attempt, 200 events/s",
}

app = typer.Typer(help="Measure against PostgreSQL on this machine.", add_completion=False)


def _names(given: str) -> list[str]:
    if given == "all":
        return list(BENCHES)
    name = given.replace("-", "_")
    if name not in BENCHES:
        raise typer.BadParameter(f"{given!r} is none of: all, {', '.join(BENCHES)}.")
    return [name]


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="all, or one of: " + ", ".join(BENCHES))],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="One short round: is it alive, not how fast.")] = False,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Write docs/performance.md.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where the databases are made; a real disk.")] = None,
) -> None:
    """Run a benchmark, or all of them one after the other; each starts what it needs itself."""
    import uvloop

    from kanava.bench import report
    from kanava.bench.running import run_benches

    names = _names(name)
    parent = folder or Path(tempfile.gettempdir())
    reports = uvloop.run(run_benches(names, parent, quick=quick, on_report=report.print_json if json else None))
    if not json:
        report.print_tables(reports)
    if write_docs:
        path = report.write_docs(reports, command="kanava " + " ".join(["bench", *sys.argv[2:]]))
        typer.echo(f"Written: {path}", err=True)
    failed = [r for r in reports if r.failure]
    for one in failed:
        typer.echo(f"kanava: the benchmark {one.bench} could not be run: {one.failure}", err=True)
    if failed:
        raise typer.Exit(1)
