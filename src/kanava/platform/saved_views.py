"""Saved views: a question to a table of the console (filters, order, columns) under a name, for one or for all.

Table: saved_view.
"""

from uuid import UUID

import msgspec

from kanava.platform.auth import Actor
from kanava.platform.db import Connection, Query, Statement
from kanava.platform.errors import Conflict, Forbidden, InvalidInput, NotFound

VIEWS_MAX = 50
"""How many views of one table a person may keep."""
NAME_LENGTH_MAX, QUESTION_LENGTH_MAX = 100, 2000


class SavedView(msgspec.Struct, frozen=True):
    """A view as its owner or, when it is shared, everybody sees it; `question` is a query string."""

    saved_view_id: UUID
    name: str
    question: str
    shared: bool
    own: bool
    owner: str


class NewView(msgspec.Struct, frozen=True):
    """A view to keep. The id is the client's."""

    saved_view_id: UUID
    table_name: str
    name: str
    question: str
    shared: bool


LIST = Query(
    """
    SELECT v.saved_view_id, v.name, v.question, v.shared, v.staff_id = :staff_id::bigint AS own, s.name AS owner
    FROM saved_view v JOIN staff s USING (staff_id)
    WHERE v.table_name = :table_name::text AND (v.shared OR v.staff_id = :staff_id::bigint)
    ORDER BY own DESC, lower(v.name), v.saved_view_id LIMIT 200
    """,
    SavedView,
)

# The same name again is the same view, asked differently.
SAVE = Query(
    """
    INSERT INTO saved_view (saved_view_id, staff_id, table_name, name, question, shared)
    SELECT :saved_view_id::uuid, :staff_id::bigint, :table_name::text, :name::text, :question::text, :shared::boolean
    WHERE (SELECT count(*) FROM saved_view WHERE staff_id = :staff_id AND table_name = :table_name) < :views_max::int
       OR EXISTS (SELECT FROM saved_view WHERE staff_id = :staff_id AND table_name = :table_name AND name = :name)
    ON CONFLICT (staff_id, table_name, name)
        DO UPDATE SET question = excluded.question, shared = excluded.shared
    RETURNING saved_view_id
    """,
    UUID,
)

OWNER = Query("SELECT staff_id FROM saved_view WHERE saved_view_id = :saved_view_id::uuid", int)
DELETE = Statement("DELETE FROM saved_view WHERE saved_view_id = :saved_view_id::uuid")


async def list_views(tx: Connection, actor: Actor, table_name: str) -> list[SavedView]:
    """Give the views of a table that the actor may use, her own first."""
    return await LIST.all(tx, staff_id=actor.id, table_name=table_name)


async def save_view(tx: Connection, actor: Actor, view: NewView) -> None:
    """Keep a view; one of the same name is replaced. InvalidInput, Conflict when there are too many."""
    name = " ".join(view.name.split())
    if not 1 <= len(name) <= NAME_LENGTH_MAX:
        raise InvalidInput(f"The name of a view has 1 to {NAME_LENGTH_MAX} characters.", field="name")
    if len(view.question) > QUESTION_LENGTH_MAX:
        raise InvalidInput(f"A view has at most {QUESTION_LENGTH_MAX} characters of filters.", field="question")
    kept = await SAVE.one_or_none(
        tx,
        saved_view_id=view.saved_view_id,
        staff_id=actor.id,
        table_name=view.table_name,
        name=name,
        question=view.question,
        shared=view.shared,
        views_max=VIEWS_MAX,
    )
    if kept is None:
        raise Conflict(f"There are {VIEWS_MAX} views of this table already; remove one first.", field="name")


async def remove_view(tx: Connection, actor: Actor, saved_view_id: UUID) -> None:
    """Remove a view of one's own; NotFound, Forbidden."""
    owner = await OWNER.one_or_none(tx, saved_view_id=saved_view_id)
    if owner is None:
        raise NotFound("There is no such view.", field="saved_view_id")
    if owner != actor.id:
        raise Forbidden("Only the owner of a view may remove it.", field="saved_view_id")
    await DELETE.run(tx, saved_view_id=saved_view_id)
