"""Product pictures are whole, small, harmless SVG files, and the same for the same product."""

import re
import xml.etree.ElementTree as ET

import pytest

from kanava.demo.pictures import draw
from kanava.demo.pictures.canvas import Ink, mix
from kanava.demo.words import product_types

BYTES_MAX = 6_000
KINDS = [kind.code for kind in product_types()]


@pytest.mark.parametrize("product_type", KINDS)
def test_every_kind_is_drawn_small_and_safe_in_every_style(product_type: str) -> None:
    seen = set()
    for style in range(3):
        for look in ("", "striped"):
            for view in ("front", "detail"):
                svg = draw(product_type, "#2f5641", style, look, view)
                assert svg == draw(product_type, "#2f5641", style, look, view)
                assert len(svg.encode()) <= BYTES_MAX
                root = ET.fromstring(svg)
                tags = {element.tag.partition("}")[2] for element in root.iter()}
                assert not tags & {"script", "foreignObject", "image", "a", "style"}
                names = {name for element in root.iter() for name in element.attrib}
                assert not any(name.lower().startswith("on") for name in names)
                used = set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg))
                ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
                assert used <= set(ids), used - set(ids)
                assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
                seen.add(svg)
    assert len(seen) >= 2


def test_the_colour_of_the_product_is_in_its_picture() -> None:
    assert draw("mug", "#a23b32") != draw("mug", "#25345a")
    assert "#a23b32" in draw("mug", "#a23b32")


def test_shades_go_from_light_to_dark() -> None:
    ink = Ink("#808080", 0, "")
    assert ink.pale > ink.light > ink.base > ink.dark > ink.deep > ink.line
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
