"""When a location is open: the week, tried before it is kept, and days that differ."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, post

from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import hours, service
from kanava.stores.model import DayHours, Location, LocationChange
from kanava.web.common.pages import page
from kanava.web.console.channels_previews import try_out
from kanava.web.console.forms import FORM
from kanava.web.console.location_effects import DAYS_SHOWN, Effect, changed, named_nights, schedule_of
from kanava.web.console.location_forms import DayForm, HoursForm, text_of, version_of
from kanava.web.console.locations import ONE, change_place, open_words
from kanava.web.console.shell import Desk, may, refused


@post(f"{ONE}/hours", guards=may("locations:write"))
async def save_hours(request: AnyRequest, desk: Desk, code: str, data: Annotated[HoursForm, FORM]) -> Response[Any]:
    """Keep a week of opening hours."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        change = LocationChange(
            opening_hours=hours.check_opening_hours(text_of(data), "text"),
            keeps_public_holidays=data.keeps_public_holidays == "yes",
        )
        return await service.update_location(tx, actor, code, change, version_of(data.version), now)

    return await change_place(request, desk, code, "/hours", verb, data)


@post(f"{ONE}/hours-preview", guards=may("locations:read"))
async def preview_hours(request: AnyRequest, desk: Desk, code: str, data: Annotated[HoursForm, FORM]) -> Response[str]:
    """Say what is understood of a week, before it is kept."""
    now = clock.now()
    async with database_of(request).connection() as connection:
        place = await service.get_location(connection, code, now)
    try:
        text = hours.check_opening_hours(text_of(data), "text")
    except KanavaError as error:
        return page(
            request, "console/_hours_understood.html", desk.look, text="", words="", spans=[],
            place=place, wrong=refused(desk, error),
        )  # fmt: skip
    keeps = data.keeps_public_holidays == "yes"
    kept = msgspec.structs.replace(place, opening_hours=text, keeps_public_holidays=keeps)
    schedule = schedule_of(kept)
    tried = msgspec.structs.replace(
        kept,
        open_now=hours.is_open(schedule, now),
        next_opening=hours.next_opening(schedule, now),
        next_closing=hours.next_closing(schedule, now),
    )
    spans = hours.whole_intervals(schedule, now, now + DAYS_SHOWN)
    return page(
        request, "console/_hours_understood.html", desk.look, text=text, words=open_words(desk, tried),
        spans=spans, place=tried, wrong=None, **await _effect(request, desk, place, kept, now),
    )  # fmt: skip


async def _effect(request: AnyRequest, desk: Desk, place: Location, kept: Location, now: datetime) -> dict[str, Any]:
    """Say what keeping these hours would do at once, to somebody who may keep them."""
    if not desk.may("locations:write"):
        return {"effect": None}
    change = LocationChange(opening_hours=kept.opening_hours, keeps_public_holidays=kept.keeps_public_holidays)

    async def attempt(tx: Connection) -> Effect:
        async def verb() -> object:
            return await service.update_location(tx, desk.actor, place.code, change, place.version, now)

        _done, effect = await changed(tx, place.code, verb, now)
        return effect

    try:
        effect = await try_out(database_of(request), attempt)
    except KanavaError:
        # Not hers to change, or somebody is changing it: saving says so.
        return {"effect": None}
    return {"effect": effect, "nights": named_nights(desk, effect.nights)}


@post(f"{ONE}/days", guards=may("locations:write"))
async def save_day(request: AnyRequest, desk: Desk, code: str, data: Annotated[DayForm, FORM]) -> Response[Any]:
    """Give a day hours of its own, or its usual ones back."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        try:
            on_date = date.fromisoformat(data.on_date)
        except ValueError as error:
            raise InvalidInput(f"{data.on_date!r} is no day.", field="on_date") from error
        if data.remove:
            return await service.remove_hours_exception(tx, actor, code, on_date, now)
        asked = DayHours(data.opening_hours, data.reason.strip())
        return await service.put_hours_exception(tx, actor, code, on_date, asked, now)

    return await change_place(request, desk, code, "/days", verb, data)


routes = [save_hours, preview_hours, save_day]
