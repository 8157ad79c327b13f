"""Which questions of availability are plain enough to pass the router by; the others go to the ordinary handler."""

import pytest

from kanava.sourcing.availability import Question
from kanava.sourcing.express import read_question


@pytest.mark.parametrize(
    ("query", "question"),
    [
        (b"channel=web&sku=A&sku=B+1", Question("web", ["A", "B 1"])),
        (b"channel=web&sku=%C4%8D", Question("web", ["č"])),
        (b"sku=A&channel=web&latitude=46.05&longitude=-14", Question("web", ["A"], (46.05, -14.0))),
        (b"channel=web&sku=A&locations=50&country=SI", Question("web", ["A"], None, 50, "SI")),
    ],
)
def test_a_plain_question_is_read(query: bytes, question: Question) -> None:
    assert read_question(query) == question


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"channel=web",
        b"sku=A",
        b"channel=&sku=A",
        b"channel=a&channel=b&sku=A",
        b"channel=web&sku=A&colour=red",
        b"channel=web&sku=A%00",
        b"channel=web&sku=A%ff",
        b"channel=web&sku=A&latitude=46",
        b"channel=web&sku=A&latitude=91&longitude=1",
        b"channel=web&sku=A&latitude=nan&longitude=1",
        b"channel=web&sku=A&locations=51",
        b"channel=web&sku=A&locations=0",
        b"channel=web&sku=A&country=si",
        b"channel=web" + b"&sku=A" * 101,
    ],
)
def test_what_wants_words_is_left_to_the_ordinary_handler(query: bytes) -> None:
    assert read_question(query) is None
