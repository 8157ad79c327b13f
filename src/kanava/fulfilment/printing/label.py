"""A parcel's label on A6 (105 × 148 mm), which label printers and a quarter of an A4 sheet take."""

from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame

from kanava.fulfilment.printing.model import Label
from kanava.fulfilment.printing.page import BOLD, REGULAR, address, fit, text, use_fonts
from kanava.fulfilment.printing.words import words_in

WIDTH, HEIGHT, MARGIN = 105 * mm, 148 * mm, 5 * mm
INNER = WIDTH - 2 * MARGIN
BARCODE_HEIGHT = 24 * mm
QUIET_ZONE = 3.5 * mm
# Below a module of 0.19 mm common scanners give up.
MODULE_MIN, MODULE_MAX = 0.19 * mm, 0.5 * mm


def render_label(label: Label) -> bytes:
    """Give the label as PDF."""
    use_fonts()
    words = words_in(label.language)
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle(label.reference)
    canvas.setAuthor("Kanava")
    canvas.setLineWidth(0.8)
    _carrier(canvas, label)
    _box(canvas, words["from"], address(label.sender, 8), top=128 * mm, height=24 * mm)
    _box(canvas, words["to"], address(label.receiver, 13), top=104 * mm, height=44 * mm)
    _facts(canvas, label, words)
    _barcode(canvas, label.barcode)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _carrier(canvas: Canvas, label: Label) -> None:
    _line(canvas, label.carrier, (BOLD, 18), 137 * mm)
    _line(canvas, label.service, (REGULAR, 10), 131 * mm)


def _line(
    canvas: Canvas, words: str, font: tuple[str, float], y: float, share: float = 1.0, *, right: bool = False
) -> None:
    """Draw one line at the left or right margin, in at most a share of the width."""
    shown, size = fit(words, font[0], font[1], INNER * share)
    canvas.setFont(font[0], size)
    if right:
        canvas.drawRightString(WIDTH - MARGIN, y, shown)
    else:
        canvas.drawString(MARGIN, y, shown)


def _box(canvas: Canvas, heading: str, lines: list[Any], *, top: float, height: float) -> None:
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    room = KeepInFrame(INNER, height - 3 * mm, [text(heading, 7), *lines], mode="shrink")
    _, used = room.wrapOn(canvas, INNER, height - 3 * mm)
    room.drawOn(canvas, MARGIN, top - 1 * mm - used)


def _facts(canvas: Canvas, label: Label, words: dict[str, str]) -> None:
    top = 60 * mm
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    left = f"{words['order']} {label.reference}"
    right = words["parcel"].format(number=label.parcel_no, count=label.parcels)
    _line(canvas, left, (BOLD, 12), top - 6 * mm, 0.52)
    _line(canvas, right, (REGULAR, 11), top - 6 * mm, 0.45, right=True)
    if label.weight_grams is not None:
        # Grams below a kilogram, else kilograms to the nearest hundredth, in integers.
        grams = label.weight_grams
        hundredths = (grams + 5) // 10
        shown = f"{grams} g" if grams < 1000 else f"{hundredths // 100}.{hundredths % 100:02d} kg"
        _line(canvas, f"{words['weight']}: {shown}", (REGULAR, 11), top - 12 * mm)
    canvas.line(MARGIN, top - 15 * mm, WIDTH - MARGIN, top - 15 * mm)


def _barcode(canvas: Canvas, content: str) -> None:
    room = INNER - 2 * QUIET_ZONE
    modules = Code128(content, barWidth=1, quiet=False).width
    module = max(MODULE_MIN, min(MODULE_MAX, room / modules))
    bars = Code128(content, barWidth=module, barHeight=BARCODE_HEIGHT, quiet=False)
    bars.drawOn(canvas, (WIDTH - bars.width) / 2, 15 * mm)
    shown, size = fit(content, REGULAR, 12, INNER)
    canvas.setFont(REGULAR, size)
    canvas.drawCentredString(WIDTH / 2, 9 * mm, shown)
