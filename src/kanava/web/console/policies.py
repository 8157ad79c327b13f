"""Policies: what the retailer tells the customers of a country, written here and shown in its shop."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post

from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError, PreconditionRequired
from kanava.platform.http import AnyRequest, database_of
from kanava.policies import service as policies
from kanava.policies.model import BODY_LENGTH_MAX, KINDS, TITLE_LENGTH_MAX, Policy, PolicyInput, PolicyKey
from kanava.web.common.formatting import Format
from kanava.web.common.pages import see_other
from kanava.web.common.translations import LANGUAGE_NAMES, LANGUAGES
from kanava.web.console.forms import carry_out, run
from kanava.web.console.products_forms import all_channels, last_editor, read_fields, version_of
from kanava.web.console.shell import Desk, Refused, choices, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table, sorted_page
from kanava.web.shop.layout import ShopSettings

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/policies"
ONE = f"{PATH}/{{country:str}}/{{kind:str}}/{{language:str}}"
KIND_NAMES = {
    "terms": N("Terms of sale"),
    "privacy": N("Privacy"),
    "returns": N("Returns"),
    "shipping": N("Delivery"),
    "legal_notice": N("Legal notice"),
}


def _spec(desk: Desk, countries: Iterable[str]) -> TableSpec:
    _, names = desk.text, Format(desk.language)
    return TableSpec(
        name="policies",
        path=PATH,
        title=_(N("Policies")),
        columns=(
            Column("title", _(N("Title")), sortable=True),
            Column("kind", _(N("Kind")), sortable=True),
            Column("country", _(N("Country")), sortable=True),
            Column("language", _(N("Language")), sortable=True),
            Column("updated", _(N("Changed")), "moment", sortable=True),
        ),
        filters=[Filter("country", _(N("Country")), "select", [(code, names.country(code)) for code in countries])],
        sort="country",
        views=False,
        empty=_(N("No policy is written yet. The shop shows those of its country at the foot of every page.")),
    )


@get(PATH, guards=may("channels:read"))
async def policies_page(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show every policy."""
    cells, names = Cells(desk), Format(desk.language)
    async with database_of(request).connection() as connection:
        found = await policies.all_heads(connection)

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        rows = [
            {
                "title": cells.text(each.title, _path(PolicyKey(each.country, each.kind, each.language))),
                "kind": cells.text(desk.text(KIND_NAMES[each.kind])),
                "country": cells.text(names.country(each.country)),
                "language": cells.text(LANGUAGE_NAMES.get(each.language, each.language)),
                "updated": cells.moment(each.updated_at),
            }
            for each in found
            if asked.get("country") in (None, each.country)
        ]
        return sorted_page(rows, asked, limit, offset)

    spec = _spec(desk, sorted({each.country for each in found}))
    return await answer_table(request, desk, "console/policies.html", spec, load)


def _path(key: PolicyKey) -> str:
    return f"{PATH}/{key.country}/{key.kind}/{key.language}"


@get(f"{PATH}/new", guards=may("channels:write"))
async def new_policy(request: AnyRequest, desk: Desk) -> Response[str]:
    """Show an empty form."""
    return await _new(request, desk, {})


async def _new(
    request: AnyRequest, desk: Desk, typed: dict[str, str], problem: Refused | None = None, status: int = 200
) -> Response[str]:
    async with database_of(request).connection() as connection:
        countries = sorted({channel.country for channel in await all_channels(connection)})
    names = Format(desk.language)
    return console_page(
        request,
        desk,
        "console/policy_new.html",
        status=status,
        problem=problem,
        typed=typed,
        countries=[(code, names.country(code)) for code in countries],
        kinds=choices(KIND_NAMES, desk),
        spoken=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        body_max=BODY_LENGTH_MAX,
    )


def _key(country: str, kind: str, language: str) -> PolicyKey:
    try:
        return msgspec.convert({"country": country, "kind": kind, "language": language}, PolicyKey)
    except msgspec.ValidationError:
        raise InvalidInput(f"A policy is one of {', '.join(KINDS)}.", field="kind") from None


