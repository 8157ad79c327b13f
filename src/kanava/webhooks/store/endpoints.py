"""Endpoints and their secrets."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.platform.db import Query, Statement
from kanava.webhooks.model import Endpoint

ENDPOINTS_MAX = 200
SECRETS_LIVE_MAX = 5


class Standing(msgspec.Struct, frozen=True):
    """How an endpoint stands after attempts."""

    endpoint_id: UUID
    url: str
    active: bool
    failing_since: datetime | None
    failures_in_row: int


_COLUMNS = """endpoint_id, url, description, event_types, active, disabled_at, disabled_reason, failing_since,
           failures_in_row, last_success_at, last_failure_at, version, created_at, updated_at"""

COUNT = Query("SELECT count(*) FROM webhook_endpoint", int)

INSERT = Statement(
    """
    INSERT INTO webhook_endpoint (endpoint_id, url, description, event_types, created_at, updated_at)
    VALUES (:endpoint_id::uuid, :url::text, :description::text, :event_types::text[],
            :now::timestamptz, :now::timestamptz)
    """
)

FIND = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_endpoint WHERE endpoint_id = :endpoint_id::uuid
    """,  # noqa: S608 - constants of this file
    Endpoint,
)

LOCK = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_endpoint WHERE endpoint_id = :endpoint_id::uuid FOR NO KEY UPDATE
    """,  # noqa: S608 - constants of this file
    Endpoint,
)

LIST = Query(
    f"""
    SELECT {_COLUMNS} FROM webhook_endpoint
    WHERE endpoint_id > :after::uuid ORDER BY endpoint_id LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    Endpoint,
)

CHANGE = Statement(
    """
    UPDATE webhook_endpoint
    SET url = :url::text, description = :description::text, event_types = :event_types::text[],
        version = version + 1, updated_at = :now::timestamptz
    WHERE endpoint_id = :endpoint_id::uuid
    """
)

ENABLE = Statement(
    """
    UPDATE webhook_endpoint
    SET active = true, disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, failures_in_row = 0,
        version = version + 1, updated_at = :now::timestamptz
    WHERE endpoint_id = :endpoint_id::uuid
    """
)

DISABLE = Statement(
    """
    UPDATE webhook_endpoint e
    SET active = false, disabled_at = :now::timestamptz, disabled_reason = w.reason,
        version = version + 1, updated_at = :now::timestamptz
    FROM unnest(:endpoint_ids::uuid[], :reasons::text[]) AS w (endpoint_id, reason)
    WHERE e.endpoint_id = w.endpoint_id AND e.active
    """
)

DELETE = Statement("DELETE FROM webhook_endpoint WHERE endpoint_id = :endpoint_id::uuid")

# A success is written down when it ends failures, or when the last one is a while ago.
NOTE_ATTEMPTS = Query(
    """
    UPDATE webhook_endpoint e
    SET failures_in_row = CASE WHEN r.succeeded THEN 0 ELSE e.failures_in_row + r.failed END,
        failing_since = CASE WHEN r.succeeded THEN NULL ELSE coalesce(e.failing_since, :now::timestamptz) END,
        last_success_at = CASE WHEN r.succeeded THEN :now::timestamptz ELSE e.last_success_at END,
        last_failure_at = CASE WHEN r.failed > 0 THEN :now::timestamptz ELSE e.last_failure_at END
    FROM unnest(:endpoint_ids::uuid[], :succeeded::bool[], :failed::int[]) AS r (endpoint_id, succeeded, failed)
    WHERE e.endpoint_id = r.endpoint_id
      AND (r.failed > 0 OR e.failures_in_row > 0 OR e.last_success_at IS NULL
           OR e.last_success_at < :now::timestamptz - interval '10 seconds')
    RETURNING e.endpoint_id, e.url, e.active, e.failing_since, e.failures_in_row
    """,
    Standing,
)

ADD_SECRET = Statement(
    """
    INSERT INTO webhook_secret (endpoint_id, secret, created_at)
    VALUES (:endpoint_id::uuid, :secret::text, :now::timestamptz)
    """
)

EXPIRE_SECRETS = Statement(
    """
    UPDATE webhook_secret SET expires_at = :expires_at::timestamptz
    WHERE endpoint_id = :endpoint_id::uuid AND expires_at IS NULL
    """
)

# Those whose time is over, and the oldest when there are too many: each is one more signature in every header.
REMOVE_SECRETS = Statement(
    f"""
    DELETE FROM webhook_secret
    WHERE endpoint_id = :endpoint_id::uuid AND (expires_at <= :now::timestamptz OR secret_no NOT IN (
        SELECT secret_no FROM webhook_secret WHERE endpoint_id = :endpoint_id
        ORDER BY secret_no DESC LIMIT {SECRETS_LIVE_MAX - 1}))
    """  # noqa: S608 - constants of this file
)
