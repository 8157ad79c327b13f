"""Importing rows: from a program in its own transaction, or from a file chunk by chunk.

A chunk of a few thousand rows is one transaction: what is stored is read and locked, the drafts are merged with it,
and the differences are written with one statement per kind of row. The run remembers the last row that was committed.
While the database works on one chunk, a thread reads and checks the next.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from kanava.catalog.errors import ImportNotFound
from kanava.catalog.files.reading import CatalogueFile
from kanava.catalog.files.shopify import CategoryPaths
from kanava.catalog.model import Counts, ImportOutcome, ImportReport, ImportRun, Layout, NativeRow
from kanava.catalog.rules.drafts import build_drafts
from kanava.catalog.rules.merge import merge
from kanava.catalog.rules.native import batch_of_rows
from kanava.catalog.rules.options import option_names_of
from kanava.catalog.rules.shapes import Batch, Errors, ProductDraft, Scope, Seen, scope_of
from kanava.catalog.rules.states import Changes
from kanava.catalog.service.history import keep_history
from kanava.catalog.service.options import add_option_names
from kanava.catalog.service.taxonomy import categories
from kanava.catalog.service.writing import publish_changes, read_stored, write_changes
from kanava.catalog.store import runs
from kanava.platform import audit, clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.platform.tables.model import RowError
from kanava.platform.tables.source import Source

ERRORS_STORED_MAX = 10_000
CHUNK_ATTEMPTS = 3
Begin = Callable[[], AbstractAsyncContextManager[Connection]]


class Options(msgspec.Struct, frozen=True):
    """How a file is read. `language`: of the texts of Shopify's layout."""

    layout: Layout | Literal["auto"] = "auto"
    dry_run: bool = False
    resume: bool = False
    language: str = "en"
    # What columns of the file are in the native layout, for a file of neither layout.
    columns: dict[str, str] | None = None
    # What a text file is written in, one of `platform.tables.source.ENCODINGS`; None: UTF-8, or as its beginning says.
    encoding: str | None = None
    # The run that `start` began before, in another process: taken up where it stands.
    import_run_id: UUID | None = None
    # All chunks are savepoints of one transaction of the caller's, who answers when it is committed.
    one_transaction: bool = False


class Progress(msgspec.Struct, frozen=True):
    """Where an import stands: `part` of the file, 0 to 1, and the errors that are new."""

    part: float
    counts: Counts
    errors: list[RowError]


async def import_rows(
    tx: Connection, rows: list[NativeRow], now: datetime, *, source: str = "program"
) -> ImportOutcome:
    """Import rows in the caller's transaction, in sets; bad rows are left out and reported.

    A field that is None in every row stays as stored; in a list where other rows have it, None means empty.
    """
    counts, found = Counts(), []
    plan, batches = batch_of_rows(rows)
    scope, seen = scope_of(plan), Seen()
    for batch in batches:
        drafts, errors = build_drafts(batch, plan, seen)
        await _write_chunk(tx, drafts, scope, errors, counts, now, source=source)
        await add_option_names(tx, option_names_of(batch, plan, errors.rows))
        _count(counts, batch, errors)
        counts.error_count += len(errors.all)
        found.extend(sorted(errors.all, key=lambda error: error.row))
    return ImportOutcome(counts, found)


