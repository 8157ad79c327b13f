"""Imports that people start in the console: begun in the page, read by the worker, chunk by chunk."""

import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from kanava.catalog.model import ImportRun
from kanava.catalog.service.importing import FileImport, Options, import_report
from kanava.platform import jobs
from kanava.platform.auth import SYSTEM, Actor
from kanava.platform.db import Connection, Database
from kanava.platform.tables.source import inspect

IMPORT_FILE = "catalog.import_file"


class ImportOrder(msgspec.Struct, frozen=True):
    """A run that has begun, and the file to be read; the file's own name says its format."""

    import_run_id: UUID
    path: str
    options: Options


async def begin_import(db: Database, actor: Actor, path: Path, options: Options, now: datetime) -> ImportRun:
    """Begin a run and have the worker carry it out; FileUnreadable when the file or its columns cannot be used."""
    source = await asyncio.to_thread(inspect, path, encoding=options.encoding)
    work = await FileImport.start(db.transaction, source, options, actor, now)
    await asyncio.to_thread(work.file.close)
    async with db.transaction() as tx:
        await ask_for_import(tx, ImportOrder(work.run.import_run_id, str(path), options))
    return work.run


async def ask_for_import(tx: Connection, order: ImportOrder) -> None:
    """Have the worker carry out a run once the transaction is committed."""
    once_key = f"{IMPORT_FILE}:{order.import_run_id}"
    await jobs.enqueue(tx, IMPORT_FILE, msgspec.to_builtins(order), once_key=once_key)


async def carry_out(db: Database, order: ImportOrder, now: datetime) -> None:
    """Read the file of an order from where the run stands; one that was read already is left alone."""
    async with db.connection() as connection:
        report = await import_report(connection, order.import_run_id, 0, 1)
    if report.run.status == "completed":
        return
    source = await asyncio.to_thread(inspect, Path(order.path), encoding=order.options.encoding)
    options = msgspec.structs.replace(order.options, import_run_id=order.import_run_id)
    work = await FileImport.start(db.transaction, source, options, SYSTEM, now)
    async for _progress in work.chunks():
        pass
