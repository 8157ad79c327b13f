"""The native layout: which columns a file may have, and what each stands for.

One row is one variant. Columns of the product are read from the first row of its handle; in the rows below they are
empty or the same.
"""

import re
from collections.abc import Sequence

import msgspec

from kanava.catalog.model import TEXT_FIELDS
from kanava.catalog.rules.texts import check_language

COLUMNS_MAX = 1_000
OPTIONS_MAX = 10
PRODUCT_COLUMNS = ("handle", "status", "brand", "category", "family", "tax_category", "tags")
VARIANT_COLUMNS = ("sku", "variant_status", "gtin", "weight_grams", "length_mm", "width_mm", "height_mm", "position")
MEASURES = ("weight_grams", "length_mm", "width_mm", "height_mm")
# (column of the urls, prefix of the columns of the alternative texts, kind, of the variant)
MEDIA_COLUMNS = (
    ("image_urls", "image_alt_", "image", True),
    ("model_3d_url", "model_3d_alt_", "model_3d", True),
    ("product_image_urls", "product_image_alt_", "image", False),
    ("product_model_3d_url", "product_model_3d_alt_", "model_3d", False),
)
_OPTION = re.compile(r"option([1-9][0-9]?)_(name|value)")
_OPTION_TEXT = re.compile(r"option([1-9][0-9]?)_(name|value)_(.+)")


class MediaPlan(msgspec.Struct, frozen=True):
    """Where the urls and the alternative texts of a kind of media stand."""

    kind: str
    urls: int
    alts: tuple[tuple[str, int], ...]


class ColumnPlan(msgspec.Struct, frozen=True):
    """Where each thing stands in a row. Indexes are positions in `header`."""

    header: tuple[str, ...]
    at: dict[str, int]
    texts: tuple[tuple[str, str, int], ...]  # language, field, index
    attributes: tuple[tuple[str, int], ...]  # name, index
    option_names: tuple[int, ...]
    option_values: tuple[int, ...]
    option_texts: tuple[tuple[int, str, str, int], ...]  # place from 0, name or value, language, index
    product_media: tuple[MediaPlan, ...]
    variant_media: tuple[MediaPlan, ...]
    product_cells: tuple[int, ...]
    ignored: tuple[str, ...]
    # What a missing product or variant column means: it is left as stored.
    present: frozenset[str]


def plan_columns(header: Sequence[str]) -> ColumnPlan:
    """Read a header; ValueError says what makes the file unusable."""
    names = [name.strip() for name in header]
    if len(names) > COLUMNS_MAX:
        raise ValueError(f"the header has more than {COLUMNS_MAX} columns")
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise ValueError(f"the header names {', '.join(doubled[:5])} twice")
    at = {name: index for index, name in enumerate(names) if name}
    for needed in ("handle", "sku"):
        if needed not in at:
            raise ValueError(f"the header has no column {needed!r}")
    texts, attributes, used = [], [], set()
    options: dict[str, dict[int, int]] = {"name": {}, "value": {}}
    for name, index in at.items():
        text = _text_column(name)
        option = _OPTION.fullmatch(name)
        if text:
            texts.append((*text, index))
        elif name.startswith("attribute."):
            attributes.append((name.removeprefix("attribute."), index))
        elif option and int(option[1]) <= OPTIONS_MAX:
            options[option[2]][int(option[1])] = index
        elif name not in PRODUCT_COLUMNS and name not in VARIANT_COLUMNS:
            continue
        used.add(name)
    if sorted(options["name"]) != sorted(options["value"]) or sorted(options["name"]) != list(
        range(1, len(options["name"]) + 1)
    ):
        raise ValueError("options need option1_name and option1_value, option2_name and option2_value, and so on")
    option_texts = _option_texts(at, len(options["name"]))
    used |= {names[index] for *_, index in option_texts}
    media, media_columns = _media_plans(at)
    used |= media_columns
    option_names = tuple(options["name"][number] for number in sorted(options["name"]))
    product_cells = {at[name] for name in PRODUCT_COLUMNS if name in at and name != "handle"} | set(option_names)
    product_cells |= {index for *_, index in texts}
    product_cells |= {index for name, index in at.items() if name in media_columns and name.startswith("product_")}
    return ColumnPlan(
        header=tuple(names),
        at=at,
        texts=tuple(texts),
        attributes=tuple(attributes),
        option_names=option_names,
        option_values=tuple(options["value"][number] for number in sorted(options["value"])),
        option_texts=option_texts,
        product_media=tuple(plan for plan, of_variant in media if not of_variant),
        variant_media=tuple(plan for plan, of_variant in media if of_variant),
        product_cells=tuple(sorted(product_cells)),
        ignored=tuple(name for name in at if name not in used),
        present=frozenset(used),
    )


def _text_column(name: str) -> tuple[str, str] | None:
    for field in sorted(TEXT_FIELDS, key=len, reverse=True):
        if name.startswith(field + "_"):
            try:
                return check_language(name[len(field) + 1 :]), field
            except ValueError:
                return None
    return None


def _option_texts(at: dict[str, int], options: int) -> tuple[tuple[int, str, str, int], ...]:
    found = []
    for name, index in at.items():
        column = _OPTION_TEXT.fullmatch(name)
        if column and int(column[1]) <= options:
            try:
                found.append((int(column[1]) - 1, column[2], check_language(column[3]), index))
            except ValueError:
                continue
    return tuple(found)


def _media_plans(at: dict[str, int]) -> tuple[list[tuple[MediaPlan, bool]], set[str]]:
    plans, used = [], set()
    for urls, prefix, kind, of_variant in MEDIA_COLUMNS:
        if urls not in at:
            continue
        alts = []
        for name, index in at.items():
            if name.startswith(prefix):
                try:
                    alts.append((check_language(name[len(prefix) :]), index))
                except ValueError:
                    continue
                used.add(name)
        used.add(urls)
        plans.append((MediaPlan(kind, at[urls], tuple(alts)), of_variant))
    return plans, used
