"""The table of orders for head office, and how many were placed."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from kanava.orders import rules
from kanava.orders.model import FulfilmentStatus, PaymentStatus, Status
from kanava.orders.store import browsing as sql
from kanava.orders.store.browsing import ChannelDayRow
from kanava.platform.db import Connection
from kanava.platform.money import Money

__all__ = ["ChannelDayRow", "OrderQuestion", "OrderSort", "OrderSummaries", "OrderSummary", "browse", "placed_by_day"]

COUNT_MAX = 10_000
OrderSort = Literal["placed", "number", "total", "customer"]
_NUMBER = re.compile(r"#?\s*(\d{1,18})")
_PHONE = re.compile(r"\+?[\d\s()/.-]{7,30}")
_NUMBER_DIGITS_MAX = 8
"""Digits alone are an order's number up to this many, and a telephone number beyond."""


class OrderQuestion(msgspec.Struct, frozen=True):
    """Which orders, in which order. `text`: a number, an e-mail address, a telephone number, or part of a name."""

    text: str = ""
    status: str | None = None
    channel: str | None = None
    location: str | None = None
    placed_from: datetime | None = None
    placed_until: datetime | None = None
    sort: OrderSort = "placed"
    descending: bool = True


class OrderSummary(msgspec.Struct, frozen=True):
    """An order as a line of a table."""

    order_id: UUID
    number: int
    channel: str
    channel_name: str
    status: Status
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    total: Money
    email: str | None
    name: str | None
    phone: str | None
    units: int
    placed_at: datetime


class OrderSummaries(msgspec.Struct, frozen=True):
    """A page of orders; `total` counts up to 10,000."""

    items: list[OrderSummary]
    total: int


def kind_of(text: str) -> str:
    """Say how a text is read: everything, number, email, phone or name."""
    text = text.strip()
    if not text:
        return "everything"
    if "@" in text:
        return "email"
    digits = re.sub(r"\D", "", text)
    if _NUMBER.fullmatch(text) and len(digits) <= _NUMBER_DIGITS_MAX:
        return "number"
    return "phone" if _PHONE.fullmatch(text) and len(digits) > _NUMBER_DIGITS_MAX else "name"


async def browse(
    connection: Connection, asked: OrderQuestion, limit: int, offset: int, *, counted: bool = True
) -> OrderSummaries:
    """Give orders from `offset` on, and how many there are when that is wanted."""
    kind = kind_of(asked.text)
    text = asked.text.strip() or None
    if kind == "number" and text is not None:
        text = text.lstrip("# ")
    narrowed = {
        "text": text,
        "status": asked.status,
        "channel": asked.channel,
        "location": asked.location,
        "placed_from": asked.placed_from,
        "placed_until": asked.placed_until,
    }
    rows = await sql.PAGES[kind, asked.sort, asked.descending].all(connection, **narrowed, limit=limit, offset=offset)
    total = await sql.COUNTS[kind].one(connection, **narrowed, count_max=COUNT_MAX) if counted else len(rows)
    return OrderSummaries([_summary(row) for row in rows], total)


async def placed_by_day(
    connection: Connection, since: datetime, until: datetime, time_zone: str
) -> Sequence[ChannelDayRow]:
    """Count orders placed from `since` until `until` by channel and day; cancelled ones do not count."""
    return await sql.BY_CHANNEL_AND_DAY.all(connection, since=since, until=until, time_zone=time_zone)


def _summary(row: sql.SummaryRow) -> OrderSummary:
    return OrderSummary(
        order_id=row.order_id,
        number=row.number,
        channel=row.channel,
        channel_name=row.channel_name,
        status=row.status,
        payment_status=rules.payment_status_of(
            row.total_minor,
            row.authorised_minor - row.voided_minor,
            row.captured_minor,
            row.refunded_minor,
            voided_minor=row.voided_minor,
            cancelled=row.status == "cancelled",
        ),
        fulfilment_status=rules.fulfilment_status_of([(row.units, row.units_cancelled, row.units_fulfilled)]),
        total=Money(row.total_minor, row.currency),
        email=row.customer_email,
        name=row.customer_name,
        phone=row.customer_phone,
        units=row.units - row.units_cancelled,
        placed_at=row.placed_at,
    )
