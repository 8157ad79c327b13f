"""The tour shows every page of shop, kiosk, store app and console, in pictures that are there."""

import re
from pathlib import Path

from factories.tour import DOCS, SHOTS, written
from kanava import web

TEMPLATES = Path(web.__file__).parent / "templates"
FACES = ("shop", "kiosk", "store", "console", "common")
EXTENDS = re.compile(r"{%-?\s*extends\b")


def pages() -> set[str]:
    """Give the templates that are pages: they extend a layout, and are neither one nor a part."""
    return {
        f"{face}/{path.stem}"
        for face in FACES
        for path in (TEMPLATES / face).glob("*.html")
        if path.stem != "layout" and not path.stem.startswith("_") and EXTENDS.search(path.read_text())
    }


def test_there_are_pages() -> None:
    assert {"shop/cart", "kiosk/welcome", "store/board", "console/list", "common/error"} <= pages()
    assert not {"shop/layout", "store/_board", "common/base", "common/error_part"} & pages()


def test_every_page_is_shown() -> None:
    shown = {shot.template for shot in SHOTS}
    assert shown == pages(), "a page without a shot in factories/tour.py, or a shot of a page that is gone"


def test_the_tour_shows_every_picture_and_there_are_no_others() -> None:
    named = [shot.picture for shot in SHOTS]
    assert len(set(named)) == len(named)
    assert {path.name for path in (DOCS / "tour").iterdir()} == set(named)
    assert (DOCS / "tour.md").read_text() == written(), "run `make screenshots`"
