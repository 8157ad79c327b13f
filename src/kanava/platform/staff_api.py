"""HTTP edge of staff: sign in, sign out, who am I, and people with their roles."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post, put

from kanava.platform import clock, staff
from kanava.platform.auth import Actor, actor_of, requires, signed_in
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, Page, answer, database_of, read, write
from kanava.platform.staff import Role, Staff

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=200)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Roles = Annotated[list[Role], msgspec.Meta(max_length=200)]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Credentials of a person."""

    email: Email
    password: Password


class Session(msgspec.Struct, frozen=True):
    """Send `token` as `Authorization: Bearer …` until it expires."""

    token: str
    expires_at: datetime


class Me(msgspec.Struct, frozen=True):
    """The caller as we know it; `every_location` is false when roles are bound to locations."""

    kind: str
    name: str
    scopes: list[str]
    every_location: bool


class NewStaff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person to add."""

    email: Email
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    password: Password
    roles: Roles = []
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] = "en"


class StaffRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roles that replace the present ones."""

    roles: Roles


class StaffActive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the person may sign in."""

    active: bool


@post("/api/sessions", tags=["Access"], summary="Sign in with e-mail and password")
async def sign_in(request: AnyRequest, data: SignIn) -> Response[Session]:
    """Give a session token; wrong passwords are counted and slowed down."""
    async with database_of(request).transaction() as tx:
        outcome = await staff.sign_in(tx, data.email, data.password, clock.now())
    if isinstance(outcome, Exception):
        raise outcome
    return answer(Session(*outcome), 201)


@post("/api/sessions/end", tags=["Access"], guards=[signed_in], status_code=204, summary="Sign out")
async def sign_out(request: AnyRequest) -> None:
    """End the session that the request is made with."""
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    async with database_of(request).transaction() as tx:
        await staff.sign_out(tx, token)


@get("/api/me", tags=["Access"], guards=[signed_in], summary="Who the server takes me for")
async def get_me(request: AnyRequest) -> Me:
    """Give the caller's name and scopes."""
    actor = actor_of(request)
    return Me(actor.kind, actor.name, sorted(actor.scopes), actor.location_ids is None)


@get("/api/staff", tags=["Access"], guards=[requires("admin:read")], summary="List staff")
async def list_staff(request: AnyRequest) -> Response[Page[Staff]]:
    """Give everybody who may sign in."""

    async def verb(connection: Connection, _actor: Actor, _now: datetime) -> Page[Staff]:
        return Page(await staff.list_staff(connection))

    return await read(request, verb)


@post("/api/staff", tags=["Access"], guards=[requires("admin:write")], summary="Add a person")
async def add_staff(request: AnyRequest, data: NewStaff) -> Response[Staff]:
    """Add a person with roles."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> Staff:
        return await staff.add_staff(tx, actor, data.email, data.name, data.password, data.roles, data.language)

    return await write(request, verb)


@put("/api/staff/{email:str}/roles", tags=["Access"], guards=[requires("admin:write")], summary="Replace roles")
async def set_roles(request: AnyRequest, email: str, data: StaffRoles) -> Response[Staff]:
    """Replace somebody's roles."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> Staff:
        return await staff.set_roles(tx, actor, email, data.roles)

    return await write(request, verb, 200)


@put("/api/staff/{email:str}/active", tags=["Access"], guards=[requires("admin:write")], summary="Let in or out")
async def set_active(request: AnyRequest, email: str, data: StaffActive) -> Response[Staff]:
    """Let somebody in or out."""

    async def verb(tx: Connection, actor: Actor, _now: datetime) -> Staff:
        return await staff.set_active(tx, actor, email, data.active)

    return await write(request, verb, 200)


routes = [sign_in, sign_out, get_me, list_staff, add_staff, set_roles, set_active]
