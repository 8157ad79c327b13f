"""PostgreSQL: a pool, transactions, and SQL statements as named constants with :named parameters.

`:name` becomes `$1`, `$2` … once, when the constant is made. Every `Query` and `Statement` is kept in `REGISTRY`;
a test prepares each on the migrated schema and compares its columns with its record.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from typing import Any, Generic, Self, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

Row = TypeVar("Row")
Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
REGISTRY: list["Query[Any] | Statement | CopyInto | WithInserts"] = []


def _number(sql: str) -> tuple[str, tuple[str, ...]]:
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return _PARAMETER.sub(place, sql), tuple(names)


class Query(Generic[Row]):
    """A statement that gives rows; `row` is a record (its fields are the columns, in order) or a scalar type.

    `seconds_max`: how long it may take where that is longer than other statements may.
    """

    def __init__(self, sql: str, row: type[Row], *, seconds_max: float | None = None) -> None:
        self.text, self.names = _number(sql)
        self.row, self.seconds_max = row, seconds_max
        self.is_record = issubclass(row, msgspec.Struct)
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
        record = await tx.fetchrow(self.text, *[values[name] for name in self.names], timeout=self.seconds_max)
        if record is None:
            return None
        row: Any = self.row
        found: Row = row(*record) if self.is_record else record[0]
        return found

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
    """Rows for plain inserts into one table; columns that are not named take their defaults.

    Constraints and triggers hold as for any INSERT. Written by `write_all`.
    """

    def __init__(self, table: str, *columns: str) -> None:
        self.table, self.columns = table, columns
        self.text, self.names = self.insert(1, 1), columns
        REGISTRY.append(self)

    def insert(self, rows: int, first: int) -> str:
        """Give the statement that inserts so many rows; its parameters are numbered from `first`."""
        width = len(self.columns)
        places = [
            "(" + ", ".join([f"${number}" for number in range(start, start + width)]) + ")"
            for start in range(first, first + rows * width, width)
        ]
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES {', '.join(places)}"  # noqa: S608 -- ours

    async def write(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows, each a tuple in the order of the columns."""
        await write_all(tx, [(self, rows)])

    async def copy(self, tx: Connection, rows: Sequence[tuple[Any, ...]], seconds_max: float | None = None) -> None:
        """Write rows by COPY, however few they are; `seconds_max` where it may take longer than other statements."""
        await tx.copy_records_to_table(self.table, records=rows, columns=self.columns, timeout=seconds_max)


BULK_SECONDS_MAX = 600.0
"""How long a statement over thousands of rows may take: on a slow disk the usual minute is not always enough."""

FEW_ROWS = 24
"""Up to so many rows go in one statement; more are cheaper by COPY."""

Writes: TypeAlias = Sequence[tuple[CopyInto, Sequence[tuple[Any, ...]]]]
"""Rows of several tables, parents before children."""


def few_rows(writes: Writes) -> bool:
    """Say whether rows are so few that they go in one statement."""
    return sum([len(rows) for _, rows in writes]) <= FEW_ROWS


async def write_all(tx: Connection, writes: Writes) -> None:
    """Write rows of several tables.

    Few rows go in one statement for all tables: a single order waits for one round trip and not for six. Many rows go
    by COPY, table by table, which costs a third of `unnest` on both sides.
    """
    filled = [(into, rows) for into, rows in writes if rows]
    if not filled:
        return
    if few_rows(filled):
        text = _inserts(tuple([(into, len(rows)) for into, rows in filled]))
        await tx.execute(text, *_values(filled))
        return
    for into, rows in filled:
        await into.copy(tx, rows)


class WithInserts:
    """A statement that begins with WITH, with rows of its own and few rows of any tables that it writes as well.

    Its rows stand where it says `/* rows */`, each of the types `row`; the inserts where it says `/* inserts */`, each
    with a comma behind. All of it happens or nothing: one round trip, without BEGIN and COMMIT.
    """

    def __init__(self, sql: str, row: Sequence[str]) -> None:
        self.template, self.names = _number(sql)
        self.row = tuple(row)
        self.text = _with_rows(self, 1, ())
        REGISTRY.append(self)

    async def run(self, connection: Connection, rows: Sequence[Sequence[Any]], writes: Writes, **values: Any) -> None:
        """Run it with its rows and the inserts."""
        filled = [(into, rows) for into, rows in writes if rows]
        text = _with_rows(self, len(rows), tuple([(into, len(rows)) for into, rows in filled]))
        own = [value for row in rows for value in row]
        await connection.execute(text, *[values[name] for name in self.names], *own, *_values(filled))


# A statement for every shape of what is written: values in their places are cheaper for PostgreSQL than JSON or arrays,
# which it has to take apart. So few rows have few shapes.
Shape: TypeAlias = tuple[tuple[CopyInto, int], ...]


