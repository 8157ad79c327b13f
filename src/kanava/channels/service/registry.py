"""Make, change and read channels."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from kanava.channels import events, store
from kanava.channels.errors import ChannelExists, ChannelNotFound, UnsuitablePriceList
from kanava.channels.model import BankAccount, Channel, ChannelChange, ChannelRow, NewChannel, RoutingChannel
from kanava.channels.rules import bank_fields
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.countries import check_country
from kanava.platform.db import Connection
from kanava.platform.errors import Forbidden, PreconditionFailed
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.languages import check_language
from kanava.platform.money import check_currency
from kanava.pricing import service as pricing

_CHANGEABLE = ChannelChange.__struct_fields__
BANK_FIELDS = frozenset({"bank_holder", "bank_iban", "bank_bic"})


async def create_channel(tx: Connection, actor: Actor, request: NewChannel, now: datetime) -> Channel:
    """Make a channel; ChannelExists when the code is taken."""
    values = msgspec.structs.asdict(request)
    values["price_list_id"] = await _check(tx, values)
    del values["price_list"]
    _must_be_trusted_with_money(actor, {name for name in BANK_FIELDS if values[name]})
    if await store.INSERT_CHANNEL.one_or_none(tx, **values, now=now) is None:
        raise ChannelExists(f"There is a channel {request.code!r} already.", field="code")
    await audit.record(tx, actor, "create", "channel", request.code, msgspec.to_builtins(request))
    await outbox.publish(tx, [events.channel_changed(request.code, "created")])
    return (await store.CHANNEL.one(tx, code=request.code)).public()


async def change_channel(
    tx: Connection, actor: Actor, code: str, change: ChannelChange, version: int, now: datetime
) -> Channel:
    """Change what was sent of a channel that is still at `version`."""
    row = await locked_channel(tx, code)
    if row.version != version:
        raise PreconditionFailed(f"The channel is at version {row.version}, not {version}.", field="If-Match")
    sent = {name: value for name in _CHANGEABLE if (value := getattr(change, name)) is not UNSET}
    values = {name: getattr(row, name) for name in _CHANGEABLE} | sent
    values["price_list_id"] = await _check(tx, values)
    del values["price_list"]
    await store.UPDATE_CHANNEL.one(tx, channel_id=row.channel_id, **values, now=now)
    changed = await store.CHANNEL.one(tx, code=code)
    detail = {name: [getattr(row, name), getattr(changed, name)] for name in sent}
    detail = {name: pair for name, pair in detail.items() if pair[0] != pair[1]}
    _must_be_trusted_with_money(actor, detail.keys() & BANK_FIELDS)
    await audit.record(tx, actor, "change", "channel", code, detail)
    await outbox.publish(tx, [events.channel_changed(code, "changed", list(detail))])
    return changed.public()


def _must_be_trusted_with_money(actor: Actor, fields: Iterable[str]) -> None:
    """Whoever sets prices does not say to whom customers pay: Forbidden without `admin:write`."""
    for field in sorted(fields):
        if "admin:write" not in actor.scopes:
            raise Forbidden("To change to which account customers pay takes the scope admin:write.", field=field)


async def get_channel(tx: Connection, code: str) -> Channel:
    """Give a channel; ChannelNotFound without one."""
    return (await channel_row(tx, code)).public()


async def list_channels(tx: Connection, kind: str | None, cursor: str | None, limit: int) -> Page[Channel]:
    """Give channels by code."""
    after = decode_cursor(cursor, str)[0] if cursor else ""
    rows = await store.CHANNELS_AFTER.all(tx, after=after, kind=kind, limit=limit)
    return Page([row.public() for row in rows], encode_cursor(rows[-1].code) if len(rows) == limit else None)


async def all_for_routing(tx: Connection) -> list[RoutingChannel]:
    """Give every channel with its serving locations in one statement, for a snapshot guarded by `config_version`."""
    return await store.ALL_FOR_ROUTING.all(tx)


async def bank_accounts(tx: Connection) -> dict[str, BankAccount]:
    """Give the account of each channel that has one, by code, for settings guarded by `config_version`."""
    return {row.channel: row.account for row in await store.BANK_ACCOUNTS.all(tx)}


async def channel_row(tx: Connection, code: str) -> ChannelRow:
    """Give a channel with its ids; ChannelNotFound without one."""
    row = await store.CHANNEL.one_or_none(tx, code=code)
    if row is None:
        raise ChannelNotFound(f"There is no channel {code!r}.", field="code")
    return row


async def locked_channel(tx: Connection, code: str) -> ChannelRow:
    """Give a channel that nobody else changes until this transaction ends."""
    row = await store.CHANNEL_FOR_WRITING.one_or_none(tx, code=code)
    if row is None:
        raise ChannelNotFound(f"There is no channel {code!r}.", field="code")
    return row


async def _check(tx: Connection, values: dict[str, Any]) -> int:
    """Check what one field cannot say alone, write the bank account compactly, give the id of the price list."""
    check_country(values["country"])
    check_currency(values["currency"])
    check_language(values["language"])
    values |= bank_fields(values["bank_holder"], values["bank_iban"], values["bank_bic"])
    code = values["price_list"]
    price_list = await pricing.find_price_list(tx, code)
    if price_list is None:
        raise UnsuitablePriceList(f"There is no price list {code!r}.", field="price_list")
    if price_list.customer_group is not None:
        raise UnsuitablePriceList(
            f"The price list {code!r} is that of the customer group {price_list.customer_group!r}.", field="price_list"
        )
    if price_list.currency != values["currency"]:
        raise UnsuitablePriceList(
            f"The price list {code!r} is in {price_list.currency}, the channel in {values['currency']}.",
            field="currency",
        )
    return price_list.price_list_id
