"""Shopify's product CSV, in and out of the native layout.

Both generations of its column names are read (`Variant SKU` and `SKU`, `Handle` and `URL handle` …); the older one,
which other programs know, is written. A row without a variant carries only a picture of the product above. What the
layout has no place for (other languages, attributes, 3D models) stays as it is stored.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from kanava.catalog.rules.cells import join_list
from kanava.platform.tables.model import Record, RowError

# Our name of a column → the names that it has in files.
ALIASES: dict[str, tuple[str, ...]] = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "description"),
    "vendor": ("vendor",),
    "category": ("product category", "standardized product type", "standard product type"),
    "type": ("type", "custom product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "option1_name": ("option1 name",),
    "option1_value": ("option1 value",),
    "option2_name": ("option2 name",),
    "option2_value": ("option2 value",),
    "option3_name": ("option3 name",),
    "option3_value": ("option3 value",),
    "sku": ("variant sku", "sku"),
    "grams": ("variant grams", "weight value (grams)"),
    "barcode": ("variant barcode", "barcode"),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text",),
    "variant_image": ("variant image", "variant image url"),
    "seo_title": ("seo title",),
    "seo_description": ("seo description",),
}
EXPORT_HEADER = (
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "SEO Title",
    "SEO Description",
    "Variant Image",
    "Variant Weight Unit",
    "Status",
)
_TAG_SEPARATOR = re.compile(r"\s*,\s*")


def is_shopify(header: Sequence[str]) -> bool:
    """Say whether a header is of this layout."""
    names = {name.strip().lower() for name in header}
    return bool(names & {"handle", "url handle"}) and bool(
        names & {"variant sku", "body (html)", "option1 name", "url handle"}
    )


class CategoryPaths(msgspec.Struct):
    """Categories by the path of names that stands in a file, and the names of those that the file brings."""

    by_path: dict[str, str]
    names: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)


class ShopifyRecords:
    """Turns the rows of a product into rows of the native layout; `header` is the native one."""

    def __init__(
        self, header: Sequence[str], records: Iterable[Record | RowError], language: str, paths: CategoryPaths
    ) -> None:
        lowered = {name.strip().lower(): index for index, name in enumerate(header)}
        self.records, self.language, self.paths = records, language, paths
        self.at = {ours: lowered[theirs] for ours, names in ALIASES.items() for theirs in names if theirs in lowered}
        known = {theirs for names in ALIASES.values() for theirs in names}
        self.ignored = [name for name in header if name.strip().lower() not in known and name.strip()]
        self.header, sources = self._native_header()
        # For error reports: the name of each native column in the file.
        self.names = {native: header[self.at[ours]] for native, ours in sources.items() if ours in self.at}

    def _native_header(self) -> tuple[list[str], dict[str, str]]:
        language = self.language
        sources = {
            "handle": "handle",
            "sku": "sku",
            f"title_{language}": "title",
            f"description_{language}": "body",
            f"seo_title_{language}": "seo_title",
            f"seo_description_{language}": "seo_description",
            "brand": "vendor",
            "tags": "tags",
            "gtin": "barcode",
            "weight_grams": "grams",
            "product_image_urls": "image",
            "image_urls": "variant_image",
        }
        header = [native for native, ours in sources.items() if ours in self.at]
        if "category" in self.at or "type" in self.at:
            header.append("category")
            sources["category"] = "category" if "category" in self.at else "type"
        if "status" in self.at or "published" in self.at:
            header.append("status")
            sources["status"] = "status" if "status" in self.at else "published"
        if "image" in self.at and "image_alt" in self.at:
            header.append(f"product_image_alt_{language}")
            sources[f"product_image_alt_{language}"] = "image_alt"
        for number in (1, 2, 3):
            if f"option{number}_name" in self.at and f"option{number}_value" in self.at:
                for part in ("name", "value"):
                    header.append(f"option{number}_{part}")
                    sources[f"option{number}_{part}"] = f"option{number}_{part}"
        return header, sources

    def __iter__(self) -> Iterator[Record | RowError]:
        handle_at = self.at.get("handle", -1)
        group: list[Record] = []
        for record in self.records:
            if isinstance(record, RowError):
                yield record
                continue
            handle = record[1][handle_at].strip() if handle_at >= 0 else ""
            if group and handle and handle != group[0][1][handle_at].strip():
                yield from self._product(group)
                group = []
            group.append(record)
        if group:
            yield from self._product(group)

    def _product(self, group: list[Record]) -> Iterator[Record]:
        first = group[0][1]
        images, alts = self._images(group)
        simple = (self._cell(first, "option1_name").lower(), self._cell(first, "option1_value").lower()) == (
            "title",
            "default title",
        )
        variants = [record for record in group if self._is_variant(record[1], record is group[0])]
        for number, cells in variants:
            values = {name: self._cell(cells, source) for name, source in self._plain().items()}
            if number == variants[0][0]:
                values |= self._product_values(first, images, alts)
            for option in (1, 2, 3):
                name, value = f"option{option}_name", f"option{option}_value"
                values[name] = "" if simple or number != variants[0][0] else self._cell(first, name)
                values[value] = "" if simple else self._cell(cells, value)
            values["handle"] = self._cell(first, "handle")
            yield number, [values.get(name, "") for name in self.header]

    def _plain(self) -> dict[str, str]:
        return {"sku": "sku", "gtin": "barcode", "weight_grams": "grams", "image_urls": "variant_image"}

    def _is_variant(self, cells: Sequence[str], is_first: bool) -> bool:
        named = any(self._cell(cells, name) for name in ("sku", "option1_value", "barcode"))
        return named or (is_first and bool(self._cell(cells, "title")))

    def _product_values(self, first: Sequence[str], images: list[str], alts: list[str]) -> dict[str, str]:
        language = self.language
        status = self._cell(first, "status").lower()
        if not status:
            status = "draft" if self._cell(first, "published").lower() in ("false", "no") else "active"
        return {
            f"title_{language}": self._cell(first, "title"),
            f"description_{language}": self._cell(first, "body"),
            f"seo_title_{language}": self._cell(first, "seo_title"),
            f"seo_description_{language}": self._cell(first, "seo_description"),
            "brand": self._cell(first, "vendor"),
            "tags": join_list([tag for tag in _TAG_SEPARATOR.split(self._cell(first, "tags")) if tag]),
            "category": self._category(self._cell(first, "category") or self._cell(first, "type")),
            "status": status,
            "product_image_urls": " ".join(images),
            f"product_image_alt_{language}": join_list(alts) if any(alts) else "",
        }

    def _images(self, group: list[Record]) -> tuple[list[str], list[str]]:
        found: list[tuple[int, int, str, str]] = []
        for place, (_, cells) in enumerate(group):
            url = self._cell(cells, "image")
            if url and all(url != other for _, _, other, _ in found):
                position = self._cell(cells, "image_position")
                order = int(position) if position.isascii() and position.isdigit() and len(position) < 9 else 10**9
                found.append((order, place, url, self._cell(cells, "image_alt")))
        found.sort()
        return [url for _, _, url, _ in found], [alt for *_, alt in found]

    def _category(self, path: str) -> str:
        """Give the codes of a path of names (`Clothing > Jackets`); a new one gets codes made of its names."""
        names = [name.strip() for name in path.split(">") if name.strip()]
        codes: list[str] = []
        for depth in range(1, len(names) + 1):
            above = " > ".join(names[:depth])
            code = self.paths.by_path.get(above)
            if code is None:
                code = "-".join(filter(None, (slug_of(name) for name in names[:depth])))[:100].strip("-") or "category"
                self.paths.by_path[above] = code
                self.paths.names[code] = {self.language: names[depth - 1][:200]}
            codes.append(code)
        return "/".join(codes)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        index = self.at.get(name)
        return cells[index].strip() if index is not None else ""


def slug_of(text: str) -> str:
    """Give a text as letters, digits and hyphens: `Jakne & plašči` → `jakne-plasci`."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ł", "l").replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


def export_rows(
    product: Mapping[str, str], variants: Sequence[Mapping[str, str]], images: Sequence[tuple[str, str]]
) -> Iterator[list[str]]:
    """Write one product: a row per variant, the pictures beside them, further pictures in rows of their own.

    `product` and `variants` are keyed by the names of `EXPORT_HEADER`; `images` are (url, alternative text).
    """
    for place in range(max(len(variants), len(images))):
        values: dict[str, str] = {"Handle": product["Handle"]}
        if place == 0:
            values |= product
        if place < len(variants):
            values |= variants[place]
        if place < len(images):
            values |= {
                "Image Src": images[place][0],
                "Image Position": str(place + 1),
                "Image Alt Text": images[place][1],
            }
        yield [values.get(name, "") for name in EXPORT_HEADER]
