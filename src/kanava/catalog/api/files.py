"""Catalogue files over HTTP: an import is one transaction, an export is streamed."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.spec import OpenAPIResponse, Operation
from litestar.params import QueryParameter
from litestar.response import Stream

from kanava.catalog import service
from kanava.catalog.model import ImportReport, Layout
from kanava.catalog.rules.texts import check_language
from kanava.platform.auth import requires
from kanava.platform.db import Database
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, check_limit, database_of, read, write
from kanava.platform.openapi import FILE, FileUpload
from kanava.platform.tables.model import FileFormat
from kanava.platform.tables.source import inspect

TAG = ["Catalogue"]
MEDIA_TYPES = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass
class ExportOperation(Operation):
    """The documentation of an answer that is one of several kinds of files."""

    def __post_init__(self) -> None:
        """Describe the answer."""
        content = dict.fromkeys(MEDIA_TYPES.values(), FILE)
        self.responses = {"200": OpenAPIResponse(description="The catalogue as a file.", content=content)}


@post(
    "/api/catalog/imports",
    guards=[requires("catalog:write")],
    tags=TAG,
    operation_class=FileUpload,
    summary="Import a catalogue file sent as the body; every good row is taken",
)
async def import_file(
    request: AnyRequest,
    layout: Literal["auto", "native", "shopify"] = "auto",
    file_format: Annotated[FileFormat | None, QueryParameter(name="format")] = None,
    language: str = "en",
    dry_run: bool = False,
) -> Response[ImportReport]:
    """Import CSV, JSON lines or XLSX in one transaction; 201 also when rows were rejected, the report names them."""
    options = service.Options(layout, dry_run=dry_run, language=_language(language), one_transaction=True)
    body = await request.body()
    with tempfile.TemporaryDirectory(prefix="kanava-import-") as folder:
        path = Path(folder) / "body"
        await asyncio.to_thread(path.write_bytes, body)
        source = await asyncio.to_thread(inspect, path, file_format)
        return await write(request, lambda tx, actor, now: service.import_body(tx, actor, source, options, now))


@get(
    "/api/catalog/imports/{import_run_id:uuid}",
    guards=[requires("catalog:read")],
    tags=TAG,
    summary="Get an import with its counts and errors",
)
async def get_import(
    request: AnyRequest, import_run_id: UUID, after: int = 0, limit: int = 100
) -> Response[ImportReport]:
    """Give a run; `after` is the number of errors that the caller has already."""
    check_limit(limit)
    if not 0 <= after < 2**31:
        raise InvalidInput("Say how many errors to pass over.", field="after")
    return await read(request, lambda c, _, __: service.import_report(c, import_run_id, after, limit))


@get(
    "/api/catalog/export",
    guards=[requires("catalog:read")],
    tags=TAG,
    operation_class=ExportOperation,
    summary="Export the whole catalogue",
    response_headers=[ResponseHeader(name="content-disposition", documentation_only=True)],
)
async def export_catalogue(
    request: AnyRequest,
    layout: Layout = "native",
    file_format: Annotated[FileFormat, QueryParameter(name="format")] = "csv",
    language: str = "en",
) -> Stream:
    """Stream the catalogue as it is at this moment."""
    blocks = _blocks(database_of(request), layout, file_format, _language(language))
    disposition = {"content-disposition": f'attachment; filename="catalogue.{file_format}"'}
    return Stream(blocks, media_type=MEDIA_TYPES[file_format], headers=disposition)


async def _blocks(db: Database, layout: Layout, file_format: FileFormat, language: str) -> AsyncIterator[bytes]:
    async with db.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        export = await service.export_catalogue(connection, layout, language)
        async for block in service.export_blocks(export, file_format):
            yield block


def _language(text: str) -> str:
    try:
        return check_language(text)
    except ValueError as error:
        raise InvalidInput(f"{error}.", field="language") from None


routes = [import_file, get_import, export_catalogue]
