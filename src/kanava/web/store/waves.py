"""Waves: work that one person takes in one walk through the place."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.catalog import service as catalog
from kanava.fulfilment.model import Kind, TakeWave
from kanava.fulfilment.service import board, documents
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff
from kanava.web.store import words
from kanava.web.store.printing import pdf
from kanava.web.store.shell import Shift, carry_out, store_page
from kanava.web.store.views import tasks_of

CAN = [requires_staff("fulfilment:write")]


class WaveForm(msgspec.Struct, frozen=True):
    """How much to take; the id was made when the form was shown."""

    wave_id: UUID
    size: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5
    kind: Kind | None = None


@post("/waves", guards=CAN)
async def take_wave(
    request: AnyRequest, shift: Shift, data: Annotated[WaveForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[Any]:
    """Take the most urgent work that nobody has."""
    wanted = TakeWave(data.wave_id, data.size, data.kind)
    wave = await carry_out(request, lambda tx, actor, now: board.take_wave(tx, actor, shift.code, wanted, now))
    return see_other(f"/store/waves/{wave.wave_id}")


@get("/waves/{wave_id:uuid}")
async def wave_page(request: AnyRequest, shift: Shift, wave_id: UUID) -> Response[str]:
    """Show what to fetch, and for what."""
    async with database_of(request).connection() as connection:
        wave = await board.get_wave(connection, shift.actor, wave_id)
        tasks = await tasks_of(connection, shift, wave.fulfilments)
        shown = await catalog.show_variants(connection, [each.sku for each in wave.pick_list], shift.languages)
    return store_page(
        request,
        shift,
        "store/wave.html",
        "work",
        wave=wave,
        tasks=tasks,
        shown=shown,
        by_number={each.fulfilment_number: each.fulfilment_id for each in wave.fulfilments},
        words=words,
    )


@post("/waves/{wave_id:uuid}/release", guards=CAN)
async def release_wave(request: AnyRequest, wave_id: UUID) -> Response[Any]:
    """Put back what is not picked."""
    await carry_out(request, lambda tx, actor, now: board.release_wave(tx, actor, wave_id, now))
    return see_other("/store/work")


@get("/waves/{wave_id:uuid}/pick-list.pdf", opt={"not_compressed": True})
async def pick_list(request: AnyRequest, shift: Shift, wave_id: UUID) -> Response[bytes]:
    """Give the list on paper."""
    async with database_of(request).connection() as connection:
        drawing = await documents.wave_pick_list(connection, shift.actor, wave_id, shift.language, clock.now())
    return await pdf("pick-list", drawing)


routes: list[Any] = [take_wave, wave_page, release_wave, pick_list]
