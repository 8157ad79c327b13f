"""Every message is written in every language, with the same facts and nothing left out."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kanava.engagement.model import KINDS, LANGUAGES
from kanava.engagement.rendering import FOLDER, LOCALES, render
from kanava.engagement.rules import NEWS, Known
from kanava.engagement.samples import SAMPLES

WORDS = {
    message
    for *_, message, _comments, _context in extract_from_dir(
        str(FOLDER / "templates"), method_map=[("**.j2", "jinja2")], options_map={"**.j2": {"silent": "false"}}
    )
}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_text_of_the_templates_is_translated(language: str) -> None:
    with Path(LOCALES / language / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    known = {message.id: message for message in catalogue if message.id}
    assert set(known) == WORDS
    for message in known.values():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not list(message.check(catalogue)), message.id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_says_the_same_in_html_and_in_plain_text(kind: str, language: str) -> None:
    facts = SAMPLES[kind]
    written = render(kind, language, facts, "Jelovir & sons")
    assert "100123" in written.subject or kind in ("sign_in_code", "work_arrived")
    assert "<" not in written.text
    assert "Jelovir &amp; sons" in written.html
    assert "Jelovir & sons" in written.text
    for item in [*facts["items"], *facts.get("cancelled", []), *facts.get("refused", [])]:
        if kind not in ("refunded", "work_arrived") and item in facts.get("cancelled", facts["items"]):
            assert item["title"] in written.text
            assert item["title"] in written.html


def test_what_customers_write_cannot_become_markup() -> None:
    facts = {**SAMPLES["delivered"], "name": '<script>alert("x")</script>'}
    written = render("delivered", "en", facts, "Jelovir")
    assert "<script" not in written.html
    assert "&lt;script&gt;" in written.html


def test_the_sums_of_an_order_add_up_in_its_confirmation() -> None:
    sums = {name: each["amount_minor"] for name, each in SAMPLES["order_confirmed"]["sums"].items()}
    assert sums["goods"] + sums["delivery"] == sums["total"]
    written = render("order_confirmed", "en", SAMPLES["order_confirmed"], "Jelovir")
    for words in ("Goods: €259.80", "Delivery: €3.90", "Total: €263.70", "VAT in it: €47.55"):
        assert words in written.text
        assert words.partition(": ")[2] in written.html


def test_plural_forms_of_slovene() -> None:
    task = SAMPLES["work_arrived"]["tasks"][0]
    subjects = [
        render("work_arrived", "sl", {**SAMPLES["work_arrived"], "tasks": [task] * count}, "Jelovir").subject
        for count in (1, 2, 3, 5)
    ]
    assert [subject.split(":")[0] for subject in subjects] == [
        "1 nova naloga",
        "2 novi nalogi",
        "3 nove naloge",
        "5 novih nalog",
    ]


MOVED = {
    "fulfilment_id": "f",
    "kind": "ship",
    "from_location": "LJ",
    "to_location": "WH",
    "promised_by_before": "2026-11-24T17:00:00Z",
    "promised_by": "2026-11-24T17:00:00Z",
    "lines": [{"line_no": 1, "sku": "CUP", "quantity": 1}],
}
KNOWN = Known({1: {"sku": "CUP", "title": "Cup", "quantity": 1}}, {"amount_minor": 1, "currency": "EUR"}, None, {})


def test_a_parcel_from_elsewhere_at_the_same_time_is_nobody_s_news() -> None:
    assert NEWS["fulfilment.moved"](MOVED, KNOWN) is None


def test_another_hour_of_the_same_day_is_nobody_s_news() -> None:
    assert NEWS["fulfilment.moved"]({**MOVED, "promised_by": "2026-11-24T19:00:00Z"}, KNOWN) is None


@pytest.mark.parametrize("change", [{"promised_by": "2026-11-25T17:00:00Z"}, {"kind": "pickup"}])
def test_a_later_date_or_another_store_is(change: dict) -> None:
    told = NEWS["fulfilment.moved"]({**MOVED, **change}, KNOWN)
    assert told is not None
    assert told[0] == "delivery_changed"


@pytest.mark.parametrize(("expected_on", "words"), [("2026-12-04", "Dec 4"), (None, "nobody can tell")])
def test_what_comes_later_than_said_says_when_if_anybody_knows(expected_on: str | None, words: str) -> None:
    piece = {"line_no": 1, "sku": "CUP", "quantity": 1, "expected_on": expected_on}
    told = NEWS["order.stock_delayed"]({"expected_on": expected_on, "lines": [piece, piece]}, KNOWN)
    assert told is not None
    written = render(told[0], "en", {**SAMPLES[told[0]], **told[1]}, "Jelovir")
    assert words in written.text
    assert "answer this e-mail" in written.text
    assert told[1]["items"] == [{"sku": "CUP", "title": "Cup", "quantity": 2}]
