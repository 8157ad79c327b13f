"""Who changed what: one row for every change that a person or a key made to settings, prices, stock or access."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.auth import Actor
from kanava.platform.db import Connection, Query, Statement
from kanava.platform.ids import uuid7


class AuditEntry(msgspec.Struct, frozen=True):
    """One change."""

    audit_entry_id: UUID
    occurred_at: datetime
    actor: str
    action: str
    subject: str
    subject_id: str
    detail: dict[str, Any]


INSERT = Statement("""
    INSERT INTO audit_entry (audit_entry_id, actor, action, subject, subject_id, detail)
    VALUES (:audit_entry_id::uuid, :actor::text, :action::text, :subject::text, :subject_id::text, :detail::jsonb)
""")

LIST = Query(
    """
    SELECT audit_entry_id, occurred_at, actor, action, subject, subject_id, detail
    FROM audit_entry
    WHERE (:subject::text IS NULL OR subject = :subject)
      AND (:subject_id::text IS NULL OR subject_id = :subject_id)
      AND (:before::uuid IS NULL OR audit_entry_id < :before)
    ORDER BY audit_entry_id DESC
    LIMIT :limit::int
    """,
    AuditEntry,
)


class AuditFilter(msgspec.Struct, frozen=True):
    """Which changes to read; None leaves a fact open. Times are those of the change."""

    subject: str | None = None
    subject_id: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class NamedEntry(msgspec.Struct, frozen=True):
    """A change with how people call who made it."""

    audit_entry_id: UUID
    occurred_at: datetime
    actor: str
    actor_name: str | None
    action: str
    subject: str
    subject_id: str
    detail: dict[str, Any]


SEARCH = Query(
    """
    SELECT e.audit_entry_id, e.occurred_at, e.actor, coalesce(s.name, k.name) AS actor_name, e.action, e.subject,
           e.subject_id, e.detail
    FROM audit_entry e
    LEFT JOIN staff s ON e.actor = 'staff:' || s.staff_id
    LEFT JOIN api_key k ON e.actor = 'api_key:' || k.api_key_id
    WHERE (:subject::text IS NULL OR e.subject = :subject)
      AND (:subject_id::text IS NULL OR e.subject_id = :subject_id)
      AND (:actor::text IS NULL OR e.actor = :actor OR s.name ILIKE '%' || :actor || '%'
           OR k.name ILIKE '%' || :actor || '%')
      AND (:action::text IS NULL OR e.action ILIKE '%' || :action || '%')
      AND (:since::timestamptz IS NULL OR e.occurred_at >= :since)
      AND (:until::timestamptz IS NULL OR e.occurred_at < :until)
      AND (:before::uuid IS NULL OR e.audit_entry_id < :before)
    ORDER BY e.audit_entry_id DESC
    LIMIT :limit::int
    """,
    NamedEntry,
)


async def search(tx: Connection, wanted: AuditFilter, before: UUID | None, limit: int) -> list[NamedEntry]:
    """Give the newest changes first, with the names of who made them; `actor` and `action` may be parts."""
    return await SEARCH.all(tx, **msgspec.structs.asdict(wanted), before=before, limit=limit)


async def record(
    tx: Connection, actor: Actor, action: str, subject: str, subject_id: str, detail: dict[str, Any] | None = None
) -> None:
    """Write down that `actor` did `action` to a subject, in the transaction of the change."""
    await INSERT.run(
        tx,
        audit_entry_id=uuid7(),
        actor=actor.label,
        action=action,
        subject=subject,
        subject_id=subject_id,
        detail=detail or {},
    )


async def entries(
    tx: Connection, subject: str | None, subject_id: str | None, before: UUID | None, limit: int
) -> list[AuditEntry]:
    """Give the newest entries first."""
    return await LIST.all(tx, subject=subject, subject_id=subject_id, before=before, limit=limit)
