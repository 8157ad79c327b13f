"""Stock kept back: what there is, and for one variant thresholds and ring-fences with what each channel would see."""

from typing import Any, cast
from urllib.parse import quote

from litestar import Response, get, post

from kanava.catalog import service as catalog
from kanava.inventory.messages import (
    ProtectionKind,
    ProtectionQuestion,
    RingFenceRow,
    RingFences,
    ThresholdRow,
    Thresholds,
)
from kanava.inventory.service import protections
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.stores.model import LocationFilter
from kanava.web.common.pages import see_other
from kanava.web.console.channels_previews import effect_on
from kanava.web.console.forms import transaction
from kanava.web.console.labels import Labels, N
from kanava.web.console.products_forms import all_channels, read_fields, whole
from kanava.web.console.shell import Desk, choices, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table

PATH = "/console/protections"
LOCATIONS_MAX = 500
UNITS_MAX = 1_000_000
FOUND_MAX = 100
KINDS: Labels = {
    "threshold": (N("Threshold"), "info"),
    "ring_fence": (N("Ring-fence"), "warning"),
    "safety_stock": (N("Safety stock"), "neutral"),
}


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
async def protections_page(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show what is kept back of a variant, or everything that is kept back."""
    sku = request.query_params.get("sku", "").strip()[:100]
    return await _show(request, desk, sku) if sku else await _everything(request, desk)


async def _everything(request: AnyRequest, desk: Desk) -> Response[Any]:
    async with database_of(request).connection() as connection:
        named = {channel.code: channel.name for channel in await all_channels(connection)}
        found = await stores.list_locations(connection, LocationFilter(), LOCATIONS_MAX, None, clock.now())
    places = {place.code: place.name for place in found.items}
    cells, languages = Cells(desk), list(dict.fromkeys([desk.language, "en"]))

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            skus, text = None, asked.get("q")
            if text:
                found = await catalog.find_variants(connection, text, desk.language, FOUND_MAX)
                skus = [each.sku for each in found]
            kind = cast("ProtectionKind | None", asked.get("kind"))
            question = ProtectionQuestion(kind, skus, asked.get("channel"), asked.get("place"))
            kept = await protections.list_protections(connection, question, asked.cursor, limit)
            shown = await catalog.show_variants(connection, [each.sku for each in kept.items], languages)
        everywhere = desk.text(N("everywhere"))
        rows = []
        for each in kept.items:
            variant = shown.get(each.sku)
            at = f"/console/stock/{quote(each.sku, safe='')}"
            if each.kind != "safety_stock":
                at = f"{PATH}?sku={quote(each.sku, safe='')}"
            label, tone = KINDS[each.kind]
            rows.append(
                {
                    "sku": cells.text(each.sku, at),
                    "title": cells.text(
                        variant.title if variant else "", note=" · ".join(variant.options if variant else [])
                    ),
                    "kind": cells.badge(desk.text(label), tone, each.kind),
                    "channel": cells.text(
                        named.get(each.channel, each.channel) if each.channel else desk.text(N("every channel"))
                    ),
                    "place": cells.text(places.get(each.location, each.location) if each.location else everywhere),
                    "units": cells.number(each.units),
                }
            )
        return Rows(rows, next_cursor=kept.next_cursor)

    return await answer_table(request, desk, "console/protections.html", _spec(desk, named, places), load)


def _spec(desk: Desk, named: dict[str, str], places: dict[str, str]) -> TableSpec:
    _ = desk.text
    kinds = choices({kind: label for kind, (label, _tone) in KINDS.items()}, desk)
    return TableSpec(
        "protections",
        PATH,
        _(N("Stock protection")),
        [
            Column("sku", _(N("Sku"))),
            Column("title", _(N("Product"))),
            Column("kind", _(N("What")), "badge"),
            Column("channel", _(N("Channel"))),
            Column("place", _(N("Place"))),
            Column("units", _(N("Units")), "number"),
        ],
        [
            Filter("q", _(N("Sku, barcode or name"))),
            Filter("kind", _(N("What")), "select", kinds),
            Filter("channel", _(N("Channel")), "select", list(named.items())),
            Filter("place", _(N("Place")), "select", list(places.items())),
        ],
        empty=_(N("Nothing is kept back of any variant. What a channel leaves of all goods stands with the channel.")),
    )


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
        async with transaction(request) as tx:
            await change(tx)
    except KanavaError as error:
        return await _show(request, desk, sku, status=error.status, typed=typed, problem=refused(desk, error))
    return see_other(f"{PATH}?sku={quote(sku, safe='')}&saved=yes")


routes: list[Any] = [protections_page, save_protection]
