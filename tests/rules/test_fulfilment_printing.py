"""Documents are drawn whatever people type, and nothing of them runs over the edge."""

import io
from datetime import UTC, datetime

import pypdf
import pypdfium2
from hypothesis import given, settings
from hypothesis import strategies as st

from kanava.fulfilment.printing.label import render_label
from kanava.fulfilment.printing.lists import render_packing_slip, render_pick_list
from kanava.fulfilment.printing.model import Label, PackingSlip, PickList, PrintedLine
from kanava.fulfilment.printing.qr import render_qr
from kanava.fulfilment.printing.words import WORDS

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
addresses = st.lists(texts, max_size=5)


def ink_at_the_edge(document: bytes) -> bool:
    """Say whether anything is drawn within 3 mm of the edge, where printers do not print."""
    page = pypdfium2.PdfDocument(document)[0].render(scale=2).to_pil().convert("L")
    width, height = page.size
    edge = round(3 / 25.4 * 72 * 2)
    boxes = [
        (0, 0, width, edge),
        (0, height - edge, width, height),
        (0, 0, edge, height),
        (width - edge, 0, width, height),
    ]
    return any(page.crop(box).getextrema()[0] < 250 for box in boxes)


@settings(max_examples=40, deadline=None, database=None)
@given(
    addresses,
    addresses,
    texts,
    texts,
    st.from_regex("[A-Za-z0-9][A-Za-z0-9 ./_-]{0,34}", fullmatch=True),
    st.sampled_from([*WORDS, "xx", ""]),
    st.none() | st.integers(1, 10_000_000),
)
def test_any_label_fits(
    sender: list[str],
    receiver: list[str],
    carrier: str,
    service: str,
    barcode: str,
    language: str,
    weight: int | None,
) -> None:
    label = Label(language, sender, receiver, carrier, service, barcode, "9223372036854775807-32767", 99, 100, weight)
    drawn = render_label(label)
    assert not ink_at_the_edge(drawn)
    assert len(pypdf.PdfReader(io.BytesIO(drawn)).pages) == 1


def test_the_widest_label_fits() -> None:
    long = "W" * 200
    drawn = render_label(Label("hu", [long] * 5, [long] * 5, long, long, "W" * 35, "9" * 25, 99, 100, 9_999_999))
    assert not ink_at_the_edge(drawn)
    wide = PickList("hu", long, "W" * 100, AT, "Europe/Warsaw", [PrintedLine("W" * 100, "W" * 301, "W" * 301, 10**6)])
    assert not ink_at_the_edge(render_pick_list(wide))


lines = st.lists(
    st.builds(PrintedLine, texts, texts, texts, st.integers(1, 100_000), st.none() | texts, texts), max_size=4
)


@settings(max_examples=25, deadline=None, database=None)
@given(lines, addresses, texts, st.sampled_from([*WORDS, "xx"]))
def test_any_list_is_drawn(items: list[PrintedLine], people: list[str], title: str, language: str) -> None:
    slip = PackingSlip(language, people, people, 100123, "100123-1/1", AT, "Europe/Warsaw", 1, 2, items, 3)
    assert not ink_at_the_edge(render_packing_slip(slip))
    wanted = PickList(language, title, title[:100], AT, "Europe/Warsaw", items, more=True)
    assert not ink_at_the_edge(render_pick_list(wanted))


def test_a_long_list_goes_on_over_pages_and_repeats_its_heading() -> None:
    items = [PrintedLine(f"SKU-{number:03}", "Čšž ąęł őű", "XL", number) for number in range(1, 121)]
    drawn = render_pick_list(PickList("pl", "Kraków", "KRK", AT, "Europe/Warsaw", items))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(drawn)).pages]
    assert len(pages) > 3
    assert all("Nr art." in page for page in pages)
    assert [f"Strona {number}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert sum(page.count("Čšž ąęł őű") for page in pages) == 120


def test_every_language_has_every_word() -> None:
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}


def test_a_qr_code_says_what_it_was_given() -> None:
    assert render_qr("kanava:collect:1:123456", "png")[:4] == b"\x89PNG"
    assert b"<svg" in render_qr("kanava:collect:1:123456", "svg")
