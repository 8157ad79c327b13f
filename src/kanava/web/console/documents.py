"""Transfers and purchase orders: what is on its way to a place."""

from typing import Any
from uuid import UUID

from litestar import Response, get

from kanava.inventory.messages import ExpectedLineView
from kanava.inventory.service import purchase_orders, transfers
from kanava.inventory.service.purchase_orders import PurchaseOrderFilter
from kanava.platform.http import AnyRequest, database_of
from kanava.web.console.labels import Labels, N
from kanava.web.console.shell import BASE, Desk, choices, console_page, may
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table

TRANSFER: Labels = {
    "draft": (N("Draft"), "ghost"),
    "in_transit": (N("On its way"), "info"),
    "received": (N("Received"), "success"),
    "cancelled": (N("Cancelled"), "ghost"),
}
PURCHASE: Labels = {
    "draft": (N("Draft"), "ghost"),
    "ordered": (N("Ordered"), "info"),
    "received": (N("Received"), "success"),
    "cancelled": (N("Cancelled"), "ghost"),
}


def _spec(desk: Desk, name: str, title: str, states: Labels, origin: str) -> TableSpec:
    _ = desk.text
    return TableSpec(
        name,
        f"{BASE}/{name}",
        title,
        [
            Column("number", _("Number"), "code"),
            Column("created", _("Written"), "moment"),
            Column("from", origin),
            Column("to", _("To")),
            Column("state", _("Status"), "badge"),
            Column("expected", _("Expected")),
            Column("units", _("Units"), "number"),
            Column("received", _("Received"), "number"),
            Column("reference", _("Reference")),
        ],
        [
            Filter("state", _("Status"), "select", choices({s: label for s, (label, _tone) in states.items()}, desk)),
            Filter("location", _("Place"), placeholder=_("Code of a place")),
        ],
    )


def _row(desk: Desk, each: Any, document_id: UUID, ends: tuple[str, str], labels: tuple[Labels, str]) -> Any:
    cells = Cells(desk)
    states, name = labels
    lines: list[ExpectedLineView] = each.lines
    label, tone = states[each.state]
    return {
        "number": cells.text(str(document_id)[-12:], f"{BASE}/{name}/{document_id}"),
        "created": cells.moment(each.created_at),
        "from": cells.text(ends[0]),
        "to": cells.text(ends[1]),
        "state": cells.badge(desk.text(label), tone, each.state),
        "expected": cells.text(cells.format.date(each.expected_on) if each.expected_on else ""),
        "units": cells.number(sum(line.quantity for line in lines)),
        "received": cells.number(sum(line.quantity_received for line in lines)),
        "reference": cells.text(each.reference),
    }


@get("/console/transfers", guards=may("stock:read"))
async def list_transfers(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show transfers between places."""
    spec = _spec(desk, "transfers", desk.text(N("Transfers")), TRANSFER, desk.text(N("From")))

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            found = await transfers.list_transfers(
                connection, asked.get("state"), asked.get("location"), asked.cursor, limit
            )
        rows = [
            _row(desk, each, each.transfer_id, (each.from_location, each.to_location), (TRANSFER, "transfers"))
            for each in found.items
        ]
        return Rows(rows, next_cursor=found.next_cursor)

    return await answer_table(request, desk, "console/list.html", spec, load)


@get("/console/purchase-orders", guards=may("stock:read"))
async def list_purchase_orders(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show what was ordered from suppliers."""
    spec = _spec(desk, "purchase-orders", desk.text(N("Purchase orders")), PURCHASE, desk.text(N("Supplier")))

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        wanted = PurchaseOrderFilter(state=asked.get("state"), location=asked.get("location"))
        async with database_of(request).connection() as connection:
            found = await purchase_orders.list_purchase_orders(connection, wanted, asked.cursor, limit)
        rows = [
            _row(desk, each, each.purchase_order_id, (each.supplier, each.location), (PURCHASE, "purchase-orders"))
            for each in found.items
        ]
        return Rows(rows, next_cursor=found.next_cursor)

    return await answer_table(request, desk, "console/list.html", spec, load)


@get("/console/transfers/{transfer_id:uuid}", guards=may("stock:read"))
async def show_transfer(request: AnyRequest, desk: Desk, transfer_id: UUID) -> Response[str]:
    """Show a transfer with its lines."""
    async with database_of(request).connection() as connection:
        each = await transfers.get_transfer(connection, transfer_id)
    return console_page(
        request, desk, "console/document.html", document=each, number=str(transfer_id)[-12:], states=TRANSFER,
        ends=(each.from_location, each.to_location), back=("Transfers", f"{BASE}/transfers"),
    )  # fmt: skip


@get("/console/purchase-orders/{purchase_order_id:uuid}", guards=may("stock:read"))
async def show_purchase_order(request: AnyRequest, desk: Desk, purchase_order_id: UUID) -> Response[str]:
    """Show a purchase order with its lines."""
    async with database_of(request).connection() as connection:
        each = await purchase_orders.get_purchase_order(connection, purchase_order_id)
    return console_page(
        request, desk, "console/document.html", document=each, number=str(purchase_order_id)[-12:], states=PURCHASE,
        ends=(each.supplier, each.location), back=("Purchase orders", f"{BASE}/purchase-orders"),
    )  # fmt: skip


routes = [list_transfers, list_purchase_orders, show_transfer, show_purchase_order]
