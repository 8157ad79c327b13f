"""Orders for head office: the table, and one order with everything that is known of it."""

from typing import Any, cast, get_args
from uuid import UUID

from litestar import Response, get

from kanava.channels import service as channels
from kanava.orders.service.browsing import COUNT_MAX, OrderQuestion, OrderSort, browse
from kanava.platform.http import AnyRequest, database_of
from kanava.stores import service as stores
from kanava.web.console.labels import FULFILMENT, ORDER, PAYMENT, N
from kanava.web.console.order_view import show_order
from kanava.web.console.shell import BASE, Desk, choices, may
from kanava.web.console.tables import Asked, Cell, Cells, Column, Filter, Rows, TableSpec, answer_table, midnight

CHANNELS_MAX = 500


def _spec(desk: Desk, served: list[tuple[str, str]], places: list[tuple[str, str]]) -> TableSpec:
    _ = desk.text
    states = choices({state: label for state, (label, _tone) in ORDER.items()}, desk)
    return TableSpec(
        "orders",
        f"{BASE}/orders",
        _("Orders"),
        [
            Column("number", _("Number"), sortable=True),
            Column("placed", _("Placed"), "moment", sortable=True),
            Column("customer", _("Customer"), sortable=True),
            Column("email", _("E-mail"), shown=False),
            Column("phone", _("Telephone"), shown=False),
            Column("channel", _("Channel")),
            Column("status", _("Status"), "badge"),
            Column("payment", _("Payment"), "badge"),
            Column("fulfilment", _("Fulfilment"), "badge"),
            Column("units", _("Units"), "number", shown=False),
            Column("total", _("Total"), "number", sortable=True),
        ],
        [
            Filter("q", _("Order or customer"), placeholder=_("Number, e-mail, telephone, name")),
            Filter("status", _("Status"), "select", states),
            Filter("channel", _("Channel"), "select", served),
            Filter("location", _("Place"), "select", places),
            Filter("from", _("Placed from"), "date"),
            Filter("until", _("Placed until"), "date"),
        ],
        sort="placed",
        sort_descending=True,
        empty=_("No order was placed yet."),
    )


@get("/console/orders", guards=may("orders:read", everywhere=True))
async def list_orders(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show orders, the latest first."""
    async with database_of(request).connection() as connection:
        served = await channels.list_channels(connection, None, None, CHANNELS_MAX)
        places = await stores.all_for_routing(connection)
    spec = _spec(
        desk,
        sorted([(each.code, each.name) for each in served.items], key=lambda pair: pair[1]),
        [(place.code, place.code) for place in places if place.kind != "supplier"],
    )

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        question = OrderQuestion(
            asked.get("q") or "",
            asked.get("status"),
            asked.get("channel"),
            asked.get("location"),
            midnight(asked.get("from"), desk.time_zone),
            midnight(asked.get("until"), desk.time_zone, 1),
            cast("Any", asked.sort if asked.sort in get_args(OrderSort) else "placed"),
            asked.descending,
        )
        async with database_of(request).connection() as connection:
            found = await browse(connection, question, limit, offset, counted=offset == 0 or asked.page > 1)
        return Rows(_rows(desk, found.items), found.total, found.total >= COUNT_MAX)

    return await answer_table(request, desk, "console/list.html", spec, load)


def _rows(desk: Desk, items: Any) -> list[dict[str, Cell]]:
    cells = Cells(desk)

    def badge(labels: dict[str, tuple[str, str]], state: str) -> Cell:
        return cells.badge(desk.text(labels[state][0]), labels[state][1], state)

    return [
        {
            "number": Cell(str(order.number), order.number, f"{BASE}/orders/{order.order_id}"),
            "placed": cells.moment(order.placed_at),
            "customer": cells.text(order.name or order.email or order.phone or desk.text(N("Guest"))),
            "email": cells.text(order.email),
            "phone": cells.text(order.phone),
            "channel": cells.text(order.channel_name),
            "status": badge(ORDER, order.status),
            "payment": badge(PAYMENT, order.payment_status),
            "fulfilment": badge(FULFILMENT, order.fulfilment_status),
            "units": cells.number(order.units),
            "total": cells.money(order.total),
        }
        for order in items
    ]


@get("/console/orders/{order_id:uuid}", guards=may("orders:read", everywhere=True))
async def order_page(request: AnyRequest, desk: Desk, order_id: UUID) -> Response[str]:
    """Show all that is known of an order."""
    return await show_order(request, desk, order_id)


routes = [list_orders, order_page]