def _input(typed: dict[str, str]) -> PolicyInput:
    # Browsers end lines in two characters.
    fields = {"title": typed.get("title", "").strip(), "body": typed.get("body", "").replace("\r\n", "\n").strip()}
    for name, longest in (("title", TITLE_LENGTH_MAX), ("body", BODY_LENGTH_MAX)):
        if len(fields[name]) > longest:
            raise InvalidInput(f"longer than {longest} characters ({len(fields[name])})", field=name)
    return PolicyInput(**fields)


@post(f"{PATH}/new", guards=may("channels:write"))
async def make_policy(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Make a policy; one that is there already is not replaced."""
    typed = await read_fields(request)

    async def verb(tx: Connection, actor: Actor, now: datetime) -> Policy:
        key = _key(*(typed.get(name, "") for name in ("country", "kind", "language")))
        return await policies.put_policy(tx, actor, key, _input(typed), None, now)

    try:
        made = await run(request, desk, verb)
    except PreconditionRequired:
        taken = Refused(desk.text(N("There is such a policy already: open it in the list to change it.")), "", {})
        return await _new(request, desk, typed, taken, 409)
    except KanavaError as error:
        return await _new(request, desk, typed, refused(desk, error), error.status)
    return see_other(_path(PolicyKey(made.country, made.kind, made.language)) + "?saved=yes")


async def _show(
    request: AnyRequest,
    desk: Desk,
    key: PolicyKey,
    typed: dict[str, str] | None = None,
    status: int = 200,
    **facts: Any,
) -> Response[str]:
    async with database_of(request).connection() as connection:
        policy = await policies.get_policy(connection, key)
        shop: ShopSettings = await request.app.state.shop.current(connection)
    market = next((each for each in shop.markets.shops.values() if each.country == key.country), None)
    seen_at = None
    if market is not None and key.language in LANGUAGES:
        seen_at = f"/{market.slug}/{key.language}/policies/{key.kind}"
    everything: dict[str, Any] = {
        "policy": policy,
        "path_of_policy": _path(key),
        "kind": KIND_NAMES[key.kind],
        "seen_at": seen_at,
        "typed": typed,
        "conflict": "",
        "body_max": BODY_LENGTH_MAX,
        "saved": request.query_params.get("saved") == "yes",
        **facts,
    }
    return console_page(request, desk, "console/policy.html", status=status, **everything)


@get(ONE, guards=may("channels:read"))
async def policy_page(request: AnyRequest, desk: Desk, country: str, kind: str, language: str) -> Response[str]:
    """Show a policy as it is written."""
    return await _show(request, desk, _key(country, kind, language))


@post(ONE, guards=may("channels:write"))
async def save_policy(request: AnyRequest, desk: Desk, country: str, kind: str, language: str) -> Response[Any]:
    """Save a policy that is still at the version that was read."""
    key, typed = _key(country, kind, language), await read_fields(request)

    async def verb(tx: Connection, actor: Actor, now: datetime) -> Policy:
        return await policies.put_policy(tx, actor, key, _input(typed), version_of(typed), now)

    try:
        await run(request, desk, verb)
    except KanavaError as error:
        if error.status == 404:
            raise
        who = ""
        if error.status == 412:
            async with database_of(request).connection() as connection:
                who = await last_editor(connection, "policy", key.label)
        return await _show(request, desk, key, typed, error.status, problem=refused(desk, error), conflict=who)
    return see_other(f"{_path(key)}?saved=yes")


@post(f"{ONE}/delete", guards=may("channels:write"))
async def delete_policy(request: AnyRequest, desk: Desk, country: str, kind: str, language: str) -> Response[Any]:
    """Remove a policy."""
    key = _key(country, kind, language)

    async def verb(tx: Connection, actor: Actor, now: datetime) -> None:
        await policies.delete_policy(tx, actor, key, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _show(request, desk, key, status=status, problem=problem)

    return await carry_out(request, desk, verb, PATH, again)


routes: list[Any] = [policies_page, new_policy, make_policy, policy_page, save_policy, delete_policy]
