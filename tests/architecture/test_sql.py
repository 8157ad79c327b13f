"""Every SQL constant fits the schema, and every table says how it is placed on several nodes."""

import importlib
import pkgutil
import re

import asyncpg
import msgspec
import pytest

import kanava
from kanava.platform.db import REGISTRY, Database, Query

pytestmark = pytest.mark.anyio


def import_everything() -> None:
    for module in pkgutil.walk_packages(kanava.__path__, "kanava."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


async def test_every_statement_prepares_and_its_columns_are_its_record(db: Database) -> None:
    import_everything()
    wrong = []
    async with db.connection() as connection:
        for query in REGISTRY:
            try:
                statement = await connection.prepare(query.text)
            except asyncpg.PostgresError as error:
                wrong.append(f"{error}: {query.text[:200]}")
                continue
            if isinstance(query, Query) and query.is_record:
                got = tuple(attribute.name for attribute in statement.get_attributes())
                want = tuple(field.name for field in msgspec.structs.fields(query.row))
                if got != want:
                    wrong.append(f"columns {got} are not {want}: {query.text[:120]}")
    assert len(REGISTRY) > 50
    assert wrong == []


async def test_every_table_is_placed_and_its_keys_contain_the_distribution_column(db: Database) -> None:
    async with db.connection() as connection:
        tables = await connection.fetch("""
            SELECT c.relname AS name, obj_description(c.oid) AS placed,
                   (SELECT array_agg(array_to_string(ARRAY(
                        SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                    ), ',')) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique) AS unique_keys
            FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
              AND c.relname <> 'schema_migrations' AND c.relname NOT LIKE 'pgqueuer%'
        """)
    wrong = []
    for table in tables:
        match = re.fullmatch(r"reference|local|distributed by (\w+)", table["placed"] or "")
        if match is None:
            wrong.append(f"{table['name']}: {table['placed']}")
        elif match[1] and not all(match[1] in key.split(",") for key in table["unique_keys"] or []):
            wrong.append(f"{table['name']}: a unique key lacks {match[1]}")
    assert wrong == []
    assert len(tables) > 30


async def test_invariant_views_are_empty_on_a_new_database(db: Database) -> None:
    async with db.connection() as connection:
        names = [
            row[0]
            for row in await connection.fetch(
                "SELECT viewname FROM pg_views WHERE schemaname = 'public' AND viewname LIKE 'invariant%'"
            )
        ]
        assert len(names) >= 9
        for name in names:
            assert await connection.fetch(f"SELECT * FROM {name} LIMIT 1") == [], name
