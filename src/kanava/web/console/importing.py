"""Importing products from a file: upload, columns, check without writing, import; and exporting them again."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Stream

from kanava.catalog import service as catalog
from kanava.catalog.model import ImportReport, ImportRun, Layout
from kanava.catalog.service import FileLook, Options
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of, decode_cursor, encode_cursor
from kanava.platform.tables.model import FileFormat
from kanava.platform.tables.source import ENCODINGS
from kanava.web.common.pages import is_fragment, page, see_other
from kanava.web.common.receiving import TooLarge
from kanava.web.common.translations import LANGUAGES
from kanava.web.console.importing_files import Waiting, find_upload, keep_options, keep_upload, options_of
from kanava.web.console.importing_words import ENCODING_NAMES, FAMILIES_MAX, named_fields
from kanava.web.console.products_forms import all_channels, languages_of, names_of_actors, read_lists
from kanava.web.console.shell import Desk, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Rows, TableSpec, answer_table

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/imports"
ERRORS_SHOWN = 200
ERRORS_IN_FILE = 10_000
STATES = {
    "running": (N("Running"), "info"),
    "completed": (N("Done"), "success"),
    "failed": (N("Failed"), "error"),
}


@get(PATH, guards=may("catalog:read"))
async def imports_page(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show what was imported, the newest first."""
    cells, text = Cells(desk), desk.text
    spec = TableSpec(
        name="imports",
        path=PATH,
        title=text(N("Imports and exports")),
        columns=(
            Column("file", text(N("File"))),
            Column("what", text(N("What")), "badge"),
            Column("state", text(N("State")), "badge"),
            Column("rows", text(N("Rows")), "number"),
            Column("rejected", text(N("Rejected")), "number"),
            Column("created", text(N("Products made")), "number"),
            Column("updated", text(N("Products changed")), "number"),
            Column("by", text(N("By"))),
            Column("started", text(N("Started")), "moment"),
        ),
        empty=text(N("Nothing was imported yet.")),
        views=False,
    )

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        before = decode_cursor(asked.cursor, UUID)[0] if asked.cursor else None
        async with database_of(request).connection() as connection:
            runs = await catalog.list_imports(connection, before, limit)
            people = await names_of_actors(connection, sorted({run.actor for run in runs}))
        rows = []
        for run in runs:
            label, tone = STATES[run.status]
            what = (text(N("Check")), "ghost") if run.dry_run else (text(N("Import")), "info")
            rows.append(
                {
                    "file": cells.text(run.file_name, f"/console/import-runs/{run.import_run_id}"),
                    "what": cells.badge(*what),
                    "state": cells.badge(text(label), tone, run.status),
                    "rows": cells.number(run.rows_read),
                    "rejected": cells.number(run.rows_rejected, "error" if run.rows_rejected else None),
                    "created": cells.number(run.products_created),
                    "updated": cells.number(run.products_updated),
                    "by": cells.text(people[run.actor]),
                    "started": cells.moment(run.started_at),
                }
            )
        return Rows(rows, next_cursor=encode_cursor(runs[-1].import_run_id) if len(runs) == limit else None)

    return await answer_table(request, desk, "console/imports.html", spec, load)


@get(f"{PATH}/new", guards=may("catalog:write"))
async def new_import_page(request: AnyRequest, desk: Desk) -> Response[str]:
    """Ask for the file."""
    return console_page(request, desk, "console/import_new.html")


