"""People who sign in, with their roles by place; and the API keys of programs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post

from kanava.platform import audit, auth, clock, staff
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.platform.staff import Role, Staff
from kanava.stores import service as stores
from kanava.web.common.translations import LANGUAGE_NAMES
from kanava.web.console.forms import FORM, Choices, Short, carry_out, listed, run_once
from kanava.web.console.labels import ROLES, N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may, refused
from kanava.web.console.tables import (
    Asked,
    Cells,
    Column,
    Filter,
    Rows,
    TableSpec,
    answer_table,
    matches,
    sorted_page,
)

DAYS_MAX = 3650


class PersonForm(msgspec.Struct, frozen=True):
    """Somebody to add; `role` and `place` go together, an empty role is none."""

    email: Short = ""
    name: Short = ""
    password: Short = ""
    language: Annotated[str, msgspec.Meta(max_length=2)] = "en"
    role: Choices = []
    place: Choices = []


class RolesForm(msgspec.Struct, frozen=True):
    """The roles that replace the present ones."""

    role: Choices = []
    place: Choices = []


class ActiveForm(msgspec.Struct, frozen=True):
    """Whether somebody may sign in."""

    active: Annotated[str, msgspec.Meta(max_length=3)] = ""


class PasswordForm(msgspec.Struct, frozen=True):
    """A new password."""

    password: Short = ""


class KeyForm(msgspec.Struct, frozen=True):
    """A key to make, once for each `form_id`."""

    form_id: Short = ""
    name: Short = ""
    days: Annotated[str, msgspec.Meta(max_length=5)] = ""
    scope: Choices = []


def _roles(chosen: list[str] | str, places: list[str] | str) -> list[Role]:
    names = listed(chosen)
    # One empty place is no list; several roles always send as many.
    padded = [*listed(places), *[""] * len(names)]
    return [Role(name, place.strip() or None) for name, place in zip(names, padded, strict=False) if name]


@get("/console/people", guards=may("admin:read"))
async def list_people(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show everybody who may sign in."""
    return await _people(request, desk)


async def _people(
    request: AnyRequest, desk: Desk, problem: Refused | None = None, form: PersonForm | None = None, status: int = 200
) -> Response[Any]:
    _ = desk.text
    spec = TableSpec(
        "people",
        f"{BASE}/people",
        _("People"),
        [
            Column("name", _("Name"), sortable=True),
            Column("email", _("E-mail"), sortable=True),
            Column("roles", _("Roles")),
            Column("language", _("Language"), sortable=True, shown=False),
            Column("active", _("May sign in"), "badge"),
            Column("since", _("Since"), "moment", sortable=True),
        ],
        [Filter("q", _("Name or e-mail")), Filter("role", _("Role"), "select", choices(ROLES, desk))],
        sort="name",
    )
    async with database_of(request).connection() as connection:
        people = await staff.list_staff(connection)
        places = await stores.all_for_routing(connection)
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        rows = [
            {
                "name": cells.text(person.name, f"{BASE}/people/{quote(person.email, safe='')}"),
                "email": cells.text(person.email),
                "roles": cells.text(", ".join(_role_words(desk, person))),
                "language": cells.text(LANGUAGE_NAMES.get(person.language, person.language)),
                "active": cells.yes(person.active),
                "since": cells.moment(person.created_at),
            }
            for person in people
            if matches(asked.get("q"), person.name, person.email)
            and (not asked.get("role") or asked.get("role") in [role.role for role in person.roles])
        ]
        return sorted_page(rows, asked, limit, offset)

    facts = {
        "form": form or PersonForm(),
        "chosen_role": next(iter(listed(form.role)), "associate") if form else "associate",
        "chosen_place": next(iter(listed(form.place)), "") if form else "",
        "roles": choices(ROLES, desk),
        "places": [(place.code, place.code) for place in places if place.kind != "supplier"],
        "problem": problem,
    }
    response = await answer_table(request, desk, "console/people.html", spec, load, **facts)
    response.status_code = status
    return response


def _role_words(desk: Desk, person: Staff) -> list[str]:
    return [
        desk.text(ROLES.get(role.role, role.role)) + (f" ({role.location})" if role.location else "")
        for role in person.roles
    ]


