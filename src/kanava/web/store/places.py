"""Choosing where one works, the page "More", and what makes the app installable."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace
from kanava.web.common import assets
from kanava.web.common.pages import page, safe_next, see_other
from kanava.web.common.sessions import staff_of
from kanava.web.store.shell import PLACE_COOKIE, Shift, keep_place, look_of_store, reachable, store_page

PLACES_SHOWN_MAX = 60


class PlaceForm(msgspec.Struct, frozen=True):
    """Which location, and the page to go on to."""

    code: Annotated[str, msgspec.Meta(max_length=100)] = ""
    next: Annotated[str, msgspec.Meta(max_length=2000)] = ""


async def places_of(connection: Connection, actor: Actor, words: str = "") -> list[NamedPlace]:
    """Give the places where the actor may work, by name; with words, those whose name, town or code has all of them."""
    codes = [
        each.code
        for each in await stores.all_for_routing(connection)
        if each.active
        and each.kind != "supplier"
        and (actor.location_ids is None or each.location_id in actor.location_ids)
    ]
    named = (await stores.name_places(connection, codes)).values()
    wanted = words.casefold().split()
    found = [
        each
        for each in named
        if all(word in f"{each.name} {each.street} {each.city} {each.code}".casefold() for word in wanted)
    ]
    return sorted(found, key=lambda each: (each.country, each.name))


@get("/")
async def front_door(request: AnyRequest) -> Response[Any]:
    """Go on to the work, or choose a place first."""
    return see_other("/store/work" if request.cookies.get(PLACE_COOKIE) else "/store/place")


@get("/place")
async def place_page(request: AnyRequest, q: str = "") -> Response[Any]:
    """Show the places of this person; one that has only one is there already."""
    actor, look = staff_of(request), look_of_store(request)
    wanted = safe_next(request.query_params.get("next"), "/store/work")
    async with database_of(request).connection() as connection:
        found = await places_of(connection, actor, q[:100])
    if len(found) == 1 and not q and not request.cookies.get(PLACE_COOKIE):
        response: Response[Any] = see_other(wanted)
        keep_place(request, response, found[0].code)
        return response
    return page(
        request,
        "store/place.html",
        look,
        actor=actor,
        places=found[:PLACES_SHOWN_MAX],
        more=max(0, len(found) - PLACES_SHOWN_MAX),
        here=request.cookies.get(PLACE_COOKIE, ""),
        q=q[:100],
        next=wanted,
    )


@post("/place")
async def choose_place(
    request: AnyRequest, data: Annotated[PlaceForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[Any]:
    """Keep the place of this browser."""
    async with database_of(request).connection() as connection:
        allowed = await reachable(connection, staff_of(request), data.code)
    response = see_other(safe_next(data.next, "/store/work") if allowed else "/store/place")
    if allowed:
        keep_place(request, response, data.code)
    return response


@get("/more")
async def more_page(request: AnyRequest, shift: Shift) -> Response[str]:
    """Show what is not in the dock: other parts, who is signed in, the place, the language."""
    return store_page(request, shift, "store/more.html", "more")


@get("/offline")
async def offline_page(request: AnyRequest) -> Response[str]:
    """Show what the service worker keeps for when there is no network."""
    return page(request, "store/offline.html", look_of_store(request))


@get("/sw.js")
async def service_worker() -> Response[bytes]:
    """Give the service worker, with the names of the files that it keeps."""
    entry = assets.entry("store")
    built = [assets.icons_path("store"), entry.script, *entry.styles, *entry.imports]
    kept = ["/store/offline", "/static/icon.svg", *built]
    worker = assets.entry("store/worker").script.removeprefix("/static/")
    script = b"const KEPT=" + msgspec.json.encode(kept) + b";\n" + (assets.STATIC / worker).read_bytes()
    return Response(script, media_type="text/javascript", headers={"cache-control": "no-cache"})


@get("/manifest.webmanifest")
async def manifest(request: AnyRequest) -> Response[bytes]:
    """Say how the app is installed."""
    look = look_of_store(request)
    told = {
        "id": "/store/",
        "name": f"{look.brand} Store",
        "short_name": look.brand,
        "start_url": "/store/work",
        "scope": "/store/",
        "display": "standalone",
        "background_color": "#fbfaf6",
        "theme_color": "#12533f",
        "lang": look.language,
        "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
    }
    return Response(msgspec.json.encode(told), media_type="application/manifest+json")


routes: list[Any] = [front_door, place_page, choose_place, more_page]
"""For whoever is signed in."""
open_routes: list[Any] = [offline_page, service_worker, manifest]
"""For browsers: they say nothing of anybody."""
