"""Runs of files and their errors."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.catalog.model import ImportRun
from kanava.platform.db import Query, Statement
from kanava.platform.tables.model import RowError

_COLUMNS = """import_run_id, file_name, fingerprint, format, layout, dry_run, status, failure, position, rows_read,
    rows_rejected, products_created, products_updated, variants_created, variants_updated, error_count,
    columns_ignored, actor, started_at, finished_at"""

START_RUN = Query(
    f"""
    INSERT INTO import_run (import_run_id, file_name, fingerprint, format, layout, dry_run, columns_ignored, actor,
                            started_at)
    VALUES (:import_run_id::uuid, :file_name::text, :fingerprint::text, :format::text, :layout::text, :dry_run::boolean,
            :columns_ignored::text[], :actor::text, :now::timestamptz)
    RETURNING {_COLUMNS}
    """,  # noqa: S608 - a constant of this file
    ImportRun,
)
GET_RUN = Query(f"SELECT {_COLUMNS} FROM import_run WHERE import_run_id = :import_run_id::uuid", ImportRun)  # noqa: S608
# Ids of runs rise with time.
LIST_RUNS = Query(
    f"""
    SELECT {_COLUMNS} FROM import_run WHERE :before::uuid IS NULL OR import_run_id < :before
    ORDER BY import_run_id DESC LIMIT :limit::int
    """,  # noqa: S608 - a constant of this file
    ImportRun,
)
LATEST_RUN = Query(
    f"""
    SELECT {_COLUMNS} FROM import_run
    WHERE fingerprint = :fingerprint::text AND layout = :layout::text AND NOT dry_run
    ORDER BY started_at DESC LIMIT 1
    """,  # noqa: S608 - a constant of this file
    ImportRun,
)
# A chunk and the run's position are one commit: a crash may lose the last chunks, never one without the other. The
# commit that ends the run waits for the disk, and with it for everything before it.
COMMIT_LATER = Statement("SET LOCAL synchronous_commit = off")
ADVANCE_RUN = Statement("""
    UPDATE import_run SET
        status = :status::text, failure = :failure::text, position = :position::bigint,
        rows_read = :rows_read::bigint, rows_rejected = :rows_rejected::bigint,
        products_created = :products_created::bigint, products_updated = :products_updated::bigint,
        variants_created = :variants_created::bigint, variants_updated = :variants_updated::bigint,
        error_count = :error_count::bigint, finished_at = :finished_at::timestamptz
    WHERE import_run_id = :import_run_id::uuid
""")
ADD_ERRORS = Statement("""
    INSERT INTO import_error (import_run_id, error_no, row_no, column_name, reason, value)
    SELECT :import_run_id::uuid, :first_no::int + n.at::int - 1, n.row_no, n.column_name, n.reason, n.value
    FROM unnest(:rows::bigint[], :columns::text[], :reasons::text[], :shown::text[])
         WITH ORDINALITY AS n (row_no, column_name, reason, value, at)
""")


class ErrorRow(msgspec.Struct, frozen=True):
    """A stored error."""

    row_no: int
    column_name: str
    reason: str
    value: str

    def as_error(self) -> RowError:
        """Give it in the form of the report."""
        return RowError(self.row_no, self.column_name, self.reason, self.value)


LIST_ERRORS = Query(
    """
    SELECT row_no, column_name, reason, value FROM import_error
    WHERE import_run_id = :import_run_id::uuid AND error_no > :after::int
    ORDER BY error_no LIMIT :limit::int
    """,
    ErrorRow,
)

ADD_PRODUCTS = Statement("""
    INSERT INTO product_import (product_id, version, import_run_id, changes, recorded_at)
    SELECT p.product_id, p.version, :import_run_id::uuid, n.changes::jsonb, :now::timestamptz
    FROM unnest(:handles::text[], :changes::text[]) AS n (handle, changes)
    JOIN product p ON p.handle = n.handle
""")


class ProductImport(msgspec.Struct, frozen=True):
    """What a run did to a product; `changes` is empty where it made it."""

    version: int
    import_run_id: UUID
    file_name: str
    actor: str
    changes: dict[str, list[Any]]
    recorded_at: datetime


IMPORTS_OF = Query(
    """
    SELECT i.version, i.import_run_id, r.file_name, r.actor, i.changes, i.recorded_at
    FROM product_import i JOIN import_run r USING (import_run_id)
    WHERE i.product_id = (SELECT product_id FROM product WHERE handle = :handle::text) AND i.version > :after::bigint
    ORDER BY i.version DESC LIMIT :limit::int
    """,
    ProductImport,
)
