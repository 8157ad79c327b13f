"""A promise audit as a table for people."""

from datetime import datetime

from rich.console import Console
from rich.table import Table

from kanava.fulfilment.service.promise_audit import PromiseAudit


def print_audit(console: Console, report: PromiseAudit) -> None:
    """Print the report as a table."""
    if not report.rows:
        console.print(f"No promises of orders placed from {_day(report.since)} to {_day(report.until)}.")
        return
    total = sum(row.units for row in report.rows)
    table = Table("kind", "what happened", "cause", "lines", "units", "share")
    for row in report.rows:
        share = f"{row.units / total:.1%}"
        table.add_row(row.kind, row.outcome, row.cause.replace("_", " "), f"{row.lines:,}", f"{row.units:,}", share)
    console.print(table)
    over, kept = report.units_kept + report.units_broken, report.units_kept
    told = f"of {over:,} units whose promise is over {kept:,} came in time ({report.kept_share:.1%})"
    if not over:
        told = "no promise is over yet"
    console.print(f"Orders placed from {_day(report.since)} to {_day(report.until)}: {told}.", highlight=False)


def _day(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d")
