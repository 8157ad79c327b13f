"""Locations: the list, one place with its address, services and switches, and when it is open."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post

from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import hours, service
from kanava.stores.model import (
    Location,
    LocationChange,
    LocationFilter,
    NewLocation,
    Switches,
)
from kanava.web.console.forms import FORM, Verb, carry_out, listed, read_units
from kanava.web.console.labels import N
from kanava.web.console.location_effects import DAYS_SHOWN, Question, WantsYes, ask_of, confirmed_change, schedule_of
from kanava.web.console.location_forms import (
    Form,
    HoursForm,
    PlaceForm,
    SwitchForm,
    address_of,
    form_of,
    position_of,
    text_of,
    version_of,
)
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table, matches, sorted_page
from kanava.web.console.week import week_of

PLACES_MAX = 500
KINDS = {"store": N("Store"), "warehouse": N("Warehouse"), "supplier": N("Supplier")}
SERVICES = {
    "pickup": N("Pickup"),
    "curbside": N("Curbside"),
    "ship_from_store": N("Ships from store"),
    "returns": N("Takes returns"),
}
ONE = "/console/locations/{code:str}"


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
            Column("name", _("Name of the place"), sortable=True),
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
                "code": cells.text(place.code, path_of(place.code)),
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


def path_of(code: str) -> str:
    """Give the address of a place's page."""
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
    return await show(request, desk, code)


async def show(
    request: AnyRequest,
    desk: Desk,
    code: str,
    problem: Refused | None = None,
    status: int = 200,
    typed: Form | None = None,
    question: Question | None = None,
) -> Response[Any]:
    """Show a place; `typed` is what was refused, or what `question` asks about."""
    now = clock.now()
    async with database_of(request).connection() as connection:
        place = await service.get_location(connection, code, now)
    hours_form = typed if isinstance(typed, HoursForm) else None
    text = place.opening_hours if hours_form is None else text_of(hours_form)
    return console_page(
        request,
        desk,
        "console/location.html",
        status=status,
        problem=problem,
        place=place,
        form=typed if isinstance(typed, PlaceForm) else form_of(place),
        chosen=listed(typed.service) if isinstance(typed, PlaceForm) else place.services,
        spans=hours.whole_intervals(schedule_of(place), now, now + DAYS_SHOWN),
        question=question,
        now_words=open_words(desk, place),
        week=week_of(text),
        hours_text=text if hours_form is None or hours_form.how == "grid" else hours_form.text,
        services=choices(SERVICES, desk),
        self_path=path_of(code),
    )


def _services(form: PlaceForm) -> list[Any]:
    return [each for each in listed(form.service) if each in SERVICES]


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
        chosen=listed(form.service),
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
            address_of(data),
            position_of(data),
            phone=data.phone.strip(),
            services=_services(data),
            handling_minutes=read_units(data.handling_minutes, "handling_minutes"),
            pick_capacity_per_hour=read_units(data.pick_capacity_per_hour, "pick_capacity_per_hour"),
        )
        return await service.create_location(tx, actor, asked, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return _new(request, desk, data, problem, status)

    return await carry_out(request, desk, verb, path_of(data.code.strip()), again)


async def change_place(
    request: AnyRequest, desk: Desk, code: str, way: str, verb: Verb[object], form: Form
) -> Response[Any]:
    """Run a verb on a place and show it again; what is refused, or wants a yes before it is done, is said on its page.

    `way` is the form's path below the place's.
    """

    async def asked(tx: Connection, actor: Actor, now: datetime) -> object:
        return await confirmed_change(tx, code, form.confirmed, lambda: verb(tx, actor, now), now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await show(request, desk, code, problem, status, form)

    try:
        return await carry_out(request, desk, asked, path_of(code), again)
    except WantsYes as question:
        return await show(request, desk, code, typed=form, question=ask_of(desk, question.effect, way, form))


@post(ONE, guards=may("locations:write"))
async def save_location(request: AnyRequest, desk: Desk, code: str, data: Annotated[PlaceForm, FORM]) -> Response[Any]:
    """Change what is known of a place."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        change = LocationChange(
            name=data.name.strip(),
            address=address_of(data),
            position=position_of(data),
            phone=data.phone.strip(),
            services=_services(data),
            handling_minutes=read_units(data.handling_minutes, "handling_minutes"),
            pick_capacity_per_hour=read_units(data.pick_capacity_per_hour, "pick_capacity_per_hour"),
        )
        return await service.update_location(tx, actor, code, change, version_of(data.version), now)

    return await change_place(request, desk, code, "", verb, data)


@post(f"{ONE}/switch", guards=may("locations:write"))
async def switch(request: AnyRequest, desk: Desk, code: str, data: Annotated[SwitchForm, FORM]) -> Response[Any]:
    """Turn a place, or its online orders, on or off; at once."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        on = data.on == "yes"
        asked = Switches(active=on) if data.which == "active" else Switches(fulfils_online=on)
        return await service.switch_location(tx, actor, code, asked, now)

    return await change_place(request, desk, code, "/switch", verb, data)


routes = [
    list_locations,
    new_location,
    make_location,
    show_location,
    save_location,
    switch,
]
