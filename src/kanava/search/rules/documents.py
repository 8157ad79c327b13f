"""What a product is found by: its words in each language, and the values that it is narrowed by."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kanava.search.rules.words import fold, ranked, unranked, vocabulary, without_markup

TITLE, PLACE = "AB"
"""The weights of a document's names: title; brand, categories and tags."""
COUNTED_TYPES = frozenset({"choice", "boolean", "integer", "decimal", "measure"})
OF_PRODUCT = -1
VALUE_LENGTH_MAX = 200


class SourceVariant(msgspec.Struct, frozen=True):
    """An active variant as the catalogue has it."""

    variant_id: int
    product_id: int
    sku: str
    option_values: list[str]
    attributes: dict[str, Any]


class SourceProduct(msgspec.Struct, frozen=True):
    """An active product as the catalogue has it; `family` is the definitions of its attributes."""

    product_id: int
    brand: str | None
    category_id: int | None
    tags: list[str]
    option_axes: list[str]
    attributes: dict[str, Any]
    texts: dict[str, dict[str, str]]
    family: dict[str, Any]
    created_at: datetime


class Words(msgspec.Struct, frozen=True):
    """How people read categories and option values, in every language."""

    categories: Mapping[int, tuple[int | None, Mapping[str, str]]]
    options: Mapping[tuple[str, str], Mapping[str, str]]

    def category_names(self, category_id: int | None, language: str) -> Iterator[str]:
        """Give the name of a category and of those above it."""
        seen = set()
        while category_id is not None and category_id in self.categories and category_id not in seen:
            seen.add(category_id)
            category_id, names = self.categories[category_id]
            yield in_language(names, language)

    def option(self, axis: str, value: str, language: str) -> str:
        """Give how a value is read."""
        return in_language(self.options.get((axis, value), {}), language) or value


class Document(msgspec.Struct, frozen=True):
    """A product in one language."""

    language: str
    title: str
    title_key: str
    words: str
    names: str
    vocabulary: list[tuple[str, str]]


Value = tuple[str, str, int]
"""Facet, value, and which variant has it; OF_PRODUCT: every one."""


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Give a text in a language, else in English, else in any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def values_of(product: SourceProduct, variants: Sequence[SourceVariant]) -> list[Value]:
    """Give every value that a product or a variant of it is counted under, once."""
    found: dict[Value, None] = {}
    if product.brand:
        found["brand", product.brand, OF_PRODUCT] = None
    axes = product.option_axes
    found.update(dict.fromkeys(_attributes(product, product.attributes, OF_PRODUCT)))
    for number, variant in enumerate(variants):
        for axis, value in zip(axes, variant.option_values, strict=False):
            if value:
                found[f"option.{axis}", value[:VALUE_LENGTH_MAX], number] = None
        for facet, value, _ in _attributes(product, variant.attributes, number):
            if (facet, value, OF_PRODUCT) not in found:
                found[facet, value, number] = None
    return list(found)


def _attributes(product: SourceProduct, attributes: Mapping[str, Any], number: int) -> Iterator[Value]:
    for code, value in attributes.items():
        kind = product.family.get(code, {}).get("type")
        # What is an axis already is not counted a second time.
        if kind in COUNTED_TYPES and code not in product.option_axes and value not in (None, ""):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield f"attribute.{code}", text[:VALUE_LENGTH_MAX], number


def document(product: SourceProduct, variants: Sequence[SourceVariant], words: Words, language: str) -> Document | None:
    """Give a product as it is found in a language; None when it has no title in any."""
    title = _text(product, language, "title")
    if not title:
        return None
    place = [product.brand or "", *words.category_names(product.category_id, language), *product.tags]
    options = dict.fromkeys(
        words.option(axis, value, language)
        for variant in variants
        for axis, value in zip(product.option_axes, variant.option_values, strict=False)
    )
    choices = [str(value) for value in product.attributes.values() if isinstance(value, str)]
    values = " ".join([*options, *choices, _text(product, language, "seo_title")]).replace("_", " ")
    texts = [title, *place, values]
    return Document(
        language,
        title,
        title_key=fold(title),
        words=unranked(language, texts, without_markup(_text(product, language, "description"))),
        names=ranked(language, [(TITLE, title), *[(PLACE, text) for text in place]]),
        vocabulary=sorted(set(vocabulary(language, texts))),
    )


def _text(product: SourceProduct, language: str, field: str) -> str:
    return in_language({tag: text[field] for tag, text in product.texts.items() if text.get(field)}, language)
