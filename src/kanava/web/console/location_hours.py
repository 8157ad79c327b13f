"""When a location is open: the week, tried before it is kept, and days that differ."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Response, post

from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import hours, service
from kanava.stores.model import DayHours, LocationChange, Schedule
from kanava.web.common.pages import page
from kanava.web.console.forms import FORM
from kanava.web.console.location_forms import DayForm, HoursForm, text_of, version_of
from kanava.web.console.locations import DAYS_SHOWN, ONE, change_place, open_words
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

    return await change_place(request, desk, code, verb, data)


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
    schedule = Schedule(text, place.time_zone, place.address.country, keeps, tuple(place.hours_exceptions))
    tried = msgspec.structs.replace(
        place,
        open_now=hours.is_open(schedule, now),
        next_opening=hours.next_opening(schedule, now),
        next_closing=hours.next_closing(schedule, now),
    )
    spans = hours.open_intervals(schedule, now, now + timedelta(days=DAYS_SHOWN))
    return page(
        request, "console/_hours_understood.html", desk.look, text=text, words=open_words(desk, tried),
        spans=spans, place=place, wrong=None,
    )  # fmt: skip


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

    return await change_place(request, desk, code, verb)


routes = [save_hours, preview_hours, save_day]
