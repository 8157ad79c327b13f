"""Facets, their values and the category tree, by number and by name."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from kanava.search.rules.columns import Ints
from kanava.search.rules.documents import in_language
from kanava.search.rules.words import fold

KINDS = {"boolean": "boolean", "integer": "number", "decimal": "number", "measure": "number"}


class ValueRow(Protocol):
    """A value of a facet, with its number."""

    @property
    def facet_value_id(self) -> int: ...
    @property
    def facet(self) -> str: ...
    @property
    def value(self) -> str: ...


class CategoryNode(Protocol):
    """A category with its place in the tree."""

    @property
    def category_id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def names(self) -> dict[str, str]: ...


class NamedValue(Protocol):
    """How people read an axis or one of its values."""

    @property
    def axis(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def names(self) -> dict[str, str]: ...


class NamedAttribute(Protocol):
    """An attribute as some family defines it."""

    @property
    def code(self) -> str: ...
    @property
    def definition(self) -> dict[str, Any]: ...


class Taxonomy:
    """What values and categories are called; a facet's number is its place in `facets`."""

    def __init__(
        self,
        values: Sequence[ValueRow],
        categories: Sequence[CategoryNode],
        options: Sequence[NamedValue],
        attributes: Sequence[NamedAttribute],
    ) -> None:
        self.facets: list[str] = list(dict.fromkeys(row.facet for row in values))
        self.facet_numbers = {facet: number for number, facet in enumerate(self.facets)}
        size = max((row.facet_value_id for row in values), default=0) + 1
        self.facet_of: Ints = np.full(size, -1, dtype=np.int64)
        self.values: list[str] = [""] * size
        for row in values:
            self.facet_of[row.facet_value_id] = self.facet_numbers[row.facet]
            self.values[row.facet_value_id] = row.value
        self.value_ids = {(row.facet, row.value): row.facet_value_id for row in values}
        self.options: Mapping[tuple[str, str], Mapping[str, str]] = {
            (row.axis, row.value): row.names for row in options
        }
        # Families may define the same attribute; the first one names it.
        self.attributes: dict[str, dict[str, Any]] = {}
        self.choices: dict[tuple[str, str], Mapping[str, str]] = {}
        for attribute in attributes:
            self.attributes.setdefault(attribute.code, attribute.definition)
            for choice, names in attribute.definition.get("choice_names", {}).items():
                self.choices.setdefault((attribute.code, choice), names)
        self.categories: dict[str, CategoryNode] = {row.code: row for row in categories}
        self.children: dict[int | None, list[CategoryNode]] = {}
        for category in categories:
            self.children.setdefault(category.parent_id, []).append(category)
        self._within: dict[int, frozenset[int]] = {}
        self._value_names: dict[tuple[str, str, str], str] = {}

    def within(self, category_id: int) -> frozenset[int]:
        """Give a category with everything below it."""
        found = self._within.get(category_id)
        if found is None:
            ids: set[int] = set()
            waiting = [category_id]
            while waiting:
                number = waiting.pop()
                if number not in ids:
                    ids.add(number)
                    waiting += [child.category_id for child in self.children.get(number, ())]
            found = self._within[category_id] = frozenset(ids)
        return found

    def facet_name(self, facet: str, language: str) -> str:
        """Give what a facet is called; `brand` has no name of its own here, pages translate it."""
        kind, _, code = facet.partition(".")
        if kind == "option":
            return in_language(self.options.get((code, ""), {}), language) or code
        if kind == "attribute":
            return in_language(self.attributes.get(code, {}).get("names", {}), language) or code
        return facet

    def kind(self, facet: str) -> tuple[str, str, int]:
        """Give a facet's kind, and the unit and scale of its numbers."""
        kind, _, code = facet.partition(".")
        definition = self.attributes.get(code, {}) if kind == "attribute" else {}
        return KINDS.get(definition.get("type", ""), "choice"), definition.get("unit", ""), definition.get("scale", 0)

    def value_name(self, facet: str, value: str, language: str) -> str:
        """Give how people read a value."""
        found = self._value_names.get((facet, value, language))
        if found is None:
            kind, _, code = facet.partition(".")
            names = {"option": self.options, "attribute": self.choices}.get(kind, {}).get((code, value), {})
            found = self._value_names[facet, value, language] = in_language(names, language) or value
        return found

    def categories_beginning(self, beginning: str, language: str) -> list[tuple[str, str]]:
        """Give code and name of categories one of whose words begins like that, folded."""
        return [
            (category.code, name)
            for category in self.categories.values()
            if (name := in_language(category.names, language)) and begins(name, beginning)
        ]

    def brands_beginning(self, beginning: str) -> list[str]:
        """Give brands one of whose words begins like that, folded."""
        return [value for facet, value in self.value_ids if facet == "brand" and begins(value, beginning)]


def begins(name: str, beginning: str) -> bool:
    """Say whether a name, or a later word of it, begins like that."""
    folded = fold(name)
    return folded.startswith(beginning) or f" {beginning}" in folded