class FileImport:
    """One run of a file. Use `start`, then iterate `chunks`; `run` is up to date after each."""

    def __init__(self, begin: Begin, file: CatalogueFile, run: ImportRun, options: Options) -> None:
        self.begin, self.file, self.options = begin, file, options
        self.run = run
        self.resumed_at = run.position
        self.counts = Counts(
            run.rows_read,
            run.rows_rejected,
            run.products_created,
            run.products_updated,
            run.variants_created,
            run.variants_updated,
            run.error_count,
        )
        self._scope = scope_of(file.plan, dry_run=options.dry_run)

    @classmethod
    async def start(cls, begin: Begin, source: Source, options: Options, actor: Actor, now: datetime) -> "FileImport":
        """Open the file and begin a run, or take up the one that stopped in the middle of the same file."""
        async with begin() as tx:
            paths = await _category_paths(tx, options.language) if options.layout != "native" else CategoryPaths({})
            file = await asyncio.to_thread(
                CatalogueFile, source, options.layout, options.language, paths, options.columns
            )
            old = None
            if options.import_run_id is not None:
                old = await runs.GET_RUN.one_or_none(tx, import_run_id=options.import_run_id)
            elif options.resume and not options.dry_run:
                old = await runs.LATEST_RUN.one_or_none(tx, fingerprint=source.fingerprint, layout=file.layout)
            run = old if old is not None and old.status != "completed" else None
            if run is None:
                run = await runs.START_RUN.one(
                    tx,
                    import_run_id=uuid7(),
                    file_name=source.path.name[:255],
                    fingerprint=source.fingerprint,
                    format=source.format,
                    layout=file.layout,
                    dry_run=options.dry_run,
                    columns_ignored=file.ignored[:100],
                    actor=actor.label,
                    now=now,
                )
                detail = {"file": run.file_name, "layout": run.layout, "dry_run": run.dry_run}
                await audit.record(tx, actor, "import", "catalog", str(run.import_run_id), detail)
        return cls(begin, file, run, options)

    async def chunks(self) -> AsyncIterator[Progress]:
        """Import chunk after chunk; each is committed when its progress is given."""
        try:
            async for batch, drafts, errors, part in self._checked_ahead():
                last = max(batch.numbers[-1] if batch.numbers else 0, max((e.row for e in batch.errors), default=0))
                found = await self._commit(batch, drafts, errors, last)
                yield Progress(part, self.counts, found)
            await self._finish("completed", None)
        except Exception as error:
            with contextlib.suppress(Exception):
                await self._finish("failed", f"{type(error).__name__}: {error}"[:500])
            raise
        finally:
            self.file.close()

    async def _checked_ahead(self) -> AsyncIterator[tuple[Batch, list[ProductDraft], Errors, float]]:
        """Read and check in a thread, one chunk ahead of the database."""
        seen, plan, resumed_at = Seen(), self.file.plan, self.resumed_at

        def checked() -> Iterator[tuple[Batch, list[ProductDraft], Errors, float]]:
            for batch in self.file.batches(cut_at=resumed_at):
                drafts, errors = build_drafts(batch, plan, seen)
                if (batch.numbers and batch.numbers[-1] > resumed_at) or any(e.row > resumed_at for e in batch.errors):
                    yield batch, drafts, errors, self.file.reader.progress()

        batches = checked()
        ahead = asyncio.create_task(asyncio.to_thread(next, batches, None))
        try:
            while (item := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(next, batches, None))
                yield item
        finally:
            # The thread must be out of the file before the file is closed.
            with contextlib.suppress(BaseException):
                await ahead

    async def _commit(self, batch: Batch, drafts: list[ProductDraft], errors: Errors, last: int) -> list[RowError]:
        checked = errors.copy()
        for attempt in range(1, CHUNK_ATTEMPTS + 1):
            counts = msgspec.structs.replace(self.counts)
            # What a lost attempt found depends on what was stored then.
            errors.reset(checked)
            try:
                async with self.begin() as tx:
                    if not self.options.one_transaction:
                        await runs.COMMIT_LATER.run(tx)
                    now = clock.now()
                    await _write_chunk(
                        tx,
                        drafts,
                        self._scope,
                        errors,
                        counts,
                        now,
                        source=self.run.import_run_id,
                        category_names=self.file.paths.names,
                    )
                    if not self.options.dry_run:
                        await add_option_names(tx, option_names_of(batch, self.file.plan, errors.rows))
                    _count(counts, batch, errors, after=self.resumed_at)
                    in_order = sorted(errors.all, key=lambda error: error.row)
                    found = [self._renamed(error) for error in in_order if error.row > self.resumed_at]
                    await self._store_errors(tx, found)
                    counts.error_count += len(found)
                    await self._advance(tx, counts, "running", None, max(last, self.run.position), None)
                self.counts = counts
                self.run = msgspec.structs.replace(self.run, position=max(last, self.run.position))
                return found
            except (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError, asyncpg.DeadlockDetectedError):
                # Somebody wrote the same sku, handle or GTIN between our reading and our writing: read again.
                if attempt == CHUNK_ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _renamed(self, error: RowError) -> RowError:
        name = self.file.names.get(error.column)
        return error if name is None else msgspec.structs.replace(error, column=name)

    async def _store_errors(self, tx: Connection, errors: list[RowError]) -> None:
        room = ERRORS_STORED_MAX - self.counts.error_count
        if errors and room > 0:
            kept = errors[:room]
            await runs.ADD_ERRORS.run(
                tx,
                import_run_id=self.run.import_run_id,
                first_no=self.counts.error_count + 1,
                rows=[e.row for e in kept],
                columns=[e.column[:200] for e in kept],
                reasons=[e.reason[:500] for e in kept],
                shown=[e.value for e in kept],
            )

    async def _finish(self, status: str, failure: str | None) -> None:
        async with self.begin() as tx:
            await self._advance(tx, self.counts, status, failure, self.run.position, clock.now())
            self.run = await runs.GET_RUN.one(tx, import_run_id=self.run.import_run_id)

    async def _advance(
        self,
        tx: Connection,
        counts: Counts,
        status: str,
        failure: str | None,
        position: int,
        finished_at: datetime | None,
    ) -> None:
        await runs.ADVANCE_RUN.run(
            tx,
            import_run_id=self.run.import_run_id,
            status=status,
            failure=failure,
            position=position,
            finished_at=finished_at,
            **msgspec.structs.asdict(counts),
        )


