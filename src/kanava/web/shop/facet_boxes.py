"""What a list can be narrowed by, as boxes to tick: there are hundreds on a page, so templates get them ready-made."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kanava.search.model import Facet
from kanava.web.common.formatting import Format
from kanava.web.common.translations import translations_of

VALUES_FIRST = 8
"""Values of a facet that are shown at once; the others are behind "more"."""
FACETS_SHOWN = 12
"""Facets of a broad category that are shown: those that most of its products have, and those that are chosen."""
_LETTER_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL", "5XL", "6XL")
_NUMBER = re.compile(r"\d+")


class Box(NamedTuple):
    """A value of a facet; `sent`: what the address says of it, `text`: how people read it, `products`: how many."""

    element_id: str
    sent: str
    value: str
    chosen: bool
    text: str
    products: str


class FacetBoxes(msgspec.Struct, frozen=True):
    """A facet with its values; what brands are called, pages say."""

    code: str
    name: str
    first: list[Box]
    more: list[Box]

    @property
    def chosen_first(self) -> bool:
        """Whether one of the values that are shown at once is chosen."""
        return any(box.chosen for box in self.first)

    @property
    def chosen_more(self) -> bool:
        """Whether one of the others is."""
        return any(box.chosen for box in self.more)


def boxes_of(facets: Sequence[Facet], language: str) -> list[FacetBoxes]:
    """Give the facets that are worth choosing from, in words."""
    form, found = Format(language), []
    for facet in (in_order(each) for each in most_useful(facets)):
        element, texts = facet.code.replace(".", "-"), _texts(facet, form)
        boxes = [
            Box(f"{element}-{at}", f"{facet.code}:{each.value}", each.value, each.chosen, text, form.number(each.count))
            for at, (each, text) in enumerate(zip(facet.values, texts, strict=True), 1)
        ]
        found.append(FacetBoxes(facet.code, facet.name, boxes[:VALUES_FIRST], boxes[VALUES_FIRST:]))
    return found


def _texts(facet: Facet, form: Format) -> list[str]:
    if facet.kind == "number":
        unit = f" {facet.unit}" if facet.unit else ""
        return [form.scaled(each.value, facet.scale) + unit for each in facet.values]
    if facet.kind == "boolean":
        words = translations_of(form.language)
        return [words.gettext("Yes") if each.value == "true" else words.gettext("No") for each in facet.values]
    return [each.name for each in facet.values]


def most_useful(facets: Sequence[Facet]) -> list[Facet]:
    """Give the facets that there is something to choose in, in their order; of many those that most products have."""
    useful = [facet for facet in facets if len(facet.values) > 1 or _any(facet)]
    if len(useful) <= FACETS_SHOWN:
        return useful
    by_use = sorted(useful, key=lambda facet: (_any(facet), sum(value.count for value in facet.values)), reverse=True)
    kept = {facet.code for facet in by_use[:FACETS_SHOWN]}
    return [facet for facet in useful if facet.code in kept or _any(facet)]


def in_order(facet: Facet) -> Facet:
    """Put sizes in the order of a rail: letters from small to large, then numbers as they grow."""
    if not facet.code.startswith("option.") or not facet.values:
        return facet
    keys = {each.value: size_key(each.value) for each in facet.values}
    if sum(key[0] < 2 for key in keys.values()) * 2 < len(keys):
        return facet
    return msgspec.structs.replace(facet, values=sorted(facet.values, key=lambda each: keys[each.value]))


def size_key(text: str) -> tuple[int, int, str]:
    """Give where a size stands: letters, numbers, everything else as it is written."""
    if text.upper() in _LETTER_SIZES:
        return 0, _LETTER_SIZES.index(text.upper()), text
    number = _NUMBER.match(text)
    return (1, int(number[0]), text) if number else (2, 0, text)


def _any(facet: Facet) -> bool:
    return any(value.chosen for value in facet.values)
