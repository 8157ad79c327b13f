"""The views named `invariant_…`: each must be empty, always."""

import msgspec

from kanava.platform.db import Database, Query

ROWS_SHOWN_MAX = 5

INVARIANT_NAMES = Query(
    """
    SELECT viewname::text AS name FROM pg_views
    WHERE schemaname = current_schema() AND viewname LIKE 'invariant\\_%' ORDER BY viewname LIMIT 500
    """,
    str,
)


class Invariant(msgspec.Struct, frozen=True):
    """An invariant: `rows` that break it, and the first of them as text."""

    name: str
    rows: int
    first_rows: list[str]


async def broken_invariants(db: Database) -> list[Invariant]:
    """Read every invariant; all of them are given, those that hold with 0 rows."""
    found = []
    async with db.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        # These do read whole tables.
        await connection.execute("SET LOCAL enable_seqscan = on")
        for name in await INVARIANT_NAMES.all(connection):
            # A view cannot be a parameter; its name comes from the catalogue, quoted by PostgreSQL.
            quoted = await connection.fetchval("SELECT quote_ident($1)", name)
            text = f"SELECT count(*) OVER (), v::text FROM {quoted} v LIMIT {ROWS_SHOWN_MAX}"  # noqa: S608
            rows = await connection.fetch(text, timeout=600)
            found.append(Invariant(name, rows[0][0] if rows else 0, [row[1] for row in rows]))
    return found
