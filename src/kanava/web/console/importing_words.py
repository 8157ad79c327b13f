"""What columns of a file may be said to be, and what the file may be written in, in the reader's words."""

import re
from collections.abc import Sequence

from kanava.catalog.model import AttributeFamily
from kanava.web.common.translations import LANGUAGE_NAMES
from kanava.web.console.products_forms import best_name
from kanava.web.console.shell import Desk

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

FAMILIES_MAX = 500
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "cp1250": "Windows-1250 (Excel: čšž, ąęł, őű)",
    "iso-8859-2": "ISO 8859-2",
    "cp852": "DOS 852",
    "cp1252": "Windows-1252 (äöü, éèç)",
    "utf-16": "UTF-16",
}
"""What encodings are called by those who save files, with letters to tell them by."""
PRODUCT, VARIANT, TEXTS, OPTIONS, ATTRIBUTES = (
    N("Product"),
    N("Variant"),
    N("Texts"),
    N("Options"),
    N("Attributes"),
)
NAMES: dict[str, tuple[str, str]] = {
    "handle": (PRODUCT, N("Code of the product (needed)")),
    "sku": (VARIANT, N("Sku of the variant (needed)")),
    "status": (PRODUCT, N("Status")),
    "brand": (PRODUCT, N("Brand")),
    "category": (PRODUCT, N("Category")),
    "family": (PRODUCT, N("Attribute family")),
    "tax_category": (PRODUCT, N("Tax category")),
    "tags": (PRODUCT, N("Tags")),
    "product_image_urls": (PRODUCT, N("Pictures of the product")),
    "variant_status": (VARIANT, N("Status of the variant")),
    "gtin": (VARIANT, N("Barcode (GTIN, EAN)")),
    "weight_grams": (VARIANT, N("Weight (g)")),
    "length_mm": (VARIANT, N("Length (mm)")),
    "width_mm": (VARIANT, N("Width (mm)")),
    "height_mm": (VARIANT, N("Height (mm)")),
    "position": (VARIANT, N("Place in the order of variants")),
    "image_urls": (VARIANT, N("Pictures of the variant")),
}
TEXT_NAMES = {
    "title": N("Title"),
    "description": N("Description"),
    "seo_title": N("Title for search engines"),
    "seo_description": N("Description for search engines"),
}
OPTION_NAMES = {"name": N("Name of option %(number)s"), "value": N("Value of option %(number)s")}


def named_fields(
    desk: Desk, fields: Sequence[str], families: Sequence[AttributeFamily]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the fields in groups: the group's name, and its (field, name) pairs; what is needed comes first."""
    attributes = {name: each.names for family in families for name, each in family.attributes.items()}
    groups: dict[str, list[tuple[str, str]]] = {each: [] for each in (PRODUCT, VARIANT, TEXTS, OPTIONS, ATTRIBUTES)}
    for field in [*NAMES, *(field for field in fields if field not in NAMES)]:
        if field not in fields:
            continue
        group, name = _named(desk, field, attributes)
        groups[group].append((field, name))
    return [(desk.text(group), named) for group, named in groups.items() if named]


def _named(desk: Desk, field: str, attributes: dict[str, dict[str, str]]) -> tuple[str, str]:
    if field in NAMES:
        group, name = NAMES[field]
        return group, desk.text(name)
    option = re.fullmatch(r"option(\d)_(name|value)", field)
    if option:
        return OPTIONS, desk.text(OPTION_NAMES[option[2]]) % {"number": option[1]}
    if field.startswith("attribute."):
        code = field.removeprefix("attribute.")
        return ATTRIBUTES, best_name(attributes.get(code, {}), desk.language, code)
    text, _underscore, language = field.rpartition("_")
    return TEXTS, f"{desk.text(TEXT_NAMES[text])} · {LANGUAGE_NAMES.get(language, language)}"