async def import_body(tx: Connection, actor: Actor, source: Source, options: Options, now: datetime) -> ImportReport:
    """Import a file in the caller's transaction; gives the run and its first 100 errors."""

    @contextlib.asynccontextmanager
    async def savepoint() -> AsyncIterator[Connection]:
        async with tx.transaction():
            yield tx

    work = await FileImport.start(savepoint, source, options, actor, now)
    async for _ in work.chunks():
        pass
    return await import_report(tx, work.run.import_run_id, 0, 100)


async def list_imports(tx: Connection, before: UUID | None, limit: int) -> list[ImportRun]:
    """Give runs, the newest first; `before` is the last one that the caller has."""
    return await runs.LIST_RUNS.all(tx, before=before, limit=limit)


async def import_report(tx: Connection, import_run_id: UUID, after: int, limit: int) -> ImportReport:
    """Give a run and some of its errors: `after` is the number of the last error that the caller has."""
    run = await runs.GET_RUN.one_or_none(tx, import_run_id=import_run_id)
    if run is None:
        raise ImportNotFound(f"No import has the id {import_run_id}.", field="import_run_id")
    errors = await runs.LIST_ERRORS.all(tx, import_run_id=import_run_id, after=after, limit=limit)
    return ImportReport(run, [error.as_error() for error in errors])


async def _write_chunk(
    tx: Connection,
    drafts: list[ProductDraft],
    scope: Scope,
    errors: Errors,
    counts: Counts,
    now: datetime,
    *,
    source: str | UUID,
    category_names: dict[str, dict[str, str]] | None = None,
) -> None:
    stored = await read_stored(tx, drafts, scope)
    changes = merge(drafts, stored, scope, errors)
    counts.products_created += len(changes.products_new)
    counts.products_updated += _updated(changes)
    counts.variants_created += len(changes.variants_new)
    counts.variants_updated += changes.variants_touched
    if not scope.dry_run:
        await write_changes(tx, changes, stored, now, category_names)
        await publish_changes(tx, changes, str(source))
        if isinstance(source, UUID):
            await keep_history(tx, changes, stored, source, now)


def _updated(changes: Changes) -> int:
    return len(changes.products_changed)


def _count(counts: Counts, batch: Batch, errors: Errors, after: int = 0) -> None:
    broken = sum(error.row > after for error in batch.errors)
    counts.rows_read += len(batch.numbers) + broken
    counts.rows_rejected += sum(row > after for row in errors.rows)


async def _category_paths(tx: Connection, language: str) -> CategoryPaths:
    rows = {category.code: category for category in await categories(tx)}
    paths = CategoryPaths({})
    for code in rows:
        names: list[str] = []
        at: str | None = code
        while at is not None:
            names.append(rows[at].names.get(language) or rows[at].names.get("en") or at)
            at = rows[at].parent
        paths.by_path.setdefault(" > ".join(reversed(names)), code)
    return paths
