"""PostgreSQL: a pool, transactions, and SQL statements as named constants with :named parameters.

`:name` becomes `$1`, `$2` … once, when the constant is made. Every `Query` and `Statement` is kept in `REGISTRY`;
a test prepares each on the migrated schema and compares its columns with its record.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

Row = TypeVar("Row")
Connection = asyncpg.Connection | PoolConnectionProxy

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
REGISTRY: list["Query[Any] | Statement | CopyInto"] = []


def _number(sql: str) -> tuple[str, tuple[str, ...]]:
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return _PARAMETER.sub(place, sql), tuple(names)


class Query(Generic[Row]):
    """A statement that gives rows; `row` is a record (its fields are the columns, in order) or a scalar type."""

    def __init__(self, sql: str, row: type[Row]) -> None:
        self.text, self.names = _number(sql)
        self.row = row
        self.is_record = isinstance(row, type) and issubclass(row, msgspec.Struct)
        REGISTRY.append(self)

    async def all(self, tx: Connection, **values: Any) -> list[Row]:
        """Give every row; the statement bounds them."""
        records = await tx.fetch(self.text, *[values[name] for name in self.names])
        row: Any = self.row
        if self.is_record:
            return [row(*record) for record in records]
        return [record[0] for record in records]

    async def one_or_none(self, tx: Connection, **values: Any) -> Row | None:
        """Give the first row, or None."""
        record = await tx.fetchrow(self.text, *[values[name] for name in self.names])
        if record is None:
            return None
        row: Any = self.row
        return row(*record) if self.is_record else record[0]

    async def one(self, tx: Connection, **values: Any) -> Row:
        """Give the row that must be there; LookupError when it is not."""
        row = await self.one_or_none(tx, **values)
        if row is None:
            raise LookupError("a row that must exist does not: " + self.text[:80])
        return row


class Statement:
    """A statement that is run for its effect."""

    def __init__(self, sql: str) -> None:
        self.text, self.names = _number(sql)
        REGISTRY.append(self)

    async def run(self, tx: Connection, **values: Any) -> int:
        """Run it and give the number of rows touched."""
        tag = await tx.execute(self.text, *[values[name] for name in self.names])
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


class CopyInto:
    """Rows written by COPY: for plain inserts of many columns, several times cheaper than `unnest` on both sides.

    Columns that are not named take their defaults; constraints and triggers hold as for INSERT.
    """

    def __init__(self, table: str, *columns: str) -> None:
        self.table, self.columns = table, columns
        self.text, self.names = f"SELECT {', '.join(columns)} FROM {table}", ()  # noqa: S608 -- constants of ours
        REGISTRY.append(self)

    async def write(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows, each a tuple in the order of the columns."""
        if rows:
            await tx.copy_records_to_table(self.table, records=rows, columns=self.columns)


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """Teach a new connection our types: jsonb is Python objects, in msgspec's encoding."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        # msgspec encodes `Raw` as it is: what was encoded once is not encoded again.
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(memoryview(raw)[1:]),
    )


async def _keep_as_it_is(_connection: asyncpg.Connection) -> None:
    pass


class Database:
    """The pool of connections of one process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    @classmethod
    async def open(cls, url: str, *, pool_size: int = 10, application_name: str = "kanava") -> "Database":
        """Connect; the first connection is made at once so that a wrong address fails here."""
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=pool_size,
            init=prepare_connection,
            # Nobody here sets session state, so there is nothing to reset, and it would be a round trip each time.
            reset=_keep_as_it_is,
            command_timeout=60,
            timeout=10,
            max_inactive_connection_lifetime=0,
            server_settings={
                "application_name": application_name,
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": "60s",
                # A custom plan for arrays of 500 elements costs more than it gains.
                "jit": "off",
                # A plan made while a table is small reads the whole of it, and is kept when the table has grown: those of
                # foreign keys too, once for each row (seen: 230 ms for 124 order lines). Every statement has an index.
                "enable_seqscan": "off",
            },
        )
        return cls(pool)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Open a READ COMMITTED transaction; it commits when the block ends and rolls back when it raises."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection without a transaction, for reading."""
        async with self.pool.acquire() as connection:
            yield connection
