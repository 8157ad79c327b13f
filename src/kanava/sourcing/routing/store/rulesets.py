"""Rulesets, and the codes that their rules name."""

from datetime import datetime
from typing import Any

import msgspec

from kanava.platform.db import Query, Statement
from kanava.sourcing.routing.ruleset import State


class RulesetRow(msgspec.Struct, frozen=True):
    """A ruleset as stored."""

    number: int
    state: State
    name: str
    costs: Any
    rules: Any
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


RULESET = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset WHERE number = :number::bigint
    """,
    RulesetRow,
)

RULESET_FOR_WRITING = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset WHERE number = :number::bigint FOR UPDATE
    """,
    RulesetRow,
)

LIVE_RULESET = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset WHERE state = 'live'
    """,
    RulesetRow,
)

RULESETS_BEFORE = Query(
    """
    SELECT number, state, name, costs, rules, version, created_at, updated_at, published_at, retired_at
    FROM routing_ruleset
    WHERE (:before::bigint IS NULL OR number < :before) AND (:state::text IS NULL OR state = :state)
    ORDER BY number DESC LIMIT :limit::int
    """,
    RulesetRow,
)

INSERT_RULESET = Query(
    """
    INSERT INTO routing_ruleset (name, costs, rules, created_at, updated_at)
    VALUES (:name::text, :costs::jsonb, :rules::jsonb, :now::timestamptz, :now)
    RETURNING number
    """,
    int,
)

UPDATE_RULESET = Statement("""
    UPDATE routing_ruleset
    SET name = :name::text, costs = :costs::jsonb, rules = :rules::jsonb, version = version + 1,
        updated_at = :now::timestamptz
    WHERE number = :number::bigint
""")

RETIRE_LIVE = Statement("""
    UPDATE routing_ruleset
    SET state = 'retired', retired_at = :now::timestamptz, updated_at = :now, version = version + 1
    WHERE state = 'live'
""")

PUBLISH = Statement("""
    UPDATE routing_ruleset
    SET state = 'live', published_at = :now::timestamptz, updated_at = :now, version = version + 1
    WHERE number = :number::bigint
""")

KNOWN_CATEGORIES = Query("SELECT code FROM category WHERE code = ANY (:codes::text[])", str)

KNOWN_CHANNELS = Query("SELECT code FROM channel WHERE code = ANY (:codes::text[])", str)

KNOWN_LOCATIONS = Query("SELECT code FROM location WHERE code = ANY (:codes::text[])", str)

SETTINGS_CHANGED = Statement("UPDATE config_version SET version = version + 1")