@post("/console/people", guards=may("admin:write"))
async def add_person(request: AnyRequest, desk: Desk, data: Annotated[PersonForm, FORM]) -> Response[Any]:
    """Add somebody."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        if not data.name.strip():
            raise InvalidInput("Say the name.", field="name")
        language = data.language if data.language in LANGUAGE_NAMES else "en"
        roles = _roles(data.role, data.place)
        return await staff.add_staff(tx, actor, data.email.strip(), data.name.strip(), data.password, roles, language)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _people(request, desk, problem, data, status)

    return await carry_out(request, desk, verb, f"{BASE}/people", again)


@get("/console/people/{email:str}", guards=may("admin:read"))
async def show_person(request: AnyRequest, desk: Desk, email: str) -> Response[str]:
    """Show somebody with her roles and what she changed lately."""
    return await _person(request, desk, email)


async def _person(
    request: AnyRequest, desk: Desk, email: str, problem: Refused | None = None, status: int = 200
) -> Response[str]:
    async with database_of(request).connection() as connection:
        person = await staff.get_staff(connection, email)
        places = await stores.all_for_routing(connection)
        done = await audit.search(connection, audit.AuditFilter(actor=f"staff:{person.staff_id}"), None, 20)
    return console_page(
        request,
        desk,
        "console/person.html",
        status=status,
        problem=problem,
        person=person,
        done=done,
        roles=choices(ROLES, desk),
        places=[(place.code, place.code) for place in places if place.kind != "supplier"],
        self_path=f"{BASE}/people/{quote(person.email, safe='')}",
    )


async def _change_person(request: AnyRequest, desk: Desk, email: str, verb: Any) -> Response[Any]:
    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _person(request, desk, email, problem, status)

    return await carry_out(request, desk, verb, f"{BASE}/people/{quote(email, safe='')}", again)


@post("/console/people/{email:str}/roles", guards=may("admin:write"))
async def set_roles(request: AnyRequest, desk: Desk, email: str, data: Annotated[RolesForm, FORM]) -> Response[Any]:
    """Replace somebody's roles."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        roles = _roles(data.role, data.place)
        if actor.id == (await staff.get_staff(tx, email)).staff_id and Role("admin") not in roles:
            raise InvalidInput("You cannot take the administrator's role from yourself.", field="role")
        return await staff.set_roles(tx, actor, email, roles)

    return await _change_person(request, desk, email, verb)


@post("/console/people/{email:str}/active", guards=may("admin:write"))
async def set_active(request: AnyRequest, desk: Desk, email: str, data: Annotated[ActiveForm, FORM]) -> Response[Any]:
    """Let somebody in, or out at once."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        if actor.id == (await staff.get_staff(tx, email)).staff_id:
            raise InvalidInput("You cannot lock yourself out.", field="active")
        return await staff.set_active(tx, actor, email, data.active == "yes")

    return await _change_person(request, desk, email, verb)


@post("/console/people/{email:str}/password", guards=may("admin:write"))
async def set_password(
    request: AnyRequest, desk: Desk, email: str, data: Annotated[PasswordForm, FORM]
) -> Response[Any]:
    """Give somebody a new password; her sessions end."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> object:
        await staff.set_password(tx, actor, email, data.password)
        return None

    return await _change_person(request, desk, email, verb)


