"""A catalogue file as batches of native rows, whatever its format and layout."""

from collections.abc import Iterator, Mapping
from typing import Literal

from kanava.catalog.files.shopify import CategoryPaths, ShopifyRecords, is_shopify
from kanava.catalog.model import Layout
from kanava.catalog.rules.cells import join_list
from kanava.catalog.rules.columns import ColumnPlan, plan_columns
from kanava.catalog.rules.shapes import Batch
from kanava.platform.tables.model import FileUnreadable, Record, RowError
from kanava.platform.tables.reading import Reader, open_table, unescaped
from kanava.platform.tables.source import Source

CHUNK_ROWS = 4_000
_SPACED = ("gtin", "image_urls", "product_image_urls", "model_3d_url", "product_model_3d_url")


class CatalogueFile:
    """An open file: its layout, its columns and its batches.

    `columns` says what columns of the file are in the native layout; one that it does not name is left out.
    """

    def __init__(
        self,
        source: Source,
        layout: Layout | Literal["auto"],
        language: str,
        paths: CategoryPaths,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.source = source
        self.reader: Reader = open_table(source, _join)
        self.paths = paths
        detected: Layout = "shopify" if is_shopify(self.reader.header) else "native"
        self.layout: Layout = detected if layout == "auto" else layout
        self.names: dict[str, str] = {}
        ignored: list[str] = []
        if self.layout == "shopify":
            shopify = ShopifyRecords(self.reader.header, self.reader, language, paths)
            self._records: Iterator[Record | RowError] = iter(shopify)
            header, self.names, ignored = shopify.header, shopify.names, shopify.ignored
        else:
            self._records = iter(self.reader)
            header = self.reader.header
            if columns is not None:
                ignored = [name for name in header if name and not columns.get(name)]
                header = [columns.get(name, "") for name in header]
                self.names = {ours: theirs for theirs, ours in columns.items() if ours}
        try:
            self.plan: ColumnPlan = plan_columns(header)
        except ValueError as error:
            self.close()
            detail = f"{error}; it has: {', '.join(self.reader.header[:12])}."
            raise FileUnreadable(f"This is no catalogue: {detail}"[:500], field="row 1") from None
        self.ignored = [*ignored, *self.plan.ignored]

    def close(self) -> None:
        """Close the file."""
        self.reader.close()

    def batches(self, cut_at: int = 0, rows: int = CHUNK_ROWS) -> Iterator[Batch]:
        """Give batches of about `rows` rows; a product is not torn, unless it is larger than a batch itself.

        `cut_at` ends a batch at this row number, where an earlier run stopped.
        """
        handle_at = self.plan.at["handle"]
        unescape = self.source.format == "csv" and self.source.escapes
        batch = Batch([], [], [])
        for record in self._records:
            if isinstance(record, RowError):
                number = record.row
            else:
                number, cells = record
            size = len(batch.rows)
            if (
                (
                    size >= rows
                    and (
                        size >= 4 * rows
                        or isinstance(record, RowError)
                        or not size
                        or cells[handle_at] != batch.rows[-1][handle_at]
                    )
                )
                or len(batch.errors) >= rows
                or (cut_at and number > cut_at and size)
            ):
                if number > cut_at:
                    cut_at = 0
                yield batch
                batch = Batch([], [], [])
            if isinstance(record, RowError):
                batch.errors.append(record)
                continue
            batch.numbers.append(number)
            batch.rows.append(unescaped(cells) if unescape else cells)
        if batch.rows or batch.errors:
            yield batch


def _join(column: str, items: list[str]) -> str:
    """Write a list into one cell, as the native layout separates the items of this column."""
    return ("|" if column == "gtin" else " ").join(items) if column in _SPACED else join_list(items)
