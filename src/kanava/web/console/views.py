"""Keeping and removing saved views of tables."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.platform import saved_views
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.platform.saved_views import NewView
from kanava.web.common.pages import safe_next, see_other
from kanava.web.console.shell import BASE, Desk, may


class ViewForm(msgspec.Struct, frozen=True):
    """A view to keep."""

    view_id: Annotated[str, msgspec.Meta(max_length=36)] = ""
    table: Annotated[str, msgspec.Meta(max_length=100)] = ""
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    question: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    shared: str = ""
    next: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class RemoveForm(msgspec.Struct, frozen=True):
    """Where to go on."""

    next: Annotated[str, msgspec.Meta(max_length=4000)] = ""


@post("/console/views", guards=may("locations:read"))
async def save_view(
    request: AnyRequest, desk: Desk, data: Annotated[ViewForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[Any]:
    """Keep the filters, order and columns of a table under a name."""
    try:
        view_id = UUID(data.view_id)
    except ValueError:
        view_id = uuid7()
    view = NewView(view_id, data.table, data.name, data.question, bool(data.shared))
    async with database_of(request).transaction() as tx:
        await saved_views.save_view(tx, desk.actor, view)
    return see_other(safe_next(data.next, BASE))


@post("/console/views/{saved_view_id:uuid}/remove", guards=may("locations:read"))
async def remove_view(
    request: AnyRequest,
    desk: Desk,
    saved_view_id: UUID,
    data: Annotated[RemoveForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Remove a view of one's own."""
    async with database_of(request).transaction() as tx:
        await saved_views.remove_view(tx, desk.actor, saved_view_id)
    return see_other(safe_next(data.next, BASE))


routes = [save_view, remove_view]
