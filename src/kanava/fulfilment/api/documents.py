"""PDFs over HTTP: labels, packing slips, pick lists."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import Parameter

from kanava.fulfilment.service import documents
from kanava.fulfilment.service.documents import Drawing, drawn
from kanava.platform import clock
from kanava.platform.auth import Actor, actor_of, requires
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of

CAN_SEE = [requires("fulfilment:read")]
TAGS = ["Fulfilment"]
PDF = "application/pdf"
Language = Annotated[
    str | None,
    Parameter(pattern="^[a-z]{2}(-[A-Za-z]{2,4})?$", description="Of the document; without it the channel's."),
]


async def _pdf(
    request: AnyRequest, name: str, verb: Callable[[Connection, Actor, datetime], Awaitable[Drawing]]
) -> Response[bytes]:
    async with database_of(request).connection() as connection:
        drawing = await verb(connection, actor_of(request), clock.now())
    body = await drawn(drawing)
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', "cache-control": "private, no-store"}
    return Response(body, media_type=PDF, headers=headers)


@get(
    "/api/parcels/{parcel_id:uuid}/label.pdf",
    guards=CAN_SEE,
    tags=TAGS,
    media_type=PDF,
    summary="The label of a parcel (A6)",
)
async def parcel_label(request: AnyRequest, parcel_id: UUID, language: Language = None) -> Response[bytes]:
    """Give the label: from, to, carrier, barcode of the tracking number."""
    return await _pdf(request, "label", lambda c, actor, _now: documents.label(c, actor, parcel_id, language))


@get(
    "/api/parcels/{parcel_id:uuid}/packing-slip.pdf",
    guards=CAN_SEE,
    tags=TAGS,
    media_type=PDF,
    summary="The packing slip of a parcel (A4)",
)
async def parcel_packing_slip(request: AnyRequest, parcel_id: UUID, language: Language = None) -> Response[bytes]:
    """Give what is in the parcel, in the customer's language."""
    return await _pdf(
        request, "packing-slip", lambda c, actor, _now: documents.packing_slip(c, actor, parcel_id, language)
    )


@get(
    "/api/waves/{wave_id:uuid}/pick-list.pdf",
    guards=CAN_SEE,
    tags=TAGS,
    media_type=PDF,
    summary="What is still to be picked of a wave (A4)",
)
async def wave_pick_list(request: AnyRequest, wave_id: UUID, language: Language = None) -> Response[bytes]:
    """Give the list, by sku, with the fulfilments that each line is for."""
    return await _pdf(
        request, "pick-list", lambda c, actor, now: documents.wave_pick_list(c, actor, wave_id, language, now)
    )


@get(
    "/api/locations/{code:str}/pick-list.pdf",
    guards=CAN_SEE,
    tags=TAGS,
    media_type=PDF,
    summary="All that is to be picked at a place (A4)",
)
async def location_pick_list(request: AnyRequest, code: str, language: Language = None) -> Response[bytes]:
    """Give the list, by sku, with the fulfilments that each line is for."""
    return await _pdf(
        request, "pick-list", lambda c, actor, now: documents.location_pick_list(c, actor, code, language, now)
    )


routes = [parcel_label, parcel_packing_slip, wave_pick_list, location_pick_list]
