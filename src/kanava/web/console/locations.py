"""Locations: the list, one place with its address, services and switches, and when it is open."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post

from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import hours, service
from kanava.stores.model import (
    Address,
    DayHours,
    Location,
    LocationChange,
    LocationFilter,
    NewLocation,
    Position,
    Schedule,
    Switches,
)
from kanava.web.common.pages import page
from kanava.web.console.forms import FORM, Choices, Long, Short, carry_out, read_units
from kanava.web.console.labels import N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table, matches, sorted_page
from kanava.web.console.week import Week, week_of, written

PLACES_MAX = 500
DAYS_SHOWN = 7
KINDS = {"store": N("Store"), "warehouse": N("Warehouse"), "supplier": N("Supplier")}
SERVICES = {
    "pickup": N("Pickup"),
    "curbside": N("Curbside"),
    "ship_from_store": N("Ships from store"),
    "returns": N("Takes returns"),
}
ONE = "/console/locations/{code:str}"
_NUMBER = re.compile(r"-?\d{1,3}([.,]\d{1,8})?")


class PlaceForm(msgspec.Struct, frozen=True):
    """What is to be known of a place; numbers as people write them."""

    version: Annotated[str, msgspec.Meta(max_length=18)] = "0"
    code: Short = ""
    kind: Short = "store"
    name: Short = ""
    country: Short = ""
    street: Short = ""
    city: Short = ""
    region: Short = ""
    postal_code: Short = ""
    latitude: Short = ""
    longitude: Short = ""
    phone: Short = ""
    service: Choices = []
    handling_minutes: Short = "0"
    pick_capacity_per_hour: Short = "0"


class SwitchForm(msgspec.Struct, frozen=True):
    """One of the switches, on or off."""

    which: Annotated[str, msgspec.Meta(max_length=20)] = ""
    on: Annotated[str, msgspec.Meta(max_length=3)] = ""


class HoursForm(msgspec.Struct, frozen=True):
    """A week as the grid has it, or as text where the grid cannot say it."""

    version: Annotated[str, msgspec.Meta(max_length=18)] = "0"
    how: Annotated[str, msgspec.Meta(max_length=10)] = "grid"
    opens: Choices = []
    closes: Choices = []
    opens_again: Choices = []
    closes_again: Choices = []
    text: Long = ""
    keeps_public_holidays: str = ""


class DayForm(msgspec.Struct, frozen=True):
    """A day with hours of its own."""

    on_date: Annotated[str, msgspec.Meta(max_length=10)] = ""
    opening_hours: Short = ""
    reason: Short = ""
    remove: str = ""


@get("/console/locations", guards=may("locations:read"))
async def list_locations(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show every place."""
    _ = desk.text
    spec = TableSpec(
        "locations",
        f"{BASE}/locations",
        _("Locations"),
        [
            Column("code", _("Code"), sortable=True),
            Column("name", _("Name"), sortable=True),
            Column("kind", _("Kind"), sortable=True),
            Column("town", _("Town"), sortable=True),
            Column("country", _("Country"), sortable=True),
            Column("open", _("Now"), "badge"),
            Column("services", _("Services")),
            Column("online", _("Online orders"), "badge"),
            Column("active", _("In use"), "badge"),
            Column("capacity", _("Picks an hour"), "number", sortable=True, shown=False),
            Column("handling", _("Handling, minutes"), "number", sortable=True, shown=False),
        ],
        [
            Filter("q", _("Code, name or town")),
            Filter("kind", _("Kind"), "select", choices(KINDS, desk)),
            Filter("service", _("Service"), "select", choices(SERVICES, desk)),
        ],
        sort="code",
    )
    now = clock.now()
    async with database_of(request).connection() as connection:
        found = await service.list_locations(connection, LocationFilter(), PLACES_MAX, None, now)
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        rows = [
            {
                "code": cells.text(place.code, _path(place.code)),
                "name": cells.text(place.name),
                "kind": cells.text(_(KINDS[place.kind])),
                "town": cells.text(place.address.city),
                "country": cells.text(place.address.country),
                "open": cells.badge(open_words(desk, place), "success" if place.open_now else "ghost"),
                "services": cells.text(", ".join(_(SERVICES[each]) for each in place.services)),
                "online": cells.yes(place.fulfils_online),
                "active": cells.yes(place.active),
                "capacity": cells.number(place.pick_capacity_per_hour),
                "handling": cells.number(place.handling_minutes),
            }
            for place in found.items
            if matches(asked.get("q"), place.code, place.name, place.address.city)
            and asked.get("kind") in (None, place.kind)
            and (asked.get("service") is None or asked.get("service") in place.services)
        ]
        return sorted_page(rows, asked, limit, offset)

    return await answer_table(request, desk, "console/locations.html", spec, load)


