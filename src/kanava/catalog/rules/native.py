"""Typed rows of a program as batches of the native layout."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kanava.catalog.model import NativeRow
from kanava.catalog.rules.cells import join_list
from kanava.catalog.rules.columns import ColumnPlan, plan_columns
from kanava.catalog.rules.shapes import Batch

CHUNK_ROWS = 4_000
_PLAIN = ("status", "brand", "category", "family", "tax_category", "variant_status")
_MEASURES = ("weight_grams", "length_mm", "width_mm", "height_mm")


def batch_of_rows(rows: Sequence[NativeRow]) -> tuple[ColumnPlan, Iterator[Batch]]:
    """Give the columns that the rows speak of, and the rows in batches; row numbers count from 1."""
    writers: dict[str, Callable[[NativeRow], str]] = {"handle": lambda row: row.handle, "sku": lambda row: row.sku}
    for name in (*_PLAIN, *_MEASURES):
        if any(getattr(row, name) is not None for row in rows):
            writers[name] = lambda row, name=name: "" if (value := getattr(row, name)) is None else str(value)  # type: ignore[misc]
    spoken: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        ("titles", "title", str),
        ("descriptions", "description", str),
        ("image_alts", "image_alt", join_list),
        ("product_image_alts", "product_image_alt", join_list),
    )
    for field, column, written in spoken:
        for language in sorted({language for row in rows for language in getattr(row, field) or ()}):
            writers[f"{column}_{language}"] = lambda row, field=field, language=language, written=written: (  # type: ignore[misc]
                written(value) if (value := (getattr(row, field) or {}).get(language)) else ""
            )
    for name in sorted({name for row in rows for name in row.attributes or ()}):
        writers[f"attribute.{name}"] = lambda row, name=name: _attribute((row.attributes or {}).get(name))  # type: ignore[misc]
    for place in range(max((len(row.options or ()) for row in rows), default=0)):
        writers[f"option{place + 1}_name"] = lambda row, place=place: _option(row, place)[0]  # type: ignore[misc]
        writers[f"option{place + 1}_value"] = lambda row, place=place: _option(row, place)[1]  # type: ignore[misc]
    lists: dict[str, tuple[str, Callable[[list[str]], str]]] = {
        "tags": ("tags", join_list),
        "gtins": ("gtin", "|".join),
        "image_urls": ("image_urls", " ".join),
        "product_image_urls": ("product_image_urls", " ".join),
    }
    for field, (column, joined) in lists.items():
        if any(getattr(row, field) is not None for row in rows):
            writers[column] = lambda row, field=field, joined=joined: joined(getattr(row, field) or [])  # type: ignore[misc]
    if any(row.model_3d_url is not None for row in rows):
        writers["model_3d_url"] = lambda row: row.model_3d_url or ""
    functions = list(writers.values())

    def batches() -> Iterator[Batch]:
        batch = Batch([], [], [])
        for number, row in enumerate(rows, start=1):
            if len(batch.rows) >= CHUNK_ROWS and row.handle != batch.rows[-1][0]:
                yield batch
                batch = Batch([], [], [])
            batch.numbers.append(number)
            batch.rows.append([write(row) for write in functions])
        if batch.rows:
            yield batch

    return plan_columns(list(writers)), batches()


def _attribute(value: str | int | bool | None) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _option(row: NativeRow, place: int) -> tuple[str, str]:
    options = list((row.options or {}).items())
    return options[place] if place < len(options) else ("", "")
