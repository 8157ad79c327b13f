"""The overview: how the day goes, in figures and charts that renew themselves."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get

from kanava.fulfilment.service import overview as work
from kanava.fulfilment.service.overview import PlaceWorkRow, RejectedRow
from kanava.fulfilment.service.promise_audit import PromiseAudit, audit_promises
from kanava.inventory.service import overview as stock
from kanava.inventory.service.overview import StockOuts
from kanava.orders.service.browsing import ChannelDayRow, placed_by_day
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.money import Money
from kanava.web.common.formatting import Format
from kanava.web.common.pages import is_fragment, page, see_other
from kanava.web.console.labels import REJECTED
from kanava.web.console.shell import Desk, console_page, may

DAYS = 7
KEPT_FOR = timedelta(seconds=15)
"""Everybody who looks within this time sees the same figures: the page is open on many screens."""
STOCK_KEPT_FOR = timedelta(minutes=5)
PLACES_SHOWN = 12


class Figures(msgspec.Struct, frozen=True):
    """What was read."""

    read_at: datetime
    days: list[date]
    placed: Sequence[ChannelDayRow]
    promises: PromiseAudit
    rejected: Sequence[RejectedRow]
    places: Sequence[PlaceWorkRow]
    stock: StockOuts


class _Kept:
    """The figures read last, by time zone, with those of stock, which take longer."""

    def __init__(self) -> None:
        self.figures: dict[str, Figures] = {}
        self.stock: tuple[datetime, StockOuts] | None = None

    async def get(self, connection: Connection, database: int, time_zone: str, now: datetime) -> Figures:
        """Give figures that are not older than KEPT_FOR."""
        key = f"{database} {time_zone}"
        kept = self.figures.get(key)
        if kept is not None and now - kept.read_at < KEPT_FOR:
            return kept
        if self.stock is None or key not in self.figures or now - self.stock[0] > STOCK_KEPT_FOR:
            self.stock = (now, await stock.stock_outs(connection))
        self.figures = {key: await _read(connection, time_zone, now, self.stock[1])}
        return self.figures[key]


_kept = _Kept()


async def _read(connection: Connection, time_zone: str, now: datetime, gone: StockOuts) -> Figures:
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    since = datetime.combine(days[0], datetime.min.time(), zone)
    until = now + timedelta(minutes=1)
    return Figures(
        now,
        days,
        await placed_by_day(connection, since, until, time_zone),
        await audit_promises(connection, since, until, now),
        await work.rejected_by_reason(connection, since, until),
        await work.work_by_place(connection, now),
        gone,
    )


def _sums(rows: Sequence[ChannelDayRow], form: Format) -> list[str]:
    """Write what was sold, currency by currency, the most first."""
    totals: dict[str, int] = defaultdict(int)
    for row in rows:
        totals[row.currency] += row.total_minor
    return [form.money(Money(amount, currency)) for currency, amount in sorted(totals.items(), key=lambda e: -e[1])]


def _view(desk: Desk, figures: Figures) -> dict[str, Any]:
    form, today = Format(desk.language), figures.days[-1]
    of_today = [row for row in figures.placed if row.placed_on == today]
    names = {row.channel: row.channel_name for row in figures.placed}
    by_day: dict[tuple[str, date], int] = defaultdict(int)
    for row in figures.placed:
        by_day[row.channel, row.placed_on] += row.orders
    channels = sorted(names, key=lambda code: -sum(by_day[code, day] for day in figures.days))
    places = list(figures.places)
    return {
        "read_at": figures.read_at,
        "orders_today": sum(row.orders for row in of_today),
        "sold_today": _sums(of_today, form),
        "orders_week": sum(row.orders for row in figures.placed),
        "sold_week": _sums(figures.placed, form),
        "kept": figures.promises.kept_share if figures.promises.units_kept + figures.promises.units_broken else None,
        "promises": figures.promises,
        "rejected": [(desk.text(REJECTED[row.reason]), row) for row in figures.rejected],
        "rejected_units": sum(row.units for row in figures.rejected),
        "stock": figures.stock,
        "tasks": sum(place.tasks for place in places),
        "late": sum(place.late for place in places),
        "stuck": sum(place.stuck for place in places),
        "waiting": [place for place in places if place.waiting],
        "waiting_cars": sum(place.waiting for place in places),
        "places": places[:PLACES_SHOWN],
        "places_more": max(0, len(places) - PLACES_SHOWN),
        "days": figures.days,
        "channels": [(code, names[code], [by_day[code, day] for day in figures.days]) for code in channels],
        "charts": {
            "days": [form.short_day(day) for day in figures.days],
            "channels": [
                {"name": names[code], "orders": [by_day[code, day] for day in figures.days]} for code in channels
            ],
            "rejected": [{"name": desk.text(REJECTED[row.reason]), "units": row.units} for row in figures.rejected],
        },
    }


@get("/console", guards=may("orders:read"))
async def overview(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show how the day goes; htmx asks for the figures alone. Who works at some places is led to her work there."""
    if not desk.everywhere:
        return see_other("/store")
    database = database_of(request)
    async with database.connection() as connection:
        figures = await _kept.get(connection, id(database), desk.time_zone, clock.now())
    facts = _view(desk, figures)
    if is_fragment(request):
        return page(request, "console/_figures.html", desk.look, desk=desk, **facts)
    return console_page(request, desk, "console/overview.html", **facts)


routes = [overview]