def _path(code: str) -> str:
    return f"{BASE}/locations/{quote(code, safe='')}"


def open_words(desk: Desk, place: Location) -> str:
    """Say whether a place is open, and until or from when, by its own clock."""
    form = Cells(desk).format
    if place.open_now:
        if place.next_closing is None:
            return desk.text(N("Always open"))
        return desk.text(N("Open, closes %(time)s")) % {"time": form.time(place.next_closing, place.time_zone)}
    if place.next_opening is None:
        return desk.text(N("Closed"))
    when = f"{form.short_day(place.next_opening, place.time_zone)} {form.time(place.next_opening, place.time_zone)}"
    return desk.text(N("Closed, opens %(when)s")) % {"when": when}


@get(ONE, guards=may("locations:read"))
async def show_location(request: AnyRequest, desk: Desk, code: str) -> Response[Any]:
    """Show a place with all that can be set."""
    return await _show(request, desk, code)


async def _show(
    request: AnyRequest,
    desk: Desk,
    code: str,
    problem: Refused | None = None,
    status: int = 200,
    typed: HoursForm | PlaceForm | None = None,
) -> Response[Any]:
    now = clock.now()
    async with database_of(request).connection() as connection:
        place = await service.get_location(connection, code, now)
        times = await service.get_hours(connection, code, now, now + timedelta(days=DAYS_SHOWN), now)
    hours_form = typed if isinstance(typed, HoursForm) else None
    text = place.opening_hours if hours_form is None else _text_of(hours_form)
    return console_page(
        request,
        desk,
        "console/location.html",
        status=status,
        problem=problem,
        place=place,
        form=typed if isinstance(typed, PlaceForm) else _form_of(place),
        times=times,
        now_words=open_words(desk, place),
        week=week_of(text),
        hours_text=text if hours_form is None or hours_form.how == "grid" else hours_form.text,
        services=choices(SERVICES, desk),
        self_path=_path(code),
    )


def _form_of(place: Location) -> PlaceForm:
    where = place.address
    return PlaceForm(
        str(place.version),
        place.code,
        place.kind,
        place.name,
        where.country,
        where.street,
        where.city,
        where.region,
        where.postal_code,
        "" if place.position is None else str(place.position.latitude),
        "" if place.position is None else str(place.position.longitude),
        place.phone,
        list(place.services),
        str(place.handling_minutes),
        str(place.pick_capacity_per_hour),
    )


def _text_of(form: HoursForm) -> str:
    if form.how != "grid":
        return form.text
    return written(Week.of_form(form.opens, form.closes, form.opens_again, form.closes_again))


def _position(form: PlaceForm) -> Position | None:
    if not form.latitude.strip() and not form.longitude.strip():
        return None
    numbers = []
    for field in ("latitude", "longitude"):
        text = getattr(form, field).strip()
        if not _NUMBER.fullmatch(text):
            raise InvalidInput(f"{text[:30]!r} is no number of degrees.", field=field)
        numbers.append(float(text.replace(",", ".")))
    return Position(*numbers)


def _address(form: PlaceForm) -> Address:
    return Address(
        form.country.strip().upper(),
        form.street.strip(),
        form.city.strip(),
        form.region.strip(),
        form.postal_code.strip(),
    )


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _services(form: PlaceForm) -> list[Any]:
    return [each for each in form.service if each in SERVICES]


