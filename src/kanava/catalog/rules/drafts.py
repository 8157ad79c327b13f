"""From rows of text to drafts: every cell is checked, and each thing wrong becomes one error with row and column.

Works by column, because most columns have few different values: a value is checked once per batch.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from kanava.catalog.rules import cells
from kanava.catalog.rules.columns import MEASURES, ColumnPlan, MediaPlan
from kanava.catalog.rules.gtin import check_gtin
from kanava.catalog.rules.shapes import (
    TEXT_LENGTHS,
    Batch,
    Errors,
    MediaDraft,
    ProductDraft,
    Seen,
    SeenProduct,
    VariantDraft,
)
from kanava.catalog.rules.texts import check_description, check_plain


def build_drafts(batch: Batch, plan: ColumnPlan, seen: Seen) -> tuple[list[ProductDraft], Errors]:
    """Check a batch; rows with an error are left out of the drafts, products with one are left out whole."""
    builder = _Builder(batch, plan, seen)
    return (builder.build() if batch.rows else []), builder.errors


class _Builder:
    def __init__(self, batch: Batch, plan: ColumnPlan, seen: Seen) -> None:
        self.numbers, self.rows, self.plan, self.seen = batch.numbers, batch.rows, plan, seen
        self.errors = Errors()
        self.errors.all.extend(batch.errors)
        self.errors.rows.update(error.row for error in batch.errors)
        self.columns: list[tuple[str, ...]] = list(zip(*batch.rows, strict=True))

    def build(self) -> list[ProductDraft]:
        handles = self._column("handle", cells.check_handle, "")
        groups: dict[str, list[int]] = {}
        for index, handle in enumerate(handles):
            if handle:
                groups.setdefault(handle, []).append(index)
        products = self._products(groups)
        variants = self._variants()
        drafts = []
        for handle, indexes in groups.items():
            product = products.get(handle)
            if product is None:
                continue
            product.variants = [
                variant
                for index in indexes
                if (variant := variants[index]) is not None and variant.row not in self.errors.rows
            ]
            if product.variants:
                drafts.append(product)
        return drafts

    def _column(self, name: str, check: Callable[[str], Any], default: Any) -> list[Any]:
        index = self.plan.at.get(name)
        return [default] * len(self.rows) if index is None else self._checked(index, check)

    def _checked(self, index: int, check: Callable[[str], Any], only: Sequence[int] | None = None) -> list[Any]:
        """Check a column, or only some of its rows, each different value once."""
        column = self.columns[index] if only is None else [self.columns[index][at] for at in only]
        good: dict[str, Any] = {}
        bad: dict[str, str] = {}
        for value in set(column):
            try:
                good[value] = check(value)
            except ValueError as error:
                bad[value] = str(error)
        if not bad:
            return list(map(good.__getitem__, column))
        rows = self.numbers if only is None else [self.numbers[at] for at in only]
        for row, value in zip(rows, column, strict=True):
            if value in bad:
                self.errors.add(row, self.plan.header[index], bad[value], value)
        return [good.get(value) for value in column]

    def _variants(self) -> list[VariantDraft | None]:
        count, at = len(self.rows), self.plan.at
        skus = self._checked(at["sku"], cells.check_sku)
        self._refuse_doubled(skus)
        statuses = self._column("variant_status", cells.check_variant_status, "active")
        gtins = self._gtins() if "gtin" in at else [[]] * count
        measures = list(zip(*(self._column(name, cells.check_measure, None) for name in MEASURES), strict=True))
        positions = self._column("position", cells.check_measure, None)
        options = self._option_values()
        attributes = self._attributes()
        media = self._media(self.plan.variant_media, range(count))
        return [
            None if sku is None else VariantDraft(row, sku, *rest)
            for row, sku, *rest in zip(
                self.numbers, skus, statuses, options, gtins, attributes, measures, positions, media, strict=True
            )
        ]

    def _refuse_doubled(self, skus: list[str | None]) -> None:
        seen = self.seen.skus
        distinct = {sku for sku in skus if sku is not None}
        overlaps = not seen.isdisjoint(distinct)
        if not overlaps and len(distinct) == len(skus):
            seen |= distinct
            return
        for row, sku in zip(self.numbers, skus, strict=True):
            if sku is None:
                continue
            if sku in seen:
                self.errors.add(row, "sku", "stands in an earlier row of the file", sku)
            seen.add(sku)

    def _gtins(self) -> list[list[str]]:
        index = self.plan.at["gtin"]
        lists, seen = self._checked(index, _gtins_of_cell), self.seen.gtins
        for row, gtins in zip(self.numbers, lists, strict=True):
            for gtin in gtins or ():
                if gtin in seen:
                    self.errors.add(row, "gtin", "the GTIN stands in an earlier row of the file", gtin)
                seen.add(gtin)
        return [gtins or [] for gtins in lists]

    def _option_values(self) -> list[list[str]]:
        if not self.plan.option_values:
            return [[]] * len(self.rows)
        for *_, index in self.plan.option_texts:
            self._checked(index, cells.check_short)
        columns = [self._checked(index, cells.check_short) for index in self.plan.option_values]
        values = []
        for row in zip(*columns, strict=True):
            options = [value or "" for value in row]
            while options and not options[-1]:
                options.pop()
            values.append(options)
        return values

    def _attributes(self) -> list[Mapping[str, str]]:
        given = [(name, self.columns[index]) for name, index in self.plan.attributes]
        found: list[dict[str, str]] = [{} for _ in self.rows]
        for name, column in given:
            if any(column):
                for attributes, value in zip(found, column, strict=True):
                    if value and (stripped := value.strip()):
                        attributes[name] = stripped
        return list(found)

    def _media(self, plans: Sequence[MediaPlan], only: Sequence[int]) -> list[list[MediaDraft]]:
        found: list[list[MediaDraft]] = [[] for _ in only]
        for plan in plans:
            urls = self._checked(plan.urls, cells.split_urls, only)
            alts = [(language, self._checked(index, _alts_of_cell, only)) for language, index in plan.alts]
            alts = [(language, lists) for language, lists in alts if any(lists)]
            for at, addresses in enumerate(urls):
                for place, url in enumerate(addresses or ()):
                    alt = {
                        language: texts[place]
                        for language, lists in alts
                        if (texts := lists[at] or ()) and place < len(texts) and texts[place]
                    }
                    if any(url == other.url for other in found[at]):
                        self.errors.add(
                            self.numbers[only[at]], self.plan.header[plan.urls], "names an address twice", url
                        )
                    found[at].append(MediaDraft(plan.kind, url, alt))
        return found

    def _products(self, groups: dict[str, list[int]]) -> dict[str, ProductDraft]:
        continued = {handle for handle in groups if handle in self.seen.products}
        fresh = [handle for handle in groups if handle not in continued]
        firsts = [groups[handle][0] for handle in fresh]
        errors_before = len(self.errors.all)
        drafts = self._fresh_products(fresh, firsts)
        broken = {error.row for error in self.errors.all[errors_before:]}
        picked = _picker(self.plan.product_cells)
        for handle, draft, first in zip(fresh, drafts, firsts, strict=True):
            rejected = draft.row in broken
            first_cells = picked(self.rows[first])
            self.seen.products[handle] = SeenProduct(draft.row, hash(first_cells), draft.option_axes, rejected)
            self._check_repeats(groups[handle][1:], first_cells, draft.row, rejected)
        empty = ("",) * len(self.plan.product_cells)
        for handle in continued:
            seen = self.seen.products[handle]
            drafts.append(ProductDraft(seen.row, handle, option_axes=seen.option_axes, continued=True))
            for index in groups[handle]:
                given = picked(self.rows[index])
                if seen.rejected:
                    self._reject_follower(self.numbers[index], seen.row)
                elif given != empty and hash(given) != seen.cells_hash:
                    self.errors.add(
                        self.numbers[index], "handle", f"its product columns differ from row {seen.row}", handle
                    )
        return {draft.handle: draft for draft in drafts if not self.seen.products[draft.handle].rejected}

    def _check_repeats(self, indexes: Sequence[int], first_cells: tuple[str, ...], row: int, rejected: bool) -> None:
        picked = _picker(self.plan.product_cells)
        for index in indexes:
            if rejected:
                self._reject_follower(self.numbers[index], row)
                continue
            given = picked(self.rows[index])
            if given == first_cells or not any(given):
                continue
            for at, value, wanted in zip(self.plan.product_cells, given, first_cells, strict=True):
                if value and value != wanted:
                    reason = f"differs from row {row}, the first row of this product"
                    self.errors.add(self.numbers[index], self.plan.header[at], reason, value)

    def _reject_follower(self, row: int, first_row: int) -> None:
        self.errors.add(row, "handle", f"row {first_row}, the first row of this product, has an error")

    def _fresh_products(self, handles: list[str], firsts: list[int]) -> list[ProductDraft]:
        def column(name: str, check: Callable[[str], Any], default: Any) -> list[Any]:
            index = self.plan.at.get(name)
            return [default] * len(firsts) if index is None else self._checked(index, check, firsts)

        statuses = column("status", cells.check_status, "draft")
        brands = column("brand", lambda cell: cells.check_brand(cell) or None, None)
        categories = column(
            "category", lambda cell: cells.check_category_path(cell.strip()) if cell.strip() else (), ()
        )
        families = column("family", lambda cell: cells.check_code(cell.strip()) if cell.strip() else None, None)
        taxes = column(
            "tax_category", lambda cell: cells.check_code(cell.strip()) if cell.strip() else "standard", "standard"
        )
        tags = column("tags", lambda cell: cells.check_tags(cells.split_list(cell)), [])
        axes = self._axes(firsts)
        texts = self._texts(firsts)
        media = self._media(self.plan.product_media, firsts)
        attributes = [self._attributes_of(first) for first in firsts]
        return [
            ProductDraft(self.numbers[first], *rest)
            for first, *rest in zip(
                firsts,
                handles,
                statuses,
                brands,
                categories,
                families,
                taxes,
                tags,
                axes,
                attributes,
                texts,
                media,
                strict=True,
            )
        ]

    def _attributes_of(self, index: int) -> dict[str, str]:
        return {name: cell.strip() for name, at in self.plan.attributes if (cell := self.rows[index][at]).strip()}

    def _axes(self, firsts: list[int]) -> list[list[str]]:
        columns = [self._checked(index, cells.check_short, firsts) for index in self.plan.option_names]
        found = []
        for place, names in enumerate(zip(*columns, strict=True) if columns else [()] * len(firsts)):
            axes = [name or "" for name in names]
            while axes and not axes[-1]:
                axes.pop()
            if not all(axes) or len(set(axes)) != len(axes):
                self.errors.add(
                    self.numbers[firsts[place]], "option1_name", "the names of options are different, without gaps"
                )
            found.append(axes)
        return found

    def _texts(self, firsts: list[int]) -> list[dict[str, dict[str, str]]]:
        found: list[dict[str, dict[str, str]]] = [{} for _ in firsts]
        for language, field, index in self.plan.texts:
            check = check_description if field == "description" else _plain(TEXT_LENGTHS[field])
            for texts, value in zip(found, self._checked(index, check, firsts), strict=True):
                if value:
                    texts.setdefault(language, {})[field] = value
        return found


def _plain(characters_max: int) -> Callable[[str], str]:
    return lambda cell: check_plain(cell, characters_max)


def _picker(indexes: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if not indexes:
        return lambda _row: ()
    if len(indexes) == 1:
        only = indexes[0]
        return lambda row: (row[only],)
    return itemgetter(*indexes)


def _gtins_of_cell(cell: str) -> list[str]:
    if cell.isdigit():
        return [check_gtin(cell)]
    gtins = [check_gtin(part) for part in cells.split_gtins(cell)]
    if len(set(gtins)) != len(gtins):
        raise ValueError("names a GTIN twice")
    if len(gtins) > 20:
        raise ValueError("has more than 20 GTINs")
    return gtins


def _alts_of_cell(cell: str) -> list[str]:
    return [check_plain(text, 500) for text in cells.split_list(cell)]
