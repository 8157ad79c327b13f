"""Stock: a variant found and looked at, with its ledger, what each channel sees, and a correction with a reason."""

from collections.abc import Sequence
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
from kanava.stores import service as stores
from kanava.web.console.forms import FORM, Long, Short, carry_out, read_id, read_units
from kanava.web.console.labels import N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may
from kanava.web.console.stock_words import StepWords
from kanava.web.console.tables import Asked, Cell, Cells, Column, Filter, Rows, TableSpec, answer_table, sorted_page

FOUND_MAX = 100
LOW_UNITS = 10
LEFT: dict[str, str] = {"none": N("Sold out"), "few": N("1 to 10 left"), "some": N("Not sold out")}
BOUNDS: dict[str | None, tuple[int | None, int | None]] = {
    None: (None, None),
    "none": (None, 0),
    "few": (1, LOW_UNITS),
    "some": (1, None),
}
"""The fewest and the most free units of what a choice of `LEFT` shows."""
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
    """List variants with their units at all places: those that fit a text, else all of them, or what runs out."""
    _ = desk.text
    # What was looked for is read whole and can be sorted; the list of everything goes on from row to row.
    searched = bool(request.query_params.get("q", "").strip())
    spec = TableSpec(
        "stock",
        f"{BASE}/stock",
        _("Stock"),
        [
            Column("sku", _("Sku"), sortable=searched),
            Column("title", _("Product"), sortable=searched),
            Column("gtin", _("Barcode"), shown=False),
            Column("free", _("Free"), "number", sortable=searched),
            Column("on_hand", _("On hand"), "number", sortable=searched),
            Column("reserved", _("Reserved"), "number", sortable=searched),
            Column("incoming", _("Incoming"), "number", sortable=searched),
            Column("places", _("Places"), "number", sortable=searched),
        ],
        [
            Filter("q", _("Sku, barcode or name"), placeholder=_("JACKET-, 3831…, parka")),
            Filter("left", _("Free everywhere together"), "select", choices(LEFT, desk)),
        ],
        empty=_("No variant on sale has ever been stocked."),
    )

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        least, most = BOUNDS[asked.get("left")]
        async with database_of(request).connection() as connection:
            if searched:
                found = await catalog.find_variants(connection, asked.get("q") or "", desk.language, FOUND_MAX)
                units = await overview.units_of(connection, [each.sku for each in found])
                rows = [_row(desk, units[each.sku], each.title, each.gtins) for each in found if each.sku in units]
                rows = [row for row in rows if (most is None or row["free"].value <= most)]
                return sorted_page(
                    [row for row in rows if least is None or row["free"].value >= least], asked, limit, offset
                )
            listed = await overview.list_units(connection, least, most, asked.cursor, limit)
            names = await catalog.show_variants(connection, [each.sku for each in listed.items], [desk.language, "en"])
        rows = [_row(desk, each, names[each.sku].title if each.sku in names else "") for each in listed.items]
        return Rows(rows, next_cursor=listed.next_cursor)

    return await answer_table(request, desk, "console/list.html", spec, load)


def _row(desk: Desk, units: overview.VariantUnits, title: str, gtins: Sequence[str] = ()) -> dict[str, Cell]:
    cells = Cells(desk)
    return {
        "sku": cells.text(units.sku, _path(units.sku)),
        "title": cells.text(title),
        "gtin": cells.text(", ".join(gtins)),
        "free": cells.number(units.free, "error" if units.free <= 0 else None),
        "on_hand": cells.number(units.on_hand),
        "reserved": cells.number(units.reserved),
        "incoming": cells.number(units.incoming),
        "places": cells.number(units.places),
    }


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
        codes = [each.location for each in stock.locations]
        named = await stores.name_places(
            connection, codes + ([each.location for each in told.locations] if told else [])
        )
    facts = {
        "stock": stock,
        "variant": names.get(sku),
        "channels": [(channel.code, channel.name) for channel in served.items if channel.active],
        "asked_channel": asked_channel,
        "told": told,
        "words": StepWords(desk.language, {channel.code: channel.name for channel in served.items}),
        "places": {code: place.name for code, place in named.items()},
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
