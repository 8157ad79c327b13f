"""Channels: what they sell, from where, what they keep back and take, with the effect shown before it is saved."""

from typing import Any

import msgspec
from litestar import Response, get, post

from kanava.channels import service as channels
from kanava.channels.model import BankAccount, ChannelChange, ListingChange, ServingLocation, ServingLocations
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.pricing import service as pricing
from kanava.stores import service as stores
from kanava.stores.model import LocationFilter
from kanava.web.common.pages import see_other
from kanava.web.console.channels_previews import effect_on, sample_of
from kanava.web.console.forms import transaction
from kanava.web.console.prices_amounts import read_amount, written_amount, written_percent
from kanava.web.console.products_forms import all_channels, last_editor, read_lists, version_of, whole
from kanava.web.console.shell import Desk, Refused, console_page, may, refused
from kanava.web.console.tables import Asked, Cells, Column, Rows, TableSpec, answer_table, sorted_page

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/channels"
LOCATIONS_MAX = 500
LISTINGS_SHOWN = 200
KINDS = {
    "web": N("Web shop"),
    "app": N("App"),
    "store": N("Store"),
    "kiosk": N("Kiosk"),
    "call_centre": N("Call centre"),
    "marketplace": N("Marketplace"),
    "social": N("Social"),
    "ads": N("Advertising"),
    "agent": N("Agent"),
}
ASSORTMENTS = {"all": N("Every active variant"), "listed": N("Only what is listed")}


