"""Stock kept back for one variant: thresholds and ring-fences, with what each channel would see."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post

from kanava.catalog import service as catalog
from kanava.inventory.messages import RingFenceRow, RingFences, ThresholdRow, Thresholds
from kanava.inventory.service import protections
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.stores.model import LocationFilter
from kanava.web.common.pages import see_other
from kanava.web.console.channels_previews import effect_on
from kanava.web.console.products_forms import all_channels, read_fields, whole
from kanava.web.console.shell import Desk, console_page, may, refused

PATH = "/console/protections"
LOCATIONS_MAX = 500
UNITS_MAX = 1_000_000


async def _show(
    request: AnyRequest, desk: Desk, sku: str, *, status: int = 200, typed: dict[str, str] | None = None, **facts: Any
) -> Response[str]:
    now = clock.now()
    shown = held = None
    async with database_of(request).connection() as connection:
        found = [channel for channel in await all_channels(connection) if channel.active]
        places = await stores.list_locations(connection, LocationFilter(active=True), LOCATIONS_MAX, None, now)
        if sku:
            languages = list(dict.fromkeys([desk.language, "en"]))
            shown = (await catalog.show_variants(connection, [sku], languages)).get(sku)
        if shown is not None:
            held = await protections.get_protections(connection, sku)
    everything: dict[str, Any] = {
        "sku": sku,
        "shown": shown,
        "held": held,
        "channels": [(channel.code, channel.name) for channel in found],
        "places": [(place.code, place.name) for place in places.items],
        "typed": typed or {},
        "effect": None,
        "saved": request.query_params.get("saved") == "yes",
        **facts,
    }
    return console_page(request, desk, "console/channel_protections.html", status=status, **everything)


@get(PATH, guards=may("stock:read"))
async def protections_page(request: AnyRequest, desk: Desk) -> Response[str]:
    """Show what is kept back of a variant."""
    return await _show(request, desk, request.query_params.get("sku", "").strip()[:100])


@post(PATH, guards=may("stock:write"))
async def save_protection(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Set a threshold or a ring-fence, or show what that would do."""
    typed = await read_fields(request)
    sku, code = typed.get("sku", ""), typed.get("channel", "")
    place = typed.get("location") or None
    db, now = database_of(request), clock.now()

    async def change(tx: Connection) -> None:
        units = whole(typed, "units", 0, UNITS_MAX)
        if typed.get("kind") == "fence":
            if place is None or units is None:
                raise InvalidInput("A ring-fence has a place and a number of units.", field="location")
            fences = RingFences([RingFenceRow(sku, place, code, units)])
            await protections.set_ring_fences(tx, desk.actor, fences, now)
        else:
            thresholds = Thresholds([ThresholdRow(sku, code, units, place)])
            await protections.set_thresholds(tx, desk.actor, thresholds, now)

    try:
        if typed.get("do") == "preview":
            async with db.connection() as connection:
                codes = [channel.code for channel in await all_channels(connection) if channel.active]
            effect = await effect_on(db, codes, [sku], now, change)
            return await _show(request, desk, sku, typed=typed, effect=effect)
        async with db.transaction() as tx:
            await change(tx)
    except KanavaError as error:
        return await _show(request, desk, sku, status=error.status, typed=typed, problem=refused(desk, error))
    return see_other(f"{PATH}?sku={quote(sku, safe='')}&saved=yes")


routes: list[Any] = [protections_page, save_protection]