@get("/console/api-keys", guards=may("admin:read"))
async def list_keys(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show the keys of programs, without their secrets."""
    return await _keys(request, desk)


async def _keys(
    request: AnyRequest, desk: Desk, problem: Refused | None = None, form: KeyForm | None = None, status: int = 200
) -> Response[Any]:
    _ = desk.text
    spec = TableSpec(
        "api-keys",
        f"{BASE}/api-keys",
        _("API keys"),
        [
            Column("name", _("Key"), sortable=True),
            Column("prefix", _("Prefix"), "code"),
            Column("scopes", _("May do"), "code"),
            Column("state", _("Status"), "badge"),
            Column("created", _("Made"), "moment", sortable=True),
            Column("ends", _("Ends"), "moment", sortable=True),
        ],
        [Filter("q", _("Key"))],
        sort="created",
        sort_descending=True,
    )
    async with database_of(request).connection() as connection:
        keys = await auth.list_api_keys(connection)
    cells, now = Cells(desk), clock.now()

    def state(key: auth.ApiKey) -> Any:
        if key.revoked_at is not None:
            return cells.badge(_(N("Revoked")), "ghost")
        if key.expires_at is not None and key.expires_at <= now:
            return cells.badge(_(N("Expired")), "ghost")
        return cells.badge(_(N("Works")), "success")

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        rows = [
            {
                "name": cells.text(key.name, f"{BASE}/api-keys/{key.prefix}"),
                "prefix": cells.text(f"knv_{key.prefix}"),
                "scopes": cells.text(
                    _(N("everything")) if len(key.scopes) == len(auth.SCOPES) else ", ".join(key.scopes)
                ),
                "state": state(key),
                "created": cells.moment(key.created_at),
                "ends": cells.moment(key.revoked_at or key.expires_at),
            }
            for key in keys
            if matches(asked.get("q"), key.name, key.prefix)
        ]
        return sorted_page(rows, asked, limit, offset)

    facts = {
        "nouns": auth.NOUNS,
        "problem": problem,
        "form": form or KeyForm(),
        "chosen": listed(form.scope) if form else [],
        "new_id": str(uuid7()),
    }
    response = await answer_table(request, desk, "console/keys.html", spec, load, **facts)
    response.status_code = status
    return response


@post("/console/api-keys", guards=may("admin:write"))
async def make_key(request: AnyRequest, desk: Desk, data: Annotated[KeyForm, FORM]) -> Response[Any]:
    """Make a key and show its secret: this page alone has it."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> tuple[auth.ApiKey, str]:
        _check_key(data)
        made = await auth.create_api_key(tx, data.name.strip(), listed(data.scope), _end(data.days, now))
        await audit.record(
            tx, actor, "create", "api_key", made[0].prefix, {"name": made[0].name, "scopes": made[0].scopes}
        )
        return made

    try:
        made = await run_once(request, desk, data.form_id, verb)
    except InvalidInput as error:
        return await _keys(request, desk, refused(desk, error), data, error.status)
    secret = made[1] if made is not None else None
    return console_page(
        request, desk, "console/secret.html", name=data.name.strip(), secret=secret, back=f"{BASE}/api-keys"
    )


def _check_key(form: KeyForm) -> None:
    if not form.name.strip():
        raise InvalidInput("Say what the key is for.", field="name")
    if not listed(form.scope):
        raise InvalidInput("Choose what the key may do.", field="scope")


def _end(days: str, now: datetime) -> datetime | None:
    if not days.strip():
        return None
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= DAYS_MAX):
        raise InvalidInput(f"A key lives 1 to {DAYS_MAX} days.", field="days")
    return now.astimezone(UTC) + timedelta(days=int(days))


@get("/console/api-keys/{prefix:str}", guards=may("admin:read"))
async def show_key(request: AnyRequest, desk: Desk, prefix: str) -> Response[Any]:
    """Show a key with what it changed lately."""
    async with database_of(request).connection() as connection:
        key = next((key for key in await auth.list_api_keys(connection) if key.prefix == prefix), None)
        if key is None:
            raise NotFound(f"No API key has the prefix {prefix!r}.", field="prefix")
        done = await audit.search(connection, audit.AuditFilter(actor=f"api_key:{key.api_key_id}"), None, 20)
    return console_page(request, desk, "console/key.html", key=key, done=done)


@post("/console/api-keys/{prefix:str}/revoke", guards=may("admin:write"))
async def revoke_key(request: AnyRequest, desk: Desk, prefix: str) -> Response[Any]:
    """End a key at once."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        await auth.revoke_api_key(tx, prefix, now)
        await audit.record(tx, actor, "revoke", "api_key", prefix)
        return None

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _keys(request, desk, problem, status=status)

    return await carry_out(request, desk, verb, f"{BASE}/api-keys", again)


routes = [
    list_people,
    add_person,
    show_person,
    set_roles,
    set_active,
    set_password,
    list_keys,
    make_key,
    show_key,
    revoke_key,
]
