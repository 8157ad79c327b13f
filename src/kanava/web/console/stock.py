"""Stock: a variant found and looked at, with its ledger, what each channel sees, and a correction with a reason."""

from typing import Annotated, Any, Literal, cast, get_args
from urllib.parse import quote

import msgspec
from litestar import Response, get, post

from kanava.catalog import service as catalog
from kanava.channels import service as channels
from kanava.inventory.messages import Adjustment, AdjustmentLine, AdjustmentReason
from kanava.inventory.model import MovementKind
from kanava.inventory.service import explain, movements, overview, protections, reading
from kanava.inventory.service.reading import MovementFilter
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.console.forms import FORM, Long, Short, carry_out, read_id, read_units
from kanava.web.console.labels import N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may
from kanava.web.console.tables import Asked, Cell, Cells, Column, Filter, Rows, TableSpec, answer_table, sorted_page

FOUND_MAX = 100
CHANNELS_MAX = 500
REASONS: dict[str, str] = {
    "found": N("Found"),
    "lost": N("Lost"),
    "damaged": N("Damaged"),
    "stolen": N("Stolen"),
    "expired": N("Past its date"),
    "sample": N("Sample"),
    "internal_use": N("Used ourselves"),
    "correction": N("Correction"),
    "supplier_return": N("Back to the supplier"),
}
MOVEMENTS: dict[str, str] = {
    "receipt": N("Goods received"),
    "adjustment": N("Correction"),
    "sync": N("Report of another system"),
    "count": N("Count"),
    "sale": N("Sale"),
    "reserve": N("Reservation"),
    "release": N("Release"),
    "transfer_out": N("Transfer out"),
    "transfer_in": N("Transfer in"),
    "return": N("Return"),
    "purchase": N("Purchase order"),
}


class AdjustForm(msgspec.Struct, frozen=True):
    """A correction of what is on hand."""

    adjustment_id: Annotated[str, msgspec.Meta(max_length=36)] = ""
    location: Short = ""
    delta: Annotated[str, msgspec.Meta(max_length=12)] = ""
    reason: Literal[
        "damaged", "lost", "stolen", "found", "expired", "sample", "internal_use", "correction", "supplier_return"
    ] = "correction"
    note: Long = ""


