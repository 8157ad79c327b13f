"""The catalogue as rows of a file, page by page, in one snapshot of the database."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec

from kanava.catalog.files import shopify
from kanava.catalog.files.writing import CsvBlocks, JsonBlocks, Workbook
from kanava.catalog.model import AttributeDefinition, Layout, OptionName
from kanava.catalog.rules.attributes import cell_of_value
from kanava.catalog.rules.cells import join_list
from kanava.catalog.rules.columns import MEASURES, MEDIA_COLUMNS
from kanava.catalog.service.taxonomy import families_by_code
from kanava.catalog.store import exports, lookups, options
from kanava.platform.db import Connection
from kanava.platform.tables.model import FileFormat

PAGE_PRODUCTS = 500
BLOCK_BYTES = 1 << 18
Rows = list[list[str]]
Media = dict[tuple[int, int | None, str], list[lookups.MediaRow]]


class Export(msgspec.Struct):
    """The columns of an export and what it left out."""

    header: list[str]
    pages: AsyncIterator[Rows]
    left_out: list[str]


async def export_catalogue(tx: Connection, layout: Layout = "native", language: str = "en") -> Export:
    """Begin an export; `tx` is a REPEATABLE READ transaction that lasts until the last page is read."""
    left_out: list[str] = []
    if layout == "shopify":
        return Export(list(shopify.EXPORT_HEADER), _shopify_pages(tx, language, left_out), left_out)
    columns = await exports.COLUMNS.one(tx)
    native = _NativeColumns(columns, await options.ALL.all(tx))
    return Export(native.header, _native_pages(tx, native), left_out)


async def export_bytes(export: Export, file_format: FileFormat) -> AsyncIterator[bytes]:
    """Give the export as blocks of CSV or JSON lines."""
    writer = JsonBlocks(export.header) if file_format == "jsonl" else CsvBlocks(export.header)
    empty = True
    async for rows in export.pages:
        empty = False
        yield writer.block(rows)
    if empty:
        yield writer.block([])


async def export_file(
    export: Export, file_format: FileFormat, path: Path, advance: Callable[[int], None] = lambda _rows: None
) -> None:
    """Write the export to a file."""
    if file_format == "xlsx":
        book = Workbook(path, export.header)
        async for rows in export.pages:
            book.write(rows)
            advance(len(rows))
        book.close()
        return
    writer = JsonBlocks(export.header) if file_format == "jsonl" else CsvBlocks(export.header)
    with path.open("wb") as file:
        file.write(writer.block([]))
        async for rows in export.pages:
            file.write(writer.block(rows))
            advance(len(rows))


async def export_blocks(export: Export, file_format: FileFormat) -> AsyncIterator[bytes]:
    """Give the export as blocks of a file of any format; a workbook is made on disk first."""
    if file_format != "xlsx":
        async for block in export_bytes(export, file_format):
            yield block
        return
    with tempfile.TemporaryDirectory(prefix="kanava-export-") as folder:
        path = Path(folder) / "catalogue.xlsx"
        await export_file(export, "xlsx", path)
        with path.open("rb") as file:
            while block := await asyncio.to_thread(file.read, BLOCK_BYTES):
                yield block


class _Page(msgspec.Struct):
    products: list[exports.ExportProduct]
    variants: dict[int, list[exports.ExportVariant]]
    media: Media
    families: dict[str, dict[str, AttributeDefinition]]


async def _pages(tx: Connection) -> AsyncIterator[_Page]:
    after = ""
    while products := await exports.PRODUCTS.all(tx, after=after, limit=PAGE_PRODUCTS):
        after = products[-1].handle
        ids = [product.product_id for product in products]
        page = _Page(products, {}, {}, await families_by_code(tx, list({p.family for p in products if p.family})))
        for variant in await exports.VARIANTS.all(tx, product_ids=ids):
            page.variants.setdefault(variant.product_id, []).append(variant)
        for media in await lookups.MEDIA_OF_PRODUCTS.all(tx, product_ids=ids):
            page.media.setdefault((media.product_id, media.variant_id, media.kind), []).append(media)
        yield page


class _NativeColumns:
    """The columns of the native layout that this catalogue needs."""

    def __init__(self, columns: exports.ExportColumns, option_names: Sequence[OptionName]) -> None:
        self.option_names = {(option.axis, option.value): option.names for option in option_names}
        self.option_languages = sorted({language for option in option_names for language in option.names})
        self.texts = sorted(tuple(item.split(":", 1)) for item in columns.texts)
        self.attributes = sorted(columns.attributes)
        self.axes = columns.axes
        alts = [item.split(":", 2) for item in sorted(columns.alts)]
        self.media = [
            (
                urls,
                kind,
                of_variant,
                [(prefix + tag, tag) for owner, k, tag in alts if k == kind and (owner == "variant") == of_variant],
            )
            for urls, prefix, kind, of_variant in MEDIA_COLUMNS
        ]
        self.header = [
            "handle",
            "sku",
            "status",
            "variant_status",
            "brand",
            "category",
            "family",
            "tax_category",
            "tags",
        ]
        self.header += [f"{field}_{language}" for field, language in self.texts]
        endings = ["", *(f"_{language}" for language in self.option_languages)]
        self.header += [
            f"option{n}_{part}{ending}"
            for n in range(1, self.axes + 1)
            for part in ("name", "value")
            for ending in endings
        ]
        self.header += ["gtin", *MEASURES, "position", *(f"attribute.{name}" for name in self.attributes)]
        for urls, _, _, names in self.media:
            self.header += [urls, *(name for name, _ in names)]

    def row(self, page: _Page, product: exports.ExportProduct, variant: exports.ExportVariant) -> list[str]:
        """Write one variant with its product."""
        definitions = page.families.get(product.family or "", {})
        attributes = {**product.attributes, **variant.attributes}
        cells = [
            product.handle,
            variant.sku,
            product.status,
            variant.status,
            product.brand or "",
            "/".join(product.category_path),
            product.family or "",
            product.tax_category,
            join_list(product.tags),
        ]
        cells += [product.texts.get(language, {}).get(field, "") for field, language in self.texts]
        for place in range(self.axes):
            axis, value = _at(product.option_axes, place), _at(variant.option_values, place)
            cells += [axis, *self._names(axis, "")]
            cells += [value, *self._names(axis if value else "", value)]
        cells.append("|".join(variant.gtins))
        cells += [_number(getattr(variant, name)) for name in MEASURES]
        cells.append(str(variant.position))
        cells += [
            cell_of_value(definitions.get(name), attributes[name]) if name in attributes else ""
            for name in self.attributes
        ]
        for _, kind, of_variant, names in self.media:
            media = page.media.get((product.product_id, variant.variant_id if of_variant else None, kind), [])
            cells.append(" ".join(item.url for item in media))
            cells += [_alts(media, tag) for _, tag in names]
        return cells

    def _names(self, axis: str, value: str) -> list[str]:
        names = self.option_names.get((axis, value), {})
        return [names.get(language, "") for language in self.option_languages]


async def _native_pages(tx: Connection, columns: _NativeColumns) -> AsyncIterator[Rows]:
    async for page in _pages(tx):
        yield [
            columns.row(page, product, variant)
            for product in page.products
            for variant in page.variants.get(product.product_id, ())
        ]


async def _shopify_pages(tx: Connection, language: str, left_out: list[str]) -> AsyncIterator[Rows]:
    async for page in _pages(tx):
        rows: Rows = []
        for product in page.products:
            if len(product.option_axes) > 3:
                left_out.append(product.handle)
                continue
            variants = [v for v in page.variants.get(product.product_id, ()) if v.status == "active"]
            if variants:
                images = page.media.get((product.product_id, None, "image"), [])
                rows += shopify.export_rows(
                    _shopify_product(product, language),
                    [_shopify_variant(page, product, variant) for variant in variants],
                    [(image.url, image.alt.get(language, "")) for image in images],
                )
        yield rows


def _shopify_product(product: exports.ExportProduct, language: str) -> dict[str, str]:
    text = product.texts.get(language) or next(iter(product.texts.values()), {})
    names = [
        name.get(language) or name.get("en") or code
        for code, name in zip(product.category_path, product.category_names, strict=True)
    ]
    values = {
        "Handle": product.handle,
        "Title": text.get("title", ""),
        "Body (HTML)": text.get("description", ""),
        "Vendor": product.brand or "",
        "Product Category": " > ".join(names),
        "Type": names[-1] if names else "",
        "Tags": ", ".join(product.tags),
        "Published": "TRUE" if product.status == "active" else "FALSE",
        "SEO Title": text.get("seo_title", ""),
        "SEO Description": text.get("seo_description", ""),
        "Gift Card": "FALSE",
        "Status": product.status,
        "Option1 Name": "Title",
    }
    for place, axis in enumerate(product.option_axes):
        values[f"Option{place + 1} Name"] = axis
    return values


def _shopify_variant(page: _Page, product: exports.ExportProduct, variant: exports.ExportVariant) -> dict[str, str]:
    images = page.media.get((product.product_id, variant.variant_id, "image"), [])
    values = {
        "Option1 Value": "Default Title",
        "Variant SKU": variant.sku,
        "Variant Grams": _number(variant.weight_grams),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Requires Shipping": "TRUE",
        "Variant Taxable": "TRUE",
        "Variant Barcode": variant.gtins[0] if variant.gtins else "",
        "Variant Image": images[0].url if images else "",
        "Variant Weight Unit": "g",
    }
    for place, value in enumerate(variant.option_values):
        values[f"Option{place + 1} Value"] = value
    return values


def _at(values: Sequence[str], place: int) -> str:
    return values[place] if place < len(values) else ""


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _alts(media: Sequence[lookups.MediaRow], tag: str) -> str:
    texts = [item.alt.get(tag, "") for item in media]
    return join_list(texts) if any(texts) else ""