@get("/console/locations/new", guards=may("locations:write"))
async def new_location(request: AnyRequest, desk: Desk) -> Response[str]:
    """Show the form of a new place."""
    return _new(request, desk, PlaceForm())


def _new(
    request: AnyRequest, desk: Desk, form: PlaceForm, problem: Refused | None = None, status: int = 200
) -> Response[str]:
    return console_page(
        request,
        desk,
        "console/location_new.html",
        status=status,
        problem=problem,
        form=form,
        kinds=choices(KINDS, desk),
        services=choices(SERVICES, desk),
    )


@post("/console/locations/new", guards=may("locations:write"))
async def make_location(request: AnyRequest, desk: Desk, data: Annotated[PlaceForm, FORM]) -> Response[Any]:
    """Make a place."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        asked = NewLocation(
            data.code.strip(),
            data.kind,  # type: ignore[arg-type]  # the verb checks it
            data.name.strip(),
            _address(data),
            _position(data),
            phone=data.phone.strip(),
            services=_services(data),
            handling_minutes=read_units(data.handling_minutes, "handling_minutes"),
            pick_capacity_per_hour=read_units(data.pick_capacity_per_hour, "pick_capacity_per_hour"),
        )
        return await service.create_location(tx, actor, asked, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return _new(request, desk, data, problem, status)

    return await carry_out(request, desk, verb, _path(data.code.strip()), again)


async def _change(request: AnyRequest, desk: Desk, code: str, verb: Any, typed: Any = None) -> Response[Any]:
    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _show(request, desk, code, problem, status, typed)

    return await carry_out(request, desk, verb, _path(code), again)


@post(ONE, guards=may("locations:write"))
async def save_location(request: AnyRequest, desk: Desk, code: str, data: Annotated[PlaceForm, FORM]) -> Response[Any]:
    """Change what is known of a place."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        change = LocationChange(
            name=data.name.strip(),
            address=_address(data),
            position=_position(data),
            phone=data.phone.strip(),
            services=_services(data),
            handling_minutes=read_units(data.handling_minutes, "handling_minutes"),
            pick_capacity_per_hour=read_units(data.pick_capacity_per_hour, "pick_capacity_per_hour"),
        )
        return await service.update_location(tx, actor, code, change, _version(data.version), now)

    return await _change(request, desk, code, verb, data)


@post(f"{ONE}/switch", guards=may("locations:write"))
async def switch(request: AnyRequest, desk: Desk, code: str, data: Annotated[SwitchForm, FORM]) -> Response[Any]:
    """Turn a place, or its online orders, on or off; at once."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        on = data.on == "yes"
        asked = Switches(active=on) if data.which == "active" else Switches(fulfils_online=on)
        return await service.switch_location(tx, actor, code, asked, now)

    return await _change(request, desk, code, verb)


@post(f"{ONE}/hours", guards=may("locations:write"))
async def save_hours(request: AnyRequest, desk: Desk, code: str, data: Annotated[HoursForm, FORM]) -> Response[Any]:
    """Keep a week of opening hours."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        change = LocationChange(
            opening_hours=hours.check_opening_hours(_text_of(data), "text"),
            keeps_public_holidays=data.keeps_public_holidays == "yes",
        )
        return await service.update_location(tx, actor, code, change, _version(data.version), now)

    return await _change(request, desk, code, verb, data)


@post(f"{ONE}/hours-preview", guards=may("locations:read"))
async def preview_hours(request: AnyRequest, desk: Desk, code: str, data: Annotated[HoursForm, FORM]) -> Response[str]:
    """Say what is understood of a week, before it is kept."""
    now = clock.now()
    async with database_of(request).connection() as connection:
        place = await service.get_location(connection, code, now)
    try:
        text = hours.check_opening_hours(_text_of(data), "text")
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

    return await _change(request, desk, code, verb)


routes = [
    list_locations,
    new_location,
    make_location,
    show_location,
    save_location,
    switch,
    save_hours,
    preview_hours,
    save_day,
]