@get("/console/stock", guards=may("stock:read"))
async def find_stock(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Find variants by sku, barcode or title, with their units at all places."""
    _ = desk.text
    spec = TableSpec(
        "stock",
        f"{BASE}/stock",
        _("Stock"),
        [
            Column("sku", _("Sku"), sortable=True),
            Column("title", _("Product"), sortable=True),
            Column("gtin", _("Barcode"), shown=False),
            Column("on_hand", _("On hand"), "number", sortable=True),
            Column("reserved", _("Reserved"), "number", sortable=True),
            Column("incoming", _("Incoming"), "number", sortable=True),
            Column("places", _("Places"), "number", sortable=True),
        ],
        [Filter("q", _("Sku, barcode or name"), placeholder=_("JACKET-, 3831…, parka"))],
        empty=_("Look for a variant by its sku, barcode or name."),
    )

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            found = await catalog.find_variants(connection, asked.get("q") or "", desk.language, FOUND_MAX)
            units = await overview.units_of(connection, [each.sku for each in found])
        cells = Cells(desk)
        rows = [
            {
                "sku": cells.text(each.sku, _path(each.sku)),
                "title": cells.text(each.title),
                "gtin": cells.text(", ".join(each.gtins)),
                "on_hand": cells.number(units[each.sku].on_hand),
                "reserved": cells.number(units[each.sku].reserved),
                "incoming": cells.number(units[each.sku].incoming),
                "places": cells.number(units[each.sku].places),
            }
            for each in found
            if each.sku in units
        ]
        return sorted_page(rows, asked, limit, offset)

    return await answer_table(request, desk, "console/list.html", spec, load)


def _path(sku: str) -> str:
    return f"{BASE}/stock/{quote(sku, safe='')}"


@get("/console/stock/{sku:str}", guards=may("stock:read"))
async def variant_stock(request: AnyRequest, desk: Desk, sku: str) -> Response[Any]:
    """Show the units of a variant by place, its ledger, and what a channel sees of it."""
    return await _show(request, desk, sku)


async def _show(
    request: AnyRequest, desk: Desk, sku: str, problem: Refused | None = None, status: int = 200
) -> Response[Any]:
    asked_channel = request.query_params.get("channel") or ""
    async with database_of(request).connection() as connection:
        stock = await reading.stock_of(connection, sku)
        served = await channels.list_channels(connection, None, None, CHANNELS_MAX)
        names = await catalog.show_variants(connection, [sku], [desk.language, "en"])
        kept = await protections.get_protections(connection, sku)
        told = None
        if asked_channel in [channel.code for channel in served.items]:
            told = await explain.explain(connection, explain.Question(sku, asked_channel), clock.now())
    facts = {
        "stock": stock,
        "variant": names.get(sku),
        "channels": [(channel.code, channel.name) for channel in served.items if channel.active],
        "asked_channel": asked_channel,
        "told": told,
        "kept": kept,
        "reasons": choices(REASONS, desk),
        "new_id": str(uuid7()),
    }
    spec = _ledger_spec(desk, sku)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        return await _ledger(request, desk, sku, asked, limit)

    if status != 200:
        return console_page(request, desk, "console/variant.html", status=status, problem=problem, table=None, **facts)
    return await answer_table(request, desk, "console/variant.html", spec, load, **facts)


def _ledger_spec(desk: Desk, sku: str) -> TableSpec:
    _ = desk.text
    return TableSpec(
        "ledger",
        _path(sku),
        _("Ledger"),
        [
            Column("at", _("When"), "moment"),
            Column("kind", _("What")),
            Column("location", _("Place")),
            Column("on_hand", _("On hand"), "number"),
            Column("reserved", _("Reserved"), "number"),
            Column("incoming", _("Incoming"), "number"),
            Column("reference", _("Reference"), "code"),
            Column("reason", _("Reason")),
            Column("actor", _("By"), "code"),
        ],
        [
            Filter("place", _("Place")),
            Filter("kind", _("What"), "select", choices(MOVEMENTS, desk)),
        ],
        views=False,
    )


async def _ledger(request: AnyRequest, desk: Desk, sku: str, asked: Asked, limit: int) -> Rows:
    kind = asked.get("kind")
    wanted = MovementFilter(sku, asked.get("place"), cast("Any", kind if kind in get_args(MovementKind) else None))
    async with database_of(request).connection() as connection:
        found = await reading.list_movements(connection, wanted, asked.cursor, limit)
    cells = Cells(desk)

    def change(units: int) -> Cell:
        text = f"{units:+d}".replace("-", "\u2212") if units else ""
        return Cell(text, units, tone="error" if units < 0 else None)

    rows = [
        {
            "at": cells.moment(row.recorded_at),
            "kind": cells.text(desk.text(MOVEMENTS[row.kind])),
            "location": cells.text(row.location),
            "on_hand": change(row.on_hand_delta),
            "reserved": change(row.reserved_delta),
            "incoming": change(row.incoming_delta),
            "reference": cells.text(row.reference),
            "reason": cells.text(desk.text(REASONS[row.reason]) if row.reason in REASONS else row.reason),
            "actor": cells.text(row.source or row.actor),
        }
        for row in found.items
    ]
    return Rows(rows, next_cursor=found.next_cursor)


@post("/console/stock/{sku:str}/adjust", guards=may("stock:write"))
async def adjust(request: AnyRequest, desk: Desk, sku: str, data: Annotated[AdjustForm, FORM]) -> Response[Any]:
    """Correct what is on hand at a place."""

    async def verb(tx: Connection, actor: Any, now: Any) -> object:
        reason: AdjustmentReason = data.reason
        lines = [AdjustmentLine(sku, read_units(data.delta, "delta"))]
        asked = Adjustment(read_id(data.adjustment_id, "adjustment_id"), data.location, reason, lines, data.note)
        return await movements.adjust(tx, actor, asked, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _show(request, desk, sku, problem, status)

    return await carry_out(request, desk, verb, _path(sku), again)


routes = [find_stock, variant_stock, adjust]
