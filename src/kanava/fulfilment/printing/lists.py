"""Packing slips for customers and pick lists for staff, on A4."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table, TableStyle

from kanava.fulfilment.printing.model import PackingSlip, PickList, PrintedLine
from kanava.fulfilment.printing.page import a4, address, text, use_fonts
from kanava.fulfilment.printing.words import WORDS, words_in

RIGHT = 2
WIDTH = 174 * mm


def render_packing_slip(slip: PackingSlip) -> bytes:
    """Give the packing slip as PDF."""
    use_fonts()
    words = words_in(slip.language)
    placed = format_date(_local(slip.placed_at, slip.time_zone), "long", locale=_locale(slip.language))
    facts = [
        text(f"{words['order']} {slip.order_number}", 11, bold=True),
        text(f"{words['placed_on']}: {placed}", 9),
        text(words["parcel"].format(number=slip.parcel_no, count=slip.parcels), 9),
    ]
    columns = [[text(words["to"], 8), *address(slip.receiver, 10)], [text(words["from"], 8), *address(slip.sender, 9)]]
    flowables: list[Any] = [
        Table(
            [[[text(words["packing_slip"], 20, bold=True), *facts], _barcode(slip.reference)]],
            colWidths=[WIDTH * 0.6, WIDTH * 0.4],
            style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (1, 0), (1, 0), "RIGHT"), *_no_padding()],
        ),
        Spacer(1, 8 * mm),
        Table(
            [columns],
            colWidths=[WIDTH / 2] * 2,
            style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *_no_padding(), ("RIGHTPADDING", (0, 0), (0, 0), 12)],
        ),
        Spacer(1, 8 * mm),
        _lines_table(slip.lines, words, note_heading=None),
        Spacer(1, 6 * mm),
    ]
    if slip.units_elsewhere:
        flowables.append(text(words["elsewhere"].format(count=slip.units_elsewhere), 10))
    flowables.append(text(words["thanks"], 10))
    return a4(flowables, title=f"{words['packing_slip']} {slip.reference}", page=words["page"])


def render_pick_list(wanted: PickList) -> bytes:
    """Give the pick list as PDF."""
    use_fonts()
    words = words_in(wanted.language)
    printed = format_datetime(
        _local(wanted.printed_at, wanted.time_zone), "short", locale=_locale(wanted.language), tzinfo=None
    )
    flowables: list[Any] = [
        text(f"{words['pick_list']}: {wanted.title}", 18, bold=True),
        Spacer(1, 2 * mm),
        text(f"{wanted.location} · {words['printed_at']} {printed}", 9),
        Spacer(1, 6 * mm),
    ]
    if wanted.lines:
        flowables.append(_lines_table(wanted.lines, words, note_heading=words["for"]))
    else:
        flowables.append(text(words["nothing"], 11))
    if wanted.more:
        flowables += [Spacer(1, 4 * mm), text(words["more"], 10, bold=True)]
    return a4(flowables, title=f"{words['pick_list']} {wanted.title}", page=words["page"])


def _lines_table(lines: list[PrintedLine], words: dict[str, str], note_heading: str | None) -> Any:
    headings = [words["quantity"], words["item"], words["sku"]]
    shares = [0.1, 0.55, 0.35]
    if note_heading is not None:
        headings, shares = [*headings, note_heading, ""], [0.08, 0.38, 0.28, 0.19, 0.07]
    rows = [[text(heading, 8, bold=True) for heading in headings]]
    for line in lines:
        item = [text(line.title or line.sku, 10, bold=note_heading is not None)]
        if line.options:
            item.append(text(line.options, 9))
        row = [text(str(line.quantity), 12, bold=True), item, [text(line.sku, 9), *_gtin(line)]]
        rows.append([*row, text(line.note, 8), _Tick()] if note_heading is not None else row)
    return Table(
        rows,
        colWidths=[WIDTH * share for share in shares],
        repeatRows=1,
        style=TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, colors.HexColor("#999999")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        ),
    )


def _gtin(line: PrintedLine) -> list[Any]:
    return [text(line.gtin, 8)] if line.gtin else []


def _barcode(content: str) -> Any:
    bars = Code128(content, barWidth=0.33 * mm, barHeight=12 * mm, quiet=False)
    bars.hAlign = "RIGHT"
    return [bars, Spacer(1, 1 * mm), text(content, 9, alignment=RIGHT)]


class _Tick(Table):  # type: ignore[misc]  # reportlab has no types
    """A box to tick with a pen."""

    def __init__(self) -> None:
        super().__init__([[""]], colWidths=[5 * mm], rowHeights=[5 * mm], style=[("BOX", (0, 0), (-1, -1), 0.8, None)])


def _no_padding() -> list[Any]:
    return [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]


def _local(at: datetime, time_zone: str) -> datetime:
    return at.astimezone(ZoneInfo(time_zone))


def _locale(language: str) -> str:
    code = language.partition("-")[0].lower()
    return code if code in WORDS else "en"