def _steps(shape: Shape, before: int) -> list[str]:
    steps = []
    for into, rows in shape:
        steps.append(into.insert(rows, before + 1))
        before += rows * len(into.columns)
    return steps


@lru_cache(maxsize=500)
def _inserts(shape: Shape) -> str:
    *before, last = _steps(shape, 0)
    steps = ", ".join([f"w{number} AS ({step})" for number, step in enumerate(before)])
    return f"WITH {steps} {last}" if steps else last


@lru_cache(maxsize=500)
def _with_rows(statement: WithInserts, rows: int, shape: Shape) -> str:
    before, width = len(statement.names), len(statement.row)
    own = [
        "(" + ", ".join([f"${first + place}::{kind}" for place, kind in enumerate(statement.row, 1)]) + ")"
        for first in range(before, before + rows * width, width)
    ]
    steps = "".join([f"w{number} AS ({step}), " for number, step in enumerate(_steps(shape, before + rows * width))])
    return statement.template.replace("/* rows */", ", ".join(own)).replace("/* inserts */", steps)


def _values(writes: Writes) -> list[Any]:
    return [value for _, rows in writes for row in rows for value in row]


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


class _Lent:
    """A connection for the time of a block; an open transaction ends with it."""

    def __init__(self, db: "Database") -> None:
        self._db = db
        self._transaction: asyncpg.transaction.Transaction | None = None

    async def _take(self) -> Connection:
        self._connection = await self._db.take()
        return self._connection

    async def _begin(self) -> None:
        transaction = self._connection.transaction()
        await transaction.start()
        self._transaction = transaction

    async def __aexit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        fit = False
        try:
            transaction = self._transaction
            if transaction is not None:
                await (transaction.commit() if kind is None else transaction.rollback())
            fit = kind is None
        finally:
            await self._db.give_back(self._connection, fit=fit)


class _Reading(_Lent):
    async def __aenter__(self) -> Connection:
        return await self._take()


class _Transaction(_Lent):
    async def __aenter__(self) -> Connection:
        connection = await self._take()
        try:
            await self._begin()
        except BaseException:
            await self._db.give_back(connection, fit=False)
            raise
        return connection


class LateTransaction(_Lent):
    """A connection that reads without a transaction until `begin`: a round trip less, and nothing is held meanwhile.

    For verbs that read first and write last. Statements of a READ COMMITTED transaction do not see one moment either;
    what was read counts only because the statement that writes looks at it again.
    """

    async def __aenter__(self) -> Self:
        await self._take()
        return self

    @property
    def connection(self) -> Connection:
        """The connection, to read with."""
        return self._connection

    @property
    def begun(self) -> bool:
        """Whether it is a transaction by now."""
        return self._transaction is not None

    async def begin(self) -> Connection:
        """Begin, unless it has begun, and give the connection to write with."""
        if self._transaction is None:
            await self._begin()
        return self._connection


class Database:
    """The pool of connections of one process.

    Connections stay taken out of asyncpg's pool between uses: to give one back and take it again costs a task and a
    quarter of a millisecond. The pool still makes them, mends what a block left in disorder, and closes them.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._free = asyncio.Semaphore(pool.get_max_size())
        self._idle: list[Connection] = []
        self._closing = False

    @classmethod
    async def open(
        cls, url: str, *, pool_size: int = 10, application_name: str = "kanava", generic_plans: bool = False
    ) -> "Database":
        """Connect; the first connection is made at once so that a wrong address fails here.

        `generic_plans`: statements are planned once for a connection and not for each set of values. For statements
        that look rows up by keys in arrays of any length; never for those with optional conditions.
        """
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
                "jit": "off",
                "plan_cache_mode": "force_generic_plan" if generic_plans else "auto",
                # A plan made while a table is small reads the whole of it, and is kept when the table has grown; those
                # of foreign keys too, once for each row (seen: 230 ms for 124 order lines). Lookups have their index.
                "enable_seqscan": "off",
            },
        )
        return cls(pool)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        self._closing = True
        while self._idle:
            await self._pool.release(self._idle.pop())
        await self._pool.close()

    async def take(self) -> Connection:
        """Take a connection, waiting for one that is free; `give_back` follows in any case."""
        await self._free.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                await self._pool.release(connection)
            return await self._pool.acquire()
        except BaseException:
            self._free.release()
            raise

    async def give_back(self, connection: Connection, *, fit: bool) -> None:
        """Give a connection back; what is not `fit` for the next at once goes to the pool, which sees to it."""
        try:
            if fit and not self._closing:
                self._idle.append(connection)
            else:
                await self._pool.release(connection)
        finally:
            self._free.release()

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Open a READ COMMITTED transaction; it commits when the block ends and rolls back when it raises."""
        return _Transaction(self)

    def late_transaction(self) -> LateTransaction:
        """Lend a connection on which a transaction begins when it is asked for, and ends as in `transaction`."""
        return LateTransaction(self)

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection without a transaction, for reading."""
        return _Reading(self)
