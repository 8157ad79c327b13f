"""Requests as drafts, with the errors named as the caller wrote the fields."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from msgspec import UNSET

from kanava.catalog.model import (
    TEXT_FIELDS,
    Media,
    ProductInput,
    ProductPatch,
    Text,
    VariantInput,
    VariantPatch,
)
from kanava.catalog.rules import cells
from kanava.catalog.rules.columns import MEASURES
from kanava.catalog.rules.gtin import check_gtin
from kanava.catalog.rules.shapes import TEXT_LENGTHS, Errors, MediaDraft, ProductDraft, Scope, VariantDraft
from kanava.catalog.rules.texts import check_description, check_language, check_plain
from kanava.platform.tables.model import RowError

T = TypeVar("T")
EVERYTHING = Scope(
    fields=frozenset(
        {
            "status",
            "brand",
            "category",
            "family",
            "tax_category",
            "tags",
            "options",
            "variant_status",
            "gtin",
            *MEASURES,
            "position",
        }
    ),
    archive_others=True,
)
_FIELD_OF_COLUMN = {"gtin": "gtins", "variant_status": "status", "title": "texts", "handle": "handle"}


def field_errors(errors: Sequence[RowError], variants: int) -> list[tuple[str, str]]:
    """Give (field, reason): row 0 is the product, row n its n-th variant; a sole variant of a patch has no index."""
    found = []
    for error in errors:
        option = re.fullmatch(r"option[0-9]+_(name|value)", error.column)
        column = {"name": "option_axes", "value": "option_values"}[option[1]] if option else error.column
        column = _FIELD_OF_COLUMN.get(column, re.sub("^attribute[.]", "attributes.", column))
        field = f"variants[{error.row - 1}].{column}" if error.row and variants else column
        found.append((field, error.reason))
    return found


class InputReader:
    """Turns requests into drafts and collects what is wrong with them."""

    def __init__(self) -> None:
        self.errors = Errors()

    def product(self, handle: str, request: ProductInput) -> ProductDraft:
        """Read a whole product."""
        draft = ProductDraft(
            0,
            self._checked(0, "handle", cells.check_handle, handle) or "",
            status=request.status,
            brand=self._brand(request.brand),
            category_path=self._category(request.category),
            family=request.family,
            tax_category=self._checked(0, "tax_category", cells.check_code, request.tax_category) or "standard",
            tags=self._checked(0, "tags", cells.check_tags, request.tags) or [],
            option_axes=[
                self._checked(0, f"option_axes[{n}]", cells.check_short, axis) or ""
                for n, axis in enumerate(request.option_axes)
            ],
            attributes=request.attributes,
            texts=self._texts(request.texts),
            media=self._media(0, request.media),
            variants=[self._variant(row, variant) for row, variant in enumerate(request.variants, start=1)],
        )
        if not all(draft.option_axes) or len(set(draft.option_axes)) != len(draft.option_axes):
            self.errors.add(0, "option_axes", "the names of options are different, and not empty")
        self._refuse_doubled(draft.variants)
        return draft

    def product_patch(self, handle: str, request: ProductPatch) -> tuple[ProductDraft, Scope]:
        """Read some fields of a product."""
        given = {
            name
            for name in ("status", "brand", "category", "family", "tax_category", "tags")
            if getattr(request, name) is not UNSET
        }
        texts = {} if request.texts is UNSET else request.texts
        attributes = {} if request.attributes is UNSET else request.attributes
        media = [] if request.media is UNSET else request.media
        draft = ProductDraft(
            0,
            handle,
            status="draft" if request.status is UNSET else request.status,
            brand=None if request.brand is UNSET else self._brand(request.brand),
            category_path=() if request.category is UNSET else self._category(request.category),
            family=None if request.family is UNSET else request.family,
            tax_category="standard"
            if request.tax_category is UNSET
            else self._checked(0, "tax_category", cells.check_code, request.tax_category) or "standard",
            tags=[] if request.tags is UNSET else self._checked(0, "tags", cells.check_tags, request.tags) or [],
            attributes={name: value for name, value in attributes.items() if value is not None},
            texts=self._texts(texts),
            media=self._media(0, media),
        )
        languages = {self._checked(0, f"texts.{tag}", check_language, tag) or tag for tag in texts}
        kinds = frozenset() if request.media is UNSET else frozenset({"image", "model_3d"})
        scope = Scope(
            frozenset(given),
            frozenset((tag, field) for tag in languages for field in TEXT_FIELDS),
            frozenset(attributes),
            kinds,
            frozenset(),
        )
        return draft, scope

    def variant_patch(self, handle: str, sku: str, request: VariantPatch) -> tuple[ProductDraft, Scope]:
        """Read some fields of a variant."""
        columns = {"status": "variant_status", "option_values": "options", "gtins": "gtin"}
        given = {
            columns.get(name, name)
            for name in ("status", "option_values", "gtins", *MEASURES)
            if getattr(request, name) is not UNSET
        }
        attributes = {} if request.attributes is UNSET else request.attributes
        values = {
            name: value
            for name in ("status", "option_values", "gtins", *MEASURES, "media")
            if (value := getattr(request, name)) is not UNSET
        }
        variant = self._variant(
            1,
            VariantInput(
                sku=sku,
                attributes={name: value for name, value in attributes.items() if value is not None},
                **values,
            ),
        )
        kinds = frozenset() if request.media is UNSET else frozenset({"image", "model_3d"})
        scope = Scope(frozenset(given), frozenset(), frozenset(attributes), frozenset(), kinds)
        return ProductDraft(0, handle, variants=[variant], continued=True), scope

    def _variant(self, row: int, request: VariantInput) -> VariantDraft:
        gtins = [self._checked(row, f"gtins[{n}]", check_gtin, gtin) or "" for n, gtin in enumerate(request.gtins)]
        if len(set(gtins)) != len(gtins):
            self.errors.add(row, "gtins", "names a GTIN twice")
        return VariantDraft(
            row,
            self._checked(row, "sku", cells.check_sku, request.sku) or "",
            request.status,
            [
                self._checked(row, f"option_values[{n}]", cells.check_short, value) or ""
                for n, value in enumerate(request.option_values)
            ],
            gtins,
            request.attributes,
            tuple(
                None
                if (value := getattr(request, name)) is None
                else self._checked(row, name, cells.check_measure_value, value)
                for name in MEASURES
            ),
            row - 1,
            self._media(row, request.media),
        )

    def _refuse_doubled(self, variants: Sequence[VariantDraft]) -> None:
        skus: set[str] = set()
        gtins: set[str] = set()
        for variant in variants:
            if variant.sku in skus:
                self.errors.add(variant.row, "sku", "stands in an earlier variant", variant.sku)
            for gtin in variant.gtins:
                if gtin and gtin in gtins:
                    self.errors.add(variant.row, "gtins", "the GTIN stands in an earlier variant", gtin)
            skus.add(variant.sku)
            gtins.update(variant.gtins)

    def _brand(self, brand: str | None) -> str | None:
        return None if brand is None else self._checked(0, "brand", cells.check_brand, brand) or None

    def _category(self, category: str | None) -> tuple[str, ...]:
        return () if category is None else self._checked(0, "category", cells.check_category_path, category) or ()

    def _texts(self, texts: dict[str, Text]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for language, text in texts.items():
            tag = self._checked(0, f"texts.{language}", check_language, language)
            for field in TEXT_FIELDS:
                name = f"texts.{language}.{field}"
                value = getattr(text, field)
                if field == "description":
                    value = self._checked(0, name, check_description, value)
                else:
                    value = self._checked(0, name, partial(check_plain, characters_max=TEXT_LENGTHS[field]), value)
                if tag and value:
                    found.setdefault(tag, {})[field] = value
        return found

    def _media(self, row: int, media: Sequence[Media]) -> list[MediaDraft]:
        found: list[MediaDraft] = []
        for place, item in enumerate(media):
            self._checked(row, f"media[{place}].url", cells.check_url, item.url)
            alt = {}
            for language, text in item.alt.items():
                name = f"media[{place}].alt.{language}"
                tag = self._checked(row, name, check_language, language)
                checked = self._checked(row, name, lambda t: check_plain(t, 500), text)
                if tag and checked:
                    alt[tag] = checked
            if any(item.url == other.url for other in found):
                self.errors.add(row, f"media[{place}].url", "the address stands in an earlier item", item.url)
            found.append(MediaDraft(item.kind, item.url, alt))
        return sorted(found, key=lambda item: item.kind)

    def _checked(self, row: int, field: str, check: Callable[[Any], T], value: Any) -> T | None:
        try:
            return check(value)
        except ValueError as error:
            self.errors.add(row, field, str(error), str(value))
            return None
