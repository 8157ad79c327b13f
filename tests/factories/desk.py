"""Somebody of head office, signed in as a browser is."""

from typing import Any

import httpx

from factories.orders import make_shop
from kanava.platform import auth, staff
from kanava.platform.db import Database
from kanava.platform.staff import Role

OURS = {"sec-fetch-site": "same-origin"}
PASSWORD = "a long enough password"
ANA = "ana@example.com"


async def sign_in(client: httpx.AsyncClient, db: Database, email: str, *roles: Role, name: str = "Ana") -> None:
    """Make somebody of the staff and give the client her session."""
    async with db.transaction() as tx:
        await staff.add_staff(tx, auth.SYSTEM, email, name, PASSWORD, roles)
    form = {"email": email, "password": PASSWORD, "next": "/console"}
    answer = await client.post("/sign-in", data=form, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


async def head_office(client: httpx.AsyncClient, db: Database, name: str = "Ana") -> httpx.AsyncClient:
    """Make a shop and give the client an administrator's session; its key for /api stays."""
    await make_shop(db)
    await sign_in(client, db, ANA, Role("admin"), name=name)
    return client


async def send(client: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    """Send a form of the console."""
    return await client.post(f"/console{path}", data=form, headers=OURS)