@post(PATH, guards=may("catalog:write"), request_max_body_size=None)
async def upload(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Keep the file and go on to its columns."""
    try:
        waiting = await keep_upload(request)
        if waiting is None:
            raise InvalidInput("Choose a file first.")
        await asyncio.to_thread(catalog.look_into, waiting.path)
    except KanavaError as error:
        problem = refused(desk, error)
        if isinstance(error, TooLarge):
            problem = type(problem)(desk.text(N("A file has at most 256 MB.")), "", {})
        return console_page(request, desk, "console/import_new.html", status=error.status, problem=problem)
    return see_other(f"{PATH}/{waiting.upload_id}/columns")


async def _columns(
    request: AnyRequest, desk: Desk, waiting: Waiting, *, status: int = 200, **given: Any
) -> Response[str]:
    encoding = given.get("encoding") or request.query_params.get("encoding")
    look: FileLook = await asyncio.to_thread(
        catalog.look_into, waiting.path, encoding if encoding in ENCODINGS else None
    )
    async with database_of(request).connection() as connection:
        languages = languages_of(await all_channels(connection))
        fields = await catalog.importable_fields(connection, languages)
        families = await catalog.list_families(connection, "", FAMILIES_MAX)
    language = given.get("language") or (desk.language if desk.language in languages else languages[0])
    chosen = given.get("columns") or catalog.suggest_columns(look, fields, language)
    facts: dict[str, Any] = {
        "waiting": waiting,
        "file": look,
        "fields": named_fields(desk, fields, families),
        "encodings": ENCODING_NAMES,
        "languages_spoken": languages,
        "chosen_language": language,
        "chosen": chosen,
        "layout": given.get("layout") or look.layout or "columns",
        "problem": given.get("problem"),
    }
    return console_page(request, desk, "console/import_columns.html", status=status, **facts)


@get(f"{PATH}/{{upload_id:uuid}}/columns", guards=may("catalog:write"))
async def columns_page(request: AnyRequest, desk: Desk, upload_id: UUID) -> Response[str]:
    """Show the first rows and ask what each column is."""
    return await _columns(request, desk, find_upload(request, upload_id))


@post(f"{PATH}/{{upload_id:uuid}}/columns", guards=may("catalog:write"))
async def check(request: AnyRequest, desk: Desk, upload_id: UUID) -> Response[Any]:
    """Check the whole file without writing anything."""
    waiting = find_upload(request, upload_id)
    fields = await read_lists(request)
    layout = (fields.get("layout") or ["columns"])[0]
    language = (fields.get("language") or ["en"])[0]
    if language not in LANGUAGES:
        language = "en"
    # Names of columns may be anything: they come beside what was chosen for them, in the same order.
    columns = dict(zip(fields.get("column", []), fields.get("field", []), strict=False))
    encoding = (fields.get("encoding") or [""])[0] or None
    options = Options(cast(Any, layout), dry_run=True, language=language, encoding=encoding)
    if layout == "columns":
        options = Options("native", dry_run=True, language=language, columns=columns, encoding=encoding)
    try:
        if layout not in ("columns", "native", "shopify"):
            raise InvalidInput("There is no such layout.", field="layout")
        _check_columns(columns, layout)
        run = await catalog.begin_import(database_of(request), desk.actor, waiting.path, options, clock.now())
    except KanavaError as error:
        problem = refused(desk, error)
        return await _columns(
            request, desk, waiting, status=error.status, problem=problem, columns=columns, layout=layout,
            language=language, encoding=encoding,
        )  # fmt: skip
    keep_options(waiting, run.import_run_id, options)
    return see_other(f"{PATH}/{upload_id}/runs/{run.import_run_id}")


def _check_columns(columns: dict[str, str], layout: str) -> None:
    if layout != "columns":
        return
    chosen = [field for field in columns.values() if field]
    doubled = sorted({field for field in chosen if chosen.count(field) > 1})
    if doubled:
        raise InvalidInput(f"Two columns are said to be {', '.join(doubled)}.", field="field")
    for needed, words in (("sku", "sku of the variant"), ("handle", "code of the product")):
        if needed not in chosen:
            raise InvalidInput(f"Say which column is the {words}.", field=needed)


@get(f"{PATH}/{{upload_id:uuid}}/runs/{{run_id:uuid}}", guards=may("catalog:read"))
async def run_page(request: AnyRequest, desk: Desk, upload_id: UUID, run_id: UUID) -> Response[str]:
    """Show how far a run is, and in the end what it found."""
    return await _report(request, desk, run_id, upload_id)


@get("/console/import-runs/{run_id:uuid}", guards=may("catalog:read"))
async def past_run_page(request: AnyRequest, desk: Desk, run_id: UUID) -> Response[str]:
    """Show a run of some day."""
    return await _report(request, desk, run_id, None)


async def _report(request: AnyRequest, desk: Desk, run_id: UUID, upload_id: UUID | None) -> Response[str]:
    async with database_of(request).connection() as connection:
        report: ImportReport = await catalog.import_report(connection, run_id, 0, ERRORS_SHOWN)
    run: ImportRun = report.run
    facts: dict[str, Any] = {
        "run": run,
        "errors": report.errors,
        "upload_id": upload_id,
        "good": run.rows_read - run.rows_rejected,
        "states": STATES,
    }
    if is_fragment(request):
        return page(request, "console/_import_run.html", desk.look, desk=desk, **facts)
    return console_page(request, desk, "console/import_run.html", **facts)


@post(f"{PATH}/{{upload_id:uuid}}/runs/{{run_id:uuid}}", guards=may("catalog:write"))
async def start(request: AnyRequest, desk: Desk, upload_id: UUID, run_id: UUID) -> Response[Any]:
    """Import the good rows, read the way that the check read them."""
    waiting = find_upload(request, upload_id)
    checked = options_of(waiting, run_id)
    options = Options(checked.layout, language=checked.language, columns=checked.columns, encoding=checked.encoding)
    run = await catalog.begin_import(database_of(request), desk.actor, waiting.path, options, clock.now())
    keep_options(waiting, run.import_run_id, options)
    return see_other(f"{PATH}/{upload_id}/runs/{run.import_run_id}")


@get("/console/import-runs/{run_id:uuid}/errors.csv", guards=may("catalog:read"))
async def errors_file(request: AnyRequest, desk: Desk, run_id: UUID) -> Response[bytes]:
    """Give every error as a file that a spreadsheet opens beside the one that was sent."""
    async with database_of(request).connection() as connection:
        report = await catalog.import_report(connection, run_id, 0, ERRORS_IN_FILE)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([desk.text(N("Row")), desk.text(N("Column")), desk.text(N("Reason")), desk.text(N("Value"))])
    for error in report.errors:
        value = f"'{error.value}" if error.value.startswith(("=", "+", "-", "@", "\t")) else error.value
        writer.writerow([error.row, error.column, desk.worded(error.reason) or error.reason, value])
    headers = {"content-disposition": 'attachment; filename="errors.csv"'}
    return Response(("\ufeff" + out.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@get("/console/catalogue-export", guards=may("catalog:read"), opt={"not_compressed": True})
async def export(request: AnyRequest, layout: str = "native", file_format: str = "csv", language: str = "en") -> Stream:
    """Give the whole catalogue as a file."""
    wanted = request.query_params.get("format", file_format)
    if layout not in ("native", "shopify") or wanted not in MEDIA_TYPES or language not in LANGUAGES:
        raise InvalidInput("There is no such export.", field="format")
    blocks = _blocks(database_of(request), cast(Layout, layout), cast(FileFormat, wanted), language)
    headers = {"content-disposition": f'attachment; filename="catalogue.{wanted}"'}
    return Stream(blocks, media_type=MEDIA_TYPES[wanted], headers=headers)


async def _blocks(db: Database, layout: Layout, wanted: FileFormat, language: str) -> AsyncIterator[bytes]:
    async with db.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        made = await catalog.export_catalogue(connection, layout, language)
        async for block in catalog.export_blocks(made, wanted):
            yield block


routes: list[Any] = [
    imports_page, new_import_page, upload, columns_page, check, run_page, past_run_page, start, errors_file, export,
]  # fmt: skip