@get(PATH, guards=may("channels:read"))
async def channels_page(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show every channel."""
    cells, text = Cells(desk), desk.text
    spec = TableSpec(
        name="channels",
        path=PATH,
        title=text(N("Channels")),
        columns=(
            Column("name", text(N("Channel")), sortable=True),
            Column("kind", text(N("Kind")), sortable=True),
            Column("state", text(N("State")), "badge", sortable=True),
            Column("country", text(N("Country")), sortable=True),
            Column("price_list", text(N("Price list")), sortable=True),
            Column("assortment", text(N("Assortment")), sortable=True),
            Column("threshold", text(N("Threshold")), "number", sortable=True),
        ),
        sort="name",
        views=False,
    )

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            found = await all_channels(connection)
        rows = [
            {
                "name": cells.text(each.name, f"{PATH}/{each.code}", each.code),
                "kind": cells.text(text(KINDS[each.kind])),
                "state": cells.badge(*((text(N("On")), "success") if each.active else (text(N("Off")), "ghost"))),
                "country": cells.text(f"{each.country} · {each.currency}"),
                "price_list": cells.text(each.price_list, f"/console/prices/{each.price_list}"),
                "assortment": cells.text(text(ASSORTMENTS[each.assortment])),
                "threshold": cells.number(each.threshold),
            }
            for each in found
        ]
        return sorted_page(rows, asked, limit, offset)

    return await answer_table(request, desk, "console/list.html", spec, load)


async def _show(
    request: AnyRequest, desk: Desk, code: str, *, status: int = 200, typed: dict[str, str] | None = None, **facts: Any
) -> Response[str]:
    now = clock.now()
    async with database_of(request).connection() as connection:
        channel = await channels.get_channel(connection, code)
        serving = await channels.list_serving_locations(connection, code, None, LOCATIONS_MAX)
        places = await stores.list_locations(connection, LocationFilter(), LOCATIONS_MAX, None, now)
        lists = await pricing.all_price_lists(connection)
        listings = await channels.list_listings(connection, code, None, LISTINGS_SHOWN)
        sample = await sample_of(connection, (typed or {}).get("sample", ""), desk.language)
    everything: dict[str, Any] = {
        "channel": channel,
        "serving": {each.location: each.threshold for each in serving.items},
        "places": places.items,
        "price_lists": [each.code for each in lists if each.customer_group is None],
        "listings": listings.items,
        "more_listings": listings.next_cursor is not None,
        "assortments": ASSORTMENTS,
        "kinds": KINDS,
        "fee_fixed": written_amount(channel.fee_fixed_minor, channel.currency, desk.language),
        "fee_percent": written_percent(channel.fee_basis_points, desk.language),
        "iban": BankAccount(channel.bank_holder, channel.bank_iban, channel.bank_bic).iban_in_groups,
        "sample": " ".join(sample),
        "typed": typed,
        "effect": None,
        "conflict": "",
        "saved": request.query_params.get("saved") == "yes",
        **facts,
    }
    return console_page(request, desk, "console/channel.html", status=status, **everything)


@get(f"{PATH}/{{code:str}}", guards=may("channels:read"))
async def channel_page(request: AnyRequest, desk: Desk, code: str) -> Response[str]:
    """Show a channel."""
    return await _show(request, desk, code)


def read_percent(text: str, field: str) -> int:
    """Read a share in percent as basis points: `12,5` is 1250; InvalidInput."""
    points = read_amount(text or "0", "EUR", field)
    if points > 10_000:
        raise InvalidInput("A share is 0 to 100 percent.", field=field)
    return points


def _change(fields: dict[str, list[str]], currency: str) -> ChannelChange:
    typed = {name: values[-1] for name, values in fields.items()}
    try:
        return msgspec.convert(
            {
                "name": typed.get("name", "").strip(),
                "price_list": typed.get("price_list", ""),
                "assortment": typed.get("assortment", "all"),
                "threshold": whole(typed, "threshold", 0, 1_000_000) or 0,
                "hold_seconds": (whole(typed, "hold_minutes", 1, 10_080) or 15) * 60,
                "fee_basis_points": read_percent(typed.get("fee_percent", ""), "fee_percent"),
                "fee_fixed_minor": read_amount(typed.get("fee_fixed", "") or "0", currency, "fee_fixed"),
                "sells_incoming": typed.get("sells_incoming") == "yes",
                "active": typed.get("active") == "yes",
                "bank_holder": typed.get("bank_holder", ""),
                "bank_iban": typed.get("bank_iban", ""),
                "bank_bic": typed.get("bank_bic", ""),
            },
            ChannelChange,
        )
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{error}.", field="name") from None


def _serving(fields: dict[str, list[str]]) -> ServingLocations:
    typed = {name: values[-1] for name, values in fields.items()}
    return ServingLocations(
        [ServingLocation(place, whole(typed, f"threshold.{place}", 0, 1_000_000)) for place in fields.get("serves", [])]
    )


@post(f"{PATH}/{{code:str}}", guards=may("channels:write"))
async def save_channel(request: AnyRequest, desk: Desk, code: str) -> Response[Any]:
    """Save the settings and the serving locations of a channel, or show what that would do to the stock it sees."""
    fields = await read_lists(request)
    typed = {name: values[-1] for name, values in fields.items()}
    typed["serves"] = " ".join(fields.get("serves", []))
    now, db = clock.now(), database_of(request)

    async def change(tx: Connection) -> None:
        channel = await channels.get_channel(tx, code)
        changed = _change(fields, channel.currency)
        await channels.change_channel(tx, desk.actor, code, changed, version_of(typed), now)
        await channels.put_serving_locations(tx, desk.actor, code, _serving(fields), now)

    try:
        if typed.get("do") == "preview":
            async with db.connection() as connection:
                skus = await sample_of(connection, typed.get("sample", ""), desk.language)
            effect = await effect_on(db, [code], skus, now, change)
            return await _show(request, desk, code, typed=typed, effect=effect)
        async with transaction(request) as tx:
            await change(tx)
    except KanavaError as error:
        who = ""
        if error.status == 412:
            async with db.connection() as connection:
                who = await last_editor(connection, "channel", code)
        return await _show(
            request, desk, code, status=error.status, typed=typed, problem=refused(desk, error), conflict=who
        )
    return see_other(f"{PATH}/{code}?saved=yes")


@post(f"{PATH}/{{code:str}}/listings", guards=may("channels:write"))
async def save_listings(request: AnyRequest, desk: Desk, code: str) -> Response[Any]:
    """List skus on the channel, or take them off."""
    fields = await read_lists(request)
    skus = list(dict.fromkeys(fields.get("skus", [""])[0].replace(",", " ").split()))
    verb = channels.remove_listings if fields.get("do", [""])[0] == "remove" else channels.add_listings
    try:
        if not skus or len(skus) > 10_000:
            raise InvalidInput("Name 1 to 10000 skus.", errors=[FieldError("skus", "1 to 10000")])
        async with transaction(request) as tx:
            await verb(tx, desk.actor, code, ListingChange(skus), clock.now())
    except KanavaError as error:
        detail = "; ".join(each.reason for each in error.errors[:10]) or error.detail
        problem = Refused(refused(desk, error).words, detail, {})
        return await _show(request, desk, code, status=error.status, problem=problem, listing_typed=" ".join(skus))
    return see_other(f"{PATH}/{code}?saved=yes")


routes: list[Any] = [channels_page, channel_page, save_channel, save_listings]
