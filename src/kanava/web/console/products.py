"""The list of products: found, filtered, sorted, with how complete each is."""

from typing import Any, cast

from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.catalog.model import Product
from kanava.catalog.service import Completeness, ProductSearch
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.web.console.completeness import judged
from kanava.web.console.products_forms import (
    all_channels,
    best_name,
    category_choices,
    languages_of,
)
from kanava.web.console.shell import Desk, may
from kanava.web.console.tables import Asked, Cell, Cells, Column, Filter, Rows, TableSpec, answer_table

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/products"
STATUSES = {
    "draft": (N("Draft"), "warning"),
    "active": (N("Active"), "success"),
    "archived": (N("Archived"), "ghost"),
}
WITHOUT = {"picture": N("Picture"), "gtin": N("GTIN"), "category": N("Category")}


def title_of(product: Product, language: str) -> str:
    """Give the title in the reader's language, else in English, else any, else the handle."""
    return best_name({tag: text.title for tag, text in product.texts.items() if text.title}, language, product.handle)


def picture_of(product: Product) -> str:
    """Give the address of the first picture, nothing without one."""
    media = [*product.media, *(item for variant in product.variants for item in variant.media)]
    return next((item.url for item in media if item.kind == "image"), "")


def _spec(desk: Desk, categories: list[tuple[str, str]], languages: list[str]) -> TableSpec:
    text = desk.text
    missing = [(name, text(label)) for name, label in WITHOUT.items()]
    missing += [(f"title:{tag}", text(N("Title (%s)")) % tag) for tag in languages]
    return TableSpec(
        name="products",
        path=PATH,
        title=text(N("Products")),
        columns=(
            Column("title", text(N("Product")), sortable=True),
            Column("handle", text(N("Handle")), "code", sortable=True, shown=False),
            Column("status", text(N("Status")), "badge", sortable=True),
            Column("category", text(N("Category")), sortable=True),
            Column("brand", text(N("Brand")), sortable=True),
            Column("variants", text(N("Variants")), "number"),
            Column("complete", text(N("Complete"))),
            Column("changed", text(N("Changed")), "moment", sortable=True),
        ),
        filters=(
            Filter("q", text(N("Search")), placeholder=text(N("Title, sku, handle, brand"))),
            Filter(
                "status",
                text(N("Status")),
                "select",
                [(value, text(label)) for value, (label, _tone) in STATUSES.items()],
            ),
            Filter("category", text(N("Category")), "select", categories),
            Filter("brand", text(N("Brand")), placeholder=""),
            Filter("without", text(N("Missing")), "select", missing),
        ),
        sort="title",
        empty=text(N("There are no products yet: import a file.")),
    )


def _search(asked: Asked, language: str) -> ProductSearch:
    without = asked.get("without") or ""
    lacks_title = without.startswith("title:")
    return ProductSearch(
        asked.get("q"),
        cast(Any, asked.get("status")),
        asked.get("category"),
        asked.get("brand"),
        cast(Any, without) if without and not lacks_title else None,
        without.removeprefix("title:") if lacks_title else None,
        cast(Any, asked.sort or "title"),
        asked.descending,
        language,
    )


def _complete(found: list[Completeness], cells: Cells, names: dict[str, str]) -> Cell:
    least = catalog.least_of(found)
    if least is None:
        return cells.text("")
    shown = cells.format.percent(round(least.share, 2))
    note = "" if not least.gaps else f"{names.get(least.channel, least.channel)}"
    return Cell(shown, round(least.share, 4), share=least.share, note=note)


@get(PATH, guards=may("catalog:read"))
async def products_page(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show products."""
    cells = Cells(desk)
    async with database_of(request).connection() as connection:
        tree = category_choices(await catalog.category_tree(connection), desk.language)
        found = await all_channels(connection)
    names = {channel.code: channel.name for channel in found}
    category_names = {choice.code: choice.name for choice in tree}
    choices = [(choice.code, "\u2003" * choice.depth + choice.name) for choice in tree]
    spec = _spec(desk, choices, languages_of(found))

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            products, total = await catalog.find_products(connection, _search(asked, desk.language), limit, offset)
            complete = await judged(connection, found, products, clock.now())
        rows = []
        for product in products:
            label, tone = STATUSES[product.status]
            variants = sum(variant.status == "active" for variant in product.variants)
            rows.append(
                {
                    "title": Cell(
                        title_of(product, desk.language),
                        href=f"{PATH}/{product.handle}",
                        image_url=picture_of(product),
                    ),
                    "handle": cells.text(product.handle),
                    "status": cells.badge(desk.text(label), tone, product.status),
                    "category": cells.text(category_names.get(product.category or "", product.category)),
                    "brand": cells.text(product.brand),
                    "variants": cells.number(variants),
                    "complete": _complete(complete[product.handle], cells, names),
                    "changed": cells.moment(product.updated_at),
                }
            )
        return Rows(rows, total)

    return await answer_table(request, desk, "console/products.html", spec, load)


routes: list[Any] = [products_page]
