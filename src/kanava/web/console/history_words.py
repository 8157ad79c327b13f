"""Fields of a product and what they held, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from kanava.catalog import service as catalog
from kanava.catalog.model import AttributeDefinition
from kanava.web.common.formatting import Format
from kanava.web.common.translations import LANGUAGE_NAMES, translations_of
from kanava.web.console.labels import N
from kanava.web.console.products import STATUSES
from kanava.web.console.products_forms import best_name

FIELDS = {
    "title": N("Title"),
    "description": N("Description"),
    "seo_title": N("Title for search engines"),
    "seo_description": N("Description for search engines"),
    "status": N("Status"),
    "brand": N("Brand"),
    "category": N("Category"),
    "family": N("Attribute family"),
    "tax_category": N("Tax category"),
    "tags": N("Tags"),
    "option_axes": N("What the variants differ in"),
    "option_values": N("Options"),
    "handle": N("Handle"),
    "sku": N("Sku"),
    "gtins": N("GTIN"),
    "weight_grams": N("Weight (g)"),
    "length_mm": N("Length (mm)"),
    "width_mm": N("Width (mm)"),
    "height_mm": N("Height (mm)"),
    "attributes": N("Attributes"),
    "position": N("Place in the row"),
    "media.added": N("Pictures added"),
    "media.changed": N("Pictures changed"),
    "media.removed": N("Pictures removed"),
}


class HistoryWords:
    """Names fields and writes values in one language, with the names of categories and of the family's attributes."""

    def __init__(self, language: str, categories: Mapping[str, str], family: Mapping[str, AttributeDefinition]) -> None:
        self.language, self.categories, self.family = language, categories, family
        self._text, self._format = translations_of(language).gettext, Format(language)

    def field(self, name: str) -> str:
        """Name a field: `texts.sl.title`, `variants.CUP.weight_grams`, `attributes.material`, or one of a form."""
        first, _dot, rest = name.partition(".")
        if first == "texts":
            language, _dot, field = rest.partition(".")
            return f"{self._known(field)} ({LANGUAGE_NAMES.get(language, language)})"
        if first in ("attributes", "attribute"):
            return best_name(self.family[rest].names, self.language, rest) if rest in self.family else rest
        if first == "variants":
            sku, _dot, field = rest.rpartition(".")
            return f"{sku}: {self._known(field)}" if sku and field in FIELDS else self._text(N("Variant")) + f" {rest}"
        if first == "gtin":
            return f"GTIN {rest}"
        return self._known(name)

    def value(self, name: str, value: Any) -> str:
        """Write what a field held; empty when nothing."""
        if value in (None, "", [], {}):
            return ""
        if name.startswith(("attributes.", "attribute.")):
            return self._attribute(name.partition(".")[2], value)
        last = name.rpartition(".")[2]
        if last == "status" and value in STATUSES:
            return self._text(STATUSES[value][0])
        if name == "category":
            return self.categories.get(value, value)
        if name.startswith("variants.") and value == "new":
            return self._text(N("new"))
        return self._plain(value)

    def _known(self, field: str) -> str:
        return self._text(FIELDS[field]) if field in FIELDS else field

    def _attribute(self, name: str, value: Any) -> str:
        definition = self.family.get(name)
        if definition is None or isinstance(value, bool):
            return self._plain(value)
        if definition.type == "choice":
            return best_name(definition.choice_names.get(value, {}), self.language, value)
        if isinstance(value, int) and (definition.scale or definition.unit):
            return f"{catalog.written_value(definition, value)} {definition.unit}".strip()
        return self._plain(value)

    def _plain(self, value: Any) -> str:
        if isinstance(value, bool):
            return self._text(N("Yes")) if value else self._text(N("No"))
        if isinstance(value, int):
            return self._format.number(value)
        if isinstance(value, list):
            return ", ".join(self._plain(each) for each in value)
        if isinstance(value, dict):
            return ", ".join(
                f"{self.field(f'attributes.{name}')}: {self._attribute(name, each)}" for name, each in value.items()
            )
        return str(value)
