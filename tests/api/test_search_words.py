"""Products are found by words as people type them, in every language."""

import httpx
import pytest

from factories.search import find, handles
from kanava.platform.db import Database

pytestmark = [pytest.mark.anyio, pytest.mark.search_shop]


def kinds(page: dict) -> set[str]:
    return {handle.split("-")[0] for handle in handles(page)}


# What is typed on which channel, and which kinds of products must come first.
TYPED = [
    ("web-en", "backpack", {"backpack"}),
    ("web-en", "backpacks", {"backpack"}),
    ("web-en", "bakcpack", {"backpack"}),
    ("web-en", "bacpack", {"backpack"}),
    ("web-en", "BACK", {"backpack"}),
    ("web-en", "coat", {"rain", "down"}),
    ("web-en", "rucksack", {"backpack"}),
    ("web-sl", "nahrbtniki", {"backpack"}),
    ("web-sl", "narhbtnik", {"backpack"}),
    ("web-sl", "plašč", {"rain", "down"}),
    ("web-sl", "plasc", {"rain", "down"}),
    ("web-sl", "sotor", {"tent"}),
    ("web-sl", "šotori", {"tent"}),
    ("web-pl", "kurtki", {"rain", "down"}),
    ("web-pl", "płaszcz", {"rain", "down"}),
    ("web-pl", "plaszcz", {"rain", "down"}),
    ("web-pl", "plecaki", {"backpack"}),
    ("web-pl", "plceak", {"backpack"}),
    ("web-pl", "namioty", {"tent"}),
    ("web-hr", "jakne", {"rain", "down"}),
    ("web-hr", "kaput", {"rain", "down"}),
    ("web-hr", "ruksaci", {"backpack"}),
    ("web-hr", "salica", {"mug"}),
    ("web-hr", "šatori", {"tent"}),
    ("web-hu", "hátizsákok", {"backpack"}),
    ("web-hu", "hatizsak", {"backpack"}),
    ("web-hu", "dzseki", {"rain", "down"}),
    ("web-hu", "kabátok", {"rain", "down"}),
    ("web-hu", "bogre", {"mug"}),
    ("web-hu", "bögrék", {"mug"}),
    ("web-hu", "sátro", {"tent"}),
]


async def test_what_people_type_finds_what_they_mean(db: Database, client: httpx.AsyncClient) -> None:
    wrong = []
    for channel, text, expected in TYPED:
        page = await find(client, text, channel)
        found = kinds({"items": page["items"][: 3 * len(expected)]})
        if found != expected or page["relaxed"]:
            wrong.append((channel, text, expected, found, page["corrections"], page["total"]))
    assert wrong == []
