"""Fonts, styles and the file itself: what all documents have in common."""

from functools import lru_cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

REGULAR, BOLD = "FiraSans", "FiraSans-Bold"
SIZE_MIN = 6.0
"""Points; smaller is not read at a packing table."""
FONT_FILES = {REGULAR: "FiraSans-Regular.ttf", BOLD: "FiraSans-Bold.ttf"}


@lru_cache(maxsize=1)
def use_fonts() -> None:
    """Register the fonts once; only the letters that a document uses are put into it."""
    for name, file in FONT_FILES.items():
        with as_file(files("fontpkg_fira_sans") / "files" / file) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))


def style(size: float, *, bold: bool = False, alignment: int = 0) -> Any:
    """Give a paragraph style; words too long for their line are broken."""
    return ParagraphStyle(
        "text",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.25,
        alignment=alignment,
        splitLongWords=1,
    )


def text(words: str, size: float, *, bold: bool = False, alignment: int = 0) -> Any:
    """Give a paragraph of plain text: what people typed is never markup."""
    return Paragraph(escape(words).replace("\n", "<br/>"), style(size, bold=bold, alignment=alignment))


def address(lines: list[str], size: float) -> list[Any]:
    """Give the lines of an address, the name in bold."""
    return [text(line, size, bold=index == 0) for index, line in enumerate(lines)]


def fit(words: str, font: str, size: float, width: float) -> tuple[str, float]:
    """Give words and a size at which they fit on one line (points): smaller, and cut where that is too small."""
    natural = pdfmetrics.stringWidth(words, font, size)
    if natural <= width:
        return words, size
    size = max(SIZE_MIN, size * width / natural)
    kept = len(words)
    while kept and pdfmetrics.stringWidth(words[:kept] + "…", font, size) > width:
        kept -= 1
    return (words if kept == len(words) or size > SIZE_MIN else words[:kept] + "…"), size


def a4(flowables: list[Any], *, title: str, page: str) -> bytes:
    """Make an A4 document; `page` is the footer, with `{number}`."""
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=(210 * mm, 297 * mm),
        # A frame pads what stands in it by 6 points.
        leftMargin=18 * mm - 6,
        rightMargin=18 * mm - 6,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=title,
        author="Kanava",
    )

    def footer(canvas: Canvas, _document: object) -> None:
        canvas.setFont(REGULAR, 8)
        canvas.drawRightString(192 * mm, 10 * mm, page.format(number=canvas.getPageNumber()))
        shown, size = fit(title, REGULAR, 8, 130 * mm)
        canvas.setFont(REGULAR, size)
        canvas.drawString(18 * mm, 10 * mm, shown)

    document.build(flowables, onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()
