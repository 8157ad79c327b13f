"""What every page of the console stands in: who is signed in, where she may go, and the frame of the page."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from kanava.platform import staff
from kanava.platform.auth import Actor, Guard, actor_of
from kanava.platform.errors import Forbidden, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.snapshot import Snapshot
from kanava.platform.staff import Role
from kanava.stores import service as stores
from kanava.web.common.errors import words_for
from kanava.web.common.pages import Look, page
from kanava.web.common.sessions import requires_staff, staff_of
from kanava.web.common.sign_in import staff_language
from kanava.web.common.translations import translations_of
from kanava.web.console.labels import ROLES
from kanava.web.console.refusals import in_words

BASE = "/console"
N = str
"""Marks a text for the catalogues; it is translated where it is shown."""
NOT_NOW = N("That cannot be done as things stand.")


class Entry(msgspec.Struct, frozen=True):
    """A place in the navigation; who lacks `scope` does not see it. `everywhere`: nor does who is bound to places."""

    path: str
    label: str
    icon_name: str
    scope: str
    everywhere: bool = False


class Group(msgspec.Struct, frozen=True):
    """Entries that belong together."""

    label: str
    entries: tuple[Entry, ...]


NAVIGATION: tuple[Group, ...] = (
    Group(
        N("Today"),
        (
            Entry(BASE, N("Overview"), icon_name="layout-dashboard", scope="orders:read", everywhere=True),
            Entry(f"{BASE}/orders", N("Orders"), icon_name="receipt-text", scope="orders:read", everywhere=True),
            Entry(
                f"{BASE}/customers", N("Customers"), icon_name="contact-round", scope="customers:read", everywhere=True
            ),
            Entry(
                f"{BASE}/attention",
                N("Needs attention"),
                icon_name="life-buoy",
                scope="fulfilment:read",
                everywhere=True,
            ),
            Entry(f"{BASE}/messages", N("Messages"), icon_name="mail", scope="messages:read", everywhere=True),
        ),
    ),
    Group(
        N("Goods"),
        (
            Entry(f"{BASE}/products", N("Products"), icon_name="package", scope="catalog:read"),
            Entry(f"{BASE}/categories", N("Categories"), icon_name="folder-tree", scope="catalog:read"),
            Entry(f"{BASE}/imports", N("Imports and exports"), icon_name="file-up", scope="catalog:read"),
            Entry(f"{BASE}/prices", N("Prices"), icon_name="tag", scope="prices:read"),
            Entry(f"{BASE}/channels", N("Channels"), icon_name="radio-tower", scope="channels:read"),
            Entry(f"{BASE}/policies", N("Policies"), icon_name="scale", scope="channels:read"),
            Entry(f"{BASE}/protections", N("Stock protection"), icon_name="shield", scope="stock:read"),
            Entry(f"{BASE}/routing", N("Routing rules"), icon_name="route", scope="routing:read"),
            Entry(f"{BASE}/stock", N("Stock"), icon_name="boxes", scope="stock:read"),
            Entry(f"{BASE}/transfers", N("Transfers"), icon_name="truck", scope="stock:read"),
            Entry(f"{BASE}/purchase-orders", N("Purchase orders"), icon_name="clipboard-list", scope="stock:read"),
        ),
    ),
    Group(
        N("Places and people"),
        (
            Entry(f"{BASE}/locations", N("Locations"), icon_name="store", scope="locations:read"),
            Entry(f"{BASE}/people", N("People"), icon_name="users", scope="admin:read"),
        ),
    ),
    Group(
        N("Machinery"),
        (
            Entry(f"{BASE}/devices", N("Devices"), icon_name="monitor-smartphone", scope="locations:read"),
            Entry(f"{BASE}/api-keys", N("API keys"), icon_name="key-round", scope="admin:read"),
            Entry(f"{BASE}/webhooks", N("Webhooks"), icon_name="webhook", scope="webhooks:read"),
            Entry(f"{BASE}/jobs", N("Jobs and events"), icon_name="cog", scope="admin:read"),
            Entry(f"{BASE}/audit", N("Audit log"), icon_name="scroll-text", scope="admin:read"),
        ),
    ),
)
"""The one list of all that the console has; a new page gets its entry here."""


class Desk(msgspec.Struct, frozen=True):
    """Somebody of head office at the console; instants are shown in `time_zone`."""

    actor: Actor
    email: str
    roles: tuple[Role, ...]
    look: Look
    time_zone: str

    @property
    def language(self) -> str:
        """The language of the pages."""
        return self.look.language

    @property
    def everywhere(self) -> bool:
        """Whether one of her roles holds at every place."""
        return self.actor.location_ids is None

    def may(self, scope: str) -> bool:
        """Say whether she may do this."""
        return scope in self.actor.scopes

    def navigation(self) -> list[Group]:
        """Give what she may open."""
        seen = [Group(group.label, tuple(e for e in group.entries if self._sees(e))) for group in NAVIGATION]
        return [group for group in seen if group.entries]

    def _sees(self, entry: Entry) -> bool:
        return self.may(entry.scope) and (self.everywhere or not entry.everywhere)

    def role_names(self) -> list[tuple[str, str | None]]:
        """Give her roles in her language, each with the place that it is bound to."""
        return [(self.text(ROLES.get(role.role, role.role)), role.location) for role in self.roles]

    def text(self, message: str) -> str:
        """Translate a marked text."""
        return translations_of(self.language).gettext(message)

    def worded(self, sentence: str) -> str | None:
        """Give what a verb said in her language; None when it is known in English alone."""
        return in_words(sentence, self.language)


def may(scope: str, *, everywhere: bool = False) -> list[Guard]:
    """Give the guards of a page: somebody of the staff is signed in, and her roles allow `scope`.

    `everywhere`: the page shows all places, and is not for those whose roles are bound to some.
    """
    signed_in = requires_staff(scope)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        # Before anybody is refused: the refusal is a page of the console too.
        connection.scope["look"] = _look(connection)  # type: ignore[typeddict-unknown-key]
        await signed_in(connection, handler)
        if everywhere and actor_of(connection).location_ids is not None:
            raise Forbidden("Your role is bound to locations; this shows all of them.")

    return [guard]


def _look(connection: Any) -> Look:
    return Look("console", staff_language(connection), BASE, connection.app.state.settings.retailer_name)


_zone: Snapshot[str] = Snapshot(stores.usual_time_zone)


async def provide_desk(request: AnyRequest) -> Desk:
    """Read who is signed in, with her roles; the guard has let her in already."""
    actor = staff_of(request)
    async with database_of(request).connection() as connection:
        person = await staff.staff_by_id(connection, actor.id)
        zone = await _zone.current(connection)
    email, roles = (person.email, tuple(person.roles)) if person is not None else ("", ())
    return Desk(actor, email, roles, _look(request), zone)


def console_page(request: AnyRequest, desk: Desk, template: str, *, status: int = 200, **facts: Any) -> Response[str]:
    """Answer with a page of the console; its template knows `desk`, and `problem` where something was refused."""
    return page(request, template, desk.look, status=status, desk=desk, **{"problem": None, **facts})


class Refused(msgspec.Struct, frozen=True):
    """Why something that was asked was not done; `detail` is what only the verb could say, in English."""

    words: str
    detail: str
    fields: dict[str, str]


def refused(desk: Desk, error: KanavaError) -> Refused:
    """Put a refusal of a verb into words for the page that asked."""
    fields = {each.field: in_words(each.reason, desk.language) or each.reason for each in error.errors}
    known = in_words(error.detail, desk.language) or _reasons(error, desk.language)
    if known is not None:
        return Refused(known, "", fields)
    # "Somebody was quicker" is said of what has a version; other conflicts are what the detail says.
    words = desk.text(NOT_NOW) if error.status == 409 else words_for(error.status, desk.language)
    return Refused(words, error.detail, fields)


def _reasons(error: KanavaError, language: str) -> str | None:
    """Give the reasons of all fields; None when one of them is known in English alone."""
    said = [in_words(each.reason, language) for each in error.errors]
    return " ".join(dict.fromkeys(each for each in said if each)) if said and all(said) else None


def choices(labels: dict[str, str], desk: Desk) -> Sequence[tuple[str, str]]:
    """Give the options of a select from marked texts."""
    return [(value, desk.text(label)) for value, label in labels.items()]
